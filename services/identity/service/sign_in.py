"""Signing in: the password, then a second step, then a session."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from chassis.rpc import rpc
from chassis.secrets import token_hash
from contracts.caller import Level
from contracts.identity import (
    CompleteSignIn,
    ManageMethod,
    Method,
    SendSignInCode,
    SessionToken,
    SignIn,
    SignInCodeView,
    SignInRuleView,
    SignInView,
)
from services.identity.domain import email_address, totp
from services.identity.domain.audit import Action, Result
from services.identity.domain.password import normalized
from services.identity.domain.session import KeepingNotAllowed
from services.identity.domain.sign_in import (
    SignInOver,
    SignInRefused,
    authenticated_at,
    level_of,
    methods,
    require_offered,
    suggested,
)
from services.identity.domain.throttle import Run, limits
from services.identity.domain.totp import CodeRefused
from services.identity.mail.texts import Kind
from services.identity.models import LoginTransaction
from services.identity.queries import accounts, logins, throttles
from services.identity.service.factors import SIGN_IN_OVER, FactorRecipes, Try
from services.identity.service.recipes import (
    Charge,
    Counted,
    NewSession,
    new_token,
)


@dataclass(frozen=True)
class MailedTry:
    """A mailed code as somebody typed it, counted and not looked at yet."""

    digits: str = field(repr=False)
    counted: list[Counted]


class SignInRecipes(FactorRecipes):
    @rpc(gives=SignInRuleView)
    def get_sign_in_rule(self) -> dict[str, object]:
        settings = self.settings
        kept = settings.kept_session_life.total_seconds() if settings.keep_signed_in else None
        return {"kept_seconds": kept}

    @rpc(takes=SignIn, gives=SignInView)
    def sign_in(self, email: str, password: str) -> dict[str, object]:
        """The first step. Every refusal but one by address reads alike and takes as long."""
        now = self.clock.now()
        email_key = email_address.key(email)
        run_key = self.sign_in_run(email_key)
        counted, run, found = self._counted_sign_in(run_key, email_key, now)
        plain = normalized(password)
        is_taken = found is not None and found.disabled_at is None and run is not None
        tried = found.digest if found is not None and is_taken else None
        matches = self.own.hasher.matches(tried, plain)
        if not matches or found is None:
            self._note_failed(found, run, now)
            raise SignInRefused(_REFUSED)

        renewed = (
            self.own.hasher.digest(plain) if self.own.hasher.is_outdated(found.digest) else None
        )
        secret = new_token()
        expires_at = now + self.settings.sign_in_life
        with self.db() as session:
            present = self._present(session, found)
            if present is not None:
                if renewed is not None:
                    accounts.renew_digest(session, found.account_id, found.digest, renewed)
                logins.begin(session, found.account_id, token_hash(secret), now, expires_at)
                throttles.forget(session, [run_key])
                self.take_back(session, counted, "password")
        if present is None:
            self._note_failed(found, run, now)
            raise SignInRefused(_REFUSED)
        offered = self._offered(present)
        return {
            "sign_in": secret,
            "methods": offered,
            "suggested_method": suggested(offered, present.preferred_method),
            "manage_methods": _manage_methods(present),
            "expires_at": expires_at,
        }

    @rpc(takes=SendSignInCode, gives=SignInCodeView)
    def send_sign_in_code(self, sign_in: str) -> dict[str, object]:
        """A new code by mail; the one before it dies (EM-2)."""
        now = self.clock.now()
        settings = self.settings
        self.count_login_post(now)
        login, found = self._open(sign_in, now)
        self._require_offered(Method.EMAIL, found)
        self.count_alone(
            [
                Charge(
                    f"email-code:{login.account_id.hex}", settings.limit_email_codes_per_account
                ),
                *self.per_ip("email-code", settings.limit_email_codes_per_ip),
            ],
            now,
        )
        code = f"{secrets.randbelow(10**6):06d}"
        expires_at = min(now + settings.email_code_life, login.expires_at)
        with self.db() as session:
            found = self.begun(session, login)
            self._require_offered(Method.EMAIL, found)
            logins.replace_email_code(session, login.id, self._code_digest(login, code), expires_at)
            self.write_mail(
                session,
                Kind.SIGN_IN_CODE,
                recipient=found.account.email,
                language=found.account.language,
                life=expires_at - now,
                code=code,
                minutes=f"{(expires_at - now).total_seconds() / 60:.0f}",
            )
        shortest = min(limits(settings.limit_email_codes_per_account), key=lambda one: one.within)
        return {"expires_at": expires_at, "resend_at": now + shortest.within}

    @rpc(takes=CompleteSignIn, gives=SessionToken)
    def complete_sign_in(
        self, sign_in: str, method: Method | None, code: str | None, keep_signed_in: bool
    ) -> dict[str, object]:
        """The second step: of parallel ones with the same code, one gets a session."""
        if keep_signed_in and not self.settings.keep_signed_in:
            raise KeepingNotAllowed("This installation keeps nobody signed in for longer.")
        now = self.clock.now()
        self.count_login_post(now)
        login, found = self._open(sign_in, now)
        self._require_offered(method, found)
        tried = self._counted_try(login, method, code or "", now)
        with self.noting_refusals(Action.LOGIN_FAIL, login.account_id), self.db() as session:
            # What is offered may have become another while the try was counted.
            found = self.begun(session, login)
            self._require_offered(method, found)
            if isinstance(tried, MailedTry):
                self._require_email_code(session, login, tried, now)
            logins.use_up_login(session, login.id)
            if isinstance(tried, Try):
                self.use_up_factor(session, found.account, tried, now)
            elif tried is not None:
                self.uncount_mailed(session, tried.counted)
            started = self._signed_in(session, found, method, now, is_kept=keep_signed_in)
        return started.view()

    # Parts of the recipes above

    def _counted_sign_in(
        self, run_key: str, email_key: str, now: datetime
    ) -> tuple[list[Counted], Run | None, accounts.Standing | None]:
        """The tries counted by address and account, and the account to try the password of.

        There is no run where the account has to wait.

        :raises Throttled: by address only: whose account it is must not be told.
        """
        settings = self.settings
        charges = [
            *self.per_ip("sign-in", settings.limit_sign_ins_per_ip),
            *self.per_ip("password", settings.limit_passwords_per_ip),
        ]
        with self.db() as session:
            counted, run = self.count_sign_in(session, run_key, charges, now)
            # Read in the same transaction, which saves one; looked at when that is committed.
            return counted, run, accounts.standing_by_email(session, email_key)

    def _note_failed(self, found: accounts.Standing | None, run: Run | None, now: datetime) -> None:
        actor = None if found is None else found.account_id
        with self.db() as session:
            self.record(
                session,
                Action.LOGIN_FAIL,
                actor=actor,
                result=Result.REFUSED,
                reason="locked" if run is None else "password",
            )
            if run is not None and run.blocked_until is not None:
                self.record(session, Action.LOGIN_LOCK, actor=actor, result=Result.REFUSED)
            self.heed_failed_sign_in(session, now)

    def _present(self, session: Session, found: accounts.Standing) -> accounts.Standing | None:
        """The account as it stands now, locked; None where its password was replaced, or it was
        disabled, while the password was looked at."""
        accounts.lock_account(session, found.account_id)
        present = accounts.standing_of(session, found.account_id)
        if present is None or present.disabled_at is not None:
            return None
        return present if present.changed_at == found.changed_at else None

    def _open(self, secret: str, now: datetime) -> tuple[LoginTransaction, accounts.Credentials]:
        """:raises SignInOver: unknown, completed or expired."""
        with self.db.reading() as session:
            login = logins.login_transaction(session, token_hash(secret), now)
            found = accounts.credentials_of(session, login.account_id) if login else None
        if login is None or found is None or found.account.disabled_at is not None:
            raise SignInOver(SIGN_IN_OVER)
        return login, found

    def _offered(self, found: accounts.Credentials | accounts.Standing) -> tuple[Method, ...]:
        return methods(
            self.settings.mfa_policy,
            has_authenticator=found.has_authenticator,
            is_disabled=found.is_authenticator_disabled,
        )

    def _require_offered(self, method: Method | None, found: accounts.Credentials) -> None:
        require_offered(method, self._offered(found), is_disabled=found.is_authenticator_disabled)

    def _signed_in(
        self,
        session: Session,
        found: accounts.Credentials,
        method: Method | None,
        now: datetime,
        *,
        is_kept: bool,
    ) -> NewSession:
        has_authenticator = found.totp is not None
        level = level_of(method, self.settings.mfa_policy, has_authenticator=has_authenticator)
        if level is Level.MANAGE:
            started = self.enter(session, found.account, now, by=method and method.value)
        else:
            fresh_at = authenticated_at(method, now, has_authenticator=has_authenticator)
            started = self.start_session(session, found.account, level, fresh_at, is_kept=is_kept)
        self.record(
            session,
            Action.LOGIN_SUCCESS,
            actor=found.account.id,
            session_id=started.row.id,
            reason=method.value if method else None,
        )
        return started

    def _counted_try(
        self, login: LoginTransaction, method: Method | None, typed: str, now: datetime
    ) -> Try | MailedTry | None:
        """Counted before the code is looked at, in a transaction of its own.

        :raises Throttled: too many for the account, across sign-ins, or for the address.
        :raises AuthenticatorDisabled:
        :raises CodeRefused: it cannot be a code, or no try is left at the one that was mailed.
        """
        if method is None:
            return None
        if method is Method.TOTP:
            return self.counted_factor(login.account_id, ManageMethod.TOTP, typed, now)
        digits = totp.typed(typed)
        with self.db() as session:
            is_left = logins.count_email_code_try(session, login.id, self.settings.email_code_tries)
            counted = self.count(session, self.code_charges(login.account_id), now)
        if not is_left:
            self.note_refused(Action.LOGIN_FAIL, login.account_id, reason="no try left")
            raise CodeRefused("That code is not right. Ask for a new one.")
        return MailedTry(digits, counted)

    def _require_email_code(
        self, session: Session, login: LoginTransaction, tried: MailedTry, now: datetime
    ) -> None:
        """The sign-in is locked, and used up with its code."""
        kept = logins.email_code(session, login.id, now)
        wanted = self._code_digest(login, tried.digits)
        if kept is None or not hmac.compare_digest(kept.digest, wanted):
            raise CodeRefused("That code is not right.")

    def _code_digest(self, login: LoginTransaction, code: str) -> str:
        return self.kit.pepper.digest("email-code", str(login.id), code)


def _manage_methods(found: accounts.Standing) -> list[ManageMethod]:
    methods = [ManageMethod.TOTP] if found.has_authenticator else []
    return [*methods, ManageMethod.RECOVERY_CODE] if found.has_recovery_codes else methods


_REFUSED = "The address or the password is not right."
