"""Sessions: vouching for them and for API tokens, listing and ending them, and who is behind them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from chassis.rpc import rpc
from chassis.secrets import token_hash
from contracts.access import INSTALLATION_OPERATE, OperatorOnly
from contracts.caller import Caller, Level
from contracts.errors import Unauthenticated
from contracts.identity import (
    Introspect,
    Introspection,
    NameSession,
    PublicKeys,
    SessionList,
    SessionsEnded,
    SessionView,
)
from services.identity.domain.api_token import is_api_token
from services.identity.domain.session import SessionNotFound, is_due_to_be_noted
from services.identity.models import ApiToken, SessionRow
from services.identity.queries import accounts, sessions
from services.identity.service.recipes import Recipes


class SessionRecipes(Recipes):
    @rpc(takes=Introspect, gives=Introspection)
    def introspect(self, token: str) -> dict[str, object]:
        """On the way of every request: one indexed row read, and written once a minute."""
        now = self.clock.now()
        find = self._api_token if is_api_token(token) else self._session
        caller, over_at = find(token_hash(token), now)
        return {
            "assertion": self.own.signer.assertion(caller, now, until=over_at),
            "account_id": caller.account_id,
            "session_id": caller.session_id,
            "level": caller.level,
            "expires_at": min(now + self.own.signer.life, over_at),
        }

    @rpc(gives=PublicKeys)
    def public_keys(self) -> dict[str, object]:
        return {"keys": self.own.signer.public_keys()}

    @rpc()
    def require_operator(self) -> None:
        """Looked up each time: a revoked operator is none for the next request."""
        caller = self.caller
        caller.require_scope(INSTALLATION_OPERATE)
        with self.db.reading() as session:
            account = accounts.account(session, caller.account_id)
        with self.noting_authz():
            if account is None or account.disabled_at is not None or not account.is_operator:
                raise OperatorOnly("Only operators of this installation may do this.")

    @rpc(gives=SessionView)
    def get_session(self) -> dict[str, object]:
        """What the token of the request is worth; programs ask with their API tokens too."""
        now = self.clock.now()
        caller = self.caller
        with self.db.reading() as session:
            if caller.level is Level.TOKEN:
                token = sessions.api_token_of(session, caller.session_id, caller.account_id, now)
                view = None if token is None else _token_view(token)
            else:
                row = sessions.session_of(session, caller.session_id, caller.account_id)
                view = None if row is None else self._session_view(row)
        if view is None:
            raise Unauthenticated(_ENDED)
        return view

    @rpc(gives=SessionList)
    def list_sessions(self) -> dict[str, object]:
        """Those that are live, Manage sessions too; the last used first."""
        now = self.clock.now()
        caller = self.person
        with self.db.reading() as session:
            rows = sessions.sessions_least_seen_first(session, caller.account_id)
        if all(row.id != caller.session_id for row in rows):
            raise Unauthenticated(_ENDED)
        return {
            "items": [
                {
                    "session_id": row.id,
                    "level": Level(row.level),
                    "started_at": row.started_at,
                    "last_seen_at": row.last_seen_at,
                    "expires_at": self.lifetime(row).over_at,
                    "ip": row.ip,
                    "user_agent": row.user_agent,
                    "is_current": row.id == caller.session_id,
                }
                for row in reversed(rows)
                if self.lifetime(row).is_live(now)
            ]
        }

    @rpc(takes=NameSession)
    def end_session(self, session_id: UUID) -> None:
        """One of the account's own; ending the present one signs out."""
        now = self.clock.now()
        caller = self.person
        with self.db() as session:
            account, current = self.live(session, caller, now)
            row = sessions.session_of(session, session_id, account.id)
            if row is None or not self.lifetime(row).is_live(now):
                raise SessionNotFound("This account has no such session, or it has ended.")
            is_current = row.id == current.id
            self.finish_session(session, row, reason="signed out" if is_current else "ended")

    @rpc(gives=SessionsEnded)
    def end_other_sessions(self) -> dict[str, object]:
        """Manage sessions too, and links mailed for them; API tokens stay."""
        now = self.clock.now()
        caller = self.person
        with self.db() as session:
            account, current = self.live(session, caller, now)
            ended = self.finish_elsewhere(session, account.id, reason="ended", but=current.id)
        return {"ended": ended}

    @rpc()
    def sign_out(self) -> None:
        """Ends the caller's session; ending it again changes nothing.

        Manage sessions end too: whoever sits there next shall not find one open.
        """
        caller = self.person
        reason = "signed out"
        with self.db() as session:
            accounts.account_for_update(session, caller.account_id)
            self.finish_sessions(session, caller.account_id, reason=reason, level=Level.MANAGE)
            row = sessions.session_of(session, caller.session_id, caller.account_id)
            if row is not None:
                self.finish_session(session, row, reason=reason)

    # Parts of the recipes above

    def _session(self, digest: str, now: datetime) -> tuple[Caller, datetime]:
        """Whom its token speaks for, and when it is over.

        :raises Unauthenticated:
        """
        with self.db.reading() as session:
            row = sessions.session_by_token(session, digest)
        if row is None or not self.lifetime(row).is_live(now):
            raise Unauthenticated(_UNKNOWN)
        if is_due_to_be_noted(row.last_seen_at, now):
            with self.db() as session:
                sessions.note_seen(session, row.id, now)
            row.last_seen_at = now
        caller = Caller(
            account_id=row.account_id,
            session_id=row.id,
            level=Level(row.level),
            authenticated_at=row.authenticated_at,
            fresh_for=self.settings.step_up_within,
        )
        return caller, self.lifetime(row).over_at

    def _api_token(self, digest: str, now: datetime) -> tuple[Caller, datetime]:
        """Like `_session`; the credentials behind it were entered when it was created."""
        with self.db.reading() as session:
            found = sessions.api_token_by_token(session, digest)
        if found is None or found[0].expires_at <= now:
            raise Unauthenticated(_UNKNOWN)
        row, has_authenticator = found
        if is_due_to_be_noted(row.last_used_at, now):
            with self.db() as session:
                sessions.note_used(session, row.id, now)
        caller = Caller(
            account_id=row.account_id,
            session_id=row.id,
            level=Level.TOKEN,
            authenticated_at=row.created_at,
            scopes=frozenset(row.scopes),
            has_authenticator=has_authenticator,
        )
        return caller, row.expires_at

    def _session_view(self, row: SessionRow) -> dict[str, object]:
        return {
            "session_id": row.id,
            "account_id": row.account_id,
            "level": Level(row.level),
            "authenticated_at": row.authenticated_at,
            "fresh_until": row.authenticated_at + self.settings.step_up_within,
            "started_at": row.started_at,
            "last_seen_at": row.last_seen_at,
            "expires_at": self.lifetime(row).over_at,
            "scopes": None,
        }


def _token_view(row: ApiToken) -> dict[str, object]:
    return {
        "session_id": row.id,
        "account_id": row.account_id,
        "level": Level.TOKEN,
        "authenticated_at": row.created_at,
        "fresh_until": None,
        "started_at": row.created_at,
        "last_seen_at": row.last_used_at or row.created_at,
        "expires_at": row.expires_at,
        "scopes": row.scopes,
    }


_UNKNOWN = "The token is unknown, or it has ended."
_ENDED = "The session has ended. Sign in."
