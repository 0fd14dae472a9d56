"""Deletions: a folder goes with everything in it, and nobody here can undo it (FLD-3 to FLD-7)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from chassis.idempotency import Dumped, once, recall
from chassis.rpc import rpc
from contracts.access import FolderNotFound, Permission
from contracts.errors import Unavailable
from contracts.folders import DeleteFolder, DeletionPreview, FolderDeletion, FolderRequest
from contracts.organizations import FoldersDeleted
from services.organizations import models
from services.organizations.domain.access import Member
from services.organizations.domain.audit import Action
from services.organizations.domain.deletion import (
    COUNTED_AT_ONCE,
    UNCOUNTED,
    Content,
    parts,
    require_confirmed_risk,
)
from services.organizations.domain.placement import require_not_default
from services.organizations.queries import deletions, folders
from services.organizations.service.changes import Recipes


class DeletionRecipes(Recipes):
    @rpc(takes=FolderRequest, gives=DeletionPreview)
    def preview_deletion(self, organization_id: UUID, folder_id: UUID) -> dict[str, Any]:
        """What would go, counted now (FLD-7)."""
        with self._reading(organization_id, Permission.FOLDER_MANAGE) as (session, member):
            folder = self._deletable(session, member, folder_id)
            folder_ids = folders.ids_below(session, folder)
            grants = folders.grants_below(session, folder)
        content = self._content(organization_id, folder_ids)
        return {
            "subfolders": len(folder_ids) - 1,
            "grants": grants,
            "devices": content.devices,
            "systems": content.systems,
        }

    @rpc(takes=DeleteFolder, gives=FolderDeletion)
    def delete_folder(
        self, organization_id: UUID, folder_id: UUID, confirm_risk: bool, idempotency_key: str
    ) -> Dumped:
        """One transaction for whatever is below it (M5.5).

        :raises StepUpRequired: devices or systems are in it, or it could not be asked (security
            2.7).
        """
        now = self.clock.now()
        request = {"organization_id": organization_id, "folder_id": folder_id}
        with self._reading(organization_id, Permission.FOLDER_MANAGE) as (session, member):
            recall(session, member.account_id, "delete_folder", idempotency_key, request)
            require_confirmed_risk(confirmed=confirm_risk)
            try:
                folder = self._deletable(session, member, folder_id)
            except FolderNotFound:
                # It may have gone a moment ago by this very request, sent twice at once.
                recall(session, member.account_id, "delete_folder", idempotency_key, request)
                raise
            counted = folders.ids_below(session, folder)
        content = self._content(organization_id, counted)
        with self._changing(organization_id, Permission.FOLDER_MANAGE) as change:
            session, member = change.session, change.member
            attempt = once(
                session,
                member.account_id,
                "delete_folder",
                idempotency_key,
                request,
                gives=FolderDeletion,
                now=now,
            )
            folder = self._deletable(session, member, folder_id)
            deletion = models.FolderDeletion(
                id=uuid4(),
                organization_id=organization_id,
                folder_id=folder.id,
                folder_name=folder.name,
                deleted_by=member.account_id,
                deleted_at=now,
                forget_at=now + timedelta(days=self.own.restore_days),
            )
            before = {"name": folder.name, "parent_id": str(folder.parent_id)}
            folder_ids, grants = deletions.delete_tree(
                session, folder, deletion_id=deletion.id, deleted_at=now
            )
            # A folder that came in since then was not asked for.
            if not (content.is_nothing and set(folder_ids) <= set(counted)):
                change.caller.require_step_up(now)
            deletion.folders = deletion.unheard = len(folder_ids)
            deletion.grants = grants
            session.add(deletion)
            self._conclude(
                change,
                Action.FOLDER_DELETED,
                *(
                    FoldersDeleted(
                        organization_id=organization_id,
                        deletion_id=deletion.id,
                        folder_ids=tuple(part),
                        deleted_at=now,
                    )
                    for part in parts(folder_ids)
                ),
                about=("folder", folder_id),
                before=before,
                after={
                    "deletion_id": str(deletion.id),
                    "folders": len(folder_ids),
                    "grants": grants,
                    "devices": content.devices,
                    "systems": content.systems,
                },
            )
            return attempt.answer(
                {
                    "deletion_id": deletion.id,
                    "restorable_until": deletion.forget_at,
                    "subfolders": len(folder_ids) - 1,
                    "grants": grants,
                    "devices": content.devices,
                    "systems": content.systems,
                }
            )

    def _deletable(self, session: Session, member: Member, folder_id: UUID) -> models.Folder:
        folder = self._folder(session, member, folder_id)
        require_not_default(is_default=folder.is_root)
        return folder

    def _content(self, organization_id: UUID, folder_ids: Sequence[UUID]) -> Content:
        """Asked outside of any transaction: decision 0006."""
        devices = systems = 0
        for part in parts(folder_ids, most=COUNTED_AT_ONCE):
            asked = {
                "organization_id": str(organization_id),
                "folder_ids": [str(folder_id) for folder_id in part],
            }
            try:
                found = self.call("devices", "count_content", asked)
            except Unavailable:
                return UNCOUNTED
            devices += found["devices"]
            systems += found["systems"]
        return Content(devices=devices, systems=systems)
