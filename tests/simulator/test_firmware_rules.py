"""The rules of trial, commit and rollback without a network."""

import pytest

from simulator.firmware import (
    AutoCommit,
    Code,
    FactoryDefault,
    Firmware,
    FirmwareRefused,
    Slot,
    upgrade_options,
)
from simulator.image import image_bytes, read_header
from simulator.settings import Role, Settings, User

SETTINGS = Settings().with_user(User("root", "secret", Role.ADMIN))
OLD = Firmware(active=Slot("11.11.148", "1", SETTINGS))
HEADER = read_header(image_bytes("P3245-LV", "12.9.57"))


@pytest.mark.parametrize(
    ("params", "commit", "minutes"),
    [
        ({}, AutoCommit.STARTED, 10),
        ({"factoryDefaultMode": "none"}, AutoCommit.STARTED, 10),
        ({"factoryDefaultMode": "soft"}, AutoCommit.BOOT, 10),
        ({"factoryDefaultMode": "hard"}, AutoCommit.BOOT, 10),
        ({"autoRollback": "30"}, AutoCommit.NEVER, 30),
        ({"autoRollback": "never"}, AutoCommit.NEVER, None),
        ({"autoCommit": "never"}, AutoCommit.NEVER, None),
        ({"autoCommit": "boot"}, AutoCommit.BOOT, None),
        ({"autoCommit": "never", "autoRollback": "30"}, AutoCommit.NEVER, 30),
        ({"autoCommit": "default", "autoRollback": "default"}, AutoCommit.STARTED, 10),
        ({"autoCommit": "started", "autoRollback": "default"}, AutoCommit.STARTED, None),
    ],
)
def test_an_automatism_is_off_as_soon_as_the_other_one_was_chosen(
    params: dict[str, object], commit: AutoCommit, minutes: int | None
) -> None:
    options = upgrade_options(params)
    assert (options.auto_commit, options.rollback_minutes) == (commit, minutes)


@pytest.mark.parametrize(
    "params",
    [
        {"autoRollback": 30},
        {"autoRollback": "0"},
        {"autoRollback": "-1"},
        {"autoRollback": "soon"},
        {"autoCommit": "later"},
        {"autoCommit": None},
        {"factoryDefaultMode": "medium"},
        {"unheardOf": "yes"},
    ],
)
def test_options_that_nobody_knows_are_refused(params: dict[str, object]) -> None:
    with pytest.raises(FirmwareRefused) as refusal:
        upgrade_options(params)
    assert refusal.value.code == Code.UNPARSABLE


def test_a_rollback_brings_back_version_and_settings_and_is_the_only_one() -> None:
    options = upgrade_options({"factoryDefaultMode": FactoryDefault.SOFT.value})
    new = OLD.upgraded(HEADER, options, "2026-11-21T09:00:00+01:00")
    assert new.active.settings.needs_setup
    old = new.rolled_back()
    assert (old.active.version, old.active.settings) == ("11.11.148", SETTINGS)
    assert old.is_committed
    with pytest.raises(FirmwareRefused) as refusal:
        old.rolled_back()
    assert refusal.value.code == Code.NOTHING_TO_ROLL_BACK_TO


def test_a_firmware_that_cannot_go_back_is_committed_at_once() -> None:
    header = read_header(image_bytes("P3245-LV", "7.30.1"))
    new = OLD.upgraded(header, upgrade_options({"autoCommit": "never"}), "")
    assert new.is_committed
    assert new.inactive is None


def test_a_purge_waits_for_the_commit() -> None:
    new = OLD.upgraded(HEADER, upgrade_options({}), "")
    with pytest.raises(FirmwareRefused) as refusal:
        new.purged()
    assert refusal.value.code == Code.UNCOMMITTED
    assert new.committed().purged().inactive is None


def test_a_password_is_not_part_of_what_is_printed() -> None:
    assert "secret" not in repr(OLD) + repr(SETTINGS)
