"""Hardware: whose it is, and the licenses that are with a system instead of a year (R2, D-17)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from contracts.errors import Conflict, Invalid
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


class ReplacementImpossible(Conflict):
    """The system cannot take the other's place."""

    code = "replacement-impossible"


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


def held_by(books: Books, product: str, system_id: UUID) -> Mapping[str, int]:
    """Licenses of each type that are tied or extended to a system, suspended or not."""
    held = {
        name.type: account.balance // TICKS_PER_LICENSE
        for name, account in books.accounts.items()
        if (name.product, name.kind, name.ref) == (product, AccountKind.SYSTEM, str(system_id))
    }
    return {kind: licenses for kind, licenses in sorted(held.items()) if licenses}


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


@dataclass(frozen=True)
class Handover:
    """``moved`` goes to the system that takes the place, ``ended`` leaves with the one replaced."""

    moved: Mapping[str, int]
    ended: Mapping[str, int]


def handover(
    product: RegisteredProduct,
    old: Mapping[str, int],
    new: Mapping[str, int],
    *,
    is_hardware: bool,
) -> Handover:
    """All licenses follow, but of those tied to hardware only what the new one did not bring (D-17).

    The licenses that both came with were paid for once.

    :param new: what is on the system that takes the place; ``is_hardware``: whether it is some.
    :raises ReplacementImpossible: licenses are tied to hardware, and it is none.
    """
    tied = of_kind(product, old, LicenseKind.TIED)
    if tied and not is_hardware:
        raise ReplacementImpossible("Licenses tied to hardware go to hardware only.")
    ended = {code: n for code in tied if (n := min(tied[code], new.get(code, 0)))}
    moved = {code: n for code in old if (n := old[code] - ended.get(code, 0))}
    return Handover(moved, ended)


def handed_over(
    product: str, old: UUID, new: UUID, handover: Handover, on: date
) -> Sequence[Posting]:
    moved = [
        _posting(_on(product, code, old), _on(product, code, new), n, Reason.REPLACED, on)
        for code, n in handover.moved.items()
    ]
    return [*moved, *released(product, old, handover.ended, on)]


def _on(product: str, code: str, system_id: UUID) -> AccountName:
    return AccountName(product, code, AccountKind.SYSTEM, str(system_id))


def _outside(product: str, code: str) -> AccountName:
    return AccountName(product, code, AccountKind.TIED)


def _posting(
    debit: AccountName, credit: AccountName, licenses: int, reason: Reason, on: date
) -> Posting:
    return Posting(debit, credit, licenses * TICKS_PER_LICENSE, reason, on)
