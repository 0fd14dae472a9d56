"""Vouchers: licenses that a supplier without a connection has signed, redeemed once (M6)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select, text

from contracts.errors import Refusal
from examples import make_voucher
from services.licensing.models import AuditRow, SupplierRow
from tests.harness import Suite
from tests.service.licensing.customer import PRODUCT, Customer, Supplier


def refused(code: str, command: Callable[..., Any], *arguments: Any, **values: Any) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        command(*arguments, **values)
    assert refusal.value.code == code
    return refusal.value


def enter(suite: Suite, supplier_id: UUID, public_key: str | None) -> None:
    suite.instance("licensing").enter_supplier_key(supplier_id, public_key, why="ticket 7")


class Press:
    """A supplier's own program, whose public key an operator entered."""

    def __init__(self, suite: Suite, supplier: Supplier, folder: Path) -> None:
        self._suite, self._supplier, self._folder = suite, supplier, folder
        self.public_key = make_voucher.public_key(folder)
        enter(suite, supplier.id, self.public_key)

    def voucher(self, licenses: int = 12, **values: Any) -> str:
        wanted: dict[str, Any] = {
            "supplier_id": str(self._supplier.id),
            "product": PRODUCT,
            "lines": {"core": licenses},
            "years": 1,
            "before": None,
            **values,
        }
        return make_voucher.write(self._folder, **wanted)


@pytest.fixture
def press(suite: Suite, customer: Customer, tmp_path: Path) -> Press:
    return Press(suite, customer.supplier, tmp_path / "press")


@pytest.fixture
def registered(customer: Customer) -> Customer:
    customer.register()
    return customer


def test_a_voucher_puts_its_licenses_into_the_wallet(registered: Customer, press: Press) -> None:
    """M6, D-6, D-7: as many for each year of its term, for five years."""
    redeemed = registered.redeem(press.voucher(4, years=3))
    assert redeemed["credited"] == [{"type": "core", "licenses": 12}]
    assert redeemed["expires_on"] == "2030-03-01"
    assert redeemed["wallet"] == registered.wallet()
    assert redeemed["last5"] == "00001"
    assert registered.wallet()["licenses"] == 12
    assert registered.books_balance()


def test_a_voucher_is_read_with_the_blanks_of_a_mail_around_it(
    registered: Customer, press: Press
) -> None:
    registered.redeem(f"\r\n  {press.voucher()}\n")
    assert registered.wallet()["licenses"] == 12


def test_a_voucher_is_redeemed_once_by_its_serial(
    suite: Suite, registered: Customer, press: Press, tmp_path: Path
) -> None:
    """M6: its own organization is told by whom and when, another only that it is used."""
    voucher = press.voucher()
    registered.redeem(voucher)
    own = refused("key-already-redeemed", registered.redeem, voucher)
    assert own.facts == {"redeemed_by": str(registered.owner), "redeemed_on": "2025-03-01"}
    other = Customer(suite, registered.supplier)
    other.register()
    assert refused("key-already-redeemed", other.redeem, voucher).facts == {}
    assert registered.wallet()["licenses"] == 12
    assert other.wallet()["licenses"] == 0


def test_a_second_voucher_of_one_serial_is_the_same_one(
    registered: Customer, press: Press, tmp_path: Path
) -> None:
    """M6: whatever else it says."""
    registered.redeem(press.voucher(1))
    folder = tmp_path / "press"
    supplier = make_voucher.remembered(folder)
    make_voucher.keep(folder, {**supplier, "number": 0})
    refused("key-already-redeemed", registered.redeem, press.voucher(1_000))
    assert registered.wallet()["licenses"] == 1


def test_two_suppliers_number_their_vouchers_alike(
    suite: Suite, registered: Customer, press: Press, tmp_path: Path
) -> None:
    registered.redeem(press.voucher(1))
    registered.redeem(Press(suite, Supplier(suite), tmp_path / "other").voucher(2))
    assert registered.wallet()["licenses"] == 3


