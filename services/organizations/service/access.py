"""Access: what other services ask before they act, decided live for each call (M3)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from chassis.events import consumes
from chassis.rpc import rpc
from contracts.access import ORGANIZATION_WIDE, Permission
from contracts.devices import FoldersEmptied
from contracts.organizations import Check, CheckView, ResolveScope, ScopeView
from services.organizations.queries import access, deletions
from services.organizations.service.changes import Recipes


class AccessRecipes(Recipes):
    @rpc(takes=ResolveScope, gives=ScopeView)
    def resolve_scope(self, organization_id: UUID, permission: Permission) -> Any:
        """Where in the organization the caller may do it."""
        with self._reading(organization_id, permission) as (session, member):
            sees_all = member.role.sees_all_folders
            by_folder = permission not in ORGANIZATION_WIDE
            return {
                "role": member.role,
                "all_folders": sees_all,
                "folder_ids": access.reach(session, member) if by_folder and not sees_all else [],
                "without_folder_ids": access.leaving(session, organization_id)
                if by_folder and sees_all
                else [],
                "epoch": member.epoch,
            }

    @consumes(FoldersEmptied)
    def folders_emptied(self, session: Session, event: FoldersEmptied) -> None:
        """From here on devices knows by itself what nobody reads any more (I8)."""
        deletions.heard(session, event.deletion_id, event.folders)

    @rpc(takes=Check, gives=CheckView)
    def check(self, organization_id: UUID, permission: Permission, folder_id: UUID) -> Any:
        """Whether the caller may do it in this folder."""
        with self._reading(organization_id, permission) as (session, member):
            return {
                "allowed": access.reaches(session, member, folder_id),
                "role": member.role,
                "epoch": member.epoch,
            }
