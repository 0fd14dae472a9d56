"""Deletions: what goes with folders and organizations, and what comes back with them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from chassis.rpc import rpc
from contracts.devices import ContentCount, CountContent
from services.devices.queries import deletions
from services.devices.service.capability import Capability


class Deletions(Capability):
    @rpc(takes=CountContent, gives=ContentCount)
    def count_content(self, organization_id: UUID, folder_ids: list[UUID]) -> dict[str, Any]:
        """What a deletion of the folders would take, for organizations while it prepares one.

        No rights are asked for: organizations has decided them, and to ask it here would be a
        circle. Two numbers are all that can be had this way, and the gateway has no way to it.
        """
        with self.db.reading() as session:
            devices, systems = deletions.content(session, organization_id, folder_ids)
        return {"devices": devices, "systems": systems}
