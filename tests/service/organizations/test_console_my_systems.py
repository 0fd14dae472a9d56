"""My Systems through the pages: finding, creating and switching organizations, and their settings."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from contracts.access import Role
from services.organizations.models import Organization
from tests.service.identity.town import PASSWORD
from tests.service.organizations.office import Office

ADA, BOB = "ada@example.com", "bob@example.com"


def test_who_has_no_organization_is_led_to_the_setup_assistant(office: Office) -> None:
    """ORG-3, ORG-4, ORG-5."""
    ada = office.visitor(ADA)
    assert (ada.page.path, ada.page.title) == ("/organizations", "Welcome to My Systems")
    page = ada.click("+ Create new organization")
    page = ada.press("Create", name="Engines")
    assert page.title == "Engines is ready"
    assert "You are its owner." in page.text
    assert ada.click("Build the folders").title == "Default folder"


def test_a_sign_in_leads_into_the_only_organization(office: Office) -> None:
    ada = office.visitor(ADA)
    home = ada.home("Engines")
    office.clock.advance(timedelta(minutes=6))
    ada.signs_in(office.town)
    assert (ada.page.path, ada.page.title) == (f"/organizations/{home.id}", "Engines")


def test_without_the_service_of_organizations_the_account_is_still_there(office: Office) -> None:
    ada = office.visitor(ADA)
    del office.suite.kits["organizations"]
    page = ada.open("/organizations/start")
    assert page.path == "/account"
    assert "Your organizations cannot be shown just now." in page.text


def test_organizations_are_switched_by_name(office: Office) -> None:
    """ORG-3."""
    ada = office.visitor(ADA)
    first, second = ada.home("Engines"), ada.home("Looms")
    office.world.home(name="Somebody else's")
    ada.at(first)
    assert "Somebody else's" not in ada.page.text
    assert ada.click("Looms").path == f"/organizations/{second.id}"
    assert next(tag for tag in ada.page.tags if tag.get("aria-current"))["text"] == "Looms"
    assert ada.click("+ Create new organization").path == "/organizations/create"


def test_a_form_sent_twice_creates_one_organization(office: Office) -> None:
    ada = office.visitor(ADA)
    form = ada.open("/organizations/create").form("Create")
    first = ada.send(form.action, {**form.values, "name": "Engines"})
    assert ada.send(form.action, {**form.values, "name": "Engines"}).path == first.path
    page = ada.send(form.action, {**form.values, "name": "Looms"})
    assert page.status == 409
    # The page that is shown again is another errand.
    assert ada.press("Create").title == "Looms is ready"


@pytest.mark.parametrize("name", ["", "   ", "a\u202eb", "x" * 101])
def test_a_refused_name_is_said_at_its_field(office: Office, name: str) -> None:
    ada = office.visitor(ADA)
    ada.open("/organizations/create")
    page = ada.press("Create", name=name)
    assert page.status == 422
    assert page.input("name")["aria-invalid"] == "true"
    assert page.input("name")["value"] == name
    assert len(page.alerts) == 1


def test_many_organizations_are_listed_page_by_page(office: Office) -> None:
    ada = office.visitor(ADA)
    for number in range(53):
        office.clock.advance(timedelta(seconds=1))
        office.world.joins(
            office.world.home(name=f"Customer {number:02}"), Role.VIEWER, account=ada.account
        )
    page = ada.open("/organizations")
    seen = [name for name in page.links if name.startswith("Customer")]
    page = ada.click("Further entries")
    seen += [name for name in page.links if name.startswith("Customer")]
    assert seen == [f"Customer {number:02}" for number in range(53)]
    assert "Further entries" not in page.links
    ada.click("Back to the first entries")
    ada.click("Customer 07")
    assert "All organizations" in ada.page.links


def test_name_and_notes_are_edited_by_owners_and_admins(office: Office) -> None:
    """ORG-7, ORG-8."""
    ada = office.visitor(ADA)
    home = ada.home("Engines")
    page = ada.at(home, "/settings")
    assert str(home.id) in [each.get("value") for each in page.inputs]
    ada.click("Edit")
    assert ada.page.form("Save").values["name"] == "Engines"
    page = ada.press("Save", name="Looms", notes="Two sheds.\r\n<b>One</b> gate.")
    assert "Saved." in page.text
    read = office.world.ask("get_organization", ada.account, organization_id=home.id)
    assert (read["name"], read["notes"]) == ("Looms", "Two sheds.\n<b>One</b> gate.")
    ada.click("Edit")
    assert ada.page.form("Save").values["notes"] == "Two sheds.\n<b>One</b> gate."
    bob = office.visitor(BOB).joins(home, Role.OPERATOR)
    page = bob.at(home, "/settings")
    assert "Looms" in page.text
    assert "Edit" not in page.links
    assert bob.at(home, "/settings/general").status == 403


def test_an_organization_is_archived_on_the_way_of_the_manual(office: Office) -> None:
    """ARC-2, ARC-3: Settings, Archive, copy the ID, paste it, tick the box."""
    ada = office.visitor(ADA)
    home, other = ada.home("Engines"), ada.home("Looms")
    ada.at(home, "/settings")
    page = ada.click("Archive")
    assert "There is no way to retrieve an organization after archiving." in page.text
    assert "become unusable and are not refunded" in page.text
    copied = next(each for each in page.inputs if "readonly" in each)["value"]
    assert copied == str(home.id)
    ada.click("Archive organization")
    page = ada.press("Archive", confirm_organization_id=str(copied))
    assert (page.status, page.alerts) == (400, ["Tick the box first."])
    page = ada.press("Archive", confirm_organization_id="Engines", understand_risk="true")
    assert (page.status, page.input("confirm_organization_id")["aria-invalid"]) == (400, "true")
    assert page.alerts == ["This is not the ID of the organization. Copy it again."]
    # As it is pasted, with what was copied along.
    page = ada.press("Archive", confirm_organization_id=f" {copied}\n", understand_risk="true")
    assert page.path == "/organizations"
    assert "The organization was archived." in page.text
    assert "Engines" not in page.links
    assert ada.at(home).status == 404
    assert ada.at(other).status == 200


def test_archiving_asks_for_credentials_that_are_old(office: Office) -> None:
    """Security 2.7: on the way back the form is there."""
    ada = office.visitor(ADA)
    home = ada.home()
    form = ada.at(home, "/settings/archive/confirm").form("Archive")
    ada.waits_for_step_up()
    values = {**form.values, "confirm_organization_id": str(home.id), "understand_risk": "true"}
    page = ada.send(form.action, values)
    assert page.title == "Enter your credentials again"
    assert page.links["CANCEL"] == f"/organizations/{home.id}"
    assert office.world.outcome("get_organization", ada.account, organization_id=home.id) == "done"
    page = ada.press("CONTINUE", password=PASSWORD)
    assert page.path == f"/organizations/{home.id}/settings/archive/confirm"
    page = ada.press("Archive", confirm_organization_id=str(home.id), understand_risk="true")
    assert "The organization was archived." in page.text


@pytest.mark.parametrize("where", ["organization_id=x", "organization_id=", "", "account_id=1"])
def test_the_way_back_is_a_page_of_ours_or_none(office: Office, where: str) -> None:
    ada = office.visitor(ADA)
    for purpose in ("archive", "role", "policy", "delete-folder"):
        assert ada.open(f"/account/credentials/{purpose}?{where}").status == 404
    page = ada.open(f"/account/credentials/archive?organization_id={uuid4()}&next=//example.com")
    assert "example.com" not in page.form("CONTINUE").action


def test_only_owners_find_the_archive_and_the_policy(office: Office) -> None:
    """ARC-4, OWN-5."""
    bob = office.visitor(BOB)
    home = office.world.home()
    bob.joins(home, Role.ADMIN)
    page = bob.at(home, "/settings")
    assert not {"Archive", "Change the policy"} & page.links.keys()
    for path in ("archive", "archive/confirm", "policy"):
        assert bob.at(home, f"/settings/{path}").status == 403


def test_the_policy_locks_members_without_an_authenticator_out_and_lets_them_leave(
    office: Office,
) -> None:
    ada = office.visitor(ADA)
    home = ada.home("Engines")
    bob = office.visitor(BOB).joins(home, Role.VIEWER)
    ada.at(home, "/settings/policy")
    page = ada.press("Save", members_need_authenticator="true")
    # Nobody shuts the door behind which they could not come in again.
    assert page.status == 403
    locks(office, home.id)
    page = bob.at(home, "/devices")
    assert (page.status, page.title) == (403, "An authenticator is required")
    assert "Engines" in bob.open("/organizations").links
    bob.at(home)
    bob.click("Leave the organization")
    assert "Engines" in bob.page.text
    page = bob.press("Leave")
    assert "You are no longer a member of the organization." in page.text
    assert bob.at(home).status == 404


def test_an_owner_with_an_authenticator_sets_the_policy(office: Office) -> None:
    ada = office.visitor(ADA)
    home = ada.home("Engines")
    bob = office.visitor(BOB).joins(home, Role.ADMIN)
    ada.enters_manage()
    key = ada.enrols(office.town)
    office.clock.advance(timedelta(minutes=20))
    ada.enters_password(ADA)
    ada.open("/sign-in/one-time-password")
    ada.press("VERIFY", code=office.town.next_code(key))
    ada.at(home, "/settings/policy")
    page = ada.press("Save", members_need_authenticator="true")
    assert "The policy holds from now on." in page.text
    assert "Members must have an authenticator." in page.text
    assert bob.at(home, "/users").title == "An authenticator is required"
    ada.click("Change the policy")
    assert ada.page.form("Save").values["members_need_authenticator"] == "true"
    ada.press("Save", members_need_authenticator="false")
    assert bob.at(home, "/users").title == "Users"


def locks(office: Office, organization_id: UUID) -> None:
    with office.world.database() as session:
        session.execute(
            update(Organization)
            .where(Organization.id == organization_id)
            .values(members_need_authenticator=True)
        )


def test_the_last_owner_cannot_leave(office: Office) -> None:
    """OWN-4."""
    ada = office.visitor(ADA)
    home = ada.home()
    ada.at(home, "/leave")
    page = ada.press("Leave")
    assert page.status == 409
    assert len(page.alerts) == 1
    assert ada.at(home).status == 200


def test_of_a_foreign_organization_no_page_says_anything(office: Office) -> None:
    """Security 2.8."""
    bob = office.visitor(BOB)
    home = office.world.home(name="Engines")
    site = office.world.folder(home, "Site")
    for path in PATHS:
        page = bob.at(home, path.format(account=home.owner, folder=site))
        assert page.status == 404, path
        assert "Engines" not in page.text
    for path in PATHS:
        stranger = office.app().test_client()
        answer = stranger.get(
            f"/organizations/{home.id}{path.format(account=home.owner, folder=site)}"
        )
        assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in"), path


PATHS = (
    "",
    "/created",
    "/users",
    "/users/invite",
    "/users/invitations",
    "/users/invitations/{folder}",
    "/users/removal?account_id={account}",
    "/users/{account}",
    "/users/{account}/role/owner",
    "/devices",
    "/devices/folders/{folder}",
    "/devices/folders/{folder}/create",
    "/devices/folders/{folder}/rename",
    "/devices/folders/{folder}/move",
    "/devices/folders/{folder}/delete",
    "/settings",
    "/settings/general",
    "/settings/policy",
    "/settings/archive",
    "/settings/archive/confirm",
    "/leave",
    "/audit-log",
    "/audit-log/audit-entries.csv",
)
