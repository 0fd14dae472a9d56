"""Restoring: operators bring deleted folders back, until their days are over (FLD-6): decision 0019."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from chassis.jobs import every
from contracts.organizations import AuditResult, DeletionForgotten, FoldersRestored
from services.organizations.domain import names
from services.organizations.domain.access import Status
from services.organizations.domain.audit import Action
from services.organizations.domain.deletion import (
    DeletionNotFound,
    parts,
    require_live_parent,
    require_restorable,
)
from services.organizations.domain.lifecycle import require_active
from services.organizations.domain.placement import depth_of_restored
from services.organizations.models import Folder, FolderDeletion
from services.organizations.queries import deletions, folders, organizations
from services.organizations.service.changes import Recipes


class RestoringRecipes(Recipes):
    """Called from a shell of the installation, and by itself; never over the bus."""

    def deletions(self, organization_id: UUID) -> Sequence[FolderDeletion]:
        """The newest first, those undone too, until they are forgotten."""
        with self.db.reading() as session:
            return deletions.deletions(session, organization_id)

    def restore_folders(self, deletion_id: UUID, *, why: str) -> Folder:
        """The folder that was deleted, with all that went with it and without any grant.

        :raises DeletionNotFound:
        :raises DeletionUndone:
        :raises DeletionOver:
        :raises OrganizationInArchive:
        :raises ParentDeleted:
        :raises contracts.errors.Conflict: a limit stands against it, see `depth_of_restored`.
        """
        now = self.clock.now()
        with self.db() as session:
            organization_id = deletions.organization_of(session, deletion_id)
            organization = organization_id and organizations.any_organization_for_update(
                session, organization_id
            )
            deletion = deletions.deletion_for_update(session, deletion_id)
            if not organization or deletion is None:
                raise DeletionNotFound("There is no such deletion, or it is forgotten.")
            require_active(is_archived=organization.status is Status.ARCHIVED)
            require_restorable(
                forget_at=deletion.forget_at, restored_at=deletion.restored_at, now=now
            )
            folder = deletions.any_folder(session, organization.id, deletion.folder_id)
            parent = deletions.any_folder(session, organization.id, folder.parent_id)
            require_live_parent(deleted_by=parent.deletion_id)
            depth = depth_of_restored(
                folders.surroundings(session, parent, folder.name_key),
                self.own,
                deletions.deleted_tree(session, deletion_id),
            )
            before = folder.name
            name = names.free(
                before, most=self.own.folder_name_length, taken=folders.names_in(session, parent)
            )
            folder_ids = deletions.restore_tree(
                session,
                folder,
                deletion_id=deletion_id,
                name=name,
                name_key=names.key(name),
                depth=depth,
            )
            deletion.restored_at = now
            self._changed(
                session,
                None,
                organization,
                Action.FOLDER_RESTORED,
                *(
                    FoldersRestored(
                        organization_id=organization.id,
                        deletion_id=deletion_id,
                        folder_ids=tuple(part),
                    )
                    for part in parts(folder_ids)
                ),
                about=("folder", folder.id),
                reason=why,
                before={"name": before},
                after={"name": name, "deletion_id": str(deletion_id), "folders": len(folder_ids)},
            )
            session.refresh(folder)
            return folder

    @every(300.0)
    def forget_deletions(self) -> None:
        """Those whose days are over, a few hundred folders in a transaction."""
        with self.db.reading() as session:
            due = deletions.due(session, self.clock.now())
        for deletion_id in due:
            while self._forget_some(deletion_id):
                pass

    def _forget_some(self, deletion_id: UUID) -> bool:
        """Whether there may be more to do now."""
        with self.db() as session:
            deletion = deletions.deletion_for_update(session, deletion_id)
            if deletion is None:
                return False
            if deletion.restored_at is None:
                if deletions.forget_some(session, deletion_id):
                    return True
                if not deletions.is_gone(session, deletion_id):
                    # What was deleted from it before, and may be restored for longer, is in it.
                    return False
                self._record(
                    session,
                    None,
                    deletion.organization_id,
                    action=Action.DELETION_FORGOTTEN,
                    about=("folder", deletion.folder_id),
                    result=AuditResult.DONE,
                    before={
                        "name": deletion.folder_name,
                        "deletion_id": str(deletion_id),
                        "folders": deletion.folders,
                    },
                )
                self.announce(session, DeletionForgotten(deletion.organization_id, deletion_id))
            deletions.forget(session, deletion_id)
            return False
