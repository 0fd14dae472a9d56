"""Who is refused what: every operation by everybody (BOLA and BFLA), 404 before 403."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from nameko.rpc import Rpc

from chassis.caller import issue
from contracts.access import Role
from contracts.caller import Caller, Level
from contracts.errors import Refusal, Unauthenticated
from services.organizations.service import OrganizationsService
from tests.service.organizations.world import Home, World

ACTORS = (
    "nobody",
    "outsider",
    "foreign owner",
    "former member",
    "viewer without grants",
    "viewer",
    "operator",
    "admin",
    "owner",
)
NO, GONE, HIDDEN, YES = "not-permitted", "organization-not-found", "folder-not-found", "done"
NO_MEMBER, NO_INVITATION = "member-not-found", "invitation-not-found"
LOGIN = "unauthenticated"
OUTSIDE = (LOGIN, GONE, GONE, GONE)


def managers(outcome: str = YES) -> tuple[str, ...]:
    """Admins and owners get this outcome, other members none."""
    return (*OUTSIDE, NO, NO, NO, outcome, outcome)


EVERYBODY = (*OUTSIDE, YES, YES, YES, YES, YES)
IN_FOLDER = (*OUTSIDE, HIDDEN, YES, YES, YES, YES)

# For each operation the outcome by actor, in the order of ACTORS. That those who may do it can do it
# is tried over HTTP (tests/contract/test_access_matrix.py); most changes name here what is not there,
# so that who may not is seen to be refused before anything of the request is looked up.
MATRIX: dict[str, tuple[str, ...]] = {
    # Organizations
    "get_organization": EVERYBODY,
    "update_organization": managers(),
    "set_policy": (*OUTSIDE, NO, NO, NO, NO, YES),
    "archive_organization": (*OUTSIDE, NO, NO, NO, NO, "archiving-not-confirmed"),
    "list_audit_entries": managers(),
    # Folders
    "create_folder": managers(),
    "list_folders": EVERYBODY,
    "list_folders of one": IN_FOLDER,
    "get_folder": IN_FOLDER,
    "rename_folder": managers(HIDDEN),
    "move_folder": managers(HIDDEN),
    "preview_deletion": managers(HIDDEN),
    "delete_folder": managers(HIDDEN),
    "list_folder_members": managers(HIDDEN),
    # Members
    "list_members": EVERYBODY,
    "get_member": (*OUTSIDE, *[NO_MEMBER] * 5),
    "set_role": managers(NO_MEMBER),
    "remove_member": managers(NO_MEMBER),
    "remove_members": managers(NO_MEMBER),
    "leave_organization": (*OUTSIDE, YES, YES, YES, YES, "last-owner"),
    "list_grants": managers(NO_MEMBER),
    "set_grants": managers(NO_MEMBER),
    "grant_folder": managers(NO_MEMBER),
    "revoke_folder": managers(NO_MEMBER),
    # Invitations
    "invite": managers("owner-not-invitable"),
    "list_invitations": managers(),
    "get_invitation": managers(NO_INVITATION),
    "update_invitation": managers(NO_INVITATION),
    "resend_invitation": managers(NO_INVITATION),
    "revoke_invitation": managers(NO_INVITATION),
    # What only services ask
    "resolve_scope": managers(),
    "check": managers(),
}
# What concerns no organization in particular, and so everybody who signed in.
OWN: dict[str, dict[str, Any]] = {
    "create_organization": {"name": "Looms", "idempotency_key": "only-once"},
    "list_organizations": {},
    "release_account": {},
}
# What whoever holds the link of an invitation may do, signed in or not.
BY_LINK = {
    "look_up_invitation": NO_INVITATION,
    "invited_address": NO_INVITATION,
    "accept_invitation": LOGIN,
}


# Nothing has it.
_SOMETHING = "3f1d9a52-7c44-4e0b-9a55-0d5b8e2f4a77"
_FOLDER = {"folder_id": _SOMETHING}
_MEMBER = {"account_id": _SOMETHING}
_INVITATION = {"invitation_id": _SOMETHING}


@dataclass(frozen=True)
class Scene:
    home: Home
    site: UUID
    foreign: Home
    accounts: dict[str, UUID | None]

    def request(self, operation: str) -> tuple[str, dict[str, Any]]:
        method = operation.removesuffix(" of one")
        extra: dict[str, dict[str, Any]] = {
            "update_organization": {"name": "Looms"},
            "set_policy": {"members_need_authenticator": False},
            "archive_organization": {"confirm_organization_id": "wrong", "understand_risk": True},
            "create_folder": {
                "parent_id": self.site,
                "name": "Roof",
                "idempotency_key": "roof-once",
            },
            "list_folders of one": {"parent_id": self.site},
            "get_folder": {"folder_id": self.site},
            "rename_folder": {**_FOLDER, "name": "Quay"},
            "move_folder": {**_FOLDER, "parent_id": self.site},
            "preview_deletion": _FOLDER,
            "delete_folder": {**_FOLDER, "confirm_risk": True, "idempotency_key": "only-once"},
            "list_folder_members": _FOLDER,
            "get_member": _MEMBER,
            "set_role": {**_MEMBER, "role": "operator"},
            "remove_member": _MEMBER,
            "remove_members": {"account_ids": [_SOMETHING]},
            "list_grants": _MEMBER,
            "set_grants": {**_MEMBER, "folder_ids": [str(self.site)]},
            "grant_folder": {**_MEMBER, "folder_id": self.site},
            "revoke_folder": {**_MEMBER, "folder_id": self.site},
            "invite": {
                "email": "bob@example.com",
                "requested_role": "owner",
                "idempotency_key": "only-once",
            },
            "get_invitation": _INVITATION,
            "update_invitation": {**_INVITATION, "requested_role": "admin"},
            "resend_invitation": {**_INVITATION, "idempotency_key": "only-once"},
            "revoke_invitation": _INVITATION,
            "resolve_scope": {"permission": "device:manage"},
            "check": {"permission": "device:manage", "folder_id": self.site},
        }
        return method, {"organization_id": self.home.id, **extra.get(operation, {})}


@pytest.fixture
def scene(world: World) -> Scene:
    home, foreign = world.home(), world.home()
    site = world.folder(home, "Site")
    former = world.joins(home, Role.ADMIN)
    world.leaves(home, former)
    return Scene(
        home,
        site,
        foreign,
        {
            "nobody": None,
            "outsider": uuid4(),
            "foreign owner": foreign.owner,
            "former member": former,
            "viewer without grants": world.joins(home, Role.VIEWER),
            "viewer": world.joins(home, Role.VIEWER, site),
            "operator": world.joins(home, Role.OPERATOR, site),
            "admin": world.joins(home, Role.ADMIN),
            "owner": home.owner,
        },
    )


def test_the_matrix_has_every_operation() -> None:
    operations = {
        name
        for name, member in inspect.getmembers(OrganizationsService, callable)
        if any(isinstance(each, Rpc) for each in getattr(member, "nameko_entrypoints", ()))
    }
    assert operations == {name.removesuffix(" of one") for name in MATRIX} | {*OWN, *BY_LINK}


@pytest.mark.parametrize("operation", OWN)
def test_nobody_has_no_organizations(world: World, operation: str) -> None:
    assert world.refused(operation, None, **OWN[operation]) == LOGIN


@pytest.mark.parametrize("operation", BY_LINK)
def test_a_made_up_link_opens_nothing_to_anybody(
    world: World, scene: Scene, operation: str
) -> None:
    """INV-10; throttles count the tries."""
    before = world.dump(without=("throttle",))
    for actor, account in scene.accounts.items():
        expected = BY_LINK[operation] if account is None else NO_INVITATION
        assert world.refused(operation, account, token="made up") == expected, actor
    assert world.dump(without=("throttle",)) == before


@pytest.mark.parametrize("operation", MATRIX)
def test_everybody_gets_the_answer_of_the_matrix(
    world: World, scene: Scene, operation: str
) -> None:
    method, request = scene.request(operation)
    for actor, expected in zip(ACTORS, MATRIX[operation], strict=True):
        if method == "create_folder":
            request |= {"name": actor}
        before = world.dump(without=("audit",))
        assert world.outcome(method, scene.accounts[actor], **request) == expected, actor
        if expected != YES:
            assert world.dump(without=("audit",)) == before


def test_an_outsider_cannot_tell_a_foreign_organization_from_none(
    world: World, scene: Scene
) -> None:
    """Security 2.8: the same words for both, and no trace in the other's audit."""
    before = world.dump()
    for operation in MATRIX:
        method, request = scene.request(operation)
        answers = set()
        for organization_id in (scene.home.id, uuid4()):
            with pytest.raises(Refusal) as refused:
                world.ask(
                    method, scene.foreign.owner, **request | {"organization_id": organization_id}
                )
            answers.add((refused.value.code, refused.value.detail))
        assert len(answers) == 1
    assert world.dump() == before


