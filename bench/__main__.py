"""`python -m bench`: medians of several runs, one table, docs/benchmarks.md.

python -m bench rights       only what rights cost; the rest of the report stays
python -m bench licensing    only what licensing costs
"""

from __future__ import annotations

import itertools
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit
from uuid import uuid4

import requests

from bench import licensing, outbox, rights, sign_ins
from bench.licensing import Licensing
from bench.load import Result, load, request
from bench.rights import Cost
from bench.sign_ins import SignIns
from demo.api import until
from demo.errand import Errand
from demo.mailbox import free_port
from tests.databases import Databases
from tests.journeys.running import HOST, running_suite
from tests.servers import Instance

RUNS = 3
SECONDS = 5.0
REPORT = Path("docs/benchmarks.md")


def medians(measure: Callable[[], Result]) -> Result:
    results = [measure() for _ in range(RUNS)]
    return Result(
        median(result.per_second for result in results),
        median(result.p50_ms for result in results),
        median(result.p99_ms for result in results),
    )


@contextmanager
def echo(broker_url: str, folder: Path) -> Iterator[tuple[str, int]]:
    """The bare echo behind gunicorn with the gateway's own settings file."""
    port = free_port(HOST)
    environment = {
        **os.environ,
        "FREEHOLD_BROKER_URL": broker_url,
        "FREEHOLD_GATEWAY_BIND": f"{HOST}:{port}",
    }
    command = ["-m", "gunicorn", "--config", "gateway/gunicorn.conf.py", "bench.echo_gateway:app"]
    with (folder / "echo.log").open("wb") as log:
        children = [
            subprocess.Popen([sys.executable, *arguments], env=environment, stdout=log, stderr=log)
            for arguments in (["-m", "bench.echo_service", broker_url], command)
        ]
        try:

            def ready() -> bool | None:
                try:
                    return requests.get(f"http://{HOST}:{port}/readyz", timeout=2).ok or None
                except requests.RequestException:
                    return None

            until(ready, within=60, what="The echo")
            yield HOST, port
        finally:
            for child in children:
                child.terminate()
                child.wait()


def prepared(errand: Errand) -> None:
    """Signs up, licenses and fills the wallet: what (b) and (c) need."""
    for title, step in errand.steps():
        if title == "Allocate the licenses":
            break
        step()


def filled_wallet(errand: Errand) -> None:
    issued = errand.supplier.post(
        "/v1/license-keys",
        {
            "order_ref": f"bench-{uuid4()}",
            "product": "camera-manager",
            "lines": [{"type": "core", "quantity": 100_000}],
            "term_years": 1,
            "count": 1,
        },
    )
    home = f"/v1/organizations/{errand.organization['id']}/products/camera-manager"
    errand.api.post(f"{home}/redemptions", {"key": issued["keys"][0]["key"]})


Found = Result | SignIns | list[Cost] | Licensing | float


def measured(folder: Path) -> dict[str, Found]:
    servers = Instance.new()
    servers.start()
    postgres, rabbit = servers.postgres, servers.rabbit
    try:
        found: dict[str, Found] = {}
        found["sign-ins"] = sign_ins.measured(Databases(postgres.url).create("identity"))
        with echo(rabbit.url, folder) as address:
            plain = request("GET", "/echo", {})
            found["echo"] = medians(lambda: load(address, lambda: plain, seconds=SECONDS))
        with running_suite(
            folder,
            postgres_url=postgres.url,
            rabbit_url=rabbit.url,
            management_url=rabbit.management_url,
            cameras=1,
        ) as suite:
            errand = suite.errand()
            prepared(errand)
            filled_wallet(errand)
            gateway = urlsplit(suite.gateway)
            at = (gateway.hostname or HOST, gateway.port or 0)
            headers = {"Authorization": f"Bearer {errand.api.token}"}
            organization = errand.organization["id"]
            read = request("GET", f"/v1/organizations/{organization}", headers)
            found["read"] = medians(lambda: load(at, lambda: read, seconds=SECONDS))
            numbers = itertools.count()
            run = uuid4().hex

            def allocation() -> bytes:
                body = {"lines": [{"type": "core", "seats": 1}], "allow_surplus": True}
                return request(
                    "POST",
                    f"/v1/organizations/{organization}/products/camera-manager/allocations",
                    {
                        **headers,
                        "Content-Type": "application/json",
                        "Idempotency-Key": f"{run}-{next(numbers)}",
                    },
                    json.dumps(body).encode(),
                )

            found["allocation"] = medians(
                lambda: load(at, allocation, connections=8, seconds=SECONDS)
            )
        rates = [outbox.bare(rabbit.url) for _ in range(RUNS)]
        found["bare events"] = median(rates)
        passes = [outbox.through_outbox(postgres.url, rabbit.url) for _ in range(RUNS)]
        found["announced"] = median(announced for announced, _ in passes)
        found["relayed"] = median(relayed for _, relayed in passes)
        found["rights"] = rights.measured(Databases(postgres.url))
        found["licensing"] = licensing.measured(Databases(postgres.url))
        return found
    finally:
        servers.discard()


