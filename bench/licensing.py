"""What licensing costs beside its SQL: the recipes, without a bus.

    python -m bench licensing     measures this alone

A run of commands is recorded as the SQL it sends. On equal copies of the same database, pgbench
then sends that SQL again and the service carries the commands out again, both with as many
connections as there are organizations. What the service adds is the question of rights, which
organizations answers in the same process from a database of its own, and Python.
"""

from __future__ import annotations

import eventlet

if __name__ == "__main__":
    eventlet.monkey_patch()

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import event, make_url

from chassis.clock import FixedClock
from tests.databases import Databases
from tests.harness import START, Suite
from tests.service.licensing.customer import PRODUCT, Customer, Supplier

RUNS = 3
ORGANIZATIONS = 8
COMMANDS = 40
KEYS_PER_ORDER = 20
READS = 200
FEW_ENTRIES, MANY_ENTRIES = 100, 10_000
COMMAND_NAMES = ("allocate_licenses", "redeem_license_key")


@dataclass(frozen=True)
class Rate:
    """Per second, and in milliseconds what one command took where nothing else ran."""

    what: str
    statements: int
    pgbench: float
    service: float
    alone_ms: float
    sql_ms: float
    rights_ms: float


@dataclass(frozen=True)
class Reading:
    entries: int
    p50_ms: float
    p99_ms: float


@dataclass(frozen=True)
class Licensing:
    rates: list[Rate]
    readings: list[Reading]


def measured(databases: Databases) -> Licensing:
    """Medians of several runs, in processes that are patched as a service's is."""
    organizations, licensing = databases.create("organizations"), databases.create("licensing")
    made = [organizations, licensing]

    def copied() -> str:
        made.append(databases.copy(licensing))
        return made[-1]

    with tempfile.TemporaryDirectory(prefix="freehold-bench-", dir=".run") as name:
        folder = Path(name)
        try:
            _process("prepare", organizations, licensing, folder)
            rates = [_rate(command, organizations, copied, folder) for command in COMMAND_NAMES]
            readings = _process("read", organizations, copied(), folder)
        finally:
            for url in made:
                databases.drop(url)
    return Licensing(rates, [Reading(**each) for each in readings])


def _rate(command: str, organizations: str, copied: Callable[[], str], folder: Path) -> Rate:
    alone = _process("record", organizations, copied(), folder, command)
    by_pgbench = median(_pgbench(copied(), folder, command) for _ in range(RUNS))
    by_service = median(
        _process("run", organizations, copied(), folder, command) for _ in range(RUNS)
    )
    return Rate(what=command, pgbench=by_pgbench, service=by_service, **alone)


