"""What can be wrong with changes of an organization, its folders and who belongs to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.journeys.people import PASSWORD, People, Person
from tests.journeys.refusal import post, refused
from tests.journeys.request import Request


@dataclass(frozen=True)
class Home:
    """An organization with a folder, its owner and a viewer of the folder."""

    path: str
    id: str
    root: str
    site: str
    owner: Person
    owner_id: str
    viewer: Person
    viewer_id: str

    @property
    def for_site(self) -> dict[str, Any]:
        return {"requested_role": "viewer", "folder_ids": [self.site]}

    def member(self, account_id: str, rest: str = "") -> str:
        return f"{self.path}/members/{account_id}{rest}"

    def folder(self, folder_id: str, rest: str = "") -> str:
        return f"{self.path}/folders/{folder_id}{rest}"


def made_home(people: People) -> Home:
    owner, viewer = people.newcomer(), people.newcomer()
    made = people.done("POST", "/v1/organizations", body={"name": "Looms"}, token=owner.token)
    path, root = f"/v1/organizations/{made['id']}", made["default_folder_id"]
    site = added_folder(people, path, owner, "Pier", root)
    return Home(
        path,
        made["id"],
        root,
        site,
        owner,
        str(people.done("GET", "/v1/account", token=owner.token)["account_id"]),
        viewer,
        people.joined(path, viewer, by=owner, requested_role="viewer", folder_ids=[site]),
    )


def added_folder(people: People, path: str, owner: Person, name: str, parent: str) -> str:
    body = {"name": name, "parent_id": parent}
    return str(people.done("POST", f"{path}/folders", body=body, token=owner.token)["id"])


@pytest.fixture
def home(people: People) -> Home:
    return made_home(people)


@pytest.fixture
def foreign(people: People) -> Home:
    return made_home(people)


def put(path: str, body: Any, person: Person) -> Request:
    return Request("PUT", path, body=body, token=person.token)


def delete(path: str, person: Person) -> Request:
    return Request("DELETE", path, token=person.token)


# The organization


def archiving(home: Home, person: Person, confirmed: str, understood: bool = True) -> Request:
    body = {"confirm_organization_id": confirmed, "understand_risk": understood}
    return post(f"{home.path}/archive", body, person.token)


def test_archiving_is_confirmed_with_the_id_of_this_organization(
    people: People, home: Home, foreign: Home
) -> None:
    """ARC-2."""
    for wrong in (
        "",
        "Looms",
        foreign.id,
        home.id[:-1],
        f" {home.id}",
        home.id.upper() + ".",
        "x" * 10_000,
    ):
        request = archiving(home, home.owner, wrong)
        refused(people, request, 400, "archiving-not-confirmed")
    refused(people, archiving(home, home.owner, home.id, False), 400, "risk-not-confirmed")
    assert archiving(home, home.owner, home.id).sent_to(people).status_code == 204


def test_what_ends_or_shuts_an_organization_needs_credentials_entered_lately(
    people: People, home: Home
) -> None:
    """Security 2.7."""
    people.suite.clock.advance(timedelta(minutes=11))
    refused(people, archiving(home, home.owner, home.id), 403, "step-up-required")
    request = put(f"{home.path}/policy", {"members_need_authenticator": True}, home.owner)
    refused(people, request, 403, "step-up-required")
    request = put(home.member(home.viewer_id, "/role"), {"role": "owner"}, home.owner)
    refused(people, request, 403, "step-up-required")


def test_an_owner_without_an_authenticator_asks_it_of_nobody(people: People, home: Home) -> None:
    """They would shut themselves out."""
    request = put(f"{home.path}/policy", {"members_need_authenticator": True}, home.owner)
    refused(people, request, 403, "authenticator-required")


# Folders


def test_a_folder_is_not_put_where_it_cannot_be(people: People, home: Home, foreign: Home) -> None:
    """FLD-7 to FLD-9."""
    owner = home.owner
    below = added_folder(people, home.path, owner, "Gate", home.site)
    other = added_folder(people, home.path, owner, "Quay", home.root)
    added_folder(people, home.path, owner, "gATE", other)

    def moving(folder: str, parent: str) -> Request:
        return post(home.folder(folder, "/move"), {"parent_id": parent}, owner.token)

    for request, status, code in (
        (moving(home.site, home.site), 409, "folder-inside-itself"),
        (moving(home.site, below), 409, "folder-inside-itself"),
        (moving(home.root, home.site), 409, "default-folder-stays"),
        (moving(below, other), 409, "folder-name-taken"),
        (moving(below, foreign.root), 404, "folder-not-found"),
        (moving(below, str(uuid4())), 404, "folder-not-found"),
        (moving(foreign.site, home.root), 404, "folder-not-found"),
    ):
        refused(people, request, status, code)
    body = {"name": "pIER"}
    request = Request("PATCH", home.folder(other), body=body, token=owner.token)
    refused(people, request, 409, "folder-name-taken")


def test_a_folder_is_deleted_once_and_knowingly(people: People, home: Home, foreign: Home) -> None:
    """FLD-3, FLD-7."""

    def deleting(folder: str, confirmed: bool = True) -> Request:
        body = {"confirm_risk": confirmed}
        return post(home.folder(folder, "/deletion"), body, home.owner.token)

    refused(people, deleting(home.site, False), 400, "risk-not-confirmed")
    refused(people, deleting(home.root), 409, "default-folder-stays")
    refused(people, deleting(foreign.site), 404, "folder-not-found")
    assert deleting(home.site).sent_to(people).status_code == 201
    refused(people, deleting(home.site), 404, "folder-not-found")
    request = put(home.member(home.viewer_id, f"/folders/{home.site}"), None, home.owner)
    refused(people, request, 404, "folder-not-found")


# Members


def test_nobody_removes_themselves_and_the_last_owner_stays(people: People, home: Home) -> None:
    """OWN-4, USR-5."""
    own = delete(home.member(home.owner_id), home.owner)
    refused(people, own, 409, "last-owner")
    leaving = post(f"{home.path}/leave", None, home.owner.token)
    refused(people, leaving, 409, "last-owner")
    request = put(home.member(home.owner_id, "/role"), {"role": "admin"}, home.owner)
    refused(people, request, 409, "last-owner")
    body = {"role": "owner"}
    people.done("PUT", home.member(home.viewer_id, "/role"), body=body, token=home.owner.token)
    refused(people, own, 409, "own-membership")
    both = {"account_ids": [home.viewer_id, home.owner_id]}
    several = post(f"{home.path}/members/removal", both, home.viewer.token)
    refused(people, several, 409, "last-owner")


def test_who_is_a_member_elsewhere_is_none_here(people: People, home: Home, foreign: Home) -> None:
    """Security 2.8: BOLA."""
    stranger = foreign.viewer_id
    for request in (
        Request("GET", home.member(stranger), token=home.owner.token),
        put(home.member(stranger, "/role"), {"role": "operator"}, home.owner),
        put(home.member(stranger, "/folders"), {"folder_ids": [home.site]}, home.owner),
        put(home.member(stranger, f"/folders/{home.site}"), None, home.owner),
        delete(home.member(stranger), home.owner),
        # All of them or none.
        post(
            f"{home.path}/members/removal",
            {"account_ids": [home.viewer_id, stranger]},
            home.owner.token,
        ),
    ):
        refused(people, request, 404, "member-not-found")


def test_folders_of_another_organization_are_not_granted(
    people: People, home: Home, foreign: Home
) -> None:
    """I4."""
    folders = home.member(home.viewer_id, "/folders")
    for folder in (foreign.site, str(uuid4())):
        for request in (
            put(folders, {"folder_ids": [home.root, folder]}, home.owner),
            put(f"{folders}/{folder}", None, home.owner),
            delete(f"{folders}/{folder}", home.owner),
        ):
            refused(people, request, 404, "folder-not-found")
    refused(people, delete(f"{folders}/{home.root}", home.owner), 404, "grant-not-found")
    twice = put(folders, {"folder_ids": [home.site, home.site]}, home.owner)
    refused(people, twice, 422, "invalid-request")


def test_an_admin_touches_no_owner(people: People, home: Home) -> None:
    """OWN-5."""
    admin = home.viewer
    body = {"role": "admin"}
    people.done("PUT", home.member(home.viewer_id, "/role"), body=body, token=home.owner.token)
    for request in (
        put(home.member(home.viewer_id, "/role"), {"role": "owner"}, admin),
        put(home.member(home.owner_id, "/role"), {"role": "viewer"}, admin),
        delete(home.member(home.owner_id), admin),
        archiving(home, admin, home.id),
    ):
        refused(people, request, 403, "not-permitted")


# Invitations


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"requested_role": "owner"}, 400, "owner-not-invitable"),
        ({"requested_role": "king"}, 422, "invalid-request"),
        ({"folder_ids": []}, 422, "folders-required"),
        ({"folder_ids": [str(uuid4())]}, 404, "folder-not-found"),
        ({"email": "nobody"}, 422, "invalid-request"),
        ({"email": "a@example.com\r\nBcc: b@example.com"}, 422, "invalid-request"),
    ],
)
def test_an_invitation_that_cannot_be_is_refused(
    people: People, home: Home, changes: dict[str, Any], status: int, code: str
) -> None:
    """INV-9, INV-11."""
    body = {"email": f"{uuid4().hex}@example.com", **home.for_site, **changes}
    request = post(f"{home.path}/invitations", body, home.owner.token)
    refused(people, request, status, code)


def test_an_invitation_belongs_to_its_organization(
    people: People, home: Home, foreign: Home
) -> None:
    """Security 2.8: BOLA; INV-2."""
    elsewhere = people.invited(
        foreign.path, f"{uuid4().hex}@example.com", by=foreign.owner, **foreign.for_site
    )
    path, token = f"{home.path}/invitations/{elsewhere.id}", home.owner.token
    for request in (
        Request("GET", path, token=token),
        Request("PATCH", path, body={"requested_role": "admin"}, token=token),
        Request("POST", f"{path}/resend", body={}, token=token),
        Request("DELETE", path, token=token),
    ):
        refused(people, request, 404, "invitation-not-found")
    body = {"email": f"{uuid4().hex}@example.com", **foreign.for_site}
    request = post(f"{home.path}/invitations", body, token)
    refused(people, request, 404, "folder-not-found")
    body = {"email": home.viewer.email.upper(), **home.for_site}
    refused(people, post(f"{home.path}/invitations", body, token), 409, "already-member")


def accepting(token: str, person: Person) -> Request:
    return post("/v1/invitations/acceptance", {"token": token}, person.token)


def registering(token: str, password: str = PASSWORD) -> Request:
    return post("/v1/invitations/registration", {"token": token, "password": password})


def test_an_invitation_of_somebody_else_is_not_accepted(people: People, home: Home) -> None:
    """INV-10, I12."""
    invited, thief = people.newcomer(), people.newcomer()
    token = people.invited(home.path, invited.email, by=home.owner, **home.for_site).token
    refused(people, accepting(token, thief), 403, "not-invited", times=2)
    refused(people, accepting(token, home.owner), 403, "not-invited")
    # Nothing was used up.
    assert accepting(token, invited).sent_to(people).status_code == 200
    refused(people, accepting(token, invited), 409, "invitation-over")


def test_a_link_that_is_over_opens_nothing(people: People, home: Home) -> None:
    """INV-3, INV-5, INV-10: neither to look at it, nor to register, nor to accept."""
    guest = people.newcomer()

    def invited() -> tuple[str, str]:
        made = people.invited(home.path, guest.email, by=home.owner, **home.for_site)
        return f"{home.path}/invitations/{made.id}", made.token

    _path, superseded = invited()
    path, resent = invited()
    people.done("POST", f"{path}/resend", body={}, token=home.owner.token)
    revoked = people.invitation_token(guest.email)
    people.done("DELETE", path, token=home.owner.token)
    _path, late = invited()
    people.suite.clock.advance(timedelta(days=7))
    for token, status, code in (
        (superseded, 409, "invitation-over"),
        (resent, 404, "invitation-not-found"),
        (revoked, 409, "invitation-over"),
        (late, 409, "invitation-over"),
        ("x" * 43, 404, "invitation-not-found"),
    ):
        refused(people, post("/v1/invitations/lookup", {"token": token}), status, code)
        refused(people, registering(token), status, code)
    # Its days are longer than a session's.
    guest = people.signed_in(guest)
    for token in (superseded, revoked, late):
        refused(people, accepting(token, guest), 409, "invitation-over")


def test_a_poor_password_does_not_use_up_the_invitation(people: People, home: Home) -> None:
    """INV-4; security 2.1."""
    email = f"{uuid4().hex}@example.com"
    token = people.invited(home.path, email, by=home.owner, **home.for_site).token
    for password in ("too short", "passwordpassword"):
        refused(people, registering(token, password), 422, "")
    assert registering(token).sent_to(people).status_code == 204
    refused(people, registering(token), 409, "already-registered", times=2)


def test_who_has_an_account_registers_no_other_by_an_invitation(people: People, home: Home) -> None:
    guest = people.newcomer()
    token = people.invited(home.path, guest.email, by=home.owner, **home.for_site).token
    refused(people, registering(token, PASSWORD + "!"), 409, "already-registered")
