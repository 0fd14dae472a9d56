"""Hardware with preloaded licenses: sent out by suppliers, registered once, owned by who proves it."""

from __future__ import annotations

import logging
import random
from argparse import Namespace
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from contracts.errors import Refusal
from services.licensing import operate
from services.licensing.domain.license_key import new_key, shown
from services.licensing.models import AuditRow, HardwareUnitRow
from services.licensing.service.replacing import replace_system
from tests.harness import Suite
from tests.service.licensing import invariants
from tests.service.licensing.customer import Customer, Supplier, written
from tests.service.licensing.site import RECORDER, Site, licenses, proofs, sent_out

DRAW = random.Random(11)


def refused(code: str, command: Callable[..., Any], *arguments: Any, **values: Any) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        command(*arguments, **values)
    assert refusal.value.code == code
    return refusal.value


@pytest.fixture
def supplier(customer: Customer) -> Supplier:
    return customer.supplier


@pytest.fixture
def site(customer: Customer) -> Site:
    return Site(customer)


# Suppliers


def test_each_unit_has_a_proof_of_its_own_that_is_shown_once(supplier: Supplier) -> None:
    """R32, M6: order_ref is idempotent."""
    first = sent_out(supplier, "REC-2", "rec-1", order_ref="HW-1")
    assert [unit["serial"] for unit in first["units"]] == ["REC-1", "REC-2"]
    assert len(set(proofs(first).values())) == 2
    assert all(len(proof.split("-")) == 5 for proof in proofs(first).values())
    again = sent_out(supplier, "REC-1", "REC-2", order_ref="HW-1")
    assert again["id"] == first["id"]
    assert set(proofs(again).values()) == {None}
    refused("order-ref-mismatch", sent_out, supplier, "REC-1", order_ref="HW-1")
    listed = supplier.call("list_hardware", order_ref="HW-1")
    assert listed["units"] == [
        {"serial": serial, "is_registered": False} for serial in ("REC-1", "REC-2")
    ]
    refused("order-not-found", supplier.call, "list_hardware", order_ref="HW-2")


def test_a_serial_is_sent_out_once_whoever_sends_it(suite: Suite, supplier: Supplier) -> None:
    sent_out(supplier, "REC-1")
    taken = refused("hardware-serial-taken", sent_out, Supplier(suite), "REC-0", "REC-1")
    assert taken.facts == {"serial": "REC-1"}
    # Nothing of the refused order is left.
    sent_out(Supplier(suite), "REC-0")
    refused("invalid-request", sent_out, supplier, "REC-5", "rec-5")


def test_only_licenses_tied_to_hardware_come_with_it(supplier: Supplier) -> None:
    """R2."""
    for kind, code in (("channel", "license-kind-mismatch"), ("core", "license-type-unknown")):
        lines = [{"type": kind, "quantity": 1}]
        refused(code, sent_out, supplier, "REC-1", lines=lines)
    refused("product-unknown", sent_out, supplier, "REC-1", product="coffee-machine")


def test_units_and_keys_count_into_one_quota(suite: Suite) -> None:
    """M6."""
    supplier = Supplier(suite, keys_per_day=3)
    sent_out(supplier, "REC-1", "REC-2")
    refused("supplier-quota-exhausted", supplier.issue, count=2)
    supplier.issue(count=1)
    refused("supplier-quota-exhausted", sent_out, supplier, "REC-3")
    suite.clock.advance(timedelta(hours=24))
    sent_out(supplier, "REC-3")


def test_a_revoked_supplier_sends_nothing_out(suite: Suite, supplier: Supplier) -> None:
    supplier.credential = "guessed"
    refused("supplier-credential-invalid", sent_out, supplier, "REC-1")
    refused("supplier-credential-invalid", supplier.call, "list_hardware", order_ref="HW-1")


