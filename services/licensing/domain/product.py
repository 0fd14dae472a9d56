"""Products as organizations have them, and what their license types stand for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from contracts.errors import Conflict, Invalid, NotFound
from contracts.licensing import LicenseKind

# Whose licenses are with a system, and count for that system alone.
ON_HARDWARE = (LicenseKind.EXTENSION, LicenseKind.TIED)


class ProductUnknown(NotFound):
    """The catalogue holds no such product."""

    code = "product-unknown"


class ProductNotRegistered(NotFound):
    """The organization has not registered the product."""

    code = "product-not-registered"


class ProductAlreadyRegistered(Conflict):
    """The organization has registered the product before."""

    code = "product-already-registered"


class LicenseTypeUnknown(Invalid):
    """The product has no such license type."""

    code = "license-type-unknown"


class LicenseKindMismatch(Conflict):
    """Licenses of this kind are used in another way."""

    code = "license-kind-mismatch"


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


def require_types(types: Sequence[str], known: Collection[str]) -> None:
    """:raises LicenseTypeUnknown: names the first that the product does not have."""
    for license_type in types:
        if license_type not in known:
            raise LicenseTypeUnknown(
                f"The product has no license type {license_type}.", type=license_type
            )


_USED_FOR: Mapping[LicenseKind, str] = {
    LicenseKind.SUBSCRIPTION: "are allocated to a subscription year",
    LicenseKind.EXTENSION: "are allocated to a system",
    LicenseKind.TIED: "come with their hardware",
    LicenseKind.UPGRADE: "upgrade other licenses",
}


def require_kind(product: RegisteredProduct, types: Iterable[str], kind: LicenseKind) -> None:
    """Refuses types that are not of the product, or not of the kind (R2).

    :raises LicenseTypeUnknown:
    :raises LicenseKindMismatch: says what licenses of that kind are for.
    """
    for license_type in sorted(types):
        is_of = product.kind_of(license_type)
        if is_of is None:
            raise LicenseTypeUnknown(
                f"The product has no license type {license_type}.", type=license_type
            )
        if is_of is not kind:
            raise LicenseKindMismatch(
                f"Licenses of type {license_type} {_USED_FOR[is_of]}.",
                type=license_type,
                kind=is_of.value,
            )
