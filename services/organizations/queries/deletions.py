"""Deletions: folders that went together, until they come back or are forgotten (FLD-4 to FLD-6)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.orm import Session, aliased

from services.organizations.domain.placement import Subtree
from services.organizations.models import (
    Folder,
    FolderDeletion,
    FolderGrant,
    InvitationFolder,
)
from services.organizations.queries.folders import BELOW, top

_FORGOTTEN_AT_ONCE = 500


def delete_tree(
    session: Session, folder: Folder, *, deletion_id: UUID, deleted_at: datetime
) -> tuple[Sequence[UUID], int]:
    """Marks the folder and everything below it; the ids, and how many grants on them are gone.

    No invitation opens them either, should they come back (I8).
    """
    marked = session.connection().execute(
        update(Folder)
        .where(Folder.id.in_(select(BELOW.c.id)))
        .values(deleted_at=deleted_at, deletion_id=deletion_id)
        .returning(Folder.id),
        top(folder),
    )
    folder_ids = marked.scalars().all()
    gone = select(Folder.id).where(Folder.deletion_id == deletion_id)
    revoked = session.connection().execute(
        delete(FolderGrant).where(FolderGrant.folder_id.in_(gone))
    )
    session.connection().execute(
        delete(InvitationFolder).where(InvitationFolder.folder_id.in_(gone))
    )
    session.expire(folder)
    return folder_ids, revoked.rowcount


def organization_of(session: Session, deletion_id: UUID) -> UUID | None:
    return session.scalar(
        select(FolderDeletion.organization_id).where(FolderDeletion.id == deletion_id)
    )


def deletions(session: Session, organization_id: UUID) -> Sequence[FolderDeletion]:
    """The newest first."""
    return session.scalars(
        select(FolderDeletion)
        .where(FolderDeletion.organization_id == organization_id)
        .order_by(FolderDeletion.deleted_at.desc(), FolderDeletion.id)
    ).all()


def any_folder(session: Session, organization_id: UUID, folder_id: UUID | None) -> Folder:
    """One that is there, whether it was deleted or not."""
    return session.scalars(
        select(Folder).where(Folder.organization_id == organization_id, Folder.id == folder_id)
    ).one()


def deleted_tree(session: Session, deletion_id: UUID) -> Subtree:
    depth, deepest, folders = session.execute(
        select(func.min(Folder.depth), func.max(Folder.depth), func.count()).where(
            Folder.deletion_id == deletion_id
        )
    ).one()
    return Subtree(depth=depth, levels=deepest - depth + 1, folders=folders)


def restore_tree(
    session: Session, top: Folder, *, deletion_id: UUID, name: str, name_key: str, depth: int
) -> Sequence[UUID]:
    """The ids of what is back."""
    shift = depth - top.depth
    top.name, top.name_key = name, name_key
    session.flush()
    restored = session.connection().execute(
        update(Folder)
        .where(Folder.deletion_id == deletion_id)
        .values(deleted_at=None, deletion_id=None, depth=Folder.depth + shift)
        .returning(Folder.id)
    )
    folder_ids = restored.scalars().all()
    session.expire(top)
    return folder_ids


def heard(session: Session, deletion_id: UUID, folders: int) -> None:
    """Devices took what was in so many more of its folders."""
    session.execute(
        update(FolderDeletion)
        .where(FolderDeletion.id == deletion_id)
        .values(unheard=FolderDeletion.unheard - folders)
    )


# Forgetting


def due(session: Session, now: datetime) -> Sequence[UUID]:
    """Deletions whose days are over, the oldest first."""
    return session.scalars(
        select(FolderDeletion.id)
        .where(FolderDeletion.forget_at <= now)
        .order_by(FolderDeletion.forget_at, FolderDeletion.deleted_at)
    ).all()


def deletion_for_update(session: Session, deletion_id: UUID) -> FolderDeletion | None:
    return session.scalars(
        select(FolderDeletion)
        .where(FolderDeletion.id == deletion_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def forget_some(session: Session, deletion_id: UUID) -> int:
    """Removes folders of a deletion that hold no others, not all at once; how many."""
    child = aliased(Folder)
    folder_ids = session.scalars(
        select(Folder.id)
        .where(
            Folder.deletion_id == deletion_id,
            ~exists().where(child.parent_id == Folder.id),
        )
        .limit(_FORGOTTEN_AT_ONCE)
    ).all()
    if folder_ids:
        session.execute(delete(Folder).where(Folder.id.in_(folder_ids)))
    return len(folder_ids)


def is_gone(session: Session, deletion_id: UUID) -> bool:
    """Whether none of its folders is left."""
    return not session.scalar(select(exists().where(Folder.deletion_id == deletion_id)))


def forget(session: Session, deletion_id: UUID) -> None:
    session.execute(delete(FolderDeletion).where(FolderDeletion.id == deletion_id))
