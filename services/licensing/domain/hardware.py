"""Hardware: whose it is, and the licenses that are with a system instead of a year (R2, D-17)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from contracts.errors import Invalid
from contracts.licensing import LicenseKind
from services.licensing.domain import license_key
from services.licensing.domain.allocation import NothingToAllocate
from services.licensing.domain.books import Books
from services.licensing.domain.ledger import (
    AccountKind,
    AccountName,
    Posting,
    Reason,
    wallet_of,
)
from services.licensing.domain.license_key import KeyMalformed
from services.licensing.domain.policy import TICKS_PER_LICENSE
from services.licensing.domain.product import RegisteredProduct, require_kind
from services.licensing.domain.standing import Position
from services.licensing.domain.wallet import spend


class OwnershipProofMalformed(Invalid):
    """Its check symbols do not fit: it was mistyped."""

    code = "ownership-proof-malformed"


class OwnershipProofWrong(Invalid):
    """It does not belong to the serial, or no supplier knows either."""

    code = "ownership-proof-wrong"


def read_proof(text: str) -> str:
    """The 25 symbols of what somebody typed from the sheet of their hardware.

    :raises OwnershipProofMalformed:
    """
    try:
        return license_key.read(text)
    except KeyMalformed:
        raise OwnershipProofMalformed(
            "This is not an ownership proof: compare it with the one that came with the hardware."
        ) from None


def held_by_system(books: Books, product: str) -> Mapping[str, Mapping[str, int]]:
    """Licenses of each type that are tied or extended to each system, suspended or not."""
    held: dict[str, dict[str, int]] = {}
    for name, account in books.accounts.items():
        if (name.product, name.kind) == (product, AccountKind.SYSTEM) and account.balance:
            licenses = account.balance // TICKS_PER_LICENSE
            held.setdefault(name.ref, {})[name.type] = licenses
    return {ref: dict(sorted(licenses.items())) for ref, licenses in held.items()}


def held_by(books: Books, product: str, system_id: UUID) -> Mapping[str, int]:
    return held_by_system(books, product).get(str(system_id), {})


def of_kind(
    product: RegisteredProduct, licenses: Mapping[str, int], kind: LicenseKind
) -> Mapping[str, int]:
    return {code: n for code, n in licenses.items() if product.kind_of(code) is kind}


def meeting(product: RegisteredProduct, licenses: Mapping[str, int]) -> Mapping[str, int]:
    """By the type whose need they meet, of each that need is counted in (D-16)."""
    met: Counter[str] = Counter()
    for known in product.types:
        if known.meets is not None:
            met[known.meets] += licenses.get(known.code, 0)
    return {code: met[code] for code in product.needed_types}


def preloaded(
    product: str, system_id: UUID, tied: Mapping[str, int], on: date
) -> Sequence[Posting]:
    """They become active with the hardware's registration (R32)."""
    return [
        _posting(_outside(product, code), _on(product, code, system_id), n, Reason.TIED, on)
        for code, n in tied.items()
    ]


def released(product: str, system_id: UUID, tied: Mapping[str, int], on: date) -> Sequence[Posting]:
    """They leave with the hardware, for whoever registers it next."""
    return [
        _posting(_on(product, code, system_id), _outside(product, code), n, Reason.RELEASED, on)
        for code, n in tied.items()
    ]


def extended(
    position: Position, system_id: UUID, wanted: Mapping[str, int], on: date
) -> Sequence[Posting]:
    """From the wallet to one system, the first to expire first; all lines or none (R35).

    :raises LicenseTypeUnknown:
    :raises LicenseKindMismatch:
    :raises NothingToAllocate:
    :raises InsufficientWallet:
    """
    product = position.product
    require_kind(product, wanted, LicenseKind.EXTENSION)
    if not wanted:
        raise NothingToAllocate("Name at least one license to allocate.")
    return [
        _posting(
            wallet_of(product.code, code, part.lot.id),
            _on(product.code, code, system_id),
            part.licenses,
            Reason.EXTENDED,
            on,
        )
        for code, licenses in sorted(wanted.items())
        for part in spend(position.lots, code, licenses, on)
    ]


def passed_on(
    product: str, old: UUID, new: UUID, licenses: Mapping[str, int], on: date
) -> Sequence[Posting]:
    """They go with what the one system did to the one in its place (D-17)."""
    return [
        _posting(_on(product, code, old), _on(product, code, new), n, Reason.REPLACED, on)
        for code, n in licenses.items()
    ]


def _on(product: str, code: str, system_id: UUID) -> AccountName:
    return AccountName(product, code, AccountKind.SYSTEM, str(system_id))


def _outside(product: str, code: str) -> AccountName:
    return AccountName(product, code, AccountKind.TIED)


def _posting(
    debit: AccountName, credit: AccountName, licenses: int, reason: Reason, on: date
) -> Posting:
    return Posting(debit, credit, licenses * TICKS_PER_LICENSE, reason, on)
