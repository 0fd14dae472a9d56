"""ORGANIZATION > Users through the pages: roles, folders, invitations, removal."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from contracts.access import Role
from gateway.console import folder_choice
from services.organizations.models import Membership
from tests.service.identity.surfer import Page
from tests.service.identity.town import PASSWORD
from tests.service.organizations.office import Office, Visitor
from tests.service.organizations.world import Home

ADA, BOB, EVE = "ada@example.com", "bob@example.com", "eve@example.com"


@pytest.fixture
def ada(office: Office) -> Visitor:
    return office.visitor(ADA)


@pytest.fixture
def home(ada: Visitor) -> Home:
    return ada.home("Engines")


def member(office: Office, home: Home, email: str, role: Role, *folders: UUID) -> UUID:
    """Somebody without a browser."""
    return office.world.joins(home, role, *folders, account=office.world.person(email))


def role_of(office: Office, home: Home, account: UUID) -> str:
    found = office.world.ask("get_member", home.owner, organization_id=home.id, account_id=account)
    return str(found["role"])


def folders_of(office: Office, home: Home, account: UUID) -> set[str]:
    listed = office.world.ask(
        "list_grants", home.owner, organization_id=home.id, account_id=account
    )
    return {each["folder_id"] for each in listed["items"]}


def ticked(page: Page, name: str = "folder_ids") -> set[str | None]:
    return {each["value"] for each in page.inputs if each["name"] == name and "checked" in each}


# The list


def test_every_member_sees_the_users_and_their_roles(office: Office, home: Home) -> None:
    """USR-1, the matrix: an overview for operators and viewers, nothing to press."""
    bob = office.visitor(BOB).joins(home, Role.VIEWER)
    page = bob.at(home, "/users")
    for text in (ADA, BOB, "Owner", "Viewer", "2025-03-01"):
        assert text in page.text
    assert "Invite users" not in page.links
    assert [each for each in page.inputs if each.get("type") == "checkbox"] == []
    assert [form.action for form in page.forms] == ["/account/sign-out"]
    assert "Pending invitations" not in page.text
    page = bob.click(ADA)
    assert page.title == "Roles and access"
    assert [form.action for form in page.forms] == ["/account/sign-out"]


def test_many_users_are_listed_page_by_page(office: Office, ada: Visitor, home: Home) -> None:
    for number in range(60):
        office.clock.advance(timedelta(seconds=1))
        member(office, home, f"user{number:02}@example.com", Role.VIEWER)
    page = ada.at(home, "/users")
    seen = [name for name in page.links if name.startswith("user")]
    page = ada.click("Further entries")
    seen += [name for name in page.links if name.startswith("user")]
    assert seen == [f"user{number:02}@example.com" for number in range(60)]


# Roles


def test_a_role_holds_as_soon_as_it_is_selected(office: Office, ada: Visitor, home: Home) -> None:
    """USR-2, USR-3: for the very next request of a session that is open."""
    bob = office.visitor(BOB).joins(home, Role.VIEWER)
    assert bob.at(home, "/users/invite").status == 403
    ada.at(home, "/users")
    page = ada.click(BOB)
    assert "The role changes immediately when it is selected." in page.text
    page = ada.press("Select: Admin")
    assert "The role was changed. It holds already." in page.text
    assert bob.at(home, "/users/invite").status == 200


def test_what_was_asked_for_at_the_invitation_is_given_with_one_button(
    office: Office, ada: Visitor, home: Home
) -> None:
    """INV-7."""
    bob = member(office, home, BOB, Role.VIEWER)
    with office.world.database() as session:
        session.execute(
            update(Membership)
            .where(Membership.account_id == bob)
            .values(requested_role=Role.OPERATOR)
        )
    page = ada.at(home, "/users")
    assert "Elevation pending: Operator" in page.text
    page = ada.press("Elevate to Operator")
    assert page.path == f"/organizations/{home.id}/users"
    assert "Elevation pending" not in page.text
    assert role_of(office, home, bob) == "operator"


def test_an_admin_is_offered_no_owner(office: Office, home: Home) -> None:
    """OWN-5, USR-7."""
    bob = office.visitor(BOB).joins(home, Role.ADMIN)
    eve = member(office, home, EVE, Role.VIEWER)
    page = bob.at(home, f"/users/{eve}")
    buttons = {button for form in page.forms for button in form.buttons}
    assert buttons >= {"Select: Admin", "Select: Operator"}
    assert "Select: Owner" not in page.links
    page = bob.at(home, f"/users/{home.owner}")
    assert not [button for form in page.forms for button in form.buttons if "Select" in button]
    assert bob.at(home, f"/users/{eve}/role/owner").status == 403
    form = bob.at(home, f"/users/{eve}").form("Select: Admin")
    page = bob.send(form.action.replace("/admin", "/owner"), form.values)
    assert page.status == 403
    assert role_of(office, home, eve) == "viewer"


def test_ownership_is_passed_on_with_credentials_entered_again(
    office: Office, ada: Visitor, home: Home
) -> None:
    """OWN-3, OWN-4, security 2.7: promote somebody, then change one's own role."""
    bob = member(office, home, BOB, Role.VIEWER)
    page = ada.at(home, f"/users/{home.owner}")
    ada.click("Select: Admin")
    page = ada.press("Change the role")
    assert (page.status, len(page.alerts)) == (409, 1)
    ada.waits_for_step_up()
    ada.at(home, f"/users/{bob}")
    page = ada.click("Select: Owner")
    assert page.title == "Enter your credentials again"
    page = ada.press("CONTINUE", password=PASSWORD)
    assert page.path == f"/organizations/{home.id}/users/{bob}/role/owner"
    assert "can archive the organization" in page.text
    ada.press("Change the role")
    assert role_of(office, home, bob) == "owner"
    ada.at(home, f"/users/{home.owner}")
    ada.click("Select: Viewer")
    page = ada.press("Change the role")
    assert page.title == "Roles and access"
    assert ada.at(home, "/users/invite").status == 403


