"""Factors: trying a password, a one-time password or a recovery code; counted, then used up.

Every try is counted in a transaction of its own before it is made, and what it used up is committed
together with what it grants (security 2.2, 2.3). Rows are locked in one order, so that nobody waits
in a circle: account, sign-in, mailed code, step, authenticator or batch, throttles by key.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from contracts.caller import Caller, Level
from contracts.identity import ManageMethod
from services.identity.domain import recovery, totp
from services.identity.domain.audit import Action, Result
from services.identity.domain.enrolment import AuthenticatorDisabled, CodeRequired
from services.identity.domain.password import normalized
from services.identity.domain.sign_in import CredentialsRefused, MethodNotOffered, SignInOver
from services.identity.domain.throttle import Tally, limits
from services.identity.domain.totp import ClockOff, CodeRefused, CodeUsed
from services.identity.mail.texts import Kind
from services.identity.models import Account, LoginTransaction, TotpActive
from services.identity.queries import accounts, factors, logins, throttles
from services.identity.service.alarm import AlarmRecipes
from services.identity.service.recipes import Charge, Counted, NewSession


@dataclass(frozen=True)
class Try:
    """A second factor as somebody typed it, counted and not looked at yet."""

    method: ManageMethod
    digits: str = field(repr=False)
    batch_id: UUID | None
    digest: str = field(repr=False)
    counted: list[Counted]


class FactorRecipes(AlarmRecipes):
    def password_again(self, caller: Caller, password: str, now: datetime) -> accounts.Credentials:
        """Of somebody signed in (ACC-9).

        Counted apart from sign-in: who guesses an account's password from elsewhere cannot block it.

        :raises CredentialsRefused:
        :raises Throttled:
        """
        run_key = self.step_up_run(caller.account_id)
        with self.db() as session:
            self.count_password(session, run_key, now)
            counted = self.count(
                session, self.per_ip("password", self.settings.limit_passwords_per_ip), now
            )
        with self.db.reading() as session:
            found = accounts.credentials_of(session, caller.account_id)
        matches = self.own.hasher.matches(
            None if found is None else found.digest, normalized(password)
        )
        if not matches or found is None:
            with self.db() as session:
                self.record(
                    session,
                    Action.STEP_UP_FAIL,
                    actor=caller.account_id,
                    session_id=caller.session_id,
                    result=Result.REFUSED,
                    reason="password",
                )
            raise CredentialsRefused("The password is not right.")
        with self.db() as session:
            throttles.forget(session, [run_key])
            self.take_back(session, counted, "password")
        return found

    def counted_factor(
        self,
        account_id: UUID,
        method: ManageMethod,
        typed: str,
        now: datetime,
    ) -> Try:
        """Counts a try at a second factor; what cannot be a code is refused uncounted.

        :raises CodeRefused: it cannot be a code.
        :raises Throttled:
        :raises AuthenticatorDisabled: too many wrong one-time passwords in a row.
        :raises RecoveryCodesDisabled: too many wrong recovery codes in a row.
        """
        if method is ManageMethod.TOTP:
            digits = totp.typed(typed)
            with self.db() as session:
                is_left = self.count_totp(session, account_id, now)
                counted = self.count(session, self.code_charges(account_id), now)
            if not is_left:
                raise AuthenticatorDisabled(
                    "The authenticator is disabled after too many wrong codes. Use a recovery code."
                )
            return Try(method, digits, None, "", counted)
        code = recovery.typed(typed, self.settings.recovery_code_format)
        with self.db() as session:
            is_left = self.count_recovery(session, account_id, now)
            charges = [*self.code_charges(account_id), self.recoveries_of(account_id)]
            counted = self.count(session, charges, now)
        if not is_left:
            raise recovery.RecoveryCodesDisabled(
                "The recovery codes are disabled after too many wrong ones. "
                "Use the authenticator app and create new ones."
            )
        with self.db.reading() as session:
            batch = factors.recovery_batch(session, account_id, "active")
        # Also where there is none, so that both take as long.
        digest = self.recovery_digest(account_id, code, None if batch is None else batch.salt)
        return Try(method, "", None if batch is None else batch.id, digest, counted)

    def use_up_factor(self, session: Session, account: Account, tried: Try, now: datetime) -> None:
        """In the transaction that grants what it is for; the account is locked.

        :raises CodeRefused: wrong, or used before; of parallel uses all but one.
        """
        if tried.method is ManageMethod.TOTP:
            self.use_up_totp(session, account.id, tried.digits, now)
        else:
            self._use_up_recovery_code(session, account, tried, now)
            throttles.forget(session, self.recoveries_of(account.id).keys)
        self.uncount(session, account.id, tried.counted)

    def uncount_mailed(self, session: Session, counted: list[Counted]) -> None:
        """After a mailed code: this one try only, or mails would buy tries at the other factors."""
        for one in sorted(counted, key=lambda one: one.key):
            if one.key.startswith("second:"):
                throttles.take_back(session, one.key, one.started_at)

    def uncount(self, session: Session, account_id: UUID, counted: list[Counted]) -> None:
        """After a success: the account's tries are forgotten, and of the address's this one."""
        throttles.forget(session, self.codes_of(account_id).keys)
        self.take_back(session, counted, "second")

    def count_login_post(self, now: datetime) -> None:
        """All of them count by address, also for a sign-in that nobody began (security 2.2).

        :raises Throttled:
        """
        self.count_alone(self.per_ip("sign-in", self.settings.limit_sign_ins_per_ip), now)

    # One-time passwords

    def count_totp(self, session: Session, account_id: UUID, now: datetime) -> bool:
        """Counts one more wrong code in a row; False when the authenticator is disabled."""
        active = factors.totp_active(session, account_id)
        if active is not None and active.disabled_at is not None:
            return False
        factors.count_totp_failure(session, account_id)
        # Of tries at once more may be under way than are left.
        return not self._disable_totp(
            session, account_id, now, self.settings.totp_failures_most + 1
        )

    def _disable_totp(
        self, session: Session, account_id: UUID, now: datetime, failures: int
    ) -> bool:
        if not factors.disable_totp(session, account_id, failures, now):
            return False
        self.record(session, Action.TOTP_DISABLED, actor=account_id, reason="wrong codes")
        self._tell(session, account_id, Kind.AUTHENTICATOR_DISABLED)
        return True

    def use_up_totp(self, session: Session, account_id: UUID, digits: str, now: datetime) -> None:
        """The code's step is used up before anything is granted (security 2.3).

        :raises CodeRefused: also for the code of a step that any purpose used before.
        """
        active = factors.totp_active(session, account_id)
        if active is None or active.disabled_at is not None:
            raise CodeRefused("That code is not right.")
        setup_key = self.kit.box.open(active.sealed_key, sealing_place(account_id, "totp"))
        self.use_up_step(session, account_id, setup_key, digits, now)
        factors.forget_totp_failures(session, account_id)

    def use_up_step(
        self, session: Session, account_id: UUID, setup_key: str, digits: str, now: datetime
    ) -> None:
        """For a setup key that is active, or about to be.

        :raises CodeRefused: wrong, or of a step that any purpose used before (TOTP-3).
        """
        step = totp.accepted_step(
            setup_key,
            digits,
            now,
            drift=self.settings.totp_drift_steps,
            telling=self.settings.totp_telling_steps,
        )
        if not factors.use_up_step(session, account_id, step):
            raise CodeUsed("That code was used already. Wait for the next one.")

    # Recovery codes

    def recoveries_of(self, account_id: UUID) -> Charge:
        return Charge(f"recovery:{account_id.hex}", self.settings.limit_recovery_codes_per_account)

    def count_recovery(self, session: Session, account_id: UUID, now: datetime) -> bool:
        """Counts one more wrong code in a row; False when the batch is disabled."""
        batch = factors.recovery_batch(session, account_id, "active")
        if batch is None:
            return True
        if batch.disabled_at is not None:
            return False
        factors.count_recovery_failure(session, batch.id)
        return not self._disable_recovery(
            session, account_id, now, self.settings.recovery_failures_most + 1
        )

    def _disable_recovery(
        self, session: Session, account_id: UUID, now: datetime, failures: int
    ) -> bool:
        if not factors.disable_recovery_codes(session, account_id, failures, now):
            return False
        self.record(session, Action.RECOVERY_DISABLED, actor=account_id, reason="wrong codes")
        self._tell(session, account_id, Kind.RECOVERY_CODES_DISABLED)
        return True

    def recovery_digest(self, account_id: UUID, code: str, salt: str | None) -> str:
        """argon2id over a keyed hash: without the key the codes are not worth guessing."""
        keyed = self.kit.pepper.digest("recovery-code", str(account_id), code)
        return self.own.hasher.salted(keyed, salt)

    def _use_up_recovery_code(
        self, session: Session, account: Account, tried: Try, now: datetime
    ) -> None:
        batch = factors.recovery_batch(session, account.id, "active")
        if batch is None or batch.disabled_at is not None or batch.id != tried.batch_id:
            raise CodeRefused("That code is not right.")
        codes = factors.recovery_codes(session, batch.id)
        found = recovery.matching(tried.digest, [(code.digest, code) for code in codes])
        if found is None:
            raise CodeRefused("That code is not right.")
        if not factors.use_up_recovery_code(session, found.id, now):
            raise CodeUsed("That code was used already. Take another one.")
        factors.forget_recovery_failures(session, batch.id)
        left = factors.recovery_codes_left(session, batch.id)
        about = ("recovery_codes", batch.id)
        self.record(
            session,
            Action.RECOVERY_USED,
            actor=account.id,
            about=about,
            after={"left": left},
        )
        if not left:
            self.record(session, Action.RECOVERY_EXHAUSTED, actor=account.id, about=about)
        self.write_mail(
            session,
            Kind.RECOVERY_CODE_USED,
            recipient=account.email,
            language=account.language,
            life=self.settings.verification_life,
            at=self.when(),
            left=str(left),
            of=str(len(codes)),
        )

    # A sign-in that was begun

    def begun(self, session: Session, login: LoginTransaction) -> accounts.Credentials:
        """What it goes on with, as it stands now; the account and the sign-in are locked.

        :raises SignInOver: completed, or given up with its password or its account.
        """
        account = accounts.account_for_update(session, login.account_id)
        found = accounts.credentials_of(session, login.account_id)
        is_open = account is not None and account.disabled_at is None
        if not is_open or found is None or logins.login_for_update(session, login.id) is None:
            raise SignInOver(SIGN_IN_OVER)
        return found

    def enter(
        self, session: Session, account: Account, now: datetime, *, by: str | None
    ) -> NewSession:
        """A Manage session (MAN-5).

        :param by: what opened it beside the password.
        """
        started = self.start_session(session, account, Level.MANAGE, now)
        self.record(
            session, Action.MANAGE_ENTERED, actor=account.id, session_id=started.row.id, reason=by
        )
        return started

    # What became of it

    def note_refused(
        self, action: Action, account_id: UUID, *, reason: str, session_id: UUID | None = None
    ) -> None:
        """Of a code; in a transaction of its own: that of the refused act is rolled back."""
        now = self.clock.now()
        with self.db() as session:
            self.record(
                session,
                Action.TOKEN_REUSE if reason == CodeUsed.code else action,
                actor=account_id,
                session_id=session_id,
                result=Result.REFUSED,
                reason=reason,
            )
            self._disable_totp(session, account_id, now, self.settings.totp_failures_most)
            self._disable_recovery(session, account_id, now, self.settings.recovery_failures_most)
            if self._must_wait(session, account_id, now):
                self.record(
                    session,
                    Action.LOGIN_LOCK,
                    actor=account_id,
                    session_id=session_id,
                    result=Result.REFUSED,
                    reason="wrong codes",
                )
            if action is Action.LOGIN_FAIL:
                self.heed_failed_sign_in(session, now)

    def _must_wait(self, session: Session, account_id: UUID, now: datetime) -> bool:
        """Whether no code of the account is looked at for a while."""
        charge = self.codes_of(account_id)
        for key, limit in zip(charge.keys, limits(charge.limits), strict=True):
            row = throttles.throttle(session, key)
            if row is not None and Tally(row.count, row.started_at).is_full(limit, now):
                return True
        return False

    @contextmanager
    def noting_refusals(
        self, action: Action, account_id: UUID, session_id: UUID | None = None
    ) -> Iterator[None]:
        """Around a transaction that uses up a code."""
        try:
            yield
        except ClockOff as refusal:
            self.note_refused(action, account_id, session_id=session_id, reason=refusal.code)
            if not self._may_be_told(account_id, refusal.step):
                raise CodeRefused("That code is not right.") from None
            raise
        except CodeRefused as refusal:
            self.note_refused(action, account_id, session_id=session_id, reason=refusal.code)
            raise

    def _may_be_told(self, account_id: UUID, step: int) -> bool:
        """Whose clock is fast holds codes that will count: one that is told about never does."""
        oldest = totp.step_at(self.clock.now()) - self.settings.totp_drift_steps
        if step < oldest:
            return True
        with self.db() as session:
            return factors.give_up_step(session, account_id, step, oldest)

    @staticmethod
    def step_up_run(account_id: UUID) -> str:
        return f"step-up:{account_id.hex}"

    def take_back(self, session: Session, counted: list[Counted], name: str) -> None:
        """A success is no failure of its address; the others stay counted (security 2.2)."""
        for one in sorted(counted, key=lambda one: one.key):
            if one.key.startswith(f"{name}:ip:"):
                throttles.take_back(session, one.key, one.started_at)

    def _tell(self, session: Session, account_id: UUID, kind: Kind) -> None:
        account = accounts.account(session, account_id)
        if account is not None:
            self.write_mail(
                session,
                kind,
                recipient=account.email,
                language=account.language,
                life=self.settings.verification_life,
                at=self.when(),
            )


def require_factor(
    found: accounts.Credentials, method: ManageMethod | None, code: str | None
) -> tuple[ManageMethod, str] | None:
    """The second factor to try, or None where the password alone is enough (MAN-8).

    :raises CodeRequired: an authenticator is registered, and nothing was entered for it.
    :raises MethodNotOffered: none is registered, and a code of one was entered.
    """
    if method is ManageMethod.TOTP:
        require_open(found, method, has_recovery_codes=False)
    if method is not None and code:
        return method, code
    if method is not None:
        raise CodeRequired("Send the code of the second factor beside the password.")
    require_no_factor(found.totp)
    return None


def require_no_factor(active: TotpActive | None) -> None:
    """One that is disabled, too, is not got around by the password alone.

    Asked again under the account's lock: one may have been confirmed meanwhile.

    :raises CodeRequired:
    """
    if active is not None:
        raise CodeRequired("An authenticator is registered: send its code beside the password.")


def require_open(
    found: accounts.Credentials, method: ManageMethod, *, has_recovery_codes: bool
) -> None:
    """:raises MethodNotOffered: nothing of this kind was ever set up."""
    has_method = found.totp is not None if method is ManageMethod.TOTP else has_recovery_codes
    if not has_method:
        raise MethodNotOffered("This account has no such second factor.")


def sealing_place(account_id: UUID, purpose: str) -> str:
    """Where a sealed setup key belongs; it opens nowhere else."""
    return f"{account_id}|{purpose}"


SIGN_IN_OVER = "This sign-in is over. Begin again with the password."
