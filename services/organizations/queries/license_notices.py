"""License notices: the name of the organization they are about, and whom they concern."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts.access import Role
from services.organizations.domain.access import Status
from services.organizations.models import Membership, Organization


def addressees(
    session: Session, organization_id: UUID, roles: Collection[Role]
) -> tuple[str, Sequence[UUID]]:
    """Its name and the accounts in these roles, as of one moment; nobody where it is archived."""
    rows = session.execute(
        select(Organization.name, Membership.account_id)
        .join(Membership, Membership.organization_id == Organization.id)
        .where(
            Organization.id == organization_id,
            Organization.status == Status.ACTIVE,
            Membership.role.in_(roles),
        )
        .order_by(Membership.account_id)
    ).all()
    return (rows[0].name if rows else ""), [row.account_id for row in rows]
