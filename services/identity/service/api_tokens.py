"""API tokens: named, scoped, expiring, revocable; for programs, managed by people only."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

from chassis.rpc import rpc
from chassis.secrets import token_hash
from contracts.errors import Unauthenticated
from contracts.identity import ApiTokenCreated, ApiTokenList, CreateApiToken, NameApiToken
from services.identity.domain import api_token
from services.identity.domain.api_token import ApiTokenNotFound
from services.identity.domain.audit import Action
from services.identity.mail.texts import Kind
from services.identity.models import ApiToken
from services.identity.queries import sessions
from services.identity.service.recipes import Recipes, new_token


class ApiTokenRecipes(Recipes):
    @rpc(takes=CreateApiToken, gives=ApiTokenCreated)
    def create_api_token(
        self, name: str, scopes: list[str], expires_at: datetime
    ) -> dict[str, object]:
        """The token is in this answer and nowhere else (security 2.6, 2.7)."""
        now = self.clock.now()
        caller = self.stepped_up(now)
        api_token.require_expiry(expires_at, now, self.settings.api_token_life_most)
        token = api_token.PREFIX + new_token()
        with self.db() as session:
            account, _row = self.live(session, caller, now)
            sessions.drop_expired_api_tokens(session, account.id, now)
            held = {row.name_key for row in sessions.api_tokens_of(session, account.id)}
            api_token.require_place(name, held, self.settings.api_tokens_most)
            row = ApiToken(
                id=uuid4(),
                account_id=account.id,
                name=api_token.normalized(name),
                name_key=api_token.key(name),
                token_hash=token_hash(token),
                scopes=sorted(set(scopes)),
                created_at=now,
                expires_at=expires_at.astimezone(UTC),
            )
            session.add(row)
            self.record(
                session,
                Action.API_TOKEN_CREATED,
                actor=account.id,
                about=("api_token", row.id),
                after={
                    "name": row.name,
                    "scopes": row.scopes,
                    "expires_at": row.expires_at.isoformat(),
                },
            )
            self.write_mail(
                session,
                Kind.API_TOKEN_CREATED,
                recipient=account.email,
                language=account.language,
                life=self.settings.verification_life,
                at=self.when(),
                name=row.name,
                expires=f"{row.expires_at:%Y-%m-%d %H:%M} UTC",
            )
        return {**_view(row), "token": token}

    @rpc(gives=ApiTokenList)
    def list_api_tokens(self) -> dict[str, object]:
        """Those that work, the newest first."""
        now = self.clock.now()
        caller = self.person
        with self.db.reading() as session:
            current = sessions.session_of(session, caller.session_id, caller.account_id)
            if current is None:
                raise Unauthenticated("The session has ended. Sign in.")
            rows = sessions.api_tokens_of(session, caller.account_id)
        return {"items": [_view(row) for row in reversed(rows) if now < row.expires_at]}

    @rpc(takes=NameApiToken)
    def revoke_api_token(self, api_token_id: UUID) -> None:
        """Refused from its next introspection on."""
        now = self.clock.now()
        caller = self.person
        with self.db() as session:
            account, _row = self.live(session, caller, now)
            row = sessions.api_token_of(session, api_token_id, account.id, now)
            if row is None:
                raise ApiTokenNotFound("This account has no such API token, or it has ended.")
            self.finish_api_token(session, row, reason="revoked")


def _view(row: ApiToken) -> dict[str, object]:
    return {
        "api_token_id": row.id,
        "name": row.name,
        "scopes": row.scopes,
        "created_at": row.created_at,
        "expires_at": row.expires_at,
        "last_used_at": row.last_used_at,
    }
