"""Notices of licensing go to those who are owners and admins when they are heard (D-21, R31)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from chassis.tables import InboxRow
from contracts.access import Role
from contracts.license_notices import LicenseNotice, LicenseNoticeAddressed, NoticeKind
from services.organizations.domain.license_notices import ADDRESSED, ADDRESSED_AT_ONCE
from tests.service.organizations.test_races import at_once
from tests.service.organizations.world import Home, World


@pytest.fixture
def home(world: World) -> Home:
    return world.home()


def notice(home: Home, **more: Any) -> LicenseNotice:
    """What licensing announces."""
    values: dict[str, Any] = {
        "kind": NoticeKind.GRACE_ENDING,
        "on": date(2025, 3, 30),
        "days": 14,
        "year": 0,
    }
    return LicenseNotice(
        organization_id=home.id, product="station", product_name="Station", **{**values, **more}
    )


def hears(world: World, announced: LicenseNotice, event_id: UUID | None = None) -> None:
    """As the bus brings it; with the same id, it brings it again."""
    data = json.loads(json.dumps(announced.to_json()))
    body = {"event_id": str(event_id or uuid4()), "data": data}
    world.suite.instance("organizations").license_notice(body)


def addressed(world: World) -> list[LicenseNoticeAddressed]:
    """What organizations announced of it."""
    return [
        LicenseNoticeAddressed.from_json(data)
        for name, data in world.suite.waiting("organizations")
        if name == LicenseNoticeAddressed.name
    ]


def reached(world: World) -> list[UUID]:
    """Whom it was addressed to, once for each time."""
    return sorted(account for part in addressed(world) for account in part.account_ids)


@contextmanager
def failing(world: World, statement: str) -> Iterator[None]:
    """The database fails at statements that begin so."""

    def fail(_c: object, _cursor: object, running: str, *_rest: object) -> None:
        if running.startswith(statement):
            raise OperationalError(running, {}, Exception("the disk is full"))

    event.listen(world.database.engine, "before_cursor_execute", fail)
    try:
        yield
    finally:
        event.remove(world.database.engine, "before_cursor_execute", fail)


def test_notices_concern_owners_and_admins() -> None:
    """D-21, R7."""
    assert set(ADDRESSED) == {Role.OWNER, Role.ADMIN}


def test_owners_and_admins_get_a_notice_and_nobody_else(world: World, home: Home) -> None:
    """D-21: not operators, viewers, nor owners of other organizations."""
    admins = [world.joins(home, Role.ADMIN) for _ in range(2)]
    owner = world.joins(home, Role.OWNER)
    for role in (Role.OPERATOR, Role.VIEWER):
        world.joins(home, role, home.root)
    stranger = world.home(name="Difference Engines")
    world.joins(stranger, Role.ADMIN)
    hears(world, notice(home))
    assert reached(world) == sorted([home.owner, owner, *admins])


def test_it_says_what_licensing_said_and_what_the_organization_is_called(
    world: World, home: Home
) -> None:
    world.ask("update_organization", home.owner, organization_id=home.id, name="Renamed Engines")
    hears(world, notice(home, kind=NoticeKind.LICENSES_EXPIRING, days=90, licenses=12))
    [part] = addressed(world)
    assert part == LicenseNoticeAddressed(
        notice_id=part.notice_id,
        organization_id=home.id,
        organization_name="Renamed Engines",
        account_ids=(home.owner,),
        product="station",
        product_name="Station",
        kind=NoticeKind.LICENSES_EXPIRING,
        on=date(2025, 3, 30),
        days=90,
        licenses=12,
    )


@pytest.mark.parametrize("change", ["demoted", "removed"])
def test_who_is_no_admin_any_more_learns_nothing(world: World, home: Home, change: str) -> None:
    """M6 I10: decided when it is heard, not when licensing announced it."""
    former, admin = world.joins(home, Role.ADMIN), world.joins(home, Role.ADMIN)
    of = {"organization_id": home.id}
    if change == "demoted":
        world.ask("set_role", home.owner, **of, account_id=former, role="operator")
    else:
        world.ask("remove_member", home.owner, **of, account_id=former)
    hears(world, notice(home))
    assert reached(world) == sorted([home.owner, admin])


def test_who_became_an_admin_since_gets_it(world: World, home: Home) -> None:
    viewer = world.joins(home, Role.VIEWER, home.root)
    world.ask("set_role", home.owner, organization_id=home.id, account_id=viewer, role="admin")
    hears(world, notice(home))
    assert reached(world) == sorted([home.owner, viewer])


@pytest.mark.parametrize("gone", ["archived", "unknown"])
def test_nobody_is_told_of_an_organization_that_is_not_there(
    world: World, home: Home, gone: str
) -> None:
    """M6 I9."""
    if gone == "archived":
        world.archived(home)
    else:
        home = Home(uuid4(), uuid4(), uuid4())
    hears(world, notice(home))
    assert addressed(world) == []


def test_the_same_notice_twice_is_announced_once(world: World, home: Home) -> None:
    """Whatever the bus brings again, also at once; another notice is another one."""
    event_id = uuid4()
    at_once(*[lambda: hears(world, notice(home), event_id)] * 3)
    hears(world, notice(home), event_id)
    assert reached(world) == [home.owner]
    hears(world, notice(home))
    first, second = addressed(world)
    assert first.notice_id != second.notice_id


def test_many_are_announced_in_parts_of_one_notice(world: World, home: Home) -> None:
    admins = [world.joins(home, Role.ADMIN) for _ in range(ADDRESSED_AT_ONCE)]
    hears(world, notice(home))
    parts = addressed(world)
    assert [len(part.account_ids) for part in parts] == [ADDRESSED_AT_ONCE, 1]
    assert len({part.notice_id for part in parts}) == 1
    assert reached(world) == sorted([home.owner, *admins])


def test_what_fails_is_tried_again_and_announced_once(world: World, home: Home) -> None:
    """The note that it was heard and what is announced are committed together."""
    with failing(world, "INSERT INTO outbox"):
        hears(world, notice(home))
    assert addressed(world) == []
    with world.database.reading() as session:
        [row] = session.scalars(select(InboxRow).where(InboxRow.handler == "license_notice"))
    assert row.due_at is not None
    world.suite.clock.advance(row.due_at - world.suite.clock.now())
    assert [world.suite.retry_inbox("organizations") for _ in range(2)] == [1, 0]
    assert reached(world) == [home.owner]
