"""Authenticators: shown in the Manage area, confirmed with their first code, removed (REG)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

import pyotp
from sqlalchemy.orm import Session

from chassis.rpc import rpc
from contracts.manage import (
    AuthenticatorView,
    ConfirmAuthenticator,
    NameAuthenticator,
    PendingAuthenticator,
)
from services.identity.domain import totp
from services.identity.domain.audit import Action
from services.identity.domain.enrolment import AuthenticatorNeeded, AuthenticatorNotFound
from services.identity.domain.settings import MfaPolicy
from services.identity.mail.texts import Kind
from services.identity.models import Account, SessionRow, TotpActive, TotpPending
from services.identity.queries import factors, sessions
from services.identity.service.factors import FactorRecipes, sealing_place


class AuthenticatorRecipes(FactorRecipes):
    @rpc(gives=PendingAuthenticator)
    def register_authenticator(self) -> dict[str, object]:
        """Shows a new setup key; the active authenticator stays until REGISTER (REG-3)."""
        now = self.clock.now()
        caller = self.manager
        with self.db() as session:
            account, row = self.live(session, caller, now)
            pending, setup_key = self.show_authenticator(session, account, row, now)
        return self.shown_authenticator(account, pending, setup_key)

    @rpc(takes=NameAuthenticator, gives=PendingAuthenticator)
    def show_pending_authenticator(self, authenticator_id: UUID) -> dict[str, object]:
        """The same QR code until REGISTER, another one, or the end of its time (REG-4, TOTP-8)."""
        now = self.clock.now()
        caller = self.manager
        with self.db() as session:
            account, row = self.live(session, caller, now)
            pending = self._pending(session, account, row, authenticator_id, now)
            setup_key = self._opened(pending)
        return self.shown_authenticator(account, pending, setup_key)

    @rpc(takes=ConfirmAuthenticator, gives=AuthenticatorView)
    def confirm_authenticator(
        self, authenticator_id: UUID, code: str, *, end_other_sessions: bool
    ) -> dict[str, object]:
        """REGISTER: only now the new authenticator counts and the one before stops (REG-3)."""
        now = self.clock.now()
        caller = self.manager
        digits = totp.typed(code)
        with self.db() as session:
            account, row = self.live(session, caller, now)
            self._pending(session, account, row, authenticator_id, now)
            counted = self.count(session, self.code_charges(account.id), now)
        noting = self.noting_refusals(Action.STEP_UP_FAIL, caller.account_id, caller.session_id)
        with noting, self.db() as session:
            account, row = self.live(session, caller, now)
            pending = self._pending(session, account, row, authenticator_id, now)
            setup_key = self._opened(pending)
            self.use_up_step(session, account.id, setup_key, digits, now)
            is_replaced = factors.drop_totp(session, account.id)
            active = TotpActive(
                account_id=account.id,
                id=pending.id,
                sealed_key=self.kit.box.seal(setup_key, sealing_place(account.id, "totp")),
                registered_at=now,
                failures=0,
            )
            session.add(active)
            factors.drop_pending(session, account.id)
            self.uncount(session, account.id, counted)
            reason = "authenticator registered"
            self.factors_changed(session, row, now, reason=reason)
            if end_other_sessions:
                self.finish_elsewhere(session, account.id, reason=reason, but=row.id)
                self.finish_api_tokens(session, account.id, reason=reason)
            self._tell_changed(
                session,
                account,
                row,
                pending.id,
                Action.TOTP_REPLACED if is_replaced else Action.TOTP_REGISTERED,
                Kind.AUTHENTICATOR_REPLACED if is_replaced else Kind.AUTHENTICATOR_REGISTERED,
            )
        return {"authenticator_id": pending.id, "registered_at": now, "is_disabled": False}

    @rpc(takes=NameAuthenticator)
    def cancel_authenticator(self, authenticator_id: UUID) -> None:
        """What was shown is worth nothing any more; the active one stays (REG-4)."""
        now = self.clock.now()
        caller = self.manager
        with self.db() as session:
            account, row = self.live(session, caller, now)
            self._pending(session, account, row, authenticator_id, now)
            factors.drop_pending(session, account.id)

    @rpc()
    def remove_authenticator(self) -> None:
        """The second step is a code by mail from then on.

        :raises AuthenticatorNeeded: the policy does not allow it.
        """
        now = self.clock.now()
        caller = self.manager
        if self.settings.mfa_policy is MfaPolicy.TOTP_REQUIRED:
            raise AuthenticatorNeeded("An authenticator is needed here. Register another one.")
        with self.db() as session:
            account, row = self.live(session, caller, now)
            active = factors.totp_active(session, account.id)
            if active is None:
                raise AuthenticatorNotFound("There is no authenticator to remove.")
            factors.drop_totp(session, account.id)
            self.factors_changed(session, row, now, reason="authenticator removed")
            # An organization may ask for an authenticator, and what stood behind these is gone.
            sessions.lower_levels(session, account.id)
            self._tell_changed(
                session,
                account,
                row,
                active.id,
                Action.TOTP_DISABLED,
                Kind.AUTHENTICATOR_REMOVED,
                reason="removed",
            )

    # For the provisioning sheet too

    def show_authenticator(
        self, session: Session, account: Account, row: SessionRow, now: datetime
    ) -> tuple[TotpPending, str]:
        """Replaces what was shown before (REG-4)."""
        setup_key = pyotp.random_base32()
        pending = TotpPending(
            account_id=account.id,
            id=uuid4(),
            session_id=row.id,
            sealed_key=self.kit.box.seal(setup_key, sealing_place(account.id, "totp-pending")),
            shown_at=now,
            expires_at=min(now + self.settings.enrolment_life, row.ends_at),
        )
        factors.drop_pending(session, account.id)
        session.add(pending)
        return pending, setup_key

    def shown_authenticator(
        self, account: Account, pending: TotpPending, setup_key: str
    ) -> dict[str, object]:
        uri = totp.otpauth_uri(setup_key, account.email, self.settings.service_name)
        return {
            "authenticator_id": pending.id,
            "setup_key": setup_key,
            "otpauth_uri": uri,
            "qr_svg": totp.qr_svg(uri),
            "expires_at": pending.expires_at,
        }

    # Parts of the recipes above

    def _pending(
        self,
        session: Session,
        account: Account,
        row: SessionRow,
        authenticator_id: UUID,
        now: datetime,
    ) -> TotpPending:
        pending = factors.totp_pending(session, account.id, authenticator_id, row.id, now)
        if pending is None:
            raise AuthenticatorNotFound(
                "Nothing is waiting for confirmation. Register the authenticator again."
            )
        return pending

    def _opened(self, pending: TotpPending) -> str:
        return self.kit.box.open(
            pending.sealed_key, sealing_place(pending.account_id, "totp-pending")
        )

    def _tell_changed(
        self,
        session: Session,
        account: Account,
        row: SessionRow,
        authenticator_id: UUID,
        action: Action,
        kind: Kind,
        *,
        reason: str | None = None,
    ) -> None:
        self.record(
            session,
            action,
            actor=account.id,
            session_id=row.id,
            about=("authenticator", authenticator_id),
            reason=reason,
        )
        self.write_mail(
            session,
            kind,
            recipient=account.email,
            language=account.language,
            life=self.settings.verification_life,
            at=self.when(),
        )
