"""System files: what one has to say, and whether the system is the one first seen (R8, D-19)."""

from __future__ import annotations

import json
import stat
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from examples import make_system_file
from services.licensing.domain.signed_file import FileMalformed, SignatureWrong
from services.licensing.domain.system_file import (
    ACCEPTED_FOR,
    CLOCK_DRIFT,
    SystemFile,
    SystemFileFromFuture,
    SystemFileTooOld,
    SystemFileWrongProduct,
    read,
)
from tests.unit.licensing.files import (
    FINGERPRINT,
    KEY,
    NOW,
    OTHER_KEY,
    SYSTEM,
    container,
    public,
    system_claims,
    system_file,
)

SECOND = timedelta(seconds=1)
ELSEWHERE = UUID(int=99)


def accepted(content: bytes, now: datetime) -> SystemFile:
    file = read(content)
    file.require_recent(now)
    return file


def test_a_file_says_what_the_system_is_and_uses() -> None:
    """D-19."""
    file = accepted(system_file(), NOW)
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
            accepted(system_file(**{name: wrong}), NOW)


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
        accepted(system_file(**{name: wrong}), NOW)


def test_a_file_is_signed_by_the_key_it_names() -> None:
    """D-19, M6."""
    with pytest.raises(SignatureWrong):
        accepted(system_file(OTHER_KEY), NOW)
    with pytest.raises(SignatureWrong):
        accepted(system_file(public_key=public(OTHER_KEY)), NOW)
    accepted(system_file(OTHER_KEY, public_key=public(OTHER_KEY)), NOW)


def test_a_license_file_is_no_system_file() -> None:
    """M6."""
    payload = json.dumps(system_claims(), sort_keys=True, separators=(",", ":")).encode()
    with pytest.raises(FileMalformed):
        accepted(container(payload, title="LICENSE FILE", prefix="license/"), NOW)
    with pytest.raises(SignatureWrong):
        accepted(container(payload, prefix="license/"), NOW)


def test_a_file_counts_for_thirty_days_and_a_day_ahead() -> None:
    """D-19: carried by hand, and written by clocks nobody sets."""
    created_at = accepted(system_file(), NOW).created_at
    accepted(system_file(), created_at + ACCEPTED_FOR)
    with pytest.raises(SystemFileTooOld):
        accepted(system_file(), created_at + ACCEPTED_FOR + SECOND)
    accepted(system_file(), created_at - CLOCK_DRIFT)
    with pytest.raises(SystemFileFromFuture):
        accepted(system_file(), created_at - CLOCK_DRIFT - SECOND)


def test_a_file_is_for_its_own_product() -> None:
    """D-8, D-19."""
    file = read(system_file())
    file.require_for("camera-manager")
    with pytest.raises(SystemFileWrongProduct) as refused:
        file.require_for("site-health")
    assert refused.value.facts == {"product": "camera-manager"}


def test_what_the_history_keeps_of_a_file_is_all_of_it() -> None:
    """I11: plain JSON, of which the same file can be made again."""
    file = read(system_file())
    assert SystemFile.of_facts(json.loads(json.dumps(file.facts()))) == file


def test_a_file_is_verified_before_its_age_is_told() -> None:
    with pytest.raises(SignatureWrong):
        accepted(system_file(OTHER_KEY), NOW + 2 * ACCEPTED_FOR)


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
    return accepted(path.read_bytes(), NOW)


def test_the_example_system_writes_files_that_follow_one_another(tmp_path: Path) -> None:
    first = _made(tmp_path / "a", ["board 1", "mac 2"], {"core": 3})
    second = _made(tmp_path / "a", ["mac 2", "board 1"], {"core": 4})
    assert (first.counts, second.counts) == ({"core": 3}, {"core": 4})
    assert (first.system_id, first.public_key) == (second.system_id, second.public_key)
    assert (first.sequence, second.sequence) == (1, 2)
    assert first.fingerprint == second.fingerprint
    moved = _made(tmp_path / "a", ["board 9"], {"core": 4})
    assert (moved.system_id, moved.sequence) == (first.system_id, 3)
    assert moved.fingerprint != first.fingerprint


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


def test_a_system_that_is_registered_already_takes_its_id(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Hardware with licenses of its own is registered with its proof before it writes a file."""
    arguments = "--product camera-manager --version 4.2 --hardware B1 --count core=3"
    folder = str(tmp_path / "recorder")
    make_system_file.main([folder, *arguments.split()])
    own = read(Path(capsys.readouterr().out.strip()).read_bytes())
    make_system_file.main([folder, *arguments.split(), "--system", str(SYSTEM)])
    registered = read(Path(capsys.readouterr().out.strip()).read_bytes())
    assert registered.system_id == SYSTEM
    assert (registered.public_key, registered.sequence) == (own.public_key, 2)
    make_system_file.main([folder, *arguments.split()])
    assert read(Path(capsys.readouterr().out.strip()).read_bytes()).system_id == SYSTEM
