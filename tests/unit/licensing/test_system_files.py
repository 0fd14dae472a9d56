"""System files: what one has to say, and whether the system is the one first seen (R8, D-19)."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import Refusal
from examples import make_system_file
from services.licensing.domain.signed_file import FileMalformed, SignatureWrong
from services.licensing.domain.system_file import (
    ACCEPTED_FOR,
    CLOCK_DRIFT,
    Arrival,
    FingerprintChanged,
    KnownSystem,
    StaleSystemFile,
    SystemAlreadyRegistered,
    SystemFile,
    SystemFileFromFuture,
    SystemFileTooOld,
    SystemKeyChanged,
    arrival,
    read,
)
from tests.unit.licensing.files import (
    FINGERPRINT,
    KEY,
    NOW,
    ORGANIZATION,
    OTHER_KEY,
    SYSTEM,
    container,
    public,
    system_claims,
    system_file,
)

SECOND = timedelta(seconds=1)
ELSEWHERE = UUID(int=99)


def test_a_file_says_what_the_system_is_and_uses() -> None:
    """D-19."""
    file = read(system_file(), NOW)
    assert file == SystemFile(
        system_id=SYSTEM,
        fingerprint=FINGERPRINT,
        product="camera-manager",
        version="4.2 (build 7)",
        counts={"core": 12, "universal": 0},
        sequence=5,
        created_at=NOW - timedelta(hours=1),
        public_key=public(),
        digest=file.digest,
    )


@pytest.mark.parametrize("name", sorted(system_claims()))
def test_a_claim_that_is_missing_null_or_of_another_kind_is_refused(name: str) -> None:
    """D-19."""
    several: tuple[Any, ...] = (..., None, [], {}, "", True, -1, "x" * 10_000)
    for wrong in several:
        with pytest.raises(FileMalformed):
            read(system_file(**{name: wrong}), NOW)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("format", 2),
        ("format", "1"),
        ("system_id", "{00000000-0000-0000-0000-000000000002}"),
        ("system_id", "00000000000000000000000000000002"),
        ("system_id", "ABCDEF00-0000-0000-0000-000000000002"),
        ("fingerprint", FINGERPRINT.upper()),
        ("fingerprint", FINGERPRINT + "\n"),
        ("fingerprint", FINGERPRINT[:-1]),
        ("product", "Camera-Manager"),
        ("product", "camera-manager\n"),
        ("product", "a" * 61),
        ("version", "4.2 "),
        ("version", " "),
        ("version", "4\n2"),
        ("version", "٤"),
        ("version", "v" * 61),
        ("counts", {"core": True}),
        ("counts", {"core": -1}),
        ("counts", {"core": "12"}),
        ("counts", {"core": 1_000_001}),
        ("counts", {"Core": 1}),
        ("counts", {"": 1}),
        ("counts", {"a" * 61: 1}),
        ("counts", {f"type-{number}": 1 for number in range(21)}),
        ("counts", [["core", 1]]),
        ("sequence", 0),
        ("sequence", 2**53),
        ("created_at", "2025-03-10T11:00:00+00:00"),
        ("created_at", "2025-03-10T11:00:00.000Z"),
        ("created_at", "2025-03-10 11:00:00Z"),
        ("created_at", "2025-3-10T11:00:00Z"),
        ("created_at", "2025-02-29T11:00:00Z"),
        ("created_at", "2025-03-10T11:00:60Z"),
        ("created_at", 1_741_604_400),
        ("nonce", "0F" * 16),
        ("nonce", "0f" * 15),
        ("public_key", public().upper()),
        ("public_key", public()[:-2]),
        ("further", 1),
    ],
)
def test_a_claim_out_of_its_form_is_refused(name: str, wrong: Any) -> None:
    """D-19: each has one form, so that two readers never read two things."""
    with pytest.raises(FileMalformed):
        read(system_file(**{name: wrong}), NOW)


def test_a_file_is_signed_by_the_key_it_names() -> None:
    """D-19, M6."""
    with pytest.raises(SignatureWrong):
        read(system_file(OTHER_KEY), NOW)
    with pytest.raises(SignatureWrong):
        read(system_file(public_key=public(OTHER_KEY)), NOW)
    read(system_file(OTHER_KEY, public_key=public(OTHER_KEY)), NOW)


def test_a_license_file_is_no_system_file() -> None:
    """M6."""
    payload = json.dumps(system_claims(), sort_keys=True, separators=(",", ":")).encode()
    with pytest.raises(FileMalformed):
        read(container(payload, title="LICENSE FILE", prefix="license/"), NOW)
    with pytest.raises(SignatureWrong):
        read(container(payload, prefix="license/"), NOW)


def test_a_file_counts_for_thirty_days_and_a_day_ahead() -> None:
    """D-19: carried by hand, and written by clocks nobody sets."""
    created_at = read(system_file(), NOW).created_at
    read(system_file(), created_at + ACCEPTED_FOR)
    with pytest.raises(SystemFileTooOld):
        read(system_file(), created_at + ACCEPTED_FOR + SECOND)
    read(system_file(), created_at - CLOCK_DRIFT)
    with pytest.raises(SystemFileFromFuture):
        read(system_file(), created_at - CLOCK_DRIFT - SECOND)


def test_a_file_is_verified_before_its_age_is_told() -> None:
    with pytest.raises(SignatureWrong):
        read(system_file(OTHER_KEY), NOW + 2 * ACCEPTED_FOR)


# Trust on first use


def known_as(file: SystemFile, **changes: Any) -> KnownSystem:
    """The system as this file left it, or otherwise."""
    known = KnownSystem(
        organization_id=ORGANIZATION,
        product=file.product,
        fingerprint=file.fingerprint,
        public_key=file.public_key,
        sequence=file.sequence,
        digest=file.digest,
    )
    return replace(known, **changes)


FIRST = read(system_file(), NOW)
NEXT = read(system_file(sequence=6, counts={"core": 13}), NOW)


def test_the_first_file_registers_the_system_and_the_next_brings_its_news() -> None:
    """D-19."""
    assert arrival(None, FIRST, ORGANIZATION) is Arrival.SYSTEM
    assert arrival(known_as(FIRST), NEXT, ORGANIZATION) is Arrival.NEWS


def test_the_same_file_again_changes_nothing() -> None:
    """D-19, D-24."""
    assert arrival(known_as(FIRST), FIRST, ORGANIZATION) is Arrival.NOTHING


def test_two_files_of_one_number_are_told_apart_by_their_nonce() -> None:
    """D-19."""
    other = read(system_file(nonce="00" * 16), NOW)
    with pytest.raises(StaleSystemFile):
        arrival(known_as(FIRST), other, ORGANIZATION)


@given(known=st.integers(1, 50), sent=st.integers(1, 50))
def test_a_number_never_goes_back(known: int, sent: int) -> None:
    """D-19: a lower number, or the same with other content, is stale."""
    before = known_as(replace(FIRST, sequence=known, digest="before"))
    file = replace(FIRST, sequence=sent, digest="now")
    if sent > known:
        assert arrival(before, file, ORGANIZATION) is Arrival.NEWS
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
    assert arrival(removed, NEXT, ELSEWHERE) is Arrival.SYSTEM
    with pytest.raises(StaleSystemFile):
        arrival(removed, FIRST, ELSEWHERE)


# The software that stands for the one to be licensed


def _made(folder: Path, hardware: list[str], counts: dict[str, int]) -> SystemFile:
    path = make_system_file.write(
        folder,
        product="camera-manager",
        version="4.2",
        hardware=hardware,
        counts=counts,
        now=NOW,
    )
    return read(path.read_bytes(), NOW)


def test_the_example_system_writes_files_that_follow_one_another(tmp_path: Path) -> None:
    first = _made(tmp_path / "a", ["board 1", "mac 2"], {"core": 3})
    second = _made(tmp_path / "a", ["mac 2", "board 1"], {"core": 4})
    assert (first.counts, second.counts) == ({"core": 3}, {"core": 4})
    assert arrival(known_as(first), second, ORGANIZATION) is Arrival.NEWS
    moved = _made(tmp_path / "a", ["board 9"], {"core": 4})
    with pytest.raises(FingerprintChanged):
        arrival(known_as(second), moved, ORGANIZATION)


def test_each_folder_is_a_system_of_its_own_whose_key_only_its_owner_reads(tmp_path: Path) -> None:
    one = _made(tmp_path / "a", ["board 1"], {"core": 3})
    other = _made(tmp_path / "b", ["board 1"], {"core": 3})
    assert one.fingerprint == other.fingerprint
    assert (one.system_id, one.public_key) != (other.system_id, other.public_key)
    assert one.public_key != public(KEY)
    assert stat.S_IMODE((tmp_path / "a" / "system.json").stat().st_mode) == 0o600


def test_the_example_system_is_a_program(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = "--product camera-manager --version 4.2 --hardware B1 M2 --count core=3 other=0"
    make_system_file.main([str(tmp_path), *arguments.split()])
    made = Path(capsys.readouterr().out.strip())
    assert b"BEGIN SYSTEM FILE" in made.read_bytes()
    make_system_file.main([str(tmp_path), *arguments.split()])
    assert capsys.readouterr().out.strip() != str(made)