@pytest.mark.parametrize(
    ("lines", "term_years", "code"),
    [
        ({"preloaded-channel": 1}, 1, "license-kind-mismatch"),
        ({"channel": 1}, 2, "license-term-mismatch"),
        ({"channel-to-analytics": 1}, 5, "license-term-mismatch"),
        ({"channel": 1, "gold": 1}, 1, "license-type-unknown"),
    ],
)
def test_license_keys_hold_no_tied_licenses_and_only_subscriptions_for_years(
    supplier: Supplier, lines: dict[str, int], term_years: int, code: str
) -> None:
    """R2, R34, R41."""
    ordered = [{"type": kind, "quantity": n} for kind, n in lines.items()]
    refused(code, supplier.issue, product=RECORDER, lines=ordered, term_years=term_years)


def test_license_keys_hold_extension_and_upgrade_licenses(site: Site, supplier: Supplier) -> None:
    """R34: by type."""
    lines = [{"type": "channel", "quantity": 4}, {"type": "channel-to-analytics", "quantity": 2}]
    key = supplier.issue(product=RECORDER, lines=lines)["keys"][0]["key"]
    redeemed = site.customer.redeem(key, product=RECORDER)
    assert {line["type"]: line["licenses"] for line in redeemed["credited"]} == {
        "channel": 4,
        "channel-to-analytics": 2,
    }


# Registering


def test_preloaded_licenses_become_active_with_the_registration(site: Site) -> None:
    """R32."""
    proof = site.sent("REC-1", tied=8)
    system = site.register("Lobby", serial="rec-1", ownership_proof=written(proof))
    assert system["kind"] == "hardware"
    assert system["serial"] == "REC-1"
    assert licenses(system) == {"preloaded-channel": 8}
    assert site.customer.balances() == {"external:tied": -8 * 133_590, "system": 8 * 133_590}
    (entry,) = [each for each in site.customer.log() if each.name == "register_licensed_system"]
    assert entry.arguments["licenses"] == {"preloaded-channel": 8}
    invariants.hold(site.customer)


def test_hardware_is_registered_once_wherever_that_is(suite: Suite, site: Site) -> None:
    """D-17, and what another organization is told of it."""
    proof = site.sent("REC-1")
    system = site.register(serial="REC-1", ownership_proof=proof)
    again = refused(
        "system-already-registered", site.register, serial="REC-1", ownership_proof=proof
    )
    assert again.facts == {"system_id": system["id"]}
    other = Site(Customer(suite, site.customer.supplier))
    told = refused(
        "system-already-registered", other.register, serial="REC-1", ownership_proof=proof
    )
    assert told.facts == {}
    assert other.listed()["items"] == []
    assert other.customer.balances() == {}


def test_the_same_errand_sent_again_is_answered_alike(site: Site) -> None:
    """D-24."""
    proof, errand = site.sent("REC-1"), uuid4().hex
    asked = {"serial": "REC-1", "ownership_proof": proof, "idempotency_key": errand}
    assert site.register(**asked) == site.register(**asked)
    refused("idempotency-mismatch", site.register, "Other", **asked)
    assert len(site.listed()["items"]) == 1


@pytest.mark.parametrize(
    ("serial", "proof"),
    [("REC-1", "of another unit"), ("REC-1", "invented"), ("REC-9", "of another unit")],
)
def test_a_wrong_proof_is_refused_alike_whatever_is_wrong(
    site: Site, serial: str, proof: str
) -> None:
    """D-17: nobody learns which serials there are."""
    order = sent_out(site.customer.supplier, "REC-1", "REC-2")
    given = proofs(order)["REC-2"] if proof == "of another unit" else shown(new_key(DRAW.randrange))
    wrong = refused("ownership-proof-wrong", site.register, serial=serial, ownership_proof=given)
    assert wrong.facts == {}
    assert wrong.detail == (
        "This proof does not belong to hardware of this product and serial number."
    )
    assert site.listed()["items"] == []


def test_the_proof_of_another_product_proves_nothing(suite: Suite, site: Site) -> None:
    site.customer.register(product="video-center")
    proof = site.sent("REC-1")
    refused(
        "ownership-proof-wrong",
        site.customer.command,
        "register_licensed_system",
        product="video-center",
        name="Lobby",
        serial="REC-1",
        ownership_proof=proof,
    )


