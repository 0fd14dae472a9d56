"""Starts, stops and kills the services of `tests.broker.yard`, and looks at what they did."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import requests
import yaml
from sqlalchemy import Connection as SqlConnection
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from chassis.client import RpcClient
from chassis.db import engine_for
from contracts.errors import ServiceUnavailable
from tests.broker.yard import create_tables, look_at
from tests.servers.processes import free_ports, wait_until

ROOT = Path(__file__).parents[2]
HOST = "127.0.0.1"
SERVICES = ("shouter", "listener")


def until(is_true: Callable[[], object], what: str, seconds: float = 20) -> None:
    wait_until(lambda: bool(is_true()), seconds, what)


def new_virtual_host(url: str, management_url: str) -> str:
    """The broker's URL on a virtual host of one test's own."""
    name = f"yard-{uuid4().hex[:12]}"
    requests.put(f"{management_url}/api/vhosts/{name}", timeout=10).raise_for_status()
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def drop_virtual_host(url: str, management_url: str) -> None:
    address = f"{management_url}/api/vhosts{urlsplit(url).path}"
    requests.delete(address, timeout=10).raise_for_status()


@dataclass
class Process:
    """One process of the yard."""

    child: subprocess.Popen[bytes]
    log: Path
    health: str
    driver: str

    @property
    def has_started(self) -> bool:
        if self.child.poll() is not None:
            raise AssertionError(f"It ended at once:\n{self.log.read_text()[-4000:]}")
        return '"message": "started"' in self.log.read_text()

    @property
    def has_ended(self) -> bool:
        return self.child.poll() is not None

    def lines(self) -> list[dict[str, Any]]:
        found = (line for line in self.log.read_text().splitlines() if line.startswith("{"))
        return [json.loads(line) for line in found]

    def terminate(self) -> None:
        self.child.send_signal(signal.SIGTERM)

    def end(self, seconds: float = 20) -> int:
        """Waits for its end; the exit status."""
        return self.child.wait(timeout=seconds)

    def stop(self) -> None:
        """SIGTERM, and a clean end."""
        self.terminate()
        assert self.end() == 0, self.log.read_text()[-4000:]

    def kill(self) -> None:
        self.child.kill()
        self.child.wait()

    def get(self, page: str) -> requests.Response:
        return requests.get(f"{self.health}/{page}", timeout=10)

    def metric(self, name: str, **labels: str) -> float:
        """Its value, or 0 while there is none; over all series that have these labels."""
        found = 0.0
        for line in self.get("metrics").text.splitlines():
            series = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)", line)
            if series is not None and series[1] == name:
                present = dict(re.findall(r'(\w+)="([^"]*)"', series[2] or ""))
                if labels.items() <= present.items():
                    found += float(series[3])
        return found


@dataclass
class YardOfTest:
    """Databases, a bus and processes of one test."""

    folder: Path
    broker_url: str
    database_urls: Mapping[str, str]
    settings: dict[str, Any] = field(default_factory=dict)
    processes: list[Process] = field(default_factory=list)
    _client: RpcClient | None = None

    @property
    def is_one_process(self) -> bool:
        return self.broker_url.startswith("inproc:")

    def start(self, *services: str) -> Process:
        """One process with these services, by default all; ready to serve when this returns."""
        process = self.launch(*services)
        until(lambda: process.has_started, "the yard's start", 60)
        return process

    def start_all(self) -> list[Process]:
        """As many processes as the bus allows."""
        if self.is_one_process:
            return [self.start()]
        processes = [self.launch(name) for name in SERVICES]
        for process in processes:
            until(lambda started=process: started.has_started, "the yard's start", 60)  # type: ignore[misc]
        return processes

    def launch(self, *services: str) -> Process:
        health, driver = free_ports(2)
        number = len(self.processes)
        configuration = self.folder / f"{number}.yml"
        suite = {
            "data_folder": str(self.folder),
            "broker_url": self.broker_url,
            "health_port": health,
            **self.settings,
        }
        databases = {name: {"database_url": url} for name, url in self.database_urls.items()}
        configuration.write_text(yaml.safe_dump({"suite": suite, **databases}))
        environment = {"FREEHOLD_CONFIG": str(configuration), "PATH": ""}
        if self.is_one_process:
            environment["YARD_BIND"] = f"{HOST}:{driver}"
        log = self.folder / f"{number}.log"
        with log.open("wb") as output:
            child = subprocess.Popen(
                [
                    sys.executable,
                    "-W",
                    "ignore",
                    "-m",
                    "tests.broker.yard",
                    *(services or SERVICES),
                ],
                cwd=ROOT,
                env=environment,
                stdout=output,
                stderr=output,
            )
        process = Process(child, log, f"http://{HOST}:{health}", f"http://{HOST}:{driver}")
        self.processes.append(process)
        return process

    def hold(self, what: str) -> None:
        """From now on nothing of this name ends."""
        (self.folder / f"hold {what}").touch()

    def release(self, what: str) -> None:
        (self.folder / f"hold {what}").unlink()

    def began(self, what: str) -> int:
        """How many of this name have begun."""
        return len(list(self.folder.glob(f"began {what}*")))

    @property
    def client(self) -> RpcClient:
        if self._client is None:
            self._client = RpcClient(self.broker_url, "tests")
        return self._client

    def call(
        self, operation: str, *, timeout: float = 10, request_id: str = "r-0", **payload: Any
    ) -> Any:
        """:raises ServiceUnavailable: whatever way the call went."""
        service, _, method = operation.partition(".")
        context = {"request_id": request_id}
        if not self.is_one_process:
            return self.client.call(service, method, payload, context, timeout=timeout)
        asked = {"service": service, "method": method, "payload": payload, "timeout": timeout}
        answer = self._drive({**asked, "context": context})
        if "refused" in answer:
            raise ServiceUnavailable(answer["refused"], retry_after=1)
        return answer["answer"]

    def post(self, queue: str, **payload: Any) -> None:
        if self.is_one_process:
            self._drive({"queue": queue, "payload": payload})
        else:
            self.client.post(queue, payload)

    def _drive(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        reply = requests.post(self.processes[-1].driver, json=asked, timeout=30)
        reply.raise_for_status()
        answer: dict[str, Any] = reply.json()
        return answer

    def done(self, service: str) -> Counter[str]:
        """How often the service carried out what."""
        rows = self.read(service, "SELECT what FROM done")
        return Counter(what for (what,) in rows)

    def heard(self) -> Counter[str]:
        return self.done("listener")

    def read(self, service: str, statement: str) -> list[tuple[Any, ...]]:
        with self.database(service) as connection:
            return [tuple(row) for row in connection.execute(text(statement))]

    @contextmanager
    def database(self, service: str) -> Iterator[SqlConnection]:
        """A session of the test's own; what it changes is committed at the end."""
        url = self.database_urls[service]
        if url.startswith("sqlite"):
            engine = engine_for(url)
        else:
            psycopg2 = url.replace("postgresql://", "postgresql+psycopg2://")
            engine = create_engine(psycopg2, poolclass=NullPool)
        try:
            with engine.begin() as connection:
                yield connection
        finally:
            engine.dispose()

    def waiting_in(self, queue: str) -> int:
        """Messages that nobody has taken yet."""
        return self._look_at(queue)["waiting"]

    def takers_of(self, queue: str) -> int:
        return self._look_at(queue)["takers"]

    def _look_at(self, queue: str) -> dict[str, int]:
        if not self.is_one_process:
            return look_at(self.broker_url, queue)
        seen: dict[str, int] = self._drive({"look_at": queue})["answer"]
        return seen

    def outbox(self) -> int:
        return int(self.read("shouter", "SELECT count(*) FROM outbox")[0][0])

    def close(self) -> None:
        for process in self.processes:
            if not process.has_ended:
                process.kill()
        if self._client is not None:
            self._client.close()


@contextmanager
def yard_at(
    folder: Path, broker_url: str, database_urls: Mapping[str, str]
) -> Iterator[YardOfTest]:
    for url in database_urls.values():
        create_tables(url)
    yard = YardOfTest(folder, broker_url, database_urls)
    try:
        yield yard
    finally:
        yard.close()


def seconds_of(action: Callable[[], object]) -> float:
    started = time.monotonic()
    action()
    return time.monotonic() - started
