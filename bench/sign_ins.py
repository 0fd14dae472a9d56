"""Parallel sign-ins in one process of identity: how many a second, and how long its loop stalls.

    python -m bench.sign_ins postgresql://…     prints one JSON object

Beside it, in the same process and the same minute, stands what argon2 alone allows on these cores.
"""

from __future__ import annotations

import eventlet

if __name__ == "__main__":
    eventlet.monkey_patch()

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from uuid import uuid4

from eventlet.patcher import original

from chassis.config import Config
from chassis.context import CallContext
from chassis.service import Kit
from services.identity.models import Account, PasswordCredential
from services.identity.service import IdentityService

PARALLEL = 20
SECONDS = 5.0
RUNS = 3
TICK_SECONDS = 0.005
PASSWORD = "a sentence for measuring"


@dataclass(frozen=True)
class SignIns:
    """``stall_ms``: the longest time in which nothing else of the process was served."""

    argon2_per_second: float
    per_second: float
    p50_ms: float
    p99_ms: float
    stall_ms: float
    stall_p99_ms: float


def measured(database_url: str) -> SignIns:
    """Medians of several runs, in a process that is patched as a service's is."""
    finished = subprocess.run(
        [sys.executable, "-m", "bench.sign_ins", database_url],
        check=True,
        capture_output=True,
        text=True,
    )
    return SignIns(**json.loads(finished.stdout.splitlines()[-1]))


def _kit(database_url: str, folder: Path) -> Kit:
    section = {
        "database_url": database_url,
        "mail_url": f"capture:{folder / 'mail'}",
        # What is measured is signing in, not being turned away.
        "limit_sign_ins_per_ip": "1000000/1",
        "limit_passwords_per_ip": "1000000/1",
        "password_failures_free": "1000000",
        "password_failures_most": "1000000",
    }
    config = Config({"suite": {"data_folder": str(folder)}, "identity": section})
    return Kit(IdentityService, config)


def _accounts(kit: Kit) -> list[str]:
    addresses = [f"{uuid4().hex}@example.com" for _ in range(PARALLEL)]
    digest = kit.own.hasher.digest(PASSWORD)
    now = kit.clock.now()
    with kit.db() as session:
        for address in addresses:
            account_id = uuid4()
            session.add(
                Account(
                    id=account_id,
                    email=address,
                    email_key=address,
                    language="en",
                    registered_at=now,
                    verified_at=now,
                )
            )
            session.flush()
            session.add(PasswordCredential(account_id=account_id, digest=digest, changed_at=now))
    return addresses


def _argon2_alone(kit: Kit) -> float:
    """Verifications a second in as many real threads as there are cores."""
    threading: Any = original("threading")
    digest = kit.own.hasher.digest(PASSWORD)
    verify: Callable[[str, str], bool] = kit.own.hasher._argon2.verify
    ends = time.perf_counter() + SECONDS
    counts = [0] * (os.cpu_count() or 1)

    def work(number: int) -> None:
        while time.perf_counter() < ends:
            verify(digest, PASSWORD)
            counts[number] += 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(counts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / SECONDS


def _run(kit: Kit, addresses: list[str]) -> tuple[float, list[float], list[float]]:
    """Sign-ins a second, how long each took, and how late each tick of the loop was; in ms."""
    ends = time.perf_counter() + SECONDS
    took: list[float] = []
    late: list[float] = []

    def tick() -> None:
        while time.perf_counter() < ends:
            due = time.perf_counter() + TICK_SECONDS
            eventlet.sleep(TICK_SECONDS)
            late.append((time.perf_counter() - due) * 1000)

    def sign_in(number: int, address: str) -> None:
        # Each from an address of its own, as twenty people are.
        ip = f"192.0.2.{number + 1}"
        while time.perf_counter() < ends:
            started = time.perf_counter()
            identity: Any = IdentityService()
            kit.equip(identity, CallContext(request_id=str(uuid4()), ip=ip))
            identity.sign_in({"email": address, "password": PASSWORD})
            took.append((time.perf_counter() - started) * 1000)

    pool = eventlet.GreenPool(PARALLEL + 1)
    pool.spawn_n(tick)
    for number, address in enumerate(addresses):
        pool.spawn_n(sign_in, number, address)
    pool.waitall()
    return len(took) / SECONDS, took, late


def main(database_url: str) -> int:
    with tempfile.TemporaryDirectory(prefix="freehold-sign-ins-", dir=".run") as folder:
        kit = _kit(database_url, Path(folder))
        addresses = _accounts(kit)
        # In turns, so that what else the machine does falls on both.
        alone, rates, took, late = [], [], [], []
        for _ in range(RUNS):
            alone.append(_argon2_alone(kit))
            rate, durations, delays = _run(kit, addresses)
            rates.append(rate)
            took.append(durations)
            late.append(delays)
        found = SignIns(
            argon2_per_second=median(alone),
            per_second=median(rates),
            p50_ms=median(median(each) for each in took),
            p99_ms=median(quantiles(each, n=100)[98] for each in took),
            stall_ms=max(max(each) for each in late),
            stall_p99_ms=median(quantiles(each, n=100)[98] for each in late),
        )
        kit.close()
    print(json.dumps(vars(found)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
