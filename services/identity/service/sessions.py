"""Sessions: vouching for them, ending them, and who is behind them."""

from __future__ import annotations

from chassis import caller as assertions
from chassis.rpc import rpc
from contracts.access import OperatorOnly
from contracts.caller import Caller, Level
from contracts.errors import Unauthenticated
from contracts.identity import (
    Introspect,
    Introspection,
    PublicKeys,
    SessionView,
)
from services.identity import queries
from services.identity.models import SessionRow
from services.identity.service.recipes import Recipes, token_hash


class SessionRecipes(Recipes):
    @rpc(takes=Introspect, gives=Introspection)
    def introspect(self, token: str) -> dict[str, object]:
        """On the way of every request: one indexed row read, and written once a minute."""
        now = self.clock.now()
        with self.db.reading() as session:
            row = queries.session_by_token(session, token_hash(token))
        if row is None or not self.lifetime(row).is_live(now):
            raise Unauthenticated("The token is unknown, or its session has ended.")
        if self.lifetime(row).is_due_to_be_noted(now):
            with self.db() as session:
                queries.note_seen(session, row.id, now)
            row.last_seen_at = now
        caller = Caller(
            account_id=row.account_id,
            session_id=row.id,
            level=Level(row.level),
            authenticated_at=row.authenticated_at,
        )
        return {
            "assertion": self.own.signer.assertion(caller, now),
            "account_id": row.account_id,
            "session_id": row.id,
            "level": caller.level,
            "expires_at": min(now + assertions.LIFE, self.lifetime(row).over_at),
        }

    @rpc(gives=PublicKeys)
    def public_keys(self) -> dict[str, object]:
        return {"keys": self.own.signer.public_keys()}

    @rpc()
    def require_operator(self) -> None:
        """Looked up each time: a revoked operator is none for the next request."""
        caller = self.caller
        with self.db.reading() as session:
            account = queries.account(session, caller.account_id)
        if account is None or not account.is_operator:
            raise OperatorOnly("Only operators of this installation may do this.")

    @rpc(gives=SessionView)
    def get_session(self) -> dict[str, object]:
        row = self._own_session()
        return {
            "session_id": row.id,
            "account_id": row.account_id,
            "level": Level(row.level),
            "authenticated_at": row.authenticated_at,
            "started_at": row.started_at,
            "last_seen_at": row.last_seen_at,
            "expires_at": self.lifetime(row).over_at,
        }

    @rpc()
    def sign_out(self) -> None:
        """Ends the caller's session; ending it again changes nothing."""
        caller = self.caller
        with self.db() as session:
            row = queries.session_of(session, caller.session_id, caller.account_id)
            if row is not None:
                self.finish_session(session, row, reason="signed out")

    def _own_session(self) -> SessionRow:
        caller = self.caller
        with self.db.reading() as session:
            row = queries.session_of(session, caller.session_id, caller.account_id)
        if row is None:
            raise Unauthenticated("The session has ended. Sign in.")
        return row
