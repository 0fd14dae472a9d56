"""The whole suite as processes of its own over real RabbitMQ and PostgreSQL, as in production."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from urllib.parse import urlsplit

import requests

from chassis.secrets import new_key
from demo.api import until
from demo.cameras import fleet, images, version_of
from demo.errand import Account, Camera, Errand, Surroundings
from demo.mailbox import free_port, serving
from demo.operator import granting

HOST = "127.0.0.1"
SERVICES = ("identity", "organizations", "licensing", "devices")
COMMANDS: Mapping[str, tuple[str, ...]] = {
    **{name: ("-m", "chassis.runner", f"services.{name}") for name in SERVICES},
    "devices_worker": ("-m", "chassis.runner", "services.devices.worker"),
    "gateway": ("-m", "gunicorn", "--config", "gateway/gunicorn.conf.py", "gateway.wsgi:app"),
}


@dataclass
class Process:
    """One process of the suite, which a test may kill and start again."""

    name: str
    environment: Mapping[str, str]
    log: Path
    child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as output:
            self.child = subprocess.Popen(
                [sys.executable, *COMMANDS[self.name]],
                env={**os.environ, **self.environment},
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def kill(self) -> None:
        """SIGKILL to it and its children."""
        assert self.child is not None
        os.killpg(self.child.pid, signal.SIGKILL)
        self.child.wait()

    def stop(self, within: float = 30) -> int:
        """SIGTERM; its exit status."""
        assert self.child is not None
        if self.child.poll() is None:
            self.child.terminate()
            try:
                self.child.wait(timeout=within)
            except subprocess.TimeoutExpired:
                self.kill()
        return self.child.returncode

    @property
    def is_ready(self) -> bool:
        port = self.environment["READY_PORT"]
        try:
            return requests.get(f"http://{HOST}:{port}/readyz", timeout=2).ok
        except requests.RequestException:
            return False

    def wait_ready(self) -> None:
        def look() -> bool | None:
            assert self.child is not None
            if self.child.poll() is not None:
                raise RuntimeError(f"{self.name} stopped:\n{self.log.read_text()[-4000:]}")
            return self.is_ready or None

        until(look, within=60, what=self.name)


@dataclass
class RunningSuite:
    gateway: str
    mailbox: str
    processes: dict[str, Process]
    database_urls: Mapping[str, str]
    cameras: tuple[Camera, ...]
    folder: Path
    environment: Mapping[str, str] = field(repr=False)

    def errand(self, account: Account | None = None) -> Errand:
        return Errand(
            Surroundings(
                gateway=self.gateway,
                mailbox=self.mailbox,
                cameras=self.cameras,
                images=images(self.cameras, self.folder / "images"),
                camera_version=version_of,
                grant_operator=granting(environment=self.processes["identity"].environment),
            ),
            account,
        )

    def kill_and_restart(self, name: str) -> None:
        self.processes[name].kill()
        self.processes[name].start()

    def logs(self) -> str:
        return "\n".join(process.log.read_text() for process in self.processes.values())


@contextmanager
def running_suite(
    folder: Path,
    *,
    postgres_url: str,
    rabbit_url: str,
    management_url: str,
    cameras: int = 6,
    camera_options: tuple[str, ...] = (),
) -> Iterator[RunningSuite]:
    """Provisions databases and broker users of this suite's own, then starts every process."""
    tag = token_hex(4)
    vhost = f"freehold-{tag}"
    broker = urlsplit(rabbit_url)
    admin = urlsplit(postgres_url)
    users = (*SERVICES, "devices_worker", "gateway")
    broker_urls = {
        # RabbitMQ's users are the whole broker's: the tag keeps test suites apart.
        name: f"amqp://{name}-{tag}:{token_hex(8)}@{broker.hostname}:{broker.port}/{vhost}"
        for name in users
    }
    database_urls = {
        name: f"postgresql://f{tag}_{name}:{token_hex(8)}"
        f"@{admin.hostname}:{admin.port}/f{tag}_{name}"
        for name in SERVICES
    }
    common = {
        "FREEHOLD_MODE": "production",
        "FREEHOLD_DATA_FOLDER": str(folder / "data"),
        "FREEHOLD_DEVICES_NETWORKS": "127.0.0.0/8",
        "FREEHOLD_DEVICES_POLL_SECONDS": "0.5",
        "FREEHOLD_DEVICES_HEALTH_SECONDS": "1",
        "FREEHOLD_DEVICES_RETRY_FIRST_SECONDS": "1",
        "FREEHOLD_DEVICES_LEASE_SECONDS": "5",
        "FREEHOLD_GATEWAY_REQUESTS_PER_MINUTE_PER_IP": "0",
        "PROMETHEUS_DISABLE_CREATED_SERIES": "true",
    }
    for name in SERVICES:
        common[f"FREEHOLD_{name.upper()}_DATABASE_URL"] = database_urls[name]
        common[f"FREEHOLD_{name.upper()}_SECRET_KEYS"] = new_key("test")
        common[f"FREEHOLD_{name.upper()}_PEPPER"] = new_key("test")
    for name in ("IDENTITY", "LICENSING"):
        common[f"FREEHOLD_{name}_SIGNING_KEYS"] = new_key("test")
    provision = {
        **common,
        "FREEHOLD_PROVISION_POSTGRES_ADMIN_URL": postgres_url,
        "FREEHOLD_PROVISION_RABBITMQ_MANAGEMENT_URL": management_url,
        **{
            f"FREEHOLD_PROVISION_{name.upper()}_BROKER_URL": url
            for name, url in broker_urls.items()
        },
    }
    _provisioned(provision)

    with ExitStack() as stack:
        smtp_port, mail_port = stack.enter_context(serving((HOST, 0), (HOST, 0)))
        found = stack.enter_context(fleet(cameras, folder, *camera_options))
        processes = {}
        gateway_port = free_port(HOST)
        common["FREEHOLD_IDENTITY_MAIL_URL"] = f"smtp://{HOST}:{smtp_port}"
        common["FREEHOLD_IDENTITY_LINK_BASE_URL"] = f"http://{HOST}:{gateway_port}"
        for name in COMMANDS:
            port = gateway_port if name == "gateway" else free_port(HOST)
            environment = {
                **common,
                "FREEHOLD_BROKER_URL": broker_urls[name],
                "FREEHOLD_HEALTH_PORT": "0" if name == "gateway" else str(port),
                "FREEHOLD_GATEWAY_BIND": f"{HOST}:{gateway_port}",
                "READY_PORT": str(port),
            }
            processes[name] = Process(name, environment, folder / f"{name}.log")
            processes[name].start()
        stack.callback(_stop_all, processes.values())
        for process in processes.values():
            process.wait_ready()
        yield RunningSuite(
            gateway=f"http://{HOST}:{gateway_port}",
            mailbox=f"http://{HOST}:{mail_port}",
            processes=processes,
            database_urls=database_urls,
            cameras=found,
            folder=folder,
            environment=common,
        )


def _stop_all(processes: Iterable[Process]) -> None:
    for process in processes:
        if process.child is not None and process.child.poll() is None:
            process.child.terminate()
    for process in processes:
        process.stop()


def _provisioned(environment: Mapping[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "chassis.provision"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"not provisioned:\n{done.stderr}")
