"""What can happen to the licenses of one organization, and the terms under which it does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

SUBSCRIPTION, EXTENSION, TIED, UPGRADE = "subscription", "extension", "tied", "upgrade"
ON_HARDWARE = (EXTENSION, TIED)


class Refused(Exception):
    """``codes``: any of them is a right answer, for the order of the checks is nobody's promise."""

    def __init__(self, codes: Iterable[str]) -> None:
        self.codes = frozenset(codes)
        super().__init__(", ".join(sorted(self.codes)))


@dataclass(frozen=True)
class LicenseType:
    """``covers``: of which subscription type licenses on hardware take the demand away."""

    code: str
    kind: str = SUBSCRIPTION
    covers: str | None = None
    upgrades_from: str = ""
    upgrades_to: str = ""

    @property
    def meets(self) -> str | None:
        """The type whose need its licenses meet."""
        return None if self.kind == UPGRADE else self.covers or self.code


@dataclass(frozen=True)
class Product:
    """``coterm``: whether it counts in the organization's years or in its own (D-4)."""

    code: str
    types: tuple[LicenseType, ...]
    counts_devices_as: str | None = None
    trial_days: int = 90
    coterm: str = "organization"

    def of_kind(self, *kinds: str) -> list[str]:
        return [each.code for each in self.types if each.kind in kinds]

    @property
    def needed(self) -> list[str]:
        """What need is counted in: what is subscribed to, or else what hardware is licensed for."""
        on_hardware = (each for each in self.types if each.kind in ON_HARDWARE)
        return self.of_kind(SUBSCRIPTION) or [each.code for each in on_hardware if not each.covers]

    def type(self, code: str) -> LicenseType:
        (found,) = (each for each in self.types if each.code == code)
        return found


@dataclass(frozen=True)
class Policy:
    charge_grace_when_late: bool = False
    grace_days: int = 30
    growth: int = 2
    lot_years: int = 5
    years_ahead: int = 5
    expiring_soon_days: int = 90
    file_days: int = 30
    # R43: a trial starts with the software.
    trial_starts_with_first_system: bool = True


@dataclass(frozen=True)
class Key:
    """A license key as bought: ``lines`` for each year of its term.

    ``flaws``: what it is refused with for what others know of it, its supplier or who used it.
    """

    name: str
    product: str
    lines: Mapping[str, int]
    years: int = 1
    redeem_before: date | None = None
    flaws: frozenset[str] = frozenset()


# Facts


@dataclass(frozen=True)
class Fact:
    on: date


@dataclass(frozen=True)
class DevicesCounted(Fact):
    change: int


@dataclass(frozen=True)
class Archived(Fact):
    pass


@dataclass(frozen=True)
class Restored(Fact):
    pass


@dataclass(frozen=True)
class OfProduct(Fact):
    product: str


@dataclass(frozen=True)
class Registered(OfProduct):
    pass


@dataclass(frozen=True)
class TrialStarted(OfProduct):
    pass


@dataclass(frozen=True)
class Started(OfProduct):
    pass


@dataclass(frozen=True)
class Redeemed(OfProduct):
    key: Key


@dataclass(frozen=True)
class Allocated(OfProduct):
    """``overlap`` of ``length`` days of the year are given back."""

    year: int
    lines: Mapping[str, int]
    effective_from: date
    overlap: int
    length: int


@dataclass(frozen=True)
class Upgraded(OfProduct):
    """By ``licenses`` of ``type``: in a year, on a system or, with neither, in the wallet."""

    type: str
    licenses: int = 1
    year: int | None = None
    system: str | None = None


@dataclass(frozen=True)
class SystemAdded(OfProduct):
    system: str
    tied: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class SystemRemoved(OfProduct):
    system: str


@dataclass(frozen=True)
class SystemReplaced(OfProduct):
    system: str
    by: str


@dataclass(frozen=True)
class Extended(OfProduct):
    system: str
    lines: Mapping[str, int]


@dataclass(frozen=True)
class Reported(OfProduct):
    system: str
    sequence: int
    counts: Mapping[str, int]


@dataclass(frozen=True)
class FileIssued(OfProduct):
    """``seats`` of the year; what is on the hardware itself is nobody else's anyway."""

    system: str
    seats: Mapping[str, int]
    valid_until: date


@dataclass(frozen=True)
class Reversed(OfProduct):
    """``number`` is the place among all facts of the one that is undone."""

    number: int
