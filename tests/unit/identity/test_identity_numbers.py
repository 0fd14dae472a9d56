"""The numbers of the specification (security chapter 2) are what an installation starts with."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta
from typing import Any

import pytest

from services.identity.domain.settings import IdentitySettings, MfaPolicy, RecoveryCodeFormat

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

NUMBERS: dict[str, Any] = {
    # 2.1
    "password_min": 15,
    "password_min_with_mfa": 8,
    "password_max": 128,
    "argon2_memory_kib": 19_456,
    "argon2_passes": 2,
    "argon2_lanes": 1,
    # 2.2
    "password_failures_free": 5,
    "password_wait_first": timedelta(seconds=30),
    "password_wait_most": 60 * MINUTE,
    "password_failures_most": 100,
    "limit_passwords_per_ip": ("10/60", "50/3600"),
    "limit_sign_ins_per_ip": ("30/60",),
    "alarm_failed_sign_ins": ("1000/300",),
    "limit_codes_per_account": ("5/300", "20/3600", "50/86400"),
    "limit_codes_per_ip": ("10/300", "50/3600"),
    "totp_failures_most": 100,
    "limit_recovery_codes_per_account": ("5/900", "10/3600", "20/86400"),
    "recovery_failures_most": 100,
    "limit_email_codes_per_account": ("1/60", "5/3600", "10/86400"),
    "limit_email_codes_per_ip": ("20/3600",),
    "email_code_tries": 5,
    "limit_registrations_per_ip": ("20/60",),
    "limit_password_resets_per_ip": ("20/60",),
    # Half of them within half an hour: then nobody can use them all up at once.
    "limit_password_resets_per_email": ("2/1800", "5/3600"),
    # 2.3
    "totp_drift_steps": 0,
    "totp_telling_steps": 10,
    "enrolment_life": 15 * MINUTE,
    # 2.4, RC-5, RC-7, RC-9
    "recovery_code_count": 10,
    "recovery_code_format": RecoveryCodeFormat.DIGITS8,
    "recovery_codes_life": 15 * MINUTE,
    "recovery_codes_few": 3,
    # 2.5, EM-2
    "email_code_life": 5 * MINUTE,
    "verification_life": DAY,
    "password_reset_life": 30 * MINUTE,
    "email_change_life": HOUR,
    # 2.6, MAN-5
    "session_idle": HOUR,
    "session_life": DAY,
    "sessions_most": 20,
    "assertion_life": MINUTE,
    # 2.7
    "step_up_within": 10 * MINUTE,
    "keep_signed_in": False,
    "kept_session_life": 30 * DAY,
    "sign_in_life": 10 * MINUTE,
    "manage_idle": 10 * MINUTE,
    "manage_life": 15 * MINUTE,
    # ACC-7
    "mfa_policy": MfaPolicy.EMAIL_DEFAULT,
}
# Ours: the specification says nothing of them, or that they are somebody's own.
OWN = {
    "mails_kept",
    "password_failures_kept",
    "api_token_life_most",
    "api_tokens_most",
    "kept_session_idle",
    "limit_email_changes_per_account",
    "limit_invitations_per_email",
    "limit_invitations_per_organization",
    "limit_password_ratings_per_ip",
    "limit_registrations_per_email",
    "link_base_url",
    "mail_ca_file",
    "mail_from",
    "mail_url",
    "password_blocklist_file",
    "service_name",
    "signing_keys",
}


@pytest.mark.parametrize("name", NUMBERS)
def test_an_installation_starts_with_the_number_of_the_specification(name: str) -> None:
    assert getattr(IdentitySettings(), name) == NUMBERS[name]


def test_every_setting_is_a_number_of_the_specification_or_our_own() -> None:
    assert {field.name for field in fields(IdentitySettings)} == set(NUMBERS) | OWN
