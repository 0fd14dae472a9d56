"""Changing the address of an account with the link in a mail."""

from __future__ import annotations

from contracts.errors import Invalid


class EmailUnchanged(Invalid):
    """The account has this address already."""

    code = "email-unchanged"


class EmailChangeRefused(Invalid):
    """The link is unknown, was used, is too old, or the address is another account's by now.

    Which of them is not said.
    """

    code = "email-change-refused"
