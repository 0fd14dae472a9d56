"""The Manage area: entered with a second factor, or with credentials entered again; seen; left."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime

from sqlalchemy.orm import Session

from chassis.rpc import rpc
from chassis.secrets import token_hash
from contracts.caller import Caller, Level
from contracts.identity import EnterCredentials, ManageMethod, SessionToken
from contracts.manage import EnterManage, ManageSessionToken, ManageView, OpenManage
from services.identity.domain import recovery
from services.identity.domain.audit import Action
from services.identity.domain.sign_in import SignInOver
from services.identity.models import Account
from services.identity.queries import accounts, factors, logins, sessions
from services.identity.service.factors import (
    SIGN_IN_OVER,
    FactorRecipes,
    Try,
    require_factor,
    require_no_factor,
    require_open,
)


class ManageRecipes(FactorRecipes):
    @rpc(takes=OpenManage, gives=ManageSessionToken)
    def open_manage(self, sign_in: str, method: ManageMethod, code: str) -> dict[str, object]:
        """From a sign-in whose password was right (MAN-1); a mailed code opens nothing (MAN-3)."""
        now = self.clock.now()
        self.count_login_post(now)
        with self.db.reading() as session:
            login = logins.login_transaction(session, token_hash(sign_in), now)
            found = accounts.credentials_of(session, login.account_id) if login else None
            if login is None or found is None or found.account.disabled_at is not None:
                raise SignInOver(SIGN_IN_OVER)
            batch = factors.recovery_batch(session, login.account_id, "active")
        require_open(found, method, has_recovery_codes=batch is not None)
        tried = self.counted_factor(login.account_id, method, code, now)
        with self.noting_refusals(Action.LOGIN_FAIL, login.account_id), self.db() as session:
            account = self.begun(session, login).account
            logins.use_up_login(session, login.id)
            self.use_up_factor(session, account, tried, now)
            started = self.enter(session, account, now, by=method.value)
        return started.view()

    @rpc(takes=EnterManage, gives=ManageSessionToken)
    def enter_manage(
        self, password: str, method: ManageMethod | None, code: str | None
    ) -> dict[str, object]:
        """From a live session, with the credentials entered again (ACC-8, ACC-9, MAN-8)."""
        now = self.clock.now()
        caller = self.person
        found = self.password_again(caller, password, now)
        tried = self._counted_again(caller, require_factor(found, method, code), now)
        with self._noting_refusals_of(caller), self.db() as session:
            account, _row = self.live(session, caller, now)
            self._use_up_again(session, account, tried, now)
            by = "session" if tried is None else tried.method.value
            started = self.enter(session, account, now, by=by)
        return started.view()

    @rpc(takes=EnterCredentials, gives=SessionToken)
    def step_up(self, password: str, code: str | None) -> dict[str, object]:
        """Credentials entered again for what needs fresh ones (security 2.7); under a new token."""
        now = self.clock.now()
        caller = self.person
        found = self.password_again(caller, password, now)
        method = ManageMethod.TOTP if code else None
        tried = self._counted_again(caller, require_factor(found, method, code), now)
        with self._noting_refusals_of(caller), self.db() as session:
            account, row = self.live(session, caller, now)
            self._use_up_again(session, account, tried, now)
            self.finish_session(session, row, reason="credentials entered again")
            level = Level.AAL2 if tried is not None else Level(row.level)
            started = self.start_session(session, account, level, now, is_kept=row.is_kept)
        return started.view()

    @rpc(gives=ManageView)
    def get_manage(self) -> dict[str, object]:
        now = self.clock.now()
        caller = self.manager
        with self.db() as session:
            account, row = self.live(session, caller, now)
            active = factors.totp_active(session, account.id)
            pending = factors.pending_shown_in(session, account.id, row.id, now)
            batch = factors.recovery_batch(session, account.id, "active")
            pending_batch = factors.pending_batch(session, account.id, row.id, now)
            left = 0 if batch is None else factors.recovery_codes_left(session, batch.id)
            of = 0 if batch is None else len(factors.recovery_codes(session, batch.id))
        return {
            "account_id": account.id,
            "email": account.email,
            "authenticator": None
            if active is None
            else {
                "authenticator_id": active.id,
                "registered_at": active.registered_at,
                "is_disabled": active.disabled_at is not None,
            },
            "pending_authenticator_id": None if pending is None else pending.id,
            "recovery_codes": None
            if batch is None
            else {
                "issued_at": batch.confirmed_at,
                "left": left,
                "of": of,
                "are_few": recovery.are_few(left, self.settings.recovery_codes_few),
                "is_disabled": batch.disabled_at is not None,
            },
            "pending_recovery_codes_id": None if pending_batch is None else pending_batch.id,
            "expires_at": self.lifetime(row).over_at,
        }

    @rpc()
    def leave_manage(self) -> None:
        """Ends the Manage session, and with it what it showed and nobody confirmed (RC-5)."""
        caller = self.manager
        with self.db() as session:
            # Without the lock a batch that is being confirmed would be dropped as a pending one.
            accounts.account_for_update(session, caller.account_id)
            row = sessions.session_of(session, caller.session_id, caller.account_id)
            if row is not None:
                self.finish_session(session, row, reason="left")

    # Parts of the recipes above

    def _counted_again(
        self, caller: Caller, chosen: tuple[ManageMethod, str] | None, now: datetime
    ) -> Try | None:
        if chosen is None:
            return None
        method, code = chosen
        return self.counted_factor(caller.account_id, method, code, now)

    def _use_up_again(
        self, session: Session, account: Account, tried: Try | None, now: datetime
    ) -> None:
        if tried is None:
            require_no_factor(factors.totp_active(session, account.id))
        else:
            self.use_up_factor(session, account, tried, now)

    def _noting_refusals_of(self, caller: Caller) -> AbstractContextManager[None]:
        return self.noting_refusals(Action.STEP_UP_FAIL, caller.account_id, caller.session_id)
