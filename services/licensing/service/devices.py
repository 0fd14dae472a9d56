"""What devices announce: from it follows the current need of products that count devices."""

from __future__ import annotations

from sqlalchemy.orm import Session

from chassis.events import consumes
from chassis.idempotency import request_hash
from contracts.devices import DeviceAdded, DeviceRemoved
from services.licensing.domain.calendar import civil_day
from services.licensing.domain.standing import covers, running
from services.licensing.queries import ledger, standing
from services.licensing.service.commands import Command, Commands, log


class Devices(Commands):
    @consumes(DeviceAdded)
    def device_added(self, session: Session, event: DeviceAdded) -> None:
        standing.count_device(session, event.device_id, event.organization_id, present=True)

    @consumes(DeviceRemoved)
    def device_removed(self, session: Session, event: DeviceRemoved) -> None:
        """A need that falls to the seats there are settles the year (D-12)."""
        book = standing.known_calendar_for_update(session, event.organization_id)
        standing.count_device(session, event.device_id, event.organization_id, present=False)
        if book is None:
            return
        now = self.clock.now()
        today = civil_day(now, book.time_zone)
        for position in standing.positions(session, book, today):
            at = running(position, today)
            if at is None or at.is_settled or not covers(position.need, position.seats):
                continue
            year = at.year.index
            facts = {"year": year, "settled_on": str(today)}
            ledger.settle(
                session,
                organization_id=event.organization_id,
                product=position.product,
                year=year,
                on=today,
            )
            command = Command(
                session=session,
                name="year_settled",
                organization_id=event.organization_id,
                product=position.product,
                # Blanks keep it apart from the keys that callers choose.
                idempotency_key=f"year settled {position.product} {year}",
                request_hash=request_hash(facts),
                now=now,
                today=today,
                book=book,
                licensee=None,
            )
            log(command, dict(facts), None)