def test_a_role_of_owner_sent_too_late_asks_for_credentials(
    office: Office, ada: Visitor, home: Home
) -> None:
    """Security 2.7."""
    bob = member(office, home, BOB, Role.VIEWER)
    form = ada.at(home, f"/users/{bob}/role/owner").form("Change the role")
    ada.waits_for_step_up()
    page = ada.send(form.action, form.values)
    assert page.title == "Enter your credentials again"
    assert role_of(office, home, bob) == "viewer"
    assert ada.press("CONTINUE", password=PASSWORD).title == "Change the role"


# Folders


def test_folders_are_granted_as_a_whole_set(office: Office, ada: Visitor, home: Home) -> None:
    """ACS-1, ACS-3, ACS-5."""
    site = office.world.folder(home, "Site")
    room = office.world.folder(home, "Room", site)
    lab = office.world.folder(home, "Lab")
    bob = office.visitor(BOB).joins(home, Role.VIEWER, room)
    page = ada.at(home, f"/users/{bob.account}")
    assert ticked(page) == {str(room)}
    form = page.form("Save")
    page = ada.send(form.action, {**form.values, "folder_ids": [str(site), str(lab)]})
    assert "The folders were saved." in page.text
    assert ticked(page) == {str(site), str(lab)}
    assert bob.at(home, f"/devices/folders/{room}").status == 200
    form = page.form("Save")
    ada.send(form.action, {**form.values, "folder_ids": []})
    assert folders_of(office, home, bob.account) == set()
    assert bob.at(home, f"/devices/folders/{room}").status == 404


def test_an_admins_folders_are_not_asked_for(office: Office, ada: Visitor, home: Home) -> None:
    """INV-2, USR-8."""
    bob = member(office, home, BOB, Role.ADMIN)
    page = ada.at(home, f"/users/{bob}")
    assert "This role has access to all folders." in page.text
    assert not any("Save" in form.buttons for form in page.forms)


def test_a_folder_of_another_organization_is_refused(
    office: Office, ada: Visitor, home: Home
) -> None:
    bob = member(office, home, BOB, Role.VIEWER)
    other = office.world.home()
    form = ada.at(home, f"/users/{bob}").form("Save")
    page = ada.send(form.action, {**form.values, "folder_ids": [str(other.root)]})
    assert page.status == 404
    assert folders_of(office, home, bob) == set()


