"""Replacing a system that broke, by an operator: its licenses go to the one in its place (D-17)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.idempotency import Dumped, Replayed
from contracts.licensed_systems import LicensedSystemReplaced
from contracts.systems import SystemNotFound
from services.licensing.domain.handover import ReplacementImpossible, handed_over, handover
from services.licensing.domain.hardware import held_by
from services.licensing.domain.system import SystemState
from services.licensing.models import SystemRow
from services.licensing.queries import hardware, systems
from services.licensing.service.commands import (
    OPERATOR,
    Command,
    Commands,
    Licensee,
    recipe,
)
from services.licensing.service.usage import keep_held


class Replacements(Commands):
    def replace_licensed_system(
        self, organization_id: UUID, old_system_id: UUID, new_system_id: UUID
    ) -> Mapping[str, Any]:
        """For operators alone, who are no members: no RPC leads here.

        Done again it is answered alike, and nothing happens.

        :raises SystemNotFound: the organization has none such.
        :raises ReplacementImpossible:
        """
        with self.db.reading() as session:
            old = systems.system(session, organization_id, old_system_id)
        if old is None:
            raise _unknown(old_system_id)
        try:
            done = self.carry_out(
                "replace_licensed_system",
                Licensee(organization_id, None, OPERATOR),
                old.product,
                # With blanks, so that it is no key of a caller's.
                f"replace {old_system_id} {new_system_id}",
                {"old": str(old_system_id), "new": str(new_system_id)},
            )
        except Replayed as before:
            done = Dumped(before.answer)
        told: Mapping[str, Any] = done.answer
        return told

    @recipe
    def _replace_licensed_system(self, command: Command) -> Dumped:
        product = command.position().product
        old, new = (_named(command, name) for name in ("old", "new"))
        _require_to_replace(old, new)
        following = handover(
            product,
            held_by(command.books, product.code, old.id),
            held_by(command.books, product.code, new.id),
            brought=_brought(command, new, until=command.now if self.is_replaying else None),
        )
        command.post(handed_over(product.code, old.id, new.id, following, command.today))
        # Its unit stays claimed by it: what was tied to it is tied to another now.
        systems.drop_usage(command.session, old)
        systems.end(command.session, old, SystemState.REPLACED, command.today)
        keep_held(command, new)
        self.announce(
            command.session,
            LicensedSystemReplaced(
                organization_id=command.organization_id,
                product=product.code,
                licensed_system_id=old.id,
                by_licensed_system_id=new.id,
            ),
        )
        told = {
            **command.request,
            "moved": dict(following.moved),
            "ended": dict(Counter(following.ended) + Counter(following.ended_there)),
        }
        return self.done(command, None, told, told)


def _named(command: Command, name: str) -> SystemRow:
    system_id = UUID(command.request[name])
    system = systems.system(command.session, command.organization_id, system_id)
    if system is None:
        raise _unknown(system_id)
    return system


def _brought(
    command: Command, system: SystemRow, *, until: datetime | None
) -> Mapping[str, int] | None:
    """What its unit came with to the organization; None: it is no hardware."""
    unit = hardware.unit_of(command.session, system.id)
    if unit is None:
        return None
    return hardware.tied_to(command.session, unit, until=until)


def _require_to_replace(old: SystemRow, new: SystemRow) -> None:
    if old.state == SystemState.REPLACED.value:
        raise ReplacementImpossible(f"{old.name} was replaced before.")
    if new.state != SystemState.REGISTERED.value:
        raise ReplacementImpossible(f"{new.name} is not registered.")
    if new.id == old.id or new.product != old.product:
        raise ReplacementImpossible(f"{new.name} is not another system of the same product.")


def _unknown(system_id: UUID) -> SystemNotFound:
    return SystemNotFound(f"The organization has no system {system_id}.")
