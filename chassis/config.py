"""Configuration: one file, every value from the environment.

``deploy/nameko.yml`` names each setting with its environment variable and default as
``${NAME:default}``. Values are substituted after the YAML is read, so a secret stays the text it is.
"""

from __future__ import annotations

import dataclasses
import os
import re
import typing
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import yaml

Section = TypeVar("Section")

_PLACE = re.compile(r"\$\{([A-Z][A-Z0-9_]*)(?::([^}]*))?\}")
DEFAULT_FILE = Path(__file__).resolve().parent.parent / "deploy" / "nameko.yml"


class ConfigurationError(Exception):
    """A setting is missing or does not read as its type; the message never holds the value."""


@dataclasses.dataclass(frozen=True)
class SuiteSettings:
    """What every process needs."""

    mode: str = dataclasses.field(
        default="embedded",
        metadata={"help": "`embedded` (demo, tests) or `production` (refuses the test clock)."},
    )
    data_folder: str = dataclasses.field(
        default=".run/data",
        metadata={"help": "Folder of the embedded mode's databases, images and secrets."},
    )
    broker_url: str = dataclasses.field(
        default="inproc://freehold",
        metadata={"help": "AMQP URL of this process's broker user, or the in-process bus."},
    )
    clock: str = dataclasses.field(
        default="system",
        metadata={"help": "`system`, or `file:<path>` for a test clock (not in production)."},
    )
    log_level: str = dataclasses.field(
        default="INFO", metadata={"help": "DEBUG, INFO, WARNING or ERROR."}
    )
    rpc_timeout_seconds: int = dataclasses.field(
        default=5, metadata={"help": "How long one service waits for another's answer."}
    )
    max_workers: int = dataclasses.field(
        default=20, metadata={"help": "Calls and events one service process works on at once."}
    )
    health_host: str = dataclasses.field(
        default="127.0.0.1", metadata={"help": "Address of /healthz, /readyz and /metrics."}
    )
    health_port: int = dataclasses.field(
        default=0, metadata={"help": "Port of /healthz, /readyz and /metrics; 0 serves none."}
    )
    remembered: timedelta = dataclasses.field(
        default=timedelta(days=30),
        metadata={"help": "How long handled events and answered idempotency keys are recognized."},
    )
    start_timeout_seconds: int = dataclasses.field(
        default=60,
        metadata={"help": "How long a starting process waits for its broker and database."},
    )


class Config:
    """The configuration file with the environment's values in place."""

    def __init__(self, values: Mapping[str, Mapping[str, Any]]) -> None:
        self._values = values
        self.suite = self.section(SuiteSettings, "suite")

    @classmethod
    def load(cls, path: Path | None = None, environment: Mapping[str, str] | None = None) -> Config:
        """Reads ``path``, else the file FREEHOLD_CONFIG names, else ``deploy/nameko.yml``."""
        environment = os.environ if environment is None else environment
        path = path or Path(environment.get("FREEHOLD_CONFIG", DEFAULT_FILE))
        document = yaml.safe_load(path.read_text())
        return cls(_substituted(document, environment))

    @property
    def mode(self) -> str:
        return self.suite.mode

    @property
    def is_production(self) -> bool:
        return self.suite.mode == "production"

    @property
    def broker_url(self) -> str:
        return self.suite.broker_url

    @property
    def data_folder(self) -> Path:
        return Path(self.suite.data_folder)

    def section(self, kind: type[Section], name: str) -> Section:
        """The section ``name`` as a frozen dataclass; absent values keep the field's default."""
        section = self._values.get(name) or {}
        hints = typing.get_type_hints(kind)
        values = {}
        for field in dataclasses.fields(kind):  # type: ignore[arg-type]
            given = section.get(field.name)
            if given is None or given == "":
                continue
            try:
                values[field.name] = _read(hints[field.name], given)
            except ValueError:
                raise ConfigurationError(
                    f"Setting {name}.{field.name} does not read as {hints[field.name]}."
                ) from None
        return kind(**values)


def _substituted(value: Any, environment: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _substituted(part, environment) for key, part in value.items()}
    if isinstance(value, list):
        return [_substituted(part, environment) for part in value]
    if isinstance(value, str):
        return _PLACE.sub(lambda place: _value_of(place, environment), value)
    return value


def _value_of(place: re.Match[str], environment: Mapping[str, str]) -> str:
    name, default = place.groups()
    if name in environment:
        return environment[name]
    if default is None:
        raise ConfigurationError(f"Set the environment variable {name}.")
    return str(default)


def _read(hint: Any, value: Any) -> Any:
    if hint is bool:
        words = {"true": True, "false": False, "yes": True, "no": False, "1": True, "0": False}
        if str(value).lower() not in words:
            raise ValueError
        return words[str(value).lower()]
    if hint is timedelta:
        return timedelta(seconds=float(value))
    if typing.get_origin(hint) is tuple:
        parts = value if isinstance(value, list) else str(value).split(",")
        return tuple(str(part).strip() for part in parts if str(part).strip())
    return hint(value)
