"""Steps of a walk: invitations, from their mail to what comes of them."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import Any
from uuid import UUID, uuid4

from tests.service.organizations import reference
from tests.service.organizations.reference import (
    DONE,
    Changed,
    Invitation,
    Organization,
)
from tests.service.organizations.walk_ground import Dice, Ground, other_address
from tests.service.organizations.walk_members import ROLES

# Of operators and admins more, for there is more to them.
WANTED = (*ROLES, "operator", "admin")


class InvitationSteps(Ground):
    def invite(self, dice: Dice) -> None:
        place, who = self.homes[dice.home], self.actor(dice)
        # Whoever has it now, or nobody.
        addresses = list(self.addresses.values())
        if dice.once_in(3):
            addresses = [*addresses, *map(other_address, addresses)]
        address, role, chosen = self.telling(
            dice,
            product(addresses, WANTED, [self.some_folders(dice) for _ in range(3)]),
            lambda choice: place.invite(who, self.holder(choice[0]), *choice[1:], self.now),
        )
        wanted = place.invite(who, self.holder(address), role, chosen, self.now)
        sent = self.ask(
            place,
            "invite",
            who,
            wanted,
            email=address,
            requested_role=role,
            folder_ids=sorted(chosen),
            idempotency_key=str(uuid4()),
        )
        if wanted != DONE:
            return
        for earlier in place.waiting(self.now):
            if earlier.address == address:
                earlier.status = "superseded"
                self.note(True, "superseded")
        place.mails.append(self.now)
        shown = role if self.as_chosen else "viewer"
        assert (sent["role"], sent["requested_role"]) == (shown, role)
        folders = set() if role == "admin" else chosen
        until = self.now + reference.INVITATION_DAYS
        place.invitations.append(Invitation(sent["id"], address, who, role, folders, until))
        self.tokens[sent["id"]] = self.world.invitation_token(UUID(sent["id"]))

    def update_invitation(self, dice: Dice) -> None:
        place, who = self.homes[dice.home], self.actor(dice)
        changes = [
            Changed(role, folders)
            for role in (*ROLES, None)
            for folders in (None, set[str](), self.some_folders(dice), self.some_folders(dice))
        ]
        (chosen, ours), changed = self.telling(
            dice,
            product(self.invitations_about(dice), changes),
            lambda choice: place.update_invitation(who, choice[0][1], choice[1], self.now),
        )
        payload: dict[str, Any] = {
            "requested_role": changed.role,
            "folder_ids": None if changed.folders is None else sorted(changed.folders),
        }
        wanted = place.update_invitation(who, ours, changed, self.now)
        shown = self.ask(
            place,
            "update_invitation",
            who,
            wanted,
            invitation_id=chosen,
            **{name: value for name, value in payload.items() if value is not None},
        )
        if wanted == DONE:
            assert ours is not None
            ours.wanted, ours.folders = changed.of(ours)
            assert (shown["requested_role"], set(shown["folder_ids"])) == (
                ours.wanted,
                ours.folders,
            )

    def resend_invitation(self, dice: Dice) -> None:
        """The link before is dead at once, and the new one has its full time."""
        place, who = self.homes[dice.home], self.actor(dice)
        chosen, ours = self.telling(
            dice,
            self.invitations_about(dice),
            lambda choice: place.resend_invitation(who, choice[1], self.now),
        )
        # Mails of the same moment have no order.
        self.world.suite.clock.advance(timedelta(seconds=1))
        wanted = place.resend_invitation(who, ours, self.now)
        self.ask(
            place,
            "resend_invitation",
            who,
            wanted,
            invitation_id=chosen,
            idempotency_key=str(uuid4()),
        )
        if wanted != DONE or ours is None:
            return
        place.mails.append(self.now)
        ours.until = self.now + reference.INVITATION_DAYS
        old, self.tokens[chosen] = self.tokens[chosen], self.world.invitation_token(UUID(chosen))
        holder = self.holder(ours.address) or self.people[dice.who]
        self.ask(
            place, "accept_invitation", holder, "invitation-not-found", of_home=False, token=old
        )

    def revoke_invitation(self, dice: Dice) -> None:
        place, who = self.homes[dice.home], self.actor(dice)
        chosen, ours = self.telling(
            dice,
            self.invitations_about(dice),
            lambda choice: place.revoke_invitation(who, choice[1], self.now),
        )
        wanted = place.revoke_invitation(who, ours, self.now)
        self.ask(place, "revoke_invitation", who, wanted, invitation_id=chosen)
        if wanted == DONE:
            assert ours is not None
            ours.status = "revoked"

    def look_up(self, dice: Dice) -> None:
        """Whoever has the link sees what it is for, as long as it can be accepted."""
        place = self.homes[dice.home]
        if not place.invitations:
            return
        chosen = dice.chance.choice(place.invitations[-4:])
        wanted = place.look_up(chosen, self.now)
        told = self.ask(
            place,
            "look_up_invitation",
            self.people[dice.who],
            wanted,
            of_home=False,
            changes="",
            token=self.tokens[chosen.id],
        )
        if wanted == DONE:
            assert (told["email"], told["requested_role"]) == (chosen.address, chosen.wanted)
            assert told["organization_name"] == place.name

    def accept(self, dice: Dice) -> None:
        """I12, I9: once, by whom it is for, while it waits."""
        place = dice.chance.choice(self.archived) if self.archived and dice.once_in(5) else None
        place = place or self.homes[dice.home]
        if not place.invitations:
            return
        for each in place.waiting(self.now):
            account = self.holder(other_address(each.address))
            if account in place.members and dice.once_in(2):
                self.moves_address(account)
                self.take(place, account, each)
                return
        lost = [each for each in place.waiting(self.now) if each.lost]
        there = lost if lost and dice.once_in(2) else place.invitations[-6:]
        chosen, account = self.telling(
            dice,
            [
                (each, account)
                for each in there
                for account in (self.holder(each.address), self.people[dice.who])
                if account is not None
            ],
            lambda choice: self.state_of(place, *choice),
        )
        self.take(place, account, chosen)
        if self.asks_for(place, account) and dice.once_in(2):
            self.elevate(place, account)

    def take(self, place: Organization, account: str, chosen: Invitation) -> None:
        state = chosen.state(self.now)
        wanted = place.accept(account, self.addresses[account], chosen, self.now)
        self.ask(
            place, "accept_invitation", account, wanted, of_home=False, token=self.tokens[chosen.id]
        )
        self.note(wanted != DONE and state != "pending", f"accepting when {state}")
        self.note(wanted != DONE and not place.is_active, "accepting into an archived one")
        if wanted == DONE:
            place.admit(account, chosen)
            member = place.members[account]
            assert member.role == (chosen.wanted if self.as_chosen else "viewer")
            assert self.seen(place, account) == place.open_to(account)
            self.belongs_right()
            self.note(chosen.lost, "a folder of an invitation had vanished")
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

    def state_of(self, place: Organization, chosen: Invitation, account: str) -> str:
        """What accepting it answers, and why."""
        wanted = place.accept(account, self.addresses[account], chosen, self.now)
        if wanted == DONE:
            return "vanished" if chosen.lost else DONE
        return f"{wanted} {chosen.state(self.now)}"

    def invitations_about(self, dice: Dice) -> list[tuple[str, Invitation | None]]:
        """Their ids, and the invitations themselves where they are of this organization."""
        others = [*self.homes[1 - dice.home].invitations, *self.archived_invitations()]
        return [
            *((each.id, each) for each in self.homes[dice.home].invitations[-6:]),
            (dice.chance.choice(others).id if others else str(uuid4()), None),
        ]

    def archived_invitations(self) -> list[Invitation]:
        return [each for place in self.archived for each in place.invitations]

    @staticmethod
    def asks_for(place: Organization, account: str) -> str | None:
        return place.members[account].asked_for if account in place.members else None