def report(found: dict[str, Found]) -> str:
    calls = {name: value for name, value in found.items() if isinstance(value, Result)}
    rates = {name: value for name, value in found.items() if isinstance(value, float)}
    echo_rate = calls["echo"].per_second
    names = {
        "echo": "(a) bare nameko echo behind the same gunicorn",
        "read": "(b) authenticated read: GET /v1/organizations/{id}",
        "allocation": "(c) license allocation: POST …/allocations, one product's row lock",
    }
    lines = [
        "# Benchmarks\n\n",
        f"Medians of {RUNS} runs of {SECONDS:.0f} s in one session; everything (load, gateway, services, RabbitMQ,\n",
        f"PostgreSQL) on the same {os.cpu_count()} cores, Python {platform.python_version()}. Repeat with `make bench`.\n\n",
        "| what | calls/s | p50 ms | p99 ms | ratio to (a) |\n|---|---|---|---|---|\n",
    ]
    for name, title in names.items():
        result = calls[name]
        lines.append(
            f"| {title} | {result.per_second:.0f} | {result.p50_ms:.1f} | {result.p99_ms:.1f} "
            f"| {result.per_second / echo_rate:.2f} |\n"
        )
    bare = rates["bare events"]
    lines.append("\n| (d) events | per second | ratio |\n|---|---|---|\n")
    lines.append(f"| bare confirmed publishing, one producer | {bare:.0f} | 1.00 |\n")
    lines.append(
        f"| outbox relayed with confirms | {rates['relayed']:.0f} | {rates['relayed'] / bare:.2f} |\n"
    )
    lines.append(
        f"| announced and committed, {outbox.PER_TRANSACTION} a transaction "
        f"| {rates['announced']:.0f} | {rates['announced'] / bare:.2f} |\n"
    )
    measured_sign_ins = found["sign-ins"]
    assert isinstance(measured_sign_ins, SignIns)
    lines.extend(_sign_in_lines(measured_sign_ins))
    costs = found["rights"]
    assert isinstance(costs, list)
    lines.extend(rights.lines(costs))
    licenses = found["licensing"]
    assert isinstance(licenses, Licensing)
    lines.extend(licensing.lines(licenses))
    return "".join(lines)


def _sign_in_lines(signed_in: SignIns) -> list[str]:
    alone = signed_in.argon2_per_second
    ratio = signed_in.per_second / alone
    return [
        "\n| (e) sign-ins | per second | p50 ms | p99 ms | ratio |\n|---|---|---|---|---|\n",
        f"| argon2 alone, one real thread a core | {alone:.1f} | | | 1.00 |\n",
        (
            f"| {sign_ins.PARALLEL} parallel sign-ins, one process of identity with PostgreSQL "
            f"| {signed_in.per_second:.1f} | {signed_in.p50_ms:.0f} | {signed_in.p99_ms:.0f} "
            f"| {ratio:.2f} |\n"
        ),
        (
            f"\nMeanwhile the process's loop stood still for {signed_in.stall_ms:.0f} ms at most "
            f"({signed_in.stall_p99_ms:.0f} ms at the 99th percentile of its ticks).\n"
        ),
    ]


def anew(section: str, report: str) -> str:
    """The report, one of its sections measured again; they follow one another."""
    servers = Instance.new()
    servers.postgres.start()
    databases = Databases(servers.postgres.url)
    try:
        if section == "rights":
            fresh = rights.lines(rights.measured(databases))
        else:
            fresh = licensing.lines(licensing.measured(databases))
    finally:
        servers.discard()
    heading = SECTIONS[section]
    before, _heading, old = report.partition(heading)
    later = [old.find(other) for other in SECTIONS.values() if other != heading]
    ends = min((place for place in later if place >= 0), default=len(old))
    return before + "".join(fresh) + old[ends:]


SECTIONS = {"rights": rights.HEADING, "licensing": licensing.HEADING}


def main(sections: Sequence[str]) -> int:
    if len(sections) == 1 and sections[0] in SECTIONS:
        text = anew(sections[0], REPORT.read_text())
    elif sections:
        sys.exit(f"python -m bench [{' | '.join(SECTIONS)}]")
    else:
        with tempfile.TemporaryDirectory(prefix="freehold-bench-", dir=".run") as folder:
            text = report(measured(Path(folder)))
    REPORT.write_text(text)
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
