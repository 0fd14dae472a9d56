"""Signing in: the password, then a second step, then a session."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime
from uuid import uuid4

from sqlalchemy.orm import Session

from chassis.rpc import rpc
from contracts.identity import (
    CompleteSignIn,
    ManageMethod,
    Method,
    SendSignInCode,
    SessionToken,
    SignIn,
    SignInCodeView,
    SignInView,
)
from services.identity import queries
from services.identity.domain import email_address, totp
from services.identity.domain.audit import Action, Result
from services.identity.domain.password import normalized
from services.identity.domain.sign_in import (
    MethodNotOffered,
    SignInOver,
    SignInRefused,
    level_of,
    methods,
    require_offered,
    suggested,
)
from services.identity.domain.throttle import Run, Throttled, limits
from services.identity.domain.totp import CodeRefused
from services.identity.mail.texts import Kind
from services.identity.models import LoginTransaction
from services.identity.service.factors import FactorRecipes
from services.identity.service.recipes import Charge, Counted, new_token, token_hash


class SignInRecipes(FactorRecipes):
    @rpc(takes=SignIn, gives=SignInView)
    def sign_in(self, email: str, password: str) -> dict[str, object]:
        """The first step. Every refusal but one by address reads alike and takes as long."""
        now = self.clock.now()
        email_key = email_address.key(email)
        run_key = self.sign_in_run(email_key)
        counted, run = self._counted_sign_in(run_key, now)
        with self.db.reading() as session:
            found = queries.credentials_by_email(session, email_key)
        plain = normalized(password)
        is_taken = found is not None and found.account.disabled_at is None and run is not None
        tried = found.digest if found is not None and is_taken else None
        matches = self.own.hasher.matches(tried, plain)
        if not matches or found is None:
            self._note_failed(found, run)
            raise SignInRefused("The address or the password is not right.")

        renewed = (
            self.own.hasher.digest(plain) if self.own.hasher.is_outdated(found.digest) else None
        )
        secret = new_token()
        offered = self._offered(found)
        preferred = found.account.preferred_method
        login = LoginTransaction(
            id=uuid4(),
            secret_hash=token_hash(secret),
            account_id=found.account.id,
            began_at=now,
            expires_at=now + self.settings.sign_in_life,
        )
        with self.db() as session:
            queries.forget(session, [run_key])
            self.take_back(session, counted, "password")
            if renewed is not None:
                queries.renew_digest(session, found.account.id, found.digest, renewed)
            session.add(login)
            manage_methods = self._manage_methods(session, found)
        return {
            "sign_in": secret,
            "methods": offered,
            "suggested_method": suggested(offered, preferred),
            "manage_methods": manage_methods,
            "expires_at": login.expires_at,
        }

    @rpc(takes=SendSignInCode, gives=SignInCodeView)
    def send_sign_in_code(self, sign_in: str) -> dict[str, object]:
        """A new code by mail; the one before it dies (EM-2)."""
        now = self.clock.now()
        settings = self.settings
        login, found = self._open(sign_in, now)
        require_offered(Method.EMAIL, self._offered(found))
        account = found.account
        self.count_alone(
            [
                Charge(f"email-code:{account.id.hex}", settings.limit_email_codes_per_account),
                *self.per_ip("email-code", settings.limit_email_codes_per_ip),
            ],
            now,
        )
        code = f"{secrets.randbelow(10**6):06d}"
        expires_at = min(now + settings.email_code_life, login.expires_at)
        with self.db() as session:
            if queries.login_for_update(session, login.id) is None:
                raise SignInOver(_OVER)
            queries.replace_email_code(
                session, login.id, self._code_digest(login, code), expires_at
            )
            self.write_mail(
                session,
                Kind.SIGN_IN_CODE,
                recipient=account.email,
                language=account.language,
                life=expires_at - now,
                code=code,
                minutes=f"{(expires_at - now).total_seconds() / 60:.0f}",
            )
        shortest = min(limits(settings.limit_email_codes_per_account), key=lambda one: one.within)
        return {"expires_at": expires_at, "resend_at": now + shortest.within}

    @rpc(takes=CompleteSignIn, gives=SessionToken)
    def complete_sign_in(
        self, sign_in: str, method: Method | None, code: str | None
    ) -> dict[str, object]:
        """The second step: of parallel ones with the same code, one gets a session."""
        now = self.clock.now()
        login, found = self._open(sign_in, now)
        require_offered(method, self._offered(found))
        account_id = found.account.id
        digits = "" if method is None else totp.typed(code or "")
        counted = [] if method is None else self._counted_try(login, method, now)
        try:
            with self.db() as session:
                account = queries.account_for_update(session, account_id)
                if account is None or queries.login_for_update(session, login.id) is None:
                    raise SignInOver(_OVER)
                if method is Method.EMAIL:
                    self._use_up_email_code(session, login, digits, now)
                elif method is Method.TOTP:
                    self.use_up_totp(session, account_id, digits, now)
                queries.use_up_login(session, login.id)
                if method is not None:
                    queries.forget(session, self.codes_of(account_id).keys)
                    self.take_back(session, counted, "second")
                level = level_of(
                    method, self.settings.mfa_policy, has_authenticator=found.has_authenticator
                )
                started = self.start_session(session, account, level, now)
                self.record(
                    session,
                    Action.LOGIN_SUCCESS,
                    actor=account_id,
                    session_id=started.row.id,
                    reason=method.value if method else None,
                )
        except CodeRefused as refusal:
            self.note_refused(Action.LOGIN_FAIL, account_id, reason=refusal.code)
            raise
        return started.view()

    # Parts of the recipes above

    def _counted_sign_in(self, run_key: str, now: datetime) -> tuple[list[Counted], Run | None]:
        """The tries counted by address and account; no run where the account has to wait.

        :raises Throttled: by address only: whose account it is must not be told.
        """
        settings = self.settings
        charges = [
            *self.per_ip("sign-in", settings.limit_sign_ins_per_ip),
            *self.per_ip("password", settings.limit_passwords_per_ip),
        ]
        with self.db() as session:
            try:
                run = self.count_password(session, run_key, now)
            except Throttled:
                run = None
            return self.count(session, charges, now), run

    def _note_failed(self, found: queries.Credentials | None, run: Run | None) -> None:
        actor = None if found is None else found.account.id
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

    def _open(self, secret: str, now: datetime) -> tuple[LoginTransaction, queries.Credentials]:
        """:raises SignInOver: unknown, completed or expired."""
        with self.db.reading() as session:
            login = queries.login_transaction(session, token_hash(secret), now)
            found = queries.credentials_of(session, login.account_id) if login else None
        if login is None or found is None or found.account.disabled_at is not None:
            raise SignInOver(_OVER)
        return login, found

    def _offered(self, found: queries.Credentials) -> tuple[Method, ...]:
        return methods(self.settings.mfa_policy, has_authenticator=found.has_authenticator)

    @staticmethod
    def _manage_methods(session: Session, found: queries.Credentials) -> list[ManageMethod]:
        batch = queries.recovery_batch(session, found.account.id, "active")
        has_codes = batch is not None and batch.disabled_at is None
        methods = [ManageMethod.TOTP] if found.has_authenticator else []
        return [*methods, ManageMethod.RECOVERY_CODE] if has_codes else methods

    def _counted_try(self, login: LoginTransaction, method: Method, now: datetime) -> list[Counted]:
        """Counted before the code is looked at, in a transaction of its own.

        :raises Throttled: too many for the account, across sign-ins, or for the address.
        :raises CodeRefused: no try is left at the code that was sent.
        """
        charges = [
            *self.code_charges(login.account_id),
            *self.per_ip("sign-in", self.settings.limit_sign_ins_per_ip),
        ]
        with self.db() as session:
            if method is Method.TOTP:
                is_left = self.count_totp(session, login.account_id, now)
            else:
                is_left = queries.count_email_code_try(
                    session, login.id, self.settings.email_code_tries
                )
            counted = self.count(session, charges, now)
        if not is_left and method is Method.TOTP:
            raise MethodNotOffered("The authenticator is disabled after too many wrong codes.")
        if not is_left:
            self.note_refused(Action.LOGIN_FAIL, login.account_id, reason="no try left")
            raise CodeRefused("That code is not right. Ask for a new one.")
        return counted

    def _use_up_email_code(
        self, session: Session, login: LoginTransaction, digits: str, now: datetime
    ) -> None:
        kept = queries.email_code(session, login.id, now)
        wanted = self._code_digest(login, digits)
        if kept is None or not hmac.compare_digest(kept.digest, wanted):
            raise CodeRefused("That code is not right.")

    def _code_digest(self, login: LoginTransaction, code: str) -> str:
        return self.kit.pepper.digest("email-code", str(login.id), code)


_OVER = "This sign-in is over. Begin again with the password."
