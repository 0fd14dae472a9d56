"""License keys: issued by suppliers, shown once, redeemed once, and hard to guess."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from contracts.errors import Refusal
from services.licensing.domain.license_key import new_key, shown
from services.licensing.domain.throttle import Counter
from services.licensing.models import AuditRow, LicenseKeyRow, SupplierRow
from services.licensing.operate import prove, unlock_redeeming
from services.licensing.queries.history import failures_for_update, keep_failures
from tests.harness import Suite
from tests.service.licensing.customer import PRODUCT, Customer, Supplier, written

DRAW = random.Random(7)


def refused(code: str, command: Callable[..., Any], *arguments: Any, **values: Any) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        command(*arguments, **values)
    assert refusal.value.code == code
    return refusal.value


def invented() -> str:
    """Well-formed, and nobody's."""
    return shown(new_key(DRAW.randrange))


@pytest.fixture
def registered(customer: Customer) -> Customer:
    customer.register()
    return customer


@pytest.fixture
def supplier(customer: Customer) -> Supplier:
    return customer.supplier


def test_a_key_puts_all_its_licenses_into_the_wallet(
    registered: Customer, supplier: Supplier
) -> None:
    """R18, D-7, D-8."""
    redeemed = registered.redeem(supplier.key(12))
    assert redeemed["credited"] == [{"type": "core", "licenses": 12}]
    assert redeemed["expires_on"] == "2030-03-01"
    assert redeemed["wallet"] == registered.wallet()
    assert redeemed["wallet"]["licenses"] == 12


def test_a_key_is_read_as_people_type_it(registered: Customer, supplier: Supplier) -> None:
    registered.redeem(written(supplier.key(1)))
    assert registered.wallet()["licenses"] == 1


def test_a_used_key_tells_only_its_own_organization_by_whom(
    registered: Customer, supplier: Supplier
) -> None:
    """M6."""
    key = supplier.key(1)
    registered.redeem(key)
    own = refused("key-already-redeemed", registered.redeem, key)
    assert own.facts == {"redeemed_by": str(registered.owner), "redeemed_on": "2025-03-01"}
    other = Customer(registered.suite, supplier)
    other.register()
    assert refused("key-already-redeemed", other.redeem, key).facts == {}
    assert registered.wallet()["licenses"] == 1


def test_a_key_of_another_product_stays_unused(registered: Customer, supplier: Supplier) -> None:
    """D-8."""
    key = supplier.key(1, product="site-health")
    refused("key-wrong-product", registered.redeem, key)
    registered.register(product="site-health")
    registered.redeem(key, product="site-health")


def test_a_key_must_be_redeemed_before_its_day(registered: Customer, supplier: Supplier) -> None:
    first, second = (supplier.key(1, redeem_before="2025-03-03") for _ in range(2))
    registered.on("2025-03-02").redeem(first)
    refused("key-expired", registered.on("2025-03-03").redeem, second)


def test_a_revoked_key_cannot_be_redeemed_and_a_redeemed_one_not_revoked(
    registered: Customer, supplier: Supplier
) -> None:
    order = supplier.issue(count=2)
    taken, kept = order["keys"]
    call = registered.suite.call
    revoke = {"credential": supplier.credential, "key_id": taken["id"]}
    for _ in range(2):
        call("licensing", "revoke_license_key", revoke)
    refused("key-revoked", registered.redeem, taken["key"])
    registered.redeem(kept["key"])
    revoke["key_id"] = kept["id"]
    refused("key-already-redeemed", call, "licensing", "revoke_license_key", revoke)
    listed = call(
        "licensing",
        "list_license_keys",
        {"credential": supplier.credential, "order_ref": order["order_ref"]},
    )
    assert [key["status"] for key in listed["keys"]] == ["revoked", "redeemed"]
    assert all("key" not in key for key in listed["keys"])
    stranger = Supplier(registered.suite)
    revoke["credential"] = stranger.credential
    refused("license-key-not-found", call, "licensing", "revoke_license_key", revoke)


def test_an_order_is_carried_out_once_and_shows_its_keys_once(
    suite: Suite, supplier: Supplier
) -> None:
    """M6: order_ref is idempotent."""
    first = supplier.issue(order_ref="PO-1", count=3)
    again = supplier.issue(order_ref="PO-1", count=3)
    assert len({key["key"] for key in first["keys"]}) == 3
    assert [key["key"] for key in again["keys"]] == [None] * 3
    assert [key["id"] for key in again["keys"]] == [key["id"] for key in first["keys"]]
    assert [key["last5"] for key in again["keys"]] == [key["key"][-5:] for key in first["keys"]]
    refused("order-ref-mismatch", supplier.issue, order_ref="PO-1", count=4)
    # Another supplier's numbers are its own.
    assert Supplier(suite).issue(order_ref="PO-1")["keys"][0]["key"]


