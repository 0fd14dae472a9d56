"""A PostgreSQL server of our own."""

from __future__ import annotations

import json
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.servers import install, named, processes
from tests.servers.errors import ServerUnavailable

START_SECONDS = 60
STOP_SECONDS = 30
# What an operating system keeps of a killed process is all that tests ask for, so nothing is
# flushed to the disk itself; commits are as synchronous as in production in every other respect.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_buffers": "64MB",
    "max_connections": "300",
    "max_wal_size": "256MB",
    "synchronous_commit": "on",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


@dataclass(frozen=True)
class Place:
    """Where the server keeps its files, as whom it runs, and how it is reached."""

    data: str
    user: str | None
    port: int
    password: str


class PrivatePostgres:
    """A server in a folder, freshly initialized on its first start.

    Two objects on one folder are the same server, in whatever process they are.
    """

    def __init__(self, folder: Path, *, fsync: bool = False) -> None:
        self.folder = folder
        self._fsync = fsync

    @property
    def url(self) -> str:
        """A superuser's."""
        place = self._place()
        return f"postgresql://postgres:{place.password}@127.0.0.1:{place.port}/postgres"

    @property
    def is_running(self) -> bool:
        process = processes.load(self._record)
        return process is not None and process.is_alive

    @property
    def is_ready(self) -> bool:
        return self.is_running and named.postgres_answers(self.url)

    def start(self) -> None:
        """Returns when it answers; a server that runs already is left alone."""
        if self.is_running:
            return
        if not self._place_file.exists():
            self._prepare()
        place = self._place()
        fsync = "on" if self._fsync else "off"
        settings = SETTINGS | {"port": str(place.port), "fsync": fsync, "full_page_writes": fsync}
        options = [f"--{name}={value}" for name, value in settings.items()]
        process = processes.start(
            [self._programs().postgres, "-D", place.data, *options],
            env=_environment(),
            cwd=Path(place.data),
            log=self.log,
            user=place.user,
        )
        process.save(self._record)
        processes.wait_until(
            lambda: not process.is_alive or self.is_ready, START_SECONDS, "PostgreSQL"
        )
        if not process.is_alive:
            raise ServerUnavailable(f"PostgreSQL did not start:\n{self.log.read_text()}")

    def stop(self) -> None:
        """As an administrator would: connections are closed, everything is written."""
        process = processes.load(self._record)
        if process is not None:
            process.signal(signal.SIGINT)
            if not process.ends_within(STOP_SECONDS):
                process.kill()

    def restart(self) -> None:
        self.stop()
        self.start()

    def kill(self) -> None:
        """SIGKILL to the server and all its processes: the next start recovers from the log."""
        process = processes.load(self._record)
        if process is not None:
            process.kill()

    def discard(self) -> None:
        """Ends it and removes what it leaves."""
        self.kill()
        if self._place_file.exists():
            shutil.rmtree(self._place().data, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def log(self) -> Path:
        return self.folder / "postgres.log"

    @property
    def _record(self) -> Path:
        return self.folder / "process.json"

    @property
    def _place_file(self) -> Path:
        return self.folder / "place.json"

    def _place(self) -> Place:
        return Place(**json.loads(self._place_file.read_text()))

    def _programs(self) -> install.PostgresPrograms:
        programs = install.find_postgres()
        if programs is None:
            raise ServerUnavailable("PostgreSQL is not installed: `make test` installs it.")
        return programs

    def _prepare(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        user = _other_user()
        data = self.folder / "data"
        if user is not None and not _may_enter(self.folder, user):
            data = Path(tempfile.mkdtemp(prefix="freehold-postgres-"))
            install.say(f"The user {user} cannot enter {self.folder}: PostgreSQL runs in {data}.")
        data.mkdir(mode=0o700, exist_ok=True)
        if user is not None:
            shutil.chown(data, user)
        place = Place(str(data), user, processes.free_ports(1)[0], secrets.token_urlsafe(16))
        self._initialize(place)
        self._place_file.touch(mode=0o600)
        self._place_file.write_text(json.dumps(asdict(place)))

    def _initialize(self, place: Place) -> None:
        # The password goes through a file that the server's user may read: not through the
        # process list, nor through this folder, which that user may be unable to enter.
        data = Path(place.data)
        given = data.with_name(f"{data.name}.password")
        given.touch(mode=0o600)
        given.write_text(place.password)
        if place.user is not None:
            shutil.chown(given, place.user)
        try:
            processes.run(
                [
                    self._programs().initdb,
                    "--username=postgres",
                    f"--pwfile={given}",
                    "--auth=scram-sha-256",
                    "--encoding=UTF8",
                    "--locale=C.UTF-8",
                    "--no-sync",
                    "--no-instructions",
                    "-D",
                    data,
                ],
                env=_environment(),
                cwd=data,
                user=place.user,
            )
        finally:
            given.unlink()


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8"}


def _other_user() -> str | None:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise ServerUnavailable("PostgreSQL refuses root, and there is no user postgres or nobody.")


def _may_enter(folder: Path, user: str) -> bool:
    done = subprocess.run(
        ["test", "-x", str(folder)],
        user=user,
        group=pwd.getpwnam(user).pw_gid,
        extra_groups=[],
        cwd="/",
        check=False,
    )
    return done.returncode == 0
