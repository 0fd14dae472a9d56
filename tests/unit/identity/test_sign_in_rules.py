"""Second steps, sessions and deliveries as rules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.caller import STEP_UP_WITHIN, Caller, Level
from contracts.delays import delay_after
from contracts.errors import StepUpRequired
from contracts.identity import Method
from services.identity.domain import email_address
from services.identity.domain.delivery import MailState, after_failure
from services.identity.domain.enrolment import AuthenticatorDisabled
from services.identity.domain.session import Lifetime
from services.identity.domain.settings import IdentitySettings, MfaPolicy
from services.identity.domain.sign_in import (
    MethodNotOffered,
    authenticated_at,
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


@given(
    offered=st.lists(st.sampled_from(Method), unique=True, max_size=2),
    preferred=st.sampled_from([None, *Method]),
)
def test_nobody_is_sent_to_a_method_that_is_not_offered(
    offered: list[Method], preferred: Method | None
) -> None:
    """ACC-6: the preferred one if it is offered, else the only one."""
    found = suggested(offered, preferred)
    assert found is None or found in offered
    assert (found == preferred) or preferred not in offered
    assert (found is None) == (preferred not in offered and len(offered) != 1)


@pytest.mark.parametrize("policy", MfaPolicy)
def test_disabling_an_authenticator_makes_no_sign_in_easier(policy: MfaPolicy) -> None:
    """ACC-5, ACC-7, MAN-3."""
    before = methods(policy, has_authenticator=True)
    after = methods(policy, has_authenticator=False, is_disabled=True)
    assert set(after) == set(before) - {Method.TOTP}
    for method in (None, *Method):
        if method not in after:
            with pytest.raises((MethodNotOffered, AuthenticatorDisabled)):
                require_offered(method, after, is_disabled=True)
        assert level_of(method, policy, has_authenticator=True) is not Level.MANAGE


@given(late=st.integers(0, 600))
def test_only_all_of_the_credentials_are_fresh(late: int) -> None:
    """Security 2.7: a mailed code beside an authenticator never is."""
    now = NOW + timedelta(seconds=late)
    for method in (None, *Method):
        for has_authenticator in (False, True):
            since = authenticated_at(method, NOW, has_authenticator=has_authenticator)
            caller = Caller(uuid4(), uuid4(), Level.AAL2, since)
            if has_authenticator and method is not Method.TOTP:
                with pytest.raises(StepUpRequired):
                    caller.require_step_up(now)
            else:
                assert timedelta(seconds=late) <= STEP_UP_WITHIN
                caller.require_step_up(now)


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


def test_what_did_not_work_waits_longer_each_time() -> None:
    delays = [delay_after(tries) for tries in range(1, 1000)]
    assert delays[0] == timedelta(seconds=5)
    assert delays == sorted(delays)
    assert delays[-1] == timedelta(minutes=30)


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


def test_an_address_is_one_account_however_its_letters_are_composed() -> None:
    """ACC-2: NFC, without regard to case."""
    composed, decomposed = "Ren\u00e9@example.com", "REN" + "E\u0301@EXAMPLE.COM"
    assert email_address.key(composed) == email_address.key(decomposed)
    assert email_address.normalized(decomposed) == "REN\u00c9@EXAMPLE.COM"
