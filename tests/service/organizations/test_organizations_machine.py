"""Organizations as a state machine against the real service (M6: I1–I14)."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

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
    "remove_members: member-not-found",
    "several removed at once",
    "leave_organization: done",
    "leave_organization: last-owner",
    "leave_organization: organization-not-found",
    "invite: done",
    "invite: already-member",
    "invite: folder-required",
    "invite: owner-not-invitable",
    "invite: too-many-invitations",
    "superseded",
    "revoke_invitation: done",
    "revoke_invitation: invitation-not-found",
    "revoke_invitation: invitation-over",
    "accept_invitation: done",
    "accept_invitation: invitation-for-another",
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

    Here.world = world
    Here.as_chosen = policy == "as_chosen"
    Here.reached = Counter()
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=examples,
            stateful_step_count=40,
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
    assert (INTERESTING | BY_POLICY[policy]) - set(reached) == set(), reached
