"""A mail as it is written, kept sealed, and read by a mail program: plain and HTML alike."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import default
from email.utils import format_datetime, parseaddr
from uuid import UUID

from contracts.domains import a_labels
from contracts.identity import Language
from services.identity.mail import english, japanese, korean, license_notices
from services.identity.mail.texts import Kind, Text

TEXTS: Mapping[Language, Mapping[Kind, Text]] = {
    Language.ENGLISH: {**english.TEXTS, **license_notices.TEXTS[Language.ENGLISH]},
    Language.JAPANESE: {**japanese.TEXTS, **license_notices.TEXTS[Language.JAPANESE]},
    Language.KOREAN: {**korean.TEXTS, **license_notices.TEXTS[Language.KOREAN]},
}

# Seven bits pass every server, also one that does not offer eight.
_POLICY = default.clone(cte_type="7bit")
# Control and format characters, and separators of lines and paragraphs.
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_ONE_VALUE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Body:
    subject: str = field(repr=False)
    plain: str = field(repr=False)
    html: str = field(repr=False)

    def to_json(self) -> str:
        return json.dumps({"subject": self.subject, "plain": self.plain, "html": self.html})

    @classmethod
    def from_json(cls, text: str) -> Body:
        return cls(**json.loads(text))


def written(kind: Kind, language: Language, values: Mapping[str, str]) -> Body:
    """The mail's text with its values in place; each is text on one line, never markup."""
    text = TEXTS[language][kind]
    values = {name: _visible(value) for name, value in values.items()}
    subject = text.subject.format_map(values)
    plain = "\n\n".join(paragraph.format_map(values) for paragraph in text.paragraphs)
    blocks = "\n".join(_block(paragraph, values) for paragraph in text.paragraphs)
    return Body(subject, plain + "\n", _PAGE.format(language=language, blocks=blocks))


def message(
    body: Body, *, mail_id: UUID, sender: str, recipient: str, language: Language, at: datetime
) -> EmailMessage:
    """The same id at every try, so that a mail program knows a repetition."""
    mail = EmailMessage(_POLICY)
    mail["From"] = sender
    mail["To"] = _with_ascii_domain(recipient)
    mail["Subject"] = body.subject
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{mail_id}@{_domain(sender)}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(body.plain)
    mail.add_alternative(body.html, subtype="html")
    # Last, for what is set before is the first alternative's alone.
    mail["Content-Language"] = language.value
    return mail


_PAGE = (
    '<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
    '<meta name="referrer" content="no-referrer"></head>\n'
    '<body style="font-family:sans-serif;font-size:16px;line-height:1.5;color:#1a1a1a;'
    'max-width:36em;margin:2em auto;padding:0 1em">\n{blocks}\n</body></html>\n'
)


def _visible(value: str) -> str:
    """Nothing that starts a line, or shows text in another order than it is written."""
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(each) in _UNSEEN else each
        for each in value
    )


def _with_ascii_domain(address: str) -> str:
    """As every server takes it, where only the domain has other letters (RFC 5891)."""
    local_part, _, domain = address.rpartition("@")
    looked_up = domain if domain.isascii() else a_labels(domain)
    # Python's own codec is of IDNA 2003, and would write to fass.de for faß.de.
    return f"{local_part}@{looked_up}" if local_part.isascii() and looked_up.isascii() else address


def _domain(sender: str) -> str:
    return _with_ascii_domain(parseaddr(sender)[1]).rpartition("@")[2] or "localhost"


def _block(paragraph: str, values: Mapping[str, str]) -> str:
    alone = _ONE_VALUE.fullmatch(paragraph)
    safe = {name: html.escape(value) for name, value in values.items()}
    if alone is None:
        return f"<p>{html.escape(paragraph, quote=False).format_map(safe)}</p>"
    value = safe[alone[1]]
    if alone[1] == "link":
        return f'<p><a href="{value}">{value}</a></p>'
    return f'<p style="font-size:28px;letter-spacing:4px"><strong>{value}</strong></p>'
