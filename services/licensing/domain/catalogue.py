"""Catalogue: which products there can be, and what of them stays once they are in use (R2, R45)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from contracts.errors import Conflict, Invalid
from contracts.licensing import LicenseKind
from services.licensing.domain.product import ON_HARDWARE, Coterm, LicenseType
from services.licensing.domain.upgrade import require_upgradable


class CatalogueInvalid(Invalid):
    """A product's license types do not fit together."""

    code = "catalogue-invalid"


class CatalogueInUse(Conflict):
    """Organizations hold licenses on the terms that would change."""

    code = "catalogue-in-use"


@dataclass(frozen=True)
class Product:
    code: str
    name: str
    trial_days: int
    counts_devices_as: str | None
    coterm: Coterm
    types: Mapping[str, LicenseType]

    def of_kind(self, *kinds: LicenseKind) -> list[str]:
        return sorted(code for code, known in self.types.items() if known.kind in kinds)

    @property
    def needed_types(self) -> Sequence[str]:
        """What need can be counted in, as `RegisteredProduct` has it."""
        on_hardware = self.of_kind(*ON_HARDWARE)
        return self.of_kind(LicenseKind.SUBSCRIPTION) or [
            code for code in on_hardware if self.types[code].covers is None
        ]


def extended(before: Product | None, wanted: Product) -> Product:
    """What the catalogue holds afterwards: types that are not named stay."""
    return wanted if before is None else replace(wanted, types={**before.types, **wanted.types})


def require_sound(product: Product) -> None:
    """:raises CatalogueInvalid: says which type does not fit, and why.
    :raises UpgradeTypesMustDiffer:
    :raises LicenseKindMismatch: an upgrade leads from one kind of licenses to another.
    """
    needed = product.needed_types
    if not needed:
        raise CatalogueInvalid(
            f"{product.code} needs a license type that it is used with, beside upgrades."
        )
    if product.counts_devices_as not in (None, *needed):
        raise CatalogueInvalid(f"{product.code} counts devices as one of: {', '.join(needed)}.")
    for known in product.types.values():
        _require_cover(product, known)
        if known.kind is LicenseKind.UPGRADE:
            require_upgradable(product.types, known)
        elif known.upgrade_from or known.upgrade_to:
            raise CatalogueInvalid(
                f"{known.code} of {product.code} is no upgrade, and so leads nowhere."
            )


def _require_cover(product: Product, known: LicenseType) -> None:
    """Hardware's own licenses meet a need that is counted in, theirs or another's (R32, R33)."""
    on_hardware = known.kind in ON_HARDWARE
    if known.covers is not None and not on_hardware:
        raise CatalogueInvalid(f"{known.code} of {product.code} covers no need but its own.")
    if on_hardware and known.meets not in product.needed_types:
        raise CatalogueInvalid(
            f"{known.code} of {product.code} covers one of: {', '.join(product.needed_types)}."
        )


def require_kept(before: Product, after: Product) -> None:
    """Of a product in use, only names, trials and attributes change, and types are added.

    :raises CatalogueInUse: names what would change.
    """
    changed = [
        what
        for what, old, new in (
            ("coterm", before.coterm, after.coterm),
            ("counts_devices_as", before.counts_devices_as, after.counts_devices_as),
            ("what need is counted in", _is_subscribed_to(before), _is_subscribed_to(after)),
        )
        if old != new
    ]
    changed += [
        f"type {code}"
        for code, known in before.types.items()
        if _terms(known) != _terms(after.types[code])
    ]
    if changed:
        raise CatalogueInUse(
            f"{before.code} is in use, and this would change: {', '.join(changed)}."
        )


def changes(before: Product | None, after: Product) -> Iterator[str]:
    """In words, for whoever looks before or after."""
    if before is None:
        yield f"{after.code}: new product with {', '.join(sorted(after.types))}"
        return
    for what in ("name", "trial_days", "counts_devices_as", "coterm"):
        old, new = getattr(before, what), getattr(after, what)
        if old != new:
            yield f"{after.code}: {what} {old} becomes {new}"
    for code, known in sorted(after.types.items()):
        if code not in before.types:
            yield f"{after.code}: new type {code}"
        elif known != before.types[code]:
            yield f"{after.code}: type {code} changes"


def where_to_buy(template: str, country: str | None) -> str | None:
    """Where the customer's partners are listed (R5); None where no page is named."""
    return template.replace("{country}", country or "") or None


def _is_subscribed_to(product: Product) -> bool:
    return bool(product.of_kind(LicenseKind.SUBSCRIPTION))


def _terms(known: LicenseType) -> LicenseType:
    return replace(known, attributes={})
