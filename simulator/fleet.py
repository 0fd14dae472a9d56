"""All cameras of one process: made from a seed, found by serial number, counted together."""

import asyncio
import hashlib
import random
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count
from math import isfinite
from typing import Any, Final

from simulator import profiles
from simulator.app import Face
from simulator.camera import Camera, Counters, Phase, Timing
from simulator.faults import Faults
from simulator.profiles import Profile
from simulator.releases import is_version
from simulator.settings import FRIENDLY_NAME, Policy, Role, Settings, User

LAST_PORT: Final = 65_535
PREFIXES: Final = ("ACCC8E", "B8A44F", "E82725")


class BadFleet(ValueError):
    """A camera was described that cannot be made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Cameras to be made; what is not said follows from the seed."""

    count: int = 1
    model: str | None = None
    version: str | None = None
    serial: str | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    name: str | None = None
    needs_setup: bool = False
    passphrase_policy: str = Policy.NONE
    boot_seconds: float | None = None
    linger_seconds: float | None = None
    minute_seconds: float | None = None


KINDS: Final[dict[str, tuple[type, ...]]] = {
    "count": (int,),
    "model": (str,),
    "version": (str,),
    "serial": (str,),
    "user": (str,),
    "password": (str,),
    "name": (str,),
    "needs_setup": (bool,),
    "passphrase_policy": (str,),
    "boot_seconds": (int, float),
    "linger_seconds": (int, float),
    "minute_seconds": (int, float),
}


