"""One request of each operation that would be carried out: what bad input is made from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from werkzeug.test import TestResponse

from demo.errand import PRODUCT
from simulator.image import file_name, image_bytes
from tests.journeys.ground import MODEL, OTHER_PRODUCT, PASSWORD, Ground, upload_query

NEWEST = "12.11.77"


@dataclass(frozen=True)
class Request:
    """``content`` stands in place of ``body`` where what is sent is not JSON, or not quite."""

    method: str
    path: str
    query: Any = None
    body: Any = None
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    token: str | None = None

    def sent_to(self, ground: Ground) -> TestResponse:
        values = {name: value for name, value in vars(self).items() if name not in _ADDRESS}
        return ground.send(self.method, self.path, **values)


_ADDRESS = ("method", "path")

Make = Callable[[Ground], Request]


def _get(path: Callable[[Ground], str]) -> Make:
    return lambda ground: Request("GET", path(ground), token=ground.ada.token)


def _delete(path: Callable[[Ground], str]) -> Make:
    return lambda ground: Request("DELETE", path(ground), token=ground.ada.token)


def _post(path: Callable[[Ground], str], body: Callable[[Ground], Any]) -> Make:
    return lambda ground: Request("POST", path(ground), body=body(ground), token=ground.ada.token)


def _home(rest: str) -> Callable[[Ground], str]:
    return lambda ground: f"{ground.home_path}/{rest}"


def _product(rest: str = "", product: str = PRODUCT) -> Callable[[Ground], str]:
    return lambda ground: f"{ground.home_path}/products/{product}{rest}"


def _public(path: str, body: Callable[[Ground], Any]) -> Make:
    return lambda ground: Request("POST", path, body=body(ground))


def _upload(ground: Ground) -> Request:
    content = image_bytes(MODEL, NEWEST, size=64 * 1024)
    query = upload_query(content, file_name(MODEL, NEWEST))
    return Request(
        "POST", "/v1/firmware-images", query=query, content=content, token=ground.ada.token
    )


def _of_supplier(method: str, path: Callable[[Ground], str], **more: Any) -> Make:
    return lambda ground: Request(method, path(ground), token=ground.supplier["credential"], **more)


# In an order in which all of them can be carried out one after the other.
EXAMPLES: Mapping[str, Make] = {
    "register_account": _public(
        "/v1/accounts",
        lambda _: {"email": "ivy@example.com", "password": PASSWORD, "language": "ja"},
    ),
    "verify_email": _public(
        "/v1/email-verifications", lambda ground: {"token": ground.unverified_token}
    ),
    "sign_in": _public(
        "/v1/sign-ins", lambda _: {"email": "bob@example.com", "password": PASSWORD}
    ),
    "send_sign_in_code": _public(
        "/v1/sign-ins/email-codes", lambda ground: {"sign_in": ground.uncoded_id}
    ),
    "complete_sign_in": _public(
        "/v1/sign-ins/completion",
        lambda ground: {
            "sign_in": ground.sign_in_id,
            "method": "email",
            "code": ground.sign_in_code,
        },
    ),
    "get_session": _get(lambda _: "/v1/session"),
    "get_account": _get(lambda _: "/v1/account"),
    "enrol_authenticator": lambda ground: Request(
        "POST",
        "/v1/authenticators",
        body={"password": PASSWORD, "code": None},
        token=ground.leaving.token,
    ),
    "sign_out": lambda ground: Request("DELETE", "/v1/session", token=ground.leaving.token),
    "confirm_authenticator": lambda ground: Request(
        "POST",
        f"/v1/authenticators/{ground.pending_id}/confirmation",
        body={"code": ground.shown(ground.pending_key)},
        token=ground.enrolling.token,
    ),
    "create_organization": _post(lambda _: "/v1/organizations", lambda _: {"name": "Looms"}),
    "list_organizations": _get(lambda _: "/v1/organizations"),
    "get_organization": _get(lambda ground: ground.home_path),
    "create_folder": _post(
        _home("folders"), lambda ground: {"name": "Roof", "parent_id": ground.site["id"]}
    ),
    "list_folders": _get(_home("folders")),
    "get_folder": _get(lambda ground: f"{ground.home_path}/folders/{ground.site['id']}"),
    "list_members": _get(_home("members")),
    "list_audit_entries": _get(_home("audit-entries")),
    "list_products": _get(lambda _: "/v1/products"),
    "create_supplier": _post(
        lambda _: "/v1/suppliers", lambda _: {"name": "Jacquard", "keys_per_day": 10}
    ),
    "list_suppliers": _get(lambda _: "/v1/suppliers"),
    "revoke_supplier": _delete(lambda ground: f"/v1/suppliers/{ground.spare_supplier['id']}"),
    "issue_license_keys": _of_supplier(
        "POST",
        lambda _: "/v1/license-keys",
        body={
            "order_ref": "PO-4",
            "product": PRODUCT,
            "lines": [{"type": "core", "quantity": 5}],
            "term_years": 1,
            "redeem_before": "2030-01-01",
            "count": 2,
        },
    ),
    "list_license_keys": _of_supplier(
        "GET", lambda _: "/v1/license-keys", query={"order_ref": "PO-1"}
    ),
    "revoke_license_key": _of_supplier(
        "DELETE", lambda ground: f"/v1/license-keys/{ground.other_order['keys'][0]['id']}"
    ),
    "register_product": _post(
        lambda ground: f"/v1/organizations/{ground.spare_home['id']}/products",
        lambda _: {"product": PRODUCT},
    ),
    "list_organization_products": _get(_home("products")),
    "get_product_overview": _get(_product()),
    "start_subscription": _post(
        _product("/subscription", OTHER_PRODUCT), lambda _: {"time_zone": None}
    ),
    "redeem_license_key": _post(_product("/redemptions"), lambda ground: {"key": ground.spare_key}),
    "get_wallet": _get(_product("/wallet")),
    "allocate_licenses": _post(
        _product("/allocations"),
        lambda _: {"lines": [{"type": "core", "seats": 1}], "year": 0, "allow_surplus": True},
    ),
    "list_license_history": _get(_home("license-history")),
    "add_device": _post(
        _home("devices"),
        lambda ground: ground.wanted(ground.spare_camera, scheme="https", trust="pin"),
    ),
    "list_devices": _get(_home("devices")),
    "get_device": _get(lambda ground: f"{ground.home_path}/devices/{ground.device['id']}"),
    "remove_device": _delete(
        lambda ground: f"{ground.home_path}/devices/{ground.spare_device['id']}"
    ),
    "list_device_models": _get(_home("device-models")),
    "upload_firmware_image": _upload,
    "list_firmware_images": _get(lambda _: "/v1/firmware-images"),
    "start_campaign": _post(
        _home("campaigns"),
        lambda _: {"model": MODEL, "target": "recommended"},
    ),
    "list_campaigns": _get(_home("campaigns")),
    "get_campaign": _get(lambda ground: f"{ground.home_path}/campaigns/{ground.campaign['id']}"),
    "list_campaign_upgrades": _get(
        lambda ground: f"{ground.home_path}/campaigns/{ground.campaign['id']}/upgrades"
    ),
    "list_upgrades": _get(_home("upgrades")),
    "get_upgrade": _get(lambda ground: f"{ground.home_path}/upgrades/{ground.upgrade['id']}"),
}
