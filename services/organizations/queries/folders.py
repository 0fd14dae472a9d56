"""Folders: the tree of an organization."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import (
    CTE,
    bindparam,
    exists,
    func,
    select,
    tuple_,
    update,
)
from sqlalchemy.orm import Session

from services.organizations.domain.access import Member
from services.organizations.domain.placement import Subtree, Surroundings
from services.organizations.domain.tree import Ancestor, SeenFolder, path
from services.organizations.models import (
    Folder,
    FolderGrant,
)
from services.organizations.queries.access import GRANTED, grants_of, live
from services.organizations.queries.lookup import looked_up


def _below() -> CTE:
    here = (Folder.organization_id == bindparam("top_organization"), Folder.deleted_at.is_(None))
    start = (
        select(Folder.id, Folder.depth)
        .where(*here, Folder.id == bindparam("top_id"))
        .cte("below", recursive=True)
    )
    return start.union_all(
        select(Folder.id, Folder.depth).join(start, Folder.parent_id == start.c.id).where(*here)
    )


# A live folder and everything live below it; `top` says which.
BELOW = _below()


def top(folder: Folder) -> dict[str, UUID]:
    return {"top_organization": folder.organization_id, "top_id": folder.id}


def folder(session: Session, organization_id: UUID, folder_id: UUID) -> Folder | None:
    return session.scalars(
        select(Folder).where(*live(organization_id), Folder.id == folder_id)
    ).one_or_none()


def live_among(
    session: Session, organization_id: UUID, folder_ids: Collection[UUID]
) -> frozenset[UUID]:
    """Those that are folders of the organization, and were not deleted."""
    return frozenset(
        session.scalars(select(Folder.id).where(*live(organization_id), Folder.id.in_(folder_ids)))
    )


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
        statement = statement.where(Folder.id.in_(GRANTED))
    if after is not None:
        statement = statement.where(tuple_(Folder.name_key, Folder.id) > tuple_(*after))
    statement = statement.order_by(Folder.name_key, Folder.id).limit(limit + 1)
    return session.scalars(statement, grants_of(member)).all()


def surroundings(
    session: Session, parent: Folder, name_key: str, *, but: UUID | None = None
) -> Surroundings:
    """What a folder of that name would find in ``parent``.

    :param but: a folder of the organization that moves there: no sibling of itself, and one of its
        folders already, so that those are not counted.
    """
    statement = select(func.count(), func.count().filter(Folder.name_key == name_key)).where(
        *live(parent.organization_id), Folder.parent_id == parent.id
    )
    if but is not None:
        statement = statement.where(Folder.id != but)
    siblings, same_name = session.execute(statement).one()
    return Surroundings(
        parent_depth=parent.depth,
        siblings=siblings,
        folders=0 if but is not None else count(session, parent.organization_id),
        name_is_taken=same_name > 0,
    )


def count(session: Session, organization_id: UUID) -> int:
    return (
        session.scalar(select(func.count()).select_from(Folder).where(*live(organization_id))) or 0
    )


def names_in(session: Session, parent: Folder) -> frozenset[str]:
    """The keys of the names that are taken in it."""
    return frozenset(
        session.scalars(
            select(Folder.name_key).where(
                *live(parent.organization_id), Folder.parent_id == parent.id
            )
        )
    )


def is_name_taken(session: Session, folder: Folder, name_key: str) -> bool:
    """Whether another folder beside it has the name."""
    return bool(
        session.scalar(
            select(
                exists().where(
                    *live(folder.organization_id),
                    Folder.parent_id == folder.parent_id,
                    Folder.name_key == name_key,
                    Folder.id != folder.id,
                )
            )
        )
    )


def subtree(session: Session, folder: Folder) -> Subtree:
    depth, deepest, folders = session.execute(
        select(func.min(BELOW.c.depth), func.max(BELOW.c.depth), func.count()), top(folder)
    ).one()
    return Subtree(depth=depth, levels=deepest - depth + 1, folders=folders)


def is_within(session: Session, folder: Folder, *, top_id: UUID) -> bool:
    """Whether a folder is the one of ``top_id``, or somewhere below it."""
    up = upwards(folder)
    return bool(session.scalar(select(exists().where(up.c.id == top_id))))


def upwards(folder: Folder) -> CTE:
    """The folder and those it is in."""
    start = (
        select(Folder.id, Folder.parent_id, Folder.depth)
        .where(*live(folder.organization_id), Folder.id == folder.id)
        .cte("up", recursive=True)
    )
    return start.union_all(
        select(Folder.id, Folder.parent_id, Folder.depth)
        .join(start, looked_up(Folder.id, start.c.parent_id))
        .where(Folder.deleted_at.is_(None))
    )


def ids_below(session: Session, folder: Folder) -> Sequence[UUID]:
    """Of the folder and everything below it."""
    return session.scalars(select(BELOW.c.id), top(folder)).all()


def grants_below(session: Session, folder: Folder) -> int:
    counted = select(func.count()).where(FolderGrant.folder_id.in_(select(BELOW.c.id)))
    return session.scalar(counted, top(folder)) or 0


def move(session: Session, folder: Folder, *, parent_id: UUID, depth: int) -> None:
    """One row says where a folder is (M1); the depths below are written only where they change."""
    if depth != folder.depth:
        session.connection().execute(
            update(Folder)
            .where(Folder.id.in_(select(BELOW.c.id)))
            .values(depth=Folder.depth + (depth - folder.depth)),
            top(folder),
        )
    folder.parent_id = parent_id
    folder.depth = depth
    session.flush()


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
        .join(start, looked_up(Folder.id, start.c.parent_id))
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
