"""What can be wrong at one step of the errand only, before there are cameras."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from contracts.license_fields import MANY
from services.licensing.domain.license_key import ALPHABET, new_key, shown
from tests.journeys.examples import EXAMPLES
from tests.journeys.ground import OTHER_PRODUCT, Ground
from tests.journeys.refusal import post, refused
from tests.journeys.request import Request

RIGHT_TO_LEFT = "\u202eeman a"


@pytest.fixture(autouse=True)
def _time_passes(ground: Ground) -> None:
    """More than the pause after a wrong license key, and between two mailed codes."""
    ground.suite.clock.advance(timedelta(minutes=2))


# Organization and folders


@pytest.mark.parametrize(
    "name", [" ", "\u3000", "\u200b", "a\nb", "\u2028", RIGHT_TO_LEFT, "x" * 101, "\u0301" * 300]
)
def test_a_name_nobody_could_read_is_refused(ground: Ground, name: str) -> None:
    for path, more in (
        ("/v1/organizations", {}),
        (f"{ground.home_path}/folders", {"parent_id": ground.root_id}),
    ):
        request = post(path, {"name": name, **more}, ground.ada.token)
        refused(ground, request, 422, "name-refused")


@pytest.mark.parametrize("name", ["Pier", "PIER", " pier ", "pIeR"])
def test_a_folder_needs_a_name_of_its_own(ground: Ground, name: str) -> None:
    body = {"name": name, "parent_id": ground.root_id}
    request = post(f"{ground.home_path}/folders", body, ground.ada.token)
    refused(ground, request, 409, "folder-name-taken")


def test_a_folder_is_not_put_into_another_organization(ground: Ground) -> None:
    for parent in (ground.foreign["default_folder_id"], str(uuid4())):
        body = {"name": "Bridge", "parent_id": parent}
        request = post(f"{ground.home_path}/folders", body, ground.ada.token)
        refused(ground, request, 404, "folder-not-found")
    stranger = post(
        f"{ground.home_path}/folders",
        {"name": "Bridge", "parent_id": ground.root_id},
        ground.bob.token,
    )
    refused(ground, stranger, 404, "organization-not-found")


def test_folders_go_ten_levels_deep(ground: Ground) -> None:
    path = f"/v1/organizations/{ground.spare_home['id']}/folders"
    parent = ground.spare_home["default_folder_id"]
    for level in range(10):
        body = {"name": f"Level {level} {uuid4()}", "parent_id": parent}
        parent = ground.done("POST", path, body=body, token=ground.ada.token)["id"]
    body = {"name": "Too deep", "parent_id": parent}
    refused(ground, post(path, body, ground.ada.token), 409, "folder-too-deep")


# Suppliers and license keys


@pytest.mark.parametrize(
    "operation",
    [
        "create_supplier",
        "list_suppliers",
        "revoke_supplier",
        "upload_firmware_image",
        "list_firmware_images",
    ],
)
def test_only_operators_run_the_installation(ground: Ground, operation: str) -> None:
    asked = EXAMPLES[operation](ground)
    request = Request(**{**vars(asked), "token": ground.bob.token})
    refused(ground, request, 403, "operator-only")


def test_a_supplier_needs_a_name_of_its_own(ground: Ground) -> None:
    body = {"name": ground.supplier["name"]}
    request = post("/v1/suppliers", body, ground.ada.token)
    refused(ground, request, 409, "supplier-name-taken")


def order(**changes: Any) -> dict[str, Any]:
    line = {"type": "core", "quantity": 1}
    body = {"order_ref": uuid4().hex, "lines": [line], "term_years": 1, "count": 1}
    return {**body, "product": "camera-manager", **changes}


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"product": "coffee"}, 404, "product-unknown"),
        ({"lines": [{"type": "coffee", "quantity": 1}]}, 422, "license-type-unknown"),
        ({"lines": [{"type": "core", "quantity": 1}] * 2}, 422, "invalid-request"),
        ({"lines": []}, 422, "invalid-request"),
        ({"order_ref": "PO-1"}, 409, "order-ref-mismatch"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(
    ground: Ground, changes: dict[str, Any], status: int, code: str
) -> None:
    request = post("/v1/license-keys", order(**changes), ground.supplier["credential"])
    refused(ground, request, status, code)


def test_a_supplier_issues_no_more_keys_than_it_may(ground: Ground) -> None:
    body = {"name": f"Small {uuid4()}", "keys_per_day": 1}
    small = ground.done("POST", "/v1/suppliers", body=body, token=ground.ada.token)
    request = post("/v1/license-keys", order(count=2), small["credential"])
    refused(ground, request, 429, "supplier-quota-exhausted")


def test_a_supplier_sees_and_takes_back_its_own_keys_only(ground: Ground) -> None:
    body = {"name": f"Nosy {uuid4()}"}
    nosy = ground.done("POST", "/v1/suppliers", body=body, token=ground.ada.token)["credential"]
    key_id = ground.spare_order["keys"][0]["id"]
    query = {"order_ref": "PO-2"}
    asked = Request("GET", "/v1/license-keys", query=query, token=nosy)
    refused(ground, asked, 404, "order-not-found")
    taken = Request("DELETE", f"/v1/license-keys/{key_id}", token=nosy)
    refused(ground, taken, 404, "license-key-not-found")


def test_a_redeemed_key_is_not_taken_back(ground: Ground) -> None:
    query = {"order_ref": "PO-1"}
    credential = ground.supplier["credential"]
    listed = ground.done("GET", "/v1/license-keys", query=query, token=credential)
    path = f"/v1/license-keys/{listed['keys'][0]['id']}"
    request = Request("DELETE", path, token=credential)
    refused(ground, request, 409, "key-already-redeemed")


# Redeem


def redeeming(ground: Ground, key: str, product: str = "camera-manager") -> Request:
    path = f"{ground.home_path}/products/{product}/redemptions"
    return post(path, {"key": key}, ground.ada.token)


@pytest.mark.parametrize("position", [0, 12, 28])
def test_a_key_with_one_character_wrong_is_refused(ground: Ground, position: int) -> None:
    key = ground.spare_key
    wrong = ALPHABET[(ALPHABET.index(key[position]) + 1) % len(ALPHABET)]
    mistyped = key[:position] + wrong + key[position + 1 :]
    refused(ground, redeeming(ground, mistyped), 422, "key-malformed")


@pytest.mark.parametrize("key", ["x", "-", "٠" * 25, RIGHT_TO_LEFT, "ABCDE-" * 5, "U" * 25])
def test_what_is_no_key_is_refused(ground: Ground, key: str) -> None:
    refused(ground, redeeming(ground, key), 422, "key-malformed")


def test_a_key_nobody_issued_is_refused(ground: Ground) -> None:
    made_up = shown(new_key(lambda most: most // 2))
    refused(ground, redeeming(ground, made_up), 404, "key-unknown")


def test_a_key_is_redeemed_once(ground: Ground) -> None:
    again = refused(ground, redeeming(ground, ground.redeemed_key), 409, "key-already-redeemed")
    assert again["redeemed_on"]


def test_whoever_did_not_redeem_a_key_is_not_told_who_did(ground: Ground) -> None:
    path = f"{registered_abroad(ground)}/redemptions"
    request = post(path, {"key": ground.redeemed_key}, ground.bob.token)
    problem = refused(ground, request, 409, "key-already-redeemed")
    assert not {"redeemed_by", "redeemed_on"} & problem.keys()


def registered_abroad(ground: Ground) -> str:
    """The address of a product of another organization, which never started a subscription."""
    products = f"/v1/organizations/{ground.foreign['id']}/products"
    ground.send("POST", products, body={"product": "camera-manager"}, token=ground.bob.token)
    return f"{products}/camera-manager"


def test_a_key_of_another_product_is_refused(ground: Ground) -> None:
    problem = refused(ground, redeeming(ground, ground.other_key), 409, "key-wrong-product")
    assert problem["product"] == OTHER_PRODUCT


def test_a_key_that_was_taken_back_is_refused(ground: Ground) -> None:
    key = ground.issued(uuid4().hex)["keys"][0]
    path = f"/v1/license-keys/{key['id']}"
    ground.done("DELETE", path, token=ground.supplier["credential"])
    refused(ground, redeeming(ground, key["key"]), 409, "key-revoked")


def test_a_key_is_redeemed_before_its_day(ground: Ground) -> None:
    request = post(
        "/v1/license-keys", order(redeem_before="2025-03-01"), ground.supplier["credential"]
    )
    issued = request.sent_to(ground).get_json()
    refused(ground, redeeming(ground, issued["keys"][0]["key"]), 409, "key-expired")


# Register, start, allocate


def test_a_product_is_registered_and_started_in_order_and_once(ground: Ground) -> None:
    home = f"/v1/organizations/{ground.spare_home['id']}/products"
    product = f"{home}/camera-manager"
    for request, status, code in (
        (post(f"{ground.home_path}/products", {"product": "camera-manager"}), 409, _TWICE),
        (post(home, {"product": "coffee"}), 404, "product-unknown"),
        (post(f"{ground.product_path}/subscription", {}), 409, "already-started"),
        (post(f"{product}/subscription", {}), 404, _NOT_REGISTERED),
        (post(f"{product}/redemptions", {"key": ground.spare_key}), 404, _NOT_REGISTERED),
        (post(f"{product}/allocations", {"lines": LINES}), 404, _NOT_REGISTERED),
        (
            post(f"{ground.home_path}/products/{OTHER_PRODUCT}/allocations", {"lines": LINES}),
            409,
            "subscription-not-started",
        ),
    ):
        asked = Request(**{**vars(request), "token": ground.ada.token})
        refused(ground, asked, status, code)


LINES = [{"type": "core", "seats": 1}]
_TWICE = "product-already-registered"
_NOT_REGISTERED = "product-not-registered"


@pytest.mark.parametrize(
    "name",
    [
        "Nowhere/Land",
        "../../etc/passwd",
        "/etc/localtime",
        "Europe/../Europe/Oslo",
        "europe",
        RIGHT_TO_LEFT,
    ],
)
def test_a_time_zone_nobody_knows_is_refused(ground: Ground, name: str) -> None:
    path = f"{registered_abroad(ground)}/subscription"
    request = post(path, {"time_zone": name}, ground.bob.token)
    refused(ground, request, 422, "time-zone-unknown")


def test_the_time_zone_of_the_first_subscription_stays(ground: Ground) -> None:
    path = f"{ground.home_path}/products/{OTHER_PRODUCT}/subscription"
    request = post(path, {"time_zone": "Europe/Stockholm"}, ground.ada.token)
    refused(ground, request, 409, "time-zone-fixed")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"lines": [{"type": "core", "seats": MANY}]}, 409, "insufficient-wallet"),
        ({"lines": [{"type": "core", "seats": 3}]}, 409, "insufficient-wallet"),
        ({"lines": LINES, "allow_surplus": False}, 409, "above-current-need"),
        ({"lines": [{"type": "coffee", "seats": 1}]}, 422, "license-type-unknown"),
        ({"lines": LINES * 2}, 422, "invalid-request"),
        ({"lines": []}, 422, "nothing-to-allocate"),
        ({"lines": LINES, "year": 7}, 409, "beyond-pre-renewal-horizon"),
    ],
)
def test_an_allocation_that_cannot_be_is_refused(
    ground: Ground, body: dict[str, Any], status: int, code: str
) -> None:
    path = f"{ground.product_path}/allocations"
    request = post(path, {"allow_surplus": True, **body}, ground.ada.token)
    refused(ground, request, status, code)
