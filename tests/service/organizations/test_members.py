"""Members as they are listed: with roles and addresses, for everybody who belongs there."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete

from contracts.access import Role
from gateway.settings import GatewaySettings
from services.identity.models import Account
from tests.service.organizations.inside import asked_for
from tests.service.organizations.world import Home, World

ROLES = (Role.OWNER, Role.ADMIN, Role.OPERATOR, Role.VIEWER)


def shown(world: World, home: Home, who: UUID, account: UUID) -> Any:
    return world.ask("get_member", who, organization_id=home.id, account_id=account)


@pytest.mark.parametrize("held", ROLES)
def test_every_role_sees_who_belongs_there_and_as_what(peopled: World, held: Role) -> None:
    """ROLE-operator, ROLE-viewer, chapter 13: with addresses, in the order of joining."""
    world = peopled
    home = world.home(world.person("ada@example.com"))
    who = world.joins(home, held, account=world.person("bob@example.com"))
    expected = [(str(home.owner), "ada@example.com", "owner"), (str(who), "bob@example.com", held)]
    rows = world.all("list_members", who, organization_id=home.id)
    found = [(row["account_id"], row["email"], row["role"]) for row in rows]
    assert sorted(found) == sorted(expected)
    for row in rows:
        assert shown(world, home, who, UUID(row["account_id"])) == row
        assert row["elevation_pending"] is None


def test_members_are_listed_by_role(world: World) -> None:
    home = world.home()
    members = {role: {world.joins(home, role) for _ in range(3)} for role in ROLES}
    members[Role.OWNER].add(home.owner)
    for role in ROLES:
        for limit in (1, 2, 200):
            rows = world.all(
                "list_members", home.owner, limit=limit, organization_id=home.id, role=role.value
            )
            assert {UUID(row["account_id"]) for row in rows} == members[role]
            assert {row["role"] for row in rows} == {role.value}
    assert len(world.all("list_members", home.owner, limit=3, organization_id=home.id)) == 13
    code = world.refused("list_members", home.owner, organization_id=home.id, role="chief")
    assert code == "invalid-request"


def test_what_was_asked_for_at_the_invitation_is_told(world: World) -> None:
    """INV-7."""
    home = world.home()
    member = world.joins(home, Role.VIEWER)
    asked_for(world, home, member, Role.ADMIN)
    assert shown(world, home, home.owner, member)["elevation_pending"] == "admin"


def test_of_a_deleted_account_the_address_is_gone(peopled: World) -> None:
    world = peopled
    home = world.home(world.person("ada@example.com"))
    member = world.joins(home, Role.VIEWER, account=world.person())
    with world.suite.databases["identity"]() as session:
        session.execute(delete(Account).where(Account.id == member))
    assert shown(world, home, home.owner, member)["email"] is None
    assert shown(world, home, home.owner, home.owner)["email"] == "ada@example.com"


def test_without_identity_members_are_listed_without_addresses(world: World) -> None:
    """Lists that name people are worth having without their addresses."""
    home = world.home()
    asked: list[tuple[str, dict[str, Any]]] = [
        ("list_members", {}),
        ("list_folder_members", {"folder_id": home.root}),
    ]
    for method, payload in asked:
        (row,) = world.all(method, home.owner, organization_id=home.id, **payload)
        assert (row["account_id"], row["email"]) == (str(home.owner), None)


def test_accounts_are_asked_once_a_page_and_outside_of_any_transaction(
    peopled: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decision 0006: nothing of the database is held while another service is asked."""
    world = peopled
    home = world.home(world.person())
    for _ in range(5):
        member = world.joins(home, Role.VIEWER, home.root, account=world.person())
    engines = (world.database.engine, world.database._reader)
    held: list[int] = []
    waits: list[float | None] = []
    call = world.suite.bus.call

    def listening(service: str, method: str, *rest: Any, **more: Any) -> Any:
        if service == "identity":
            assert method == "describe_accounts"
            waits.append(more["timeout"])
            held.append(sum(engine.pool.checkedout() for engine in engines))  # type: ignore[attr-defined]
        return call(service, method, *rest, **more)

    monkeypatch.setattr(world.suite.bus, "call", listening)
    world.ask("list_members", home.owner, organization_id=home.id)
    world.ask("list_folder_members", home.owner, organization_id=home.id, folder_id=home.root)
    world.ask("get_member", home.owner, organization_id=home.id, account_id=member)
    assert held == [0, 0, 0]
    world.ask("set_role", home.owner, organization_id=home.id, account_id=member, role="owner")
    assert held == [0] * 5
    # An address is worth less patience than the gateway has with the list; a promotion is not.
    patience = GatewaySettings().rpc_timeout_seconds
    assert [wait is not None and wait < patience for wait in waits] == [
        True,
        True,
        True,
        False,
        True,
    ]


def test_members_are_not_there_for_strangers(world: World) -> None:
    home, other = world.home(), world.home()
    code = world.refused("get_member", other.owner, organization_id=home.id, account_id=home.owner)
    assert code == "organization-not-found"
    for account in (other.owner, uuid4()):
        code = world.refused("get_member", home.owner, organization_id=home.id, account_id=account)
        assert code == "member-not-found"
