"""The ground of a walk: whom it is about, how something is done, and what must hold after it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from random import Random
from typing import Any, TypeVar
from uuid import UUID, uuid4

from hypothesis.stateful import RuleBasedStateMachine
from sqlalchemy import func, select

from contracts.errors import Refusal
from services.devices.models import Audit, Device
from services.identity.domain import email_address
from services.identity.models import Account
from tests.service.devices.rows import device_values
from tests.service.organizations import reference
from tests.service.organizations.reference import DONE, UNCHANGED, Folder, Member, Organization
from tests.service.organizations.world import World

Choice = TypeVar("Choice")

PEOPLE = 6
NAMES = ("Pier", "PIER", "Quay", "Lock")


class Dice:
    """What one step is about; ``trespasses``: by somebody who may not."""

    def __init__(self, chance: Random, *, trespasses: bool = False) -> None:
        self.chance = chance
        self.trespasses = trespasses
        self.home = chance.choice([0, 0, 0, 0, 0, 1])
        # Mostly somebody who may, so that more is carried out than refused.
        self.actor = chance.randrange(8 * PEOPLE)
        self.who = chance.randrange(PEOPLE)

    def once_in(self, times: int) -> bool:
        return self.chance.randrange(times) == 0


class Ground(RuleBasedStateMachine):
    world: World
    reached: Counter[str]
    as_chosen: bool
    walks = 0
    serials = 0

    def begin(self, chance: Random) -> None:
        self.chance = chance
        self.known: Any = None
        # What earlier walks left behind.
        self.world.suite.deliver()
        self.people = [str(self.world.person()) for _ in range(PEOPLE)]
        self.addresses = {each: f"{UUID(each).hex}@example.com" for each in self.people}
        self.archived: list[Organization] = []
        self.homes: list[Organization] = []
        for owner in (0, 1):
            self.homes.append(self.new_home(owner))
        self.tokens: dict[str, str] = {}
        self.deletions: list[tuple[Organization, str]] = []

    def new_home(self, owner: int) -> Organization:
        made = self.world.ask(
            "create_organization",
            UUID(self.people[owner]),
            name="Analytical Engines",
            idempotency_key=str(uuid4()),
        )
        root = made["default_folder_id"]
        place = Organization(
            id=made["id"],
            root=root,
            folders={root: Folder(root, None, "Default folder")},
            members={self.people[owner]: Member("owner")},
            as_chosen=self.as_chosen,
        )
        for _ in range(2):
            self.plant_device(place, root)
        return place

    def plant_device(self, place: Organization, folder: str) -> None:
        """A row, for there is no camera."""
        Ground.serials += 1
        serial = f"ACCC8E{Ground.serials:06X}"
        device = Device(**device_values(UUID(place.id), UUID(folder), serial, self.now))
        place.devices[str(device.id)] = folder
        self.known = None
        with self.world.suite.databases["devices"]() as session:
            session.add(device)

    # Doing

    def ask(
        self,
        place: Organization,
        method: str,
        who: str,
        wanted: str,
        *,
        of_home: bool = True,
        changes: str = "organizations",
        **payload: Any,
    ) -> Any:
        """:param changes: the service in which it leaves something; "" where it only reads."""
        if of_home:
            payload["organization_id"] = place.id
        service = changes or "organizations"
        act = partial(self.world.suite.call, service, method, payload, as_=UUID(who))
        return self.carried_out(place, method, wanted, act, changes=changes)

    def carried_out(
        self,
        place: Organization,
        what: str,
        wanted: str,
        act: Callable[[], Any],
        *,
        changes: str = "organizations",
    ) -> Any:
        """I14: the answer expected; refused nothing changed, done exactly one thing did."""
        stays = wanted != DONE or not changes
        # Nothing but what is carried out here changes anything: what was known then holds now.
        before = (self.known or self.state()) if stays else None
        told, answer = self.outcome(act)
        assert told == (DONE if wanted == UNCHANGED else wanted), (what, told, wanted)
        self.note(True, f"{what}: {wanted}")
        self.known = before
        if stays:
            assert self.state() == before, what
        elif changes == "devices":
            place.moves += 1
        else:
            place.changes += 1
        epoch, entries = self.world.changes(UUID(place.id))
        assert (epoch, entries) == (place.changes, place.changes), what
        if changes == "devices":
            assert self.moves_kept(place) == place.moves, what
        self.stands(place)
        return answer

    @staticmethod
    def outcome(act: Callable[[], Any]) -> tuple[str, Any]:
        try:
            return DONE, act()
        except Refusal as refusal:
            return refusal.code, None

    def tell(self) -> None:
        """Devices hears of everything; nobody's rights change by it."""
        places = [*self.homes, *self.archived]
        self.known = None
        self.world.suite.deliver()
        for place in places:
            there = place.devices_in(place.live())
            lost = {*place.devices.values()} - place.live() - place.closed
            place.told()
            self.note(bool(lost), "devices went with their folder, and it was told")
            self.note(bool(place.devices_in(place.live()) - there), "devices came back when told")
            assert self.world.changes(UUID(place.id)) == (place.changes, place.changes)

    # What must hold

    def stands(self, place: Organization) -> None:
        """I1, I2: by the tables themselves."""
        tree = self.world.tree(UUID(place.id))
        assert sum(parent is None for parent in tree.values()) == 1
        for folder in tree:
            steps, at = 0, folder
            while (above := tree[at]) is not None:
                at, steps = above, steps + 1
                assert steps <= reference.DEPTH_MOST
        if place.is_active:
            assert self.world.owners(UUID(place.id)) >= 1

    def looks_right(self, place: Organization) -> None:
        """I3, I4: of folders and of devices, told of what happened or not."""
        for account in self.people:
            if place.entry(account, "folder:read") == DONE:
                assert self.seen(place, account) == place.open_to(account)
            else:
                for service, method in (
                    ("organizations", "list_folders"),
                    ("devices", "list_devices"),
                ):
                    told, _ = self.outcome(partial(self.listed, service, method, place, account))
                    assert told == reference.GONE

    def belongs_right(self) -> None:
        for account in self.people:
            homes = self.world.all("list_organizations", UUID(account))
            mine = {each.id for each in self.homes if each.is_active and account in each.members}
            assert {each["id"] for each in homes} == mine

    def everything_seen(self, place: Organization) -> dict[str, set[str]]:
        return {account: self.seen(place, account) for account in self.people}

    def seen(self, place: Organization, account: str) -> set[str]:
        """Folders and devices."""
        if place.entry(account, "folder:read") != DONE:
            return set()
        folders = self.listed("organizations", "list_folders", place, account)
        return {*folders, *self.listed("devices", "list_devices", place, account)}

    def listed(
        self, service: str, method: str, place: Organization, account: str, limit: int = 200
    ) -> list[str]:
        found: list[str] = []
        cursor = None
        while True:
            asked = {"organization_id": place.id, "limit": limit, "cursor": cursor}
            page = self.world.suite.call(service, method, asked, as_=UUID(account))
            found += [each["id"] for each in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                return found

    def state(self) -> Any:
        """Every row about these organizations, and how much was recorded and announced."""
        ids = [UUID(place.id) for place in self.homes]
        with self.world.suite.databases["devices"].reading() as session:
            rows = session.execute(
                select(Device.id, Device.folder_id, Device.state, Device.deletion_id)
                .where(Device.organization_id.in_(ids))
                .order_by(Device.id)
            ).all()
            entries = session.scalar(select(func.count()).select_from(Audit))
        return self.world.state_of(*ids), rows, entries

    def moves_kept(self, place: Organization) -> int:
        with self.world.suite.databases["devices"].reading() as session:
            mine = Audit.organization_id == UUID(place.id)
            return session.scalar(select(func.count()).select_from(Audit).where(mine)) or 0

    # Choosing

    def actor(self, dice: Dice, least: str = "admin") -> str:
        """One of the people; more often one who may do much."""
        members = self.homes[dice.home].members
        high = [
            each
            for each in self.people
            if each in members and reference.RANK[members[each].role] >= reference.RANK[least]
        ]
        if dice.trespasses:
            low = [each for each in self.people if each in members and each not in high]
            strangers = [each for each in self.people if each not in members]
            groups = [group for group in (low, strangers) if group] or [self.people]
            return dice.chance.choice(dice.chance.choice(groups))
        if dice.actor < PEOPLE:
            return self.people[dice.actor]
        return dice.chance.choice(high)

    @staticmethod
    def telling(dice: Dice, choices: Iterable[Choice], answer: Callable[[Choice], str]) -> Choice:
        """One of the choices, so that each answer there can be is about as likely.

        Half of the time one that is carried out, where there is one.
        """
        by_answer: dict[str, list[Choice]] = {}
        for each in choices:
            by_answer.setdefault(answer(each), []).append(each)
        if DONE in by_answer and dice.once_in(2):
            return dice.chance.choice(by_answer[DONE])
        return dice.chance.choice(by_answer[dice.chance.choice(list(by_answer))])

    def folders_about(self, dice: Dice) -> list[str]:
        """All that live, and a few that do not or are elsewhere."""
        return [
            *(each.id for each in self.homes[dice.home].folders.values() if each.is_live),
            *(self.any_folder(dice) for _ in range(4)),
        ]

    def any_folder(self, dice: Dice) -> str:
        """Of this organization, live or deleted; now and then of the other one."""
        place = self.homes[1 - dice.home if dice.once_in(12) else dice.home]
        live = [each.id for each in place.folders.values() if each.is_live]
        there = list(place.folders) if dice.once_in(5) else live
        # Of the younger half more often: they lie deeper.
        return dice.chance.choice(there[len(there) // 2 :] if dice.once_in(2) else there)

    def some_folders(self, dice: Dice, most: int = 2) -> set[str]:
        return {self.any_folder(dice) for _ in range(dice.chance.randrange(most + 1))}

    def holder(self, address: str) -> str | None:
        """Whose address it is now."""
        return next((each for each in self.people if self.addresses[each] == address), None)

    def change_address(self, dice: Dice) -> None:
        """I12: what counts is the address that somebody has when they accept."""
        waiting = [
            UUID(each.address.partition("@")[0])
            for place in self.homes
            for each in place.waiting(self.now)
            if self.holder(each.address) is None
        ]
        self.moves_address(str(dice.chance.choice(waiting)) if waiting else self.people[dice.who])

    def moves_address(self, account: str) -> None:
        changed = other_address(self.addresses[account])
        with self.world.suite.databases["identity"]() as session:
            row = session.get_one(Account, UUID(account))
            row.email, row.email_key = changed, email_address.key(changed)
        self.addresses[account] = changed

    @property
    def now(self) -> Any:
        return self.world.suite.clock.now()

    def note(self, happened: bool, what: str) -> None:
        if happened:
            self.reached[what] += 1


def other_address(address: str) -> str:
    """Each of the people has one of two."""
    name, _, domain = address.partition("@")
    return f"{name}@example.{'org' if domain == 'example.com' else 'com'}"
