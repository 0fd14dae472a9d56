"""Permissions, roles and the table that joins them (specification, chapter 13)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from contracts.errors import Conflict, Forbidden, NotFound


class Role(StrEnum):
    """One per membership, highest first (USR-1)."""

    OWNER = "owner"
    ADMIN = "admin"
    OPERATOR = "operator"
    VIEWER = "viewer"

    @property
    def rank(self) -> int:
        return _RANKS[self]

    @property
    def sees_all_folders(self) -> bool:
        """Owner and admin see every folder, the others those granted (ACS-2)."""
        return self in (Role.OWNER, Role.ADMIN)


_RANKS = {Role.OWNER: 3, Role.ADMIN: 2, Role.OPERATOR: 1, Role.VIEWER: 0}


class Permission(StrEnum):
    """``<noun>:<verb>``, alphabetical."""

    ACCESS_GRANT = "access:grant"
    AUDIT_READ = "audit:read"
    DEVICE_CONTROL = "device:control"
    DEVICE_MANAGE = "device:manage"
    DEVICE_READ = "device:read"
    DEVICE_UPGRADE = "device:upgrade"
    FOLDER_MANAGE = "folder:manage"
    FOLDER_READ = "folder:read"
    INVITATION_MANAGE = "invitation:manage"
    INVITATION_READ = "invitation:read"
    LICENSE_MANAGE = "license:manage"
    LICENSE_READ = "license:read"
    MEMBER_READ = "member:read"
    MEMBER_REMOVE = "member:remove"
    ORGANIZATION_ARCHIVE = "organization:archive"
    ORGANIZATION_EDIT = "organization:edit"
    ORGANIZATION_READ = "organization:read"
    OWNER_CHANGE = "owner:change"
    POLICY_CHANGE = "policy:change"
    RECORDING_READ = "recording:read"
    ROLE_CHANGE = "role:change"
    SERVER_MONITOR = "server:monitor"
    VIDEO_LIVE = "video:live"


_VIEWER = frozenset(
    {
        Permission.DEVICE_READ,
        Permission.FOLDER_READ,
        Permission.MEMBER_READ,
        Permission.ORGANIZATION_READ,
        Permission.VIDEO_LIVE,
    }
)
_OPERATOR = _VIEWER | {
    Permission.DEVICE_CONTROL,
    Permission.RECORDING_READ,
    Permission.SERVER_MONITOR,
}
_ADMIN = _OPERATOR | {
    Permission.ACCESS_GRANT,
    Permission.AUDIT_READ,
    Permission.DEVICE_MANAGE,
    Permission.DEVICE_UPGRADE,
    Permission.FOLDER_MANAGE,
    Permission.INVITATION_MANAGE,
    Permission.INVITATION_READ,
    Permission.LICENSE_MANAGE,
    Permission.LICENSE_READ,
    Permission.MEMBER_REMOVE,
    Permission.ORGANIZATION_EDIT,
    Permission.ROLE_CHANGE,
}
# What no program does for a person, so that no API token can be given it.
PERSONS_ONLY = frozenset(
    {Permission.ORGANIZATION_ARCHIVE, Permission.OWNER_CHANGE, Permission.POLICY_CHANGE}
)
_OWNER = _ADMIN | PERSONS_ONLY

PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.OWNER: _OWNER,
    Role.ADMIN: _ADMIN,
    Role.OPERATOR: _OPERATOR,
    Role.VIEWER: _VIEWER,
}

# What is decided for the organization as a whole; the rest is decided folder by folder.
ORGANIZATION_WIDE = frozenset(
    {
        Permission.AUDIT_READ,
        Permission.INVITATION_MANAGE,
        Permission.INVITATION_READ,
        Permission.LICENSE_MANAGE,
        Permission.LICENSE_READ,
        Permission.MEMBER_READ,
        Permission.MEMBER_REMOVE,
        Permission.ORGANIZATION_ARCHIVE,
        Permission.ORGANIZATION_EDIT,
        Permission.ORGANIZATION_READ,
        Permission.OWNER_CHANGE,
        Permission.POLICY_CHANGE,
        Permission.ROLE_CHANGE,
    }
)


def may(role: Role, permission: Permission) -> bool:
    return permission in PERMISSIONS[role]


class OrganizationNotFound(NotFound):
    """There is none with this id, or the caller is not a member of it."""

    code = "organization-not-found"


class OrganizationInArchive(Conflict):
    """The organization is archived: nothing in it is changed."""

    code = "organization-archived"


class FolderNotFound(NotFound):
    """There is none with this id in the organization, or the caller may not see it."""

    code = "folder-not-found"


class NotPermitted(Forbidden):
    """The caller's role does not hold the permission."""

    code = "not-permitted"


class AuthenticatorRequired(Forbidden):
    """The organization lets in only who signed in with an authenticator."""

    code = "authenticator-required"


class OperatorOnly(Forbidden):
    """Only operators of this installation may do it."""

    code = "operator-only"


# What an API token may be allowed beside the permissions, for what belongs to no organization.
INSTALLATION_OPERATE = "installation:operate"
ORGANIZATION_CREATE = "organization:create"
TOKEN_SCOPES = tuple(
    sorted([*(set(Permission) - PERSONS_ONLY), INSTALLATION_OPERATE, ORGANIZATION_CREATE])
)


class FolderIds(Collection[UUID]):
    """Ids as they came over the wire: of thousands most only go on into a statement."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.texts = frozenset(texts)

    def __contains__(self, folder_id: object) -> bool:
        return str(folder_id) in self.texts

    def __iter__(self) -> Iterator[UUID]:
        return map(UUID, self.texts)

    def __len__(self) -> int:
        return len(self.texts)


@dataclass(frozen=True)
class Scope:
    """Where in an organization a caller may do one thing, as decided just now.

    ``folder_ids`` lists every folder of the scope and is empty when ``all_folders`` holds, all of
    them but ``without``: what was in these before they were deleted may not be gone yet.
    """

    organization_id: UUID
    role: Role
    all_folders: bool
    folder_ids: Collection[UUID]
    epoch: int
    without: Collection[UUID] = ()

    def holds(self, folder_id: UUID) -> bool:
        if self.all_folders:
            return folder_id not in self.without
        return folder_id in self.folder_ids