def test_folders_of_one_organization_are_none_of_anothers(world: World, scene: Scene) -> None:
    """Nested ids: the owner of both organizations gets them under their own only."""
    world.joins(scene.foreign, Role.OWNER, account=scene.home.owner)
    for method, request in (
        ("get_folder", {"folder_id": scene.site}),
        ("list_folders", {"parent_id": scene.site}),
        ("create_folder", {"parent_id": scene.site, "name": "x", "idempotency_key": "only-once"}),
    ):
        refused = world.refused(
            method, scene.home.owner, organization_id=scene.foreign.id, **request
        )
        assert refused == HIDDEN
    answer = world.ask(
        "check",
        scene.home.owner,
        organization_id=scene.foreign.id,
        permission="device:manage",
        folder_id=scene.site,
    )
    assert not answer["allowed"]


def test_what_a_member_tries_without_the_right_is_recorded(world: World, scene: Scene) -> None:
    """Security 2.10."""
    method, request = scene.request("create_folder")
    world.refused(method, scene.accounts["viewer"], **request)
    (newest, *_) = world.all("list_audit_entries", scene.home.owner, organization_id=scene.home.id)
    assert newest["action"] == "authz_fail"
    assert (newest["result"], newest["reason"]) == ("refused", "folder:manage")
    assert newest["account_id"] == str(scene.accounts["viewer"])