def test_in_a_large_organization_folders_are_opened_one_by_one(
    office: Office, ada: Visitor, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FLD-8: what was ticked elsewhere stays ticked."""
    monkeypatch.setattr(folder_choice, "WHOLE_MOST", 2)
    site = office.world.folder(home, "Site")
    room = office.world.folder(home, "Room", site)
    lab = office.world.folder(home, "Lab")
    bob = member(office, home, BOB, Role.VIEWER, lab)
    page = ada.at(home, f"/users/{bob}")
    assert {str(home.root), str(site), str(lab)} == {
        each["value"] for each in page.inputs if each["name"] == "folder_ids"
    }
    form = page.form("Save")
    page = ada.send(form.action, {**form.values, "open": str(site)})
    assert "Default folder / Lab" in page.text
    assert ticked(page) == {str(lab)}
    form = page.form("Save")
    page = ada.send(form.action, {**form.values, "folder_ids": [str(lab), str(room)]})
    assert "The folders were saved." in page.text
    assert folders_of(office, home, bob) == {str(lab), str(room)}


# Removal


def test_several_users_are_removed_after_a_look_at_who(
    office: Office, ada: Visitor, home: Home
) -> None:
    """USR-5, USR-6."""
    bob = office.visitor(BOB).joins(home, Role.VIEWER)
    eve = member(office, home, EVE, Role.ADMIN)
    form = ada.at(home, "/users").form("Remove the selected users")
    chosen = {**form.values, "account_id": [str(bob.account), str(eve)]}
    page = ada.send(form.action, chosen)
    assert page.title == "Remove users"
    assert BOB in page.text
    assert EVE in page.text
    assert bob.at(home).status == 200
    page = ada.click("日本語")
    assert BOB in page.text
    assert EVE in page.text
    page = ada.press("削除")
    assert BOB not in page.text
    assert bob.at(home).status == 404


def test_nothing_is_removed_where_nobody_is_selected(ada: Visitor, home: Home) -> None:
    ada.at(home, "/users")
    page = ada.press("Remove the selected users")
    assert "Select users first." in page.text


def test_one_user_is_removed_from_the_menu_of_the_row(
    office: Office, ada: Visitor, home: Home
) -> None:
    """USR-4."""
    office.clock.advance(timedelta(seconds=1))
    member(office, home, BOB, Role.VIEWER)
    page = ada.at(home, "/users")
    menus = [tag for tag in page.tags if tag["tag"] == "summary" and tag["text"] == "..."]
    assert {tag["aria-label"] for tag in menus} == {f"Actions: {ADA}", f"Actions: {BOB}"}
    ada.click("Remove user")
    assert ada.page.title == "Remove user"
    page = ada.press("Remove")
    assert "Removed from the organization." in page.text
    assert BOB not in page.text


def test_nobody_is_offered_to_remove_themselves(office: Office, ada: Visitor, home: Home) -> None:
    """USR-5: leaving is in Settings."""
    office.clock.advance(timedelta(seconds=1))
    bob = member(office, home, BOB, Role.VIEWER)
    page = ada.at(home, "/users")
    boxes = [each["value"] for each in page.inputs if each.get("name") == "account_id"]
    assert boxes == [str(bob)]
    removals = [each for each in re.findall(r'href="([^"]*)"', page.html) if "/removal" in each]
    assert [each.rpartition("=")[2] for each in removals] == [str(bob)]
    assert "Remove user" not in ada.at(home, f"/users/{home.owner}").links
    assert "Remove user" in ada.at(home, f"/users/{bob}").links


def test_who_removes_themselves_all_the_same_removes_nobody(
    office: Office, ada: Visitor, home: Home
) -> None:
    """USR-5."""
    bob = member(office, home, BOB, Role.VIEWER)
    ada.at(home, f"/users/removal?account_id={home.owner}&account_id={bob}")
    page = ada.press("Remove")
    assert (page.status, len(page.alerts)) == (409, 1)
    assert role_of(office, home, bob) == "viewer"
    assert role_of(office, home, home.owner) == "owner"


def test_an_admin_removes_no_owner(office: Office, home: Home) -> None:
    """OWN-5."""
    bob = office.visitor(BOB).joins(home, Role.ADMIN)
    bob.at(home, f"/users/removal?account_id={home.owner}")
    page = bob.press("Remove")
    assert page.status == 403
    assert role_of(office, home, home.owner) == "owner"


@pytest.mark.parametrize("query", ["", "?account_id=", "?account_id=x", "?account_id=1&account_id"])
def test_a_removal_of_nobody_leads_nowhere(ada: Visitor, home: Home, query: str) -> None:
    page = ada.at(home, f"/users/removal{query}")
    assert page.status == 404 or page.path == f"/organizations/{home.id}/users"


# Invitations


def invites(visitor: Visitor, home: Home, email: str, **more: Any) -> Page:
    form = visitor.at(home, "/users/invite").form("Invite")
    return visitor.send(form.action, {**form.values, "email": email, **more})


def test_somebody_is_invited_seen_resent_and_revoked(
    office: Office, ada: Visitor, home: Home
) -> None:
    """INV-1, INV-2, INV-5, INV-7."""
    site = office.world.folder(home, "Site")
    page = ada.at(home, "/users")
    page = ada.click("Invite users")
    assert "The Admin role has access to all folders." in page.text
    assert "limited to the viewer role" in page.text
    roles = [tag["value"] for tag in page.tags if tag["tag"] == "option"]
    assert roles == ["viewer", "operator", "admin"]
    page = invites(ada, home, BOB, requested_role="operator", folder_ids=[str(site)])
    assert "The user joins as viewer" in page.text
    assert BOB in page.text
    page = ada.press("Resend")
    assert "The link sent before is dead." in page.text
    page = ada.press("Revoke")
    assert "The invitation was revoked." in page.text
    assert BOB not in page.text
    assert invites(ada, home, BOB, folder_ids=[str(site)]).status == 200
    assert "The invitation is on its way." in ada.page.text


def test_an_invitation_that_is_over_is_not_sent_again(
    office: Office, ada: Visitor, home: Home
) -> None:
    """INV-10: revoked in another window."""
    page = invites(ada, home, BOB, requested_role="admin")
    resend, revoke = page.form("Resend"), page.form("Revoke")
    ada.send(revoke.action, revoke.values)
    page = ada.send(resend.action, resend.values)
    assert (page.status, page.title, len(page.alerts)) == (409, "Pending invitations", 1)
    page = ada.send(revoke.action, revoke.values)
    assert page.path == f"/organizations/{home.id}/users"
    assert "The invitation was over already." in page.text


def waiting_of(office: Office, home: Home) -> dict[str, Any]:
    listed = office.world.ask("list_invitations", home.owner, organization_id=home.id)
    (waiting,) = listed["items"]
    return dict(waiting)


def test_an_invitation_that_waits_is_edited(office: Office, ada: Visitor, home: Home) -> None:
    """INV-2, INV-7: another role and other folders, with the same link."""
    site, lab = office.world.folder(home, "Site"), office.world.folder(home, "Lab")
    invites(ada, home, BOB, requested_role="operator", folder_ids=[str(site)])
    page = ada.click("Edit")
    assert page.title == "Edit the invitation"
    assert f"For {BOB}." in page.text
    form = page.form("Save")
    assert (form.values["requested_role"], ticked(page)) == ("operator", {str(site)})
    page = ada.send(form.action, {**form.values, "folder_ids": []})
    assert (page.status, len(page.alerts)) == (422, 1)
    assert ticked(page) == set()
    changed = {**form.values, "requested_role": "viewer", "folder_ids": [str(lab)]}
    page = ada.send(form.action, changed)
    assert "The invitation was changed." in page.text
    waiting = waiting_of(office, home)
    assert (waiting["requested_role"], waiting["folder_ids"]) == ("viewer", [str(lab)])
    page = ada.send(form.action, {**changed, "requested_role": "owner"})
    assert page.status == 400
    assert {tag["id"] for tag in page.tags if tag.get("class") == "error"} == {
        "requested_role-problem"
    }
    ada.at(home, "/users")
    ada.press("Revoke")
    page = ada.send(form.action, changed)
    assert "The invitation was over already." in page.text
    page = ada.open(form.action)
    assert "The invitation was over already." in page.text


def test_in_a_large_organization_the_folders_of_an_invitation_have_names(
    office: Office, ada: Visitor, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FLD-8."""
    monkeypatch.setattr(folder_choice, "WHOLE_MOST", 2)
    site = office.world.folder(home, "Site")
    room = office.world.folder(home, "Room", site)
    lab = office.world.folder(home, "Lab")
    invites(ada, home, BOB, folder_ids=[str(room)])
    page = ada.click("Edit")
    assert "Default folder / Site / Room" in page.text
    assert ticked(page) == {str(room)}
    form = page.form("Save")
    page = ada.send(form.action, {**form.values, "open": str(lab)})
    assert "Default folder / Site / Room" in page.text
    assert ticked(page) == {str(room)}
    page = ada.press("Save")
    assert "The invitation was changed." in page.text
    assert waiting_of(office, home)["folder_ids"] == [str(room)]


def test_only_who_invites_edits_an_invitation(office: Office, ada: Visitor, home: Home) -> None:
    invites(ada, home, EVE, requested_role="admin")
    waiting = waiting_of(office, home)
    bob = office.visitor(BOB).joins(home, Role.OPERATOR)
    assert bob.at(home, f"/users/invitations/{waiting['id']}").status == 403
    assert ada.at(home, f"/users/invitations/{home.id}").status == 404


@pytest.mark.parametrize(
    ("typed", "field", "status"),
    [
        ({"email": "no address", "requested_role": "admin"}, "email", 422),
        ({"email": BOB, "requested_role": "viewer"}, "folder_ids", 422),
        ({"email": BOB, "requested_role": "owner"}, "requested_role", 400),
        ({"email": ADA, "requested_role": "admin"}, "email", 409),
    ],
)
def test_a_refused_invitation_says_why_at_its_field(
    ada: Visitor, home: Home, typed: dict[str, str], field: str, status: int
) -> None:
    """INV-9, INV-11."""
    page = invites(ada, home, **typed)
    assert page.status == status
    assert len(page.alerts) == 1
    problems = {tag["id"] for tag in page.tags if tag.get("class") == "error"}
    assert problems == {f"{field}-problem"}
    assert page.input("email")["value"] == typed["email"]


def test_operators_and_viewers_invite_nobody(office: Office, home: Home) -> None:
    bob = office.visitor(BOB).joins(home, Role.OPERATOR)
    for path in ("/users/invite", "/users/invitations"):
        assert bob.at(home, path).status == 403