def _process(step: str, organizations: str, licensing: str, folder: Path, *more: str) -> Any:
    finished = subprocess.run(
        [
            sys.executable,
            "-m",
            "bench.licensing",
            step,
            organizations,
            licensing,
            str(folder),
            *more,
        ],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return json.loads(finished.stdout.splitlines()[-1])


def _pgbench(url: str, folder: Path, command: str) -> float:
    """Transactions a second of the recorded SQL: one connection for each organization's."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    started = time.perf_counter()
    running = [
        subprocess.Popen(
            ["pgbench", "-n", "-c", "1", "-t", "1", "-f", script, plain],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        for script in sorted(folder.glob(f"{command}-*.sql"))
    ]
    for process in running:
        _out, problems = process.communicate()
        if process.returncode:
            raise RuntimeError(problems.decode())
    return ORGANIZATIONS * COMMANDS / (time.perf_counter() - started)


class Office:
    """The organizations, on whichever copy of the databases."""

    def __init__(self, organizations: str, licensing: str, folder: Path) -> None:
        # Halfway through the year, so that licenses return.
        self.suite = Suite(
            folder,
            services=("organizations", "licensing"),
            databases={"organizations": organizations, "licensing": licensing},
            clock=FixedClock(START + timedelta(days=183)),
        )
        # Beside the pepper that keys were hashed with.
        self._notes = folder / "office.json"

    def prepare(self) -> None:
        supplier = Supplier(self.suite, keys_per_day=1_000_000)
        homes = []
        for _ in range(ORGANIZATIONS):
            customer = Customer(self.suite, supplier).started()
            for _ in range(3):
                customer.buy(1_000_000)
            homes.append(
                {
                    "id": str(customer.id),
                    "owner": str(customer.owner),
                    "keys": [
                        key["key"]
                        for _ in range(COMMANDS // KEYS_PER_ORDER)
                        for key in supplier.issue(count=KEYS_PER_ORDER)["keys"]
                    ],
                }
            )
        self._notes.write_text(json.dumps(homes))

    def homes(self) -> Sequence[Mapping[str, Any]]:
        found: Sequence[Mapping[str, Any]] = json.loads(self._notes.read_text())
        return found

    def commands(self, home: Mapping[str, Any], command: str) -> Iterator[Callable[[], Any]]:
        headers = self.suite.context(UUID(home["owner"])).headers()
        for number in range(COMMANDS):
            payload = {
                "organization_id": home["id"],
                "product": PRODUCT,
                "idempotency_key": uuid4().hex,
                **(
                    {"key": home["keys"][number]}
                    if command == "redeem_license_key"
                    else {"lines": [{"type": "core", "seats": 1}], "allow_surplus": True}
                ),
            }
            yield partial(self.suite.bus.call, "licensing", command, payload, headers)


class Recorder:
    """The SQL that goes to licensing's database, as text, with the time it takes."""

    def __init__(self, engine: Any) -> None:
        self.sql: list[str] = []
        self.seconds = 0.0
        self.statements = 0
        event.listen(engine, "begin", lambda _connection: self.sql.append("BEGIN"))
        event.listen(engine, "commit", lambda _connection: self.sql.append("COMMIT"))
        event.listen(engine, "rollback", lambda _connection: self.sql.append("ROLLBACK"))
        event.listen(engine, "before_cursor_execute", self._before)
        event.listen(engine, "after_cursor_execute", self._after)

    def _before(
        self, _connection: Any, cursor: Any, statement: str, values: Any, _context: Any, many: bool
    ) -> None:
        for each in values if many else [values]:
            self.sql.append(cursor.mogrify(statement, each or None).decode())
            self.statements += 1
        self._since = time.perf_counter()

    def _after(self, *_arguments: Any) -> None:
        self.seconds += time.perf_counter() - self._since


def record(office: Office, folder: Path, command: str) -> Mapping[str, float]:
    """Writes a script for each organization; what a command alone took, in medians of ms."""
    took: list[float] = []
    in_sql: list[float] = []
    asking: list[float] = []
    recorder = Recorder(office.suite.databases["licensing"].engine)
    statements = 0
    for number, home in enumerate(office.homes()):
        recorder.sql.clear()
        for carry_out in office.commands(home, command):
            sql, recorder.statements, started = recorder.seconds, 0, time.perf_counter()
            carry_out()
            took.append(time.perf_counter() - started)
            in_sql.append(recorder.seconds - sql)
            statements = recorder.statements
        lines = [f"{statement.strip().rstrip(';')};\n" for statement in recorder.sql]
        (folder / f"{command}-{number}.sql").write_text("".join(lines))
        context = office.suite.context(UUID(home["owner"]))
        for _ in range(COMMANDS):
            started = time.perf_counter()
            office.suite.instance("licensing", context).licensee(UUID(home["id"]))
            asking.append(time.perf_counter() - started)
    return {
        "statements": statements,
        "alone_ms": median(took) * 1000,
        "sql_ms": median(in_sql) * 1000,
        "rights_ms": median(asking) * 1000,
    }


def run(office: Office, command: str) -> float:
    """Commands a second of all organizations at once, in one process of the service."""
    work = [list(office.commands(home, command)) for home in office.homes()]

    def carry_out(commands: Sequence[Callable[[], Any]]) -> None:
        for each in commands:
            each()

    started = time.perf_counter()
    for thread in [eventlet.spawn(carry_out, commands) for commands in work]:
        thread.wait()
    return ORGANIZATIONS * COMMANDS / (time.perf_counter() - started)


def read(office: Office) -> list[Reading]:
    """The status of an organization by the length of its ledger."""
    supplier, readings = Supplier(office.suite), []
    for entries in (FEW_ENTRIES, MANY_ENTRIES):
        customer = Customer(office.suite, supplier).started()
        customer.buy(1_000_000)
        # Each moves a license, gives a part of it back to the pool, and often a whole one back.
        while (found := len(customer.entries())) < entries:
            for _ in range(max(1, (entries - found) // 3)):
                customer.allocate(1, allow_surplus=True)
        ask = {"organization_id": str(customer.id), "product": PRODUCT}
        headers = office.suite.context(customer.owner).headers()
        took = []
        for _ in range(READS):
            started = time.perf_counter()
            office.suite.bus.call("licensing", "get_product_overview", ask, headers)
            took.append((time.perf_counter() - started) * 1000)
        readings.append(Reading(entries, median(took), quantiles(took, n=100)[98]))
    return readings


HEADING = "\n(g) Licensing:"


def lines(found: Licensing) -> list[str]:
    """From `HEADING` on."""
    few, many = found.readings
    out = [
        f"{HEADING} commands of {ORGANIZATIONS} organizations at once, in one process with PostgreSQL, without a\n",
        "bus, beside pgbench sending the very same SQL to a copy of the same database. A command alone\n",
        "takes as many ms as stand at the right: in the database, with its question of rights to\n",
        "organizations, and the rest, which is checking, deciding and hashing in Python.\n\n",
        "| (g) commands | SQL statements | pgbench /s | service /s | ratio | alone ms | SQL | rights | rest |\n",
        "|---|---|---|---|---|---|---|---|---|\n",
    ]
    for rate in found.rates:
        rest = rate.alone_ms - rate.sql_ms - rate.rights_ms
        out.append(
            f"| {rate.what} | {rate.statements} | {rate.pgbench:.0f} | {rate.service:.0f} "
            f"| {rate.service / rate.pgbench:.2f} | {rate.alone_ms:.1f} | {rate.sql_ms:.1f} "
            f"| {rate.rights_ms:.1f} | {rest:.1f} |\n"
        )
    out += [
        "\n| (g) status of an organization by its ledger entries | p50 ms | p99 ms | ratio of p50 |\n",
        "|---|---|---|---|\n",
        f"| {few.entries} | {few.p50_ms:.1f} | {few.p99_ms:.1f} | 1.00 |\n",
        f"| {many.entries:,} | {many.p50_ms:.1f} | {many.p99_ms:.1f} | {many.p50_ms / few.p50_ms:.2f} |\n",
    ]
    return out


def main(step: str, organizations: str, licensing: str, place: str, *more: str) -> int:
    folder = Path(place)
    office = Office(organizations, licensing, folder)
    answer: Any = None
    if step == "prepare":
        office.prepare()
    elif step == "record":
        answer = record(office, folder, *more)
    elif step == "run":
        answer = run(office, *more)
    else:
        answer = [asdict(reading) for reading in read(office)]
    office.suite.close()
    print(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
