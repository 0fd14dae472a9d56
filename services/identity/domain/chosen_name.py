"""What a mail shows of a name that somebody else chose: of an organization, of a product."""

from __future__ import annotations

import re

# Mail programs make links of these, and take what IDNA takes for a dot (UTS #46); middle dot and
# ratio look alike and are part of no address.
_DOTS = (
    ".\N{IDEOGRAPHIC FULL STOP}\N{FULLWIDTH FULL STOP}\N{HALFWIDTH IDEOGRAPHIC FULL STOP}"
    "\N{ONE DOT LEADER}"
)
_LINKED = (
    (re.compile(rf"(?<=\S)[{_DOTS}](?=\S)"), "\N{MIDDLE DOT}"),
    (re.compile(":(?=//)"), "∶"),
)


def shown(name: str) -> str:
    """The name as text that no mail program makes a link of: the only link is the mail's own."""
    for pattern, replacement in _LINKED:
        name = pattern.sub(replacement, name)
    return name
