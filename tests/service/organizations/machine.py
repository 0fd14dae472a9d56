"""Everything people do in organizations, by whoever, held against `reference` (M6)."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from random import Random
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from contracts.access import Role
from contracts.caller import Level
from tests.service.organizations import reference
from tests.service.organizations.reference import DONE, Member
from tests.service.organizations.walk_folders import FolderSteps
from tests.service.organizations.walk_ground import Dice
from tests.service.organizations.walk_invitations import InvitationSteps
from tests.service.organizations.walk_members import MemberSteps

# What takes a permission: sometimes it is somebody without it who tries.
GUARDED = {
    "create_folder": 32,
    "rename_folder": 4,
    "move_folder": 12,
    "preview_deletion": 2,
    "delete_folder": 10,
    "move_device": 12,
    "grant": 7,
    "revoke": 3,
    "set_grants": 6,
    "set_role": 6,
    "remove": 3,
    "remove_one": 3,
    "invite": 16,
    "update_invitation": 8,
    "resend_invitation": 4,
    "revoke_invitation": 3,
    "update_organization": 3,
    "set_policy": 4,
    "archive": 2,
}
# How often each is done: what builds up more often than what takes away.
STEPS = {
    **GUARDED,
    "trespass": 28,
    "delete_both": 3,
    "delete_invited": 4,
    "operators_restore": 8,
    "news": 4,
    "leave": 3,
    "change_address": 4,
    "look_up": 2,
    "accept": 16,
    "time_passes": 4,
    "ask_what_may_be": 6,
    "look": 2,
}


class Machine(FolderSteps, MemberSteps, InvitationSteps):
    @initialize(
        roles=st.tuples(*[st.sampled_from(["viewer", "operator", "admin"])] * 3),
        seed=st.integers(0, 2**32),
    )
    def move_in(self, roles: tuple[str, str, str], seed: int) -> None:
        # Seeds are drawn again and again, and each would be the same walk forever.
        Machine.walks += 1
        self.begin(Random(f"{seed} {Machine.walks} {self.as_chosen}"))
        # The last of the people belongs nowhere at first.
        place = self.homes[0]
        home = self.world.as_home(UUID(place.id), UUID(place.root), UUID(self.people[0]))
        for account, role in enumerate(roles, start=2):
            self.world.joins(home, Role(role), account=UUID(self.people[account]))
            place.members[self.people[account]] = Member(role)

    @rule()
    def step(self) -> None:
        """One of `STEPS`, by one of the people."""
        (kind,) = self.chance.choices(list(STEPS), weights=list(STEPS.values()))
        getattr(self, kind)(Dice(self.chance))

    def trespass(self, _dice: Dice) -> None:
        kind = self.chance.choice(list(GUARDED))
        getattr(self, kind)(Dice(self.chance, trespasses=True))

    def delete_invited(self, dice: Dice) -> None:
        """INV-10: a folder goes while an invitation to it waits."""
        place = self.homes[dice.home]
        owner = min(place.owners(), key=self.people.index)
        for each in place.waiting(self.now):
            chosen = [folder for folder in place.folders if folder in each.folders - {place.root}]
            account = self.holder(each.address)
            if chosen and account is not None:
                self.deletes(place, owner, dice.chance.choice(chosen))
                self.take(place, account, each)
                return

    # The organization as a whole

    def update_organization(self, dice: Dice) -> None:
        """ORG-7."""
        place, who = self.homes[dice.home], self.actor(dice)
        name = dice.chance.choice(["Analytical Engines", "Difference Engines"])
        notes = dice.chance.choice(["", "At the canal."])
        wanted = place.update(who, name, notes)
        shown = self.ask(place, "update_organization", who, wanted, name=name, notes=notes)
        if wanted == DONE:
            place.name, place.notes = name, notes
            assert (shown["name"], shown["notes"]) == (name, notes)

    def set_policy(self, dice: Dice) -> None:
        place, who = self.homes[dice.home], self.actor(dice, "owner")
        is_asked = not dice.once_in(3)
        wanted = place.set_policy(who, needs_authenticator=is_asked)
        self.ask(place, "set_policy", who, wanted, members_need_authenticator=is_asked)
        if wanted == DONE:
            place.needs_authenticator = is_asked

    def archive(self, dice: Dice) -> None:
        """I9: gone for everybody, and other organizations as they were."""
        place, who = self.homes[dice.home], self.actor(dice, "owner")
        is_exact, is_understood = not dice.once_in(4), not dice.once_in(4)
        others = [other for other in self.homes if other is not place]
        wanted = place.close(who, is_exact=is_exact, is_understood=is_understood)
        before = [self.everything_seen(other) for other in others] if wanted == DONE else []
        confirm = place.id if is_exact else place.id.upper().replace("-", "")
        self.ask(
            place,
            "archive_organization",
            who,
            wanted,
            confirm_organization_id=confirm,
            understand_risk=is_understood,
        )
        if wanted != DONE:
            return
        waiting = place.waiting(self.now)
        place.archive()
        self.looks_right(place)
        for each in waiting:
            self.take(place, self.holder(each.address) or self.people[dice.who], each)
        assert [self.everything_seen(other) for other in others] == before
        self.archived.append(place)
        self.homes[self.homes.index(place)] = self.new_home(dice.home)
        self.known = None
        self.belongs_right()
        self.note(True, "archived")

    def time_passes(self, dice: Dice) -> None:
        hours = dice.chance.choice([1, 25, 25, 25, 24 * 4, 24 * 8])
        self.world.suite.clock.advance(timedelta(hours=hours))

    # Looking

    def ask_what_may_be(self, dice: Dice) -> None:
        """I13: the whole of chapter 13, by the primitive that every service asks."""
        place, account = self.homes[dice.home], self.people[dice.who]
        if dice.once_in(3):
            account = min(place.owners(), key=self.people.index)
        is_strong = not dice.once_in(2 if place.needs_authenticator else 6)
        caller = self.world.session(UUID(account), Level.AAL2 if is_strong else Level.AAL1)
        for permission in reference.MAY:
            told, _ = self.outcome(
                partial(
                    self.world.ask,
                    "resolve_scope",
                    caller,
                    organization_id=place.id,
                    permission=permission,
                )
            )
            assert told == place.entry(account, permission, is_strong=is_strong)
            self.note(True, f"{permission}: {told}")

    def look(self, dice: Dice) -> None:
        """I5: pages of any size are the list, and the list is what a check would allow."""
        place, account = self.homes[dice.home], self.people[dice.who]
        limit = dice.chance.randint(1, 3)
        if place.entry(account, "folder:read") != DONE:
            return
        listed = self.listed("organizations", "list_folders", place, account, limit)
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
        assert sorted(listed) == sorted(allowed) == sorted(place.visible(account))
        devices = self.listed("devices", "list_devices", place, account, limit)
        assert sorted(devices) == sorted(place.visible_devices(account))
        members = self.world.all("list_members", UUID(account), organization_id=place.id)
        assert {each["account_id"]: each["role"] for each in members} == {
            each: member.role for each, member in place.members.items()
        }
