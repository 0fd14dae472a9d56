"""The table of settings: `python -m chassis.settings` writes deploy/nameko.yml and docs/settings.md.

Both follow from the frozen dataclasses that the code reads its settings into, so that neither can
name a setting that does not exist or miss one that does.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from dataclasses import Field, fields
from datetime import timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
CONFIGURATION = ROOT / "deploy" / "nameko.yml"
TABLE = ROOT / "docs" / "settings.md"

# Named by text: the chassis imports nothing that stands on it.
SECTIONS: dict[str, tuple[str, ...]] = {
    "suite": ("chassis.config:SuiteSettings",),
    "identity": (
        "chassis.service:DatabaseSettings",
        "services.identity.domain.settings:IdentitySettings",
    ),
    "organizations": (
        "chassis.service:DatabaseSettings",
        "services.organizations.domain.limits:Limits",
    ),
    "licensing": (
        "chassis.service:DatabaseSettings",
        "services.licensing.domain.policy:LicensingSettings",
    ),
    "devices": (
        "chassis.service:DatabaseSettings",
        "services.devices.domain.settings:DevicesSettings",
    ),
    "gateway": ("gateway.settings:GatewaySettings",),
    "provision": ("chassis.provision:ProvisionSettings",),
}

_HEAD = """# Every setting of every process, with its environment variable and its default.
# An empty default stands for the one in the code. Written by `make settings`; see docs/settings.md.
"""


def settings() -> Iterator[tuple[str, Field[Any]]]:
    """(section, field) in the order of the file."""
    for section, classes in SECTIONS.items():
        for path in classes:
            for entry in fields(class_at(path)):
                yield section, entry


def class_at(path: str) -> Any:
    """The dataclass a ``module:name`` of `SECTIONS` stands for."""
    module, _, name = path.partition(":")
    return getattr(importlib.import_module(module), name)


def variable(section: str, name: str) -> str:
    prefix = "FREEHOLD" if section == "suite" else f"FREEHOLD_{section.upper()}"
    return f"{prefix}_{name.upper()}"


def shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, timedelta):
        return f"{value.total_seconds():g}"
    if isinstance(value, tuple):
        return ", ".join(str(part) for part in value)
    return str(value)


def configuration() -> str:
    """The text of deploy/nameko.yml."""
    lines = [_HEAD]
    current = ""
    for section, entry in settings():
        if section != current:
            lines.append(f"\n{section}:\n" if current else f"{section}:\n")
            current = section
        place = f"${{{variable(section, entry.name)}:{shown(entry.default)}}}"
        lines.append(f'  {entry.name}: "{place}"\n')
    return "".join(lines)


def table() -> str:
    """The text of docs/settings.md."""
    lines = [
        "# Settings\n\n",
        "Every value comes from the environment; `deploy/nameko.yml` shows where. Durations are in\n",
        "seconds, lists are separated by commas. Written by `make settings`.\n",
    ]
    current = ""
    for section, entry in settings():
        if section != current:
            lines.append(f"\n## {section}\n\n| variable | default | meaning |\n|---|---|---|\n")
            current = section
        default = shown(entry.default)
        cell = f"`{default}`" if default else ""
        meaning = entry.metadata["help"].replace("|", "\\|")
        lines.append(f"| `{variable(section, entry.name)}` | {cell} | {meaning} |\n")
    return "".join(lines)


def main() -> int:
    CONFIGURATION.write_text(configuration())
    TABLE.write_text(table())
    return 0


if __name__ == "__main__":
    sys.exit(main())
