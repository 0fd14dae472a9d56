"""Arrival of system files: whether the system is the one first seen (D-19)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import Refusal
from contracts.license_files import Arrival
from services.licensing.domain.arrival import (
    FingerprintChanged,
    KnownSystem,
    StaleSystemFile,
    SystemKeyChanged,
    arrival,
)
from services.licensing.domain.system import SystemAlreadyRegistered, SystemKind
from services.licensing.domain.system_file import SystemFile, read
from tests.unit.licensing.files import ORGANIZATION, OTHER_KEY, public, system_file

ELSEWHERE = UUID(int=99)


def known_as(file: SystemFile, **changes: Any) -> KnownSystem:
    """The system as this file left it, or otherwise."""
    known = KnownSystem(
        organization_id=ORGANIZATION,
        product=file.product,
        kind=SystemKind.OFFLINE,
        fingerprint=file.fingerprint,
        public_key=file.public_key,
        sequence=file.sequence,
        digest=file.digest,
    )
    return replace(known, **changes)


FIRST = read(system_file())
NEXT = read(system_file(sequence=6, counts={"core": 13}))


def test_the_first_file_registers_the_system_and_the_next_brings_its_news() -> None:
    """D-19."""
    assert arrival(None, FIRST, ORGANIZATION) is Arrival.REGISTERED
    assert arrival(known_as(FIRST), NEXT, ORGANIZATION) is Arrival.UPDATED


def test_the_same_file_again_changes_nothing() -> None:
    """D-19, D-24."""
    assert arrival(known_as(FIRST), FIRST, ORGANIZATION) is Arrival.UNCHANGED


def test_two_files_of_one_number_are_told_apart_by_their_nonce() -> None:
    """D-19."""
    other = read(system_file(nonce="00" * 16))
    with pytest.raises(StaleSystemFile):
        arrival(known_as(FIRST), other, ORGANIZATION)


@given(known=st.integers(1, 50), sent=st.integers(1, 50))
def test_a_number_never_goes_back(known: int, sent: int) -> None:
    """D-19: a lower number, or the same with other content, is stale."""
    before = known_as(replace(FIRST, sequence=known, digest="before"))
    file = replace(FIRST, sequence=sent, digest="now")
    if sent > known:
        assert arrival(before, file, ORGANIZATION) is Arrival.UPDATED
    else:
        with pytest.raises(StaleSystemFile) as refused:
            arrival(before, file, ORGANIZATION)
        assert refused.value.facts == {"sequence": str(sent), "last_sequence": str(known)}


@pytest.mark.parametrize(
    ("before", "refusal"),
    [
        ({"organization_id": ELSEWHERE}, SystemAlreadyRegistered),
        ({"product": "site-health"}, SystemAlreadyRegistered),
        ({"public_key": public(OTHER_KEY)}, SystemKeyChanged),
        ({"fingerprint": "cd" * 32}, FingerprintChanged),
    ],
)
def test_a_system_that_is_not_the_one_first_seen_is_refused(
    before: dict[str, Any], refusal: type[Refusal]
) -> None:
    """D-19: also when the file was the last one seen, or the system was removed since."""
    for file in (FIRST, NEXT):
        with pytest.raises(refusal):
            arrival(known_as(FIRST, **before), file, ORGANIZATION)
    if "organization_id" not in before:
        with pytest.raises(refusal):
            arrival(known_as(FIRST, **before, organization_id=None), NEXT, ORGANIZATION)


@pytest.mark.parametrize("before", [{"public_key": public(OTHER_KEY)}, {"fingerprint": "cd" * 32}])
def test_another_key_or_other_hardware_is_for_an_operator(before: dict[str, Any]) -> None:
    """D-19."""
    with pytest.raises(Refusal, match="operator"):
        arrival(known_as(FIRST, **before), NEXT, ORGANIZATION)


def test_another_organization_is_told_nothing_of_the_system() -> None:
    """Security 2.8: not its product, number, key or owner, whatever else differs."""
    before = known_as(
        FIRST,
        organization_id=ELSEWHERE,
        product="site-health",
        public_key=public(OTHER_KEY),
        fingerprint="cd" * 32,
        sequence=1_234,
    )
    with pytest.raises(SystemAlreadyRegistered) as refused:
        arrival(before, FIRST, ORGANIZATION)
    assert refused.value.facts == {}
    assert refused.value.detail == "This system is registered to another organization."


def test_a_removed_system_is_registered_by_a_new_file_only() -> None:
    """D-17: by whichever organization; a copy of an old file brings it to nobody."""
    removed = known_as(FIRST, organization_id=None)
    assert arrival(removed, NEXT, ELSEWHERE) is Arrival.REGISTERED
    with pytest.raises(StaleSystemFile):
        arrival(removed, FIRST, ELSEWHERE)


OTHERWISE: dict[str, Any] = {"public_key": None, "fingerprint": None, "digest": None, "sequence": 3}


@pytest.mark.parametrize("kind", [SystemKind.ONLINE, SystemKind.HARDWARE])
def test_a_system_registered_otherwise_is_pinned_by_its_first_file(kind: SystemKind) -> None:
    """D-19: hardware without a connection, or a system that lost its own."""
    known = known_as(FIRST, kind=kind, **OTHERWISE)
    assert arrival(known, FIRST, ORGANIZATION) is Arrival.UPDATED
    with pytest.raises(SystemAlreadyRegistered):
        arrival(known, FIRST, ELSEWHERE)


@pytest.mark.parametrize("kind", [SystemKind.ONLINE, SystemKind.HARDWARE])
def test_a_file_does_not_bring_back_what_was_registered_otherwise(kind: SystemKind) -> None:
    """D-17: hardware asks for its proof again, and a system with a line for its credential."""
    for changes in ({}, OTHERWISE):
        removed = known_as(FIRST, kind=kind, organization_id=None, **changes)
        with pytest.raises(SystemAlreadyRegistered, match="again"):
            arrival(removed, NEXT, ORGANIZATION)


@pytest.mark.parametrize("before", [{"public_key": public(OTHER_KEY)}, {"fingerprint": "cd" * 32}])
def test_an_operator_lets_in_another_key_or_other_hardware(before: dict[str, Any]) -> None:
    """D-19."""
    known = known_as(FIRST, **before)
    assert arrival(known, NEXT, ORGANIZATION, is_vouched=True) is Arrival.UPDATED


def test_an_operator_lets_a_new_key_count_anew_but_no_old_file_in() -> None:
    """D-19: a system set up anew has forgotten its number; hardware that moved has not."""
    known = known_as(FIRST, sequence=50, digest="before")
    anew = replace(known, public_key=public(OTHER_KEY))
    assert arrival(anew, FIRST, ORGANIZATION, is_vouched=True) is Arrival.UPDATED
    with pytest.raises(StaleSystemFile):
        arrival(replace(known, fingerprint="cd" * 32), FIRST, ORGANIZATION, is_vouched=True)


def test_an_operators_word_moves_no_system_to_another_organization_or_product() -> None:
    """R6."""
    for changes in ({"organization_id": ELSEWHERE}, {"product": "site-health"}):
        with pytest.raises(SystemAlreadyRegistered):
            arrival(known_as(FIRST, **changes), NEXT, ORGANIZATION, is_vouched=True)