def test_a_voucher_of_another_product_or_after_its_day_stays_unused(
    registered: Customer, press: Press
) -> None:
    """D-8."""
    other = press.voucher(product="site-health")
    wrong = refused("key-wrong-product", registered.redeem, other)
    assert wrong.facts == {"product": "site-health"}
    registered.register(product="site-health")
    registered.redeem(other, product="site-health")
    first, second = (press.voucher(before=date(2025, 3, 3)) for _ in range(2))
    registered.on("2025-03-02").redeem(first)
    refused("key-expired", registered.on("2025-03-03").redeem, second)


def test_a_voucher_holds_what_a_license_key_may_hold(registered: Customer, press: Press) -> None:
    """R2: nothing that is tied to hardware, and no years of what is used once."""
    refused("license-type-unknown", registered.redeem, press.voucher(lines={"gold": 1}))
    registered.register(product="network-recorder")
    recorder: dict[str, Any] = {"product": "network-recorder"}
    tied = press.voucher(lines={"preloaded-channel": 1}, **recorder)
    refused("license-kind-mismatch", registered.redeem, tied, **recorder)
    for_years = press.voucher(lines={"channel": 1}, years=2, **recorder)
    refused("license-term-mismatch", registered.redeem, for_years, **recorder)
    registered.redeem(press.voucher(lines={"channel": 1}, **recorder), **recorder)


def test_whatever_is_wrong_with_its_signature_is_answered_alike(
    suite: Suite, registered: Customer, press: Press, tmp_path: Path
) -> None:
    """M6: nobody learns which suppliers there are, have a key, or were revoked."""
    forger = tmp_path / "forger"
    of: dict[str, Any] = {"product": PRODUCT, "lines": {"core": 1}, "years": 1, "before": None}
    keyless, revoked = Supplier(suite), Supplier(suite)
    theirs = Press(suite, revoked, tmp_path / "theirs")
    with suite.kits["licensing"].db() as session:
        session.get_one(SupplierRow, revoked.id).revoked_at = suite.clock.now()
    told = set()
    for voucher in (
        make_voucher.write(forger, supplier_id=str(registered.supplier.id), **of),
        make_voucher.write(forger, supplier_id=str(uuid4()), **of),
        make_voucher.write(forger, supplier_id=str(keyless.id), **of),
        make_voucher.write(forger, supplier_id=str(revoked.id), **of),
        theirs.voucher(),
    ):
        suite.clock.advance(timedelta(minutes=2))
        problem = refused("key-unknown", registered.redeem, voucher)
        told.add((problem.detail, str(problem.facts)))
    assert len(told) == 1
    assert registered.wallet()["licenses"] == 0


def test_a_guess_at_a_voucher_is_counted_like_one_at_a_key(
    registered: Customer, press: Press, tmp_path: Path
) -> None:
    """M6: ten failures of an account in an hour."""
    forged = make_voucher.write(
        tmp_path / "forger",
        supplier_id=str(registered.supplier.id),
        product=PRODUCT,
        lines={"core": 1},
        years=1,
        before=None,
    )
    for _ in range(10):
        registered.suite.clock.advance(timedelta(minutes=2))
        refused("key-unknown", registered.redeem, forged)
    refused("too-many-attempts", registered.redeem, press.voucher())
    registered.suite.clock.advance(timedelta(hours=1))
    registered.redeem(press.voucher())


