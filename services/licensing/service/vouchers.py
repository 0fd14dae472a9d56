"""Redeeming vouchers, which suppliers without a connection have signed (M6)."""

from __future__ import annotations

from uuid import UUID

from chassis.idempotency import Dumped
from contracts.licensing import KeyStatus
from services.licensing.domain import voucher
from services.licensing.domain.license_key import KeyUnknown, require_redeemable
from services.licensing.domain.signed_file import SignatureWrong
from services.licensing.domain.supplier import SupplierNotFound, require_in_keys
from services.licensing.domain.voucher import Voucher, VoucherMalformed, VoucherTerms
from services.licensing.models import SupplierRow
from services.licensing.queries import history, suppliers
from services.licensing.queries import vouchers as queries
from services.licensing.service.commands import OPERATOR, Command, Licensee, recipe
from services.licensing.service.crediting import Crediting


class Vouchers(Crediting):
    def redeem_voucher(
        self, licensee: Licensee, product: str, text: str, idempotency_key: str
    ) -> Dumped:
        """Like a license key, with the same limits and answers."""
        try:
            said = voucher.read(text)
        except VoucherMalformed:
            self.count_mistyped()
            raise
        self.count_attempt(licensee, product, idempotency_key)
        self._require_signed(said, licensee.organization_id, idempotency_key)
        request = {"voucher": said.claims()}
        return self.carry_out("redeem_voucher", licensee, product, idempotency_key, request)

    def enter_supplier_key(self, supplier_id: UUID, public_key: str | None, *, why: str) -> None:
        """From now on vouchers of the supplier are believed that its key signed, and no others.

        No operation of the interface: operators call it at the shell.

        :raises SupplierNotFound:
        """
        with self.db() as session:
            supplier = suppliers.supplier_for_update(session, supplier_id)
            if supplier is None:
                raise SupplierNotFound("There is no supplier with this id.")
            supplier.public_key = public_key
            self.audit(
                session,
                "enter_supplier_key",
                "supplier",
                supplier_id,
                acting_as=OPERATOR,
                after={"public_key": public_key, "reason": why},
            )

    @recipe
    def _redeem_voucher(self, command: Command) -> Dumped:
        session, terms = command.session, VoucherTerms.of_claims(command.request["voucher"])
        command.position()
        supplier = session.get(SupplierRow, terms.supplier_id)
        # Carried out again later, it was redeemed before its supplier was revoked.
        if supplier is None or (supplier.revoked_at and supplier.revoked_at <= command.now):
            raise _unknown()
        if not queries.redeem(
            session,
            terms,
            organization_id=command.organization_id,
            account_id=command.licensee.member,
            on=command.today,
            command_id=command.id,
        ):
            _require_redeemable(command, terms, KeyStatus.REDEEMED)
        _require_redeemable(command, terms, KeyStatus.ISSUED)
        kinds = suppliers.kinds_of(session, terms.product)
        require_in_keys(kinds, sorted(terms.lines), term_years=terms.term_years)
        return self.credit(
            command,
            dict(sorted(terms.lines.items())),
            term_years=terms.term_years,
            key_id=terms.id,
            last5=terms.serial[-5:],
            told={"supplier_id": str(terms.supplier_id), "serial": terms.serial},
        )

    def _require_signed(self, said: Voucher, organization_id: UUID, idempotency_key: str) -> None:
        """:raises KeyUnknown: in the same words whether the supplier is unknown, or its signature."""
        with self.db.reading() as session:
            if history.command_by_key(session, organization_id, idempotency_key):
                # A repetition gets the earlier answer, whatever became of the supplier since.
                return
            supplier = session.get(SupplierRow, said.supplier_id)
        if supplier is None or supplier.public_key is None:
            raise _unknown()
        try:
            said.require_signed_by(supplier.public_key)
        except SignatureWrong:
            raise _unknown() from None


def _require_redeemable(command: Command, terms: VoucherTerms, status: KeyStatus) -> None:
    by_own = None
    if status is KeyStatus.REDEEMED:
        by_own = queries.redeemed_by(
            command.session, terms, organization_id=command.organization_id
        )
    require_redeemable(
        status=status,
        key_product=terms.product,
        redeem_before=terms.redeem_before,
        redeemed_by_own=by_own,
        product=command.of_product,
        today=command.today,
    )


def _unknown() -> KeyUnknown:
    return KeyUnknown("Nobody issued this voucher. Compare it with the one you bought.")
