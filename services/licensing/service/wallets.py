"""Redeeming license keys into the product wallet."""

from __future__ import annotations

from uuid import UUID

from chassis.idempotency import Dumped
from chassis.rpc import rpc
from contracts.errors import Refusal
from contracts.license_events import LicenseKeyRedeemed
from contracts.licensing import (
    KeyStatus,
    RedeemLicenseKey,
    RedemptionView,
)
from services.licensing.domain import wallet
from services.licensing.domain.ledger import redemption
from services.licensing.domain.license_key import (
    KeyMalformed,
    KeyUnknown,
    read,
    require_redeemable,
)
from services.licensing.domain.wallet import Lot
from services.licensing.queries import ledger, suppliers
from services.licensing.queries.suppliers import FoundKey
from services.licensing.service.attempts import Attempts
from services.licensing.service.commands import Command, recipe
from services.licensing.service.views import wallet_view

KEY_DIGEST = "license-key"


class Wallets(Attempts):
    @rpc(takes=RedeemLicenseKey, gives=RedemptionView)
    def redeem_license_key(
        self, organization_id: UUID, product: str, key: str, idempotency_key: str
    ) -> Dumped:
        """All licenses of the key go to the product wallet, once (R18)."""
        licensee = self.licensee(organization_id)
        try:
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
        lots = [
            Lot(
                id=command.new_id(),
                type=kind,
                licenses=wallet.credited(quantity, found.order.term_years),
                opened_on=command.today,
                expires_on=wallet.expiry(command.today),
                source="key",
            )
            for kind, quantity in found.lines
        ]
        ledger.add_lots(
            session,
            organization_id=command.organization_id,
            product=command.of_product,
            command_id=command.id,
            lots=lots,
            source_id=found.key.id,
        )
        command.post([redemption(command.of_product, lot) for lot in lots], lots)
        self.forgive(session, command.licensee)
        self.announce(
            session,
            LicenseKeyRedeemed(
                organization_id=command.organization_id,
                product=command.of_product,
                key_id=found.key.id,
                licenses=sum(lot.licenses for lot in lots),
                account_id=account_id,
            ),
        )
        credited = {lot.type: lot.licenses for lot in lots}
        return self.done(
            command,
            RedemptionView,
            {
                "key_id": found.key.id,
                "last5": found.key.last5,
                "credited": [{"type": kind, "licenses": n} for kind, n in credited.items()],
                "expires_on": wallet.expiry(command.today),
                "wallet": wallet_view(command.position(), command.today),
            },
            {"key_id": str(found.key.id), "last5": found.key.last5, "licenses": credited},
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
