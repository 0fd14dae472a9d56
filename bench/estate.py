"""An organization as large as one may be: its tree, its people and the devices in its rooms.

Made of chance with a fixed seed, so that each run measures the same estate.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any
from uuid import UUID

import psycopg2  # type: ignore[import-untyped]

from contracts.access import Role
from services.devices.domain.version import Version, track_of
from services.organizations.domain import names

# How many of each there are in one of the level above.
SITES, BUILDINGS, FLOORS, ROOMS = 20, 20, 10, 25
LEVELS = ("Default folder", "Site", "Building", "Floor", "Room")
DEVICES_PER_ROOM = 10
FEW_DEVICES = 1_000
# Somebody watches every room of every site, so that a deletion has permissions to revoke.
WATCHERS, ROOMS_PER_WATCHER = 100, 200
_SEED = 104_421
_BEGAN = datetime(2025, 3, 1, 9, 0, tzinfo=UTC)
_MODELS = ("P3265-LVE", "Q6135-LE", "M3086-V", "P1468-LE", "Q1656", "P3818-PVE", "M5526-E")
_VERSIONS = tuple(map(Version.parse, ("11.11.192", "11.11.141", "12.4.59", "10.12.276")))

# From the default folder downwards, the number of each folder on the way: (6, 0, 3) is a floor.
Place = tuple[int, ...]
Row = tuple[object, ...]


@dataclass(frozen=True)
class Member:
    """Who is measured: what a role or a number of grants opens."""

    name: str
    what: str
    account_id: UUID
    membership_id: UUID
    role: Role
    grants: tuple[Place, ...]


@dataclass(frozen=True)
class Estate:
    """``folders``: their ids by their places; those above come before those below."""

    organization_id: UUID
    folders: Mapping[Place, UUID]
    members: Mapping[str, Member]
    watchers: tuple[Member, ...]
    # Rooms of each measured member, which all devices of the small estate are in.
    furnished: Mapping[str, tuple[Place, ...]]

    def rooms(self) -> Iterator[Place]:
        return (place for place in self.folders if len(place) == len(LEVELS) - 1)

    def few_rooms(self) -> list[Place]:
        return [room for rooms in self.furnished.values() for room in rooms]


def estate() -> Estate:
    chance = random.Random(_SEED)

    def new_id() -> UUID:
        return UUID(int=chance.getrandbits(128), version=4)

    folders = {place: new_id() for place in _places()}
    rooms = [place for place in folders if len(place) == len(LEVELS) - 1]

    def member(name: str, what: str, role: Role, grants: Iterable[Place]) -> Member:
        return Member(name, what, new_id(), new_id(), role, tuple(grants))

    site = (6,)
    floors = [(8 + number // 10, number % 10, 4) for number in range(50)]
    singles = rooms[7 :: len(rooms) // 500]
    one = (3, 11, 5, 20)
    members = [
        member("owner", "the owner", Role.OWNER, []),
        member("u1", "one site", Role.VIEWER, [site]),
        member("u2", "50 floors", Role.VIEWER, floors),
        member("u3", "500 rooms", Role.VIEWER, singles),
        member("u4", "one room", Role.VIEWER, [one]),
    ]
    watchers = [
        member(f"w{number}", "", Role.VIEWER, chance.sample(rooms, ROOMS_PER_WATCHER))
        for number in range(WATCHERS)
    ]
    return Estate(
        new_id(),
        folders,
        {member.name: member for member in members},
        tuple(watchers),
        {
            "u1": tuple(room for room in rooms if room[:1] == site)[::151],
            "u2": tuple((*floor, 12) for floor in floors[:33]),
            "u3": tuple(singles[-32:]),
            "u4": (one,),
        },
    )


def _places() -> Iterator[Place]:
    level: list[Place] = [()]
    yield from level
    for width in (SITES, BUILDINGS, FLOORS, ROOMS):
        level = [(*place, number) for place in level for number in range(width)]
        yield from level


# Rows, in the order of their columns


FOLDER = ("id", "organization_id", "parent_id", "name", "name_key", "depth", "is_root")
MEMBERSHIP = ("id", "organization_id", "account_id", "role", "joined_at")
GRANT = ("membership_id", "folder_id", "organization_id", "granted_by", "granted_at")
DEVICE = (
    "id",
    "organization_id",
    "folder_id",
    "serial",
    "name",
    "host",
    "port",
    "scheme",
    "trust",
    "fingerprint",
    "user_name",
    "sealed_password",
    "model",
    "full_name",
    "variant",
    "soc",
    "hardware_id",
    "version",
    "version_key",
    "track",
    "reachability",
    "last_seen_at",
    "state",
    "added_at",
)


def folder_rows(estate: Estate) -> Iterator[Row]:
    for place, folder_id in estate.folders.items():
        level = LEVELS[len(place)]
        name = f"{level} {place[-1] + 1}" if place else level
        parent = estate.folders[place[:-1]] if place else None
        yield (
            folder_id,
            estate.organization_id,
            parent,
            name,
            names.key(name),
            len(place),
            not place,
        )


def membership_rows(estate: Estate) -> Iterator[Row]:
    for member in (*estate.members.values(), *estate.watchers):
        yield (
            member.membership_id,
            estate.organization_id,
            member.account_id,
            member.role.value,
            _BEGAN,
        )


def grant_rows(estate: Estate) -> Iterator[Row]:
    owner = estate.members["owner"].account_id
    for member in (*estate.members.values(), *estate.watchers):
        for place in member.grants:
            folder_id = estate.folders[place]
            yield member.membership_id, folder_id, estate.organization_id, owner, _BEGAN


def device_rows(estate: Estate, rooms: Iterable[Place]) -> Iterator[Row]:
    """Named after where they are, as installers do: what a site holds stands together by name."""
    chance = random.Random(_SEED)
    serial = 0xACCC8E000000
    for site, building, floor, room in rooms:
        folder_id = estate.folders[site, building, floor, room]
        for number in range(DEVICES_PER_ROOM):
            serial += 1
            # Random ids, as the service gives, without what a UUID object costs.
            device_id, model = f"{chance.getrandbits(128):032x}", chance.choice(_MODELS)
            version = chance.choice(_VERSIONS)
            yield (
                device_id,
                estate.organization_id,
                folder_id,
                f"{serial:012X}",
                f"S{site + 1:02} B{building + 1:02} F{floor + 1:02} R{room + 1:02} camera {number}",
                f"10.{serial >> 16 & 255}.{serial >> 8 & 255}.{serial & 255}",
                443,
                "https",
                "pin",
                f"{device_id}{device_id}",
                "service",
                "v1.sealed." + device_id * 3,
                model,
                f"AXIS {model} Network Camera",
                model,
                "ARTPEC-8",
                "904.1",
                version.text,
                version.sort_key,
                track_of(version),
                "online",
                _BEGAN,
                "managed",
                _BEGAN,
            )


# Into the databases


def settle(url: str, estate: Estate) -> None:
    """Writes the organization with its tree and its people into the database of organizations."""
    organization = (
        estate.organization_id,
        "Analytical Engines",
        "",
        "active",
        estate.members["owner"].account_id,
        _BEGAN,
        0,
        False,
    )
    columns = (
        "id",
        "name",
        "notes",
        "status",
        "created_by",
        "created_at",
        "access_epoch",
        "members_need_authenticator",
    )
    with _connected(url) as cursor:
        _copy(cursor, "organization", columns, [organization])
        _copy(cursor, "folder", FOLDER, folder_rows(estate))
        _copy(cursor, "membership", MEMBERSHIP, membership_rows(estate))
        _copy(cursor, "folder_grant", GRANT, grant_rows(estate))


def furnish(url: str, estate: Estate, rooms: Iterable[Place]) -> None:
    """Writes the devices of these rooms into the database of devices."""
    with _connected(url) as cursor:
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes "
            "WHERE tablename = 'device' AND indexname <> 'device_pkey'"
        )
        indexes = cursor.fetchall()
        # Building an index is faster than filling it row by row.
        for name, _definition in indexes:
            cursor.execute(f"DROP INDEX {name}")
        _copy(cursor, "device", DEVICE, device_rows(estate, rooms))
        for _name, definition in indexes:
            cursor.execute(definition)


@contextmanager
def _connected(url: str) -> Iterator[Any]:
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            yield cursor
        # Every table is read as an old one is: counted, and with nothing left to clean up.
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    finally:
        connection.close()


def _copy(cursor: Any, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
    cursor.copy_expert(f"COPY {table} ({', '.join(columns)}) FROM STDIN", _Lines(rows))


class _Lines:
    """Rows as the file that COPY reads; no value here needs escaping."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows = iter(rows)

    def read(self, _size: int) -> str:
        return "".join(map(_line, islice(self._rows, 100)))


def _line(row: Row) -> str:
    return "\t".join("\\N" if value is None else str(value) for value in row) + "\n"
