"""What organizations promise (chapters 6 to 13, M5), written down once more in dictionaries.

Nothing is imported from the service, and nothing is clever: trees are walked, sets are rebuilt.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

DONE, UNCHANGED = "done", "unchanged"
GONE = "organization-not-found"
NOT_PERMITTED = "not-permitted"
NO_FOLDER = "folder-not-found"
NO_MEMBER = "member-not-found"
NO_DEVICE = "device-not-found"

RANK = {"viewer": 0, "operator": 1, "admin": 2, "owner": 3}
DEPTH_MOST, SIBLINGS_MOST, FOLDERS_MOST = 2, 2, 5
INVITATION_DAYS = timedelta(days=7)
MAILS_MOST = 3

# Chapter 13, in the column's order of rank.
MAY: dict[str, str] = {
    "organization:read": "viewer",
    "organization:edit": "admin",
    "organization:archive": "owner",
    "policy:change": "owner",
    "member:read": "viewer",
    "invitation:read": "admin",
    "invitation:manage": "admin",
    "role:change": "admin",
    "owner:change": "owner",
    "member:remove": "admin",
    "folder:read": "viewer",
    "folder:manage": "admin",
    "access:grant": "admin",
    "device:read": "viewer",
    "device:manage": "admin",
    "device:upgrade": "admin",
    "device:control": "operator",
    "video:live": "viewer",
    "recording:read": "operator",
    "server:monitor": "operator",
    "license:read": "admin",
    "license:manage": "admin",
    "audit:read": "admin",
}


@dataclass
class Folder:
    id: str
    parent: str | None
    name: str
    deletion: str | None = None

    @property
    def is_live(self) -> bool:
        return self.deletion is None


@dataclass
class Member:
    role: str
    grants: set[str] = field(default_factory=set)
    asked_for: str | None = None


@dataclass
class Invitation:
    """``lost`` holds whether a folder went that it was for."""

    id: str
    address: str
    inviter: str
    wanted: str
    folders: set[str]
    until: datetime
    status: str = "pending"
    lost: bool = False

    def state(self, now: datetime) -> str:
        return "expired" if self.status == "pending" and now >= self.until else self.status


@dataclass
class Changed:
    """Of an invitation; what is None stays."""

    role: str | None
    folders: set[str] | None

    def of(self, invitation: Invitation) -> tuple[str, set[str]]:
        role = invitation.wanted if self.role is None else self.role
        folders = invitation.folders if self.folders is None else self.folders
        return role, set() if role == "admin" else folders


@dataclass
class Organization:
    """``mails`` are the moments at which invitations were mailed.

    ``changes`` is the epoch and the number of audit entries, ``moves`` that of those in devices;
    ``closed`` are the folders that were gone when devices was told last.
    """

    id: str
    root: str
    folders: dict[str, Folder]
    members: dict[str, Member]
    as_chosen: bool = False
    is_active: bool = True
    name: str = "Analytical Engines"
    notes: str = ""
    needs_authenticator: bool = False
    changes: int = 1
    moves: int = 0
    invitations: list[Invitation] = field(default_factory=list)
    mails: list[datetime] = field(default_factory=list)
    devices: dict[str, str] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)

    # Looking

    def live(self) -> set[str]:
        return {folder.id for folder in self.folders.values() if folder.is_live}

    def line(self, folder: str) -> list[str]:
        """From the folder up to the root, both included."""
        found = [folder]
        while (above := self.folders[found[-1]].parent) is not None:
            found.append(above)
        return found

    def subtree(self, folder: str) -> set[str]:
        return {each for each in self.live() if folder in self.line(each)}

    def depth(self, folder: str) -> int:
        return len(self.line(folder)) - 1

    def children(self, folder: str) -> list[Folder]:
        return [self.folders[each] for each in self.live() if self.folders[each].parent == folder]

    def visible(self, account: str) -> set[str]:
        member = self.members.get(account)
        if member is None or not self.is_active:
            return set()
        if RANK[member.role] >= RANK["admin"]:
            return self.live()
        return {each for each in self.live() if member.grants & set(self.line(each))}

    def visible_devices(self, account: str) -> set[str]:
        """What went comes back when devices hears of it; what goes, goes before that."""
        seen = self.visible(account) - self.closed
        return {device for device, folder in self.devices.items() if folder in seen}

    def open_to(self, account: str) -> set[str]:
        return self.visible(account) | self.visible_devices(account)

    def devices_in(self, folders: set[str]) -> set[str]:
        """Those that are there as far as devices was told."""
        there = folders - self.closed
        return {device for device, folder in self.devices.items() if folder in there}

    def grants_on(self, folders: set[str]) -> int:
        return sum(len(member.grants & folders) for member in self.members.values())

    def of_deletion(self, deletion: str) -> set[str]:
        return {each.id for each in self.folders.values() if each.deletion == deletion}

    def top_of(self, deletion: str) -> Folder:
        gone = self.of_deletion(deletion)
        (top,) = (each for each in gone if self.folders[each].parent not in gone)
        return self.folders[top]

    def waiting(self, now: datetime) -> list[Invitation]:
        return [each for each in self.invitations if each.state(now) == "pending"]

    def owners(self) -> set[str]:
        return {account for account, member in self.members.items() if member.role == "owner"}

    # Deciding

    def entry(self, account: str, permission: str, *, is_strong: bool = True) -> str:
        """`DONE`, or why not: whether it is there, then the role, then how they signed in."""
        if not self.is_active or account not in self.members:
            return GONE
        if RANK[self.members[account].role] < RANK[MAY[permission]]:
            return NOT_PERMITTED
        if self.needs_authenticator and not is_strong:
            return "authenticator-required"
        return DONE

    def is_taken(self, parent: str, name: str, but: str | None = None) -> bool:
        return any(
            child.name.casefold() == name.casefold() and child.id != but
            for child in self.children(parent)
        )

    def create_folder(self, who: str, parent: str, name: str) -> str:
        refusal = self.entry(who, "folder:manage")
        if refusal != DONE:
            return refusal
        if parent not in self.live():
            return NO_FOLDER
        if self.is_taken(parent, name):
            return "folder-name-taken"
        if self.depth(parent) + 1 > DEPTH_MOST:
            return "folder-too-deep"
        if len(self.children(parent)) >= SIBLINGS_MOST:
            return "folder-full"
        if len(self.live()) >= FOLDERS_MOST:
            return "organization-full"
        return DONE

    def rename_folder(self, who: str, folder: str, name: str) -> str:
        refusal = self.entry(who, "folder:manage")
        if refusal != DONE:
            return refusal
        if folder not in self.live():
            return NO_FOLDER
        parent = self.folders[folder].parent
        if parent is not None and self.is_taken(parent, name, but=folder):
            return "folder-name-taken"
        if self.folders[folder].name == name:
            return UNCHANGED
        return DONE

    def move_folder(self, who: str, folder: str, parent: str) -> str:
        refusal = self.entry(who, "folder:manage")
        if refusal != DONE:
            return refusal
        if folder not in self.live():
            return NO_FOLDER
        if folder == self.root:
            return "default-folder-stays"
        if parent not in self.live():
            return NO_FOLDER
        if parent in self.subtree(folder):
            return "folder-inside-itself"
        if self.folders[folder].parent == parent:
            return UNCHANGED
        if self.is_taken(parent, self.folders[folder].name):
            return "folder-name-taken"
        height = max(self.depth(each) for each in self.subtree(folder)) - self.depth(folder)
        if self.depth(parent) + 1 + height > DEPTH_MOST:
            return "folder-too-deep"
        if len(self.children(parent)) >= SIBLINGS_MOST:
            return "folder-full"
        return DONE

    def preview_deletion(self, who: str, folder: str) -> str:
        return self.delete_folder(who, folder, confirmed=True)

    def delete_folder(self, who: str, folder: str, *, confirmed: bool) -> str:
        refusal = self.entry(who, "folder:manage")
        if refusal != DONE:
            return refusal
        if not confirmed:
            return "risk-not-confirmed"
        if folder not in self.live():
            return NO_FOLDER
        return "default-folder-stays" if folder == self.root else DONE

    def restore(self, deletion: str) -> str:
        """By operators, who need no permission."""
        if not self.is_active:
            return "organization-archived"
        gone, parent = self.of_deletion(deletion), self.top_of(deletion).parent
        assert parent is not None
        if parent not in self.live():
            return "parent-deleted"
        if max(self.depth(each) for each in gone) > DEPTH_MOST:
            return "folder-too-deep"
        if len(self.children(parent)) >= SIBLINGS_MOST:
            return "folder-full"
        return DONE if len(self.live() | gone) <= FOLDERS_MOST else "organization-full"

    def move_device(self, who: str, device: str, folder: str) -> str:
        refusal = self.entry(who, "device:manage")
        if refusal != DONE:
            return refusal
        if folder not in self.live() - self.closed:
            return NO_FOLDER
        if device not in self.visible_devices(who):
            return NO_DEVICE
        return UNCHANGED if self.devices[device] == folder else DONE

    def set_role(self, who: str, whom: str, role: str) -> str:
        refusal = self.entry(who, "role:change")
        if refusal != DONE:
            return refusal
        if whom not in self.members:
            return NO_MEMBER
        present = self.members[whom].role
        if "owner" in (present, role) and self.members[who].role != "owner":
            return NOT_PERMITTED
        if present == role and self.members[whom].asked_for is None:
            return UNCHANGED
        if present == "owner" and role != "owner" and self.owners() == {whom}:
            return "last-owner"
        return DONE

    def remove(self, who: str, accounts: list[str]) -> str:
        refusal = self.entry(who, "member:remove")
        if refusal != DONE:
            return refusal
        if not set(accounts) <= set(self.members):
            return NO_MEMBER
        if set(accounts) & self.owners() and self.members[who].role != "owner":
            return NOT_PERMITTED
        if self.owners() <= set(accounts):
            return "last-owner"
        return "own-membership" if who in accounts else DONE

    def leave(self, who: str) -> str:
        if not self.is_active or who not in self.members:
            return GONE
        return "last-owner" if self.owners() == {who} else DONE

    def grant(self, who: str, whom: str, folder: str) -> str:
        refusal = self.entry(who, "access:grant")
        if refusal != DONE:
            return refusal
        if whom not in self.members:
            return NO_MEMBER
        if folder not in self.live():
            return NO_FOLDER
        return UNCHANGED if folder in self.members[whom].grants else DONE

    def revoke(self, who: str, whom: str, folder: str) -> str:
        refusal = self.entry(who, "access:grant")
        if refusal != DONE:
            return refusal
        if whom not in self.members:
            return NO_MEMBER
        if folder not in self.live():
            return NO_FOLDER
        return DONE if folder in self.members[whom].grants else "grant-not-found"

    def set_grants(self, who: str, whom: str, folders: set[str]) -> str:
        refusal = self.entry(who, "access:grant")
        if refusal != DONE:
            return refusal
        if whom not in self.members:
            return NO_MEMBER
        if not folders <= self.live():
            return NO_FOLDER
        return UNCHANGED if folders == self.members[whom].grants else DONE

    def invite(
        self, who: str, whom: str | None, role: str, folders: set[str], now: datetime
    ) -> str:
        """``whom``: whose address it is, if anybody's."""
        refusal = self.entry(who, "invitation:manage")
        if refusal != DONE:
            return refusal
        if role == "owner":
            return "owner-not-invitable"
        if role != "admin" and not folders:
            return "folders-required"
        if whom in self.members:
            return "already-member"
        if role != "admin" and not folders <= self.live():
            return NO_FOLDER
        return self.mailing(now)

    def mailing(self, now: datetime) -> str:
        sent = [mail for mail in self.mails if mail > now - timedelta(days=1)]
        return DONE if len(sent) < MAILS_MOST else "too-many-invitations"

    def revoke_invitation(self, who: str, invitation: Invitation | None, now: datetime) -> str:
        refusal = self.entry(who, "invitation:manage")
        if refusal != DONE:
            return refusal
        if invitation is None:
            return "invitation-not-found"
        return DONE if invitation.state(now) == "pending" else "invitation-over"

    def resend_invitation(self, who: str, invitation: Invitation | None, now: datetime) -> str:
        refusal = self.revoke_invitation(who, invitation, now)
        return refusal if refusal != DONE else self.mailing(now)

    def update_invitation(
        self, who: str, invitation: Invitation | None, changed: Changed, now: datetime
    ) -> str:
        refusal = self.revoke_invitation(who, invitation, now)
        if refusal != DONE or invitation is None:
            return refusal
        role, folders = changed.of(invitation)
        if role == "owner":
            return "owner-not-invitable"
        if role != "admin" and not folders:
            return "folders-required"
        if not folders <= self.live():
            return NO_FOLDER
        return UNCHANGED if (role, folders) == (invitation.wanted, invitation.folders) else DONE

    def look_up(self, invitation: Invitation, now: datetime) -> str:
        is_open = self.is_active and invitation.state(now) == "pending"
        return DONE if is_open else "invitation-over"

    def accept(self, who: str, address: str, invitation: Invitation, now: datetime) -> str:
        """``address``: the one that ``who`` has."""
        refusal = self.look_up(invitation, now)
        if refusal != DONE:
            return refusal
        if address != invitation.address:
            return "not-invited"
        return "already-member" if who in self.members else DONE

    def update(self, who: str, name: str, notes: str) -> str:
        refusal = self.entry(who, "organization:edit")
        if refusal != DONE:
            return refusal
        return UNCHANGED if (name, notes) == (self.name, self.notes) else DONE

    def set_policy(self, who: str, *, needs_authenticator: bool) -> str:
        refusal = self.entry(who, "policy:change")
        if refusal != DONE:
            return refusal
        return UNCHANGED if needs_authenticator is self.needs_authenticator else DONE

    def close(self, who: str, *, is_exact: bool, is_understood: bool) -> str:
        refusal = self.entry(who, "organization:archive")
        if refusal != DONE:
            return refusal
        if not is_exact:
            return "archiving-not-confirmed"
        return DONE if is_understood else "risk-not-confirmed"

    # Doing

    def admit(self, who: str, invitation: Invitation) -> None:
        invitation.status = "accepted"
        member = Member("viewer")
        if self.as_chosen:
            member.role = invitation.wanted
        elif invitation.wanted != "viewer":
            member.asked_for = invitation.wanted
        if invitation.wanted != "admin":
            member.grants = set(invitation.folders)
        self.members[who] = member

    def withdraw(self, inviter: str) -> None:
        """USR-6."""
        for invitation in self.invitations:
            if invitation.inviter == inviter and invitation.status == "pending":
                invitation.status = "revoked"

    def expel(self, account: str) -> None:
        del self.members[account]
        self.withdraw(account)

    def raise_to(self, account: str, role: str) -> None:
        member = self.members[account]
        member.role, member.asked_for = role, None
        if RANK[role] < RANK["admin"]:
            self.withdraw(account)

    def drop(self, folder: str, deletion: str) -> None:
        gone = self.subtree(folder)
        for each in gone:
            self.folders[each].deletion = deletion
        for member in self.members.values():
            member.grants -= gone
        for invitation in self.invitations:
            invitation.lost |= bool(invitation.folders & gone)
            invitation.folders -= gone

    def bring_back(self, deletion: str) -> None:
        for each in self.of_deletion(deletion):
            self.folders[each].deletion = None

    def told(self) -> None:
        """Devices heard of all that happened."""
        self.closed = set(self.folders) - self.live()

    def archive(self) -> None:
        self.is_active = False
        for invitation in self.invitations:
            if invitation.status == "pending":
                invitation.status = "revoked"
