"""What one account may do in a day, however many organizations it makes for it (security 2.2)."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.access import Role
from contracts.errors import Refusal
from tests.service.organizations.guests import invited, of, wish
from tests.service.organizations.test_races import at_once
from tests.service.organizations.world import Home, MakeWorld, World

DAY = timedelta(days=1)
MAILED, MADE = "too-many-invitations", "organizations-too-fast"


def archives(world: World, home: Home) -> None:
    world.ask(
        "archive_organization",
        home.owner,
        organization_id=home.id,
        confirm_organization_id=str(home.id),
        understand_risk=True,
    )


def creates(world: World, who: UUID) -> str:
    """ "done", or the code of the refusal."""
    return world.outcome("create_organization", who, name="Mill", idempotency_key=str(uuid4()))


def resends(world: World, home: Home, who: UUID, invitation: dict[str, Any]) -> str:
    key = str(uuid4())
    return world.outcome("resend_invitation", who, **of(home, invitation), idempotency_key=key)


def test_an_account_sends_so_many_mails_whatever_the_organizations(
    make_world: MakeWorld,
) -> None:
    """Those of archived organizations count, and those sent again for whoever sends them."""
    world = make_world(beside=("identity",), invitations_per_account_per_day=3)
    ada = uuid4()
    homes = [world.home(ada) for _ in range(3)]
    other = world.joins(homes[0], Role.ADMIN)
    first = invited(world, homes[0])
    started = world.suite.clock.now()
    assert resends(world, homes[0], other, first) == "done"
    world.suite.clock.advance(timedelta(hours=1))
    for home in homes[1:]:
        invited(world, home)
    archives(world, homes[2])
    before = world.dump()
    with pytest.raises(Refusal) as refusal:
        invited(world, homes[1], "eve@example.com")
    assert refusal.value.code == MAILED
    assert resends(world, homes[0], ada, first) == MAILED
    assert world.dump() == before
    # The first of them leaves the window when it says so.
    wait = timedelta(seconds=int(refusal.value.facts["retry_after"]))
    assert world.suite.clock.now() + wait == started + DAY
    invited(world, homes[0], "eve@example.com", who=other)
    world.suite.clock.advance(wait)
    world.suite.run_job("organizations", "end_outdated_invitations")
    assert resends(world, homes[0], ada, first) == "done"
    assert resends(world, homes[0], ada, first) == MAILED


def test_mails_sent_at_once_from_many_organizations_stay_within_the_limit(
    make_world: MakeWorld,
) -> None:
    world = make_world(beside=("identity",), invitations_per_account_per_day=3)
    for _ in range(3):
        ada = uuid4()
        homes = [world.home(ada) for _ in range(6)]
        outcomes = at_once(
            *(partial(world.outcome, "invite", ada, **wish(world, home)) for home in homes)
        )
        assert Counter(outcomes) == {"done": 3, MAILED: 3}


def test_archiving_makes_no_room_for_more_within_a_day(make_world: MakeWorld) -> None:
    world = make_world(organizations_per_account_per_day=2)
    ada, bob = uuid4(), uuid4()
    started = world.suite.clock.now()
    archives(world, world.home(ada))
    world.suite.clock.advance(timedelta(hours=1))
    archives(world, world.home(ada))
    before = world.dump()
    with pytest.raises(Refusal) as refusal:
        world.home(ada)
    assert refusal.value.code == MADE
    assert world.dump() == before
    wait = timedelta(seconds=int(refusal.value.facts["retry_after"]))
    assert world.suite.clock.now() + wait == started + DAY
    assert creates(world, bob) == "done"
    world.suite.clock.advance(wait - timedelta(seconds=1))
    assert creates(world, ada) == MADE
    world.suite.clock.advance(timedelta(seconds=1))
    assert creates(world, ada) == "done"
    assert creates(world, ada) == MADE


def test_organizations_created_at_once_stay_within_the_limit(make_world: MakeWorld) -> None:
    world = make_world(organizations_per_account_per_day=2)
    for _ in range(3):
        outcomes = at_once(*[partial(creates, world, uuid4())] * 4)
        assert Counter(outcomes) == {"done": 2, MADE: 2}


def test_what_an_installation_lets_by_itself(world: World) -> None:
    ada = uuid4()
    assert [creates(world, ada) for _ in range(51)] == ["done"] * 50 + [MADE]
