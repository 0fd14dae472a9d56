"""What rights cost in an organization as large as one may be: the recipes, without a bus.

    python -m bench rights     measures this alone

Devices asks organizations in the same process, with every message through JSON as on the wire. Two
databases of devices stand beside one of organizations: one holds a thousand devices, the other a
million, so that what a page costs more there is what the number of devices costs.
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
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, func, select, true

from bench import estate as estates
from bench.estate import Estate, Place
from contracts.access import Permission
from contracts.paging import encode_cursor
from services.devices.models import Device
from services.devices.queries.parts import among
from tests.databases import Databases
from tests.harness import Suite

RUNS = 3
SECONDS = 0.5
CALLS_LEAST, CALLS_MOST = 12, 200
PAGE = 50
FEW, MANY = "few", "many"
# Of nobody who is measured but the owner.
SITES_TO_MOVE = (0, 1, 2)
SITES_TO_DELETE = (13, 14, 15)


@dataclass(frozen=True)
class Cost:
    """``member`` and ``devices`` are empty where they make no difference."""

    what: str
    member: str
    devices: str
    p50_ms: float
    p99_ms: float


@dataclass(frozen=True)
class Question:
    """A call that changes nothing, asked again and again."""

    what: str
    member: str
    method: str
    payload: Mapping[str, Any]


def measured(databases: Databases) -> list[Cost]:
    """Makes the estate, and measures in a process that is patched as a service's is."""
    made = estates.estate()
    organizations = databases.create("organizations")
    few, many = databases.create("devices"), databases.create("devices")
    try:
        estates.settle(organizations, made)
        estates.furnish(few, made, made.few_rooms())
        estates.furnish(many, made, made.rooms())
        finished = subprocess.run(
            [sys.executable, "-m", "bench.rights", organizations, few, many],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
    finally:
        for url in (organizations, few, many):
            databases.drop(url)
    return [Cost(**each) for each in json.loads(finished.stdout.splitlines()[-1])]


class Bench:
    """One estate, with a thousand devices and with a million."""

    def __init__(self, folder: Path, organizations: str, few: str, many: str) -> None:
        self.estate = estates.estate()
        self.suites = {
            name: Suite(
                folder,
                services=("organizations", "devices"),
                databases={"organizations": organizations, "devices": devices},
            )
            for name, devices in ((FEW, few), (MANY, many))
        }
        # One request each, as the gateway makes it: whoever calls is made sure of only once.
        self._headers = {
            (name, member): suite.context(self.estate.members[member].account_id).headers()
            for name, suite in self.suites.items()
            for member in self.estate.members
        }

    def ask(self, devices: str, member: str, service: str, method: str, **payload: Any) -> Any:
        headers = self._headers[devices, member]
        organization = {"organization_id": str(self.estate.organization_id)}
        return self.suites[devices].bus.call(service, method, {**organization, **payload}, headers)

    def close(self) -> None:
        for suite in self.suites.values():
            suite.close()


def of_organizations(estate: Estate) -> Iterator[Question]:
    permission = Permission.DEVICE_READ.value
    for name in estate.members:
        folder_id = str(estate.folders[_room_of(estate, name)])
        yield Question("check", name, "check", {"permission": permission, "folder_id": folder_id})
        yield Question("scope", name, "resolve_scope", {"permission": permission})
        yield Question("folders", name, "list_folders", {"limit": PAGE})


def of_devices(bench: Bench, devices: str) -> Iterator[Question]:
    for name in bench.estate.members:
        page = {"limit": PAGE}
        yield Question("first page", name, "list_devices", page)
        middle = _middle(bench, devices, name)
        yield Question("page in the middle", name, "list_devices", {**page, "cursor": middle})
        room = str(bench.estate.folders[_room_of(bench.estate, name)])
        yield Question("page of a room", name, "list_devices", {**page, "folder_id": room})


def _room_of(estate: Estate, name: str) -> Place:
    """One of the member's, with the same devices in both databases."""
    rooms = estate.furnished.get(name) or estate.furnished["u1"]
    return rooms[len(rooms) // 2]


def _middle(bench: Bench, devices: str, name: str) -> str:
    """The cursor behind which half of the member's devices are."""
    scope = bench.ask(devices, name, "organizations", "resolve_scope", permission="device:read")
    with bench.suites[devices].databases["devices"].reading() as session:
        held: ColumnElement[bool] = true()
        if not scope["all_folders"]:
            held = among(session, Device.folder_id, scope["folder_ids"])
        count = session.scalar(select(func.count()).select_from(Device).where(held)) or 0
        row = session.execute(
            select(Device.name, Device.id)
            .where(held)
            .order_by(Device.name, Device.id)
            .offset(count // 2)
            .limit(1)
        ).one()
    return encode_cursor(tuple(row))


Taken = dict[tuple[str, str, str], list[list[float]]]


def _timed(call: Callable[[], Any]) -> list[float]:
    call()
    ends = time.perf_counter() + SECONDS
    took: list[float] = []
    while len(took) < CALLS_MOST and (len(took) < CALLS_LEAST or time.perf_counter() < ends):
        started = time.perf_counter()
        call()
        took.append((time.perf_counter() - started) * 1000)
    return took


def _read(bench: Bench) -> Taken:
    """Run by run, and few beside many, so that what else the machine does falls on all."""
    taken: Taken = defaultdict(list)
    asked = {devices: list(of_devices(bench, devices)) for devices in bench.suites}
    for _ in range(RUNS):
        for question in of_organizations(bench.estate):
            taken[question.what, question.member, ""].append(
                _timed(lambda q=question: _answer(bench, MANY, "organizations", q))  # type: ignore[misc]
            )
        for pair in zip(*asked.values(), strict=True):
            for devices, question in zip(asked, pair, strict=True):
                taken[question.what, question.member, devices].append(
                    _timed(lambda d=devices, q=question: _answer(bench, d, "devices", q))  # type: ignore[misc]
                )
    return taken


def _answer(bench: Bench, devices: str, service: str, question: Question) -> Any:
    return bench.ask(devices, question.member, service, question.method, **question.payload)


def _changed(bench: Bench) -> Taken:
    """What the owner does to whole sites, with their 5,221 folders and 50,000 devices."""
    taken: Taken = defaultdict(list)
    suite, folders = bench.suites[MANY], bench.estate.folders

    def clocked(what: str, act: Callable[[], Any]) -> None:
        started = time.perf_counter()
        act()
        taken[what, "owner", ""].append([(time.perf_counter() - started) * 1000])

    def asked(method: str, site: Place, **payload: Any) -> Callable[[], Any]:
        folder_id = str(folders[site])
        return lambda: bench.ask(
            MANY, "owner", "organizations", method, folder_id=folder_id, **payload
        )

    for number in SITES_TO_MOVE:
        # Into another site and out again: all depths change, which costs the most.
        for parent in ((estates.SITES - 1,), ()):
            clocked("move", asked("move_folder", (number,), parent_id=str(folders[parent])))
    suite.deliver()
    for number in SITES_TO_DELETE:
        clocked("preview", asked("preview_deletion", (number,)))
        deletion = asked(
            "delete_folder", (number,), confirm_risk=True, idempotency_key=str(uuid4())
        )
        clocked("delete", deletion)
        clocked("follow", suite.deliver)
    return taken


def _costs(taken: Taken) -> list[Cost]:
    """Medians of the runs; what was done once a run has its slowest for the 99th percentile."""
    costs = []
    for (what, member, devices), runs in taken.items():
        many = all(len(run) > 1 for run in runs)
        p99 = median(quantiles(run, n=100)[98] for run in runs) if many else max(max(runs))
        costs.append(Cost(what, member, devices, median(median(run) for run in runs), p99))
    return costs


def main(organizations: str, few: str, many: str) -> int:
    with tempfile.TemporaryDirectory(prefix="freehold-rights-", dir=".run") as folder:
        bench = Bench(Path(folder), organizations, few, many)
        costs = _costs(_read(bench)) + _costs(_changed(bench))
        bench.close()
    print(json.dumps([asdict(cost) for cost in costs]))
    return 0


# The section of the report


HEADING = "\n(f) Rights in an organization of 104,421 folders,"
_BY_MEMBER = {
    "check": "check one folder",
    "scope": "resolve the scope",
    "folders": "list visible folders, first page",
}
_BY_NUMBER = {
    "first page": "first page",
    "page in the middle": "page in the middle",
    "page of a room": "page of one room",
}
_ONCE = {
    "move": "move a site into another, and out again",
    "preview": "preview of the deletion of a site",
    "delete": "delete a site",
    "follow": "then its devices go, by event",
}


def lines(costs: Sequence[Cost]) -> list[str]:
    """From `HEADING` on."""
    found = {(cost.what, cost.member, cost.devices): cost for cost in costs}
    members = estates.estate().members.values()

    def cell(cost: Cost) -> str:
        return f"{cost.p50_ms:.1f} / {cost.p99_ms:.1f}"

    header = " | ".join(f"{member.name}: {member.what}" for member in members)
    text = [
        HEADING,
        " four levels deep, with 1,000 devices and\n",
        "with 1,000,000: the recipes in one process with PostgreSQL, without a bus; p50 / p99 in ms.\n",
        "A site has 5,221 folders and 50,000 devices, a floor 26 and 250, a room 10 devices; 100 other\n",
        "members hold 20,000 grants. The thousand devices are in rooms of those who are measured,\n",
        "so that their pages are as full as with a million. Aims: a check within 1 ms, twice the time at\n",
        "the most with a million devices, a site deleted within 2 s. Organizations knows no devices: what\n",
        "it answers does not depend on their number.\n",
        f"\n| (f) organizations | {header} |\n|---|{'---|' * len(members)}\n",
    ]
    for what, title in _BY_MEMBER.items():
        cells = " | ".join(cell(found[what, member.name, ""]) for member in members)
        text.append(f"| {title} | {cells} |\n")
    text.append(
        f"\n| (f) {PAGE} devices | | with 1,000 | with 1,000,000 | ratio of p50 |\n|---|---|---|---|---|\n"
    )
    for what, title in _BY_NUMBER.items():
        for member in members:
            few, many = (found[what, member.name, devices] for devices in (FEW, MANY))
            text.append(
                f"| {title} | {member.what} | {cell(few)} | {cell(many)} "
                f"| {many.p50_ms / few.p50_ms:.2f} |\n"
            )
    text.append("\n| (f) a whole site | median ms | slowest ms |\n|---|---|---|\n")
    for what, title in _ONCE.items():
        cost = found[what, "owner", ""]
        text.append(f"| {title} | {cost.p50_ms:.0f} | {cost.p99_ms:.0f} |\n")
    return text


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
