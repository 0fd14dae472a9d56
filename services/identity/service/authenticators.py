"""Authenticators: enrolled with credentials entered again, confirmed with their first code."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

import pyotp
from sqlalchemy.orm import Session

from chassis.rpc import rpc
from contracts.caller import Caller, Level
from contracts.errors import Unauthenticated
from contracts.identity import (
    ConfirmAuthenticator,
    EnrolAuthenticator,
    PendingAuthenticator,
    SessionToken,
)
from services.identity import queries
from services.identity.domain import totp
from services.identity.domain.audit import Action, Result
from services.identity.domain.enrolment import (
    AuthenticatorDisabled,
    AuthenticatorNotFound,
    CodeRequired,
)
from services.identity.domain.password import normalized
from services.identity.domain.sign_in import CredentialsRefused
from services.identity.domain.totp import CodeRefused, CodeUsed
from services.identity.mail.texts import Kind
from services.identity.models import Account, TotpActive, TotpPending
from services.identity.service.recipes import Recipes


class AuthenticatorRecipes(Recipes):
    @rpc(takes=EnrolAuthenticator, gives=PendingAuthenticator)
    def enrol_authenticator(self, password: str, code: str | None) -> dict[str, object]:
        """Shows a new setup key, once; the active authenticator stays until confirmation."""
        caller = self.caller
        now = self.clock.now()
        email = self._step_up(caller, password, code, now)
        setup_key = pyotp.random_base32()
        pending = TotpPending(
            account_id=caller.account_id,
            id=uuid4(),
            session_id=caller.session_id,
            sealed_key=self.kit.box.seal(
                setup_key, sealing_place(caller.account_id, "totp-pending")
            ),
            shown_at=now,
            expires_at=now + self.settings.enrolment_life,
        )
        with self.db() as session:
            queries.account_for_update(session, caller.account_id)
            active = queries.totp_active(session, caller.account_id)
            if active is not None and code is None:
                raise CodeRequired(_CODE_TOO)
            queries.drop_pending(session, caller.account_id)
            session.add(pending)
        uri = totp.otpauth_uri(setup_key, email, self.settings.service_name)
        return {
            "authenticator_id": pending.id,
            "setup_key": setup_key,
            "otpauth_uri": uri,
            "qr_svg": totp.qr_svg(uri),
            "expires_at": pending.expires_at,
        }

    @rpc(takes=ConfirmAuthenticator, gives=SessionToken)
    def confirm_authenticator(self, authenticator_id: UUID, code: str) -> dict[str, object]:
        """Only now the new authenticator counts and the one before stops (REG-3)."""
        caller = self.caller
        now = self.clock.now()
        digits = totp.typed(code)
        self._require_pending(caller, authenticator_id, now)
        self.count_alone(self.code_charges(caller.account_id), now)
        try:
            with self.db() as session:
                account = queries.account_for_update(session, caller.account_id)
                old = queries.session_of(session, caller.session_id, account.id)
                if old is None:
                    raise Unauthenticated("Sign in first.")
                pending = self._activate(session, caller, authenticator_id, digits, now)
                replaced = queries.drop_totp(session, account.id)
                session.add(self._active(pending, now))
                queries.drop_pending(session, account.id)
                queries.forget(session, self.codes_of(account.id).keys)
                self.finish_session(session, old, reason="authenticator confirmed")
                started = self.start_session(session, account, Level.AAL2, pending.shown_at)
                self._tell(session, account, authenticator_id, started.row.id, replaced=replaced)
        except CodeRefused as refusal:
            self.note_refused(
                Action.STEP_UP_FAIL,
                caller.account_id,
                session_id=caller.session_id,
                reason=refusal.code,
            )
            raise
        return started.view()

    # For sign-in and step-up alike

    def count_totp(self, session: Session, account_id: UUID, now: datetime) -> bool:
        """Counts one more wrong code in a row; False when that disables the authenticator."""
        if not queries.count_totp_failure(
            session, account_id, self.settings.totp_failures_most, now
        ):
            return True
        self.record(session, Action.TOTP_DISABLED, actor=account_id, reason="wrong codes")
        return False

    def use_up_totp(self, session: Session, account_id: UUID, digits: str, now: datetime) -> None:
        """The code's step is used up before anything is granted (security 2.3).

        :raises CodeRefused: also for the code of a step that any purpose used before.
        """
        active = queries.totp_active(session, account_id)
        if active is None or active.disabled_at is not None:
            raise CodeRefused("That code is not right.")
        setup_key = self.kit.box.open(active.sealed_key, sealing_place(account_id, "totp"))
        self._use_up(session, account_id, setup_key, digits, now)
        queries.forget_totp_failures(session, account_id)

    def note_refused(
        self, action: Action, account_id: UUID, *, reason: str, session_id: UUID | None = None
    ) -> None:
        """In a transaction of its own: that of the refused act is rolled back."""
        with self.db() as session:
            self.record(
                session,
                action,
                actor=account_id,
                session_id=session_id,
                result=Result.REFUSED,
                reason=reason,
            )

    # Parts of the recipes above

    def _step_up(self, caller: Caller, password: str, code: str | None, now: datetime) -> str:
        """Credentials entered again (ACC-9); the account's address.

        Counted apart from sign-in: who guesses passwords from outside cannot block it.
        """
        run_key = f"step-up:{caller.account_id.hex}"
        with self.db() as session:
            self.count_password(session, run_key, now)
        with self.db.reading() as session:
            found = queries.credentials_of(session, caller.account_id)
        matches = self.own.hasher.matches(
            None if found is None else found.digest, normalized(password)
        )
        if not matches or found is None:
            self.note_refused(
                Action.STEP_UP_FAIL,
                caller.account_id,
                session_id=caller.session_id,
                reason="password",
            )
            raise CredentialsRefused("The password is not right.")
        with self.db() as session:
            queries.forget(session, [run_key])
        if found.totp is not None:
            self._step_up_with_code(caller, code, now, is_disabled=not found.has_authenticator)
        return found.account.email

    def _step_up_with_code(
        self, caller: Caller, code: str | None, now: datetime, *, is_disabled: bool
    ) -> None:
        if is_disabled:
            raise AuthenticatorDisabled(_DISABLED)
        if code is None:
            raise CodeRequired(_CODE_TOO)
        digits = totp.typed(code)
        with self.db() as session:
            is_left = self.count_totp(session, caller.account_id, now)
            self.count(session, self.code_charges(caller.account_id), now)
        if not is_left:
            raise AuthenticatorDisabled(_DISABLED)
        try:
            with self.db() as session:
                queries.account_for_update(session, caller.account_id)
                self.use_up_totp(session, caller.account_id, digits, now)
                queries.forget(session, self.codes_of(caller.account_id).keys)
        except CodeRefused as refusal:
            self.note_refused(
                Action.STEP_UP_FAIL,
                caller.account_id,
                session_id=caller.session_id,
                reason=refusal.code,
            )
            raise

    def _require_pending(self, caller: Caller, pending_id: UUID, now: datetime) -> None:
        with self.db.reading() as session:
            pending = queries.totp_pending(
                session, caller.account_id, pending_id, caller.session_id, now
            )
        if pending is None:
            raise AuthenticatorNotFound(_NOTHING_PENDING)

    def _activate(
        self, session: Session, caller: Caller, pending_id: UUID, digits: str, now: datetime
    ) -> TotpPending:
        pending = queries.totp_pending(
            session, caller.account_id, pending_id, caller.session_id, now
        )
        if pending is None:
            raise AuthenticatorNotFound(_NOTHING_PENDING)
        setup_key = self.kit.box.open(
            pending.sealed_key, sealing_place(caller.account_id, "totp-pending")
        )
        self._use_up(session, caller.account_id, setup_key, digits, now)
        return pending

    def _active(self, pending: TotpPending, now: datetime) -> TotpActive:
        account_id = pending.account_id
        setup_key = self.kit.box.open(pending.sealed_key, sealing_place(account_id, "totp-pending"))
        return TotpActive(
            account_id=account_id,
            id=pending.id,
            sealed_key=self.kit.box.seal(setup_key, sealing_place(account_id, "totp")),
            registered_at=now,
            failures=0,
        )

    def _use_up(
        self, session: Session, account_id: UUID, setup_key: str, digits: str, now: datetime
    ) -> None:
        step = totp.accepted_step(setup_key, digits, now, self.settings.totp_drift_steps)
        if not queries.use_up_step(session, account_id, step):
            raise CodeUsed("That code was used already. Wait for the next one.")

    def _tell(
        self,
        session: Session,
        account: Account,
        authenticator_id: UUID,
        session_id: UUID,
        *,
        replaced: bool,
    ) -> None:
        self.record(
            session,
            Action.TOTP_REPLACED if replaced else Action.TOTP_REGISTERED,
            actor=account.id,
            session_id=session_id,
            about=("authenticator", authenticator_id),
        )
        self.write_mail(
            session,
            Kind.AUTHENTICATOR_REPLACED if replaced else Kind.AUTHENTICATOR_REGISTERED,
            recipient=account.email,
            language=account.language,
            life=self.settings.verification_life,
            at=f"{self.clock.now():%Y-%m-%d %H:%M} UTC",
        )


def sealing_place(account_id: UUID, purpose: str) -> str:
    """Where a sealed setup key belongs; it opens nowhere else."""
    return f"{account_id}|{purpose}"


_CODE_TOO = "An authenticator is active: send its code beside the password."
_DISABLED = "The authenticator is disabled. Ask the operators of this installation."
_NOTHING_PENDING = "Nothing is waiting for confirmation. Enrol the authenticator again."