def test_a_voucher_that_was_cut_is_no_guess(registered: Customer, press: Press) -> None:
    """M6: it is answered at once, and only the address is counted."""
    voucher = press.voucher()
    for _ in range(15):
        refused("voucher-malformed", registered.redeem, voucher[: len(voucher) // 2])
    registered.redeem(voucher)
    for _ in range(45):
        refused("voucher-malformed", registered.redeem, "LIC1.")
    refused("too-many-attempts", registered.redeem, "LIC1.")


def test_repeating_a_redemption_answers_alike_even_when_the_supplier_is_gone(
    suite: Suite, registered: Customer, press: Press
) -> None:
    """D-24."""
    voucher, errand = press.voucher(), uuid4().hex
    first = registered.redeem(voucher, idempotency_key=errand)
    enter(suite, registered.supplier.id, None)
    with suite.kits["licensing"].db() as session:
        session.get_one(SupplierRow, registered.supplier.id).revoked_at = suite.clock.now()
    assert registered.redeem(voucher, idempotency_key=errand) == first
    refused("idempotency-mismatch", registered.redeem, press.voucher(), idempotency_key=errand)
    refused("key-unknown", registered.redeem, press.voucher())
    assert registered.wallet()["licenses"] == 12


def test_the_history_and_the_audit_tell_of_a_voucher_but_nobody_can_redeem_it_from_them(
    suite: Suite, registered: Customer, press: Press, caplog: pytest.LogCaptureFixture
) -> None:
    """R13, security 2.6."""
    caplog.set_level(logging.DEBUG)
    refused("key-unknown", registered.redeem, _resigned(press.voucher()))
    voucher = press.voucher()
    registered.redeem(voucher)
    entry = registered.history()["items"][0]
    assert entry["name"] == "redeem_voucher"
    assert entry["arguments"]["serial"] == "000002"
    assert entry["arguments"]["supplier_id"] == str(registered.supplier.id)
    signature = voucher.rpartition(".")[2]
    with suite.kits["licensing"].db.reading() as session:
        kept = caplog.text + "".join(
            repr(list(session.execute(text(f"SELECT * FROM {table}"))))
            for table in ("voucher", "command_log", "audit", "outbox", "lot")
        )
        rows = session.scalars(
            select(AuditRow).where(AuditRow.organization_id == registered.id)
        ).all()
    assert signature not in kept
    assert ("refused", "key-unknown") in {(row.result, row.reason) for row in rows}


def _resigned(voucher: str) -> str:
    """By somebody else."""
    enc = voucher.split(".")[1]
    signature = Ed25519PrivateKey.generate().sign(f"voucher/{enc}".encode())
    return f"LIC1.{enc}.{make_voucher.urlsafe(signature)}"


def test_an_operator_undoes_a_redemption_and_the_voucher_stays_used(
    suite: Suite, registered: Customer, press: Press
) -> None:
    """D-15: as with a license key."""
    voucher = press.voucher()
    registered.redeem(voucher)
    number = registered.history()["items"][0]["number"]
    suite.instance("licensing").reverse(registered.id, number, why="ticket 7")
    assert registered.wallet()["licenses"] == 0
    refused("key-already-redeemed", registered.redeem, voucher)
    assert registered.books_balance()


# Public keys of suppliers


def test_vouchers_of_the_key_before_are_no_longer_believed(
    suite: Suite, registered: Customer, press: Press, tmp_path: Path
) -> None:
    """Decision 22: a supplier has one key; entering another ends the vouchers not yet redeemed."""
    before = press.voucher()
    press = Press(suite, registered.supplier, tmp_path / "new")
    refused("key-unknown", registered.redeem, before)
    registered.redeem(press.voucher())
    enter(suite, registered.supplier.id, None)
    refused("key-unknown", registered.redeem, press.voucher())


def test_the_audit_tells_of_a_suppliers_key(suite: Suite, customer: Customer, press: Press) -> None:
    with suite.kits["licensing"].db.reading() as session:
        (row,) = session.scalars(
            select(AuditRow).where(AuditRow.action == "enter_supplier_key")
        ).all()
    assert row.acting_as == "operator"
    assert (row.object_type, row.object_id) == ("supplier", str(customer.supplier.id))
    assert row.after == {"public_key": press.public_key, "reason": "ticket 7"}


def test_a_key_is_entered_for_a_supplier_that_there_is(suite: Suite) -> None:
    refused("supplier-not-found", enter, suite, UUID(int=1), None)
