"""What organizations promise (chapters 6 to 13, M5), written down once more in dictionaries.

Nothing is imported from the service, and nothing is clever: trees are walked, sets are rebuilt.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

DONE = "done"
GONE = "organization-not-found"
NOT_PERMITTED = "not-permitted"
NO_FOLDER = "folder-not-found"
NO_MEMBER = "member-not-found"

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
    id: str
    account: str
    inviter: str
    wanted: str
    folders: set[str]
    until: datetime
    status: str = "pending"

    def state(self, now: datetime) -> str:
        return "expired" if self.status == "pending" and now >= self.until else self.status


@dataclass
class Organization:
    """``mails`` are the moments at which invitations were mailed."""

    id: str
    root: str
    folders: dict[str, Folder]
    members: dict[str, Member]
    as_chosen: bool = False
    is_active: bool = True
    changes: int = 1
    invitations: list[Invitation] = field(default_factory=list)
    mails: list[datetime] = field(default_factory=list)
    devices: dict[str, str] = field(default_factory=dict)

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
        seen = self.visible(account)
        return {device for device, folder in self.devices.items() if folder in seen}

    def owners(self) -> set[str]:
        return {account for account, member in self.members.items() if member.role == "owner"}

    # Deciding

    def entry(self, account: str, permission: str) -> str:
        """`DONE`, or why not: first whether it is there, then whether the role may."""
        if not self.is_active or account not in self.members:
            return GONE
        if RANK[self.members[account].role] < RANK[MAY[permission]]:
            return NOT_PERMITTED
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
            return "unchanged"
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
            return "unchanged"
        if self.is_taken(parent, self.folders[folder].name):
            return "folder-name-taken"
        height = max(self.depth(each) for each in self.subtree(folder)) - self.depth(folder)
        if self.depth(parent) + 1 + height > DEPTH_MOST:
            return "folder-too-deep"
        if len(self.children(parent)) >= SIBLINGS_MOST:
            return "folder-full"
        return DONE

    def delete_folder(self, who: str, folder: str, *, confirmed: bool) -> str:
        refusal = self.entry(who, "folder:manage")
        if refusal != DONE:
            return refusal
        if not confirmed:
            return "risk-not-confirmed"
        if folder not in self.live():
            return NO_FOLDER
        return "default-folder-stays" if folder == self.root else DONE

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
            return "unchanged"
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
        return "unchanged" if folder in self.members[whom].grants else DONE

    def revoke(self, who: str, whom: str, folder: str) -> str:
        refusal = self.entry(who, "access:grant")
        if refusal != DONE:
            return refusal
        if whom not in self.members:
            return NO_MEMBER
        if folder not in self.live():
            return NO_FOLDER
        return DONE if folder in self.members[whom].grants else "grant-not-found"

    def invite(self, who: str, whom: str, role: str, folders: set[str], now: datetime) -> str:
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
        if len([mail for mail in self.mails if mail > now - timedelta(days=1)]) >= MAILS_MOST:
            return "too-many-invitations"
        return DONE

    def revoke_invitation(self, who: str, invitation: Invitation | None, now: datetime) -> str:
        refusal = self.entry(who, "invitation:manage")
        if refusal != DONE:
            return refusal
        if invitation is None:
            return "invitation-not-found"
        return DONE if invitation.state(now) == "pending" else "invitation-over"

    def accept(self, who: str, invitation: Invitation, now: datetime) -> str:
        if not self.is_active or invitation.state(now) != "pending":
            return "invitation-over"
        if who != invitation.account:
            return "not-invited"
        inviter = self.members.get(invitation.inviter)
        if inviter is None or RANK[inviter.role] < RANK["admin"]:
            return "invitation-over"
        return "already-member" if who in self.members else DONE

    # Doing

    def admit(self, who: str, invitation: Invitation) -> None:
        invitation.status = "accepted"
        member = Member("viewer")
        if self.as_chosen:
            member.role = invitation.wanted
        elif invitation.wanted != "viewer":
            member.asked_for = invitation.wanted
        if invitation.wanted != "admin":
            member.grants = invitation.folders & self.live()
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

    def archive(self) -> None:
        self.is_active = False
        for invitation in self.invitations:
            if invitation.status == "pending":
                invitation.status = "revoked"
