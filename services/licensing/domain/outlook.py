"""Outlook: what time alone will make of a position, and until when it stands as it does (D-20)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from contracts.licensing import Status
from services.licensing.domain.calendar import DAY, Calendar, grace_of
from services.licensing.domain.reasons import reason_of
from services.licensing.domain.standing import (
    Position,
    covers,
    least_by_type,
    running,
    shortages,
    status_on,
)


@dataclass(frozen=True)
class Standing:
    """``changes_on`` is the day the status changes unless something is done before."""

    status: Status
    reason: str
    changes_on: date | None


UNREGISTERED = Standing(
    Status.NOT_REGISTERED, "The product is not registered to the organization.", None
)


def standing(position: Position, today: date) -> Standing:
    """A function of what happened and of the day alone, so it never waits for a job."""
    status = status_on(position, today)
    now = running(position)
    return Standing(
        status,
        reason_of(
            status,
            short=shortages(position),
            least=least_by_type(position),
            grace=now.grace if now else None,
            trial_ends_on=position.product.trial_ends_on,
            is_subscribed_to=position.product.is_subscribed_to,
        ),
        _changes_on(position, today, status),
    )


def later(position: Position, today: date, day: date) -> Position:
    """How it will be on a day to come if nothing is done before: years begin, reservations end."""
    if position.calendar is None:
        return replace(position, need=_need_on(position, day))
    settled = dict(position.settled)
    for turn in sorted(_beginnings(position.calendar, today, day) | set(position.easing)):
        year = position.calendar.year_of(turn).index
        is_covered = covers(_need_on(position, turn), position.seats_in(year))
        if today < turn <= day and year not in settled and _is_open(position) and is_covered:
            settled[year] = turn
    return replace(
        position,
        year=position.calendar.year_of(day),
        need=_need_on(position, day),
        settled=settled,
    )


def _is_open(position: Position) -> bool:
    return position.product.started_on is not None and not position.is_archived


def _beginnings(calendar: Calendar, today: date, day: date) -> set[date]:
    first, last = calendar.year_of(today).index, calendar.year_of(day).index
    return {calendar.year(index).starts_on for index in range(first, last + 1)}


def _need_on(position: Position, day: date) -> Mapping[str, int]:
    passed = [turn for turn in position.easing if turn <= day]
    return position.easing[max(passed)] if passed else position.need


def _changes_on(position: Position, today: date, status: Status) -> date | None:
    for day in sorted(_turns(position)):
        if day > today and status_on(later(position, today, day), day) is not status:
            return day
    return None


def _turns(position: Position) -> Iterable[date]:
    """The days on which time alone can change a status.

    Beyond the years with seats one more is enough: nothing covers it, so its grace begins and ends.
    """
    turns = set(position.easing)
    if position.product.trial_ends_on:
        turns.add(position.product.trial_ends_on)
    now = running(position)
    if now is None or position.calendar is None or position.product.started_on is None:
        return turns
    last = max([now.year.index, *position.seats]) + 1
    for index in range(now.year.index, last + 1):
        year = position.calendar.year(index)
        turns |= {year.starts_on, grace_of(position.product.started_on, year).last_day + DAY}
    return turns
