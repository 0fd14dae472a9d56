"""Notices: what owners and admins are to be told on a day, each occasion once (D-21, R31)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from contracts.license_notices import NoticeKind
from services.licensing.domain.policy import (
    EXPIRY_NOTICE_DAYS,
    GRACE_NOTICE_DAYS,
    GROWTH_FACTOR,
    GROWTH_NOTICE_PERCENT,
    RENEWAL_NOTICE_DAYS,
)
from services.licensing.domain.product import RegisteredProduct
from services.licensing.domain.standing import (
    Position,
    Running,
    covers,
    is_within_growth,
    running,
)
from services.licensing.domain.wallet import usable


@dataclass(frozen=True)
class Notice:
    """``subject`` tells the occasions of one kind apart; the rest is what `LicenseNotice` says."""

    product: str
    product_name: str
    kind: NoticeKind
    subject: str
    on: date | None = None
    days: int | None = None
    licenses: int | None = None
    year: int | None = None


def due(position: Position, today: date) -> Sequence[Notice]:
    """All that holds today, whether or not it was told before.

    What is over is not among it, however long nobody looked: of a countdown only its present part.
    """
    if position.is_archived:
        return []
    found = list(_expiring(position, today))
    now = running(position)
    if now is not None:
        found += [*_renewal(position, now, today), *_of_year(position, now, today)]
    return found


def returned(product: RegisteredProduct, licenses: int, *, year: int, number: int) -> Notice:
    """Licenses came back by compensation (R25).

    :param number: of the command in the organization's history.
    """
    return Notice(
        product.code,
        product.name,
        NoticeKind.LICENSES_RETURNED,
        f"entry {number}",
        licenses=licenses,
        year=year,
    )


def locked(product: str, product_name: str, since: datetime) -> Notice:
    """The organization can no longer redeem.

    :param since: when the first of the wrong keys in a row was tried.
    """
    return Notice(product, product_name, NoticeKind.REDEEMING_LOCKED, since.isoformat())


def _renewal(position: Position, now: Running, today: date) -> Iterator[Notice]:
    """A next year that is covered renews by itself."""
    year = now.year
    if covers(position.need, position.seats_in(year.index + 1)):
        return
    left = (year.renews_on - today).days
    part = _reached(RENEWAL_NOTICE_DAYS, left)
    if part is not None:
        yield _notice(
            position,
            NoticeKind.RENEWAL_NEAR,
            f"year {year.index}, {part} days",
            on=year.renews_on,
            days=left,
            year=year.index,
        )


def _of_year(position: Position, now: Running, today: date) -> Iterator[Notice]:
    index, last_day = now.year.index, now.grace.last_day
    subject = f"year {index}"
    if now.is_settled:
        seats = position.seats_in(index)
        if not is_within_growth(position.need, seats):
            yield _notice(position, NoticeKind.GROWTH_EXCEEDED, subject, year=index)
        elif _comes_near(position.need, seats):
            yield _notice(position, NoticeKind.GROWTH_NEAR, subject, year=index)
    elif now.grace.holds(today):
        yield _notice(position, NoticeKind.GRACE_STARTED, subject, on=last_day, year=index)
        left = (last_day - today).days
        part = _reached(GRACE_NOTICE_DAYS, left)
        if part is not None:
            yield _notice(
                position,
                NoticeKind.GRACE_ENDING,
                f"{subject}, {part} days",
                on=last_day,
                days=left,
                year=index,
            )
    else:
        yield _notice(position, NoticeKind.UNLICENSED, subject, year=index)


def _expiring(position: Position, today: date) -> Iterator[Notice]:
    """Of each day on which licenses expire, for all types together (D-7)."""
    expiring: Counter[date] = Counter()
    for lot in usable(position.lots, today):
        expiring[lot.expires_on] += lot.licenses
    for on, licenses in sorted(expiring.items()):
        left = (on - today).days
        part = _reached(EXPIRY_NOTICE_DAYS, left)
        if part is not None:
            yield _notice(
                position,
                NoticeKind.LICENSES_EXPIRING,
                f"{on}, {part} days",
                on=on,
                days=left,
                licenses=licenses,
            )


def _reached(countdown: Sequence[int], left: int) -> int | None:
    """The part of a countdown that has been reached: never one that lies behind another."""
    return min((days for days in countdown if left <= days), default=None)


def _comes_near(need: Mapping[str, int], seats: Mapping[str, int]) -> bool:
    """Whether a type's growth takes up most of what its seats allow."""
    return any(
        needed > (held := seats.get(kind, 0))
        and 100 * (needed - held) >= GROWTH_NOTICE_PERCENT * (GROWTH_FACTOR - 1) * held
        for kind, needed in need.items()
    )


def _notice(
    position: Position,
    kind: NoticeKind,
    subject: str,
    *,
    on: date | None = None,
    days: int | None = None,
    licenses: int | None = None,
    year: int | None = None,
) -> Notice:
    product = position.product
    return Notice(product.code, product.name, kind, subject, on, days, licenses, year)
