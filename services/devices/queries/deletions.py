"""Queries on what goes with folders and organizations, and comes back with them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, select, update
from sqlalchemy.orm import Session, aliased

from chassis.idempotency import insert_or_nothing
from services.devices.models import (
    ConnectedSystem,
    DeletedFolder,
    Deletion,
    Device,
    OrganizationRow,
)
from services.devices.queries.parts import Kind, among, insert_missing, is_managed

_MANAGED, _REMOVED = "managed", "removed"
# Rows that one statement changes, so that each stays far below the time a statement may take.
_CHUNK = 10_000

KINDS: tuple[Kind, ...] = (Device, ConnectedSystem)


@dataclass(frozen=True)
class LeftOut:
    """A device that cannot come back: its serial number is managed elsewhere by now."""

    device_id: UUID
    serial: str


def content(
    session: Session, organization_id: UUID, folder_ids: Collection[UUID]
) -> tuple[int, int]:
    """How many devices and connected systems are managed in the folders."""
    devices, systems = (
        session.scalar(
            select(func.count())
            .select_from(kind)
            .where(
                kind.organization_id == organization_id,
                is_managed(kind),
                among(session, kind.folder_id, folder_ids),
            )
        )
        for kind in KINDS
    )
    return devices or 0, systems or 0


# The organization's row


def organization_shared(session: Session, organization_id: UUID) -> OrganizationRow:
    """For commands: many at once, but none beside `organization_for_update`."""
    return _organization(session, organization_id, shared=True)


def organization_for_update(session: Session, organization_id: UUID) -> OrganizationRow:
    return _organization(session, organization_id, shared=False)


def _organization(session: Session, organization_id: UUID, *, shared: bool) -> OrganizationRow:
    statement = (
        select(OrganizationRow)
        .where(OrganizationRow.organization_id == organization_id)
        .with_for_update(read=shared)
    )
    found = session.scalars(statement).one_or_none()
    if found is None:
        values = {"organization_id": organization_id}
        session.connection().execute(insert_or_nothing(session, OrganizationRow, values))
        found = session.scalars(statement).one()
    return found


# Folders


def is_gone(session: Session, folder_id: UUID) -> bool:
    """Whether the folder is known to have gone with a deletion, and not to be back."""
    return bool(
        session.scalar(
            select(
                exists().where(
                    DeletedFolder.folder_id == folder_id, DeletedFolder.is_restored.is_(False)
                )
            )
        )
    )


def deletion(session: Session, deletion_id: UUID, organization_id: UUID) -> Deletion:
    """Under the organization's lock."""
    values = {"id": deletion_id, "organization_id": organization_id}
    session.connection().execute(insert_or_nothing(session, Deletion, values))
    return session.get_one(Deletion, deletion_id)


def note_deleted(session: Session, deletion_id: UUID, folder_ids: Sequence[UUID]) -> list[UUID]:
    """Notes which folders went; those among them whose return was not heard of already."""
    back = set(
        session.scalars(
            select(DeletedFolder.folder_id).where(
                DeletedFolder.deletion_id == deletion_id,
                DeletedFolder.is_restored,
                among(session, DeletedFolder.folder_id, folder_ids),
            )
        )
    )
    gone = [folder_id for folder_id in dict.fromkeys(folder_ids) if folder_id not in back]
    _note(session, deletion_id, gone, is_restored=False)
    return gone


def note_restored(session: Session, deletion_id: UUID, folder_ids: Sequence[UUID]) -> list[UUID]:
    """Notes which folders are back; those among them that no later deletion took again.

    What a later deletion took passes over to it.
    """
    _note(session, deletion_id, list(dict.fromkeys(folder_ids)), is_restored=True)
    later = session.execute(
        select(DeletedFolder.folder_id, DeletedFolder.deletion_id).where(
            DeletedFolder.deletion_id != deletion_id,
            DeletedFolder.is_restored.is_(False),
            among(session, DeletedFolder.folder_id, folder_ids),
        )
    ).all()
    for folder_id, taken_by in later:
        for kind in KINDS:
            session.execute(
                update(kind)
                .where(kind.deletion_id == deletion_id, kind.folder_id == folder_id)
                .values(deletion_id=taken_by)
                .execution_options(synchronize_session=False)
            )
    taken = {folder_id for folder_id, _ in later}
    return [folder_id for folder_id in folder_ids if folder_id not in taken]