def test_a_mistyped_proof_is_no_guess(suite: Suite, site: Site) -> None:
    """M6, but one address may not mistype forever."""
    proof = site.sent("REC-1")
    mistyped = proof[:-1] + ("A" if proof[-1] != "A" else "B")
    for _ in range(60):
        refused(
            "ownership-proof-malformed", site.register, serial="REC-1", ownership_proof=mistyped
        )
    refused("too-many-attempts", site.register, serial="REC-1", ownership_proof=mistyped)
    site.register(serial="REC-1", ownership_proof=proof)


def test_wrong_proofs_are_counted_with_wrong_keys(suite: Suite, site: Site) -> None:
    """M6: ten failures of an account in an hour, with growing pauses."""
    proof = site.sent("REC-1")
    for turn in range(10):
        suite.clock.advance(timedelta(minutes=2))
        guess = shown(new_key(DRAW.randrange))
        if turn % 2:
            refused("key-unknown", site.customer.redeem, guess, product=RECORDER)
        else:
            refused("ownership-proof-wrong", site.register, serial="REC-1", ownership_proof=guess)
    wait = refused("too-many-attempts", site.register, serial="REC-1", ownership_proof=proof)
    suite.clock.advance(timedelta(seconds=int(wait.facts["retry_after"])))
    site.register(serial="REC-1", ownership_proof=proof)


def test_a_right_proof_makes_the_wrong_ones_before_it_forgotten(suite: Suite, site: Site) -> None:
    """M6: of the account; an address gets its own attempt back alone."""
    order = sent_out(site.customer.supplier, "REC-1", "REC-2")

    def guess() -> None:
        suite.clock.advance(timedelta(minutes=2))
        refused(
            "ownership-proof-wrong",
            site.register,
            serial="REC-1",
            ownership_proof=shown(new_key(DRAW.randrange)),
        )

    for serial, proof in proofs(order).items():
        for _ in range(9):
            guess()
        suite.clock.advance(timedelta(minutes=5))
        site.register(serial=serial, ownership_proof=proof)


def test_a_proof_needs_the_serial_it_is_for(site: Site) -> None:
    refused("invalid-request", site.register, ownership_proof=site.sent("REC-1"))