def test_a_supplier_cannot_exceed_its_quota(suite: Suite) -> None:
    supplier = Supplier(suite, keys_per_day=10)
    supplier.issue(count=8)
    refused("supplier-quota-exhausted", supplier.issue, count=3)
    supplier.issue(count=2)
    suite.clock.advance(timedelta(hours=24))
    supplier.issue(count=10)


def test_orders_name_what_the_catalogue_holds(suite: Suite, supplier: Supplier) -> None:
    refused("product-unknown", supplier.issue, product="coffee-machine")
    refused("license-type-unknown", supplier.issue, lines=[{"type": "gold", "quantity": 1}])
    double = [{"type": "core", "quantity": 1}, {"type": "core", "quantity": 2}]
    refused("invalid-request", supplier.issue, lines=double)
    refused("invalid-request", supplier.issue, term_years=6)


def test_a_credential_that_is_nobodys_or_revoked_opens_nothing(
    suite: Suite, supplier: Supplier
) -> None:
    with suite.kits["licensing"].db() as session:
        session.get_one(SupplierRow, supplier.id).revoked_at = suite.clock.now()
    refused("supplier-credential-invalid", supplier.issue)
    supplier.credential = "guessed"
    refused("supplier-credential-invalid", supplier.issue)


def test_neither_keys_nor_credentials_are_kept_or_logged(
    registered: Customer, supplier: Supplier, caplog: pytest.LogCaptureFixture
) -> None:
    """Security: hashed with a key outside the database, shown once, never logged."""
    caplog.set_level(logging.DEBUG)
    key = supplier.key(1)
    registered.redeem(key)
    refused("key-already-redeemed", registered.redeem, key)
    kept = caplog.text + "".join(
        repr(values)
        for table in ("license_key", "supplier", "command_log", "audit", "outbox", "key_order")
        for values in _rows(registered.suite, table)
    )
    for secret in (key, key.replace("-", ""), supplier.credential):
        assert secret not in kept


def _rows(suite: Suite, table: str) -> list[Any]:
    with suite.kits["licensing"].db.reading() as session:
        return list(session.execute(text(f"SELECT * FROM {table}")).all())


def test_guesses_are_counted_until_the_account_must_wait(registered: Customer) -> None:
    """M6: ten failures of an account in an hour, with growing pauses."""
    for _ in range(10):
        registered.suite.clock.advance(timedelta(minutes=2))
        refused("key-unknown", registered.redeem, invented())
    wait = refused("too-many-attempts", registered.redeem, registered.supplier.key(1))
    assert int(wait.facts["retry_after"]) > 0
    registered.suite.clock.advance(timedelta(seconds=int(wait.facts["retry_after"])))
    registered.redeem(registered.supplier.key(1))


def test_guesses_from_one_address_are_counted_together(suite: Suite) -> None:
    """M6: twenty failures of an address in an hour."""
    supplier = Supplier(suite)
    for _ in range(3):
        guesser = Customer(suite, supplier)
        guesser.register()
        for _ in range(7):
            suite.clock.advance(timedelta(minutes=2))
            try:
                guesser.redeem(invented())
            except Refusal as refusal:
                code = refusal.code
    assert code == "too-many-attempts"


def test_an_organization_locked_for_guessing_is_unlocked_by_an_operator(
    registered: Customer, supplier: Supplier, capsys: pytest.CaptureFixture[str]
) -> None:
    """M6: a hundred failures in a row, of which all but one are behind it."""
    db = registered.suite.kits["licensing"].db
    with db() as session:
        organization = str(registered.id)
        failures = failures_for_update(session, Counter.ORGANIZATION, organization)
        keep_failures(session, organization, replace(failures, count=99))
    refused("key-unknown", registered.redeem, invented())
    registered.suite.clock.advance(timedelta(days=30))
    refused("too-many-attempts", registered.redeem, supplier.key(1))
    assert unlock_redeeming(db, registered.id, registered.suite.clock.now()) == 0
    registered.redeem(supplier.key(1))
    assert capsys.readouterr().out == "100 failures forgotten\n"


def test_an_operator_can_prove_the_history(
    registered: Customer, capsys: pytest.CaptureFixture[str]
) -> None:
    """I9."""
    assert prove(registered.suite.kits["licensing"].db, registered.id) == 0
    assert capsys.readouterr().out == "1 entries: intact\n"


