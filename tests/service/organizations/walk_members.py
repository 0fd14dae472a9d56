"""Steps of a walk: members, their roles and what is granted to them."""

from __future__ import annotations

from functools import partial
from itertools import product

from tests.service.organizations import reference
from tests.service.organizations.reference import DONE, Organization
from tests.service.organizations.walk_ground import Dice, Ground

ROLES = ("viewer", "operator", "admin", "owner")


class MemberSteps(Ground):
    def grant(self, dice: Dice) -> None:
        """I6: it opens, and taking it back and giving it again is as if nothing had been."""
        place, who = self.homes[dice.home], self.actor(dice)
        account, named = self.telling(
            dice,
            product(self.people, self.folders_about(dice)),
            lambda choice: place.grant(who, *choice),
        )
        wanted = place.grant(who, account, named)
        before = place.open_to(account)
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
        self.note(bool(set(place.devices) & (after - before)), "a grant opened devices")

    def revoke(self, dice: Dice) -> None:
        place, who = self.homes[dice.home], self.actor(dice)
        account, named = self.telling(
            dice,
            product(self.people, self.folders_about(dice)),
            lambda choice: place.revoke(who, *choice),
        )
        wanted = place.revoke(who, account, named)
        before = place.open_to(account)
        self.ask(place, "revoke_folder", who, wanted, account_id=account, folder_id=named)
        if wanted == DONE:
            place.members[account].grants.discard(named)
            assert self.seen(place, account) <= before

    def set_grants(self, dice: Dice) -> None:
        """ACS-1: exactly these, at once."""
        place, who = self.homes[dice.home], self.actor(dice)
        sets = [self.some_folders(dice, most=3) for _ in range(4)]
        present = [set(member.grants) for member in place.members.values()]
        account, chosen = self.telling(
            dice,
            product(self.people, [*sets, *present]),
            lambda choice: place.set_grants(who, *choice),
        )
        wanted = place.set_grants(who, account, chosen)
        told = self.ask(
            place, "set_grants", who, wanted, account_id=account, folder_ids=sorted(chosen)
        )
        if wanted != DONE:
            return
        member = place.members[account]
        came, went = chosen - member.grants, member.grants - chosen
        assert told == {"granted": len(came), "revoked": len(went)}
        self.note(bool(came and went), "grants exchanged for others")
        member.grants = chosen
        assert self.seen(place, account) == place.open_to(account)

    def set_role(self, dice: Dice) -> None:
        """I10, I11."""
        place, who = self.homes[dice.home], self.actor(dice)
        inviters = [each.inviter for each in place.waiting(self.now)]
        account, role = self.telling(
            dice,
            product(inviters if inviters and dice.once_in(3) else self.people, ROLES),
            lambda choice: place.set_role(who, *choice),
        )
        wanted = place.set_role(who, account, role)
        rank = reference.RANK[place.members[who].role] if who in place.members else -1
        waited = len(place.waiting(self.now))
        self.ask(place, "set_role", who, wanted, account_id=account, role=role)
        if wanted != DONE:
            return
        assert reference.RANK[role] <= rank
        place.raise_to(account, role)
        assert self.seen(place, account) == place.open_to(account)
        left = len(place.waiting(self.now))
        self.note(left < waited, "invitations of a demoted inviter revoked")

    def remove(self, dice: Dice) -> None:
        place, who = self.homes[dice.home], self.actor(dice)
        there = [each for each in self.people if each in place.members]
        accounts = dice.chance.sample(there, k=min(len(there), dice.chance.choice([1, 2])))
        if dice.once_in(4):
            accounts.append(dice.chance.choice(self.people))
        if dice.once_in(6):
            accounts.append(who)
        accounts = list(dict.fromkeys(accounts))
        wanted = place.remove(who, accounts)
        self.ask(place, "remove_members", who, wanted, account_ids=accounts)
        if wanted == DONE:
            self.ends(place, *accounts)
            self.note(len(accounts) > 1, "several removed at once")

    def remove_one(self, dice: Dice) -> None:
        place, who = self.homes[dice.home], self.actor(dice)
        account = self.telling(dice, self.people, lambda choice: place.remove(who, [choice]))
        wanted = place.remove(who, [account])
        self.ask(place, "remove_member", who, wanted, account_id=account)
        if wanted == DONE:
            self.ends(place, account)

    def leave(self, dice: Dice) -> None:
        place, who = self.homes[dice.home], self.people[dice.who]
        if dice.once_in(4):
            who = min(place.owners(), key=self.people.index)
        wanted = place.leave(who)
        self.ask(place, "leave_organization", who, wanted)
        if wanted == DONE:
            self.ends(place, who)

    def ends(self, place: Organization, *accounts: str) -> None:
        """I10: the next request finds nothing."""
        for account in accounts:
            place.expel(account)
        self.belongs_right()
        for account in accounts:
            asked = partial(self.listed, "devices", "list_devices", place, account)
            assert self.outcome(asked)[0] == reference.GONE
