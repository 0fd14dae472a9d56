"""Nightly: once a day of each organization, what time brought about is posted and told (M3, D-21).

day begins ──sweep──▶ lots expired, years begun and ended ──▶ notices due ──▶ until the next day

No command waits for it: each catches up by itself first, so that a job that runs late, twice or never
changes no balance, only when people are told.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from functools import partial
from itertools import chain
from uuid import UUID

from prometheus_client import Gauge

from chassis.jobs import attempted, every
from services.licensing.domain.calendar import civil_day, days_by_zone
from services.licensing.domain.notices import due
from services.licensing.queries import notices
from services.licensing.service.notices import Telling

AT_ONCE = 500

OVERDUE = Gauge(
    "freehold_organizations_overdue",
    "Organizations whose day has begun and whose licenses were not looked after since.",
    multiprocess_mode="max",
)

Days = Mapping[date, Collection[str]]


class Nightly(Telling):
    @every(60.0)
    def look_after_licenses(self) -> None:
        """Replicas share the organizations: what one works on the others pass over."""
        self.begin_days()

    def begin_days(self) -> int:
        """For every organization whose day has begun, each in a transaction of its own.

        :return: how many notices were announced.
        """
        told = 0
        days = days_by_zone(self.clock.now())
        found = self._due(days, None)
        if not found:
            OVERDUE.set(0)
        while found:
            for organization_id, time_zone in found:
                begin = partial(self.begin_day, organization_id, time_zone)
                new = attempted(begin, f"the day of organization {organization_id}")
                if new is None and not self.db.is_reachable():
                    # None of the others would fare better; the next turn begins with this one.
                    return told
                told += new or 0
            OVERDUE.set(self._count_due(days))
            last, _zone = found[-1]
            found = self._due(days, last) if len(found) == AT_ONCE else []
        return told

    def begin_day(self, organization_id: UUID, time_zone: str) -> int:
        """Unless it has begun, or somebody else is at it; how many notices were announced."""
        today = civil_day(self.clock.now(), time_zone)
        with self.db() as session:
            if not notices.take_up(session, organization_id, today):
                return 0
            command = self.opened(session, "time_passed", organization_id, {})
            self.keep(command)
            books, today = command.books, command.today
            told = [due(books.position(product, today), today) for product in books.products]
            notices.looked(session, organization_id, today)
            return self.tell(session, organization_id, chain.from_iterable(told))

    def _due(self, days: Days, after: UUID | None) -> Sequence[tuple[UUID, str]]:
        with self.db.reading() as session:
            return notices.organizations_due(session, days, after=after, limit=AT_ONCE)

    def _count_due(self, days: Days) -> int:
        with self.db.reading() as session:
            return notices.count_due(session, days)