def test_a_typing_mistake_is_no_guess(registered: Customer, supplier: Supplier) -> None:
    """M6: the checksum answers, and only the address is counted."""
    key = supplier.key(1)
    for _ in range(15):
        refused("key-malformed", registered.redeem, "AAAAA-" + key[6:])
    registered.redeem(key)
    for _ in range(45):
        refused("key-malformed", registered.redeem, key[:-1])
    refused("too-many-attempts", registered.redeem, key[:-1])


def test_success_ends_the_pauses_of_the_account(registered: Customer, supplier: Supplier) -> None:
    for _ in range(6):
        registered.suite.clock.advance(timedelta(minutes=1))
        refused("key-unknown", registered.redeem, invented())
    registered.suite.clock.advance(timedelta(minutes=1))
    registered.redeem(supplier.key(1))
    for _ in range(3):
        refused("key-unknown", registered.redeem, invented())


def test_an_organization_without_the_product_is_told_before_a_key_is_looked_at(
    customer: Customer, supplier: Supplier
) -> None:
    key = supplier.key(1)
    for _ in range(12):
        refused("product-not-registered", customer.redeem, key)
    customer.register()
    customer.redeem(key)


def test_refused_attempts_stand_in_the_audit_with_their_reason(
    registered: Customer,
) -> None:
    """Security 2.10."""
    refused("key-unknown", registered.redeem, invented())
    registered.redeem(registered.supplier.key(1))
    with registered.suite.kits["licensing"].db.reading() as session:
        rows = session.scalars(
            select(AuditRow)
            .where(AuditRow.action == "redeem_license_key")
            .order_by(AuditRow.result)
        ).all()
    assert [(row.result, row.reason) for row in rows] == [
        ("done", None),
        ("refused", "key-unknown"),
    ]
    for row in rows:
        assert row.account_id == registered.owner
        assert row.organization_id == registered.id
        assert (row.ip, row.user_agent) == ("192.0.2.10", "tests")
        assert row.session_id is not None
        assert row.request_id


def test_repeating_a_redemption_answers_alike_and_credits_once(
    registered: Customer, supplier: Supplier
) -> None:
    """D-24."""
    key, errand = supplier.key(12), uuid4().hex
    first = registered.redeem(key, idempotency_key=errand)
    assert registered.redeem(key, idempotency_key=errand) == first
    refused("idempotency-mismatch", registered.redeem, supplier.key(1), idempotency_key=errand)
    refused("idempotency-mismatch", registered.start, idempotency_key=errand)
    assert registered.wallet()["licenses"] == 12
    assert [row.name for row in registered.log()] == ["register_product", "redeem_license_key"]


def test_what_was_recorded_cannot_be_changed_or_removed(
    registered: Customer, supplier: Supplier
) -> None:
    """M2: the database itself refuses."""
    registered.manage(1)
    registered.start()
    registered.redeem(supplier.key(1))
    registered.allocate(1)
    db = registered.suite.kits["licensing"].db
    for table, column in (
        ("ledger_entry", "ticks"),
        ("allocation", "seats"),
        ("settled_year", "year"),
        ("command_log", "name"),
        ("audit", "action"),
    ):
        for statement in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):
            with pytest.raises(DBAPIError, match="only added to"), db() as session:
                session.execute(text(statement))


def test_an_account_cannot_be_overdrawn_even_by_hand(
    registered: Customer, supplier: Supplier
) -> None:
    """I2: the second line."""
    registered.redeem(supplier.key(1))
    with pytest.raises(DBAPIError), registered.suite.kits["licensing"].db() as session:
        session.execute(text("UPDATE ledger_account SET balance = -1 WHERE kind = 'wallet'"))


def test_a_redeemed_key_names_who_holds_it(registered: Customer, supplier: Supplier) -> None:
    registered.redeem(supplier.key(1))
    with registered.suite.kits["licensing"].db.reading() as session:
        row = session.scalars(select(LicenseKeyRow)).one()
    assert (row.redeemed_organization_id, row.redeemed_by) == (registered.id, registered.owner)
    assert str(row.redeemed_on) == "2025-03-01"
    assert registered.history()["items"][0]["arguments"]["last5"] == row.last5
    assert registered.history()["items"][0]["product"] == PRODUCT


@pytest.mark.parametrize("product", ["a" * 61, "camera-manager\n"])
def test_a_product_that_can_be_none_is_refused_before_anything_is_looked_at(
    customer: Customer, product: str
) -> None:
    with pytest.raises(Refusal) as refused:
        customer.redeem(customer.supplier.key(), product=product)
    assert refused.value.code == "invalid-request"


def test_an_order_ref_ends_where_its_line_ends(customer: Customer) -> None:
    with pytest.raises(Refusal) as refused:
        customer.supplier.issue(order_ref="order-1\n")
    assert refused.value.code == "invalid-request"
