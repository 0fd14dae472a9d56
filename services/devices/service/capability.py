"""Capability: what the parts of the devices service share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from chassis.service import Kit, Service
from contracts.caller import Caller
from services.devices.equipment import Equipment, equipment
from services.devices.models import Audit


class Capability(Service):
    own: Equipment

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
