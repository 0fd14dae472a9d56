"""What operators of the installation do to accounts, from a shell on it; never over the bus."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from chassis import purge, rotation
from contracts.errors import NotFound
from services.identity.domain import email_address
from services.identity.domain.audit import Action
from services.identity.domain.sign_in import methods
from services.identity.mail.texts import Kind
from services.identity.models import Account
from services.identity.queries import accounts, factors, logins, sessions, throttles
from services.identity.service.factors import FactorRecipes
from services.identity.service.upkeep import UpkeepRecipes


class AccountNotFound(NotFound):
    """No verified account has the address."""

    code = "account-not-found"


class OperatingRecipes(FactorRecipes, UpkeepRecipes):
    """``why`` is kept in the audit: who does it, as the shell knows them, and their reason."""

    def set_operator(self, email: str, *, is_operator: bool, why: str) -> bool:
        """Whether that changed anything.

        :raises AccountNotFound:
        """
        with self.db() as session:
            account = _account(session, email)
            if account.is_operator is is_operator:
                return False
            account.is_operator = is_operator
            self.record(
                session,
                Action.PERMISSIONS_CHANGED,
                actor=None,
                about=("account", account.id),
                reason=why,
                before={"is_operator": not is_operator},
                after={"is_operator": is_operator},
            )
            return True

    def disable_account(self, email: str, *, why: str) -> bool:
        """Ends whatever it is signed in with, and lets nobody sign in; False where it was disabled.

        :raises AccountNotFound:
        """
        with self.db() as session:
            account = _account(session, email)
            if account.disabled_at is not None:
                return False
            account.disabled_at = self.clock.now()
            self.finish_sessions(session, account.id, reason="account disabled")
            self.finish_api_tokens(session, account.id, reason="account disabled")
            logins.drop_logins(session, account.id)
            accounts.drop_links(session, account.id)
            self.record(
                session, Action.USER_DISABLED, actor=None, about=("account", account.id), reason=why
            )
            self._write_to(session, account, Kind.ACCOUNT_DISABLED)
            return True

    def enable_account(self, email: str, *, why: str) -> bool:
        """Lets its owner sign in again; False where it was not disabled.

        :raises AccountNotFound:
        """
        with self.db() as session:
            account = _account(session, email)
            if account.disabled_at is None:
                return False
            account.disabled_at = None
            self.record(
                session, Action.USER_ENABLED, actor=None, about=("account", account.id), reason=why
            )
            return True

    def forget_failures(self, email: str, *, why: str) -> bool:
        """For a person who has to wait, perhaps for what a stranger tried; whether anything counted.

        Only counts: what too many failures closed stays closed. A password is opened by a reset, an
        authenticator and recovery codes by new ones.

        :raises AccountNotFound:
        """
        with self.db() as session:
            account = _account(session, email)
            runs = [self.sign_in_run(account.email_key), self.step_up_run(account.id)]
            keys = {*runs, *throttles.throttle_keys_of(session, account.id)}
            kept = {key: throttles.throttle(session, key) for key in sorted(keys)}
            most = self.settings.password_failures_most
            counts = {
                key: row.count
                for key, row in kept.items()
                if row is not None and not (key in runs and row.count >= most)
            }
            if not counts:
                return False
            throttles.forget(session, list(counts))
            self.record(
                session,
                Action.FAILURES_FORGOTTEN,
                actor=None,
                about=("account", account.id),
                reason=why,
                before={"wrong_passwords_in_a_row": counts.get(runs[0], 0), "counts": len(counts)},
            )
            return True

    def reset_second_factors(self, email: str, *, why: str) -> bool:
        """For a person who has lost them all; False where there was nothing. Ends their sessions.

        With API tokens, and links that were mailed.

        The newest step that was used up stays so (TOTP-3).

        :raises AccountNotFound:
        """
        with self.db() as session:
            account = _account(session, email)
            had_authenticator = factors.drop_totp(session, account.id)
            had_codes = factors.drop_recovery_batch(session, account.id, "active")
            if not had_authenticator and not had_codes:
                return False
            factors.drop_pending(session, account.id)
            factors.drop_recovery_batch(session, account.id, "pending")
            logins.drop_logins(session, account.id)
            accounts.drop_links(session, account.id)
            self.finish_sessions(session, account.id, reason="second factors reset")
            self.finish_api_tokens(session, account.id, reason="second factors reset")
            for charge in (self.codes_of(account.id), self.recoveries_of(account.id)):
                throttles.forget(session, charge.keys)
            self.record(
                session,
                Action.FACTORS_RESET,
                actor=None,
                about=("account", account.id),
                reason=why,
                before={"authenticator": had_authenticator, "recovery_codes": had_codes},
            )
            self._write_to(session, account, Kind.SECOND_FACTORS_RESET)
            return True

    def show_account(self, email: str, *, why: str) -> dict[str, Any]:
        """What support needs to know, without anything one could sign in with.

        :raises AccountNotFound:
        """
        now = self.clock.now()
        with self.db() as session:
            account = _known(accounts.account_by_email(session, email_address.key(email)))
            active = factors.totp_active(session, account.id)
            batch = factors.recovery_batch(session, account.id, "active")
            waits = throttles.throttle(session, self.sign_in_run(account.email_key))
            last = accounts.last_done(session, account.id, Action.LOGIN_SUCCESS)
            offered = methods(
                self.settings.mfa_policy,
                has_authenticator=active is not None and active.disabled_at is None,
                is_disabled=active is not None and active.disabled_at is not None,
            )
            facts = {
                "account_id": account.id,
                "email": account.email,
                "language": account.language,
                "registered_at": account.registered_at,
                "is_operator": account.is_operator,
                "disabled_at": account.disabled_at,
                "second_steps": [method.value for method in offered],
                "preferred_method": account.preferred_method,
                "authenticator_registered_at": active and active.registered_at,
                "authenticator_disabled_at": active and active.disabled_at,
                "recovery_codes_issued_at": batch and batch.confirmed_at,
                "recovery_codes_disabled_at": batch and batch.disabled_at,
                "recovery_codes_left": batch and factors.recovery_codes_left(session, batch.id),
                "wrong_passwords_in_a_row": 0 if waits is None else waits.count,
                "live_sessions": sum(
                    self.lifetime(row).is_live(now)
                    for row in sessions.sessions_least_seen_first(session, account.id)
                ),
                "api_tokens": len(sessions.api_tokens_of(session, account.id)),
                "last_signed_in_at": last and last.at,
                "last_signed_in_from": last and last.ip,
            }
            self.record(
                session, Action.USER_SHOWN, actor=None, about=("account", account.id), reason=why
            )
        return facts

    def reseal(self, *, why: str) -> int:
        """Encrypts under the current key what stands under an older one; how many there were."""
        kit = self.kit
        count = sum(rotation.reseal(self.db, kit.box, sealed) for sealed in kit.service.sealed)
        with self.db() as session:
            self.record(
                session,
                Action.SECRETS_RESEALED,
                actor=None,
                about=("key", kit.box.current),
                reason=why,
                after={"count": count},
            )
        return count

    def purge(self, *, why: str) -> int:
        """Drops now what upkeep drops every few minutes; how many rows. The audit stays whole."""
        count = self.drop_what_is_over()
        count += purge.forget(self.db, self.clock, self.kit.config.suite.remembered)
        with self.db() as session:
            self.record(
                session,
                Action.OUTDATED_PURGED,
                actor=None,
                about=("rows", None),
                reason=why,
                after={"count": count},
            )
        return count

    def _write_to(self, session: Session, account: Account, kind: Kind) -> None:
        self.write_mail(
            session,
            kind,
            recipient=account.email,
            language=account.language,
            life=self.settings.verification_life,
            at=self.when(),
        )


def _account(session: Session, email: str) -> Account:
    return _known(accounts.account_by_email_for_update(session, email_address.key(email)))


def _known(account: Account | None) -> Account:
    if account is None:
        raise AccountNotFound("No verified account has this address.")
    return account
