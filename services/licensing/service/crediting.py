"""What a license key or a voucher holds comes into the product wallet, all of it (R18)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from chassis.idempotency import Dumped
from contracts.license_events import LicenseKeyRedeemed
from contracts.licensing import RedemptionView
from services.licensing.domain import wallet
from services.licensing.domain.ledger import redemption
from services.licensing.domain.wallet import Lot
from services.licensing.queries import ledger
from services.licensing.service.attempts import Attempts
from services.licensing.service.commands import Command
from services.licensing.service.views import wallet_view


class Crediting(Attempts):
    def credit(
        self,
        command: Command,
        quantities: Mapping[str, int],
        *,
        term_years: int,
        key_id: UUID,
        last5: str,
        told: Mapping[str, Any],
    ) -> Dumped:
        """Ends a redemption.

        :param told: what the history says beside the key and its licenses.
        """
        session = command.session
        lots = [
            Lot(
                id=command.new_id(),
                type=kind,
                licenses=wallet.credited(quantity, term_years),
                opened_on=command.today,
                expires_on=wallet.expiry(command.today),
                source="key",
            )
            for kind, quantity in quantities.items()
        ]
        ledger.add_lots(
            session,
            organization_id=command.organization_id,
            product=command.of_product,
            command_id=command.id,
            lots=lots,
            source_id=key_id,
        )
        command.post([redemption(command.of_product, lot) for lot in lots], lots)
        self.forgive(session, command.licensee)
        self.announce(
            session,
            LicenseKeyRedeemed(
                organization_id=command.organization_id,
                product=command.of_product,
                key_id=key_id,
                licenses=sum(lot.licenses for lot in lots),
                account_id=command.licensee.member,
            ),
        )
        credited = {lot.type: lot.licenses for lot in lots}
        return self.done(
            command,
            RedemptionView,
            {
                "key_id": key_id,
                "last5": last5,
                "credited": [{"type": kind, "licenses": n} for kind, n in credited.items()],
                "expires_on": wallet.expiry(command.today),
                "wallet": wallet_view(command.position(), command.today),
            },
            {"key_id": str(key_id), "last5": last5, "licenses": credited, **told},
        )
