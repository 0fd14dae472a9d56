"""Simulated cameras for tests: one simulator process, cameras made as each test wants them."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests

TIMEOUT = 10.0


@dataclass(frozen=True)
class Camera:
    control: str
    serial: str
    model: str
    host: str
    http_port: int
    https_port: int
    user: str
    password: str = field(repr=False)

    @property
    def told(self) -> dict[str, Any]:
        found: dict[str, Any] = _json(requests.get(self._path, timeout=TIMEOUT))
        return found

    @property
    def version(self) -> str:
        return str(self.told["version"])

    @property
    def uploads(self) -> int:
        return int(self.told["counters"]["uploads_started"])

    @property
    def is_on_trial(self) -> bool:
        return not self.told["firmware"]["committed"]

    def faults(self, **faults: Any) -> None:
        _json(requests.post(f"{self._path}/faults", json=faults, timeout=TIMEOUT))

    def power_cycle(self) -> None:
        _json(requests.post(f"{self._path}/power-cycle", json={}, timeout=TIMEOUT))

    def until_state(self, state: str) -> None:
        until(lambda: self.told["state"] == state)

    @property
    def _path(self) -> str:
        return f"{self.control}/cameras/{self.serial}"


@dataclass(frozen=True)
class Simulator:
    control: str

    def camera(self, model: str = "P3245-LV", version: str = "11.11.148", **more: Any) -> Camera:
        wanted = {"model": model, "version": version, **more}
        made = _json(requests.post(f"{self.control}/cameras", json=wanted, timeout=TIMEOUT))
        told = made["cameras"][0]
        return Camera(
            control=self.control,
            serial=told["serial"],
            model=told["model"],
            host=told["host"],
            http_port=told["http_port"],
            https_port=told["https_port"],
            user=told["user"] or "root",
            password=told["password"] or "",
        )


@contextmanager
def simulator(bind: str = "127.0.0.1", **timing: float) -> Iterator[Simulator]:
    command = [sys.executable, "-m", "simulator", "--cameras", "0", "--json", "--bind", bind]
    chosen = {"boot_seconds": 0.3, "linger_seconds": 0.1, "minute_seconds": 0.5, **timing}
    for name, seconds in chosen.items():
        command += [f"--{name.replace('_', '-')}", str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield Simulator(json.loads(process.stdout.readline())["control"])
        process.terminate()
        assert process.wait(TIMEOUT) == 0


def until(condition: Callable[[], bool], within: float = TIMEOUT) -> None:
    deadline = time.monotonic() + within
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, f"not so within {within} s"
        pause.wait(0.02)


def _json(answered: requests.Response) -> Any:
    assert answered.ok, answered.text
    return answered.json()
