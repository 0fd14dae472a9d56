"""Accounts: seen, changed and deleted by their owners."""

from __future__ import annotations

from chassis.rpc import rpc
from contracts.errors import Unauthenticated
from contracts.identity import AccountView, Language, Method
from services.identity import queries
from services.identity.domain import recovery
from services.identity.service.factors import FactorRecipes


class AccountRecipes(FactorRecipes):
    @rpc(gives=AccountView)
    def get_account(self) -> dict[str, object]:
        caller = self.caller
        with self.db.reading() as session:
            found = queries.credentials_of(session, caller.account_id)
            batch = queries.recovery_batch(session, caller.account_id, "active")
            left = None if batch is None else queries.recovery_codes_left(session, batch.id)
        if found is None:
            raise Unauthenticated("Sign in first.")
        active = found.totp if found.has_authenticator else None
        return {
            "account_id": found.account.id,
            "email": found.account.email,
            "language": Language(found.account.language),
            "registered_at": found.account.registered_at,
            "is_operator": found.account.is_operator,
            "authenticator_id": active.id if active else None,
            "authenticator_registered_at": active.registered_at if active else None,
            "preferred_method": found.account.preferred_method
            and Method(found.account.preferred_method),
            "recovery_codes_left": left,
            "are_recovery_codes_few": left is not None
            and recovery.are_few(left, self.settings.recovery_codes_few),
        }
