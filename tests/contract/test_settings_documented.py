"""The configuration file and the table of settings say what the code reads."""

from __future__ import annotations

from chassis import settings
from chassis.config import Config


def test_the_configuration_file_names_every_setting() -> None:
    assert settings.CONFIGURATION.read_text() == settings.configuration(), "run `make settings`"


def test_the_table_of_settings_is_current() -> None:
    assert settings.TABLE.read_text() == settings.table(), "run `make settings`"


def test_every_setting_says_what_it_means() -> None:
    for section, entry in settings.settings():
        assert entry.metadata.get("help"), f"{section}.{entry.name}"


def test_the_file_with_an_empty_environment_gives_the_defaults_of_the_code() -> None:
    config = Config.load(settings.CONFIGURATION, {})
    for section, classes in settings.SECTIONS.items():
        for path in classes:
            kind = settings.class_at(path)
            assert config.section(kind, section) == kind()
