"""An organization is archived, and nobody finds it any more (ARC-1 to ARC-4)."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from contracts.access import Role
from contracts.caller import Caller, Level
from contracts.invitations import InvitationStatus
from services.organizations.domain.access import Status
from services.organizations.models import FolderGrant, Invitation, Membership, Organization
from tests.service.organizations.inside import entries, invitation_of, status
from tests.service.organizations.test_account_release import told
from tests.service.organizations.test_races import at_once, creating
from tests.service.organizations.world import Home, World


@pytest.fixture
def home(world: World) -> Home:
    return world.home()


def request(home: Home, **other: Any) -> dict[str, Any]:
    return {
        "organization_id": home.id,
        "confirm_organization_id": str(home.id),
        "understand_risk": True,
        **other,
    }


def archives(world: World, home: Home, who: UUID | Caller | None = None) -> None:
    world.ask("archive_organization", who or home.owner, **request(home))


def refused(world: World, home: Home, who: UUID | Caller | None = None, **other: Any) -> str:
    """The code, after looking that nothing has changed but the record of a refusal (I14)."""
    before = world.dump(without=("audit",))
    code = world.refused("archive_organization", who or home.owner, **request(home, **other))
    assert world.dump(without=("audit",)) == before
    return code


def everything(home: Home, member: UUID) -> dict[str, dict[str, Any]]:
    """What members can ask of an organization, as it would be answered before."""
    folder, account = {"folder_id": home.root}, {"account_id": member}
    key = {"idempotency_key": "much-too-late"}
    asked: dict[str, dict[str, Any]] = {
        "archive_organization": request(home),
        "check": {"permission": "device:read", **folder},
        "create_folder": {"parent_id": home.root, "name": "Late", **key},
        "delete_folder": {**folder, "confirm_risk": True, **key},
        "get_folder": folder,
        "get_organization": {},
        "list_audit_entries": {},
        "list_folders": {},
        "list_members": {},
        "move_folder": {**folder, "parent_id": home.root},
        "preview_deletion": folder,
        "rename_folder": {**folder, "name": "Late"},
        "resolve_scope": {"permission": "device:read"},
        "set_policy": {"members_need_authenticator": True},
        "set_role": {**account, "role": "admin"},
        "update_organization": {"name": "Late"},
    }
    return {method: {"organization_id": home.id, **more} for method, more in asked.items()}


def test_afterwards_every_path_is_closed_for_everybody(world: World, home: Home) -> None:
    """ARC-3, ARC-4, I9: for the very next request; others of the same people stay as they were."""
    kept = world.home(home.owner)
    viewer = world.joins(home, Role.VIEWER, home.root)
    admin = world.joins(home, Role.ADMIN)
    archives(world, home)
    for who in (home.owner, viewer, admin):
        for method, asked in everything(home, viewer).items():
            assert world.refused(method, who, **asked) == "organization-not-found", method
    assert [row["id"] for row in world.all("list_organizations", home.owner)] == [str(kept.id)]
    assert world.all("list_organizations", viewer) == []
    assert world.outcome("get_organization", home.owner, organization_id=kept.id) == "done"


def test_everything_is_kept_for_the_record(world: World, home: Home) -> None:
    """ARC-1, ARC-4, I14: rows stay, the epoch rises, one record, told of with the new epoch."""
    site = world.folder(home, "Site")
    viewer = world.joins(home, Role.VIEWER, site)
    recorded = len(entries(world, home))
    archives(world, home)
    now = world.suite.clock.now()
    with world.database.reading() as session:
        organization = session.get_one(Organization, home.id)
        assert (organization.status, organization.archived_at) == (Status.ARCHIVED, now)
        assert (organization.archived_by, organization.access_epoch) == (home.owner, 3)
        assert set(session.scalars(select(Membership.account_id))) == {home.owner, viewer}
        assert session.scalars(select(FolderGrant.folder_id)).all() == [site]
    (entry,) = entries(world, home)[recorded:]
    assert (entry.action, entry.account_id) == ("org_archived", home.owner)
    assert world.suite.waiting("organizations")[-2:] == [
        (
            "organization_archived",
            {"organization_id": str(home.id), "archived_at": now.isoformat(), "epoch": 3},
        ),
        ("access_changed", {"organization_id": str(home.id), "epoch": 3}),
    ]


def test_invitations_that_wait_are_revoked_with_it(world: World, home: Home) -> None:
    """ARC-4: those of other organizations, and what is over already, stay as they are."""
    other = world.home()
    waiting = [invitation_of(world, home, home.owner) for _ in range(2)]
    accepted = invitation_of(world, home, home.owner, InvitationStatus.ACCEPTED)
    foreign = invitation_of(world, other, other.owner)
    archives(world, home)
    assert {status(world, each) for each in waiting} == {"revoked"}
    assert (status(world, accepted), status(world, foreign)) == ("accepted", "pending")
    assert entries(world, home)[-1].after == {"invitations_revoked": 2}
    with world.database.reading() as session:
        assert session.get_one(Invitation, waiting[0]).ended_at == world.suite.clock.now()


@pytest.mark.parametrize("written", ["", "{}", " {} ", "{}0", "upper", "other"])
def test_the_id_must_be_exactly_the_organizations(world: World, home: Home, written: str) -> None:
    """ARC-2, ARC-4."""
    shown = str(home.id)
    wrong = {
        "": "",
        "{}": shown[:-1],
        "upper": shown.upper() if shown.upper() != shown else "none",
        "other": str(world.home(home.owner).id),
    }.get(written, written.format(shown))
    assert refused(world, home, confirm_organization_id=wrong) == "archiving-not-confirmed"


def test_the_box_must_be_ticked(world: World, home: Home) -> None:
    """ARC-2."""
    assert refused(world, home, understand_risk=False) == "risk-not-confirmed"
    for other in ("true", 1, None):
        assert refused(world, home, understand_risk=other) == "invalid-request"
    left_out: dict[str, Any] = {"organization_id": home.id}
    assert (
        world.refused("archive_organization", home.owner, **left_out) == "archiving-not-confirmed"
    )
    left_out["confirm_organization_id"] = str(home.id)
    assert world.refused("archive_organization", home.owner, **left_out) == "risk-not-confirmed"


def test_only_an_owner_archives(world: World, home: Home) -> None:
    """OWN-5, ARC-4, chapter 13."""
    for role in (Role.ADMIN, Role.OPERATOR, Role.VIEWER):
        assert refused(world, home, world.joins(home, role, home.root)) == "not-permitted"
    assert refused(world, home, world.home().owner) == "organization-not-found"
    assert refused(world, home, uuid4()) == "organization-not-found"
    archives(world, home, world.joins(home, Role.OWNER))


def test_credentials_are_entered_again(world: World, home: Home) -> None:
    """Security 2.7: by a person."""
    assert refused(world, home, world.session(home.owner, minutes=11)) == "step-up-required"
    program = world.program(home.owner, has_authenticator=True)
    assert refused(world, home, program) == "person-required"
    manage = world.session(home.owner, Level.MANAGE)
    assert refused(world, home, manage) == "manage-session"
    archives(world, home, world.session(home.owner, minutes=10))


def test_of_two_owners_at_once_one_archives(world: World) -> None:
    """M5.8; and nothing is made in it by anybody who came later."""
    for number in range(5):
        home = world.home()
        second = world.joins(home, Role.OWNER)

        def archiving(who: UUID, home: Home = home) -> Any:
            return lambda: world.outcome("archive_organization", who, **request(home))

        first, other, made = at_once(
            archiving(home.owner), archiving(second), creating(world, home, f"Site {number}")
        )
        assert sorted([first, other]) == ["done", "organization-not-found"]
        assert made in ("done", "organization-not-found")
        acts = [entry.action for entry in entries(world, home)]
        assert acts.count("org_archived") == 1
        assert acts[-1] == "org_archived"


def test_one_whose_only_member_deletes_the_account_is_archived_alike(
    world: World, home: Home
) -> None:
    """Decision 0010: invitations end, and licensing and devices hear of it."""
    waiting = invitation_of(world, home, home.owner)
    told(world, home.owner)
    assert status(world, waiting) == "revoked"
    events = [name for name, _data in world.suite.waiting("organizations")]
    assert events[-2:] == ["organization_archived", "access_changed"]
    assert entries(world, home)[-1].reason == "account deleted"
