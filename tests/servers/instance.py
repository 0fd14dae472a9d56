"""The servers of one test run, in a folder that says whose they are."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import mkdtemp

from tests.servers import named, processes
from tests.servers.postgres import PrivatePostgres
from tests.servers.rabbit import PrivateRabbit

RUN = Path(__file__).resolve().parents[2] / ".run"
SERVERS = RUN / "servers"


class Instance:
    """Both servers of one folder; those that the environment names instead are not started."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.postgres = PrivatePostgres(folder / "postgres")
        self.rabbit = PrivateRabbit(folder / "rabbit")

    @classmethod
    def new(cls) -> Instance:
        """In a folder of its own, owned by this process."""
        with _swept():
            folder = Path(mkdtemp(prefix="", dir=SERVERS))
            # The server's own user passes through it to its data.
            folder.chmod(0o711)
            processes.recorded(os.getpid()).save(folder / "owner.json")
        return cls(folder)

    def start(self) -> None:
        starts = []
        if not named.postgres_is_named():
            starts.append(self.postgres.start)
        if not named.rabbit_is_named():
            starts.append(self.rabbit.start)
        with ThreadPoolExecutor(max_workers=2) as pool:
            for started in [pool.submit(start) for start in starts]:
                started.result()

    def variables(self) -> dict[str, str]:
        """What tells other processes where the started servers are."""
        found = {named.SERVERS_FOLDER: str(self.folder)}
        if self.postgres.is_running:
            found[named.POSTGRES_URL] = self.postgres.url
        if self.rabbit.is_running:
            found[named.AMQP_URL] = self.rabbit.url
            found[named.MANAGEMENT_URL] = self.rabbit.management_url
        return found

    def discard(self) -> None:
        self.postgres.discard()
        self.rabbit.discard()
        shutil.rmtree(self.folder, ignore_errors=True)


@contextlib.contextmanager
def _swept() -> Iterator[None]:
    """Alone among test runs, after ending the servers whose owner was killed."""
    SERVERS.mkdir(parents=True, exist_ok=True)
    with (RUN / "servers.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for folder in SERVERS.iterdir():
            owner = processes.load(folder / "owner.json")
            if owner is None or not owner.is_alive:
                Instance(folder).discard()
        yield
