"""One camera: what it runs, and how it goes down and comes back."""

import asyncio
import hashlib
import random
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from simulator.applications import Application, Applications, bundled, commanded
from simulator.faults import Faults
from simulator.firmware import (
    AutoCommit,
    Code,
    FactoryDefault,
    Firmware,
    FirmwareRefused,
    Slot,
    UpgradeOptions,
    check_image,
)
from simulator.head import Head
from simulator.image import ImageHeader, part_number
from simulator.profiles import Profile
from simulator.releases import (
    Offer,
    allows_unsigned_applications,
    may_allow_unsigned_applications,
    offer,
    takes_only_signed_applications,
)
from simulator.settings import FRIENDLY_NAME, Policy, Settings

ALLOW_UNSIGNED: Final = "AllowUnsigned"

# Of a boot, the part in which nobody listens yet.
DOWN_SHARE: Final = 0.7


class Phase(StrEnum):
    READY = "ready"
    LEAVING = "leaving"
    DOWN = "down"
    STARTING = "starting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How long a camera takes; `minute_seconds` is the length of a minute of its rollback timer."""

    boot_seconds: float = 10.0
    linger_seconds: float = 2.0
    minute_seconds: float = 60.0


@dataclass(slots=True)
class Counters:
    """What happened to a camera since it was made."""

    requests: int = 0
    challenges: int = 0
    sign_in_failures: int = 0
    uploads_started: int = 0
    uploads_completed: int = 0
    upgrades_accepted: int = 0
    bytes: int = 0
    bytes_discarded: int = 0
    commits: int = 0
    rollbacks: int = 0
    reboots: int = 0
    power_cycles: int = 0
    factory_defaults: int = 0
    frames: int = 0
    streams: int = 0
    turns: int = 0
    exports: int = 0

    def as_json(self) -> dict[str, int]:
        return asdict(self)


