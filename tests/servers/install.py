"""The servers' programs and the tools of the tests: found where distributions put them, installed
from there if missing.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.servers import named
from tests.servers.errors import ServerUnavailable

POLICY = Path("/usr/sbin/policy-rc.d")
CLUSTERS = Path("/etc/postgresql-common/createcluster.conf")
LOG_LINES = 15
SERVERS = {"postgresql", "rabbitmq-server"}
# Programs that tests put ours beside, and the packages that bring them.
TOOLS = {
    "curl": "curl",
    "oathtool": "oathtool",
    "zbarimg": "zbar-tools",
    "rsvg-convert": "librsvg2-bin",
}


@dataclass(frozen=True)
class PostgresPrograms:
    initdb: Path
    postgres: Path


@dataclass(frozen=True)
class RabbitPrograms:
    server: Path
    epmd: Path


def find_postgres() -> PostgresPrograms | None:
    """The newest version of those installed."""
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda folder: [int(part) for part in folder.parent.name.split(".") if part.isdigit()],
        reverse=True,
    )
    folders += [Path(path).resolve().parent for path in [shutil.which("postgres")] if path]
    for folder in folders:
        if (folder / "postgres").exists() and (folder / "initdb").exists():
            return PostgresPrograms(folder / "initdb", folder / "postgres")
    return None


def find_rabbit() -> RabbitPrograms | None:
    # Debian's command on the path insists on being root or the distribution's own user.
    server = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
    if not server.exists():
        on_path = shutil.which("rabbitmq-server", path=_path())
        if on_path is None:
            return None
        server = Path(on_path)
    epmd = shutil.which("epmd", path=_path())
    return RabbitPrograms(server, Path(epmd)) if epmd else None


def find_tool(name: str) -> Path:
    """:raises ServerUnavailable: it is not installed."""
    found = shutil.which(name)
    if found is None:
        raise ServerUnavailable(f"{name} is not installed: `make test` installs it.")
    return Path(found)


def _path() -> str:
    return os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])


def missing_packages() -> list[str]:
    """What must be installed: tools, and the servers that the environment does not name."""
    packages = []
    if not named.postgres_is_named() and find_postgres() is None:
        packages.append("postgresql")
    if not named.rabbit_is_named() and find_rabbit() is None:
        packages.append("rabbitmq-server")
    packages += [package for tool, package in TOOLS.items() if shutil.which(tool) is None]
    return packages


def ensure(log: Path) -> None:
    """Installs what is missing, as root or with sudo.

    :raises ServerUnavailable: says exactly what to install.
    """
    packages = missing_packages()
    if not packages:
        return
    root = _as_root()
    if root is None or shutil.which("apt-get") is None:
        raise ServerUnavailable(_what_to_install(packages, may_install=root is not None))
    say(f"Installing {_listed(packages)} (log: {log}) ...")
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output, _nothing_started(root):
        apt = Apt(root, output)
        if "postgresql" in packages:
            # First alone, so that it can be told to create no database cluster of its own.
            done = apt.install(["postgresql-common"])
            with _no_cluster(root):
                done = done and apt.install(packages)
        else:
            done = apt.install(packages)
        apt.disable_units(packages)
    if not done or missing_packages():
        end = "\n".join(log.read_text(errors="replace").splitlines()[-LOG_LINES:])
        advice = _what_to_install(packages, may_install=True)
        raise ServerUnavailable(f"Installing {' '.join(packages)} failed:\n{end}\n\n{advice}")


@dataclass(frozen=True)
class Apt:
    root: Sequence[str]
    output: object

    def install(self, packages: Sequence[str]) -> bool:
        """With fresh package lists if the ones at hand do not do."""
        return self._install(packages) or (self._call("update") and self._install(packages))

    def disable_units(self, packages: Sequence[str]) -> None:
        """Keeps the next boot from starting what is here for tests only."""
        if "rabbitmq-server" in packages and shutil.which("systemctl"):
            units = ["rabbitmq-server.service", "epmd.service", "epmd.socket"]
            self._run([*self.root, "systemctl", "--quiet", "disable", *units])

    def _install(self, packages: Sequence[str]) -> bool:
        return self._call("install", "--no-install-recommends", *packages)

    def _call(self, *words: str) -> bool:
        quiet = ["-y", "-q", "-o", "DPkg::Lock::Timeout=300"]
        front = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
        return self._run([*self.root, *front, *quiet, *words])

    def _run(self, command: Sequence[str]) -> bool:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=self.output,  # type: ignore[call-overload]
            stderr=subprocess.STDOUT,
            check=False,
        )
        return bool(done.returncode == 0)


def _as_root() -> list[str] | None:
    """What to put before a command so that it runs as root."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") is None:
        return None
    done = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False)
    return ["sudo", "-n"] if done.returncode == 0 else None


@contextlib.contextmanager
def _nothing_started(root: Sequence[str]) -> Iterator[None]:
    """Packages start their servers when installed, unless this file forbids it."""
    if POLICY.exists():
        yield
        return
    _write(root, POLICY, "#!/bin/sh\nexit 101\n")
    subprocess.run([*root, "chmod", "755", str(POLICY)], check=True)
    try:
        yield
    finally:
        subprocess.run([*root, "rm", "-f", str(POLICY)], check=True)


@contextlib.contextmanager
def _no_cluster(root: Sequence[str]) -> Iterator[None]:
    """For the time of an installation."""
    try:
        before = CLUSTERS.read_text()
    except FileNotFoundError:
        yield
        return
    _write(root, CLUSTERS, f"{before}\ncreate_main_cluster = false\n")
    try:
        yield
    finally:
        _write(root, CLUSTERS, before)


def _write(root: Sequence[str], path: Path, text: str) -> None:
    subprocess.run(
        [*root, "tee", str(path)],
        input=text.encode(),
        stdout=subprocess.DEVNULL,
        check=True,
    )


def _what_to_install(packages: Sequence[str], *, may_install: bool) -> str:
    reason = (
        "this system has no apt-get"
        if may_install
        else "this user is not root and cannot use sudo without a password"
    )
    if may_install and shutil.which("apt-get"):
        reason = "installing them did not work"
    advice = (
        f"The tests need {_listed(packages)}, and {reason}. Install them:\n"
        f"    sudo apt-get install --no-install-recommends {' '.join(packages)}\n"
        "(on other systems the packages of the same or similar names)"
    )
    if not SERVERS.intersection(packages):
        return f"{advice}."
    return (
        f"{advice}, or name servers that run already:\n"
        f"    {named.AMQP_URL}=amqp://user:password@host:5672/\n"
        f"    {named.MANAGEMENT_URL}=http://user:password@host:15672\n"
        f"    {named.POSTGRES_URL}=postgresql://superuser:password@host:5432/postgres"
    )


def _listed(names: Sequence[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
