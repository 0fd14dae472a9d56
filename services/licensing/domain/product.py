"""Products as organizations have them, and what their license types stand for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from contracts.licensing import LicenseKind


class Coterm(StrEnum):
    """Whose subscription years a product counts in (D-4)."""

    ORGANIZATION = "organization"
    PRODUCT = "product"


@dataclass(frozen=True)
class LicenseType:
    """``covers`` is the type whose need it meets where that is not its own."""

    code: str
    kind: LicenseKind
    covers: str | None = None
    upgrade_from: str | None = None
    upgrade_to: str | None = None

    @property
    def meets(self) -> str | None:
        """The type whose need its licenses meet; none do that of an upgrade."""
        return None if self.kind is LicenseKind.UPGRADE else self.covers or self.code


@dataclass(frozen=True)
class RegisteredProduct:
    """``trial_ends_on`` is the first day after the trial; ``exceeded_since`` while growth is."""

    code: str
    name: str
    counts_devices_as: str | None
    types: tuple[LicenseType, ...]
    registered_on: date
    started_on: date | None = None
    coterm: Coterm = Coterm.ORGANIZATION
    trial_days: int = 0
    trial_started_on: date | None = None
    trial_ends_on: date | None = None
    exceeded_since: date | None = None

    @property
    def needed_types(self) -> tuple[str, ...]:
        """What need is counted in: what is subscribed to, or else what hardware is licensed for."""
        subscribed = self.of_kind(LicenseKind.SUBSCRIPTION)
        return subscribed or tuple(sorted({known.meets for known in self.types if known.meets}))

    def kind_of(self, license_type: str) -> LicenseKind | None:
        for known in self.types:
            if known.code == license_type:
                return known.kind
        return None

    def of_kind(self, kind: LicenseKind) -> tuple[str, ...]:
        return tuple(known.code for known in self.types if known.kind is kind)

    @property
    def is_subscribed_to(self) -> bool:
        """Whether years and seats license it; hardware's own licenses do otherwise."""
        return bool(self.of_kind(LicenseKind.SUBSCRIPTION))