class Camera:
    """The state machine behind the ports of one camera; it opens nothing itself."""

    def __init__(
        self,
        profile: Profile,
        serial: str,
        version: str,
        *,
        settings: Settings,
        timing: Timing,
        loop: asyncio.AbstractEventLoop,
        wall_clock: Callable[[], datetime],
        seed: str,
        passphrase_policy: Policy,
    ) -> None:
        self.profile = profile
        self.serial = serial
        self.timing = timing
        self.faults = Faults()
        self.counters = Counters()
        self.requests_by_api: Counter[str] = Counter()
        self.passphrase_policy = passphrase_policy
        self.applications: Applications = bundled(profile)
        self.head = None if profile.ptz is None else Head(limits=profile.ptz, since=loop.time())
        self.firmware = Firmware(active=Slot(version, part_number(version), settings))
        self.phase = Phase.READY
        self.last_upload_sha256: str | None = None
        self.reset_source: str | None = None
        self.uploading = False
        self.on_change: Callable[[], None] = lambda: None
        self._loop = loop
        self._wall_clock = wall_clock
        self.seed = seed
        self._random = random.Random(seed)
        self._ready = asyncio.Event()
        self._ready.set()
        self._timer: asyncio.TimerHandle | None = None
        self._rollback_timer: asyncio.TimerHandle | None = None
        self._next: Firmware | None = None
        self.boot_id = self._new_boot_id()
        self._booted_at = loop.time() - self._random.randint(3_600, 3_000_000)

    @property
    def version(self) -> str:
        return self.firmware.active.version

    @property
    def settings(self) -> Settings:
        return self.firmware.active.settings

    @settings.setter
    def settings(self, settings: Settings) -> None:
        self.firmware = self.firmware.with_settings(settings)

    @property
    def offer(self) -> Offer:
        return offer(self.version)

    @property
    def name(self) -> str:
        """What people call it, until somebody does the model and the serial number."""
        default = f"{self.profile.prod_full_name} - {self.shown_serial}"
        return self.settings.parameters.get(FRIENDLY_NAME, default)

    @property
    def owner_key(self) -> str:
        """The owner authentication key, which is also printed on the sheet in the box."""
        digits = hashlib.sha256(f"{self.seed}/owner".encode()).hexdigest()[:12].upper()
        return f"{digits[:4]}-{digits[4:8]}-{digits[8:]}"

    @property
    def certificate_seed(self) -> str:
        """Whoever pinned the certificate made from it finds it again after a restart."""
        return f"{self.seed}/other" if self.faults.other_certificate else self.seed

    @property
    def clock(self) -> datetime:
        return self._wall_clock()

    @property
    def moment(self) -> float:
        """On the clock that its head turns by."""
        return self._loop.time()

    @property
    def shown_serial(self) -> str:
        """The serial number that whoever asks at this address is told."""
        return self.faults.other_serial or self.serial

    @property
    def is_listening(self) -> bool:
        return self.phase is not Phase.DOWN and not self.faults.offline

    @property
    def is_ready(self) -> bool:
        """Said until the very moment a reboot begins."""
        return self._ready.is_set()

    @property
    def state(self) -> str:
        return "offline" if self.faults.offline else self.phase.value

    @property
    def uptime(self) -> int:
        return int(self._loop.time() - self._booted_at)

    @property
    def seconds_to_rollback(self) -> int | None:
        """On the camera's clock, whose minutes may be shorter than ours."""
        if self._rollback_timer is None:
            return None
        left = max(self._rollback_timer.when() - self._loop.time(), 0.0)
        return int(left * 60 / self.timing.minute_seconds)

    async def until_ready(self, seconds: float) -> bool:
        """Whether it became ready in time."""
        try:
            await asyncio.wait_for(self._ready.wait(), seconds)
        except TimeoutError:
            return False
        return True

    @property
    def takes_unsigned_applications(self) -> bool:
        default = allows_unsigned_applications(self.version)
        if not may_allow_unsigned_applications(self.version):
            return default
        return self.settings.application_switches.get(ALLOW_UNSIGNED, default)

    def set_faults(self, faults: Faults) -> None:
        self.faults = faults
        if faults.reboot_loop and self.phase is Phase.READY and not self.uploading:
            self._restart(None, "crash")
            return
        self.on_change()

    # What the firmware API does

    def begin_upload(self) -> None:
        """An image arrives; the old firmware is gone from now on, whatever comes of it."""
        self._refuse_when_busy()
        self.firmware = self.firmware.purged()
        self.uploading = True
        self.on_change()

    def end_upload(self) -> None:
        self.uploading = False
        self.on_change()

    def upgrade(self, header: ImageHeader | None, size: int, options: UpgradeOptions) -> str:
        """The version that the camera is about to restart with."""
        if self.faults.upgrade_error is not None:
            code = self.faults.upgrade_error
            self._count_upgrade_error()
            raise FirmwareRefused(code)
        image = check_image(
            header, size, profile=self.profile, version=self.version, options=options
        )
        self.counters.upgrades_accepted += 1
        now = self._wall_clock().isoformat(timespec="seconds")
        self._restart(self.firmware.upgraded(image, options, now))
        return image.version

    def commit(self) -> str:
        self._refuse_when_busy()
        if not self.firmware.is_committed:
            self._commit()
        return self.version

    def roll_back(self) -> None:
        self._refuse_when_busy()
        older = self.firmware.rolled_back()
        self.counters.rollbacks += 1
        self._restart(older)

    def purge(self) -> None:
        self._refuse_when_busy()
        self.firmware = self.firmware.purged()

    def stop_automatisms(self) -> None:
        self._refuse_when_busy()
        self.firmware = self.firmware.without_automatisms()
        self._cancel_rollback()

    def factory_default(self, mode: FactoryDefault) -> None:
        """Both modes remove the accounts; the network stays as it is, or nobody would find it."""
        self._refuse_when_busy()
        if mode is FactoryDefault.NONE:
            raise FirmwareRefused(Code.UNPARSABLE)
        self._restart(self.firmware.defaulted(hard=mode is FactoryDefault.HARD))

    def reboot(self) -> None:
        self._refuse_when_busy()
        self._restart(None)

    def power_cycle(self) -> None:
        """No farewell, and the end of every trial."""
        self.counters.power_cycles += 1
        self.reset_source = "power-on"
        self._next = None
        if not self.firmware.is_committed and self.firmware.inactive is not None:
            self.counters.rollbacks += 1
            self._next = self.firmware.rolled_back()
        self._go_down()

    def press_reset_button(self) -> None:
        """A hard factory default by somebody at the camera, whatever it is doing."""
        self.reset_source = "button"
        self._next = self.firmware.committed().defaulted(hard=True)
        self._go_down()

    # What the application API does

    def install(self, application: Application) -> None:
        self.applications = {**self.applications, application.name: application}

    def command_application(self, action: str, name: str) -> None:
        self.applications = commanded(self.applications, action, name)

    # Down and up again

    def _refuse_when_busy(self) -> None:
        if self.uploading or self.phase is not Phase.READY:
            raise FirmwareRefused(Code.BUSY)

    def _count_upgrade_error(self) -> None:
        times = self.faults.upgrade_error_times
        if times is None:
            return
        left = times - 1 or None
        error = self.faults.upgrade_error if left else None
        self.faults = self.faults.changed({"upgrade_error": error, "upgrade_error_times": left})

    def _restart(self, firmware: Firmware | None, reset_source: str = "reboot") -> None:
        self._next = firmware
        self.reset_source = reset_source
        self.phase = Phase.LEAVING
        self.on_change()
        self._after(self.timing.linger_seconds, self._go_down)

    def _go_down(self) -> None:
        self.phase = Phase.DOWN
        self.counters.reboots += 1
        self.uploading = False
        self._ready.clear()
        self._booted_at = self._loop.time()
        attempts = 1
        if self._next is not None:
            is_new = not self._next.is_committed and self.firmware.is_committed
            if is_new and (
                self.faults.boot_fails or self._is_held_back_by_applications(self._next)
            ):
                self.faults = self.faults.after("boot_fails")
                self.counters.rollbacks += 1
                self._next = self._next.rolled_back()
                attempts = 2
            self._take(self._next)
            self._next = None
            self._cancel_rollback()
        self.on_change()
        if not self.faults.never_back:
            self._after(self.timing.boot_seconds * DOWN_SHARE * attempts, self._start)

    def _is_held_back_by_applications(self, firmware: Firmware) -> bool:
        """AXIS OS 13 goes back by itself where an unsigned application is installed."""
        return takes_only_signed_applications(firmware.active.version) and any(
            not application.is_signed for application in self.applications.values()
        )

    def _take(self, firmware: Firmware) -> None:
        is_defaulted = firmware.active.settings.needs_setup and not self.settings.needs_setup
        self.firmware = firmware
        if is_defaulted:
            self.counters.factory_defaults += 1
            self.applications = bundled(self.profile)

    def _start(self) -> None:
        self.phase = Phase.STARTING
        self.boot_id = self._new_boot_id()
        if self.firmware.auto_commit is AutoCommit.BOOT:
            self._commit()
        self.on_change()
        if not self.faults.stuck:
            self._after(self.timing.boot_seconds * (1 - DOWN_SHARE), self._become_ready)

    def _become_ready(self) -> None:
        self.phase = Phase.READY
        self._timer = None
        self._ready.set()
        if self.firmware.auto_commit is AutoCommit.STARTED:
            self._commit()
        minutes = self.firmware.rollback_minutes
        if minutes is not None and self._rollback_timer is None:
            self._start_rollback_timer(minutes * self.timing.minute_seconds)
        if self.faults.reboot_loop:
            self._restart(None, "crash")
            return
        self.on_change()

    def _commit(self) -> None:
        self.counters.commits += 1
        self.firmware = self.firmware.committed()
        self._cancel_rollback()

    def _start_rollback_timer(self, seconds: float) -> None:
        self._rollback_timer = self._loop.call_later(seconds, self._rollback_is_due)

    def _rollback_is_due(self) -> None:
        """A reboot in between does not stop the timer, it only delays the end."""
        self._rollback_timer = None
        if self.uploading or self.phase is not Phase.READY:
            self._start_rollback_timer(1.0)
            return
        self.roll_back()

    def _cancel_rollback(self) -> None:
        if self._rollback_timer is not None:
            self._rollback_timer.cancel()
            self._rollback_timer = None

    def _after(self, seconds: float, step: Callable[[], None]) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(seconds, step)

    def _new_boot_id(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def close(self) -> None:
        """Stops the clocks of this camera."""
        if self._timer is not None:
            self._timer.cancel()
        self._cancel_rollback()
