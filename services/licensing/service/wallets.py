"""Redeeming license keys and vouchers into the product wallet."""

from __future__ import annotations

from uuid import UUID

from chassis.idempotency import Dumped
from chassis.rpc import rpc
from contracts.errors import Refusal
from contracts.licensing import (
    KeyStatus,
    RedeemLicenseKey,
    RedemptionView,
)
from services.licensing.domain import voucher
from services.licensing.domain.license_key import (
    KeyMalformed,
    KeyUnknown,
    read,
    require_redeemable,
)
from services.licensing.queries import suppliers
from services.licensing.queries.suppliers import FoundKey
from services.licensing.service.commands import Command, recipe
from services.licensing.service.vouchers import Vouchers

KEY_DIGEST = "license-key"


class Wallets(Vouchers):
    @rpc(takes=RedeemLicenseKey, gives=RedemptionView)
    def redeem_license_key(
        self, organization_id: UUID, product: str, key: str, idempotency_key: str
    ) -> Dumped:
        """All licenses of a key, or of a voucher, go to the product wallet, once (R18)."""
        licensee = self.licensee(organization_id)
        try:
            if voucher.is_meant(key):
                return self.redeem_voucher(licensee, product, key, idempotency_key)
            symbols = self._read(key)
            digest = self.kit.pepper.digest(KEY_DIGEST, symbols)
            self.count_attempt(licensee, product, idempotency_key)
            return self.carry_out(
                "redeem_license_key", licensee, product, idempotency_key, {"key": digest}
            )
        except Refusal as refusal:
            with self.db() as session:
                self.audit(
                    session,
                    "redeem_license_key",
                    "product",
                    product,
                    organization_id=organization_id,
                    refused_for=refusal.code,
                )
                self.tell_of_lock(session, organization_id, product)
            raise

    @recipe
    def _redeem_license_key(self, command: Command) -> Dumped:
        session, account_id = command.session, command.licensee.member
        command.position()
        found = suppliers.key_by_digest(session, command.request["key"])
        if found is None:
            raise KeyUnknown("Nobody issued this key. Compare it with the one you bought.")
        _require_redeemable(command, found)
        if not suppliers.redeem_key(
            session,
            found.key.id,
            organization_id=command.organization_id,
            account_id=account_id,
            on=command.today,
        ):
            # Another organization, or its supplier, was faster: the key says who.
            session.refresh(found.key)
            _require_redeemable(command, found)
        return self.credit(
            command,
            dict(found.lines),
            term_years=found.order.term_years,
            key_id=found.key.id,
            last5=found.key.last5,
            told={},
        )

    def _read(self, key: str) -> str:
        try:
            return read(key)
        except KeyMalformed:
            self.count_mistyped()
            raise


def _require_redeemable(command: Command, found: FoundKey) -> None:
    key = found.key
    by_own = None
    if key.redeemed_organization_id == command.organization_id:
        assert key.redeemed_by is not None
        assert key.redeemed_on is not None
        by_own = (key.redeemed_by, key.redeemed_on)
    require_redeemable(
        status=KeyStatus(key.status),
        key_product=found.order.product,
        redeem_before=found.order.redeem_before,
        redeemed_by_own=by_own,
        product=command.of_product,
        today=command.today,
    )
