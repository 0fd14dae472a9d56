"""Applications on a camera: which came with it, and which were uploaded as packages.

A package is a gzip tar with `manifest.json`, and with `signature` when somebody signed it.
"""

import io
import json
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any, Final

from simulator.profiles import Profile

LARGEST_PACKAGE: Final = 64 * 1024 * 1024
AXIS: Final = "Axis Communications"
EVERY_ARCHITECTURE: Final = "all"


class Code(IntEnum):
    """What an upload or a command may be answered with instead of OK."""

    BAD_PACKAGE = 1
    BAD_SIGNATURE = 2
    TOO_LARGE = 3
    NOT_FOUND = 4
    INCOMPATIBLE = 5
    ALREADY_RUNNING = 6
    NOT_RUNNING = 7
    CANNOT_START = 8
    BAD_MANIFEST = 29


class ApplicationRefused(Exception):
    def __init__(self, code: Code) -> None:
        super().__init__(code.name)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    name: str
    nice_name: str
    vendor: str
    version: str
    application_id: str = ""
    license: str = "None"
    is_running: bool = False
    is_signed: bool = True
    is_bundled: bool = False

    @property
    def status(self) -> str:
        return "Running" if self.is_running else "Stopped"


Applications = Mapping[str, Application]

BUNDLED: Final = (
    Application(
        name="vmd",
        nice_name="AXIS Video Motion Detection",
        vendor=AXIS,
        version="4.5-8",
        application_id="143440",
        is_running=True,
        is_bundled=True,
    ),
    Application(
        name="objectanalytics",
        nice_name="AXIS Object Analytics",
        vendor=AXIS,
        version="1.8.24",
        application_id="412806",
        is_bundled=True,
    ),
)


def bundled(profile: Profile) -> Applications:
    """Analytics of objects came with the chips that can."""
    can_analyze = profile.soc in ("Axis Artpec-7", "Axis Artpec-8")
    found = BUNDLED if can_analyze else BUNDLED[:1]
    return {application.name: application for application in found}


def package(
    name: str,
    version: str,
    *,
    vendor: str = "Example",
    architecture: str = EVERY_ARCHITECTURE,
    signed: bool = True,
) -> bytes:
    """A package as `upload.cgi` takes it."""
    setup = {
        "appName": name,
        "friendlyName": name.capitalize(),
        "vendor": vendor,
        "version": version,
        "architecture": architecture,
    }
    members = {"manifest.json": json.dumps({"acapPackageConf": {"setup": setup}}).encode()}
    if signed:
        members["signature"] = b"signed"
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for member_name, content in members.items():
            member = tarfile.TarInfo(member_name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


def unpacked(content: bytes, profile: Profile, *, allows_unsigned: bool) -> Application:
    """The application in a package, if this camera takes it."""
    if len(content) > LARGEST_PACKAGE:
        raise ApplicationRefused(Code.TOO_LARGE)
    members = _members(content)
    is_signed = "signature" in members
    if not is_signed and not allows_unsigned:
        raise ApplicationRefused(Code.BAD_SIGNATURE)
    setup = _setup(members.get("manifest.json"))
    if setup.get("architecture", EVERY_ARCHITECTURE) not in (
        EVERY_ARCHITECTURE,
        profile.architecture,
    ):
        raise ApplicationRefused(Code.INCOMPATIBLE)
    return Application(
        name=str(setup["appName"]),
        nice_name=str(setup.get("friendlyName", setup["appName"])),
        vendor=str(setup["vendor"]),
        version=str(setup["version"]),
        is_signed=is_signed,
    )


def commanded(installed: Applications, action: str, name: str) -> Applications:
    """After `start`, `stop`, `restart` or `remove`."""
    application = installed.get(name)
    if application is None:
        raise ApplicationRefused(Code.NOT_FOUND)
    if action == "remove":
        return {key: other for key, other in installed.items() if key != name}
    if action == "start" and application.is_running:
        raise ApplicationRefused(Code.ALREADY_RUNNING)
    if action == "stop" and not application.is_running:
        raise ApplicationRefused(Code.NOT_RUNNING)
    return {**installed, name: replace(application, is_running=action != "stop")}


def _members(content: bytes) -> dict[str, bytes]:
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
            opened = ((member.name, archive.extractfile(member)) for member in archive)
            return {name: file.read() for name, file in opened if file is not None}
    except (tarfile.TarError, OSError, EOFError) as error:
        raise ApplicationRefused(Code.BAD_PACKAGE) from error


def _setup(manifest: bytes | None) -> dict[str, Any]:
    try:
        setup = json.loads(manifest or b"")["acapPackageConf"]["setup"]
        if {"appName", "vendor", "version"} <= setup.keys():
            return dict(setup)
    except (ValueError, LookupError, TypeError, AttributeError):
        pass
    raise ApplicationRefused(Code.BAD_MANIFEST)
