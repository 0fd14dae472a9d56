"""`make demo`: the whole suite on this machine, with sample data, until Ctrl-C.

One process for all services and the gateway (SQLite files, in-process bus), one for the simulated
cameras; the captured mail is shown by this one. Each start begins with an empty data folder.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from demo.api import Declined, until
from demo.cameras import fleet, images, version_of
from demo.clock import moving
from demo.errand import Account, Errand, Surroundings
from demo.mailbox import Mail, free_port, serving
from demo.operator import granting

SERVICES = (
    "services.identity",
    "services.organizations",
    "services.licensing",
    "services.devices",
    "services.devices.worker",
)
HOST = "127.0.0.1"


@contextmanager
def process(
    command: Sequence[str], environment: Mapping[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """A child that is asked to stop, and given time to, when the block ends."""
    with log.open("ab") as output:
        child = subprocess.Popen(
            [sys.executable, *command],
            env={**os.environ, **environment},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            yield child
        finally:
            child.terminate()
            try:
                child.wait(timeout=15)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def is_ready(address: str, child: subprocess.Popen[bytes], log: Path) -> bool | None:
    if child.poll() is not None:
        raise SystemExit(f"The suite stopped while starting. Its log: {log}")
    try:
        return requests.get(f"{address}/readyz", timeout=2).ok or None
    except requests.ConnectionError:
        return None


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("--port", type=int, default=8000, help="of the gateway; 0 takes a free one")
    parser.add_argument("--cameras", type=int, default=12)
    parser.add_argument("--folder", type=Path, default=Path(".run/demo"))
    parser.add_argument("--once", action="store_true", help="run the errand, then stop")
    chosen = parser.parse_args(arguments)

    stopping = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopping.set())

    folder: Path = chosen.folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    port = chosen.port or free_port(HOST)
    address = f"http://{HOST}:{port}"
    log = folder / "suite.log"

    with (
        serving((HOST, 0), (HOST, 0), printed) as (smtp_port, mail_port),
        fleet(chosen.cameras, folder) as cameras,
    ):
        environment = {
            "FREEHOLD_DATA_FOLDER": str(folder / "data"),
            "FREEHOLD_CLOCK": f"file:{folder / 'clock'}",
            "FREEHOLD_BROKER_URL": "inproc://demo",
            "FREEHOLD_IDENTITY_MAIL_URL": f"smtp://{HOST}:{smtp_port}",
            "FREEHOLD_IDENTITY_LINK_BASE_URL": address,
            "FREEHOLD_DEVICES_NETWORKS": "127.0.0.0/8",
            # Simulated cameras boot in seconds, so they are looked at more often than real ones.
            "FREEHOLD_DEVICES_POLL_SECONDS": "0.5",
            "FREEHOLD_DEVICES_HEALTH_SECONDS": "1",
            "FREEHOLD_DEVICES_RETRY_FIRST_SECONDS": "1",
            "FREEHOLD_GATEWAY_REQUESTS_PER_MINUTE_PER_IP": "0",
        }

        command = ["-m", "chassis.runner", *SERVICES, "--serve", "gateway.wsgi:app"]
        with process([*command, "--bind", f"{HOST}:{port}"], environment, log) as suite:
            until(lambda: is_ready(address, suite, log), within=60, what="The suite")
            errand = Errand(
                Surroundings(
                    gateway=address,
                    mailbox=f"http://{HOST}:{mail_port}",
                    cameras=cameras,
                    images=images(cameras, folder / "images"),
                    camera_version=version_of,
                    grant_operator=granting(environment=environment),
                ),
                Account(),
                report=lambda line: print(f"\n      {line}", end="", flush=True),
            )
            for number, (title, step) in enumerate(errand.steps(), start=1):
                print(f"{number:2}. {title} … ", end="", flush=True)
                result = step()
                print(f"\n    {result}" if title == "Follow the tasks" else result, flush=True)
            print(_ready(address, mail_port, errand, log))
            while not chosen.once and not stopping.wait(1):
                if suite.poll() is not None:
                    print(f"The suite stopped by itself. Its log: {log}")
                    return 1
    return 0


def printed(mail: Mail) -> None:
    """Captured mail in the terminal, indented between the steps."""
    body = "\n".join(f"      | {line}" for line in mail.text.strip().splitlines())
    print(f"\n      | Mail to {mail.to}: {mail.subject}\n      |\n{body}", flush=True)


def _ready(address: str, mail_port: int, errand: Errand, log: Path) -> str:
    facts: dict[str, Any] = {
        "Freehold": address,
        "API reference": f"{address}/docs",
        "Captured mail": f"http://{HOST}:{mail_port}",
        "Account": f"{errand.account.email} / {errand.account.password}",
        "Setup key": errand.account.setup_key,
        "Recovery codes": " ".join(errand.account.recovery_codes),
        "Organization": errand.organization["id"],
        "Log": log,
        "Move time": moving(errand),
    }
    width = max(len(name) for name in facts)
    lines = [f"  {name:<{width}}  {value}" for name, value in facts.items()]
    return "\nReady. Ctrl-C stops it.\n" + "\n".join(lines)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (AssertionError, Declined, TimeoutError, requests.RequestException) as error:
        print(f"\nThe errand ended here: {error}", file=sys.stderr)
        sys.exit(1)
    except json.JSONDecodeError:
        print("\nSomething answered that is not the suite.", file=sys.stderr)
        sys.exit(1)
