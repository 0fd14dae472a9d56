"""What an allocation would do, asked before it is confirmed (R22, R23)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from chassis.rpc import rpc
from contracts.access import Permission
from contracts.errors import Refusal
from contracts.license_planning import AllocationPreview
from contracts.licensing import PreviewAllocation
from services.licensing.domain.allocation import Plan, Terms, allocate, terms
from services.licensing.domain.books import Books
from services.licensing.domain.effect import effect_of, with_effect
from services.licensing.domain.standing import require_open
from services.licensing.domain.wallet import holding
from services.licensing.service.commands import Commands
from services.licensing.service.views import line_view, overview, year_view


class Previews(Commands):
    @rpc(takes=PreviewAllocation, gives=AllocationPreview)
    def preview_allocation(
        self,
        organization_id: UUID,
        product: str,
        lines: list[dict[str, Any]],
        year: int | None,
        allow_surplus: bool,
    ) -> dict[str, Any]:
        """Computed as the command would, and nothing is changed."""
        self.access.require(organization_id, Permission.LICENSE_MANAGE)
        books, today = self.books_of(organization_id)
        position = books.position(product, today)
        charge = self.own.charge_grace_when_late
        on: Terms | None = None
        try:
            require_open(is_archived=books.is_archived)
            on = terms(position, year, today, charge_grace_when_late=charge)
            plan = allocate(
                position,
                {line["type"]: line["seats"] for line in lines},
                year_index=year,
                today=today,
                allow_surplus=allow_surplus,
                charge_grace_when_late=charge,
            )
        except Refusal as refusal:
            return {
                **_terms_view(on),
                "can_confirm": False,
                "refusal": {
                    "code": refusal.code,
                    "detail": refusal.detail,
                    "facts": refusal.facts,
                },
                "lines": [],
                "afterwards": None,
            }
        return {
            **_terms_view(on),
            **_outcome(books, product, plan, today),
            "can_confirm": True,
            "refusal": None,
        }


def _terms_view(on: Terms | None) -> Mapping[str, Any]:
    return {
        "year": year_view(on.year) if on else None,
        "effective_from": on.overlap.effective_from if on else None,
        "overlap_days": on.overlap.days if on else None,
    }


def _outcome(books: Books, product: str, plan: Plan, today: date) -> Mapping[str, Any]:
    effect = effect_of(books, product, plan, today=today, new_id=uuid4)
    after = with_effect(books, product, effect)
    position = after.position(product, today)
    held = holding(position.lots, today)
    return {
        "lines": [
            {
                **line_view(line),
                "wallet": held.get(line.type, 0),
                "saved_up_ticks": position.pool.get(line.type, 0),
            }
            for line in plan.lines
        ],
        "afterwards": overview(after, product, today),
    }
