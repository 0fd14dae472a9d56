"""Inside: what tests of members set up in the tables and look up there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from chassis import caller as assertions
from contracts.access import TOKEN_SCOPES, Role
from contracts.caller import Caller, Level
from contracts.errors import Refusal
from contracts.invitations import InvitationStatus
from services.organizations.models import AuditEntry, FolderGrant, Invitation, Membership
from tests.service.organizations.world import Home, World


def entries(world: World, home: Home) -> list[AuditEntry]:
    """The audit of an organization, oldest first."""
    with world.database.reading() as session:
        rows = select(AuditEntry).where(AuditEntry.organization_id == home.id)
        return list(session.scalars(rows.order_by(AuditEntry.seq)))


def membership(world: World, home: Home, account: UUID) -> Membership | None:
    with world.database.reading() as session:
        found: Membership | None = session.scalars(
            select(Membership).where(
                Membership.organization_id == home.id, Membership.account_id == account
            )
        ).one_or_none()
        return found


def role(world: World, home: Home, account: UUID) -> Role | None:
    found = membership(world, home, account)
    return None if found is None else found.role


def granted(world: World, home: Home, account: UUID) -> set[UUID]:
    found = membership(world, home, account)
    with world.database.reading() as session:
        rows = select(FolderGrant.folder_id).where(
            FolderGrant.membership_id == (found and found.id)
        )
        return set(session.scalars(rows))


def asked_for(world: World, home: Home, account: UUID, requested: Role) -> None:
    """As acceptance leaves it where more than viewer was chosen (INV-7)."""
    with world.database() as session:
        found = session.scalars(
            select(Membership).where(
                Membership.organization_id == home.id, Membership.account_id == account
            )
        ).one()
        found.requested_role = requested


def invitation_of(
    world: World,
    home: Home,
    inviter: UUID,
    status: InvitationStatus = InvitationStatus.PENDING,
) -> UUID:
    invitation_id, now = uuid4(), world.suite.clock.now()
    email = f"{invitation_id.hex}@example.com"
    with world.database() as session:
        session.add(
            Invitation(
                id=invitation_id,
                organization_id=home.id,
                email=email,
                email_key=email,
                requested_role=Role.VIEWER,
                token_hash=uuid4().hex * 2,
                status=status,
                invited_by=inviter,
                created_at=now,
                expires_at=now + timedelta(days=7),
            )
        )
    return invitation_id


def status(world: World, invitation_id: UUID) -> str:
    with world.database.reading() as session:
        return session.get_one(Invitation, invitation_id).status.value


def outcome_as(
    world: World,
    method: str,
    who: UUID,
    /,
    *,
    level: Level = Level.AAL2,
    minutes: int = 0,
    **payload: Any,
) -> str:
    """ "done" or the code of the refusal; for a session of that level, or an API token.

    :param minutes: since credentials were entered.
    """
    suite, now = world.suite, world.suite.clock.now()
    scopes = frozenset(TOKEN_SCOPES) if level is Level.TOKEN else None
    caller = Caller(who, uuid4(), level, now - timedelta(minutes=minutes), scopes)
    headers = {
        "request_id": "x",
        "caller": assertions.issue(suite._signing, suite.key_id, caller, now),
    }
    plain = {name: str(value) for name, value in payload.items()}
    try:
        suite.bus.call("organizations", method, plain, headers)
    except Refusal as refusal:
        return refusal.code
    return "done"
