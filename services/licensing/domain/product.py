"""Products as organizations have them, and what their license types stand for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from contracts.licensing import LicenseKind

# Whose licenses are with a system, and count for that system alone.
ON_HARDWARE = (LicenseKind.EXTENSION, LicenseKind.TIED)


class Coterm(StrEnum):
    """Whose subscription years a product counts in (D-4)."""

    ORGANIZATION = "organization"
    PRODUCT = "product"


@dataclass(frozen=True)
class LicenseType:
    """``covers`` is the type whose need it meets where that is not its own.

    ``attributes`` say what a license stands for, such as a resolution (R45); books leave them out.
    """

    code: str
    kind: LicenseKind
    covers: str | None = None
    upgrade_from: str | None = None
    upgrade_to: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)

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

    def type(self, code: str) -> LicenseType | None:
        for known in self.types:
            if known.code == code:
                return known
        return None

    def kind_of(self, license_type: str) -> LicenseKind | None:
        known = self.type(license_type)
        return known.kind if known else None

    def of_kind(self, kind: LicenseKind) -> tuple[str, ...]:
        return tuple(known.code for known in self.types if known.kind is kind)

    @property
    def is_subscribed_to(self) -> bool:
        """Whether years and seats license it; hardware's own licenses do otherwise."""
        return bool(self.of_kind(LicenseKind.SUBSCRIPTION))
