"""Handover: what a system holds goes to the one that takes its place (D-17)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from contracts.errors import Conflict
from contracts.licensing import LicenseKind
from services.licensing.domain.hardware import of_kind, passed_on, released
from services.licensing.domain.ledger import Posting
from services.licensing.domain.product import RegisteredProduct


class ReplacementImpossible(Conflict):
    """The system cannot take the other's place."""

    code = "replacement-impossible"


@dataclass(frozen=True)
class Handover:
    """``moved`` goes to the system that takes the place, ``ended`` leaves with the one replaced.

    ``ended_there`` leaves the one that takes the place: they come upgraded from the other.
    """

    moved: Mapping[str, int]
    ended: Mapping[str, int]
    ended_there: Mapping[str, int]


def handover(
    product: RegisteredProduct,
    old: Mapping[str, int],
    new: Mapping[str, int],
    *,
    brought: Mapping[str, int] | None,
) -> Handover:
    """All licenses follow, but of those tied to hardware only what the new one did not bring (D-17).

    The licenses that both came with were paid for once. Where they were upgraded on one of the two,
    the upgraded ones stay.

    :param new: what is on the system that takes the place.
    :param brought: what that one came with; None where it is no hardware.
    :raises ReplacementImpossible: licenses are tied to hardware, and it is none; or those that both
        came with were upgraded on both, and what was paid for one upgrade would be lost.
    """
    tied, there = (Counter(of_kind(product, held, LicenseKind.TIED)) for held in (old, new))
    if tied and brought is None:
        raise ReplacementImpossible("Licenses tied to hardware go to hardware only.")
    both = tied & there
    better = _better(product)
    for code in set().union(*better.values()) & both.keys():
        if both[code] > (brought or {}).get(code, 0):
            raise ReplacementImpossible(f"Licenses were upgraded to {code} on both systems.")
    ended, ended_there = Counter(both), Counter[str]()
    tied, there = tied - both, there - both
    for here, code in [(here, code) for here in sorted(tied) for code in sorted(there)]:
        pairs = min(tied[here], there[code])
        if here in better[code]:
            ended_there[code] += pairs
        elif code in better[here]:
            ended[here] += pairs
        else:
            continue
        tied[here] -= pairs
        there[code] -= pairs
    return Handover(_some(Counter(old) - ended), _some(ended), _some(ended_there))


def handed_over(
    product: str, old: UUID, new: UUID, handover: Handover, on: date
) -> Sequence[Posting]:
    return [
        *passed_on(product, old, new, handover.moved, on),
        *released(product, old, handover.ended, on),
        *released(product, new, handover.ended_there, on),
    ]


def _better(product: RegisteredProduct) -> Mapping[str, set[str]]:
    """By type, all that licenses of it can be upgraded to, in however many steps."""
    steps = {(known.upgrade_from, known.upgrade_to) for known in product.types}
    better: dict[str, set[str]] = {known.code: set() for known in product.types}
    for code, reached in better.items():
        while more := {
            target
            for source, target in steps
            if target is not None and source in {code, *reached} and target not in reached
        }:
            reached |= more
    return better


def _some(licenses: Mapping[str, int]) -> Mapping[str, int]:
    return {code: n for code, n in sorted(licenses.items()) if n}
