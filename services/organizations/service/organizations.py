"""Organizations: created by anybody, seen by their members."""

from __future__ import annotations

from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from chassis.idempotency import Dumped, once
from chassis.rpc import rpc
from contracts.access import ORGANIZATION_CREATE, Permission, Role
from contracts.organizations import (
    CreateOrganization,
    ListOrganizations,
    OrganizationCreated,
    OrganizationPage,
    OrganizationRequest,
    OrganizationView,
    SetPolicy,
    UpdateOrganization,
)
from contracts.paging import Page, moment_in, page
from services.organizations.domain import names
from services.organizations.domain.access import Member, outsider, require_strength
from services.organizations.domain.audit import Action
from services.organizations.domain.lifecycle import require_pace, require_room_for_another
from services.organizations.domain.throttle import DAY
from services.organizations.models import Folder, Membership, Organization
from services.organizations.queries import organizations
from services.organizations.service.changes import Change, Recipes


class OrganizationRecipes(Recipes):
    @rpc(takes=CreateOrganization, gives=OrganizationView)
    def create_organization(self, name: str, idempotency_key: str) -> Dumped:
        """The caller becomes its owner (ORG-4), and a default folder is there (ORG-5)."""
        caller = self._entitled(ORGANIZATION_CREATE)
        with self.db() as session:
            attempt = once(
                session,
                caller.account_id,
                "create_organization",
                idempotency_key,
                {"name": name},
                gives=OrganizationView,
                now=self.clock.now(),
            )
            require_room_for_another(
                created=organizations.created_by(session, caller.account_id),
                most=self.own.organizations_per_account,
            )
            now = self.clock.now()
            created, first_at = organizations.created_since(session, caller.account_id, now - DAY)
            most = self.own.organizations_per_account_per_day
            require_pace(created=created, first_at=first_at, most=most, now=now)
            organization = Organization(
                id=uuid4(),
                name=names.normalized(name, most=self.own.organization_name_length),
                created_by=caller.account_id,
                created_at=self.clock.now(),
            )
            session.add(organization)
            session.flush()
            default = self._default_folder(organization)
            membership = Membership(
                id=uuid4(),
                organization_id=organization.id,
                account_id=caller.account_id,
                role=Role.OWNER,
                joined_at=self.clock.now(),
            )
            session.add_all([default, membership])
            member = Member(organization.id, membership.id, caller.account_id, Role.OWNER, epoch=0)
            self._conclude(
                Change(session, caller, organization, member),
                Action.ORGANIZATION_CREATED,
                OrganizationCreated(
                    organization_id=organization.id,
                    organization_name=organization.name,
                    owner_account_id=caller.account_id,
                    default_folder_id=default.id,
                ),
                about=("organization", organization.id),
                after={"name": organization.name, "default_folder_id": str(default.id)},
            )
            return attempt.answer(
                organizations.organization_of(session, caller.account_id, organization.id)
            )

    @rpc(takes=ListOrganizations, gives=OrganizationPage)
    def list_organizations(
        self, limit: int, cursor: str | None
    ) -> Page[organizations.SeenOrganization]:
        """Those the caller is a member of, in the order of joining."""
        caller = self._entitled(Permission.ORGANIZATION_READ)
        with self.db.reading() as session:
            rows = organizations.organizations_of(
                session, caller.account_id, after=moment_in(cursor), limit=limit
            )
        seen = [row.as_seen(is_strong=caller.is_strong) for row in rows]
        return page(
            seen, limit=limit, key=lambda row: (row.joined_at.isoformat(), row.membership_id)
        )

    @rpc(takes=OrganizationRequest, gives=OrganizationView)
    def get_organization(self, organization_id: UUID) -> organizations.SeenOrganization:
        with self._reading(organization_id, Permission.ORGANIZATION_READ) as (session, member):
            return self._seen(session, member)

    @rpc(takes=UpdateOrganization, gives=OrganizationView)
    def update_organization(
        self, organization_id: UUID, name: str | None = None, notes: str | None = None
    ) -> organizations.SeenOrganization:
        """What is not named stays, and what is the same already changes nothing (ORG-7)."""
        with self._changing(organization_id, Permission.ORGANIZATION_EDIT) as change:
            organization = change.organization
            wanted = {"name": organization.name, "notes": organization.notes}
            before = dict(wanted)
            if name is not None:
                wanted["name"] = names.normalized(name, most=self.own.organization_name_length)
            if notes is not None:
                wanted["notes"] = names.note(notes)
            changed = [field for field in wanted if wanted[field] != before[field]]
            if changed:
                organization.name, organization.notes = wanted["name"], wanted["notes"]
                self._conclude(
                    change,
                    Action.ORGANIZATION_RENAMED if "name" in changed else Action.NOTES_CHANGED,
                    about=("organization", organization_id),
                    before={field: before[field] for field in changed},
                    after={field: wanted[field] for field in changed},
                )
            return self._seen(change.session, change.member)

    @rpc(takes=SetPolicy, gives=OrganizationView)
    def set_policy(
        self, organization_id: UUID, members_need_authenticator: bool
    ) -> organizations.SeenOrganization:
        """By an owner who meets it: nobody shuts themselves out.

        :raises StepUpRequired: security 2.7.
        :raises AuthenticatorRequired: the owner signed in with less.
        """
        self.caller.require_person()
        with self._changing(organization_id, Permission.POLICY_CHANGE) as change:
            change.caller.require_step_up(self.clock.now())
            require_strength(needed=True, is_strong=change.caller.is_strong)
            organization = change.organization
            before = organization.members_need_authenticator
            if members_need_authenticator is not before:
                organization.members_need_authenticator = members_need_authenticator
                self._conclude(
                    change,
                    Action.POLICY_CHANGED,
                    about=("organization", organization_id),
                    before={"members_need_authenticator": before},
                    after={"members_need_authenticator": members_need_authenticator},
                )
            return self._seen(change.session, change.member)

    def _seen(self, session: Session, member: Member) -> organizations.SeenOrganization:
        seen = organizations.organization_of(session, member.account_id, member.organization_id)
        if seen is None:
            raise outsider()
        return seen

    def _default_folder(self, organization: Organization) -> Folder:
        name = names.normalized(self.own.default_folder_name, most=self.own.folder_name_length)
        return Folder(
            id=uuid4(),
            organization_id=organization.id,
            name=name,
            name_key=names.key(name),
            depth=0,
            is_root=True,
        )
