"""Processes that outlive the object that started them, known by records in files."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.servers.errors import ServerUnavailable

# Below the range from which the kernel takes local ports of outgoing connections: a server that is
# down must find its port free when it comes back, and a client that keeps trying to reach it must
# not end up connected to itself.
PORTS = range(20000, 32000)
PAUSE_SECONDS = 0.05


@dataclass(frozen=True)
class Recorded:
    """A process by its id and its start, because ids are given again."""

    pid: int
    started: str

    @property
    def is_alive(self) -> bool:
        # One that this process started stays in the table until it is waited for.
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, os.WNOHANG)
        return _state_and_start(self.pid) == self.started

    def signal(self, number: signal.Signals) -> None:
        if self.is_alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """SIGKILL to it and to everything it started; returns when they are gone."""
        family = [self, *(recorded(pid) for pid in _descendants(self.pid))]
        for process in family:
            process.signal(signal.SIGKILL)
        if not all(process.ends_within(10) for process in family):
            raise ServerUnavailable(f"Process {self.pid} survives SIGKILL.")

    def ends_within(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self.is_alive:
            if time.monotonic() > deadline:
                return False
            time.sleep(PAUSE_SECONDS)
        return True

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self)))


def recorded(pid: int) -> Recorded:
    return Recorded(pid, _state_and_start(pid) or "gone")


def load(path: Path) -> Recorded | None:
    try:
        return Recorded(**json.loads(path.read_text()))
    except (FileNotFoundError, json.JSONDecodeError):
        return None


def start(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str],
    cwd: Path,
    log: Path,
    user: str | None = None,
) -> Recorded:
    """Starts a process in a session of its own: Ctrl-C is not meant for it."""
    with log.open("ab") as output:
        child = subprocess.Popen(
            [str(word) for word in command],
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            user=user,
            group=_group(user),
            extra_groups=[] if user else None,
        )
    # From here on the record stands for the process; the object would complain that it still runs.
    child.returncode = 0
    return recorded(child.pid)


def run(
    command: Sequence[str | Path], *, env: Mapping[str, str], cwd: Path, user: str | None = None
) -> None:
    """:raises ServerUnavailable: with what the command said."""
    done = subprocess.run(
        [str(word) for word in command],
        env=dict(env),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        user=user,
        group=_group(user),
        extra_groups=[] if user else None,
    )
    if done.returncode:
        raise ServerUnavailable(f"{command[0]} failed:\n{done.stdout}")


def _group(user: str | None) -> int | None:
    if user is None:
        return None
    return pwd.getpwnam(user).pw_gid


def wait_until(is_true: Callable[[], bool], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not is_true():
        if time.monotonic() > deadline:
            raise ServerUnavailable(f"Waited {seconds:.0f} seconds for {what}.")
        time.sleep(PAUSE_SECONDS)


def free_ports(count: int) -> list[int]:
    """Ports of the loopback address on which nobody listens."""
    found: list[int] = []
    for port in random.sample(PORTS, len(PORTS)):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        found.append(port)
        if len(found) == count:
            return found
    raise ServerUnavailable("No port of the loopback address is free.")


def _state_and_start(pid: int) -> str | None:
    """The moment a process started, in the kernel's words; none for one that has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    state, started = fields[0], fields[19]
    return None if state in "ZX" else started


def _descendants(pid: int) -> list[int]:
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found: list[int] = []
    waiting = [pid]
    while waiting:
        children = parents.get(waiting.pop(), [])
        found += children
        waiting += children
    return found
