"""Who may do what: operators make suppliers, owners and admins manage licenses (R7)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.access import Role
from contracts.errors import Refusal
from services.identity.models import Account
from services.organizations.models import Membership
from tests.harness import Suite
from tests.service.licensing.conftest import SERVICES
from tests.service.licensing.customer import Customer, Supplier


@pytest.fixture
def suite(tmp_path: Path) -> Iterator[Suite]:
    running = Suite(tmp_path, services=("identity", *SERVICES))
    yield running
    running.close()


def account(suite: Suite, *, is_operator: bool) -> UUID:
    account_id = uuid4()
    with suite.databases["identity"]() as session:
        session.add(
            Account(
                id=account_id,
                email=f"{account_id}@example.org",
                email_key=f"{account_id}@example.org",
                language="en",
                is_operator=is_operator,
                registered_at=suite.clock.now(),
                verified_at=suite.clock.now(),
            )
        )
    return account_id


def code_of(suite: Suite, method: str, payload: dict[str, Any], as_: UUID | None) -> str:
    with pytest.raises(Refusal) as refused:
        suite.call("licensing", method, payload, as_=as_)
    return refused.value.code


def test_an_operator_creates_a_supplier_whose_credential_is_shown_once(suite: Suite) -> None:
    """M6, security: 256 bits, only their hash is kept."""
    operator = account(suite, is_operator=True)
    created = suite.call(
        "licensing", "create_supplier", {"name": "Difference & Sons"}, as_=operator
    )
    assert len(created["credential"]) == 43
    listed = suite.call("licensing", "list_suppliers", {}, as_=operator)
    assert listed["items"] == [{k: v for k, v in created.items() if k != "credential"}]
    supplier = Supplier(suite)
    supplier.credential = created["credential"]
    assert supplier.issue()["keys"][0]["key"]
    assert (
        code_of(suite, "create_supplier", {"name": "Difference & Sons"}, operator)
        == "supplier-name-taken"
    )


def test_a_revoked_supplier_issues_no_more_keys_and_its_old_ones_stay_good(suite: Suite) -> None:
    operator = account(suite, is_operator=True)
    created = suite.call("licensing", "create_supplier", {"name": "Acme"}, as_=operator)
    supplier = Supplier(suite)
    supplier.credential = created["credential"]
    key = supplier.key(3)
    for _ in range(2):
        suite.call("licensing", "revoke_supplier", {"supplier_id": created["id"]}, as_=operator)
    with pytest.raises(Refusal) as refused:
        supplier.issue()
    assert refused.value.code == "supplier-credential-invalid"
    customer = Customer(suite, supplier)
    customer.register()
    assert customer.redeem(key)["wallet"]["licenses"] == 3
    unknown = {"supplier_id": str(uuid4())}
    assert code_of(suite, "revoke_supplier", unknown, operator) == "supplier-not-found"


@pytest.mark.parametrize(
    ("method", "payload"),
    [
        ("create_supplier", {"name": "Acme"}),
        ("list_suppliers", {}),
        ("revoke_supplier", {"supplier_id": str(uuid4())}),
    ],
)
def test_suppliers_are_the_operators_business(
    suite: Suite, method: str, payload: dict[str, Any]
) -> None:
    assert code_of(suite, method, payload, account(suite, is_operator=False)) == "operator-only"
    assert code_of(suite, method, payload, None) == "unauthenticated"


def test_the_catalogue_is_for_whoever_signed_in(suite: Suite) -> None:
    assert code_of(suite, "list_products", {}, None) == "unauthenticated"


COMMANDS: list[tuple[str, dict[str, Any]]] = [
    ("register_product", {"product": "site-health"}),
    ("start_subscription", {"product": "camera-manager"}),
    ("start_trial", {"product": "camera-manager"}),
    (
        "upgrade_licenses",
        {
            "product": "camera-manager",
            "upgrade_type": "core",
            "licenses": 1,
            "where": "wallet",
        },
    ),
    ("redeem_license_key", {"product": "camera-manager", "key": "ZZZZZ"}),
    (
        "allocate_licenses",
        {"product": "camera-manager", "lines": [{"type": "core", "seats": 1}]},
    ),
]
READS: list[tuple[str, dict[str, Any]]] = [
    ("list_organization_products", {}),
    ("get_product_overview", {"product": "camera-manager"}),
    ("get_wallet", {"product": "camera-manager"}),
    ("list_license_history", {}),
]


def member(customer: Customer, role: Role) -> UUID:
    account_id = uuid4()
    with customer.suite.databases["organizations"]() as session:
        session.add(
            Membership(
                id=uuid4(),
                organization_id=customer.id,
                account_id=account_id,
                role=role,
                joined_at=customer.suite.clock.now(),
            )
        )
    return account_id


@pytest.mark.parametrize(
    ("role", "code"),
    [
        (Role.VIEWER, "not-permitted"),
        (Role.OPERATOR, "not-permitted"),
        (None, "organization-not-found"),
    ],
)
def test_licenses_are_the_business_of_owners_and_admins(
    suite: Suite, role: Role | None, code: str
) -> None:
    """R7; strangers are not told that the organization exists."""
    customer = Customer(suite)
    customer.register()
    somebody = member(customer, role) if role else uuid4()
    for method, payload in [*COMMANDS, *READS]:
        payload = {"organization_id": str(customer.id), **payload}
        if method in dict(COMMANDS):
            payload["idempotency_key"] = uuid4().hex
        assert code_of(suite, method, payload, somebody) == code
        assert code_of(suite, method, payload, None) == "unauthenticated"
    assert len(customer.log()) == 1


def test_an_admin_manages_licenses_as_the_owner_does(suite: Suite) -> None:
    """R7."""
    customer = Customer(suite)
    customer.owner = member(customer, Role.ADMIN)
    customer.started()
    customer.buy(1)
    customer.manage(1)
    customer.allocate(1)
    assert customer.history()["items"][0]["role"] == "admin"


def test_an_errand_of_one_member_is_not_answered_in_the_place_of_another(suite: Suite) -> None:
    """D-24: the key belongs to the request and to who made it."""
    customer = Customer(suite)
    errand = uuid4().hex
    customer.register(idempotency_key=errand)
    customer.owner = member(customer, Role.ADMIN)
    with pytest.raises(Refusal) as refused:
        customer.register(idempotency_key=errand)
    assert refused.value.code == "idempotency-mismatch"
