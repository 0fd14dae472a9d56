"""Members: who belongs to an organization."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select, tuple_
from sqlalchemy.orm import Session

from contracts.access import Role
from services.organizations.models import Membership


def members(
    session: Session,
    organization_id: UUID,
    *,
    role: Role | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[Membership]:
    """In the order in which they joined; one more than ``limit``."""
    statement = select(Membership).where(Membership.organization_id == organization_id)
    if role is not None:
        statement = statement.where(Membership.role == role)
    if after is not None:
        statement = statement.where(tuple_(Membership.joined_at, Membership.id) > tuple_(*after))
    return session.scalars(
        statement.order_by(Membership.joined_at, Membership.id).limit(limit + 1)
    ).all()


def membership(session: Session, organization_id: UUID, account_id: UUID) -> Membership | None:
    return session.scalars(
        select(Membership).where(
            Membership.organization_id == organization_id, Membership.account_id == account_id
        )
    ).one_or_none()


def memberships(
    session: Session, organization_id: UUID, account_ids: Collection[UUID]
) -> Sequence[Membership]:
    """Of those accounts that are members."""
    return session.scalars(
        select(Membership).where(
            Membership.organization_id == organization_id, Membership.account_id.in_(account_ids)
        )
    ).all()


def owners_beside(session: Session, organization_id: UUID, account_ids: Collection[UUID]) -> int:
    """How many owners there are without these accounts."""
    counted = select(func.count()).where(
        Membership.organization_id == organization_id,
        Membership.role == Role.OWNER,
        Membership.account_id.not_in(account_ids),
    )
    return session.scalar(counted) or 0


def end_memberships(session: Session, organization_id: UUID, account_ids: Collection[UUID]) -> None:
    """With their grants (M5.7)."""
    session.execute(
        delete(Membership).where(
            Membership.organization_id == organization_id, Membership.account_id.in_(account_ids)
        )
    )
