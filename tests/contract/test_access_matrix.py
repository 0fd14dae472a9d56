"""Who may do what to an organization: one table, a row for each operation of the API that names one.

A new operation below ``/organizations/{organization_id}`` without a row fails here, and so does a new
id in a query: ``list_devices?folder_id`` is a row beside `list_devices`. Chapter 13 of the
specification says what stands in the cells; everybody who is no member is answered 404 everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import pytest
from werkzeug.test import TestResponse

from contracts.caller import Level
from demo.errand import PRODUCT
from gateway import openapi
from tests.contract.neighborhood import Neighborhood, names_in
from tests.service.organizations.guests import PASSWORD

PLACE = re.compile(r"\{(\w+)\}")
METHODS = ("get", "post", "put", "patch", "delete")
# Columns of the table; "hidden" is a 404 of something inside the organization.
INSIDE = ("ungranted viewer", "viewer", "operator", "admin", "owner")
OUTSIDE = ("stranger", "foreign owner", "removed member")
# What is in the folder that was granted to some, or is that folder.
IN_SITE = ("folder_id", "device_id", "system_id", "campaign_id", "upgrade_id")
YES, NO, HIDDEN = "yes", "not-permitted", "hidden"


@dataclass(frozen=True)
class Row:
    """``cells`` in the order of `INSIDE`.

    ``refused`` is the status of a request that its actor may make and that cannot be carried out
    here: there is no camera, or nothing to allocate. ``per_item`` names the id that is answered for
    by itself; ``filters`` the one that only chooses among what is there.
    """

    cells: str
    body: Any = None
    query: Any = None
    refused: int | None = None
    per_item: str | None = None
    filters: str | None = None

    @property
    def expected(self) -> dict[str, str]:
        words = {"yes": YES, "no": NO, "hidden": HIDDEN}
        return dict(zip(INSIDE, (words[cell] for cell in self.cells.split()), strict=True))


EVERYBODY = "yes yes yes yes yes"
MANAGERS = "no no no yes yes"
OWNERS = "no no no no yes"
IN_FOLDER = "hidden yes yes yes yes"

ROWS: dict[str, Row] = {
    # Organizations
    "get_organization": Row(EVERYBODY),
    "update_organization": Row(MANAGERS, {"name": "Looms"}),
    "set_policy": Row(OWNERS, {"members_need_authenticator": True}),
    "archive_organization": Row(
        OWNERS, {"confirm_organization_id": "{organization_id}", "understand_risk": True}
    ),
    "list_audit_entries": Row(MANAGERS),
    "list_audit_entries?account_id": Row(
        MANAGERS, query={"account_id": "{account_id}"}, filters="account_id"
    ),
    "export_audit_entries": Row(MANAGERS),
    "export_audit_entries?account_id": Row(
        MANAGERS, query={"account_id": "{account_id}"}, filters="account_id"
    ),
    # Folders
    "create_folder": Row(MANAGERS, {"parent_id": "{folder_id}", "name": "Roof"}),
    "list_folders": Row(EVERYBODY),
    "list_folders?parent_id": Row(IN_FOLDER, query={"parent_id": "{folder_id}"}),
    "get_folder": Row(IN_FOLDER),
    "rename_folder": Row(MANAGERS, {"name": "Quay"}),
    "move_folder": Row(MANAGERS, {"parent_id": "{other_folder_id}"}),
    "preview_deletion": Row(MANAGERS),
    "delete_folder": Row(MANAGERS, {"confirm_risk": True}),
    "list_folder_members": Row(MANAGERS),
    # Members
    "list_members": Row(EVERYBODY),
    "get_member": Row(EVERYBODY),
    "set_role": Row(MANAGERS, {"role": "operator"}),
    "remove_member": Row(MANAGERS),
    "remove_members": Row(MANAGERS, {"account_ids": ["{account_id}"]}),
    "leave_organization": Row("yes yes yes yes no"),
    "list_grants": Row(MANAGERS),
    "set_grants": Row(MANAGERS, {"folder_ids": ["{other_folder_id}"]}),
    "grant_folder": Row(MANAGERS),
    "revoke_folder": Row(MANAGERS),
    # Invitations
    "invite": Row(
        MANAGERS,
        {
            "email": "mary@example.com",
            "requested_role": "operator",
            "folder_ids": ["{folder_id}"],
        },
    ),
    "list_invitations": Row(MANAGERS),
    "get_invitation": Row(MANAGERS),
    "update_invitation": Row(
        MANAGERS, {"folder_ids": ["{other_folder_id}"], "requested_role": "viewer"}
    ),
    "resend_invitation": Row(MANAGERS),
    "revoke_invitation": Row(MANAGERS),
    # Devices
    "add_device": Row(
        MANAGERS,
        {
            "folder_id": "{folder_id}",
            "name": "Pier gate",
            "serial": "ACCC8EFFFFFF",
            "host": "192.0.2.31",
            "scheme": "http",
            "user": "root",
            "password": "none",
        },
        refused=422,
    ),
    "list_devices": Row(EVERYBODY),
    "list_devices?folder_id": Row(
        EVERYBODY, query={"folder_id": "{folder_id}"}, filters="folder_id"
    ),
    "get_device": Row(IN_FOLDER),
    "remove_device": Row(MANAGERS),
    "move_device": Row(MANAGERS, {"folder_id": "{other_folder_id}"}),
    "move_devices": Row(
        MANAGERS,
        {"folder_id": "{other_folder_id}", "device_ids": ["{device_id}"]},
        per_item="device_id",
    ),
    "list_device_models": Row(EVERYBODY),
    "start_campaign": Row(
        MANAGERS, {"device_ids": ["{device_id}"], "target": "10.12.91"}, refused=422
    ),
    "list_campaigns": Row(EVERYBODY),
    "get_campaign": Row(IN_FOLDER),
    "list_campaign_upgrades": Row(IN_FOLDER),
    "list_upgrades": Row(EVERYBODY),
    "get_upgrade": Row(IN_FOLDER),
    # Connected systems
    "add_system": Row(
        MANAGERS,
        {
            "kind": "body_worn",
            "name": "Guards",
            "folder_id": "{folder_id}",
            "address": "192.0.2.21",
        },
    ),
    "list_systems": Row("no no yes yes yes"),
    "list_systems?folder_id": Row(
        "no no yes yes yes", query={"folder_id": "{folder_id}"}, filters="folder_id"
    ),
    "get_system": Row("no no yes yes yes"),
    "update_system": Row(MANAGERS, {"name": "Lighthouse"}),
    "remove_system": Row(MANAGERS),
    "move_system": Row(MANAGERS, {"folder_id": "{other_folder_id}"}),
    "move_systems": Row(
        MANAGERS,
        {"folder_id": "{other_folder_id}", "system_ids": ["{system_id}"]},
        per_item="system_id",
    ),
    # Licenses
    "list_organization_products": Row(MANAGERS),
    "register_product": Row(MANAGERS, {"product": "site-health"}),
    "get_product_overview": Row(MANAGERS),
    "start_subscription": Row(MANAGERS, {}),
    "start_trial": Row(MANAGERS),
    "upgrade_licenses": Row(
        MANAGERS,
        {"upgrade_type": "core", "licenses": 1, "where": "wallet"},
        refused=409,
    ),
    "redeem_license_key": Row(MANAGERS, {"key": "AAAAA-AAAAA-AAAAA-AAAAA-AAAAA"}, refused=422),
    "allocate_licenses": Row(MANAGERS, {"lines": [{"type": "core", "seats": 1}]}, refused=409),
    "preview_allocation": Row(MANAGERS, {"lines": [{"type": "core", "seats": 1}]}),
    "get_forecast": Row(MANAGERS),
    "get_wallet": Row(MANAGERS),
    "export_wallet": Row(MANAGERS),
    "list_license_history": Row(MANAGERS),
    "list_license_notices": Row(MANAGERS),
    "export_license_history": Row(MANAGERS),
    # Licensed systems
    "register_licensed_system": Row(MANAGERS, {"name": "Lighthouse"}),
    "list_licensed_systems": Row(MANAGERS),
    "get_licensed_system": Row(MANAGERS),
    "rename_licensed_system": Row(MANAGERS, {"name": "Lighthouse"}),
    "remove_licensed_system": Row(MANAGERS),
    "issue_system_credential": Row(MANAGERS),
    "allocate_to_system": Row(MANAGERS, {"lines": [{"type": "core", "licenses": 1}]}, refused=409),
    "upload_system_file": Row(MANAGERS, {"file": "c3lzdGVt"}, refused=422),
    "issue_license_file": Row(MANAGERS, refused=409),
    "get_license_file": Row(MANAGERS, refused=404),
}


# What leads to an organization without naming it in the path: who asks, and the body.
ELSEWHERE: dict[str, tuple[str, dict[str, Any]]] = {
    "create_organization": ("stranger", {"name": "Looms"}),
    "look_up_invitation": ("anonymous", {"token": "{token}"}),
    "accept_invitation": ("guest", {"token": "{token}"}),
    "register_invited": ("anonymous", {"token": "{new_token}", "password": PASSWORD}),
}


@dataclass(frozen=True)
class Operation:
    """``name`` as in the table."""

    name: str
    method: str
    path: str

    @property
    def row(self) -> Row:
        return ROWS[self.name]


def operations() -> Iterator[tuple[Operation, dict[str, Any]]]:
    """Each with what the document says of it."""
    for path, item in openapi.document()["paths"].items():
        for method in METHODS:
            if method in item:
                yield Operation(item[method]["operationId"], method.upper(), path), item[method]


def rows_of(operation: Operation, said: dict[str, Any]) -> Iterator[Operation]:
    """The operation, and again for each id that its query may name."""
    yield operation
    for parameter in said.get("parameters", ()):
        if parameter["in"] == "query" and parameter["schema"].get("format") == "uuid":
            yield replace(operation, name=f"{operation.name}?{parameter['name']}")


EVERY = [
    row
    for operation, said in operations()
    if "{organization_id}" in operation.path
    for row in rows_of(operation, said)
]
KNOWN = [operation for operation in EVERY if operation.name in ROWS]
LEADING = [
    operation
    for operation, said in operations()
    if "{organization_id}" not in operation.path
    and {"organizations", "members", "folders", "invitations"} & set(said["tags"])
    and "requestBody" in said
]
POLICY = next(operation for operation in EVERY if operation.name == "set_policy")


def each() -> Any:
    return pytest.mark.parametrize("operation", KNOWN, ids=lambda operation: operation.name)


@pytest.fixture(scope="module")
def neighborhood(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neighborhood]:
    made = Neighborhood(tmp_path_factory.mktemp("suite"))
    yield made
    made.close()


@pytest.fixture
def place(neighborhood: Neighborhood) -> Neighborhood:
    neighborhood.restore()
    return neighborhood


def ask(place: Neighborhood, actor: str, operation: Operation, **more: Any) -> TestResponse:
    row = operation.row
    return place.send(actor, operation.method, operation.path, row.body, query=row.query, **more)


def test_every_operation_of_an_organization_has_a_row() -> None:
    assert {operation.name for operation in EVERY} == set(ROWS)
    assert {operation.name for operation in LEADING} == set(ELSEWHERE)


@each()
def test_who_has_not_signed_in_is_told_to(place: Neighborhood, operation: Operation) -> None:
    answer = ask(place, "anonymous", operation)
    assert answer.status_code == 401, answer.text


@each()
def test_who_is_no_member_finds_no_organization(place: Neighborhood, operation: Operation) -> None:
    """ACS-3, security 2.8: the same words for a stranger, a foreign owner and a removed member."""
    before = place.dump()
    told = set()
    for actor in OUTSIDE:
        answer = ask(place, actor, operation)
        problem = answer.get_json()
        told.add((answer.status_code, problem["code"], problem["detail"]))
    unknown = {**place.own, "organization_id": str(uuid4())}
    answer = ask(place, "owner", operation, ids=unknown)
    told.add((answer.status_code, answer.get_json()["code"], answer.get_json()["detail"]))
    assert len(told) == 1
    assert told.pop()[:2] == (404, "organization-not-found")
    assert place.dump() == before


@each()
def test_an_archived_organization_is_gone_for_its_members(
    place: Neighborhood, operation: Operation
) -> None:
    """ARC-4, I9."""
    place.archives(place.home)
    for actor in INSIDE:
        answer = ask(place, actor, operation)
        assert (answer.status_code, answer.get_json()["code"]) == (404, "organization-not-found")


@pytest.mark.parametrize("actor", INSIDE)
@each()
def test_a_member_is_answered_by_the_table(
    place: Neighborhood, operation: Operation, actor: str
) -> None:
    """Chapter 13, ORG-1, ORG-6, OWN-2, FLD-1, ACS-3, M5.1, M5.2, I13, I14."""
    row = operation.row
    before = place.dump()
    answer = ask(place, actor, operation)
    word = row.expected[actor]
    if word == YES:
        if row.refused is not None:
            assert answer.status_code == row.refused, answer.text
        else:
            assert answer.status_code in (200, 201, 204), answer.text
        if actor == "ungranted viewer":
            assert not [name for name in IN_SITE if place.own[name] in answer.text]
        return
    problem = answer.get_json()
    if operation.name == "leave_organization":
        # The owner may, but is the last one (OWN-4).
        assert (answer.status_code, problem["code"]) == (409, "last-owner")
    elif word == NO:
        assert (answer.status_code, problem["code"]) == (403, "not-permitted"), answer.text
    else:
        assert answer.status_code == 404, answer.text
        assert problem["code"] != "organization-not-found"
    assert place.dump() == before


@each()
def test_without_the_authenticator_that_is_asked_for_only_leaving_is_left(
    place: Neighborhood, operation: Operation
) -> None:
    """The policy `members_need_authenticator`, for who signed in with less; owners are no exception."""
    asked = place.send("owner", POLICY.method, POLICY.path, {"members_need_authenticator": True})
    assert asked.status_code == 200, asked.text
    if operation.name == "leave_organization":
        assert ask(place, "admin", operation, level=Level.AAL1).status_code == 204
        return
    before = place.dump()
    answer = ask(place, "owner", operation, level=Level.AAL1)
    assert (answer.status_code, answer.get_json()["code"]) == (403, "authenticator-required")
    assert place.dump() == before


def nested() -> Iterator[Any]:
    for operation in KNOWN:
        row = operation.row
        inside = names_in(operation.path) | names_in(row.body) | names_in(row.query)
        for name in sorted(inside - {"organization_id", "product"}):
            yield pytest.param(operation, name, id=f"{operation.name}-{name}")


@pytest.mark.parametrize(("operation", "name"), list(nested()))
def test_what_lies_in_another_organization_is_not_found(
    place: Neighborhood, operation: Operation, name: str
) -> None:
    """BOLA: an id of organization B below ``/organizations/A``, in path, body and query."""
    before = place.dump()
    ids = {**place.own, name: place.foreign[name]}
    row = operation.row
    answer = ask(place, "owner", operation, ids=ids)
    if name == row.filters:
        assert answer.status_code == 200, answer.text
        assert place.foreign[name] not in answer.text
        # Their own are found, so that it is not for nothing that others' are not.
        assert place.own[name] in ask(place, "owner", operation).text
    elif name == row.per_item:
        (item,) = answer.get_json()["items"]
        assert item == {"id": place.foreign[name], "result": "not_found"}
    else:
        assert answer.status_code == 404, answer.text
        assert answer.get_json()["code"] != "organization-not-found"
    assert place.dump() == before


SMUGGLED = {
    "role": "owner",
    "org_id": str(uuid4()),
    "organization_id": str(uuid4()),
    "account_id": str(uuid4()),
    "requested_role": "owner",
    "email_verified": True,
    "status": "active",
    "is_root": True,
    "invited_by": str(uuid4()),
    "created_by": str(uuid4()),
    "access_epoch": 9,
    "deletion_id": str(uuid4()),
}


@pytest.mark.parametrize(
    "operation",
    [operation for operation in KNOWN if operation.row.body is not None],
    ids=lambda operation: operation.name,
)
def test_a_body_decides_nothing_but_what_it_is_asked(
    place: Neighborhood, operation: Operation
) -> None:
    """Mass assignment of role, org_id and the like."""
    before = place.dump()
    for name, value in SMUGGLED.items():
        if name in operation.row.body:
            continue
        answer = place.send(
            "owner", operation.method, operation.path, {**operation.row.body, name: value}
        )
        assert answer.status_code == 422, f"{name}: {answer.text}"
    assert place.dump() == before


@pytest.mark.parametrize("operation", LEADING, ids=lambda operation: operation.name)
def test_who_creates_or_is_invited_decides_nothing_else(
    place: Neighborhood, operation: Operation
) -> None:
    """Mass assignment of what the invitation, or the rule of the creator, decides."""
    actor, body = ELSEWHERE[operation.name]
    before = place.dump()
    for name, value in SMUGGLED.items():
        sent = {**body, name: value}
        answer = place.send(actor, operation.method, operation.path, sent)
        assert answer.status_code == 422, f"{name}: {answer.text}"
    assert place.dump() == before
    answer = place.send(actor, operation.method, operation.path, body)
    assert answer.status_code in (200, 201, 204), answer.text


def test_no_license_goes_to_another_organization() -> None:
    """ORG-9: no operation of licensing takes a second organization, and no key says whose it is."""
    document = openapi.document()
    licensing = [each for each in operations() if each[1]["tags"][0].startswith("licens")]
    assert {"allocate_licenses", "redeem_license_key"} <= {each.name for each, _ in licensing}
    for operation, said in licensing:
        asked = [parameter["name"] for parameter in said.get("parameters", ())]
        taken = [*asked, *fields(document, said.get("requestBody", {}))]
        assert not [name for name in taken if "organization" in name], operation.name
        named = [name for name in PLACE.findall(operation.path) if "organization" in name]
        assert named in ([], ["organization_id"]), operation.name


def fields(document: Any, part: Any) -> list[str]:
    """Of a body, however deep."""
    if isinstance(part, list):
        return [name for each in part for name in fields(document, each)]
    if not isinstance(part, dict):
        return []
    found = list(part.get("properties", ()))
    if "$ref" in part:
        kind = part["$ref"].rsplit("/", 1)[-1]
        found += fields(document, document["components"]["schemas"][kind])
    return found + [name for each in part.values() for name in fields(document, each)]


def test_the_products_of_the_table_are_in_the_catalogue() -> None:
    assert ROWS["register_product"].body["product"] != PRODUCT
