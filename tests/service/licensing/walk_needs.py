"""Steps of a walk: what is needed, days that pass, and archiving."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

from tests.service.licensing import reference_figures as figures
from tests.service.licensing.reference_facts import FileIssued
from tests.service.licensing.walk_ground import DAY, Ground

MOST_DEVICES = 40


class NeedSteps(Ground):
    # Devices

    def add_devices(self) -> None:
        """R29: mostly within what growth allows, sometimes just beyond."""
        there, limit = self.device_count(), self.growth_limit()
        more = self.chance.choice([1, 2, 3, limit - there, limit - there + 1, there])
        self.manage(there + max(1, more))

    def remove_devices(self) -> None:
        there = self.device_count()
        seats = sum(self.reference.seats("station", 0).values())
        self.manage(max(0, there - self.chance.choice([1, 2, there // 2, there - seats, there])))

    def manage(self, count: int) -> None:
        count = min(count, MOST_DEVICES)
        devices = self.customer.devices
        while len(devices) < count:
            devices.append(uuid4())
            self.hear(
                "device_added",
                self.reference.add_devices,
                looks=len(devices) == count,
                device_id=devices[-1],
                folder_id=uuid4(),
                model="P3265-LVE",
                serial=f"B8A44F{len(devices):06X}",
            )
        while len(devices) > count:
            gone = devices.pop()
            self.hear(
                "device_removed",
                self.reference.remove_devices,
                looks=len(devices) == count,
                device_id=gone,
            )

    def device_count(self) -> int:
        return figures.devices(self.reference.facts)

    def growth_limit(self) -> int:
        if not self.reference.is_started("station"):
            return 5
        return self.reference.growth_limit("station").get("core", 5)

    # Days

    def pass_days(self) -> None:
        """One day to fourteen months; often to a day on which something turns."""
        turns = [days for days in map(self.soon, (self.turns(), self.ends())) if days]
        if turns and not self.once_in(3):
            day = self.chance.choice(self.chance.choice(turns)[:6])
        else:
            day = self.today + self.chance.choice([1, 1, 5, 10, 31, 45, 90, 200, 425]) * DAY
        self.go_to(day)
        if self.once_in(2):
            self.work_at_night()
        self.looks_right()

    def pass_years(self) -> None:
        """Nobody does anything, and what was stored expires (D-7)."""
        for _ in range(self.chance.randint(3, 5)):
            self.go_to(self.today + 425 * DAY)
            if self.once_in(2):
                self.work_at_night()
            self.looks_right()

    def soon(self, days: set[date]) -> list[date]:
        """Those to come within fourteen months, and the days before them."""
        both = days | {day - DAY for day in days}
        return sorted(day for day in both if self.today < day <= self.today + timedelta(days=425))

    def turns(self) -> set[date]:
        """Beginnings and ends of years and of their grace."""
        reference, days = self.reference, set[date]()
        for product in filter(reference.is_started, reference.products):
            year = reference.year(product)
            for index in (year, year + 1):
                days |= {*reference.year_bounds(product, index), *reference.grace(product, index)}
        return days

    def ends(self) -> set[date]:
        """Of what is in the wallet, reserved by a file, or on trial."""
        reference = self.reference
        trials = (reference.trial(product) for product in reference.products)
        return {
            *(lot.expires_on for product in reference.products for lot in reference.lots(product)),
            *(fact.valid_until + DAY for fact in reference.facts if isinstance(fact, FileIssued)),
            *(days[1] for days in trials if days),
        }

    def work_at_night(self) -> None:
        """What licensing does by itself changes nothing of how it stands (M3)."""
        self.world.suite.run_job("licensing", "look_after_licenses")
        self.known = None
        self.trail.append("the night's work was done")

    # Archiving

    def archive(self) -> None:
        """R37, D-23."""
        self.epoch += 1
        self.hear(
            "organization_archived",
            self.reference.archive,
            archived_at=self.world.clock.moment.isoformat(),
            epoch=self.epoch,
        )

    def restore(self) -> None:
        self.epoch += 1
        self.hear("organization_restored", self.reference.restore, epoch=self.epoch)

    def archive_for_a_while(self) -> None:
        """Everything is tried meanwhile."""
        self.archive()
        self.try_everything()
        if self.once_in(2):
            self.pass_days()
        self.restore()

    def restore_before_archiving(self) -> None:
        """Decision 17: the news of an archiving that is over comes last, and ends nothing more."""
        self.epoch += 1
        late = self.epoch
        self.restore()
        self.hear(
            "organization_archived",
            lambda: None,
            archived_at=self.world.clock.moment.isoformat(),
            epoch=late,
        )

    def try_everything(self) -> None:
        raise NotImplementedError
