"""Everything people do in organizations, by whoever, held against `reference` (M6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any
from uuid import UUID, uuid4

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from contracts.access import Role
from contracts.errors import Refusal
from tests.service.organizations import reference
from tests.service.organizations.reference import DONE, Folder, Invitation, Member, Organization
from tests.service.organizations.world import World

PEOPLE = 6
ROLES = ("viewer", "operator", "admin", "owner")
NAMES = ("Pier", "Pier", "PIER", "Quay", "Lock")

# How often each is done: what builds up more often than what takes away.
STEPS = {
    "create_folder": 18,
    "rename_folder": 4,
    "move_folder": 12,
    "delete_folder": 6,
    "operators_restore": 6,
    "grant": 8,
    "revoke": 4,
    "set_role": 7,
    "remove": 4,
    "leave": 2,
    "invite": 12,
    "revoke_invitation": 3,
    "accept": 12,
    "archive": 3,
    "time_passes": 4,
    "ask_what_may_be": 4,
    "look": 2,
}


class Dice:
    """What one step is about."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.home = chance.choice([0, 0, 0, 0, 0, 1])
        # Mostly somebody who may, so that more is carried out than refused.
        self.actor = chance.randrange(3 * PEOPLE)
        self.who = chance.randrange(PEOPLE)

    def any(self) -> int:
        """An index into what there is; taken modulo its number."""
        return self.chance.randrange(5_040)

    def once_in(self, times: int) -> bool:
        return self.chance.randrange(times) == 0


