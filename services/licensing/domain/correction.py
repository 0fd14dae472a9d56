"""Correction: operators undo what should not have been, by new postings against the old (D-15)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from contracts.errors import Conflict
from services.licensing.domain.books import Books
from services.licensing.domain.ledger import (
    AccountKind,
    AccountName,
    Posting,
    Reason,
    wallet_of,
)
from services.licensing.domain.policy import TICKS_PER_LICENSE
from services.licensing.domain.seats import SeatsMoved, SeatsSince, by_day
from services.licensing.domain.standing import Position, covers
from services.licensing.domain.wallet import usable

# By account: the numbers of later entries of the history that took from it.
Takers = Mapping[AccountName, Sequence[int]]


class CannotBeReversed(Conflict):
    """The entry is none that is reversed, or what it brought is not there any more."""

    code = "cannot-be-reversed"


@dataclass(frozen=True)
class Made:
    """What an entry of the history posted; its ``number`` names it."""

    number: int
    postings: Sequence[Posting]
    taken_by: Takers

    def by(self, reason: Reason) -> Sequence[Posting]:
        return [posting for posting in self.postings if posting.reason is reason]

    @property
    def reason(self) -> Reason:
        """:raises CannotBeReversed: it was no redemption and no allocation."""
        for reason in (Reason.REDEEMED, Reason.ALLOCATED, Reason.EXTENDED):
            if self.by(reason):
                return reason
        raise CannotBeReversed(f"Entry {self.number} is no redemption and no allocation.")

    def in_the_way(self, account: AccountName) -> str:
        numbers = self.taken_by.get(account, ())
        return f" Taken by entry {', '.join(map(str, numbers))}." if numbers else ""


@dataclass(frozen=True)
class Undoing:
    """``left`` are seats that leave their year, ``taken_back`` licenses that leave the wallet."""

    postings: Sequence[Posting]
    left: Mapping[AccountName, SeatsSince]
    taken_back: Mapping[str, int]


def undo_whole(books: Books, made: Made, on: date) -> Undoing:
    """Of a redemption, or of an allocation to a system: all of it is where it came to.

    :raises CannotBeReversed: names who took from it.
    """
    for posting in made.postings:
        _require_held(books, made, posting.credit, posting.ticks)
    postings = [_against(posting, on) for posting in made.postings]
    return Undoing(postings, {}, {})


def undo_allocation(
    books: Books, made: Made, there: Mapping[AccountName, Sequence[SeatsMoved]], on: date
) -> Undoing:
    """Seats leave the year, and the pool is as if they had never come (D-11).

    :param there: by the year's account, what counts in it.
    :raises CannotBeReversed: names who took from it.
    """
    postings: list[Posting] = []
    left: dict[AccountName, SeatsSince] = {}
    taken_back: Counter[str] = Counter()
    for year, seats in _seats(made).items():
        _require_running(books, year, on)
        left[year] = SeatsSince(made.by(Reason.ALLOCATED)[0].effective_on, seats)
        _require_counting(made, year, left[year], there[year])
        back = _taking_back(books, made, year, on)
        taken_back[year.type] += sum(posting.ticks for posting in back) // TICKS_PER_LICENSE
        postings += back
    for posting in (*made.by(Reason.COMPENSATED), *made.by(Reason.ALLOCATED)):
        postings.append(_against(posting, posting.effective_on))
    return Undoing(postings, left, taken_back)


def unsettles(position: Position, year: int, entry_on: date) -> bool:
    """Whether the year is not settled any more: it was not before, and its need is not covered.

    :param position: as it is without the seats.
    """
    settled_on = position.settled.get(year)
    return (
        settled_on is not None
        and settled_on >= entry_on
        and not covers(position.need, position.seats_in(year))
    )


def _seats(made: Made) -> Mapping[AccountName, int]:
    seats: Counter[AccountName] = Counter()
    for posting in made.by(Reason.ALLOCATED):
        seats[posting.credit] += posting.ticks // TICKS_PER_LICENSE
    return seats


def _require_running(books: Books, year: AccountName, on: date) -> None:
    calendar = books.calendar_of(books.products[year.product])
    assert calendar is not None, "licenses were allocated before the subscription"
    if calendar.year(int(year.ref)).renews_on <= on:
        raise CannotBeReversed(f"Year {year.ref} is over, and its licenses are consumed.")


def _require_counting(
    made: Made, year: AccountName, part: SeatsSince, counted: Sequence[SeatsMoved]
) -> None:
    if made.number not in {one.number for one in counted}:
        raise CannotBeReversed("Its licenses ended when the organization was archived.")
    of_day = {each.effective_from: each.seats for each in by_day(counted)}
    if of_day.get(part.effective_from, 0) < part.seats:
        raise CannotBeReversed(
            f"Not all of its {part.seats} licenses of type {year.type} are in year {year.ref} "
            f"any more.{made.in_the_way(year)}"
        )


def _taking_back(books: Books, made: Made, year: AccountName, on: date) -> Sequence[Posting]:
    """As many whole licenses as the pool lacks without what this allocation compensated.

    Those that came back with it go first, then those that came back with others.
    """
    pool = AccountName(year.product, year.type, AccountKind.COMPENSATION)
    compensated = sum(p.ticks for p in made.by(Reason.COMPENSATED) if p.credit == pool)
    missing = max(0, -((_balance(books, pool) - compensated) // TICKS_PER_LICENSE))
    own = {p.credit for p in made.by(Reason.RETURNED)}
    held = usable(books.position(year.product, on).lots, on)
    lots = [lot for lot in held if (lot.type, lot.source) == (year.type, "compensation")]
    names = {wallet_of(year.product, lot.type, lot.id): lot.licenses for lot in lots}
    postings: list[Posting] = []
    for name in sorted(names, key=lambda name: name not in own):
        part = min(missing, names[name])
        if part:
            ticks = part * TICKS_PER_LICENSE
            postings.append(Posting(name, pool, ticks, Reason.REVERSED, on))
            missing -= part
    if missing:
        used = " ".join(made.in_the_way(name) for name in sorted(own))
        raise CannotBeReversed(
            f"{missing} licenses of type {year.type} came back for it and are not in the wallet "
            f"any more.{used}"
        )
    return postings


def _require_held(books: Books, made: Made, account: AccountName, ticks: int) -> None:
    held = _balance(books, account)
    if held < ticks:
        raise CannotBeReversed(
            f"Of its {ticks // TICKS_PER_LICENSE} licenses of type {account.type} "
            f"{held // TICKS_PER_LICENSE} are where they came to.{made.in_the_way(account)}"
        )


def _balance(books: Books, name: AccountName) -> int:
    account = books.accounts.get(name)
    return account.balance if account else 0


def _against(posting: Posting, on: date) -> Posting:
    is_of_year = posting.reason is Reason.ALLOCATED
    seats = posting.ticks // TICKS_PER_LICENSE if is_of_year else 0
    return Posting(posting.credit, posting.debit, posting.ticks, Reason.REVERSED, on, seats)