def _note(
    session: Session, deletion_id: UUID, folder_ids: Sequence[UUID], *, is_restored: bool
) -> None:
    rows = [
        {"deletion_id": deletion_id, "folder_id": folder_id, "is_restored": is_restored}
        for folder_id in folder_ids
    ]
    insert_missing(session, DeletedFolder, rows)
    if is_restored:
        session.execute(
            update(DeletedFolder)
            .where(
                DeletedFolder.deletion_id == deletion_id,
                among(session, DeletedFolder.folder_id, folder_ids),
            )
            .values(is_restored=True)
            .execution_options(synchronize_session=False)
        )


# What is in them


def take(
    session: Session,
    kind: Kind,
    deletion_id: UUID,
    folder_ids: Collection[UUID],
    *,
    at: datetime,
) -> list[UUID]:
    """Removes what is managed in the folders, so that it can come back; which it is."""
    there = and_(is_managed(kind), among(session, kind.folder_id, folder_ids))
    values = {"state": _REMOVED, "removed_at": at, "deletion_id": deletion_id}
    return [row.id for row in _changed(session, kind, there, values)]


def bring_back(
    session: Session, kind: Kind, deletion_id: UUID, folder_ids: Collection[UUID]
) -> list[UUID]:
    """After `leave_out`; which came back."""
    gone = and_(kind.deletion_id == deletion_id, among(session, kind.folder_id, folder_ids))
    values = {"state": _MANAGED, "removed_at": None, "deletion_id": None}
    return [row.id for row in _changed(session, kind, gone, values)]


def leave_out(session: Session, deletion_id: UUID, folder_ids: Collection[UUID]) -> list[LeftOut]:
    """Removes for good the devices whose serial number somebody manages by now."""
    other = aliased(Device)
    is_taken = select(other.id).where(other.serial == Device.serial, is_managed(other)).exists()
    gone = and_(Device.deletion_id == deletion_id, among(session, Device.folder_id, folder_ids))
    is_earlier = Device.id.in_(_earlier_of_twins(session, gone))
    values = {"deletion_id": None, "sealed_password": None}
    return [
        LeftOut(row.id, row.serial)
        for which in (and_(gone, is_taken), and_(gone, is_earlier))
        for row in _changed(session, Device, which, values)
    ]


def _earlier_of_twins(session: Session, gone: ColumnElement[bool]) -> list[UUID]:
    """Where a serial number went twice with one deletion, all but the last that was added.

    Its first part may have taken a device whose camera was added to a folder of the second one.
    """
    twice = session.scalars(
        select(Device.serial).where(gone).group_by(Device.serial).having(func.count() > 1)
    ).all()
    twins = session.execute(
        select(Device.id, Device.serial)
        .where(gone, Device.serial.in_(twice))
        .order_by(Device.added_at, Device.id)
    ).all()
    latest = {row.serial: row.id for row in twins}
    return [row.id for row in twins if row.id != latest[row.serial]]


def forget(session: Session, deletion_id: UUID) -> None:
    """What did not come back is removed for good, and so are the passwords."""
    list(
        _changed(
            session,
            Device,
            Device.deletion_id == deletion_id,
            {"deletion_id": None, "sealed_password": None},
        )
    )
    of_deletion = ConnectedSystem.deletion_id == deletion_id
    list(_changed(session, ConnectedSystem, of_deletion, {"deletion_id": None}))


def _changed(
    session: Session, kind: Kind, which: ColumnElement[bool], values: dict[str, Any]
) -> Iterator[Any]:
    """The rows that were changed; ``values`` must make ``which`` false of them."""
    shown = (kind.id, Device.serial) if kind is Device else (kind.id,)
    while True:
        some = select(kind.id).where(which).limit(_CHUNK)
        changed = session.execute(
            update(kind)
            .where(kind.id.in_(some))
            .values(values)
            .returning(*shown)
            .execution_options(synchronize_session=False)
        ).all()
        yield from changed
        if len(changed) < _CHUNK:
            return
