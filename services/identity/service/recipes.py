"""What all of identity's recipes use: counting tries, recording, writing mail, tokens."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from chassis.network import origin
from chassis.secrets import token_hash
from chassis.service import Service
from contracts.caller import Caller, Level
from contracts.errors import Forbidden, ManageRequired, StepUpRequired, Unauthenticated
from contracts.identity import Language, SessionEnded
from services.identity.domain.audit import Action, Result
from services.identity.domain.password import PasswordRule
from services.identity.domain.session import Lifetime, life, lifetime
from services.identity.domain.settings import IdentitySettings
from services.identity.domain.sign_in import stale_at
from services.identity.domain.throttle import (
    Limit,
    Run,
    Tally,
    Throttled,
    Waits,
    limits,
    subject,
)
from services.identity.mail.message import written
from services.identity.mail.texts import Kind
from services.identity.mail.transport import Transport
from services.identity.models import Account, ApiToken, Audit, OutgoingMail, SessionRow
from services.identity.queries import accounts, factors, logins, sessions, throttles
from services.identity.service.hashing import Hasher
from services.identity.service.signing import Signer


def _steps(charges: Sequence[Charge]) -> dict[str, Limit]:
    return {
        key: limit
        for charge in charges
        for key, limit in zip(charge.keys, limits(charge.limits), strict=True)
    }


def _one_more(
    locked: Mapping[str, throttles.Kept], steps: Mapping[str, Limit], now: datetime
) -> list[throttles.Kept]:
    changed = []
    for kept in locked.values():
        tally = Tally(kept.count, kept.started_at).one_more(steps[kept.key], now)
        changed.append(replace(kept, count=tally.count, started_at=tally.started_at))
    return changed


def require_fresh(caller: Caller, now: datetime, *, has_authenticator: bool) -> None:
    """:raises StepUpRequired: no fresh credentials, or no code among them."""
    caller.require_step_up(now)
    if has_authenticator and caller.level is not Level.AAL2:
        raise StepUpRequired("Enter your credentials again with a code of your authenticator.")


def mail_place(mail_id: UUID) -> str:
    """Where a sealed mail belongs; it opens nowhere else."""
    return f"{mail_id}|mail"


@dataclass(frozen=True)
class Own:
    """What one process of identity holds."""

    settings: IdentitySettings
    signer: Signer
    hasher: Hasher
    password_rule: PasswordRule
    transport: Transport


@dataclass(frozen=True)
class Charge:
    """Tries counted under one key in each of several windows."""

    key: str
    limits: tuple[str, ...]

    @property
    def keys(self) -> list[str]:
        return [f"{self.key}/{limit.within.total_seconds():.0f}" for limit in limits(self.limits)]


@dataclass(frozen=True)
class Counted:
    """One try in one window, so that exactly this one can be taken back."""

    key: str
    started_at: datetime


@dataclass(frozen=True)
class NewSession:
    """A session with its token, which is never kept."""

    token: str = field(repr=False)
    row: SessionRow

    def view(self) -> dict[str, object]:
        return {
            "token": self.token,
            "session_id": self.row.id,
            "account_id": self.row.account_id,
            "level": Level(self.row.level),
            "expires_at": self.row.ends_at,
            "is_kept": self.row.is_kept,
        }


def new_token() -> str:
    """256 bits for a person to hold."""
    return secrets.token_urlsafe(32)


class Recipes(Service):
    own: Own
    # Who acts where no account does: an operator's command.
    acting_as: str | None = None

    @property
    def settings(self) -> IdentitySettings:
        return self.own.settings

    # Who asks

    @property
    def person(self) -> Caller:
        """Somebody signed in: neither an API token nor a Manage session (J4).

        :raises ManageSession:
        :raises PersonRequired:
        """
        with self.noting_authz():
            caller = self.caller
            caller.require_person()
        return caller

    @contextmanager
    def noting_authz(self) -> Iterator[None]:
        """Around a decision on what somebody signed in may do: refusals are recorded."""
        try:
            yield
        except Forbidden as refusal:
            caller = self.any_caller
            with self.db() as session:
                self.record(
                    session,
                    Action.AUTHZ_FAIL,
                    actor=caller.account_id,
                    result=Result.REFUSED,
                    reason=refusal.code,
                )
            raise

    def stepped_up(self, now: datetime) -> Caller:
        """A `person` who entered credentials a short while ago; refusals are recorded.

        Where an authenticator is registered, its code was among them (security 2.7).

        :raises StepUpRequired:
        """
        caller = self.person
        with self.db.reading() as session:
            has_authenticator = factors.totp_active(session, caller.account_id) is not None
        with self.noting_authz():
            require_fresh(caller, now, has_authenticator=has_authenticator)
        return caller

    @property
    def manager(self) -> Caller:
        """Somebody in the Manage area.

        :raises ManageRequired: any other session, and API tokens.
        """
        caller = self.any_caller
        with self.noting_authz():
            if caller.level is not Level.MANAGE:
                raise ManageRequired("Enter the Manage area first.")
        return caller

    def live(self, session: Session, caller: Caller, now: datetime) -> tuple[Account, SessionRow]:
        """The account, locked, and the session the caller acts in: an assertion outlives it a while.

        :raises Unauthenticated: the session has ended meanwhile.
        """
        account = accounts.account_for_update(session, caller.account_id)
        row = sessions.session_of(session, caller.session_id, caller.account_id)
        if account is None or row is None or not self.lifetime(row).is_live(now):
            raise Unauthenticated("The session has ended. Sign in.")
        return account, row

    def lifetime(self, row: SessionRow) -> Lifetime:
        plain = Lifetime(row.ends_at, row.last_seen_at, self.settings.session_idle)
        level = Level(row.level)
        return lifetime(self.settings, level, plain, row.started_at, is_kept=row.is_kept)

    def when(self) -> str:
        """The present moment, as mails say it."""
        return f"{self.clock.now():%Y-%m-%d %H:%M} UTC"

    # Throttles

    def per_ip(self, name: str, within: tuple[str, ...]) -> list[Charge]:
        """Nothing where the call came from no address, as the operator's do."""
        if self.context.ip is None:
            return []
        return [Charge(f"{name}:ip:{origin(self.context.ip)}", within)]

    def count(self, session: Session, charges: Sequence[Charge], now: datetime) -> list[Counted]:
        """Counts one try under each key, before it is made.

        :raises throttle.Throttled: one of the windows is full; then nothing is counted.
        """
        steps = _steps(charges)
        changed = _one_more(throttles.lock(session, steps, now), steps, now)
        throttles.keep(session, changed, now)
        return [Counted(kept.key, kept.started_at) for kept in changed]

    def count_sign_in(
        self, session: Session, run_key: str, charges: Sequence[Charge], now: datetime
    ) -> tuple[list[Counted], Run | None]:
        """`count` and `count_password` at once; no run where the account has to wait.

        :raises throttle.Throttled: by the charges only; then nothing is counted.
        """
        steps = _steps(charges)
        locked = throttles.lock(session, [run_key, *steps], now)
        kept = locked.pop(run_key)
        changed = _one_more(locked, steps, now)
        counted = [Counted(each.key, each.started_at) for each in changed]
        run: Run | None = None
        with suppress(Throttled):
            run = Run(kept.count, kept.blocked_until).one_more(self.waits, now)
            changed.append(replace(kept, count=run.failures, blocked_until=run.blocked_until))
        throttles.keep(session, changed, now)
        return counted, run

    def count_alone(self, charges: Sequence[Charge], now: datetime) -> list[Counted]:
        """In a transaction of its own, so that a refusal that follows does not uncount it."""
        with self.db() as session:
            return self.count(session, charges, now)

    @property
    def waits(self) -> Waits:
        return Waits(
            free=self.settings.password_failures_free,
            first=self.settings.password_wait_first,
            longest=self.settings.password_wait_most,
            most=self.settings.password_failures_most,
        )

    def count_password(self, session: Session, key: str, now: datetime) -> Run:
        """Counts a wrong password in advance.

        :raises throttle.Throttled: the key has to wait; then nothing is counted.
        """
        kept = throttles.lock(session, [key], now)[key]
        run = Run(kept.count, kept.blocked_until).one_more(self.waits, now)
        changed = replace(kept, count=run.failures, blocked_until=run.blocked_until)
        throttles.keep(session, [changed], now)
        return run

    @staticmethod
    def sign_in_run(email_key: str) -> str:
        """By address, known or not: both are counted alike."""
        return f"password:{subject(email_key)}"

    def codes_of(self, account_id: UUID) -> Charge:
        """One counter for every second factor of an account, across sign-ins."""
        return Charge(f"second:{account_id.hex}", self.settings.limit_codes_per_account)

    def code_charges(self, account_id: UUID) -> list[Charge]:
        return [
            self.codes_of(account_id),
            *self.per_ip("second", self.settings.limit_codes_per_ip),
        ]

    # Audit

    def record(
        self,
        session: Session,
        action: Action,
        *,
        actor: UUID | None,
        session_id: UUID | None = None,
        about: tuple[str, object] | None = None,
        result: Result = Result.DONE,
        reason: str | None = None,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        """:param actor: nobody where an operator's command acts.

        :param session_id: else the one the call is made in.
        :param about: type and id of the object; else the actor's own account.
        """
        object_type, object_id = about or ("account", actor)
        if session_id is None and self.context.caller is not None:
            session_id = self.any_caller.session_id
        session.add(
            Audit(
                id=uuid4(),
                at=self.clock.now(),
                actor_account_id=None if self.acting_as else actor,
                session_id=session_id,
                acting_as=self.acting_as or self.name,
                action=action.value,
                object_type=object_type,
                object_id=None if object_id is None else str(object_id),
                result=result.value,
                reason=reason,
                ip=self.context.ip,
                user_agent=self.context.user_agent,
                request_id=self.context.request_id,
                before=before,
                after=after,
            )
        )

    # Mail

    def page(self, path: str = "") -> str:
        """The address of a page of the console; from the settings only, never from a request."""
        return f"{self.settings.link_base_url.rstrip('/')}/{path}"

    def link(self, page: str, token: str) -> str:
        """A page of the console with the secret that its mail carries."""
        return f"{self.page(page)}?token={token}"

    def write_mail(
        self,
        session: Session,
        kind: Kind,
        *,
        recipient: str,
        language: str,
        life: timedelta,
        mail_id: UUID | None = None,
        **values: str,
    ) -> None:
        """Sent after the commit, by the background job; sealed until then."""
        mail_id = mail_id or uuid4()
        now = self.clock.now()
        body = written(kind, Language(language), {"service": self.settings.service_name, **values})
        session.add(
            OutgoingMail(
                id=mail_id,
                kind=kind.value,
                recipient=recipient,
                language=language,
                sealed_body=self.kit.box.seal(body.to_json(), mail_place(mail_id)),
                state="waiting",
                attempts=0,
                written_at=now,
                due_at=now,
                expires_at=now + life,
            )
        )

    # Sessions

    def start_session(
        self,
        session: Session,
        account: Account,
        level: Level,
        authenticated_at: datetime,
        *,
        is_kept: bool = False,
    ) -> NewSession:
        """A session under a fresh token; the least used ones end where there are too many.

        :param is_kept: whether somebody asked for it; a Manage session never is.
        """
        now = self.clock.now()
        accounts.account_for_update(session, account.id)
        rows = sessions.sessions_least_seen_first(session, account.id)
        live = [row for row in rows if self.lifetime(row).is_live(now)]
        for row in live[: max(0, len(live) - self.settings.sessions_most + 1)]:
            self.finish_session(session, row, reason="too many sessions")
        token = new_token()
        is_kept = is_kept and self.settings.keep_signed_in and level is not Level.MANAGE
        row = SessionRow(
            id=uuid4(),
            account_id=account.id,
            token_hash=token_hash(token),
            level=level.value,
            authenticated_at=authenticated_at,
            started_at=now,
            last_seen_at=now,
            ends_at=now + life(self.settings, level, is_kept=is_kept),
            is_kept=is_kept,
            ip=self.context.ip,
            user_agent=self.context.user_agent,
        )
        session.add(row)
        self.record(
            session,
            Action.SESSION_CREATED,
            actor=account.id,
            session_id=row.id,
            about=("session", row.id),
            after={"level": level.value, **({"is_kept": True} if is_kept else {})},
        )
        return NewSession(token, row)

    def finish_session(self, session: Session, row: SessionRow, *, reason: str) -> None:
        """Ends it for the next request; announced, so that no kept introspection outlives it.

        What was shown in a Manage session and not confirmed is gone with it (REG-4, RC-5).
        """
        if not sessions.end_session(session, row.id):
            return
        sessions.drop_shown_in(session, row.account_id, row.id)
        self.record(
            session,
            Action.SESSION_REVOKED,
            actor=row.account_id,
            session_id=row.id,
            about=("session", row.id),
            reason=reason,
        )
        self.announce(session, SessionEnded(row.id, row.account_id, row.token_hash))

    def finish_sessions(
        self,
        session: Session,
        account_id: UUID,
        *,
        reason: str,
        but: UUID | None = None,
        level: Level | None = None,
    ) -> int:
        """All of an account's sessions, or those of one level, but one; how many of them were live."""
        now = self.clock.now()
        rows = [
            row
            for row in sessions.sessions_least_seen_first(session, account_id)
            if row.id != but and level in (None, Level(row.level))
        ]
        for row in rows:
            self.finish_session(session, row, reason=reason)
        return sum(self.lifetime(row).is_live(now) for row in rows)

    def factors_changed(
        self, session: Session, row: SessionRow, now: datetime, *, reason: str
    ) -> None:
        """Ends every other Manage session: who opened one before could undo the change.

        What other sessions did to be fresh no longer counts beside an authenticator.
        """
        self.finish_sessions(session, row.account_id, reason=reason, but=row.id, level=Level.MANAGE)
        sessions.age_credentials(session, row.account_id, stale_at(now))

    def finish_elsewhere(
        self, session: Session, account_id: UUID, *, reason: str, but: UUID
    ) -> int:
        """All other sessions, with what was begun in them or mailed for them; how many were live."""
        logins.drop_logins(session, account_id)
        accounts.drop_links(session, account_id)
        return self.finish_sessions(session, account_id, reason=reason, but=but)

    def finish_api_token(self, session: Session, row: ApiToken, *, reason: str) -> None:
        """Revokes it for the next request; announced like the end of a session."""
        if not sessions.drop_api_token(session, row.id):
            return
        self.record(
            session,
            Action.API_TOKEN_REVOKED,
            actor=row.account_id,
            about=("api_token", row.id),
            reason=reason,
            before={"name": row.name},
        )
        self.announce(session, SessionEnded(row.id, row.account_id, row.token_hash))

    def finish_api_tokens(self, session: Session, account_id: UUID, *, reason: str) -> int:
        """All of an account's API tokens; how many."""
        rows = sessions.api_tokens_of(session, account_id)
        for row in rows:
            self.finish_api_token(session, row, reason=reason)
        return len(rows)