def test_neither_proofs_nor_credentials_are_kept_or_logged(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    """M6: hashed with a key outside the database, shown once, never logged."""
    caplog.set_level(logging.DEBUG)
    proof = site.sent("REC-1")
    system = site.register(serial="REC-1", ownership_proof=proof)
    refused("system-already-registered", site.register, serial="REC-1", ownership_proof=proof)
    credential = site.credential(system)
    site.report(credential, 1, {"channel": 3})
    kept = caplog.text
    with site.suite.kits["licensing"].db.reading() as session:
        for table in ("hardware_unit", "licensed_system", "command_log", "audit", "outbox"):
            kept += repr(session.execute(text(f"SELECT * FROM {table}")).all())
    for secret in (proof, proof.replace("-", ""), credential):
        assert secret not in kept


def test_what_was_refused_is_recorded_with_who_tried(site: Site) -> None:
    refused(
        "ownership-proof-wrong",
        site.register,
        serial="REC-1",
        ownership_proof=shown(new_key(DRAW.randrange)),
    )
    with site.suite.kits["licensing"].db.reading() as session:
        row = session.scalars(select(AuditRow).where(AuditRow.result == "refused")).one()
    assert (row.account_id, row.reason) == (site.customer.owner, "ownership-proof-wrong")
    assert row.after == {"serial": "REC-1"}


# From one owner to the next


def test_the_next_owner_gets_the_preloaded_licenses_and_nothing_else(
    suite: Suite, site: Site
) -> None:
    """D-17, R36: tied for the lifetime of the hardware; extension licenses stay who paid."""
    proof = site.sent("REC-1", tied=8)
    system = site.register(serial="REC-1", ownership_proof=proof)
    site.buy(4, "channel")
    site.extend(system, channel=4)
    site.remove(system)
    assert licenses(site.get(system)) == {"channel": 4}
    other = Site(Customer(suite, site.customer.supplier))
    theirs = other.register(serial="REC-1", ownership_proof=proof)
    assert theirs["id"] != system["id"]
    assert licenses(theirs) == {"preloaded-channel": 8}
    refused("system-already-registered", site.register, serial="REC-1", ownership_proof=proof)
    other.remove(theirs)
    for books in (site.customer, other.customer):
        assert books.balances().get("external:tied", 0) == 0
        invariants.hold(books)


def test_extension_licenses_count_again_when_the_hardware_comes_back(
    suite: Suite, site: Site
) -> None:
    """D-17."""
    proof = site.sent("REC-1", tied=8)
    system = site.register(serial="REC-1", ownership_proof=proof)
    site.buy(4, "channel")
    site.extend(system, channel=4)
    credential = site.credential(system)
    site.report(credential, 7, {"channel": 15})
    assert site.need()["channel"] == 3
    site.remove(system)
    assert site.need()["channel"] == 0
    other = Site(Customer(suite, site.customer.supplier))
    theirs = other.register(serial="REC-1", ownership_proof=proof)
    other.remove(theirs)
    back = site.register("Hall", serial="REC-1", ownership_proof=proof)
    assert back["id"] == system["id"]
    assert (back["name"], back["state"]) == ("Hall", "registered")
    assert licenses(back) == {"channel": 4, "preloaded-channel": 8}
    # As it reported last, until it reports again, with the numbers going on.
    assert site.need()["channel"] == 3
    refused("system-credential-invalid", site.report, credential, 8, {"channel": 1})
    renewed = site.credential(back)
    assert site.report(renewed, 7, {"channel": 15}, at=suite.clock.now())["last_sequence"] == 7
    assert site.report(renewed, 8, {"channel": 1})["result"] == "accepted"
    invariants.hold(site.customer)


def test_what_became_of_tied_licenses_stays_with_the_hardware(suite: Suite, site: Site) -> None:
    """R36: licenses that came to the unit in the place of another's are for its lifetime too."""
    old = site.hardware("REC-1", tied=8)
    proof = site.sent("REC-2", tied=2)
    new = site.register(serial="REC-2", ownership_proof=proof)
    _replaced(site, old, new)
    site.remove(new)
    other = Site(Customer(suite, site.customer.supplier))
    theirs = other.register(serial="REC-2", ownership_proof=proof)
    assert licenses(theirs) == {"preloaded-channel": 8}
    other.remove(theirs)
    assert licenses(site.register(serial="REC-2", ownership_proof=proof)) == {
        "preloaded-channel": 8
    }
    invariants.hold(site.customer)
    invariants.hold(other.customer)


def test_what_a_unit_was_left_with_is_only_added_to(suite: Suite, site: Site) -> None:
    test_what_became_of_tied_licenses_stays_with_the_hardware(suite, site)
    db = suite.kits["licensing"].db
    with pytest.raises(DBAPIError), db() as session:
        session.execute(text("UPDATE hardware_change SET quantity = 100"))


# Replacing


def test_a_replacement_takes_over_all_licenses_at_once(suite: Suite, site: Site) -> None:
    """D-17: atomic, by an operator, logged."""
    old = site.hardware("REC-1", tied=8)
    new = site.hardware("REC-2", tied=1)
    site.buy(4, "channel")
    site.extend(old, channel=4)
    site.report(site.credential(old), 1, {"channel": 15})
    site.report(site.credential(new), 1, {"channel": 12})
    assert site.need()["channel"] == 14
    told = _replaced(site, old, new)
    assert told["moved"] == {"channel": 4, "preloaded-channel": 7}
    assert told["ended"] == {"preloaded-channel": 1}
    assert licenses(site.get(new)) == {"channel": 4, "preloaded-channel": 8}
    gone = site.get(old)
    assert (gone["state"], licenses(gone)) == ("replaced", {})
    assert site.need()["channel"] == 0
    entry = site.customer.log()[-1]
    assert (entry.name, entry.role, entry.account_id) == (
        "replace_licensed_system",
        "operator",
        None,
    )
    invariants.hold(site.customer)


def test_the_operators_program_says_what_it_moved(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    """D-17: and says the same when it is called again."""
    old, new = site.hardware("REC-1", tied=8), site.hardware("REC-2", tied=3)
    chosen = Namespace(
        command="replace-system",
        organization_id=site.customer.id,
        old=UUID(old["id"]),
        new=UUID(new["id"]),
    )
    for _ in range(2):
        assert operate.carry_out(site.suite.kits["licensing"], chosen) == 0
        assert capsys.readouterr().out == (
            "done\n"
            "licenses moved: 5 of type preloaded-channel; "
            "tied to both, and so ended: 3 of type preloaded-channel\n"
        )
    assert licenses(site.get(new)) == {"preloaded-channel": 8}


def test_licenses_both_came_with_are_not_held_twice(site: Site) -> None:
    """D-17: of the preloaded ones, only those move that the new hardware did not bring."""
    old, new = site.hardware("REC-1", tied=8), site.hardware("REC-2", tied=16)
    assert _replaced(site, old, new)["moved"] == {}
    assert licenses(site.get(new)) == {"preloaded-channel": 16}
    assert site.customer.balances()["external:tied"] == -16 * 133_590
    invariants.hold(site.customer)


def test_a_replacement_sent_again_is_answered_alike(site: Site) -> None:
    """D-24."""
    old, new = site.hardware("REC-1"), site.hardware("REC-2")
    first = _replaced(site, old, new)
    before = len(site.customer.log())
    assert _replaced(site, old, new) == first
    refused("replacement-impossible", _replaced, site, old, site.hardware("REC-3"))
    assert len(site.customer.log()) == before + 1


def test_replaced_hardware_is_never_registered_again(suite: Suite, site: Site) -> None:
    """D-17: its licenses are tied to other hardware now."""
    proof = site.sent("REC-1")
    old = site.register(serial="REC-1", ownership_proof=proof)
    _replaced(site, old, site.hardware("REC-2"))
    refused("system-already-registered", site.register, serial="REC-1", ownership_proof=proof)
    other = Site(Customer(suite, site.customer.supplier))
    refused("system-already-registered", other.register, serial="REC-1", ownership_proof=proof)
    with suite.kits["licensing"].db.reading() as session:
        unit = session.scalars(
            select(HardwareUnitRow).where(HardwareUnitRow.serial == "REC-1")
        ).one()
    assert str(unit.system_id) == old["id"]


def test_software_that_was_replaced_begins_anew(site: Site) -> None:
    """D-17: what it held went to the one in its place."""
    old, new = site.register("Old", serial="SW-1"), site.register("New", serial="SW-2")
    site.buy(2, "channel")
    site.extend(old, channel=2)
    _replaced(site, old, new)
    again = site.register("Old", serial="SW-1")
    assert (again["id"] != old["id"], licenses(again)) == (True, {})
    assert licenses(site.get(new)) == {"channel": 2}


def test_only_another_registered_system_of_the_same_product_replaces_one(
    suite: Suite, site: Site
) -> None:
    """D-17."""
    old, gone = site.hardware("REC-1"), site.hardware("REC-2")
    site.remove(gone)
    software = site.register("Program")
    elsewhere = Site(site.customer, "video-center").register("Elsewhere")
    foreign = Site(Customer(suite, site.customer.supplier)).register("Foreign")
    for new, code in (
        (old, "replacement-impossible"),
        (gone, "replacement-impossible"),
        (software, "replacement-impossible"),
        (elsewhere, "replacement-impossible"),
        (foreign, "system-not-found"),
    ):
        refused(code, _replaced, site, old, new)
    refused("system-not-found", _replaced, site, foreign, old)
    assert licenses(site.get(old)) == {"preloaded-channel": 8}


def _replaced(site: Site, old: Any, new: Any) -> Any:
    """As the operator's program does it."""
    kit = site.suite.kits["licensing"]
    return replace_system(kit, site.customer.id, UUID(old["id"]), UUID(new["id"]))
