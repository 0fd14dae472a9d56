"""Settings come from one file whose values come from the environment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from chassis.clock import FileClock, FixedClock, clock_from
from chassis.config import Config, ConfigurationError


@dataclass(frozen=True)
class Numbers:
    tries: int = 5
    pause: timedelta = timedelta(seconds=60)
    strict: bool = True
    networks: tuple[str, ...] = ("10.0.0.0/8",)
    password: str = ""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "nameko.yml"
    path.write_text(text)
    return path


FILE = """
rules:
  tries: ${FREEHOLD_RULES_TRIES:7}
  pause: ${FREEHOLD_RULES_PAUSE:}
  strict: ${FREEHOLD_RULES_STRICT:no}
  networks: ${FREEHOLD_RULES_NETWORKS:127.0.0.0/8, ::1/128}
  password: ${FREEHOLD_RULES_PASSWORD:}
"""


def test_a_default_stands_in_the_file_and_an_empty_one_in_the_code(tmp_path: Path) -> None:
    numbers = Config.load(written(tmp_path, FILE), {}).section(Numbers, "rules")
    assert numbers == Numbers(tries=7, strict=False, networks=("127.0.0.0/8", "::1/128"))


def test_a_secret_that_looks_like_yaml_stays_the_text_it_is(tmp_path: Path) -> None:
    environment = {"FREEHOLD_RULES_PASSWORD": "0123", "FREEHOLD_RULES_PAUSE": "1.5"}
    numbers = Config.load(written(tmp_path, FILE), environment).section(Numbers, "rules")
    assert numbers.password == "0123"
    assert numbers.pause == timedelta(seconds=1.5)


def test_a_value_of_the_wrong_type_is_named_and_not_shown(tmp_path: Path) -> None:
    config = Config.load(written(tmp_path, FILE), {"FREEHOLD_RULES_TRIES": "s3cret"})
    with pytest.raises(ConfigurationError, match=r"rules\.tries") as refused:
        config.section(Numbers, "rules")
    assert "s3cret" not in str(refused.value)


def test_a_missing_variable_without_default_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="FREEHOLD_NEEDED"):
        Config.load(written(tmp_path, "rules:\n  tries: ${FREEHOLD_NEEDED}\n"), {})


def test_production_refuses_a_test_clock(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="test and demo mode only"):
        clock_from(f"file:{tmp_path / 'clock'}", production=True)


def test_processes_that_share_a_clock_file_move_together(tmp_path: Path) -> None:
    one, two = FileClock(tmp_path / "clock"), FileClock(tmp_path / "clock")
    before = two.now()
    one.advance(timedelta(days=30))
    assert two.now() - before >= timedelta(days=30)


def test_a_test_clock_moves_forward_only() -> None:
    from datetime import UTC, datetime

    clock = FixedClock(datetime(2025, 3, 1, tzinfo=UTC))
    with pytest.raises(ValueError, match="forward only"):
        clock.advance(timedelta(seconds=-1))
