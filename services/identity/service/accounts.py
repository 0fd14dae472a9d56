"""Accounts: seen, changed and deleted by their owners."""

from __future__ import annotations

from sqlalchemy.orm import Session

from chassis.rpc import rpc
from contracts.errors import Unauthenticated
from contracts.identity import AccountDeleted, AccountView, Language, Method, UpdateAccount
from services.identity.domain import recovery
from services.identity.domain.audit import Action
from services.identity.domain.sign_in import methods, require_offered
from services.identity.mail.texts import Kind
from services.identity.models import Account
from services.identity.queries import accounts, factors, throttles
from services.identity.service.factors import FactorRecipes
from services.identity.service.recipes import require_fresh


class AccountRecipes(FactorRecipes):
    @rpc(gives=AccountView)
    def get_account(self) -> dict[str, object]:
        caller = self.caller
        with self.db.reading() as session:
            found = accounts.credentials_of(session, caller.account_id)
            if found is None:
                raise Unauthenticated("Sign in first.")
            return self._seen(session, found)

    @rpc(takes=UpdateAccount, gives=AccountView)
    def update_account(self, **wanted: Language | Method | None) -> dict[str, object]:
        """What is not named stays as it is.

        :raises MethodNotOffered: as the preferred one, a second step that the account has not.
        """
        now = self.clock.now()
        caller = self.person
        with self.db() as session:
            account, _row = self.live(session, caller, now)
            found = accounts.credentials_of(session, account.id)
            assert found is not None
            preferred = wanted.get("preferred_method")
            if "preferred_method" in wanted and found.totp is not None:
                # Else whoever came in by a mailed code could lead its owner to the weaker factor.
                require_fresh(caller, now, has_authenticator=True)
            if isinstance(preferred, Method):
                require_offered(preferred, self._second_steps(found))
            self._change(session, account, wanted)
            return self._seen(session, found)

    @rpc()
    def delete_account(self) -> None:
        """Ends the account's memberships first, then all that identity keeps of it.

        Repeated after a failure in between, it goes on where it stopped: decision 0010.

        :raises StepUpRequired:
        :raises contracts.errors.Conflict: `last-owner`, of organizations; nothing has changed.
        """
        now = self.clock.now()
        caller = self.stepped_up(now)
        with self.db() as session:
            # Before anything is given up: an assertion may outlive its session.
            self.live(session, caller, now)
        self.call("organizations", "release_account", {})
        with self.db() as session:
            account, _row = self.live(session, caller, now)
            self._delete(session, account)

    # Parts of the recipes above

    def _change(
        self, session: Session, account: Account, wanted: dict[str, Language | Method | None]
    ) -> None:
        values = {name: value and value.value for name, value in wanted.items()}
        before = {name: getattr(account, name) for name in values}
        changed = sorted(name for name in values if values[name] != before[name])
        if not changed:
            return
        for name in changed:
            setattr(account, name, values[name])
        self.record(
            session,
            Action.USER_UPDATED,
            actor=account.id,
            before={name: before[name] for name in changed},
            after={name: values[name] for name in changed},
        )

    def _delete(self, session: Session, account: Account) -> None:
        """The account is locked, as it is by whatever adds a row of it; counters come last."""
        self.finish_sessions(session, account.id, reason="account deleted")
        self.finish_api_tokens(session, account.id, reason="account deleted")
        session.flush()
        accounts.drop_account(session, account)
        self.record(session, Action.USER_DELETED, actor=account.id)
        self.announce(session, AccountDeleted(account.id))
        self.write_mail(
            session,
            Kind.ACCOUNT_DELETED,
            recipient=account.email,
            language=account.language,
            life=self.settings.verification_life,
            at=self.when(),
        )
        run = self.sign_in_run(account.email_key)
        throttles.forget(session, [run, *throttles.throttle_keys_of(session, account.id)])

    def _second_steps(self, found: accounts.Credentials) -> tuple[Method, ...]:
        return methods(
            self.settings.mfa_policy,
            has_authenticator=found.has_authenticator,
            is_disabled=found.is_authenticator_disabled,
        )

    def _seen(self, session: Session, found: accounts.Credentials) -> dict[str, object]:
        account = found.account
        batch = factors.recovery_batch(session, account.id, "active")
        left = None if batch is None else factors.recovery_codes_left(session, batch.id)
        active = found.totp if found.has_authenticator else None
        return {
            "account_id": account.id,
            "email": account.email,
            "language": Language(account.language),
            "registered_at": account.registered_at,
            "is_operator": account.is_operator,
            "authenticator_id": active.id if active else None,
            "authenticator_registered_at": active.registered_at if active else None,
            "preferred_method": account.preferred_method and Method(account.preferred_method),
            "recovery_codes_left": left,
            "are_recovery_codes_few": left is not None
            and recovery.are_few(left, self.settings.recovery_codes_few),
        }
