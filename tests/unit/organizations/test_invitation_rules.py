"""The rules of invitations, and of how often their tokens are tried."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.access import NotPermitted, Role
from contracts.invitations import InvitationStatus
from services.organizations.domain.invitation import (
    FoldersRequired,
    InvitationOver,
    OwnerNotInvitable,
    TooManyInvitations,
    conferred,
    folders_of,
    require_invitable,
    require_inviter,
    require_mail_left,
    require_pending,
    standing,
)
from services.organizations.domain.limits import InvitationRolePolicy, Limits
from services.organizations.domain.throttle import Limit, Tally, TooManyInvitationTokens

NOW = datetime(2025, 3, 1, 9, 0, tzinfo=UTC)
INVITABLE = [Role.ADMIN, Role.OPERATOR, Role.VIEWER]


@pytest.mark.parametrize("inviter", Role)
@pytest.mark.parametrize("requested", Role)
def test_nobody_invites_above_their_own_rank_and_nobody_an_owner(
    requested: Role, inviter: Role
) -> None:
    """INV-9, security 2.9."""
    if requested is Role.OWNER:
        with pytest.raises(OwnerNotInvitable):
            require_invitable(requested, inviter)
    elif requested.rank > inviter.rank:
        with pytest.raises(NotPermitted) as refusal:
            require_invitable(requested, inviter)
        assert refusal.value.facts == {"permission": "invitation:manage"}
    else:
        require_invitable(requested, inviter)


@pytest.mark.parametrize("requested", INVITABLE)
@pytest.mark.parametrize("role", [*Role, None])
def test_only_owners_and_admins_have_invitations_that_can_be_accepted(
    role: Role | None, requested: Role
) -> None:
    """INV-10."""
    if role in (Role.OWNER, Role.ADMIN):
        require_inviter(role, requested)
    else:
        with pytest.raises(InvitationOver):
            require_inviter(role, requested)


def test_folders_are_kept_once_and_for_who_needs_them() -> None:
    """INV-11."""
    one, other = UUID(int=1), UUID(int=2)
    assert folders_of(Role.ADMIN, [one]) == ()
    for role in (Role.OPERATOR, Role.VIEWER):
        assert folders_of(role, [other, one]) == (one, other)
        with pytest.raises(FoldersRequired):
            folders_of(role, [])


@pytest.mark.parametrize("requested", INVITABLE)
def test_acceptance_gives_viewer_or_what_was_chosen(requested: Role) -> None:
    """INV-7, INV-8: nothing is pending that is given."""
    gives = conferred(requested, InvitationRolePolicy.VIEWER_THEN_ELEVATE)
    assert gives.role is Role.VIEWER
    assert gives.pending is (None if requested is Role.VIEWER else requested)
    gives = conferred(requested, InvitationRolePolicy.AS_CHOSEN)
    assert (gives.role, gives.pending) == (requested, None)


@pytest.mark.parametrize("status", InvitationStatus)
def test_only_what_waits_expires_and_exactly_then(status: InvitationStatus) -> None:
    """INV-10."""
    assert standing(status, NOW + timedelta(microseconds=1), NOW) is status
    is_pending = status is InvitationStatus.PENDING
    late = standing(status, NOW, NOW)
    assert late is (InvitationStatus.EXPIRED if is_pending else status)
    with pytest.raises(InvitationOver):
        require_pending(status, NOW, NOW)


@given(sent=st.integers(0, 100), most=st.integers(1, 100), minutes=st.integers(0, 1439))
def test_who_has_to_wait_is_told_until_the_first_mail_no_longer_counts(
    sent: int, most: int, minutes: int
) -> None:
    """Security 2.2."""
    first_at = NOW - timedelta(minutes=minutes)
    if sent < most:
        require_mail_left(sent, first_at, most, NOW, whose="An account")
        return
    with pytest.raises(TooManyInvitations) as refusal:
        require_mail_left(sent, first_at, most, NOW, whose="An account")
    wait = timedelta(seconds=int(refusal.value.facts["retry_after"]))
    assert NOW + wait == first_at + timedelta(hours=24)


@given(st.lists(st.integers(0, 90), min_size=1, max_size=80))
def test_no_window_ever_holds_more_than_its_limit(gaps: list[int]) -> None:
    """Security 2.2: as many as are let through from the first of a window to its end."""
    limit, now = Limit(20, timedelta(seconds=60)), NOW
    tally = Tally(0, NOW)
    let_through: list[datetime] = []
    for gap in gaps:
        now += timedelta(seconds=gap)
        try:
            tally = tally.one_more(limit, now)
        except TooManyInvitationTokens as refusal:
            wait = int(refusal.facts["retry_after"])
            assert tally.started_at + limit.within == now + timedelta(seconds=wait)
        else:
            let_through.append(now)
            assert sum(each >= tally.started_at for each in let_through) <= limit.most


@pytest.mark.parametrize("text", ["", "20", "20/", "/60", "x/60", "0/60", "20/0", "-1/60"])
def test_a_limit_that_is_none_is_met_when_the_process_starts(text: str) -> None:
    with pytest.raises(ValueError):
        Limits(invitation_tokens_per_ip=text)


@pytest.mark.parametrize("days", [-1, 0, 31])
def test_an_invitation_stands_for_a_day_at_least_and_thirty_at_most(days: int) -> None:
    """INV-10."""
    with pytest.raises(ValueError):
        Limits(invitation_days=days)
    assert [Limits(invitation_days=each).invitation_days for each in (1, 30)] == [1, 30]
