"""Registering an address: it becomes an account when its link is followed."""

from __future__ import annotations

from contracts.errors import Invalid


class VerificationRefused(Invalid):
    """The link is unknown, was used, or is too old; which of them is not said."""

    code = "verification-refused"
