"""Capability: what the parts of the devices service share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from chassis.service import Kit, Service
from contracts.access import FolderNotFound, OrganizationNotFound
from contracts.caller import Caller
from services.devices.equipment import Equipment, equipment
from services.devices.models import Audit
from services.devices.queries import deletions


class Capability(Service):
    own: Equipment

    def enter(self, session: Session, organization_id: UUID) -> None:
        """What changes something begins with it: news of deletions wait until it has ended.

        :raises OrganizationNotFound: archived since the rights were decided.
        """
        if deletions.organization_shared(session, organization_id).is_archived:
            raise OrganizationNotFound(
                "There is no such organization, or you are not a member of it."
            )

    def require_live(self, session: Session, folder_id: UUID) -> None:
        """:raises FolderNotFound: gone since the rights were decided."""
        if deletions.is_gone(session, folder_id):
            raise FolderNotFound("There is no such folder in this organization.")

    @classmethod
    def open(cls, kit: Kit) -> Equipment:
        return equipment(kit)

    def note(
        self,
        session: Session,
        caller: Caller,
        action: str,
        subject: tuple[str, UUID],
        *,
        organization_id: UUID | None = None,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        """An audit entry beside the effect; ``before`` and ``after`` hold no secrets."""
        session.add(
            Audit(
                id=uuid4(),
                at=self.clock.now(),
                account_id=caller.account_id,
                session_id=caller.session_id,
                organization_id=organization_id,
                action=action,
                object_type=subject[0],
                object_id=subject[1],
                result="done",
                ip=self.context.ip,
                user_agent=(self.context.user_agent or "")[:300] or None,
                request_id=self.context.request_id,
                before=dict(before) if before is not None else None,
                after=dict(after) if after is not None else None,
            )
        )
