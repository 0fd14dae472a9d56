"""Registering an address: it becomes an account when its link is followed."""

from __future__ import annotations

from contracts.errors import Conflict, Invalid


class AlreadyRegistered(Conflict):
    """The invited address has an account: whoever reads its mail signs in with that."""

    code = "already-registered"


class VerificationRefused(Invalid):
    """The link is unknown, was used, or is too old; which of them is not said."""

    code = "verification-refused"


class VerificationPasswordRefused(Invalid):
    """The link is right and the password is not the one it was registered with.

    Whoever tried too many reads the same for a while; the link stays good.
    """

    code = "verification-password-refused"
