"""Organizations as a state machine against the real service (M6: I1–I14)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.errors import Flaky
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import delete, false
from sqlalchemy.exc import IntegrityError

from contracts.access import Permission
from services.organizations.domain.access import permitted
from services.organizations.domain.invitation import Conferred
from tests.service.organizations import reference
from tests.service.organizations.machine import Machine
from tests.service.organizations.world import MakeWorld, World

# What a run must have come across, or it has proved less than it seems to.
INTERESTING = {
    "create_folder: done",
    "create_folder: organization-not-found",
    "create_folder: not-permitted",
    "create_folder: folder-not-found",
    "create_folder: folder-name-taken",
    "create_folder: folder-too-deep",
    "create_folder: folder-full",
    "create_folder: organization-full",
    "rename_folder: done",
    "rename_folder: folder-name-taken",
    "rename_folder: unchanged",
    "move_folder: done",
    "move_folder: folder-inside-itself",
    "move_folder: folder-name-taken",
    "move_folder: folder-too-deep",
    "move_folder: default-folder-stays",
    "move_folder: folder-not-found",
    "moved there and back",
    "delete_folder: done",
    "delete_folder: risk-not-confirmed",
    "delete_folder: default-folder-stays",
    "grants went with their folder",
    "the same name again",
    "restored",
    "grant_folder: done",
    "grant_folder: unchanged",
    "grant_folder: member-not-found",
    "grant_folder: folder-not-found",
    "a grant opened folders",
    "a grant inside another, or of who sees all",
    "revoke_folder: done",
    "revoke_folder: grant-not-found",
    "set_role: done",
    "set_role: last-owner",
    "set_role: not-permitted",
    "set_role: member-not-found",
    "invitations of a demoted inviter revoked",
    "remove_members: done",
    "remove_members: last-owner",
    "remove_members: not-permitted",
    "remove_members: own-membership",
    "remove_members: member-not-found",
    "several removed at once",
    "leave_organization: done",
    "leave_organization: last-owner",
    "leave_organization: organization-not-found",
    "invite: done",
    "invite: already-member",
    "invite: folders-required",
    "invite: owner-not-invitable",
    "invite: too-many-invitations",
    "superseded",
    "revoke_invitation: done",
    "revoke_invitation: invitation-not-found",
    "revoke_invitation: invitation-over",
    "accept_invitation: done",
    "accept_invitation: not-invited",
    "accepting when accepted",
    "accepting when revoked",
    "accepting when superseded",
    "accepting when expired",
    "accepting into an archived one",
    "archive_organization: not-permitted",
    "archive_organization: risk-not-confirmed",
    "archive_organization: archiving-not-confirmed",
    "archived",
}
BY_POLICY = {
    "viewer_then_elevate": {"elevation pending", "elevated"},
    "as_chosen": {"admin as chosen"},
}


def world_of(make_world: MakeWorld, policy: str) -> World:
    return make_world(
        beside=("identity",),
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


@pytest.mark.parametrize("policy", BY_POLICY)
def test_organizations_follow_the_reference_whatever_is_done_in_whatever_order(
    make_world: MakeWorld, policy: str
) -> None:
    """I1–I14, and every state worth the name was reached."""
    reached = walked(world_of(make_world, policy), policy, examples=40)
    missing = (INTERESTING | BY_POLICY[policy]) - set(reached)
    assert not missing, sorted(missing)


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
