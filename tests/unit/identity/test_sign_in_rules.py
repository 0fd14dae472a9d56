"""Second steps, sessions and deliveries as rules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.caller import Level
from contracts.identity import Method
from services.identity.domain import email_address
from services.identity.domain.delivery import MailState, after_failure, delay_after
from services.identity.domain.session import Lifetime
from services.identity.domain.settings import IdentitySettings, MfaPolicy
from services.identity.domain.sign_in import (
    MethodNotOffered,
    level_of,
    methods,
    require_offered,
    suggested,
)

NOW = datetime(2025, 3, 1, 9, 0, tzinfo=UTC)
seconds = st.integers(0, 200_000).map(lambda number: timedelta(seconds=number))


@pytest.mark.parametrize("policy", MfaPolicy)
def test_an_authenticator_is_offered_only_when_it_is_active(policy: MfaPolicy) -> None:
    """ACC-5."""
    assert Method.TOTP in methods(policy, has_authenticator=True)
    assert Method.TOTP not in methods(policy, has_authenticator=False)


def test_the_default_policy_asks_everybody_for_a_second_step() -> None:
    """ACC-7."""
    policy = IdentitySettings().mfa_policy
    assert methods(policy, has_authenticator=False) == (Method.EMAIL,)
    assert methods(policy, has_authenticator=True) == (Method.TOTP, Method.EMAIL)


def test_one_method_is_gone_to_directly_and_several_are_chosen_from() -> None:
    """ACC-6."""
    assert suggested((Method.EMAIL,)) is Method.EMAIL
    assert suggested((Method.TOTP, Method.EMAIL)) is None
    assert suggested(()) is None


def test_no_method_completes_only_where_none_is_asked_for() -> None:
    require_offered(None, ())
    with pytest.raises(MethodNotOffered):
        require_offered(None, (Method.EMAIL,))
    with pytest.raises(MethodNotOffered):
        require_offered(Method.TOTP, (Method.EMAIL,))


def test_levels_say_what_the_second_step_was_worth() -> None:
    """Security 2.6."""
    for policy in MfaPolicy:
        assert level_of(Method.TOTP, policy, has_authenticator=True) is Level.AAL2
    for method, level in ((None, Level.AAL1), (Method.EMAIL, Level.AAL1_EMAIL)):
        for policy in (MfaPolicy.OPTIONAL, MfaPolicy.EMAIL_DEFAULT):
            assert level_of(method, policy, has_authenticator=False) is level


def test_where_all_must_have_an_authenticator_who_has_none_gets_no_further_than_registering_one() -> (
    None
):
    """ACC-7."""
    required = MfaPolicy.TOTP_REQUIRED
    assert level_of(Method.EMAIL, required, has_authenticator=False) is Level.MANAGE
    assert level_of(Method.EMAIL, required, has_authenticator=True) is Level.AAL1_EMAIL


@given(life=seconds, idle=seconds, seen=seconds, later=seconds)
def test_a_session_is_over_when_unused_or_old(
    life: timedelta, idle: timedelta, seen: timedelta, later: timedelta
) -> None:
    lifetime = Lifetime(NOW + life, NOW + seen, idle)
    now = NOW + later
    assert lifetime.is_live(now) == (now < NOW + life and now < NOW + seen + idle)


@given(tries=st.integers(1, 100), left=st.integers(0, 100_000))
def test_a_mail_waits_longer_each_time_and_never_beyond_its_use(tries: int, left: int) -> None:
    expires_at = NOW + timedelta(seconds=left)
    state, due_at = after_failure(tries, NOW, expires_at)
    assert delay_after(tries) <= delay_after(tries + 1)
    if state is MailState.WAITING:
        assert NOW < due_at < expires_at


@given(email=st.emails())
def test_an_address_is_one_account_however_its_case(email: str) -> None:
    """ACC-2."""
    assert email_address.key(email) == email_address.key(email.upper()) or "ß" in email
    assert email_address.key(email_address.key(email)) == email_address.key(email)