def read_wanted(said: object) -> Wanted:
    """From the JSON of a fleet file or of the control API."""
    if not isinstance(said, dict):
        raise BadFleet("Cameras are described by an object.")
    for name, value in said.items():
        if name not in KINDS:
            raise BadFleet(f"A camera has no {name}.")
        if type(value) not in KINDS[name]:
            raise BadFleet(f"{name} cannot be {value!r}.")
    wanted = Wanted(**said)
    if wanted.model is not None and wanted.model not in profiles.BY_PROD_NBR:
        known = ", ".join(sorted(profiles.BY_PROD_NBR))
        raise BadFleet(f"There is no model {wanted.model}; there are {known}.")
    if wanted.version is not None and not is_version(wanted.version):
        raise BadFleet(f"{wanted.version} is not a version such as 11.11.192.")
    if not 1 <= wanted.count <= 10_000:
        raise BadFleet("The count is between 1 and 10000.")
    if wanted.serial is not None:
        is_hex = len(wanted.serial) == 12 and set(wanted.serial) <= set("0123456789ABCDEF")
        if not is_hex or wanted.count != 1:
            raise BadFleet("A serial number is 12 upper-case hexadecimal digits of one camera.")
    if wanted.passphrase_policy not in list(Policy):
        raise BadFleet(f"A passphrase policy is one of {', '.join(Policy)}.")
    seconds = (wanted.boot_seconds, wanted.linger_seconds, wanted.minute_seconds)
    said_seconds = [some for some in seconds if some is not None]
    is_finite = all(isfinite(some) and some >= 0 for some in said_seconds)
    if not is_finite or wanted.minute_seconds == 0:
        raise BadFleet("Seconds are not negative, and a minute has some.")
    return wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where the cameras are reached; a base of 0 leaves the ports to the system."""

    host: str = "127.0.0.1"
    port_base: int = 0

    def ports(self, index: int) -> tuple[int, int]:
        if self.port_base == 0:
            return 0, 0
        first = self.port_base + 2 * index
        if first + 1 > LAST_PORT:
            raise BadFleet(f"From {self.port_base} on there are no ports for so many cameras.")
        return first, first + 1


class Fleet:
    def __init__(
        self,
        *,
        seed: str,
        placement: Placement,
        timing: Timing,
        loop: asyncio.AbstractEventLoop,
        wall_clock: Callable[[], datetime],
        user: str = "root",
        password: str | None = None,
    ) -> None:
        self.placement = placement
        self.faces: dict[str, Face] = {}
        self.most_down_at_once = 0
        self.most_uploads_at_once = 0
        self._seed = seed
        self._timing = timing
        self._loop = loop
        self._wall_clock = wall_clock
        self._user = user
        self._password = password
        self._random = random.Random(f"{seed}/serials")
        self._indices = count()
        self._down: set[str] = set()
        self._uploading: set[str] = set()

    def add(self, wanted: Wanted) -> list[Face]:
        """New cameras, on the network at once."""
        return [self._add_one(wanted) for _ in range(wanted.count)]

    def add_all(self, wanted: Iterable[Wanted]) -> None:
        for some in wanted:
            self.add(some)

    def set_faults(self, wanted: dict[str, object], serials: Iterable[str]) -> None:
        """All of these cameras or, when a fault cannot be, none."""
        changed: list[tuple[Camera, Faults]] = []
        for serial in serials:
            camera = self.faces[serial].camera
            changed.append((camera, camera.faults.changed(wanted)))
        for camera, faults in changed:
            camera.set_faults(faults)

    def totals(self) -> dict[str, Any]:
        cameras = [face.camera for face in self.faces.values()]
        sums: Counter[str] = Counter(dict.fromkeys(Counters().as_json(), 0))
        for camera in cameras:
            sums.update(camera.counters.as_json())
        return {
            "cameras": len(cameras),
            "states": Counter(camera.state for camera in cameras),
            "versions": Counter(camera.version for camera in cameras),
            "on_trial": sum(not camera.firmware.is_committed for camera in cameras),
            "counters": sums,
            "most_down_at_once": self.most_down_at_once,
            "most_uploads_at_once": self.most_uploads_at_once,
        }

    def describe(self, face: Face) -> dict[str, Any]:
        camera = face.camera
        users = camera.settings.users.values()
        known = next((user for user in users if user.role is Role.ADMIN), None)
        return {
            "serial": camera.serial,
            "model": camera.profile.prod_nbr,
            "name": camera.name,
            "full_name": camera.profile.prod_full_name,
            "version": camera.version,
            "state": camera.state,
            "host": self.placement.host,
            "http_port": face.http.port,
            "https_port": face.https.port,
            "needs_setup": camera.settings.needs_setup,
            "user": known.name if known else None,
            "password": known.password if known else None,
            "owner_key": camera.owner_key,
            "faults": camera.faults.as_json(),
        }

    async def close(self) -> None:
        await asyncio.gather(*(face.close() for face in self.faces.values()))

    def _add_one(self, wanted: Wanted) -> Face:
        index = next(self._indices)
        profile, version = self._model(wanted, index)
        serial = wanted.serial or self._new_serial()
        if serial in self.faces:
            raise BadFleet(f"There is a camera {serial} already.")
        settings = Settings()
        if not wanted.needs_setup:
            user = User(
                name=wanted.user or self._user,
                password=wanted.password or self._password or self._new_password(serial),
                role=Role.ADMIN,
                has_ptz=True,
            )
            settings = settings.with_user(user)
        if wanted.name is not None:
            settings = settings.with_parameters({FRIENDLY_NAME: wanted.name})
        camera = Camera(
            profile,
            serial,
            version,
            settings=settings,
            timing=self._timing_of(wanted),
            loop=self._loop,
            wall_clock=self._wall_clock,
            seed=f"{self._seed}/{serial}",
            passphrase_policy=Policy(wanted.passphrase_policy),
        )
        face = Face(
            camera,
            loop=self._loop,
            host=self.placement.host,
            ports=self.placement.ports(index),
            changed=lambda: self._watch(camera),
        )
        self.faces[serial] = face
        return face

    def _model(self, wanted: Wanted, index: int) -> tuple[Profile, str]:
        """One model after the other, and the next version of each in the next round."""
        turn, place = divmod(index, len(profiles.ALL))
        profile = profiles.BY_PROD_NBR[wanted.model] if wanted.model else profiles.ALL[place]
        return profile, wanted.version or profile.versions[turn % len(profile.versions)]

    def _timing_of(self, wanted: Wanted) -> Timing:
        said = {
            "boot_seconds": wanted.boot_seconds,
            "linger_seconds": wanted.linger_seconds,
            "minute_seconds": wanted.minute_seconds,
        }
        return replace(
            self._timing, **{name: value for name, value in said.items() if value is not None}
        )

    def _new_serial(self) -> str:
        while True:
            serial = self._random.choice(PREFIXES) + f"{self._random.getrandbits(24):06X}"
            if serial not in self.faces:
                return serial

    def _new_password(self, serial: str) -> str:
        return hashlib.sha256(f"{self._seed}/{serial}/password".encode()).hexdigest()[:16]

    def _watch(self, camera: Camera) -> None:
        """Keeps the high-water marks that tests of caps and windows look at."""
        away = camera.phase in (Phase.DOWN, Phase.STARTING)
        (self._down.add if away else self._down.discard)(camera.serial)
        (self._uploading.add if camera.uploading else self._uploading.discard)(camera.serial)
        self.most_down_at_once = max(self.most_down_at_once, len(self._down))
        self.most_uploads_at_once = max(self.most_uploads_at_once, len(self._uploading))
