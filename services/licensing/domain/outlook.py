"""Outlook: what time alone will make of a position, and until when it stands as it does (D-20)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from contracts.licensing import Status
from services.licensing.domain.calendar import DAY, Calendar, grace_of
from services.licensing.domain.reasons import REASONS, reason_of
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


def standing(position: Position | None, today: date) -> Standing:
    """A function of what happened and of the day alone, so it never waits for a job.

    :param position: None where the organization has not registered the product.
    """
    if position is None:
        return Standing(Status.NOT_REGISTERED, REASONS[Status.NOT_REGISTERED], None)
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
    need, calendar = _need_on(position, day), position.calendar
    if calendar is None:
        return replace(position, need=need)
    settled = {**_settling(position, calendar, today, day), **position.settled}
    return replace(position, year=calendar.year_of(day), need=need, settled=settled)


def _settling(position: Position, calendar: Calendar, today: date, day: date) -> Mapping[int, date]:
    """The years whose seats cover the need of a day between, with the first such day."""
    found: dict[int, date] = {}
    turns = _beginnings(calendar, today, day) | set(position.easing)
    for turn in sorted(turn for turn in turns if today < turn <= day):
        year = calendar.year_of(turn).index
        if covers(_need_on(position, turn), position.seats_in(year)):
            found.setdefault(year, turn)
    return found


def _beginnings(calendar: Calendar, today: date, day: date) -> set[date]:
    first, last = calendar.year_of(today).index, calendar.year_of(day).index
    return {calendar.year(index).starts_on for index in range(first, last + 1)}


def _need_on(position: Position, day: date) -> Mapping[str, int]:
    passed = [turn for turn in position.easing if turn <= day]
    return position.easing[max(passed)] if passed else position.need


def _changes_on(position: Position, today: date, status: Status) -> date | None:
    at, day = position, today
    for turn in sorted(_turns(position)):
        if turn > day:
            at, day = later(at, day, turn), turn
            if status_on(at, day) is not status:
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
