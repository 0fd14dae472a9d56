"""Everything a customer can do with its licenses, held against `reference` (M4)."""

from __future__ import annotations

from uuid import uuid4

from chassis import migrations
from chassis.db import Database, engine_for
from chassis.service import Kit
from services.licensing.service import LicensingService
from services.licensing.service.replaying import EntryClock, replay
from tests.service.licensing.walk_corrections import CorrectionSteps
from tests.service.licensing.walk_needs import NeedSteps
from tests.service.licensing.walk_news import NewsSteps
from tests.service.licensing.walk_upgrades import UpgradeSteps

COMMANDS = {
    "register": 2,
    "start": 3,
    "buy_some": 6,
    "redeem_a_flawed_key": 6,
    "allocate_what_is_short": 14,
    "allocate_least": 8,
    "allocate_ahead": 8,
    "allocate_far_ahead": 1,
    "allocate_anything": 8,
    "upgrade": 8,
    "start_trial": 2,
    "retry_earlier": 3,
    "reverse": 6,
}
STEPS = {
    **COMMANDS,
    "add_online_system": 3,
    "add_hardware": 3,
    "register_hardware_wrongly": 1,
    "register_again": 3,
    "remove_system": 3,
    "take_hardware_elsewhere": 2,
    "replace_system": 3,
    "extend": 5,
    "report": 12,
    "add_offline_system": 3,
    "give_hardware_files": 2,
    "license_offline_system": 4,
    "issue_file": 4,
    "add_devices": 8,
    "remove_devices": 3,
    "pass_days": 20,
    "archive_for_a_while": 1,
    "restore_before_archiving": 1,
}
LOOKING = {"systems_look_right": 1}


class Walk(UpgradeSteps, NewsSteps, CorrectionSteps, NeedSteps):
    """``begin`` once, then ``step`` as often as one likes, then ``end``."""

    def begin(self) -> None:
        """Mostly with a subscription, licenses and something that needs them: walks get further."""
        if self.once_in(8):
            return
        self.register("station")
        self.start("station")
        self.manage(self.chance.randint(1, 12))
        self.buy("station", {"core": self.chance.randint(4, 20)}, self.some_years())
        for product in ("archive", "cloud", "recorder"):
            if self.once_in(2):
                self.register(product)
        product = self.chance.choice(["archive", "cloud"])
        if self.reference.is_product_registered(product):
            if self.once_in(2):
                self.pass_days()
            self.start(product)

    def step(self) -> None:
        self.one_of(STEPS)
        if self.once_in(3):
            self.one_of(LOOKING)

    def one_of(self, steps: dict[str, int]) -> None:
        (kind,) = self.chance.choices(list(steps), weights=list(steps.values()))
        try:
            getattr(self, kind)()
        except AssertionError as wrong:
            if not hasattr(wrong, "__notes__"):
                wrong.add_note("\n".join(["What was done:", *self.trail]))
            raise

    def any_command(self) -> None:
        self.one_of(COMMANDS)

    def retry_earlier(self) -> None:
        if self.done:
            self.repeat(*self.chance.choice(self.done))

    def end(self) -> None:
        """I9, I11: the history is a chain, and carried out again it comes to the same."""
        for *_, reason in self.rows().entries:
            self.note(f"posting: {reason}")
        assert self.customer.has_intact_history(), "I9"
        lived = self.world.suite.kits["licensing"]
        url = f"sqlite:///{self.world.folder / f'replayed-{uuid4().hex}.sqlite'}"
        migrations.upgrade("licensing", url)
        db, clock = Database(engine_for(url)), EntryClock()
        kit = Kit(LicensingService, lived.config, clock=clock, bus=lived.bus, db=db)
        try:
            found = replay(lived.db, kit, clock, self.customer.id)
        finally:
            db.close()
        assert found.is_proof, f"I11: {found}"
