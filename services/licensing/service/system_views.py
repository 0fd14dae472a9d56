"""What the answers on systems hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from services.licensing.domain.books import Books
from services.licensing.domain.calendar import civil_day
from services.licensing.domain.hardware import held_by, held_by_system
from services.licensing.domain.product import RegisteredProduct
from services.licensing.domain.system import SystemState, is_stale
from services.licensing.models import SystemRow, SystemUsageRow
from services.licensing.queries import systems
from services.licensing.service.commands import Command


def current_view(command: Command, system: SystemRow) -> dict[str, Any]:
    """As it is after the command, but for what systems report without one."""
    used = systems.usage(command.session, [system.id]).get(system.id, ())
    product = command.books.products[system.product]
    return _view(product, system, held_by(command.books, product.code, system.id), used)


def details(
    session: Session,
    books: Books,
    product: RegisteredProduct,
    rows: Sequence[SystemRow],
    today: date,
) -> list[dict[str, Any]]:
    ids = [system.id for system in rows]
    used, held = systems.usage(session, ids), held_by_system(books, product.code)
    return [
        {
            **_view(
                product,
                system,
                held.get(str(system.id), {}),
                used.get(system.id, ()),
            ),
            "sequence": system.sequence,
            "reported_at": system.reported_at,
            "is_stale": _is_stale(system, books.time_zone, today),
            "has_credential": system.credential_digest is not None,
        }
        for system in rows
    ]


def _view(
    product: RegisteredProduct,
    system: SystemRow,
    held: Mapping[str, int],
    used: Sequence[SystemUsageRow],
) -> dict[str, Any]:
    # Of a system that was removed: another organization may use it by now.
    own = (row for row in used if row.organization_id == system.organization_id)
    by_type = {row.type: row for row in own}
    return {
        "id": system.id,
        "organization_id": system.organization_id,
        "product": system.product,
        "kind": system.kind,
        "name": system.name,
        "serial": system.serial,
        "state": system.state,
        "registered_on": system.registered_on,
        "ended_on": system.ended_on,
        "licenses": [
            {"type": code, "kind": product.kind_of(code), "licenses": licenses}
            for code, licenses in held.items()
        ],
        "needs": [_need(code, by_type.get(code)) for code in product.needed_types],
    }


def _need(code: str, row: SystemUsageRow | None) -> dict[str, Any]:
    reported, held = (row.counted, row.held) if row else (0, 0)
    return {
        "type": code,
        "reported": reported,
        "held": held,
        "needed": max(0, reported - held),
    }


def _is_stale(system: SystemRow, time_zone: str, today: date) -> bool:
    if system.state != SystemState.REGISTERED.value:
        return False
    heard = system.reported_at
    # Since it came back it may have said nothing yet.
    last = max(system.registered_on, civil_day(heard, time_zone) if heard else date.min)
    return is_stale(last, today)
