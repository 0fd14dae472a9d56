"""Who may give and take which role, and who may be removed: every case there is."""

from __future__ import annotations

from itertools import product
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.access import Permission, Role, may
from services.organizations.domain.ownership import LastOwner, require_owner_left
from services.organizations.domain.roles import (
    AccountNotVerified,
    MemberNotFound,
    OwnMembership,
    keeps_invitations,
    permission_to_change,
    permission_to_remove,
    require_members,
    require_others,
    require_verified,
)

ROLES = (Role.OWNER, Role.ADMIN, Role.OPERATOR, Role.VIEWER)

# By actor and present role: the roles that the actor may give, wanted ones from owner to viewer.
GIVES = {
    #                      owner admin operator viewer
    ("owner", "owner"): "yes yes yes yes",
    ("owner", "admin"): "yes yes yes yes",
    ("owner", "operator"): "yes yes yes yes",
    ("owner", "viewer"): "yes yes yes yes",
    ("admin", "owner"): "no no no no",
    ("admin", "admin"): "no yes yes yes",
    ("admin", "operator"): "no yes yes yes",
    ("admin", "viewer"): "no yes yes yes",
    ("operator", "owner"): "no no no no",
    ("operator", "admin"): "no no no no",
    ("operator", "operator"): "no no no no",
    ("operator", "viewer"): "no no no no",
    ("viewer", "owner"): "no no no no",
    ("viewer", "admin"): "no no no no",
    ("viewer", "operator"): "no no no no",
    ("viewer", "viewer"): "no no no no",
}
CHANGES = [
    (Role(actor), Role(present), wanted, cell == "yes")
    for (actor, present), row in GIVES.items()
    for wanted, cell in zip(ROLES, row.split(), strict=True)
]


def may_change(actor: Role, present: Role, wanted: Role) -> bool:
    """As the recipe asks: first what every change of a role takes, then what this one does."""
    return may(actor, Permission.ROLE_CHANGE) and may(actor, permission_to_change(present, wanted))


def test_the_table_holds_every_case() -> None:
    assert {case[:3] for case in CHANGES} == set(product(ROLES, repeat=3))
    assert len(CHANGES) == 64


@pytest.mark.parametrize(("actor", "present", "wanted", "is_allowed"), CHANGES)
def test_a_role_gives_what_the_table_says(
    actor: Role, present: Role, wanted: Role, is_allowed: bool
) -> None:
    """OWN-5, USR-7; the same for oneself as for others."""
    assert may_change(actor, present, wanted) is is_allowed


@pytest.mark.parametrize(("actor", "present", "wanted", "is_allowed"), CHANGES)
def test_nobody_gives_or_takes_a_rank_above_their_own(
    actor: Role, present: Role, wanted: Role, is_allowed: bool
) -> None:
    """USR-7, I11."""
    if is_allowed:
        assert max(present.rank, wanted.rank) <= actor.rank


@pytest.mark.parametrize(("present", "wanted"), list(product(ROLES, repeat=2)))
def test_what_touches_the_owner_role_is_for_owners(present: Role, wanted: Role) -> None:
    """OWN-5: granting it, taking it, and leaving it as it is."""
    needed = permission_to_change(present, wanted)
    assert (needed is Permission.OWNER_CHANGE) is (Role.OWNER in {present, wanted})


@pytest.mark.parametrize("role", ROLES)
def test_nobody_raises_themselves(role: Role) -> None:
    """USR-7, I11."""
    for wanted in ROLES:
        if wanted.rank > role.rank:
            assert not may_change(role, role, wanted)


@given(st.sampled_from(ROLES), st.lists(st.sampled_from(ROLES), min_size=1, max_size=5))
def test_owners_are_removed_by_owners_and_the_others_by_admins_too(
    actor: Role, removed: list[Role]
) -> None:
    """USR-5."""
    allowed = may(actor, Permission.MEMBER_REMOVE) and may(actor, permission_to_remove(removed))
    assert allowed is (actor is Role.OWNER or (actor is Role.ADMIN and Role.OWNER not in removed))


@pytest.mark.parametrize("role", ROLES)
def test_invitations_stand_as_long_as_their_inviter_might_send_them(role: Role) -> None:
    """USR-6: below admin they do not."""
    assert keeps_invitations(role) is (role in (Role.OWNER, Role.ADMIN))


def test_whoever_is_no_member_is_named() -> None:
    """USR-5."""
    ada, bob, eve = uuid4(), uuid4(), uuid4()
    require_members([ada, bob], {ada, bob, eve})
    with pytest.raises(MemberNotFound) as refused:
        require_members([ada, bob, eve], [ada])
    assert refused.value.facts == {"account_ids": f"{bob}, {eve}"}


def test_of_many_unknown_accounts_the_first_are_named() -> None:
    with pytest.raises(MemberNotFound) as refused:
        require_members([UUID(int=number) for number in range(200)], ())
    assert refused.value.facts["account_ids"].count(",") == 19


def test_an_owner_has_a_verified_address() -> None:
    """OWN-6."""
    require_verified(is_verified=True)
    with pytest.raises(AccountNotVerified):
        require_verified(is_verified=False)


def test_nobody_removes_themselves() -> None:
    ada, bob = uuid4(), uuid4()
    require_others([bob], own=ada)
    with pytest.raises(OwnMembership):
        require_others([bob, ada], own=ada)


def test_an_owner_is_always_left() -> None:
    """OWN-4, I1."""
    home = uuid4()
    require_owner_left(home, owners=1)
    with pytest.raises(LastOwner) as refused:
        require_owner_left(home, owners=0)
    assert refused.value.facts == {"organization_ids": str(home), "organizations": "1"}
