"""Accounts that are being deleted, and were."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    and_,
    delete,
    func,
    select,
)
from sqlalchemy.orm import Session, aliased

from chassis.idempotency import insert_or_nothing
from contracts.access import Role
from services.organizations.domain.access import Status
from services.organizations.domain.ownership import Place
from services.organizations.models import (
    DeletedAccount,
    Membership,
    Organization,
)


def hold(session: Session, account_id: UUID) -> None:
    """Nothing of the account is counted beside this transaction.

    Asked for after an organization's lock or without one, and never before it.
    """
    if session.get_bind().dialect.name == "postgresql":
        # No row stands for the account here; SQLite has one writer anyway.
        session.execute(select(func.pg_advisory_xact_lock(account_id.int % 2**63)))


def places_for_update(
    session: Session, account_id: UUID
) -> tuple[dict[UUID, Organization], Sequence[Place]]:
    """Every membership of the account, archived organizations included, by its locked organization.

    Locked in the order of their ids, so that two of these never wait for each other.
    """
    of_account = select(Membership.organization_id).where(Membership.account_id == account_id)
    organizations = session.scalars(
        select(Organization)
        .where(Organization.id.in_(of_account))
        .order_by(Organization.id)
        .with_for_update()
    ).all()
    own, other = aliased(Membership), aliased(Membership)
    rows = session.execute(
        select(
            own.organization_id,
            own.id,
            own.role,
            Organization.status == Status.ACTIVE,
            func.count(other.id).filter(other.role == Role.OWNER),
            func.count(other.id),
        )
        .join(Organization, Organization.id == own.organization_id)
        .outerjoin(
            other,
            and_(other.organization_id == own.organization_id, other.id != own.id),
        )
        .where(
            own.account_id == account_id,
            # One may have appeared since the locks were taken.
            own.organization_id.in_([organization.id for organization in organizations]),
        )
        .group_by(own.organization_id, own.id, own.role, Organization.status)
        .order_by(own.organization_id)
    )
    return {each.id: each for each in organizations}, [Place(*row) for row in rows]


def note_deleted(session: Session, account_id: UUID, sweep_at: datetime) -> None:
    values = {"account_id": account_id, "sweep_at": sweep_at}
    session.connection().execute(insert_or_nothing(session, DeletedAccount, values))


def deleted_accounts_due(session: Session, now: datetime) -> Sequence[UUID]:
    return session.scalars(
        select(DeletedAccount.account_id)
        .where(DeletedAccount.sweep_at <= now)
        .order_by(DeletedAccount.sweep_at)
    ).all()


def forget_deleted(session: Session, account_id: UUID) -> bool:
    """Whether no other replica was first."""
    forgotten = session.connection().execute(
        delete(DeletedAccount).where(DeletedAccount.account_id == account_id)
    )
    return bool(forgotten.rowcount)
