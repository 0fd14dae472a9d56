"""Extension licenses: from the wallet to one system (R33 to R35)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from chassis.idempotency import Dumped
from chassis.rpc import rpc
from contracts.licensed_systems import (
    AllocateToSystem,
    LicensedSystemExtended,
    LicensedSystemView,
)
from services.licensing.domain.hardware import extended
from services.licensing.service.commands import Command, Commands, recipe
from services.licensing.service.system_views import current_view
from services.licensing.service.systems import registered
from services.licensing.service.usage import keep_held


class Extensions(Commands):
    @rpc(takes=AllocateToSystem, gives=LicensedSystemView)
    def allocate_to_system(
        self,
        organization_id: UUID,
        product: str,
        licensed_system_id: UUID,
        lines: list[dict[str, Any]],
        idempotency_key: str,
    ) -> Dumped:
        """For the lifetime of the system; there is no way back to the wallet (R36)."""
        return self.carry_out(
            "allocate_to_system",
            self.licensee(organization_id),
            product,
            idempotency_key,
            {
                "system_id": str(licensed_system_id),
                "wanted": {line["type"]: line["licenses"] for line in lines},
            },
        )

    @recipe
    def _allocate_to_system(self, command: Command) -> Dumped:
        wanted = command.request["wanted"]
        system = registered(command)
        command.post(extended(command.position(), system.id, wanted, command.today))
        keep_held(command, system)
        self.announce(
            command.session,
            LicensedSystemExtended(
                organization_id=command.organization_id,
                product=command.of_product,
                licensed_system_id=system.id,
                licenses=sum(wanted.values()),
                account_id=command.licensee.member,
            ),
        )
        return self.done(
            command,
            LicensedSystemView,
            current_view(command, system),
            {"system_id": str(system.id), "name": system.name, "licenses": wanted},
        )
