"""What operators do at the shell beside reversals: keys, looking, proving, and other people's rules."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from contracts.errors import Refusal
from services.licensing.service import LicensingService
from tests.service.licensing.customer import PRODUCT, Customer
from tests.service.licensing.shell import WHY, Operator

LICENSE = 365 * 366


def refused(code: str, command: Callable[..., Any], *args: Any, **values: Any) -> None:
    with pytest.raises(Refusal) as refusal:
        command(*args, **values)
    assert refusal.value.code == code


# Keys


def test_a_key_nobody_redeemed_is_taken_back(customer: Customer, operator: Operator) -> None:
    issued = [customer.supplier.issue()["keys"][0] for _ in range(2)]
    customer.register()
    assert issued[0]["id"] in operator.does("revoke-key", issued[0]["last5"], "--reason", WHY)
    operator.does("revoke-key", issued[1]["id"], "--reason", WHY)
    operator.does("revoke-key", issued[1]["id"], "--reason", WHY)
    for one in issued:
        refused("key-revoked", customer.redeem, one["key"])
    statement = text(
        "SELECT acting_as, object_id FROM audit WHERE action = 'revoke_license_key' ORDER BY at"
    )
    with customer.suite.kits["licensing"].db.reading() as session:
        noted = session.execute(statement).all()
    assert [tuple(row) for row in noted] == [("operator", one["id"]) for one in issued]


def test_a_redeemed_key_is_not_taken_back(customer: Customer, operator: Operator) -> None:
    key = customer.supplier.issue()["keys"][0]
    customer.register()
    customer.redeem(key["key"])
    code, said = operator.tries("revoke-key", key["id"], "--reason", WHY)
    assert (code, f"redeemed by organization {customer.id}" in said) == (1, True)
    assert customer.wallet()["licenses"] == 12


def test_a_key_is_named_so_that_it_is_one(customer: Customer, operator: Operator) -> None:
    issued = [customer.supplier.issue(order_ref=f"PO-{n}")["keys"][0] for n in range(2)]
    with customer.suite.kits["licensing"].db() as session:
        session.execute(text("UPDATE license_key SET last5 = 'AAAAA'"))
    code, said = operator.tries("revoke-key", "aaaaa", "--reason", WHY)
    assert code == 1
    for number, one in enumerate(issued):
        assert f"{one['id']} of order PO-{number}" in said
    for unknown in ("ZZZZZ", uuid4()):
        assert operator.tries("revoke-key", unknown, "--reason", WHY)[0] == 1


# Looking


def test_show_tells_how_an_organization_stands(customer: Customer, operator: Operator) -> None:
    customer.started().manage(2)
    customer.buy(5)
    customer.allocate(2)
    said = operator.does("show", customer.id).splitlines()
    for line in (
        f"organization: {customer.id}",
        "managed devices: 2",
        f"{PRODUCT}: Licensed, until 2026-03-01",
        "  needs 2 of type core",
        "  year 0 has 2 of type core",
        "  wallet: 3 of type core until 2030-03-01 (key)",
        f"  5  2025-03-01  allocate_licenses  {PRODUCT}  {customer.owner}",
        "  3  2025-03-01  devices_counted    suite",
    ):
        assert line in said, said
    code, nothing = operator.tries("show", uuid4())
    assert (code, "has registered a product" in nothing) == (1, True)


def test_a_replay_proves_a_history_and_finds_what_was_changed(
    customer: Customer, operator: Operator
) -> None:
    """I11."""
    customer.started().manage(2)
    customer.buy(5)
    customer.allocate(2)
    assert "5 entries: the same books come out" in operator.does("replay", customer.id)
    assert "5 entries: intact" in operator.does("prove", customer.id)
    with customer.suite.kits["licensing"].db() as session:
        session.execute(
            text("UPDATE ledger_account SET balance = balance + :more WHERE kind = 'wallet'"),
            {"more": LICENSE},
        )
    code, said = operator.tries("replay", customer.id)
    assert (code, "OTHER books come out" in said) == (1, True)


def test_a_replay_needs_an_empty_database(
    customer: Customer, operator: Operator, tmp_path: Path
) -> None:
    customer.started()
    url = f"sqlite:///{tmp_path / 'again.sqlite'}"
    operator.does("replay", customer.id, "--into", url)
    code, said = operator.tries("replay", customer.id, "--into", url)
    assert (code, "holds a history already" in said) == (1, True)


def test_a_replay_goes_by_the_trials_and_names_of_its_time(
    customer: Customer, operator: Operator, tmp_path: Path
) -> None:
    """I11: what organizations were told is not said anew, and counts as it was then."""
    path = tmp_path / "catalogue.json"
    customer.register()
    customer.command("start_trial")
    path.write_text(
        '{"products": [{"code": "camera-manager", "name": "Cameras", "trial_days": 10, '
        '"counts_devices_as": "core", "types": [{"code": "core", "kind": "subscription"}, '
        '{"code": "gold", "kind": "subscription"}]}]}'
    )
    customer.on("2025-03-05")
    operator.does("catalogue", path)
    customer.start()
    neighbor = Customer(customer.suite, customer.supplier)
    neighbor.register()
    neighbor.command("start_trial")
    for one in (customer, neighbor):
        said = operator.does("replay", one.id)
        assert "the same books come out" in said
    # The license type that was added is in answers that were given before.
    assert "2 answers would read differently today" in operator.does("replay", customer.id)
    assert "differently" not in operator.does("replay", neighbor.id)


def test_a_history_from_before_requests_were_kept_is_not_carried_out(
    customer: Customer, operator: Operator
) -> None:
    customer.started()
    kit = customer.suite.kits["licensing"]
    with kit.db() as session:
        if kit.db.is_postgresql:
            session.execute(text("ALTER TABLE command_log DISABLE TRIGGER ALL"))
        else:
            session.execute(text("DROP TRIGGER command_log_no_update"))
        session.execute(text("UPDATE command_log SET request = NULL"))
    code, said = operator.tries("replay", customer.id)
    assert (code, "entries up to 2 are from before" in said) == (1, True)


# The shell


WRONG: tuple[tuple[object, ...], ...] = (
    (),
    ("nothing",),
    ("show",),
    ("show", "nobody"),
    ("reverse", uuid4(), 1),
    ("reverse", uuid4(), "first", "--reason", WHY),
    ("revoke-key", "AAAA", "--reason", WHY),
    ("revoke-key", "AAAAA"),
    ("supplier-key", uuid4(), "--reason", WHY),
    ("supplier-key", uuid4(), "abc", "--reason", WHY),
    ("supplier-key", uuid4(), "ab" * 32, "--none", "--reason", WHY),
)


@pytest.mark.parametrize("words", WRONG)
def test_a_wrong_command_is_told_from_one_that_was_refused(
    operator: Operator, words: tuple[object, ...]
) -> None:
    with pytest.raises(SystemExit) as ended:
        operator.tries(*words)
    assert ended.value.code == 2


def test_a_suppliers_key_is_entered_and_taken_away(customer: Customer, operator: Operator) -> None:
    supplier, statement = customer.supplier.id, text("SELECT public_key FROM supplier")
    with customer.suite.kits["licensing"].db.reading() as session:
        assert session.execute(statement).scalar_one() is None
    operator.does("supplier-key", supplier, "AB" * 32, "--reason", WHY)
    with customer.suite.kits["licensing"].db.reading() as session:
        assert session.execute(statement).scalar_one() == "ab" * 32
    operator.does("supplier-key", supplier, "--none", "--reason", WHY)
    with customer.suite.kits["licensing"].db.reading() as session:
        assert session.execute(statement).scalar_one() is None
    assert operator.tries("supplier-key", uuid4(), "--none", "--reason", WHY)[0] == 1


def test_what_others_hand_over_is_refused_in_words(operator: Operator, tmp_path: Path) -> None:
    """Their rules are proved where they are; here it is that the shell leads to them."""
    file = tmp_path / "system.json"
    assert operator.tries("accept-system-file", uuid4(), PRODUCT, file, "--reason", WHY)[0] == 1
    file.write_text("{}")
    code, said = operator.tries("accept-system-file", uuid4(), PRODUCT, file, "--reason", WHY)
    assert (code, said.startswith("not done: ")) == (1, True)
    code, said = operator.tries("replace-system", uuid4(), uuid4(), uuid4())
    assert (code, said.startswith("not done: ")) == (1, True)


def test_nobody_corrects_anything_over_the_bus() -> None:
    """D-15: the interface has no way back."""
    for name in ("reverse", "take_back_key"):
        assert not getattr(getattr(LicensingService, name), "nameko_entrypoints", ())
