"""Rights, asked of organizations for each request: never from a token, never from a cache."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol
from uuid import UUID

from contracts.access import FolderIds, FolderNotFound, Permission, Role, Scope


class Call(Protocol):
    """`kit.client.call` with the context of the running call."""

    def __call__(self, service: str, method: str, payload: Mapping[str, Any]) -> Any: ...


class Access:
    """Ask before the transaction is opened: no call to another service inside one."""

    def __init__(self, call: Call) -> None:
        self._call = call

    def scope(self, organization_id: UUID, permission: Permission) -> Scope:
        """Where the caller may; goes into the SQL of lists and of what is loaded by id.

        :raises contracts.access.OrganizationNotFound: not a member, or archived.
        :raises contracts.access.NotPermitted: a member whose role may not.
        """
        found = self._call(
            "organizations",
            "resolve_scope",
            {"organization_id": str(organization_id), "permission": permission.value},
        )
        return Scope(
            organization_id=organization_id,
            role=Role(found["role"]),
            all_folders=found["all_folders"],
            folder_ids=FolderIds(found["folder_ids"]),
            epoch=found["epoch"],
            without=FolderIds(found["without_folder_ids"]),
        )

    def require(self, organization_id: UUID, permission: Permission) -> Role:
        """Refuses unless the caller's role holds an organization-wide permission; answers the role."""
        return self.scope(organization_id, permission).role

    def require_folder(
        self, organization_id: UUID, permission: Permission, folder_id: UUID
    ) -> Scope:
        """Like `scope`, for one folder that must be in it and must exist.

        :raises contracts.access.FolderNotFound: no such folder, or not one the caller may see.
        """
        scope = self._call(
            "organizations",
            "check",
            {
                "organization_id": str(organization_id),
                "permission": permission.value,
                "folder_id": str(folder_id),
            },
        )
        if not scope["allowed"]:
            raise FolderNotFound("There is no such folder in this organization.")
        return Scope(
            organization_id=organization_id,
            role=Role(scope["role"]),
            all_folders=False,
            folder_ids=frozenset({folder_id}),
            epoch=scope["epoch"],
        )

    def require_operator(self) -> None:
        """:raises contracts.access.OperatorOnly: the caller does not operate this installation."""
        self._call("identity", "require_operator", {})
