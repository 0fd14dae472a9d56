"""A RabbitMQ server of our own."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.servers import install, named, processes
from tests.servers.errors import ServerUnavailable

START_SECONDS = 90
STOP_SECONDS = 60
CONFIGURATION = """\
listeners.tcp.default = 127.0.0.1:{amqp}
management.tcp.ip = 127.0.0.1
management.tcp.port = {management}
default_user = {user}
default_pass = {password}
vm_memory_high_watermark.absolute = 512MiB
disk_free_limit.absolute = 50MB
log.console = true
log.console.level = info
log.file = false
"""
# Two schedulers that sleep when idle, and nothing heard beyond the loopback address.
ERLANG = "+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none"
NODE_ONLY = "-kernel inet_dist_use_interface {127,0,0,1}"


@dataclass(frozen=True)
class Place:
    """How the server is reached."""

    amqp: int
    management: int
    distribution: int
    epmd: int
    user: str
    password: str


class PrivateRabbit:
    """A server in a folder, empty on its first start, with only the management plugin.

    Two objects on one folder are the same server, in whatever process they are.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def url(self) -> str:
        """An administrator's, on the default virtual host."""
        place = self._place()
        return f"amqp://{place.user}:{place.password}@127.0.0.1:{place.amqp}/"

    @property
    def management_url(self) -> str:
        place = self._place()
        return f"http://{place.user}:{place.password}@127.0.0.1:{place.management}"

    @property
    def is_running(self) -> bool:
        process = processes.load(self._record)
        return process is not None and process.is_alive

    @property
    def is_ready(self) -> bool:
        return (
            self.is_running
            and named.amqp_answers(self.url)
            and named.management_answers(self.management_url)
        )

    def start(self) -> None:
        """Returns when it answers; a server that runs already is left alone."""
        if self.is_running:
            return
        programs = install.find_rabbit()
        if programs is None:
            raise ServerUnavailable("RabbitMQ is not installed: `make test` installs it.")
        if not self._place_file.exists():
            self._prepare()
        self._start_port_mapper(programs.epmd)
        process = processes.start(
            [programs.server], env=self._environment(), cwd=self.folder, log=self.log
        )
        process.save(self._record)
        processes.wait_until(
            lambda: not process.is_alive or self.is_ready, START_SECONDS, "RabbitMQ"
        )
        if not process.is_alive:
            raise ServerUnavailable(f"RabbitMQ did not start:\n{self.log.read_text()}")

    def stop(self) -> None:
        """As an administrator would: it closes connections and leaves its queues in order."""
        process = processes.load(self._record)
        if process is not None:
            process.signal(signal.SIGTERM)
            if not process.ends_within(STOP_SECONDS):
                process.kill()

    def restart(self) -> None:
        self.stop()
        self.start()

    def kill(self) -> None:
        """SIGKILL to the server and all its processes."""
        process = processes.load(self._record)
        if process is not None:
            process.kill()

    def control(self, *words: str) -> None:
        """`rabbitmqctl` with these words."""
        programs = install.find_rabbit()
        if programs is None:
            raise ServerUnavailable("RabbitMQ is not installed: `make test` installs it.")
        tool = programs.server.with_name("rabbitmqctl")
        processes.run([tool, *words], env=self._environment(), cwd=self.folder)

    def discard(self) -> None:
        """Ends it and removes what it leaves."""
        self.kill()
        port_mapper = processes.load(self._port_mapper_record)
        if port_mapper is not None:
            port_mapper.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def log(self) -> Path:
        return self.folder / "rabbit.log"

    @property
    def _record(self) -> Path:
        return self.folder / "process.json"

    @property
    def _port_mapper_record(self) -> Path:
        return self.folder / "epmd.json"

    @property
    def _place_file(self) -> Path:
        return self.folder / "place.json"

    def _place(self) -> Place:
        return Place(**json.loads(self._place_file.read_text()))

    def _prepare(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        amqp, management, distribution, epmd = processes.free_ports(4)
        password = secrets.token_urlsafe(16)
        place = Place(amqp, management, distribution, epmd, user="tests", password=password)
        (self.folder / "rabbitmq.conf").touch(mode=0o600)
        (self.folder / "rabbitmq.conf").write_text(CONFIGURATION.format(**asdict(place)))
        (self.folder / "enabled_plugins").write_text("[rabbitmq_management].\n")
        self._place_file.touch(mode=0o600)
        self._place_file.write_text(json.dumps(asdict(place)))

    def _start_port_mapper(self, epmd: Path) -> None:
        # Erlang would start one that outlives the broker and that nobody would end.
        running = processes.load(self._port_mapper_record)
        if running is None or not running.is_alive:
            port = str(self._place().epmd)
            process = processes.start(
                [epmd, "-address", "127.0.0.1", "-port", port],
                env=self._environment(),
                cwd=self.folder,
                log=self.folder / "epmd.log",
            )
            process.save(self._port_mapper_record)

    def _environment(self) -> dict[str, str]:
        place = self._place()
        folder = self.folder.resolve()
        return {
            "PATH": os.environ.get("PATH", ""),
            "LANG": "C.UTF-8",
            "HOME": str(folder),
            "ERL_EPMD_PORT": str(place.epmd),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_CONF_ENV_FILE": str(folder / "none"),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "advanced"),
            "RABBITMQ_DIST_PORT": str(place.distribution),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
            "RABBITMQ_LOG_BASE": str(folder),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
            "RABBITMQ_NODENAME": "tests@localhost",
            "RABBITMQ_PID_FILE": str(folder / "rabbit.pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": ERLANG,
            "RABBITMQ_SERVER_START_ARGS": NODE_ONLY,
            # The server replaces its start script, so that there is one process to signal.
            "RUNNING_UNDER_SYSTEMD": "true",
        }
