"""Access: what other services ask before they act, decided live for each call (M3)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from chassis.rpc import rpc
from contracts.access import ORGANIZATION_WIDE, Permission
from contracts.organizations import Check, CheckView, ResolveScope, ScopeView
from services.organizations.queries import access
from services.organizations.service.changes import Recipes


class AccessRecipes(Recipes):
    @rpc(takes=ResolveScope, gives=ScopeView)
    def resolve_scope(self, organization_id: UUID, permission: Permission) -> Any:
        """Where in the organization the caller may do it."""
        with self._reading(organization_id, permission) as (session, member):
            sees_all = member.role.sees_all_folders
            lists_folders = not sees_all and permission not in ORGANIZATION_WIDE
            return {
                "role": member.role,
                "all_folders": sees_all,
                "folder_ids": access.reach(session, member) if lists_folders else [],
                "epoch": member.epoch,
            }

    @rpc(takes=Check, gives=CheckView)
    def check(self, organization_id: UUID, permission: Permission, folder_id: UUID) -> Any:
        """Whether the caller may do it in this folder."""
        with self._reading(organization_id, permission) as (session, member):
            return {
                "allowed": access.reaches(session, member, folder_id),
                "role": member.role,
                "epoch": member.epoch,
            }
