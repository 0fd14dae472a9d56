"""One request of each operation that would be carried out: what bad input is made from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from demo.errand import PRODUCT
from simulator.image import file_name, image_bytes
from tests.journeys.ground import MODEL, OTHER_PRODUCT, Ground, upload_query
from tests.journeys.people import NEEDLESS_SCOPE, PASSWORD, Person
from tests.journeys.request import Request

NEWEST = "12.11.77"
NEW_PASSWORD = "thirteen louder cameras in a dale"


Make = Callable[[Ground], Request]


def _get(path: Callable[[Ground], str]) -> Make:
    return lambda ground: Request("GET", path(ground), token=ground.ada.token)


def _delete(path: Callable[[Ground], str]) -> Make:
    return lambda ground: Request("DELETE", path(ground), token=ground.ada.token)


def _post(path: Callable[[Ground], str], body: Callable[[Ground], Any]) -> Make:
    return lambda ground: Request("POST", path(ground), body=body(ground), token=ground.ada.token)


def _patch(path: Callable[[Ground], str], body: Callable[[Ground], Any]) -> Make:
    return lambda ground: Request("PATCH", path(ground), body=body(ground), token=ground.ada.token)


def _put(
    path: Callable[[Ground], str], body: Callable[[Ground], Any] = lambda _ground: None
) -> Make:
    return lambda ground: Request("PUT", path(ground), body=body(ground), token=ground.ada.token)


def _home(rest: str) -> Callable[[Ground], str]:
    return lambda ground: f"{ground.home_path}/{rest}"


def _product(rest: str = "", product: str = PRODUCT) -> Callable[[Ground], str]:
    return lambda ground: f"{ground.home_path}/products/{product}{rest}"


def _quay(rest: str = "") -> Callable[[Ground], str]:
    return lambda ground: f"{ground.home_path}/folders/{ground.quay['id']}{rest}"


def _mate(rest: str = "") -> Callable[[Ground], str]:
    return lambda ground: f"{ground.home_path}/members/{ground.mate_id}{rest}"


def _mate_in_site(ground: Ground) -> str:
    return f"{_mate('/folders')(ground)}/{ground.site['id']}"


def _invitation(rest: str = "") -> Callable[[Ground], str]:
    return lambda ground: f"{ground.home_path}/invitations/{ground.invitation.id}{rest}"


def _public(path: str, body: Callable[[Ground], Any]) -> Make:
    return lambda ground: Request("POST", path, body=body(ground))


def _of(
    person: Callable[[Ground], Person], method: str, path: Callable[[Ground], str], **more: Any
) -> Make:
    """In the name of somebody who is there for it."""
    return lambda ground: Request(method, path(ground), token=person(ground).token, **more)


def _at(path: str) -> Callable[[Ground], str]:
    return lambda _ground: path


def _managing(
    person: Callable[[Ground], Person],
    method: str,
    path: Callable[[Ground], str],
    body: Callable[[Ground], Any] = lambda _ground: None,
) -> Make:
    return lambda ground: Request(
        method, path(ground), body=body(ground), token=person(ground).manage
    )


def _one(ground: Ground) -> Person:
    return ground.managing_one


def _authenticator(ground: Ground) -> str:
    return f"/v1/manage/authenticators/{ground.confirming.authenticator_id}"


def _confirming(ground: Ground) -> Person:
    return ground.confirming.person


def _cancelling(ground: Ground) -> Person:
    return ground.cancelling.person


def _upload(ground: Ground) -> Request:
    content = image_bytes(MODEL, NEWEST, size=64 * 1024)
    query = upload_query(content, file_name(MODEL, NEWEST))
    return Request(
        "POST", "/v1/firmware-images", query=query, content=content, token=ground.ada.token
    )


def _recorder(rest: str = "") -> Callable[[Ground], str]:
    return lambda ground: f"{ground.recorder_path}/systems/{ground.recorder['id']}{rest}"


def _of_system(method: str, path: str, **more: Any) -> Make:
    """In the name of a system that reports."""
    return lambda ground: Request(method, path, token=ground.reporting, **more)


def _of_supplier(method: str, path: Callable[[Ground], str], **more: Any) -> Make:
    return lambda ground: Request(method, path(ground), token=ground.supplier["credential"], **more)


# In an order in which all of them can be carried out one after the other.
EXAMPLES: Mapping[str, Make] = {
    "register_account": _public(
        "/v1/accounts",
        lambda _: {"email": "ivy@example.com", "password": PASSWORD, "language": "ja"},
    ),
    "verify_email": _public(
        "/v1/email-verifications",
        lambda ground: {"token": ground.unverified_token, "password": PASSWORD},
    ),
    "sign_in": _public(
        "/v1/sign-ins", lambda _: {"email": "bob@example.com", "password": PASSWORD}
    ),
    "send_sign_in_code": _public(
        "/v1/sign-ins/email-codes", lambda ground: {"sign_in": ground.uncoded}
    ),
    "complete_sign_in": _public(
        "/v1/sign-ins/completion",
        lambda ground: {
            "sign_in": ground.signing_in,
            "method": "email",
            "code": ground.mailed_code,
        },
    ),
    "get_session": _get(lambda _: "/v1/session"),
    "list_sessions": _get(lambda _: "/v1/sessions"),
    "end_session": lambda ground: Request(
        "DELETE", f"/v1/sessions/{ground.elsewhere_id}", token=ground.elsewhere.token
    ),
    "end_other_sessions": _of(lambda ground: ground.leaving, "DELETE", _at("/v1/sessions")),
    "sign_out": _of(lambda ground: ground.leaving, "DELETE", _at("/v1/session")),
    "step_up": _of(
        lambda ground: ground.stepping_up,
        "POST",
        _at("/v1/session/step-up"),
        body={"password": PASSWORD, "code": None},
    ),
    "get_account": _get(lambda _: "/v1/account"),
    "update_account": _of(
        lambda ground: ground.moving,
        "PATCH",
        _at("/v1/account"),
        body={"language": "ko", "preferred_method": "email"},
    ),
    "change_password": _of(
        lambda ground: ground.changing,
        "PUT",
        _at("/v1/account/password"),
        body={"current_password": PASSWORD, "new_password": NEW_PASSWORD},
    ),
    "request_password_reset": _public(
        "/v1/password-resets", lambda _: {"email": "bob@example.com"}
    ),
    "reset_password": _public(
        "/v1/password-resets/completion",
        lambda ground: {"token": ground.reset_link, "new_password": NEW_PASSWORD},
    ),
    "rate_password": _public("/v1/password-strength", lambda _: {"password": PASSWORD}),
    "request_email_change": _of(
        lambda ground: ground.moving,
        "POST",
        _at("/v1/account/email-changes"),
        body={"email": "patricia@example.com"},
    ),
    "confirm_email_change": _public(
        "/v1/email-changes/confirmation", lambda ground: {"token": ground.change_link}
    ),
    "create_api_token": lambda ground: Request(
        "POST",
        "/v1/api-tokens",
        body={
            "name": "Night shift",
            "scopes": [NEEDLESS_SCOPE],
            "expires_at": (ground.suite.clock.now() + timedelta(days=30)).isoformat(),
        },
        token=ground.moving.token,
    ),
    "list_api_tokens": _get(lambda _: "/v1/api-tokens"),
    "revoke_api_token": lambda ground: Request(
        "DELETE", f"/v1/api-tokens/{ground.revoked_id}", token=ground.moving.token
    ),
    "delete_account": _of(lambda ground: ground.deleting, "DELETE", _at("/v1/account")),
    "open_manage": _public(
        "/v1/sign-ins/manage",
        lambda ground: {
            "sign_in": ground.rescuing,
            "method": "recovery_code",
            "code": ground.ada.recovery_codes[0],
        },
    ),
    "enter_manage": lambda ground: Request(
        "POST",
        "/v1/manage/sessions",
        body={"password": PASSWORD, "method": None, "code": None},
        token=ground.bob.token,
    ),
    "get_manage": _managing(_one, "GET", _at("/v1/manage")),
    "register_authenticator": _managing(_one, "POST", _at("/v1/manage/authenticators")),
    "show_pending_authenticator": _managing(_confirming, "GET", _authenticator),
    "confirm_authenticator": _managing(
        _confirming,
        "POST",
        lambda ground: f"{_authenticator(ground)}/confirmation",
        lambda ground: {
            "code": ground.code(ground.confirming.setup_key),
            "end_other_sessions": True,
        },
    ),
    "remove_authenticator": _managing(_confirming, "DELETE", _at("/v1/manage/authenticator")),
    "cancel_authenticator": _managing(
        _cancelling,
        "DELETE",
        lambda ground: f"/v1/manage/authenticators/{ground.cancelling.authenticator_id}",
    ),
    "create_recovery_codes": _managing(_one, "POST", _at("/v1/manage/recovery-codes")),
    "confirm_recovery_codes": _managing(
        _confirming,
        "POST",
        lambda ground: f"/v1/manage/recovery-codes/{ground.confirming.batch_id}/confirmation",
    ),
    "cancel_recovery_codes": _managing(
        _cancelling,
        "DELETE",
        lambda ground: f"/v1/manage/recovery-codes/{ground.cancelling.batch_id}",
    ),
    "issue_provisioning_sheet": _managing(_one, "POST", _at("/v1/manage/provisioning-sheets")),
    "leave_manage": _managing(_one, "DELETE", _at("/v1/manage/session")),
    "create_organization": _post(lambda _: "/v1/organizations", lambda _: {"name": "Looms"}),
    "list_organizations": _get(lambda _: "/v1/organizations"),
    "get_organization": _get(lambda ground: ground.home_path),
    "update_organization": _patch(
        lambda ground: ground.home_path, lambda _: {"name": "Engines", "notes": "By the harbor."}
    ),
    "set_policy": _put(
        lambda ground: f"/v1/organizations/{ground.spare_home['id']}/policy",
        lambda _: {"members_need_authenticator": True},
    ),
    "archive_organization": _post(
        lambda ground: f"/v1/organizations/{ground.doomed['id']}/archive",
        lambda ground: {
            "confirm_organization_id": ground.doomed["id"],
            "understand_risk": True,
        },
    ),
    "create_folder": _post(
        _home("folders"), lambda ground: {"name": "Roof", "parent_id": ground.site["id"]}
    ),
    "list_folders": _get(_home("folders")),
    "get_folder": _get(lambda ground: f"{ground.home_path}/folders/{ground.site['id']}"),
    "rename_folder": _patch(_quay(), lambda _: {"name": "Wharf"}),
    "move_folder": _post(_quay("/move"), lambda ground: {"parent_id": ground.site["id"]}),
    "preview_deletion": _get(_quay("/deletion-preview")),
    "list_folder_members": _get(_quay("/members")),
    "list_members": _get(_home("members")),
    "get_member": _get(_mate()),
    "set_role": _put(_mate("/role"), lambda _: {"role": "operator"}),
    "list_grants": _get(_mate("/folders")),
    "set_grants": _put(
        _mate("/folders"), lambda ground: {"folder_ids": [ground.site["id"], ground.quay["id"]]}
    ),
    "revoke_folder": _delete(_mate_in_site),
    "grant_folder": _put(_mate_in_site),
    "remove_member": _delete(lambda ground: f"{ground.home_path}/members/{ground.removed_id}"),
    "remove_members": _post(
        _home("members/removal"), lambda ground: {"account_ids": [ground.dropped_id]}
    ),
    "leave_organization": _of(lambda ground: ground.parting, "POST", _home("leave")),
    "delete_folder": _post(_quay("/deletion"), lambda _: {"confirm_risk": True}),
    "invite": _post(
        _home("invitations"),
        lambda ground: {
            "email": "zoe@example.com",
            "requested_role": "operator",
            "folder_ids": [ground.site["id"]],
        },
    ),
    "list_invitations": _get(_home("invitations")),
    "get_invitation": _get(_invitation()),
    "update_invitation": _patch(
        _invitation(),
        lambda ground: {"requested_role": "viewer", "folder_ids": [ground.root_id]},
    ),
    "resend_invitation": _post(_invitation("/resend"), lambda _: {}),
    "revoke_invitation": _delete(_invitation()),
    "look_up_invitation": _public(
        "/v1/invitations/lookup", lambda ground: {"token": ground.unregistered.token}
    ),
    "register_invited": _public(
        "/v1/invitations/registration",
        lambda ground: {
            "token": ground.unregistered.token,
            "password": PASSWORD,
            "language": "ko",
        },
    ),
    "accept_invitation": lambda ground: Request(
        "POST",
        "/v1/invitations/acceptance",
        body={"token": ground.accepting.token},
        token=ground.joining.token,
    ),
    "list_audit_entries": _get(_home("audit-entries")),
    "export_audit_entries": _get(_home("audit-entries.csv")),
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
    "start_trial": _post(_product("/trial", OTHER_PRODUCT), lambda _: {}),
    "start_subscription": _post(
        _product("/subscription", OTHER_PRODUCT), lambda _: {"time_zone": None}
    ),
    "redeem_license_key": _post(_product("/redemptions"), lambda ground: {"key": ground.spare_key}),
    "get_wallet": _get(_product("/wallet")),
    "allocate_licenses": _post(
        _product("/allocations"),
        lambda _: {"lines": [{"type": "core", "seats": 1}], "year": 0, "allow_surplus": True},
    ),
    "preview_allocation": _post(
        _product("/allocations/preview"),
        lambda _: {"lines": [{"type": "core", "seats": 1}], "year": 0, "allow_surplus": True},
    ),
    "get_forecast": _get(_product("/forecast")),
    "export_wallet": _get(_product("/wallet.csv")),
    "list_license_history": _get(_home("license-history")),
    "list_license_notices": _get(_home("license-notices")),
    "export_license_history": _get(_home("license-history.csv")),
    "issue_hardware": lambda ground: Request(
        "POST",
        "/v1/hardware",
        body=ground.hardware("HW-2", "REC-8", "REC-9"),
        token=ground.supplier["credential"],
    ),
    "list_hardware": _of_supplier("GET", lambda _: "/v1/hardware", query={"order_ref": "HW-1"}),
    "register_licensed_system": _post(
        lambda ground: f"{ground.recorder_path}/systems",
        lambda ground: {
            "name": "Hall",
            "serial": "REC-2",
            "ownership_proof": ground.proofs["REC-2"],
        },
    ),
    "list_licensed_systems": _get(lambda ground: f"{ground.recorder_path}/systems"),
    "get_licensed_system": _get(_recorder()),
    "rename_licensed_system": _patch(_recorder(), lambda _: {"name": "Foyer"}),
    "allocate_to_system": _post(
        _recorder("/allocations"), lambda _: {"lines": [{"type": "channel", "licenses": 2}]}
    ),
    "upgrade_licenses": _post(
        lambda ground: f"{ground.recorder_path}/upgrades",
        lambda ground: {
            "upgrade_type": "channel-to-analytics",
            "licenses": 1,
            "where": f"system:{ground.recorder['id']}",
        },
    ),
    "report_usage": _of_system(
        "POST",
        "/v1/usage-reports",
        body={
            "sequence": 1,
            "reported_at": "2025-03-01T09:00:00Z",
            "counts": [{"type": "channel", "count": 9}],
        },
    ),
    "get_entitlement": _of_system("GET", "/v1/entitlement"),
    "license_signing_keys": lambda _: Request("GET", "/v1/license-signing-keys"),
    "upload_system_file": _post(
        lambda ground: f"{ground.recorder_path}/system-files",
        lambda ground: {"file": ground.system_file(), "name": "Hut"},
    ),
    "issue_license_file": _post(
        lambda ground: f"{ground.station_path}/license-file", lambda _: None
    ),
    "get_license_file": _get(lambda ground: f"{ground.station_path}/license-file"),
    "issue_system_credential": _post(_recorder("/credential"), lambda _: None),
    "remove_licensed_system": _delete(
        lambda ground: f"{ground.recorder_path}/systems/{ground.spare_recorder['id']}"
    ),
    "add_device": _post(
        _home("devices"),
        lambda ground: ground.wanted(ground.spare_camera, scheme="https", trust="pin"),
    ),
    "list_devices": _get(_home("devices")),
    "get_device": _get(lambda ground: f"{ground.home_path}/devices/{ground.device['id']}"),
    "move_device": _post(
        lambda ground: f"{ground.home_path}/devices/{ground.device['id']}/move",
        lambda ground: {"folder_id": ground.root_id},
    ),
    "move_devices": _post(
        _home("devices/move"),
        lambda ground: {"device_ids": [ground.device["id"]], "folder_id": ground.site["id"]},
    ),
    "remove_device": _delete(
        lambda ground: f"{ground.home_path}/devices/{ground.spare_device['id']}"
    ),
    "add_system": _post(_home("systems"), lambda ground: ground.connecting("Roof")),
    "list_systems": _get(_home("systems")),
    "get_system": _get(lambda ground: f"{ground.home_path}/systems/{ground.system['id']}"),
    "update_system": _patch(
        lambda ground: f"{ground.home_path}/systems/{ground.system['id']}",
        lambda _: {"name": "Cellar", "address": "station.example"},
    ),
    "move_system": _post(
        lambda ground: f"{ground.home_path}/systems/{ground.system['id']}/move",
        lambda ground: {"folder_id": ground.root_id},
    ),
    "move_systems": _post(
        _home("systems/move"),
        lambda ground: {"system_ids": [ground.system["id"]], "folder_id": ground.site["id"]},
    ),
    "remove_system": _delete(
        lambda ground: f"{ground.home_path}/systems/{ground.spare_system['id']}"
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
    "get_test_clock": _get(lambda _: "/v1/test-clock"),
    # Nobody's session outlives it.
    "advance_test_clock": _post(lambda _: "/v1/test-clock", lambda _: {"days": 2}),
}
