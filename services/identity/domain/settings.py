"""Identity's settings: section ``identity`` of the configuration file."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from contracts.caller import STEP_UP_WITHIN

# Credentials that are older are stale whatever an installation sets.
STEP_UP_MOST = timedelta(days=1)


class MfaPolicy(StrEnum):
    """Whether a second step is asked for (ACC-7)."""

    OPTIONAL = "optional"
    EMAIL_DEFAULT = "email_default"
    TOTP_REQUIRED = "totp_required"


class RecoveryCodeFormat(StrEnum):
    """What a recovery code looks like (RC-1; security 2.4)."""

    DIGITS8 = "digits8"
    BASE32_13 = "base32_13"


def _said(text: str) -> dict[str, str]:
    return {"help": text}


_LIMITS = "as `count/seconds,…`"
_LIMIT = re.compile(r"[1-9][0-9]*/[1-9][0-9]*")


@dataclass(frozen=True)
class IdentitySettings:
    service_name: str = field(
        default="Freehold",
        metadata=_said("Name in mails and authenticator apps, and no part of a good password."),
    )
    signing_keys: str = field(
        default="",
        metadata=_said("`id:base64,…` of 32-byte Ed25519 seeds, the one that signs first."),
    )
    link_base_url: str = field(
        default="http://127.0.0.1:8000",
        metadata=_said("What links in mails begin with; never taken from a request."),
    )
    mail_url: str = field(
        default="",
        metadata=_said(
            "`smtp://user:password@host:port` (STARTTLS where offered), `smtps://…`, or "
            "`capture:<folder>`; empty: captured in the data folder, not in production."
        ),
    )
    mail_ca_file: str = field(
        default="",
        metadata=_said(
            "PEM file of the authority that alone signs the mail server's certificate; then TLS is "
            "required. Empty: the system's."
        ),
    )
    mail_from: str = field(
        default="Freehold <no-reply@freehold.invalid>", metadata=_said("Sender of all mail.")
    )
    mails_kept: timedelta = field(
        default=timedelta(days=30),
        metadata=_said("Seconds for which it is known that a mail was sent; its text is not kept."),
    )
    mfa_policy: MfaPolicy = field(
        default=MfaPolicy.EMAIL_DEFAULT,
        metadata=_said(
            "`optional`: a second step only with an authenticator; `email_default`: e-mail code or "
            "authenticator; `totp_required`: e-mail code only until an authenticator is enrolled."
        ),
    )

    password_min: int = field(default=15, metadata=_said("Fewest characters of a password."))
    password_max: int = field(default=128, metadata=_said("Most characters of a password."))
    password_min_with_mfa: int = field(
        default=8, metadata=_said("The same where `mfa_policy` is `totp_required`.")
    )
    password_blocklist_file: str = field(
        default="",
        metadata=_said("Further refused passwords: sorted upper-case SHA-1 in hex, one a line."),
    )
    argon2_memory_kib: int = field(default=19_456, metadata=_said("Memory of one password hash."))
    argon2_passes: int = field(default=2, metadata=_said("Passes of one password hash."))
    argon2_lanes: int = field(default=1, metadata=_said("Lanes of one password hash."))

    verification_life: timedelta = field(
        default=timedelta(hours=24), metadata=_said("Seconds a verification link works.")
    )
    sign_in_life: timedelta = field(
        default=timedelta(minutes=10), metadata=_said("Seconds between first and second step.")
    )
    email_code_life: timedelta = field(
        default=timedelta(minutes=5), metadata=_said("Seconds an e-mail code works.")
    )
    email_code_tries: int = field(default=5, metadata=_said("Tries at one e-mail code."))
    totp_drift_steps: int = field(
        default=0, metadata=_said("Steps of 30 seconds a phone's clock may be off, either way.")
    )
    totp_telling_steps: int = field(
        default=10,
        metadata=_said(
            "Steps beyond that within which a code's owner is told that the clock is off."
        ),
    )
    enrolment_life: timedelta = field(
        default=timedelta(minutes=15),
        metadata=_said("Seconds a shown setup key waits for its confirmation."),
    )
    manage_idle: timedelta = field(
        default=timedelta(minutes=10),
        metadata=_said("Seconds after which an unused Manage session ends."),
    )
    manage_life: timedelta = field(
        default=timedelta(minutes=15), metadata=_said("Seconds after which a Manage session ends.")
    )
    recovery_code_count: int = field(
        default=10, metadata=_said("Recovery codes issued at once (RC-7).")
    )
    recovery_code_format: RecoveryCodeFormat = field(
        default=RecoveryCodeFormat.DIGITS8,
        metadata=_said(
            "`digits8`: eight digits; `base32_13`: 13 letters and digits (65 bit), as NIST SP "
            "800-63B-4 wants saved recovery codes."
        ),
    )
    recovery_codes_life: timedelta = field(
        default=timedelta(minutes=15),
        metadata=_said("Seconds shown recovery codes wait for their confirmation."),
    )
    recovery_codes_few: int = field(
        default=3, metadata=_said("Recovery codes left at which their owner is warned.")
    )
    recovery_failures_most: int = field(
        default=100, metadata=_said("Consecutive wrong recovery codes that disable all of them.")
    )
    password_reset_life: timedelta = field(
        default=timedelta(minutes=30), metadata=_said("Seconds a link to reset a password works.")
    )
    email_change_life: timedelta = field(
        default=timedelta(hours=1), metadata=_said("Seconds a link to change the address works.")
    )
    api_token_life_most: timedelta = field(
        default=timedelta(days=366), metadata=_said("Seconds an API token works at most.")
    )
    api_tokens_most: int = field(default=50, metadata=_said("API tokens of one account."))
    session_idle: timedelta = field(
        default=timedelta(hours=1), metadata=_said("Seconds after which an unused session ends.")
    )
    session_life: timedelta = field(
        default=timedelta(hours=24), metadata=_said("Seconds after which any session ends.")
    )
    step_up_within: timedelta = field(
        default=STEP_UP_WITHIN,
        metadata=_said("Seconds within which credentials are fresh enough for what is sensitive."),
    )
    assertion_life: timedelta = field(
        default=timedelta(seconds=60),
        metadata=_said("Seconds for which services take identity's word on a caller; 20 to 60."),
    )
    keep_signed_in: bool = field(
        default=False,
        metadata=_said(
            "Whether people may ask at sign-in to be kept signed in; NIST SP 800-63B wants an "
            "authenticated person asked again after 24 hours, wherever there is a second factor."
        ),
    )
    kept_session_idle: timedelta = field(
        default=timedelta(days=7),
        metadata=_said("Seconds after which an unused session ends that is kept."),
    )
    kept_session_life: timedelta = field(
        default=timedelta(days=30), metadata=_said("Seconds after which one ends that is kept.")
    )
    sessions_most: int = field(default=20, metadata=_said("Live sessions of one account."))

    password_failures_free: int = field(
        default=5, metadata=_said("Consecutive wrong passwords before the account has to wait.")
    )
    password_wait_first: timedelta = field(
        default=timedelta(seconds=30), metadata=_said("Seconds of the first wait; then doubling.")
    )
    password_wait_most: timedelta = field(
        default=timedelta(minutes=60), metadata=_said("Seconds of the longest wait.")
    )
    password_failures_most: int = field(
        default=100, metadata=_said("Consecutive wrong passwords after which none is taken.")
    )
    password_failures_kept: timedelta = field(
        default=timedelta(days=90),
        metadata=_said(
            "Seconds after which wrong passwords in a row are forgotten; no hard stop is."
        ),
    )
    totp_failures_most: int = field(
        default=100, metadata=_said("Consecutive wrong codes that disable an authenticator.")
    )
    limit_sign_ins_per_ip: tuple[str, ...] = field(
        default=("30/60",), metadata=_said(f"First and second steps of one address, {_LIMITS}.")
    )
    limit_passwords_per_ip: tuple[str, ...] = field(
        default=("10/60", "50/3600"),
        metadata=_said(f"Wrong passwords from one address, {_LIMITS}."),
    )
    limit_codes_per_account: tuple[str, ...] = field(
        default=("5/300", "20/3600", "50/86400"),
        metadata=_said(f"Second-factor tries of one account, {_LIMITS}."),
    )
    limit_codes_per_ip: tuple[str, ...] = field(
        default=("10/300", "50/3600"),
        metadata=_said(f"Second-factor tries from one address, {_LIMITS}."),
    )
    limit_email_codes_per_account: tuple[str, ...] = field(
        default=("1/60", "5/3600", "10/86400"),
        metadata=_said(f"E-mail codes sent to one account, {_LIMITS}."),
    )
    limit_email_codes_per_ip: tuple[str, ...] = field(
        default=("20/3600",), metadata=_said(f"E-mail codes sent for one address, {_LIMITS}.")
    )
    limit_recovery_codes_per_account: tuple[str, ...] = field(
        default=("5/900", "10/3600", "20/86400"),
        metadata=_said(f"Recovery-code tries of one account, {_LIMITS}."),
    )
    limit_password_resets_per_ip: tuple[str, ...] = field(
        default=("20/60",), metadata=_said(f"Password resets asked for by one address, {_LIMITS}.")
    )
    limit_password_resets_per_email: tuple[str, ...] = field(
        default=("2/1800", "5/3600"),
        metadata=_said(
            f"Mails to one e-mail address about its password, {_LIMITS}. Strangers may use them up: "
            "with two in `password_reset_life` and five in twice that, a link that works is always "
            "among those that were sent."
        ),
    )
    limit_password_ratings_per_ip: tuple[str, ...] = field(
        default=("60/60",),
        metadata=_said(f"Passwords whose strength one address asks for, {_LIMITS}."),
    )
    limit_email_changes_per_account: tuple[str, ...] = field(
        default=("5/3600",), metadata=_said(f"Changes of address one account asks for, {_LIMITS}.")
    )
    alarm_failed_sign_ins: tuple[str, ...] = field(
        default=("1000/300",),
        metadata=_said(f"Failed sign-ins of all accounts that raise an alarm, {_LIMITS}."),
    )
    limit_registrations_per_ip: tuple[str, ...] = field(
        default=("20/60",), metadata=_said(f"Registrations from one address, {_LIMITS}.")
    )
    limit_invitations_per_organization: tuple[str, ...] = field(
        default=("3/3600", "5/86400"),
        metadata=_said(
            f"Mails to one e-mail address about invitations to one organization, {_LIMITS}."
        ),
    )
    limit_invitations_per_email: tuple[str, ...] = field(
        default=("10/3600", "30/86400"),
        metadata=_said(f"The same to all organizations together, {_LIMITS}."),
    )
    limit_registrations_per_email: tuple[str, ...] = field(
        default=("5/3600",),
        metadata=_said(f"Mails to one e-mail address about registering it, {_LIMITS}."),
    )

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            is_limit = name.startswith(("limit_", "alarm_"))
            if is_limit and not all(_LIMIT.fullmatch(one) for one in value):
                raise ValueError(f"identity.{name} is `count/seconds`, several with commas.")
        if ":" in self.service_name:
            # Authenticator apps take what follows it for the account's name.
            raise ValueError("identity.service_name must hold no colon.")
        if not 0 <= self.totp_drift_steps <= 1:
            raise ValueError("identity.totp_drift_steps must be 0 or 1.")
        if not timedelta(seconds=20) <= self.assertion_life <= timedelta(seconds=60):
            # The gateway takes none that ends within ten seconds, the services none that is longer.
            raise ValueError("identity.assertion_life must be 20 to 60 seconds.")
        if not timedelta() < self.step_up_within <= STEP_UP_MOST:
            raise ValueError("identity.step_up_within must be positive, and a day at most.")
        if not 0 <= self.totp_telling_steps <= 100:
            raise ValueError("identity.totp_telling_steps must be 0 to 100.")
        if self.password_max < 64:
            raise ValueError("identity.password_max must be at least 64.")

    @property
    def longest_window(self) -> timedelta:
        """Of all limits: a count that is older than this has no effect."""
        windows = (
            timedelta(seconds=int(one.partition("/")[2]))
            for name, value in vars(self).items()
            if name.startswith(("limit_", "alarm_"))
            for one in value
        )
        return max(windows, default=timedelta())

    @property
    def shortest_password(self) -> int:
        """Fewer characters do where a second factor is always asked for (security 2.1)."""
        if self.mfa_policy is MfaPolicy.TOTP_REQUIRED:
            return min(self.password_min, self.password_min_with_mfa)
        return self.password_min
