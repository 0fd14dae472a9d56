"""Roles and permissions: the matrix of the specification's chapter 13, word for word."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.access import NotPermitted, OrganizationNotFound, Permission, Role, may
from services.organizations.domain.access import Member, permitted

MATRIX = {
    # permission:            owner admin operator viewer
    "organization:read": "yes yes yes yes",
    "organization:edit": "yes yes no no",
    "organization:archive": "yes no no no",
    "member:read": "yes yes yes yes",
    "invitation:read": "yes yes no no",
    "invitation:manage": "yes yes no no",
    "role:change": "yes yes no no",
    "owner:change": "yes no no no",
    "policy:change": "yes no no no",
    "member:remove": "yes yes no no",
    "folder:read": "yes yes yes yes",
    "folder:manage": "yes yes no no",
    "access:grant": "yes yes no no",
    "device:read": "yes yes yes yes",
    "device:manage": "yes yes no no",
    "device:upgrade": "yes yes no no",
    "device:control": "yes yes yes no",
    "video:live": "yes yes yes yes",
    "recording:read": "yes yes yes no",
    "server:monitor": "yes yes yes no",
    "license:read": "yes yes no no",
    "license:manage": "yes yes no no",
    "audit:read": "yes yes no no",
}
ROLES = (Role.OWNER, Role.ADMIN, Role.OPERATOR, Role.VIEWER)
CELLS = [
    (Permission(permission), role, cell == "yes")
    for permission, row in MATRIX.items()
    for role, cell in zip(ROLES, row.split(), strict=True)
]


def member(role: Role) -> Member:
    return Member(uuid4(), uuid4(), UUID(int=1), role, epoch=1)


def test_the_matrix_names_every_permission() -> None:
    assert {Permission(name) for name in MATRIX} == set(Permission)


@pytest.mark.parametrize(("permission", "role", "is_allowed"), CELLS)
def test_a_role_may_what_the_matrix_says(
    permission: Permission, role: Role, is_allowed: bool
) -> None:
    """Chapter 13, OWN-5, I13."""
    assert may(role, permission) is is_allowed
    if is_allowed:
        assert permitted(member(role), permission).role is role
    else:
        with pytest.raises(NotPermitted):
            permitted(member(role), permission)


def test_an_owner_has_full_access() -> None:
    """OWN-2."""
    assert {permission for permission in Permission if may(Role.OWNER, permission)} == {*Permission}


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.VIEWER])
def test_who_is_no_admin_manages_nothing(role: Role) -> None:
    """ROLE-operator, ROLE-viewer, I13: whatever permission comes to be, it is no management."""
    managing = ("manage", "edit", "change", "remove", "grant", "upgrade", "archive")
    allowed = [permission for permission in Permission if may(role, permission)]
    assert not [each for each in allowed if each.value.endswith(managing)]


@given(st.sampled_from(Permission), st.sampled_from(Role), st.sampled_from(Role))
def test_a_higher_role_never_may_less(permission: Permission, one: Role, other: Role) -> None:
    """USR-1."""
    lower, higher = sorted((one, other), key=lambda role: role.rank)
    assert may(lower, permission) <= may(higher, permission)


@pytest.mark.parametrize("permission", Permission)
def test_for_an_outsider_there_is_no_organization(permission: Permission) -> None:
    """ACS-3, M5.1."""
    with pytest.raises(OrganizationNotFound):
        permitted(None, permission)
