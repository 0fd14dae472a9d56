"""Recovery codes: created and shown once, then confirmed or never valid (RC)."""

from __future__ import annotations

import secrets
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from chassis.rpc import rpc
from contracts.identity import Language
from contracts.manage import (
    NameRecoveryCodes,
    PendingRecoveryCodes,
    ProvisioningSheet,
    RecoveryCodesState,
)
from services.identity.domain import recovery
from services.identity.domain.audit import Action
from services.identity.mail.texts import Kind
from services.identity.models import Account, RecoveryBatch, RecoveryCode, SessionRow
from services.identity.queries import factors, throttles
from services.identity.service.authenticators import AuthenticatorRecipes
from services.identity.service.hashing import SALT_BYTES
from services.identity.sheet.page import Sheet, page


class RecoveryRecipes(AuthenticatorRecipes):
    @rpc(gives=PendingRecoveryCodes)
    def create_recovery_codes(self) -> dict[str, object]:
        """Shows new ones; the earlier ones stay valid until CONFIRM (RC-4, RC-5)."""
        now = self.clock.now()
        caller = self.manager
        batch, codes, digests = self._drawn(caller.account_id)
        with self.db() as session:
            account, row = self.live(session, caller, now)
            self._show(session, account, row, batch, digests, now)
        return self._shown(batch, codes)

    @rpc(takes=NameRecoveryCodes, gives=RecoveryCodesState)
    def confirm_recovery_codes(self, batch_id: UUID) -> dict[str, object]:
        """CONFIRM: from this moment every earlier code is unusable and these are good (RC-4)."""
        now = self.clock.now()
        caller = self.manager
        with self.db() as session:
            account, row = self.live(session, caller, now)
            batch = self._pending_batch(session, account, row, batch_id, now)
            factors.drop_recovery_batch(session, account.id, "active")
            batch.state, batch.confirmed_at, batch.expires_at = "active", now, None
            session.flush()
            throttles.forget(session, self.recoveries_of(account.id).keys)
            self.factors_changed(session, row, now, reason="recovery codes confirmed")
            left = factors.recovery_codes_left(session, batch.id)
            self.record(
                session,
                Action.RECOVERY_ISSUED,
                actor=account.id,
                session_id=row.id,
                about=("recovery_codes", batch.id),
                after={"count": left},
            )
            self.write_mail(
                session,
                Kind.RECOVERY_CODES_ISSUED,
                recipient=account.email,
                language=account.language,
                life=self.settings.verification_life,
                at=self.when(),
                count=str(left),
            )
        return {
            "issued_at": now,
            "left": left,
            "of": left,
            "are_few": recovery.are_few(left, self.settings.recovery_codes_few),
            "is_disabled": False,
        }

    @rpc(takes=NameRecoveryCodes)
    def cancel_recovery_codes(self, batch_id: UUID) -> None:
        """The shown ones never become valid; the earlier ones stay (RC-5)."""
        now = self.clock.now()
        caller = self.manager
        with self.db() as session:
            account, row = self.live(session, caller, now)
            self._pending_batch(session, account, row, batch_id, now)
            factors.drop_recovery_batch(session, account.id, "pending")

    @rpc(gives=ProvisioningSheet)
    def issue_provisioning_sheet(self) -> dict[str, object]:
        """A new authenticator and new recovery codes on one page to print, given once (TOTP-9)."""
        now = self.clock.now()
        caller = self.manager
        batch, codes, digests = self._drawn(caller.account_id)
        with self.db() as session:
            account, row = self.live(session, caller, now)
            pending, setup_key = self.show_authenticator(session, account, row, now)
            expires_at = self._show(session, account, row, batch, digests, now)
        authenticator = self.shown_authenticator(account, pending, setup_key)
        # An unused Manage session ends sooner than what was shown in it.
        confirm_by = min(pending.expires_at, expires_at, self.lifetime(row).over_at)
        sheet = Sheet(
            service=self.settings.service_name,
            email=account.email,
            issued_at=now,
            confirm_within=confirm_by - now,
            otpauth_uri=str(authenticator["otpauth_uri"]),
            setup_key=setup_key,
            codes=codes,
        )
        return {
            "authenticator": authenticator,
            "recovery_codes": self._shown(batch, codes),
            "html": page(sheet, Language(account.language)),
        }

    # Parts of the recipes above

    def _drawn(self, account_id: UUID) -> tuple[RecoveryBatch, list[str], list[str]]:
        """A batch, its codes and their digests; hashing takes a while, so outside a transaction."""
        salt = secrets.token_bytes(SALT_BYTES).hex()
        codes = recovery.fresh(
            self.settings.recovery_code_count, self.settings.recovery_code_format
        )
        digests = [self.recovery_digest(account_id, code, salt) for code in codes]
        batch = RecoveryBatch(id=uuid4(), account_id=account_id, state="pending", salt=salt)
        return batch, codes, digests

    def _show(
        self,
        session: Session,
        account: Account,
        row: SessionRow,
        batch: RecoveryBatch,
        digests: list[str],
        now: datetime,
    ) -> datetime:
        """Replaces what was shown and not confirmed, in whatever Manage session (RC-5).

        :returns: when these cannot be confirmed any more.
        """
        factors.drop_recovery_batch(session, account.id, "pending")
        batch.session_id, batch.shown_at = row.id, now
        expires_at = min(now + self.settings.recovery_codes_life, row.ends_at)
        batch.expires_at = expires_at
        session.add(batch)
        session.flush()
        session.add_all(
            RecoveryCode(id=uuid4(), batch_id=batch.id, digest=digest) for digest in digests
        )
        return expires_at

    @staticmethod
    def _shown(batch: RecoveryBatch, codes: list[str]) -> dict[str, object]:
        return {"batch_id": batch.id, "codes": codes, "expires_at": batch.expires_at}

    @staticmethod
    def _pending_batch(
        session: Session, account: Account, row: SessionRow, batch_id: UUID, now: datetime
    ) -> RecoveryBatch:
        batch = factors.pending_batch(session, account.id, row.id, now)
        if batch is None or batch.id != batch_id:
            raise recovery.RecoveryCodesNotFound(
                "No recovery codes are waiting for confirmation. Create new ones."
            )
        return batch
