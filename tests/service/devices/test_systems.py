"""Connected systems: camera stations and body worn systems of an organization."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from contracts.access import Role
from services.devices.models import Audit
from tests.service.devices.stock import Stock


def wanted(stock: Stock, **changes: Any) -> dict[str, Any]:
    return {
        "folder_id": stock.home.root,
        "kind": "camera_station",
        "name": "Basement",
        "address": "station.example:29204",
        "idempotency_key": str(uuid4()),
        **changes,
    }


def actions(stock: Stock) -> list[str]:
    with stock.database.reading() as session:
        return list(session.scalars(select(Audit.action).order_by(Audit.at, Audit.id)))


def test_a_system_is_added_shown_changed_and_removed(stock: Stock) -> None:
    """Devices chapter 2; its health was never reported, so none is shown."""
    added = stock.ask("add_system", **wanted(stock))
    assert (added["kind"], added["address"]) == ("camera_station", "station.example:29204")
    assert added["reported_at"] is None
    assert stock.ask("get_system", system_id=UUID(added["id"])) == added
    changed = stock.ask("update_system", system_id=added["id"], name="Attic")
    assert (changed["name"], changed["address"]) == ("Attic", added["address"])
    assert stock.ask("list_systems")["items"] == [changed]
    stock.ask("remove_system", system_id=added["id"])
    assert stock.refused("get_system", system_id=added["id"]) == "system-not-found"
    assert stock.refused("remove_system", system_id=added["id"]) == "system-not-found"
    assert sorted(actions(stock)) == ["system_added", "system_changed", "system_removed"]


def test_the_same_request_is_carried_out_once(stock: Stock) -> None:
    """D-24."""
    request = wanted(stock)
    assert stock.ask("add_system", **request) == stock.ask("add_system", **request)
    assert len(stock.ask("list_systems")["items"]) == 1
    request["name"] = "Another"
    assert stock.refused("add_system", **request) == "idempotency-mismatch"


def test_a_change_that_changes_nothing_is_not_recorded(stock: Stock) -> None:
    """I14."""
    added = stock.ask("add_system", **wanted(stock))
    same = {"name": added["name"], "address": added["address"]}
    assert stock.ask("update_system", system_id=added["id"], **same) == added
    assert stock.ask("update_system", system_id=added["id"]) == added
    assert actions(stock) == ["system_added"]


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "toaster"},
        {"name": ""},
        {"name": "two\nlines"},
        {"name": "x" * 121},
        {"address": ""},
        {"address": "http://192.0.2.1/"},
        {"address": "two words"},
        {"state": "removed"},
    ],
)
def test_what_cannot_be_a_system_is_refused(stock: Stock, changes: dict[str, Any]) -> None:
    assert stock.refused("add_system", **wanted(stock, **changes)) == "invalid-request"
    assert actions(stock) == []


@pytest.mark.parametrize(
    ("role", "sees", "changes"),
    [
        (Role.OWNER, None, None),
        (Role.ADMIN, None, None),
        (Role.OPERATOR, None, "not-permitted"),
        (Role.VIEWER, "not-permitted", "not-permitted"),
        (None, "organization-not-found", "organization-not-found"),
    ],
)
def test_who_may_see_and_who_may_change_them(
    stock: Stock, role: Role | None, sees: str | None, changes: str | None
) -> None:
    """Chapter 13: Server Monitoring; what belongs to the organization is changed as devices are."""
    who = stock.world.joins(stock.home, role, stock.home.root) if role else uuid4()
    (system,) = stock.systems(stock.home.root)
    assert stock.refused_or_done("list_systems", as_=who) == sees
    assert stock.refused_or_done("get_system", as_=who, system_id=system) == sees
    changing: list[tuple[str, dict[str, Any]]] = [
        ("add_system", wanted(stock)),
        ("update_system", {"system_id": system, "name": "Attic"}),
        ("remove_system", {"system_id": system}),
    ]
    for method, payload in changing:
        assert stock.refused_or_done(method, as_=who, **payload) == changes


def test_operators_see_those_of_their_own_folders(stock: Stock) -> None:
    """ACS-2, ACS-3."""
    own = stock.world.folder(stock.home, "Own")
    below = stock.world.folder(stock.home, "Below", own)
    operator = stock.world.joins(stock.home, Role.OPERATOR, own)
    mine = {str(one) for folder in (own, below) for one in stock.systems(folder)}
    (foreign,) = stock.systems(stock.home.root)
    listed = stock.ask("list_systems", as_=operator)["items"]
    assert {one["id"] for one in listed} == mine
    refused = stock.refused("get_system", as_=operator, system_id=foreign)
    assert refused == "system-not-found"


def test_pages_hold_each_once_whatever_their_size(stock: Stock) -> None:
    """I5."""
    folder = stock.world.folder(stock.home, "Site")
    operator = stock.world.joins(stock.home, Role.OPERATOR, folder)
    ids = {str(one) for one in [*stock.systems(folder, 4), *stock.systems(folder, 3)]}
    for limit in (1, 2, 7, 8):
        for who in (operator, stock.home.owner):
            found: list[str] = []
            cursor = None
            while True:
                page = stock.ask("list_systems", as_=who, limit=limit, cursor=cursor)
                found += [one["id"] for one in page["items"]]
                cursor = page["next_cursor"]
                if cursor is None:
                    break
            assert (len(found), set(found)) == (7, ids)


def test_lists_are_narrowed_by_folder_and_kind(stock: Stock) -> None:
    folder = stock.world.folder(stock.home, "Site")
    (station,) = stock.systems(folder)
    (worn,) = stock.systems(folder, kind="body_worn")
    (elsewhere,) = stock.systems(stock.home.root)

    def found(**filters: Any) -> set[UUID]:
        return {UUID(one["id"]) for one in stock.ask("list_systems", **filters)["items"]}

    assert found(folder_id=folder) == {station, worn}
    assert found(kind="body_worn") == {worn}
    assert found(folder_id=folder, kind="camera_station") == {station}
    assert found() == {station, worn, elsewhere}


@pytest.mark.parametrize("statement", ["UPDATE audit SET action = 'x'", "DELETE FROM audit"])
def test_the_audit_is_only_ever_added_to(stock: Stock, statement: str) -> None:
    """Security 2.10."""
    stock.ask("add_system", **wanted(stock))
    with pytest.raises(DBAPIError, match="only ever added to"), stock.database() as session:
        session.execute(text(statement))
    assert actions(stock) == ["system_added"]