class Machine(RuleBasedStateMachine):
    world: World
    reached: Counter[str]
    as_chosen: bool
    walks = 0

    @initialize(
        roles=st.tuples(*[st.sampled_from(["viewer", "operator", "admin"])] * 3),
        seed=st.integers(0, 2**32),
    )
    def move_in(self, roles: tuple[str, str, str], seed: int) -> None:
        # Seeds are drawn again and again, and each would be the same walk forever.
        Machine.walks += 1
        self.chance = Random(f"{seed} {Machine.walks}")
        self.people = [str(self.world.person()) for _ in range(PEOPLE)]
        self.homes = [self.new_home(0), self.new_home(1)]
        # The last of the people belongs nowhere at first.
        for account, role in enumerate(roles, start=2):
            self.world.joins(self.world_home(0), Role(role), account=UUID(self.people[account]))
            self.homes[0].members[self.people[account]] = Member(role)
        self.archived: list[Organization] = []
        self.tokens: dict[str, str] = {}
        self.deletions: list[tuple[Organization, str]] = []

    @rule()
    def step(self) -> None:
        """One of `STEPS`, by one of the people."""
        (kind,) = self.chance.choices(list(STEPS), weights=list(STEPS.values()))
        getattr(self, kind)(Dice(self.chance))

    def new_home(self, owner: int) -> Organization:
        made = self.world.ask(
            "create_organization",
            UUID(self.people[owner]),
            name="Analytical Engines",
            idempotency_key=str(uuid4()),
        )
        root = made["default_folder_id"]
        return Organization(
            id=made["id"],
            root=root,
            folders={root: Folder(root, None, "Default folder")},
            members={self.people[owner]: Member("owner")},
            as_chosen=self.as_chosen,
        )

    # Folders

    def create_folder(self, dice: Dice) -> None:
        place, who = self.homes[dice.home], self.actor(dice)
        above = place.root if dice.once_in(3) else self.any_folder(dice)
        name = dice.chance.choice(NAMES)
        wanted = place.create_folder(who, above, name)
        made = self.ask(
            place,
            "create_folder",
            who,
            wanted,
            parent_id=above,
            name=name,
            idempotency_key=str(uuid4()),
        )
        if wanted == DONE:
            place.folders[made["id"]] = Folder(made["id"], above, name)

    def rename_folder(self, dice: Dice) -> None:
        place, who = self.homes[dice.home], self.actor(dice)
        named, name = self.any_folder(dice), dice.chance.choice(NAMES)
        wanted = place.rename_folder(who, named, name)
        self.ask(place, "rename_folder", who, wanted, folder_id=named, name=name)
        if wanted == DONE:
            place.folders[named].name = name

    def move_folder(self, dice: Dice) -> None:
        """I7: and back again, which is as if nothing had been."""
        place, who = self.homes[dice.home], self.actor(dice)
        moved, above = self.any_folder(dice), self.any_folder(dice)
        wanted = place.move_folder(who, moved, above)
        before = self.everything_seen(place)
        self.ask(place, "move_folder", who, wanted, folder_id=moved, parent_id=above)
        if wanted == DONE:
            came_from = place.folders[moved].parent
            place.folders[moved].parent = above
            self.looks_right(place)
            assert came_from is not None
            if dice.once_in(2) and place.move_folder(who, moved, came_from) == DONE:
                self.ask(place, "move_folder", who, DONE, folder_id=moved, parent_id=came_from)
                place.folders[moved].parent = came_from
                assert self.everything_seen(place) == before
                self.note(True, "moved there and back")

    def delete_folder(self, dice: Dice) -> None:
        """I8: and a folder of the same name gives nobody what the old one gave."""
        place, who = self.homes[dice.home], self.actor(dice)
        named, confirmed = self.any_folder(dice), not dice.once_in(4)
        wanted = place.delete_folder(who, named, confirmed=confirmed)
        made = self.ask(
            place,
            "delete_folder",
            who,
            wanted,
            folder_id=named,
            confirm_risk=confirmed,
            idempotency_key=str(uuid4()),
        )
        if wanted != DONE:
            return
        gone = place.subtree(named)
        lost = sum(len(member.grants & gone) for member in place.members.values())
        assert (made["subfolders"], made["grants"]) == (len(gone) - 1, lost)
        old = place.folders[named]
        place.drop(named, made["deletion_id"])
        self.deletions.append((place, made["deletion_id"]))
        self.note(lost > 0, "grants went with their folder")
        self.looks_right(place)
        assert old.parent is not None
        if dice.once_in(2) and place.create_folder(who, old.parent, old.name) == DONE:
            again = self.ask(
                place,
                "create_folder",
                who,
                DONE,
                parent_id=old.parent,
                name=old.name,
                idempotency_key=str(uuid4()),
            )
            place.folders[again["id"]] = Folder(again["id"], old.parent, old.name)
            self.note(lost > 0, "the same name again")

    def operators_restore(self, dice: Dice) -> None:
        """FLD-6: what went comes back, and nobody's grant does."""
        open_ones = [
            (place, deletion)
            for place, deletion in self.deletions
            if place.is_active and self.top_of(place, deletion) is not None
        ]
        if not open_ones:
            return
        place, deletion = dice.chance.choice(open_ones)
        top = self.top_of(place, deletion)
        assert top is not None
        folder = place.folders[top]
        assert folder.parent is not None
        if (
            folder.parent not in place.live()
            or place.is_taken(folder.parent, folder.name)
            or len(place.children(folder.parent)) >= reference.SIBLINGS_MOST
            or not self.fits(place, deletion, folder.parent)
        ):
            return
        service = self.world.suite.instance("organizations")
        service.restore_folders(UUID(deletion), why="by tests")
        for each in place.folders.values():
            if each.deletion == deletion:
                each.deletion = None
        place.changes += 1
        self.deletions.remove((place, deletion))
        self.note(True, "restored")
        self.looks_right(place)

    def top_of(self, place: Organization, deletion: str) -> str | None:
        gone = {each.id for each in place.folders.values() if each.deletion == deletion}
        tops = [each for each in gone if place.folders[each].parent not in gone]
        return tops[0] if tops else None

    def fits(self, place: Organization, deletion: str, parent: str) -> bool:
        gone = [each.id for each in place.folders.values() if each.deletion == deletion]
        deepest = max(place.depth(each) for each in gone)
        return (
            deepest <= reference.DEPTH_MOST
            and len(place.live()) + len(gone) <= reference.FOLDERS_MOST
        )

    # Access

    def grant(self, dice: Dice) -> None:
        """I6: it opens, and taking it back and giving it again is as if nothing had been."""
        place, who, named = self.homes[dice.home], self.actor(dice), self.any_folder(dice)
        account = self.people[dice.who]
        if account in place.members and dice.once_in(3):
            named = dice.chance.choice(self.granted(place, account) or [named])
        wanted = place.grant(who, account, named)
        before = place.visible(account)
        self.ask(place, "grant_folder", who, wanted, account_id=account, folder_id=named)
        if wanted != DONE:
            return
        place.members[account].grants.add(named)
        assert before <= self.seen(place, account)
        after = self.seen(place, account)
        self.ask(place, "revoke_folder", who, DONE, account_id=account, folder_id=named)
        place.members[account].grants.remove(named)
        assert self.seen(place, account) == before
        self.ask(place, "grant_folder", who, DONE, account_id=account, folder_id=named)
        place.members[account].grants.add(named)
        assert self.seen(place, account) == after
        self.note(before < after, "a grant opened folders")
        self.note(before == after, "a grant inside another, or of who sees all")

    def revoke(self, dice: Dice) -> None:
        place, who, named = self.homes[dice.home], self.actor(dice), self.any_folder(dice)
        account = self.people[dice.who]
        granted = self.granted(place, account)
        if granted and not dice.once_in(3):
            named = dice.chance.choice(granted)
        wanted = place.revoke(who, account, named)
        before = place.visible(account)
        self.ask(place, "revoke_folder", who, wanted, account_id=account, folder_id=named)
        if wanted == DONE:
            place.members[account].grants.discard(named)
            assert self.seen(place, account) <= before

    # Members

    def set_role(self, dice: Dice) -> None:
        """I10, I11."""
        place, who, account = self.homes[dice.home], self.actor(dice), self.people[dice.who]
        role = dice.chance.choice(ROLES)
        inviters = [each.inviter for each in place.invitations if each.state(self.now) == "pending"]
        if inviters and dice.once_in(3):
            account = dice.chance.choice(inviters)
        wanted = place.set_role(who, account, role)
        rank = reference.RANK[place.members[who].role] if who in place.members else -1
        waited = sum(each.state(self.now) == "pending" for each in place.invitations)
        self.ask(place, "set_role", who, wanted, account_id=account, role=role)
        if wanted != DONE:
            return
        assert reference.RANK[role] <= rank
        place.raise_to(account, role)
        left = sum(each.state(self.now) == "pending" for each in place.invitations)
        self.note(left < waited, "invitations of a demoted inviter revoked")

    def remove(self, dice: Dice) -> None:
        place, who = self.homes[dice.home], self.actor(dice)
        there = [*place.members, *self.people]
        accounts = list(dict.fromkeys(dice.chance.choices(there, k=dice.chance.choice([1, 2]))))
        if dice.once_in(6) and who not in accounts:
            accounts.append(who)
        wanted = place.remove(who, accounts)
        self.ask(place, "remove_members", who, wanted, account_ids=accounts)
        if wanted == DONE:
            for account in accounts:
                place.expel(account)
            self.note(len(accounts) > 1, "several removed at once")

    def leave(self, dice: Dice) -> None:
        place, who = self.homes[dice.home], self.people[dice.who]
        wanted = place.leave(who)
        self.ask(place, "leave_organization", who, wanted)
        if wanted == DONE:
            place.expel(who)

    # Invitations

    def invite(self, dice: Dice) -> None:
        place, who = self.homes[dice.home], self.actor(dice)
        role = dice.chance.choice([*ROLES, "operator", "admin"])
        strangers = [each for each in self.people if each not in place.members]
        account = dice.chance.choice(self.people if dice.once_in(4) else strangers or self.people)
        chosen = {self.any_folder(dice) for _ in range(dice.chance.randrange(3))}
        wanted = place.invite(who, account, role, chosen, self.now)
        sent = self.ask(
            place,
            "invite",
            who,
            wanted,
            email=f"{UUID(account).hex}@example.com",
            requested_role=role,
            folder_ids=sorted(chosen),
            idempotency_key=str(uuid4()),
        )
        if wanted != DONE:
            return
        for earlier in place.invitations:
            if earlier.account == account and earlier.state(self.now) == "pending":
                earlier.status = "superseded"
                self.note(True, "superseded")
        place.mails.append(self.now)
        shown = role if self.as_chosen else "viewer"
        assert (sent["role"], sent["requested_role"]) == (shown, role)
        place.invitations.append(
            Invitation(
                sent["id"],
                account,
                who,
                role,
                set() if role == "admin" else chosen,
                self.now + reference.INVITATION_DAYS,
            )
        )
        self.tokens[sent["id"]] = self.world.invitation_token(UUID(sent["id"]))

    def revoke_invitation(self, dice: Dice) -> None:
        place, who = self.homes[dice.home], self.actor(dice)
        there = [*place.invitations, *(each for other in self.homes for each in other.invitations)]
        if not there:
            return
        chosen = dice.chance.choice(there)
        ours = chosen if chosen in place.invitations else None
        wanted = place.revoke_invitation(who, ours, self.now)
        self.ask(place, "revoke_invitation", who, wanted, invitation_id=chosen.id)
        if wanted == DONE:
            chosen.status = "revoked"

    def accept(self, dice: Dice) -> None:
        """I12, I9: once, by whom it is for, while it waits."""
        place = dice.chance.choice(self.archived) if self.archived and dice.once_in(5) else None
        place = place or self.homes[dice.home]
        if not place.invitations:
            return
        # Mostly one of the last.
        chosen = dice.chance.choice(place.invitations[-4:])
        account = self.people[dice.who] if dice.once_in(4) else chosen.account
        self.take(place, account, chosen)
        if self.asks_for(place, account) and dice.once_in(2):
            self.elevate(place, account)

    def take(self, place: Organization, account: str, chosen: Invitation) -> None:
        state = chosen.state(self.now)
        wanted = place.accept(account, chosen, self.now)
        self.ask(
            place, "accept_invitation", account, wanted, of_home=False, token=self.tokens[chosen.id]
        )
        self.note(wanted != DONE and state != "pending", f"accepting when {state}")
        self.note(wanted != DONE and not place.is_active, "accepting into an archived one")
        if wanted == DONE:
            vanished = bool(chosen.folders - place.live())
            place.admit(account, chosen)
            member = place.members[account]
            assert member.role == (chosen.wanted if self.as_chosen else "viewer")
            self.note(vanished, "a folder of an invitation had vanished")
            self.note(member.asked_for is not None, "elevation pending")
            self.note(self.as_chosen and member.role == "admin", "admin as chosen")

    def elevate(self, place: Organization, account: str) -> None:
        """INV-7: what was asked for is given by an owner, with one button."""
        role = self.asks_for(place, account)
        assert role is not None
        owner = min(place.owners(), key=self.people.index)
        self.ask(place, "set_role", owner, DONE, account_id=account, role=role)
        place.raise_to(account, role)
        self.note(True, "elevated")

    # The whole

    def archive(self, dice: Dice) -> None:
        """I9: gone for everybody, and other organizations as they were."""
        place, who = self.homes[dice.home], self.actor(dice)
        is_exact, ticked = not dice.once_in(4), not dice.once_in(4)
        others = [other for other in self.homes if other is not place]
        before = [self.everything_seen(other) for other in others]
        refusal = place.entry(who, "organization:archive")
        wanted = refusal
        if refusal == DONE and not is_exact:
            wanted = "archiving-not-confirmed"
        elif refusal == DONE and not ticked:
            wanted = "risk-not-confirmed"
        confirm = place.id if is_exact else place.id.upper().replace("-", "")
        self.ask(
            place,
            "archive_organization",
            who,
            wanted,
            confirm_organization_id=confirm,
            understand_risk=ticked,
        )
        if wanted != DONE:
            return
        waiting = [each for each in place.invitations if each.state(self.now) == "pending"]
        place.archive()
        self.looks_right(place)
        for each in waiting:
            self.take(place, each.account, each)
        assert [self.everything_seen(other) for other in others] == before
        self.archived.append(place)
        self.homes[self.homes.index(place)] = self.new_home(dice.home)
        self.note(True, "archived")

    def time_passes(self, dice: Dice) -> None:
        hours = dice.chance.choice([1, 25, 24 * 4, 24 * 8])
        self.world.suite.clock.advance(timedelta(hours=hours))

    def ask_what_may_be(self, dice: Dice) -> None:
        """I13: the whole of chapter 13, by the primitive that every service asks."""
        place, account = self.homes[dice.home], self.people[dice.who]
        permission = dice.chance.choice(sorted(reference.MAY))
        answer = self.outcome(
            lambda: self.world.ask(
                "resolve_scope", UUID(account), organization_id=place.id, permission=permission
            )
        )
        assert answer[0] == place.entry(account, permission)

    def look(self, dice: Dice) -> None:
        """I5: pages of any size are the list, and the list is what a check would allow."""
        place, account = self.homes[dice.home], self.people[dice.who]
        limit = dice.chance.randint(1, 3)
        if place.entry(account, "folder:read") != DONE:
            return
        pages = self.world.pages(
            "list_folders", UUID(account), limit=limit, organization_id=place.id
        )
        listed = [each["id"] for page in pages for each in page]
        assert len(listed) == len(set(listed))
        allowed = {
            folder
            for folder in [*place.folders, *self.homes[1 - dice.home].folders]
            if self.world.ask(
                "check",
                UUID(account),
                organization_id=place.id,
                permission="folder:read",
                folder_id=folder,
            )["allowed"]
        }
        assert set(listed) == allowed == place.visible(account)

    # How it is done

    def ask(
        self,
        place: Organization,
        method: str,
        who: str,
        wanted: str,
        *,
        of_home: bool = True,
        **payload: Any,
    ) -> Any:
        """I14: the answer expected; refused nothing changed, done exactly one thing did."""
        if of_home:
            payload["organization_id"] = place.id
        refused = wanted not in (DONE, "unchanged")
        before = self.state() if refused else None
        told, answer = self.outcome(lambda: self.world.ask(method, UUID(who), **payload))
        assert told == ("done" if wanted == "unchanged" else wanted), (method, told, wanted)
        self.note(True, f"{method}: {wanted}")
        if refused:
            assert self.state() == before
        elif wanted == DONE:
            place.changes += 1
        epoch, entries = self.world.changes(UUID(place.id))
        assert (epoch, entries) == (place.changes, place.changes), method
        self.stands(place)
        return answer

    @staticmethod
    def outcome(act: Callable[[], Any]) -> tuple[str, Any]:
        try:
            return DONE, act()
        except Refusal as refusal:
            return refusal.code, None

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
        """I3, I4."""
        for account in self.people:
            if place.entry(account, "folder:read") == DONE:
                assert self.seen(place, account) == place.visible(account)
            else:
                told, _ = self.outcome(partial(self.listed, place, account))
                assert told == reference.GONE
            homes = self.world.all("list_organizations", UUID(account))
            mine = {each.id for each in self.homes if each.is_active and account in each.members}
            assert {each["id"] for each in homes} == mine

    def everything_seen(self, place: Organization) -> dict[str, set[str]]:
        return {
            account: self.seen(place, account)
            for account in self.people
            if place.entry(account, "folder:read") == DONE
        }

    def seen(self, place: Organization, account: str) -> set[str]:
        if place.entry(account, "folder:read") != DONE:
            return set()
        return self.listed(place, account)

    def listed(self, place: Organization, account: str) -> set[str]:
        return {
            each["id"]
            for each in self.world.all("list_folders", UUID(account), organization_id=place.id)
        }

    def state(self) -> Any:
        return self.world.state_of(*(UUID(place.id) for place in self.homes))

    @staticmethod
    def asks_for(place: Organization, account: str) -> str | None:
        return place.members[account].asked_for if account in place.members else None

    @staticmethod
    def granted(place: Organization, account: str) -> list[str]:
        """In the order in which the folders were made."""
        grants = place.members[account].grants if account in place.members else set()
        return [folder for folder in place.folders if folder in grants]

    def actor(self, dice: Dice) -> str:
        """One of the people; more often one who may do much."""
        if dice.actor < PEOPLE:
            return self.people[dice.actor]
        members = self.homes[dice.home].members
        high = [each for each in members if reference.RANK[members[each].role] >= 2]
        return dice.chance.choice(sorted(high, key=self.people.index))

    def any_folder(self, dice: Dice) -> str:
        """Of this organization, live or deleted; now and then of the other one."""
        place = self.homes[1 - dice.home if dice.once_in(12) else dice.home]
        live = [each.id for each in place.folders.values() if each.is_live]
        there = list(place.folders) if dice.once_in(5) else live
        # Of the younger half more often: they lie deeper.
        return dice.chance.choice(there[len(there) // 2 :] if dice.once_in(2) else there)

    def world_home(self, home: int) -> Any:
        place = self.homes[home]
        return self.world.as_home(UUID(place.id), UUID(place.root), UUID(self.people[home]))

    @property
    def now(self) -> Any:
        return self.world.suite.clock.now()

    def note(self, happened: bool, what: str) -> None:
        if happened:
            self.reached[what] += 1
