"""Moving devices and connected systems to other folders (FLD-9)."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from contracts.access import Role
from services.devices.models import Audit
from tests.service.devices.stock import Stock

KINDS = ("device", "system")


def made(stock: Stock, kind: str, folder: UUID, count: int = 1) -> list[UUID]:
    return stock.devices(folder, count) if kind == "device" else stock.systems(folder, count)


def folder_of(stock: Stock, kind: str, one: UUID) -> UUID:
    return (stock.device(one) if kind == "device" else stock.system(one)).folder_id


def trail(stock: Stock, kind: str) -> list[tuple[UUID, object, object]]:
    with stock.database.reading() as session:
        entries = session.scalars(select(Audit).where(Audit.action == f"{kind}_moved")).all()
        return [(entry.object_id, entry.before, entry.after) for entry in entries]


@pytest.mark.parametrize("kind", KINDS)
def test_who_may_see_it_follows_the_new_place_at_once(stock: Stock, kind: str) -> None:
    """FLD-9, M5.4."""
    here, there = (stock.world.folder(stock.home, name) for name in ("Here", "There"))
    of_here = stock.world.joins(stock.home, Role.OPERATOR, here)
    of_there = stock.world.joins(stock.home, Role.OPERATOR, there)
    (one,) = made(stock, kind, here)
    asked = {f"{kind}_id": one}
    stock.ask(f"get_{kind}", as_=of_here, **asked)
    moved = stock.ask(f"move_{kind}", folder_id=there, **asked)
    assert moved["folder_id"] == str(there)
    stock.ask(f"get_{kind}", as_=of_there, **asked)
    assert stock.refused(f"get_{kind}", as_=of_here, **asked) == f"{kind}-not-found"
    assert trail(stock, kind) == [(one, {"folder_id": str(here)}, {"folder_id": str(there)})]


@pytest.mark.parametrize("kind", KINDS)
def test_where_it_is_already_it_stays_and_nothing_is_recorded(stock: Stock, kind: str) -> None:
    """I14."""
    (one,) = made(stock, kind, stock.home.root)
    moved = stock.ask(f"move_{kind}", folder_id=stock.home.root, **{f"{kind}_id": one})
    assert moved["folder_id"] == str(stock.home.root)
    assert trail(stock, kind) == []


@pytest.mark.parametrize("kind", KINDS)
def test_many_are_answered_one_by_one(stock: Stock, kind: str) -> None:
    """FLD-9."""
    there = stock.world.folder(stock.home, "There")
    moves, stays = made(stock, kind, stock.home.root)[0], made(stock, kind, there)[0]
    unknown = uuid4()
    (foreign,) = (
        stock.devices(uuid4(), organization_id=uuid4())
        if kind == "device"
        else stock.systems(uuid4(), organization_id=uuid4())
    )
    removed = made(stock, kind, stock.home.root)[0]
    stock.ask(f"remove_{kind}", **{f"{kind}_id": removed})
    wanted = [moves, unknown, stays, foreign, removed, moves]
    asked: dict[str, Any] = {f"{kind}_ids": wanted}
    report = stock.ask(f"move_{kind}s", folder_id=there, **asked)
    assert [(UUID(item["id"]), item["result"]) for item in report["items"]] == [
        (moves, "moved"),
        (unknown, "not_found"),
        (stays, "already_there"),
        (foreign, "not_found"),
        (removed, "not_found"),
    ]
    assert [one for one, _, _ in trail(stock, kind)] == [moves]
    assert folder_of(stock, kind, moves) == there
    assert folder_of(stock, kind, foreign) != there


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("count", "answer"), [(0, "invalid-request"), (201, "invalid-request")])
def test_at_most_two_hundred_move_at_once(stock: Stock, kind: str, count: int, answer: str) -> None:
    ids = [uuid4() for _ in range(count)]
    asked: dict[str, Any] = {f"{kind}_ids": ids, "folder_id": stock.home.root}
    assert stock.refused(f"move_{kind}s", **asked) == answer


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("role", "answer"),
    [
        (Role.OWNER, None),
        (Role.ADMIN, None),
        (Role.OPERATOR, "not-permitted"),
        (Role.VIEWER, "not-permitted"),
        (None, "organization-not-found"),
    ],
)
def test_owners_and_admins_move(
    stock: Stock, kind: str, role: Role | None, answer: str | None
) -> None:
    """Chapter 13."""
    there = stock.world.folder(stock.home, "There")
    (one,) = made(stock, kind, stock.home.root)
    who = stock.world.joins(stock.home, role, stock.home.root) if role else uuid4()
    asked = {f"{kind}_id": one, "folder_id": there}
    assert stock.refused_or_done(f"move_{kind}", as_=who, **asked) == answer
    many = {f"{kind}_ids": [one], "folder_id": there}
    assert stock.refused_or_done(f"move_{kind}s", as_=who, **many) == answer
    assert folder_of(stock, kind, one) == (stock.home.root if answer else there)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_moves_into_a_folder_of_another_organization(stock: Stock, kind: str) -> None:
    """API1: the same person owns both."""
    other = stock.world.home(owner=stock.home.owner, name="Another")
    (one,) = made(stock, kind, stock.home.root)
    for folder in (other.root, uuid4()):
        asked = {f"{kind}_id": one, "folder_id": folder}
        assert stock.refused(f"move_{kind}", **asked) == "folder-not-found"
    abroad = {f"{kind}_id": one, "folder_id": other.root, "organization_id": other.id}
    assert stock.refused(f"move_{kind}", **abroad) == f"{kind}-not-found"
    assert folder_of(stock, kind, one) == stock.home.root


@pytest.mark.parametrize("kind", KINDS)
def test_a_folder_that_was_just_deleted_takes_and_gives_nothing(stock: Stock, kind: str) -> None:
    """FLD-4: before devices has heard of it."""
    gone = stock.world.folder(stock.home, "Gone")
    (inside,), (outside,) = made(stock, kind, gone), made(stock, kind, stock.home.root)
    stock.deletes(gone, delivered=False)
    out = {f"{kind}_id": inside, "folder_id": stock.home.root}
    assert stock.refused(f"move_{kind}", **out) == f"{kind}-not-found"
    into = {f"{kind}_id": outside, "folder_id": gone}
    assert stock.refused(f"move_{kind}", **into) == "folder-not-found"
