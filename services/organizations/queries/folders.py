"""Folders: the tree of an organization."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import (
    exists,
    func,
    select,
    tuple_,
)
from sqlalchemy.orm import Session

from services.organizations.domain.access import Member
from services.organizations.domain.placement import Surroundings
from services.organizations.domain.tree import Ancestor, SeenFolder, path
from services.organizations.models import (
    Folder,
    FolderGrant,
)
from services.organizations.queries.access import granted, live


def folder(session: Session, organization_id: UUID, folder_id: UUID) -> Folder | None:
    return session.scalars(
        select(Folder).where(*live(organization_id), Folder.id == folder_id)
    ).one_or_none()


def folders(
    session: Session,
    member: Member,
    *,
    parent_id: UUID | None,
    after: tuple[str, UUID] | None,
    limit: int,
) -> Sequence[Folder]:
    """Those within the member's reach by name; one more than ``limit``.

    With ``parent_id`` those in a folder that is known to be within reach, and so all of them.
    """
    statement = select(Folder).where(*live(member.organization_id))
    if parent_id is not None:
        statement = statement.where(Folder.parent_id == parent_id)
    elif not member.role.sees_all_folders:
        statement = statement.where(Folder.id.in_(granted(member)))
    if after is not None:
        statement = statement.where(tuple_(Folder.name_key, Folder.id) > tuple_(*after))
    return session.scalars(statement.order_by(Folder.name_key, Folder.id).limit(limit + 1)).all()


def surroundings(session: Session, parent: Folder, name_key: str) -> Surroundings:
    """What a folder of that name would find in ``parent``."""
    siblings, same_name = session.execute(
        select(
            func.count(),
            func.count().filter(Folder.name_key == name_key),
        ).where(*live(parent.organization_id), Folder.parent_id == parent.id)
    ).one()
    folders = session.scalar(
        select(func.count()).select_from(Folder).where(*live(parent.organization_id))
    )
    return Surroundings(
        parent_depth=parent.depth,
        siblings=siblings,
        folders=folders or 0,
        name_is_taken=same_name > 0,
    )


def seen(session: Session, member: Member, folders: Sequence[Folder]) -> Sequence[SeenFolder]:
    """Each with its path; ancestors beyond the member's reach as names only (ACS-4)."""
    lines = _lines(session, member, [folder.id for folder in folders])
    shown = []
    for folder in folders:
        steps = path(lines[folder.id], sees_all=member.role.sees_all_folders)[:-1]
        shown.append(
            SeenFolder(
                id=folder.id,
                organization_id=folder.organization_id,
                parent_id=steps[-1].id if steps else None,
                name=folder.name,
                is_default=folder.is_root,
                depth=folder.depth,
                path=steps,
            )
        )
    return shown


def _lines(
    session: Session, member: Member, folder_ids: Sequence[UUID]
) -> dict[UUID, list[Ancestor]]:
    """For each folder the line from the default folder down to it."""
    start = (
        select(Folder.id.label("leaf_id"), Folder.id, Folder.parent_id, Folder.name, Folder.depth)
        .where(*live(member.organization_id), Folder.id.in_(folder_ids))
        .cte("line", recursive=True)
    )
    line = start.union_all(
        select(start.c.leaf_id, Folder.id, Folder.parent_id, Folder.name, Folder.depth)
        .join(start, Folder.id == start.c.parent_id)
        .where(Folder.organization_id == member.organization_id)
    )
    is_granted = exists().where(
        FolderGrant.folder_id == line.c.id, FolderGrant.membership_id == member.membership_id
    )
    rows = session.execute(
        select(line.c.leaf_id, line.c.id, line.c.name, is_granted).order_by(
            line.c.leaf_id, line.c.depth
        )
    )
    lines: dict[UUID, list[Ancestor]] = defaultdict(list)
    for leaf_id, ancestor_id, name, opens in rows:
        lines[leaf_id].append(Ancestor(ancestor_id, name, opens))
    return lines
