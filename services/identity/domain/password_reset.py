"""Resetting a password with the link in a mail."""

from __future__ import annotations

from contracts.errors import Invalid


class ResetRefused(Invalid):
    """The link is unknown, was used, is too old, or its account is disabled; which is not said."""

    code = "reset-refused"
