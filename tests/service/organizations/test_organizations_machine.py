"""Organizations as a state machine against the real service (M6: I1–I14)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.errors import Flaky
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import delete, false, true
from sqlalchemy.exc import IntegrityError

from contracts.access import Permission
from services.organizations.domain.access import permitted
from services.organizations.domain.invitation import Conferred
from tests.service.organizations import reference
from tests.service.organizations.machine import Machine
from tests.service.organizations.reference import DONE, GONE, MAY, NOT_PERMITTED
from tests.service.organizations.world import MakeWorld, World

# Requests that take a permission.
GUARDED = (
    "create_folder",
    "rename_folder",
    "move_folder",
    "preview_deletion",
    "delete_folder",
    "move_device",
    "grant_folder",
    "revoke_folder",
    "set_grants",
    "set_role",
    "remove_members",
    "remove_member",
    "invite",
    "update_invitation",
    "resend_invitation",
    "revoke_invitation",
    "update_organization",
    "set_policy",
    "archive_organization",
)
# What a run must have come across, or it has proved less than it seems to.
ANSWERS = {
    "create_folder": (
        "done folder-not-found folder-name-taken folder-too-deep folder-full organization-full"
    ),
    "rename_folder": "done unchanged folder-not-found folder-name-taken",
    "move_folder": (
        "done unchanged folder-not-found folder-inside-itself folder-name-taken folder-too-deep "
        "folder-full default-folder-stays"
    ),
    "preview_deletion": "done folder-not-found default-folder-stays",
    "delete_folder": "done folder-not-found risk-not-confirmed default-folder-stays",
    "restore_folders": "done parent-deleted organization-archived",
    "move_device": "done unchanged folder-not-found device-not-found",
    "grant_folder": "done unchanged folder-not-found member-not-found",
    "revoke_folder": "done grant-not-found folder-not-found member-not-found",
    "set_grants": "done unchanged folder-not-found member-not-found",
    "set_role": "done unchanged last-owner member-not-found",
    "remove_members": "done last-owner own-membership member-not-found",
    "remove_member": "done last-owner own-membership member-not-found",
    "leave_organization": "done last-owner organization-not-found",
    "invite": (
        "done already-member folders-required folder-not-found owner-not-invitable "
        "too-many-invitations"
    ),
    "update_invitation": (
        "done unchanged folders-required folder-not-found owner-not-invitable "
        "invitation-not-found invitation-over"
    ),
    "resend_invitation": "done too-many-invitations invitation-not-found invitation-over",
    "revoke_invitation": "done invitation-not-found invitation-over",
    "look_up_invitation": "done invitation-over",
    "accept_invitation": "done not-invited already-member invitation-not-found invitation-over",
    "update_organization": "done unchanged",
    "set_policy": "done unchanged",
    "archive_organization": "done risk-not-confirmed archiving-not-confirmed",
}
INTERESTING = {
    "moved there and back",
    "grants went with their folder",
    "devices went with their folder, and nobody was told",
    "devices went with their folder, and it was told",
    "a device of a deleted folder that nobody was told of",
    "devices were not back before it was told",
    "devices were back before anything was told",
    "devices came back when told",
    "the same name again",
    "a grant opened folders",
    "a grant opened devices",
    "a grant inside another, or of who sees all",
    "grants exchanged for others",
    "invitations of a demoted inviter revoked",
    "several removed at once",
    "superseded",
    "a folder of an invitation had vanished",
    "accepting when accepted",
    "accepting when revoked",
    "accepting when superseded",
    "accepting when expired",
    "accepting into an archived one",
    "archived",
    *(f"{request}: {answer}" for request, all_ in ANSWERS.items() for answer in all_.split()),
    *(f"{each}: {refusal}" for each in GUARDED for refusal in (GONE, NOT_PERMITTED)),
    # Each permission allowed, and refused in every way there is.
    *(f"{each}: {answer}" for each in MAY for answer in (DONE, GONE, "authenticator-required")),
    *(f"{each}: {NOT_PERMITTED}" for each, role in MAY.items() if role != "viewer"),
}
BY_POLICY = {
    "viewer_then_elevate": {"elevation pending", "elevated"},
    "as_chosen": {"admin as chosen"},
}


def world_of(make_world: MakeWorld, policy: str) -> World:
    return make_world(
        beside=("identity", "devices"),
        folder_depth=reference.DEPTH_MOST,
        folders_per_folder=reference.SIBLINGS_MOST,
        folders_per_organization=reference.FOLDERS_MOST,
        invitations_per_day=reference.MAILS_MOST,
        invitation_tokens_per_ip="1000000/1",
        invitation_role_policy=policy,
        restore_days=365,
    )


def walked(world: World, policy: str, examples: int) -> Counter[str]:
    """What was come across.

    :raises AssertionError: the service did not do what the reference says.
    """

    class Here(Machine):
        pass

    Machine.walks = 0
    Here.world = world
    Here.as_chosen = policy == "as_chosen"
    Here.reached = Counter()
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=examples,
            stateful_step_count=60,
            deadline=None,
            phases=(Phase.generate,),
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    return Here.reached


@pytest.mark.parametrize("make_world", ["sqlite"], indirect=True)
def test_organizations_follow_the_reference_whatever_is_done_in_whatever_order(
    make_world: MakeWorld,
) -> None:
    """I1–I14, and every state worth the name was reached."""
    reached: set[str] = set()
    for policy, wanted in BY_POLICY.items():
        found = walked(world_of(make_world, policy), policy, examples=30)
        assert set(found) >= wanted
        reached |= set(found)
    assert not INTERESTING - reached, sorted(INTERESTING - reached)


@pytest.mark.parametrize("make_world", ["postgresql"], indirect=True)
def test_the_other_database_follows_the_reference_too(make_world: MakeWorld) -> None:
    """I1–I14. The first of the same walks, with one policy: what may be is decided in the same
    words there.
    """
    policy = "viewer_then_elevate"
    assert walked(world_of(make_world, policy), policy, examples=12)


SERVICE = "services.organizations.service"
# Where the service decides, and a decision that is wrong.
FAULTS: dict[str, tuple[str, Callable[..., Any]]] = {
    "the last owner may go": (f"{SERVICE}.members.require_owner_left", lambda *_, **__: None),
    "an admin makes owners": (
        f"{SERVICE}.members.permission_to_change",
        lambda _present, _wanted: Permission.ROLE_CHANGE,
    ),
    "a demoted inviter's invitations stay": (
        f"{SERVICE}.members.keeps_invitations",
        lambda _role: True,
    ),
    "an invitation confers what was asked for": (
        f"{SERVICE}.acceptance.conferred",
        lambda requested, _policy: Conferred(requested, None),
    ),
    "an invitation is accepted whenever": (
        f"{SERVICE}.acceptance.require_pending",
        lambda *_: None,
    ),
    "names differ by capitals": (f"{SERVICE}.folders.names.key", lambda name: name),
    "a deletion leaves grants": (
        "services.organizations.queries.deletions.delete",
        lambda table: delete(table).where(false()),
    ),
    "a moved folder keeps its depth": (
        f"{SERVICE}.folders.depth_of_moved",
        lambda around, _limits, _tree: around.parent_depth + 1,
    ),
    "devices of all folders are listed": (
        "services.devices.queries.pages.within",
        lambda *_: true(),
    ),
    "devices of deleted folders are moved": (
        "services.devices.queries.parts.within",
        lambda *_: true(),
    ),
    "devices are seen until devices is told": (
        "services.organizations.queries.access.leaving",
        lambda *_: [],
    ),
    "who may read may do all": (
        f"{SERVICE}.changes.permitted",
        lambda member, _permission: permitted(member, Permission.ORGANIZATION_READ),
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("make_world", ["sqlite"], indirect=True)
def test_a_wrong_decision_is_found(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """The walk proves something: each of these makes it fail."""
    place, wrong = FAULTS[fault]
    monkeypatch.setattr(place, wrong)
    policy = "viewer_then_elevate"
    with pytest.raises((AssertionError, IntegrityError, Flaky)):
        walked(world_of(make_world, policy), policy, examples=40)
