"""Grants: which folders are open to a member, and who may look into a folder (ACS-1 to ACS-5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from chassis.rpc import rpc
from contracts.access import FolderNotFound, Permission
from contracts.members import (
    FolderMemberPage,
    GrantPage,
    GrantRequest,
    GrantsSet,
    GrantView,
    ListFolderMembers,
    ListGrants,
    SetGrants,
)
from contracts.paging import Page, moment_in, name_in, page
from services.organizations.domain.access import Member
from services.organizations.domain.audit import Action
from services.organizations.domain.roles import GrantNotFound
from services.organizations.models import Folder, FolderGrant, Membership
from services.organizations.queries import folders, grants
from services.organizations.service.changes import Change
from services.organizations.service.memberships import Memberships


class GrantRecipes(Memberships):
    """Grants are kept whatever the member's role is; it says whether they count (USR-8)."""

    @rpc(takes=ListGrants, gives=GrantPage)
    def list_grants(
        self, organization_id: UUID, account_id: UUID, limit: int, cursor: str | None
    ) -> Page[dict[str, Any]]:
        """What was granted to a member, by the names of the folders."""
        after = name_in(cursor)
        with self._reading(organization_id, Permission.ACCESS_GRANT) as (session, member):
            membership = self._membership(session, organization_id, account_id)
            rows = grants.grants(session, membership, after=after, limit=limit)
            found = page(rows, limit=limit, key=lambda row: (row[1].name_key, row[1].id))
            return Page(_seen(session, member, found.items), found.next_cursor)

    @rpc(takes=GrantRequest, gives=GrantView)
    def grant_folder(
        self, organization_id: UUID, account_id: UUID, folder_id: UUID
    ) -> dict[str, Any]:
        """Granted again, nothing changes."""
        with self._changing(organization_id, Permission.ACCESS_GRANT) as change:
            session, member = change.session, change.member
            membership = self._membership(session, organization_id, account_id)
            folder = self._folder(session, member, folder_id)
            grant = grants.grant(session, membership, folder_id)
            if grant is None:
                grant = self._add_grant(change, membership, folder_id)
                self._conclude_grants(change, membership, granted=[folder_id])
            return _seen(session, member, [(grant, folder)])[0]

    @rpc(takes=GrantRequest)
    def revoke_folder(self, organization_id: UUID, account_id: UUID, folder_id: UUID) -> None:
        """Takes one grant back; what grants on folders above and below it open stays open.

        :raises GrantNotFound: on this very folder there is none.
        """
        with self._changing(organization_id, Permission.ACCESS_GRANT) as change:
            session = change.session
            membership = self._membership(session, organization_id, account_id)
            self._folder(session, change.member, folder_id)
            if grants.grant(session, membership, folder_id) is None:
                raise GrantNotFound("The folder itself is not granted to this member.")
            grants.revoke(session, membership, [folder_id])
            self._conclude_grants(change, membership, revoked=[folder_id])

    @rpc(takes=SetGrants, gives=GrantsSet)
    def set_grants(
        self, organization_id: UUID, account_id: UUID, folder_ids: Sequence[UUID]
    ) -> dict[str, int]:
        """Exactly these, in one change, or nothing where one of them is not there."""
        with self._changing(organization_id, Permission.ACCESS_GRANT) as change:
            session = change.session
            membership = self._membership(session, organization_id, account_id)
            wanted = frozenset(folder_ids)
            if folders.live_among(session, organization_id, wanted) != wanted:
                raise FolderNotFound("There is no such folder in this organization.")
            present = grants.granted_folders(session, membership)
            granted, revoked = sorted(wanted - present), sorted(present - wanted)
            if granted or revoked:
                grants.revoke(session, membership, revoked)
                for folder_id in granted:
                    self._add_grant(change, membership, folder_id)
                self._conclude_grants(change, membership, granted=granted, revoked=revoked)
        return {"granted": len(granted), "revoked": len(revoked)}

    @rpc(takes=ListFolderMembers, gives=FolderMemberPage)
    def list_folder_members(
        self, organization_id: UUID, folder_id: UUID, limit: int, cursor: str | None
    ) -> Page[dict[str, Any]]:
        """Who may look into a folder, by role or by which grant, in the order of joining."""
        after = moment_in(cursor)
        with self._reading(organization_id, Permission.ACCESS_GRANT) as (session, member):
            folder = self._folder(session, member, folder_id)
            rows = grants.folder_members(session, folder, after=after, limit=limit)
        found = page(
            rows, limit=limit, key=lambda row: (row.joined_at.isoformat(), row.membership_id)
        )
        emails = self._emails([each.account_id for each in found.items])
        shown = [{**vars(each), "email": emails.get(each.account_id)} for each in found.items]
        return Page(shown, found.next_cursor)

    def _add_grant(self, change: Change, membership: Membership, folder_id: UUID) -> FolderGrant:
        grant = FolderGrant(
            membership_id=membership.id,
            folder_id=folder_id,
            organization_id=membership.organization_id,
            granted_by=change.caller.account_id,
            granted_at=self.clock.now(),
        )
        change.session.add(grant)
        return grant

    def _conclude_grants(
        self,
        change: Change,
        membership: Membership,
        *,
        granted: Sequence[UUID] = (),
        revoked: Sequence[UUID] = (),
    ) -> None:
        """The record says what went and what came, and not what stayed."""
        self._conclude(
            change,
            Action.PERMISSIONS_CHANGED,
            about=("account", membership.account_id),
            before={"folder_ids": [str(folder_id) for folder_id in revoked]},
            after={"folder_ids": [str(folder_id) for folder_id in granted]},
        )


def _seen(
    session: Session, member: Member, rows: Sequence[tuple[FolderGrant, Folder]]
) -> Sequence[dict[str, Any]]:
    """Grants as owners and admins are shown them: they see every folder, and so every path."""
    seen = folders.seen(session, member, [folder for _grant, folder in rows])
    return [
        {
            "folder_id": folder.id,
            "folder_name": folder.name,
            "path": [step.name for step in folder.path],
            "granted_by": grant.granted_by,
            "granted_at": grant.granted_at,
        }
        for (grant, _folder), folder in zip(rows, seen, strict=True)
    ]