def test_the_default_folder_is_named_only_to_those_who_may_see_it(
    world: World, scene: Scene
) -> None:
    insider = world.joins(scene.home, Role.VIEWER, scene.home.root)
    for account, expected in (
        (scene.accounts["viewer"], None),
        (insider, str(scene.home.root)),
        (scene.accounts["admin"], str(scene.home.root)),
    ):
        seen = world.ask("get_organization", account, organization_id=scene.home.id)
        assert seen["default_folder_id"] == expected
        assert world.ask("list_organizations", account)["items"] == [seen]


def test_members_are_listed_to_every_member_once_each(world: World, scene: Scene) -> None:
    """The permission matrix: operators and viewers see users and their roles."""
    for limit in (1, 2, 200):
        rows = world.all(
            "list_members",
            scene.accounts["viewer"],  # type: ignore[arg-type]
            organization_id=scene.home.id,
            limit=limit,
        )
        assert sorted(row["role"] for row in rows) == sorted(
            ["owner", "admin", "operator", "viewer", "viewer"]
        )
        assert len({row["account_id"] for row in rows}) == 5


def test_an_assertion_of_another_key_speaks_for_nobody(world: World, scene: Scene) -> None:
    now = world.suite.clock.now()
    caller = Caller(scene.home.owner, uuid4(), Level.AAL2, now)
    forged = issue(Ed25519PrivateKey.generate(), world.suite.key_id, caller, now)
    context = replace(world.suite.context(None), caller=forged)
    with pytest.raises(Unauthenticated):
        world.suite.bus.call(
            "organizations",
            "get_organization",
            {"organization_id": str(scene.home.id)},
            context.headers(),
        )


@pytest.mark.parametrize("cursor", ["", "x", "W10", "WyJhIl0", "WyJcdTAwMDAiLCJ4Il0"])
@pytest.mark.parametrize(
    "method", ["list_organizations", "list_folders", "list_members", "list_audit_entries"]
)
def test_a_made_up_cursor_is_refused(world: World, method: str, cursor: str) -> None:
    home = world.home()
    request = {} if method == "list_organizations" else {"organization_id": home.id}
    assert world.refused(method, home.owner, cursor=cursor, **request) == "cursor-unreadable"
