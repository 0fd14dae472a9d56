"""Effect: what an allocation changes in the books, for the command as for its preview."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.licensing.domain.allocation import Plan
from services.licensing.domain.books import Books, Settled
from services.licensing.domain.ledger import Posting, allocation
from services.licensing.domain.wallet import Lot, taking_back


@dataclass(frozen=True)
class Effect:
    """``opened`` are new lots, which the postings fill."""

    postings: Sequence[Posting]
    opened: Sequence[Lot]
    settled: Sequence[Settled]


def effect_of(
    books: Books, product: str, plan: Plan, *, today: date, new_id: Callable[[], UUID]
) -> Effect:
    held = books.position(product, today).lots
    returned = [
        taking_back(
            held,
            Lot(
                id=new_id(),
                type=line.type,
                licenses=line.returned,
                opened_on=today,
                expires_on=line.returned_expires_on,
                source="compensation",
            ),
        )
        for line in plan.lines
        if line.returned
    ]
    return Effect(
        postings=allocation(product, plan, returned),
        opened=[lot for lot in returned if lot not in held],
        settled=[Settled(product, plan.year.index, today)] if plan.settles else [],
    )


def with_effect(books: Books, product: str, effect: Effect) -> Books:
    """The books as the command would leave them."""
    after = books.with_accounts(books.changed(effect.postings, product, effect.opened))
    for one in effect.settled:
        after = after.with_settled(one.product, one.year, one.on)
    return after
