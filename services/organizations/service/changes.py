"""Changes: the one way to read and to change an organization, and what each change leaves behind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from chassis.service import Service
from contracts.access import AuthenticatorRequired, FolderNotFound, NotPermitted, Permission
from contracts.caller import Caller
from contracts.errors import PersonRequired, Refusal, StepUpRequired
from contracts.events import Event
from contracts.organizations import AccessChanged, AuditResult
from services.organizations.domain.access import Member, outsider, permitted, require_strength
from services.organizations.domain.audit import Action
from services.organizations.domain.limits import Limits
from services.organizations.models import AuditEntry, Folder, Organization
from services.organizations.queries import access, folders, throttles

# What a member is refused for who they are, not for what they ask.
_RECORDED = (NotPermitted, AuthenticatorRequired, StepUpRequired, PersonRequired)


@dataclass(frozen=True)
class Change:
    """A write on one organization, under its lock, by a member who may."""

    session: Session
    caller: Caller
    organization: Organization
    member: Member


class Recipes(Service):
    """What the recipes of all capabilities begin and end with."""

    own: Limits
    # Who acts where no account does.
    acting_as: str = "organizations"

    def _entitled(self, scope: str) -> Caller:
        """Who is signed in; their API token, if it is one, was given the scope.

        :raises contracts.errors.TokenScopeMissing: before anything is read.
        """
        caller = self.caller
        caller.require_scope(scope)
        return caller

    @contextmanager
    def _reading(
        self, organization_id: UUID, permission: Permission
    ) -> Iterator[tuple[Session, Member]]:
        caller = self._entitled(permission)
        with self._refusals_recorded(caller, organization_id), self.db.reading() as session:
            found = access.member(session, organization_id, caller.account_id)
            member = permitted(found, permission)
            require_strength(needed=member.needs_authenticator, is_strong=caller.is_strong)
            yield session, member

    @contextmanager
    def _changing(
        self, organization_id: UUID, permission: Permission, *, of_any_strength: bool = False
    ) -> Iterator[Change]:
        """:param of_any_strength: also who signed in with less than the organization asks for."""
        caller = self._entitled(permission)
        with self._refusals_recorded(caller, organization_id), self.db() as session:
            organization = access.organization_for_update(session, organization_id)
            if organization is None:
                raise outsider()
            # Read under the lock: a role taken away a moment ago no longer counts (M5.8).
            found = access.member(session, organization_id, caller.account_id)
            member = permitted(found, permission)
            require_strength(
                needed=member.needs_authenticator and not of_any_strength,
                is_strong=caller.is_strong,
            )
            yield Change(session, caller, organization, member)

    @contextmanager
    def _refusals_recorded(self, caller: Caller, organization_id: UUID) -> Iterator[None]:
        """What a member tried without the right stays in the audit; outsiders leave nothing.

        What an API token may not do at all (`require_scope`, and `require_person` at the beginning of
        a recipe) is refused before anything is read. Whether its owner is a member is not known then,
        and a record that told it would need the very look that is refused: it leaves nothing.
        """
        try:
            yield
        except _RECORDED as refusal:
            self._record_refusal(
                caller, organization_id, refusal, about=("organization", organization_id)
            )
            raise

    def _record_refusal(
        self, caller: Caller, organization_id: UUID, refusal: Refusal, *, about: tuple[str, UUID]
    ) -> None:
        """Once in a minute: the audit is kept for good, and nobody fills it by asking again."""
        reason = refusal.facts.get("permission", refusal.code)
        key = f"refusal:{organization_id}:{caller.account_id}:{reason}"
        now = self.clock.now()
        with self.db() as session:
            tally, counted = throttles.tally_for_update(session, key, now).one_more_refusal(now)
            throttles.keep(session, key, tally)
            if counted is None:
                return
            self._record(
                session,
                caller,
                organization_id,
                action=Action.AUTHZ_FAIL,
                about=about,
                result=AuditResult.REFUSED,
                reason=reason,
                after={"only_counted": counted} if counted else None,
            )

    def _folder(self, session: Session, member: Member, folder_id: UUID) -> Folder:
        folder = folders.folder(session, member.organization_id, folder_id)
        if folder is None or not access.reaches(session, member, folder_id):
            raise FolderNotFound("There is no such folder in this organization.")
        return folder

    def _conclude(
        self,
        change: Change,
        action: Action,
        *facts: Event,
        about: tuple[str, UUID],
        reason: str | None = None,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        """Each accepted change raises the epoch, is announced, and leaves one audit record (I14).

        :param facts: what other services have to hear beside that the access changed.
        """
        self._changed(
            change.session,
            change.caller,
            change.organization,
            action,
            *facts,
            about=about,
            reason=reason,
            before=before,
            after=after,
        )

    def _changed(
        self,
        session: Session,
        caller: Caller | None,
        organization: Organization,
        action: Action,
        *facts: Event,
        about: tuple[str, UUID],
        reason: str | None = None,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        """As `_conclude` does, also where no account acts; the organization is locked."""
        organization.access_epoch += 1
        self._record(
            session,
            caller,
            organization.id,
            action=action,
            about=about,
            result=AuditResult.DONE,
            reason=reason,
            before=before,
            after=after,
        )
        session.flush()
        for fact in facts:
            self.announce(session, fact)
        self.announce(session, AccessChanged(organization.id, organization.access_epoch))

    def _record(
        self,
        session: Session,
        caller: Caller | None,
        organization_id: UUID,
        *,
        action: Action,
        about: tuple[str, UUID],
        result: AuditResult,
        reason: str | None = None,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        session.add(
            AuditEntry(
                id=uuid4(),
                at=self.clock.now(),
                organization_id=organization_id,
                account_id=caller and caller.account_id,
                session_id=caller and caller.session_id,
                acting_as=None if caller else self.acting_as,
                action=action.value,
                object_type=about[0],
                object_id=about[1],
                result=result,
                reason=reason,
                ip=self.context.ip,
                user_agent=self.context.user_agent,
                request_id=self.context.request_id,
                before=dict(before) if before is not None else None,
                after=dict(after) if after is not None else None,
            )
        )
