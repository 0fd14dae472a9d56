"""Everything customers can do with their licenses, held against `reference` (M4).

A walk that fails tells what was done on it. `FREEHOLD_TEST_WALKS=10` makes ten times as many.
"""

from __future__ import annotations

import os
from uuid import uuid4

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from chassis import migrations
from chassis.db import Database, engine_for
from chassis.service import Kit
from services.licensing.service import LicensingService
from services.licensing.service.replaying import EntryClock, replay
from tests.service.licensing.walk_corrections import CorrectionSteps
from tests.service.licensing.walk_ground import World
from tests.service.licensing.walk_needs import NeedSteps
from tests.service.licensing.walk_news import NewsSteps
from tests.service.licensing.walk_upgrades import UpgradeSteps

WALKS = "FREEHOLD_TEST_WALKS"
STEPS_OF_A_WALK = 60
# How often each is done: what builds up more often than what takes away.
COMMANDS = {
    "register": 2,
    "start": 2,
    "start_trial": 2,
    "buy_some": 6,
    "redeem_a_flawed_key": 6,
    "allocate_what_is_short": 12,
    "allocate_least": 8,
    "allocate_ahead": 8,
    "allocate_far_ahead": 1,
    "allocate_anything": 8,
    "upgrade": 6,
    "upgrade_what_is_needed": 2,
    "extend": 4,
    "reverse": 6,
}
NEWS = {
    "add_online_system": 2,
    "add_hardware": 4,
    "register_again": 3,
    "remove_system": 4,
    "take_hardware_elsewhere": 2,
    "replace_system": 4,
    "report": 12,
    "add_offline_system": 1,
    "give_hardware_files": 2,
    "license_offline_system": 4,
    "issue_file": 3,
    "add_devices": 8,
    "remove_devices": 3,
}
STEPS = {
    **COMMANDS,
    **NEWS,
    "pass_days": 20,
    "pass_years": 1,
    "archive_for_a_while": 1,
    "restore_before_archiving": 1,
}
# What is refused costs little: a walk can afford it beside each step.
STUMBLES = {
    "register": 1,
    "start": 1,
    "start_trial": 1,
    "allocate_anything": 2,
    "upgrade_wrongly": 2,
    "extend_wrongly": 2,
    "report_wrongly": 3,
    "register_hardware_wrongly": 1,
    "be_forgotten": 1,
    "issue_file_wrongly": 1,
    "retry_earlier": 3,
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
                if self.once_in(3):
                    self.start_trial(product)
        product = self.chance.choice(["archive", "cloud"])
        if self.reference.is_product_registered(product):
            if self.once_in(2):
                self.pass_days()
            self.start(product)

    def step(self) -> None:
        self.one_of(STEPS)
        if self.once_in(2):
            self.one_of(STUMBLES)
        if self.once_in(3):
            self.one_of(LOOKING)

    def one_of(self, steps: dict[str, int]) -> None:
        (kind,) = self.chance.choices(list(steps), weights=list(steps.values()))
        try:
            getattr(self, kind)()
        except Exception as wrong:
            self.is_wrong = True
            if not hasattr(wrong, "__notes__"):
                wrong.add_note("\n".join(["What was done:", *self.trail]))
            raise

    def try_everything(self) -> None:
        for kind in ("register", "start", "buy_some", "allocate_anything", "retry_earlier"):
            getattr(self, kind)()
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


class Machine(RuleBasedStateMachine):
    """One walk; each seed is always the same one."""

    world: World

    @initialize(seed=st.binary(min_size=8, max_size=8))
    def begin(self, seed: bytes) -> None:
        self.walk = Walk(self.world, seed.hex())
        self.walk.begin()

    @rule()
    def step(self) -> None:
        self.walk.step()

    def teardown(self) -> None:
        if not self.walk.is_wrong:
            self.walk.end()


def walked(world: World, walks: int) -> None:
    """:raises AssertionError: the service did not do what the reference says."""

    class Here(Machine):
        pass

    Here.world = world
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=walks * int(os.environ.get(WALKS, "1")),
            stateful_step_count=STEPS_OF_A_WALK,
            deadline=None,
            phases=(Phase.generate,),
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
