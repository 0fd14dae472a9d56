"""Everything people do in organizations, by whoever, held against `reference` (M6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
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
NAMES = ("Pier", "PIER", "Quay", "Lock", "Mole")

WHO = st.integers(0, PEOPLE - 1)
HOME = st.sampled_from([0, 0, 0, 1])
# An index into what there is; taken modulo its number.
ANY = st.integers(0, 50)
ROLE = st.sampled_from(ROLES)
# Mostly somebody who may, so that more is carried out than refused.
ACTOR = st.integers(0, 2 * PEOPLE)


class Machine(RuleBasedStateMachine):
    world: World
    reached: Counter[str]
    as_chosen: bool

    @initialize(roles=st.tuples(*[st.sampled_from(["viewer", "operator", "admin"])] * 3))
    def move_in(self, roles: tuple[str, str, str]) -> None:
        self.people = [str(self.world.person()) for _ in range(PEOPLE)]
        self.homes = [self.new_home(0), self.new_home(1)]
        # The last of the people belongs nowhere at first.
        for account, role in enumerate(roles, start=2):
            self.world.joins(self.world_home(0), Role(role), account=UUID(self.people[account]))
            self.homes[0].members[self.people[account]] = Member(role)
        for parent in (0, 1):
            self.create_folder(0, 0, parent, "Harbor" if parent == 0 else "Dock")
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
        return Organization(
            id=made["id"],
            root=root,
            folders={root: Folder(root, None, "Default folder")},
            members={self.people[owner]: Member("owner")},
            as_chosen=self.as_chosen,
        )

    # Folders

    @rule(home=HOME, actor=ACTOR, parent=ANY, name=st.sampled_from(NAMES))
    def create_folder(self, home: int, actor: int, parent: int, name: str) -> None:
        place, who = self.homes[home], self.actor(home, actor)
        above = self.any_folder(home, parent)
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

    @rule(home=HOME, actor=ACTOR, folder=ANY, name=st.sampled_from(NAMES))
    def rename_folder(self, home: int, actor: int, folder: int, name: str) -> None:
        place, who = self.homes[home], self.actor(home, actor)
        named = self.any_folder(home, folder)
        wanted = place.rename_folder(who, named, name)
        self.ask(place, "rename_folder", who, wanted, folder_id=named, name=name)
        if wanted == DONE:
            place.folders[named].name = name

    @rule(home=HOME, actor=ACTOR, folder=ANY, to=ANY)
    def move_folder(self, home: int, actor: int, folder: int, to: int) -> None:
        """I7: and back again, which is as if nothing had been."""
        place, who = self.homes[home], self.actor(home, actor)
        moved, above = self.any_folder(home, folder), self.any_folder(home, to)
        wanted = place.move_folder(who, moved, above)
        before = self.everything_seen(place)
        self.ask(place, "move_folder", who, wanted, folder_id=moved, parent_id=above)
        if wanted == DONE:
            came_from = place.folders[moved].parent
            place.folders[moved].parent = above
            self.looks_right(place)
            assert came_from is not None
            if to % 2 and place.move_folder(who, moved, came_from) == DONE:
                self.ask(place, "move_folder", who, DONE, folder_id=moved, parent_id=came_from)
                place.folders[moved].parent = came_from
                assert self.everything_seen(place) == before
                self.note(True, "moved there and back")

    @rule(home=HOME, actor=ACTOR, folder=ANY, confirmed=st.sampled_from([True, True, False]))
    def delete_folder(self, home: int, actor: int, folder: int, confirmed: bool) -> None:
        """I8: and a folder of the same name gives nobody what the old one gave."""
        place, who = self.homes[home], self.actor(home, actor)
        named = self.any_folder(home, folder)
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
        if place.create_folder(who, old.parent, old.name) == DONE:
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

    @rule(which=ANY)
    def operators_restore(self, which: int) -> None:
        """FLD-6: what went comes back, and nobody's grant does."""
        open_ones = [
            (place, deletion)
            for place, deletion in self.deletions
            if place.is_active and self.top_of(place, deletion) is not None
        ]
        if not open_ones:
            return
        place, deletion = open_ones[which % len(open_ones)]
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

    @rule(home=HOME, actor=ACTOR, whom=WHO, folder=ANY)
    def grant(self, home: int, actor: int, whom: int, folder: int) -> None:
        """I6: it opens, and taking it back and giving it again is as if nothing had been."""
        place, who, named = self.homes[home], self.actor(home, actor), self.any_folder(home, folder)
        account = self.people[whom]
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

    @rule(home=HOME, actor=ACTOR, whom=WHO, folder=ANY)
    def revoke(self, home: int, actor: int, whom: int, folder: int) -> None:
        place, who, named = self.homes[home], self.actor(home, actor), self.any_folder(home, folder)
        account = self.people[whom]
        granted = sorted(place.members[account].grants) if account in place.members else []
        if granted and folder % 3:
            named = granted[folder % len(granted)]
        wanted = place.revoke(who, account, named)
        before = place.visible(account)
        self.ask(place, "revoke_folder", who, wanted, account_id=account, folder_id=named)
        if wanted == DONE:
            place.members[account].grants.discard(named)
            assert self.seen(place, account) <= before

    # Members

    @rule(home=HOME, actor=ACTOR, whom=WHO, role=ROLE)
    def set_role(self, home: int, actor: int, whom: int, role: str) -> None:
        """I10, I11."""
        place, who, account = self.homes[home], self.actor(home, actor), self.people[whom]
        wanted = place.set_role(who, account, role)
        rank = reference.RANK[place.members[who].role] if who in place.members else -1
        waited = sum(each.state(self.now) == "pending" for each in place.invitations)
        self.ask(place, "set_role", who, wanted, account_id=account, role=role)
        if wanted != DONE:
            return
        assert reference.RANK[role] <= rank
        self.note(place.members[account].asked_for == role, "elevated")
        place.raise_to(account, role)
        left = sum(each.state(self.now) == "pending" for each in place.invitations)
        self.note(left < waited, "invitations of a demoted inviter revoked")

    @rule(home=HOME, actor=ACTOR, whom=st.lists(WHO, min_size=1, max_size=3, unique=True))
    def remove(self, home: int, actor: int, whom: list[int]) -> None:
        place, who = self.homes[home], self.actor(home, actor)
        accounts = [self.people[each] for each in whom]
        wanted = place.remove(who, accounts)
        self.ask(place, "remove_members", who, wanted, account_ids=accounts)
        if wanted == DONE:
            for account in accounts:
                place.expel(account)
            self.note(len(accounts) > 1, "several removed at once")

    @rule(home=HOME, actor=WHO)
    def leave(self, home: int, actor: int) -> None:
        place, who = self.homes[home], self.people[actor]
        wanted = place.leave(who)
        self.ask(place, "leave_organization", who, wanted)
        if wanted == DONE:
            place.expel(who)

    # Invitations

    @rule(
        home=HOME,
        actor=ACTOR,
        whom=WHO,
        role=st.sampled_from([*ROLES, "operator", "admin"]),
        folders=st.lists(ANY, max_size=2, unique=True),
    )
    def invite(self, home: int, actor: int, whom: int, role: str, folders: list[int]) -> None:
        place, who = self.homes[home], self.actor(home, actor)
        account = self.people[whom]
        chosen = {self.any_folder(home, each) for each in folders}
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

    @rule(home=HOME, actor=ACTOR, which=ANY)
    def revoke_invitation(self, home: int, actor: int, which: int) -> None:
        place, who = self.homes[home], self.actor(home, actor)
        there = [*place.invitations, *(each for other in self.homes for each in other.invitations)]
        if not there:
            return
        chosen = there[which % len(there)]
        ours = chosen if chosen in place.invitations else None
        wanted = place.revoke_invitation(who, ours, self.now)
        self.ask(place, "revoke_invitation", who, wanted, invitation_id=chosen.id)
        if wanted == DONE:
            chosen.status = "revoked"

    @rule(home=HOME, which=ANY, who=WHO, is_meant=st.sampled_from([True, True, True, False]))
    def accept(self, home: int, which: int, who: int, is_meant: bool) -> None:
        """I12, I9: once, by whom it is for, while it waits."""
        place = self.homes[home]
        if not place.invitations:
            return
        # Mostly one of the last.
        chosen = place.invitations[-1 - which % min(3, len(place.invitations))]
        account = chosen.account if is_meant else self.people[who]
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

    # The whole

    @rule(
        home=st.sampled_from([0, 1, 1]), actor=ACTOR, is_exact=st.booleans(), ticked=st.booleans()
    )
    def archive(self, home: int, actor: int, is_exact: bool, ticked: bool) -> None:
        """I9: gone for everybody, and other organizations as they were."""
        place, who = self.homes[home], self.actor(home, actor)
        others = [other for other in self.homes if other is not place]
        before = [self.everything_seen(other) for other in others]
        refusal = place.entry(who, "organization:archive")
        wanted = refusal
        if refusal == DONE and not ticked:
            wanted = "risk-not-confirmed"
        elif refusal == DONE and not is_exact:
            wanted = "archiving-not-confirmed"
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
        place.archive()
        self.looks_right(place)
        assert [self.everything_seen(other) for other in others] == before
        self.homes[self.homes.index(place)] = self.new_home(home)
        self.note(True, "archived")

    @rule(hours=st.sampled_from([1, 1, 25, 25, 24 * 4, 24 * 8]))
    def time_passes(self, hours: int) -> None:
        self.world.suite.clock.advance(timedelta(hours=hours))

    @rule(home=HOME, who=WHO, permission=st.sampled_from(sorted(reference.MAY)))
    def ask_what_may_be(self, home: int, who: int, permission: str) -> None:
        """I13: the whole of chapter 13, by the primitive that every service asks."""
        place, account = self.homes[home], self.people[who]
        answer = self.outcome(
            lambda: self.world.ask(
                "resolve_scope", UUID(account), organization_id=place.id, permission=permission
            )
        )
        assert answer[0] == place.entry(account, permission)

    @rule(home=HOME, who=WHO, limit=st.integers(1, 3))
    def look(self, home: int, who: int, limit: int) -> None:
        """I5: pages of any size are the list, and the list is what a check would allow."""
        place, account = self.homes[home], self.people[who]
        if place.entry(account, "folder:read") != DONE:
            return
        pages = self.world.pages(
            "list_folders", UUID(account), limit=limit, organization_id=place.id
        )
        listed = [each["id"] for page in pages for each in page]
        assert len(listed) == len(set(listed))
        allowed = {
            folder
            for folder in [*place.folders, *self.homes[1 - home].folders]
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
        before = self.world.dump(without=("audit", "throttle")) if refused else None
        told, answer = self.outcome(lambda: self.world.ask(method, UUID(who), **payload))
        assert told == ("done" if wanted == "unchanged" else wanted), (method, told, wanted)
        self.note(True, f"{method}: {wanted}")
        if refused:
            assert self.world.dump(without=("audit", "throttle")) == before
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

    def actor(self, home: int, number: int) -> str:
        """One of the people; more often one who may do much."""
        if number < PEOPLE:
            return self.people[number]
        place = self.homes[home]
        high = [
            account
            for account, member in place.members.items()
            if reference.RANK[member.role] >= reference.RANK["admin"]
        ]
        return sorted(high)[number % len(high)] if high else self.people[0]

    def any_folder(self, home: int, number: int) -> str:
        """Of this organization, live or deleted; now and then of the other one."""
        place = self.homes[home]
        if number % 10 == 9:
            place = self.homes[1 - home]
        live = [each.id for each in place.folders.values() if each.is_live]
        there = live if number % 7 else list(place.folders)
        return there[number % len(there)]

    def world_home(self, home: int) -> Any:
        place = self.homes[home]
        return self.world.as_home(UUID(place.id), UUID(place.root), UUID(self.people[home]))

    @property
    def now(self) -> Any:
        return self.world.suite.clock.now()

    def note(self, happened: bool, what: str) -> None:
        if happened:
            self.reached[what] += 1
