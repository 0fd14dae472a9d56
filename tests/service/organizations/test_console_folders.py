"""AXIS DEVICE MANAGER > Devices and the audit log through the pages."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import pytest

from contracts.access import Role
from gateway.console import audit_log, folder_choice
from tests.service.identity.surfer import Page
from tests.service.identity.town import PASSWORD
from tests.service.organizations.office import Office, Visitor
from tests.service.organizations.world import Home

ADA, BOB = "ada@example.com", "bob@example.com"


@pytest.fixture
def ada(office: Office) -> Visitor:
    return office.visitor(ADA)


@pytest.fixture
def home(ada: Visitor) -> Home:
    return ada.home("Engines")


def actions(page: Page) -> set[str]:
    return {
        tag["aria-label"] for tag in page.tags if tag["tag"] == "summary" and "..." in tag["text"]
    }


# The tree


def test_folders_are_created_from_the_menu_of_the_top_folder(ada: Visitor, home: Home) -> None:
    """FLD-2."""
    page = ada.at(home, "/devices")
    assert page.title == "Default folder"
    assert actions(page) == {"Actions: Default folder"}
    assert not {"Move", "Delete"} & page.links.keys()
    ada.click("Create")
    page = ada.press("Create", name="Site")
    assert "The folder was created." in page.text
    assert actions(page) == {"Actions: Default folder", "Actions: Site"}
    page = ada.click("Site")
    assert page.title == "Site"
    assert page.links["Default folder"].endswith(str(home.root))


def test_a_name_that_is_taken_is_said_at_its_field(
    office: Office, ada: Visitor, home: Home
) -> None:
    """FLD-8."""
    office.world.folder(home, "Site")
    ada.at(home, f"/devices/folders/{home.root}/create")
    page = ada.press("Create", name="SITE")
    assert page.status == 409
    assert page.input("name")["aria-invalid"] == "true"
    assert page.alerts == ["A folder with this name is there already. Choose another name."]


def test_a_folder_is_renamed(office: Office, ada: Visitor, home: Home) -> None:
    site = office.world.folder(home, "Site")
    ada.at(home, f"/devices/folders/{site}")
    ada.click("Rename")
    assert ada.page.form("Save").values["name"] == "Site"
    assert ada.press("Save", name="Plant").title == "Plant"


def test_a_folder_is_moved_anywhere_but_into_itself(
    office: Office, ada: Visitor, home: Home
) -> None:
    """FLD-9."""
    site = office.world.folder(home, "Site")
    room = office.world.folder(home, "Room", site)
    plant = office.world.folder(home, "Plant")
    page = ada.at(home, f"/devices/folders/{site}/move")
    offered = {each["value"] for each in page.inputs if each["name"] == "parent_id"}
    assert offered == {str(home.root), str(plant)}
    assert page.form("Move").values["parent_id"] == str(home.root)
    form = page.form("Move")
    refused = ada.send(form.action, {**form.values, "parent_id": str(room)})
    assert refused.status == 409
    page = ada.press("Move", parent_id=str(plant))
    assert "The folder was moved." in page.text
    assert page.links["Plant"].endswith(str(plant))


def test_in_a_large_organization_the_new_place_is_opened_step_by_step(
    office: Office, ada: Visitor, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_choice, "WHOLE_MOST", 2)
    site = office.world.folder(home, "Site")
    plant = office.world.folder(home, "Plant")
    room = office.world.folder(home, "Room", plant)
    form = ada.at(home, f"/devices/folders/{site}/move").form("Move")
    page = ada.send(form.action, {**form.values, "open": str(plant)})
    offered = {each["value"] for each in page.inputs if each["name"] == "parent_id"}
    assert offered == {str(home.root), str(plant), str(room)}
    form = page.form("Move")
    page = ada.send(form.action, {**form.values, "parent_id": str(room)})
    assert page.links["Room"].endswith(str(room))


def test_many_folders_and_devices_are_listed_page_by_page(
    office: Office, ada: Visitor, home: Home
) -> None:
    office.world.plants(home, [None] * 55)
    for number in range(52):
        office.device(home, home.root, f"Camera {number:02}")
    page = ada.at(home, "/devices")
    assert page.html.count("<strong>Camera ") == 50
    seen = {name for name in actions(page) if "Folder" in name}
    ways = [tag["href"] for tag in page.tags if tag.get("rel") == "next"]
    folders, devices = (ada.open(way) for way in ways)
    assert devices.html.count("<strong>Camera ") == 2
    more = {name for name in actions(folders) if "Folder" in name}
    assert len(more - seen) == 5
    assert len(more | seen) == 55


def test_without_the_service_of_devices_the_folders_are_still_there(
    office: Office, ada: Visitor, home: Home
) -> None:
    office.world.folder(home, "Site")
    del office.suite.kits["devices"]
    page = ada.at(home, "/devices")
    assert (page.status, "Site" in page.links) == (200, True)
    assert "The devices cannot be shown just now." in page.text


# Devices and systems


def test_a_device_is_moved_to_another_folder(office: Office, ada: Visitor, home: Home) -> None:
    """FLD-4, FLD-9."""
    site = office.world.folder(home, "Site")
    device = office.device(home, home.root, "Camera")
    bob = office.visitor(BOB).joins(home, Role.OPERATOR, site)
    page = ada.at(home, "/devices")
    assert "Actions: Camera" in actions(page)
    page = ada.at(home, f"/devices/device/{device}/move")
    assert page.form("Move").values["folder_id"] == str(home.root)
    assert "Camera" not in bob.at(home, f"/devices/folders/{site}").text
    page = ada.press("Move", folder_id=str(site))
    assert (page.title, "Camera" in page.text) == ("Site", True)
    page = bob.at(home, f"/devices/folders/{site}")
    assert "Camera" in page.text
    assert actions(page) == set()
    assert bob.at(home, f"/devices/device/{device}/move").status == 403


def test_connected_systems_are_seen_by_who_monitors_them(
    office: Office, ada: Visitor, home: Home
) -> None:
    """The matrix: not by viewers."""
    site = office.world.folder(home, "Site")
    added = office.suite.call(
        "devices",
        "add_system",
        {
            "organization_id": str(home.id),
            "folder_id": str(home.root),
            "kind": "camera_station",
            "name": "Recorder",
            "address": "192.0.2.9",
            "idempotency_key": "a-recorder",
        },
        as_=ada.account,
    )
    assert "AXIS Camera Station" in ada.at(home, "/devices").text
    ada.at(home, f"/devices/system/{added['id']}/move")
    page = ada.press("Move", folder_id=str(site))
    assert "Recorder" in page.text
    bob = office.visitor(BOB).joins(home, Role.OPERATOR, site)
    eve = office.visitor("eve@example.com").joins(home, Role.VIEWER, site)
    assert "Recorder" in bob.at(home, f"/devices/folders/{site}").text
    page = eve.at(home, f"/devices/folders/{site}")
    assert (page.status, "Recorder" in page.text) == (200, False)


# Access


def test_who_was_granted_a_folder_sees_the_way_to_it_by_name_only(
    office: Office, home: Home
) -> None:
    """ACS-2, ACS-4."""
    site = office.world.folder(home, "Site")
    gate = office.world.folder(home, "Gate", site)
    room = office.world.folder(home, "Room", gate)
    office.world.folder(home, "Secret", site)
    office.device(home, room, "Camera of the room")
    office.device(home, site, "Camera of the site")
    bob = office.visitor(BOB).joins(home, Role.OPERATOR, gate)
    page = bob.at(home, "/devices")
    assert {"Gate"} == {"Gate", "Site", "Room", "Secret", "Default folder"} & page.links.keys()
    assert "Default folder › Site" in page.text
    page = bob.click("Gate")
    assert not {"Site", "Default folder"} & page.links.keys()
    assert "Default folder Site Gate" in page.text
    assert actions(page) == set()
    page = bob.click("Room")
    assert "Camera of the room" in page.text
    assert page.links["Gate"].endswith(str(gate))
    for hidden in (site, home.root):
        assert bob.at(home, f"/devices/folders/{hidden}").status == 404
    for path in ("create", "rename", "move", "delete"):
        assert bob.at(home, f"/devices/folders/{room}/{path}").status == 403


def test_who_was_granted_nothing_is_told_whom_to_ask(office: Office, home: Home) -> None:
    bob = office.visitor(BOB).joins(home, Role.VIEWER)
    assert "No folder is open to you yet." in bob.at(home, "/devices").text


# Deleting


def test_a_deletion_shows_what_goes_and_wants_the_box_ticked(
    office: Office, ada: Visitor, home: Home
) -> None:
    """FLD-3, FLD-4, FLD-5, FLD-7."""
    site = office.world.folder(home, "Site")
    room = office.world.folder(home, "Room", site)
    office.device(home, room, "Camera")
    bob = office.visitor(BOB).joins(home, Role.VIEWER, room)
    page = ada.at(home, f"/devices/folders/{site}")
    assert [href for href in page.links.values() if href.endswith("/delete")]
    page = ada.at(home, f"/devices/folders/{site}/delete")
    for text in ("Subfolders 1", "Devices 1", "Connected systems 0", "Grants of users 1"):
        assert text in page.text
    assert "AXIS Camera Station or AXIS Body Worn" in page.text
    page = ada.press("Delete")
    assert (page.status, page.alerts) == (400, ["Tick the box first."])
    assert bob.at(home, f"/devices/folders/{room}").status == 200
    page = ada.press("Delete", confirm_risk="true")
    assert "The folder was deleted with everything in it." in page.text
    assert page.title == "Default folder"
    assert bob.at(home, f"/devices/folders/{room}").status == 404


def test_credentials_are_asked_for_again_only_where_devices_would_go(
    office: Office, ada: Visitor, home: Home
) -> None:
    """Security 2.7."""
    empty = office.world.folder(home, "Empty")
    site = office.world.folder(home, "Site")
    office.device(home, site, "Camera")
    ada.waits_for_step_up()
    ada.at(home, f"/devices/folders/{empty}/delete")
    page = ada.press("Delete", confirm_risk="true")
    assert "The folder was deleted" in page.text
    page = ada.at(home, f"/devices/folders/{site}/delete")
    assert page.title == "Enter your credentials again"
    page = ada.press("CONTINUE", password=PASSWORD)
    assert page.path == f"/organizations/{home.id}/devices/folders/{site}/delete"
    assert "The folder was deleted" in ada.press("Delete", confirm_risk="true").text


def test_a_device_that_came_meanwhile_makes_the_form_ask(
    office: Office, ada: Visitor, home: Home
) -> None:
    site = office.world.folder(home, "Site")
    ada.waits_for_step_up()
    ada.at(home, f"/devices/folders/{site}/delete")
    office.device(home, site, "Camera")
    page = ada.press("Delete", confirm_risk="true")
    assert page.title == "Enter your credentials again"
    assert ada.at(home, f"/devices/folders/{site}").status == 200


# Audit log


def test_who_did_something_is_named_however_many_members_there_are(
    office: Office, ada: Visitor, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_log, "LIMIT_MOST", 1)
    bob = office.visitor(BOB).joins(home, Role.ADMIN)
    eve = office.visitor("eve@example.com").joins(home, Role.ADMIN)
    for each in (bob, eve):
        office.clock.advance(timedelta(seconds=1))
        office.world.ask(
            "update_organization", each.account, organization_id=home.id, name=each.email
        )
    office.world.ask(
        "remove_members", ada.account, organization_id=home.id, account_ids=[str(eve.account)]
    )
    page = ada.at(home, "/audit-log")
    by = re.findall(r'data-label="By">([^<]*)<', page.html)
    assert by[:3] == [ADA, f"account {str(eve.account)[:8]}", BOB]


def test_the_audit_log_names_what_was_done_and_by_whom(
    office: Office, ada: Visitor, home: Home
) -> None:
    bob = office.visitor(BOB).joins(home, Role.VIEWER)
    office.world.refused("create_folder", bob.account, **_folder(home))
    page = ada.at(home, "/audit-log")
    for text in ("Organization created", "Tried without the right", ADA, BOB, "refused"):
        assert text in page.text
    page = ada.open(f"{page.path}?action=organization_created")
    assert BOB not in page.html.partition("<tbody")[2]
    page = ada.open(f"/organizations/{home.id}/audit-log?account_id={bob.account}")
    assert "Organization created" not in page.html.partition("<tbody")[2]
    assert "Tried without the right" in page.html.partition("<tbody")[2]
    assert str(bob.account) in page.links["Download as CSV"]


def _folder(home: Home) -> dict[str, str]:
    return {
        "organization_id": str(home.id),
        "parent_id": str(home.root),
        "name": "Site",
        "idempotency_key": "a-key-of-mine",
    }


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("since=2025-03-01&until=2025-03-01", True),
        ("since=2025-03-02", False),
        ("until=2025-02-28", False),
        ("until=2025-03-01", True),
        ("action=folder_created", False),
    ],
)
def test_the_days_of_the_filter_are_whole_ones(
    ada: Visitor, home: Home, query: str, found: bool
) -> None:
    page = ada.at(home, f"/audit-log?{query}")
    assert ("<tbody" in page.html) is found
    assert found or "Nothing is listed." in page.text


@pytest.mark.parametrize("day", ["yesterday", "2025-02-30", "9999-12-31", "0"])
def test_a_day_that_is_none_is_said_at_its_field(ada: Visitor, home: Home, day: str) -> None:
    page = ada.at(home, f"/audit-log?until={day}")
    assert (page.status, page.alerts) == (422, ["This is not a day."])
    assert page.input("until")["value"] == day


@pytest.mark.parametrize(
    "query", ["account_id=x", "cursor=x", "action=" + "x" * 99, "account_id=%00"]
)
def test_an_address_made_up_is_refused_as_a_page(ada: Visitor, home: Home, query: str) -> None:
    assert ada.at(home, f"/audit-log?{query}").status in (200, 422)


def test_the_audit_log_is_downloaded(office: Office, ada: Visitor, home: Home) -> None:
    for number in range(60):
        office.world.folder(home, f"Folder {number}")
    page = ada.at(home, "/audit-log")
    assert "Further entries" in page.links
    answer = ada.client.get(page.links["Download as CSV"])
    assert answer.mimetype == "text/csv"
    lines = answer.text.splitlines()
    assert len(lines) == 62
    assert lines[0].endswith('"before","after"')
    assert "organization_created" in lines[-1]
    answer = ada.client.get(
        f"/organizations/{home.id}/audit-log/audit-entries.csv?action=org_renamed"
    )
    assert len(answer.text.splitlines()) == 1


def test_operators_and_viewers_read_no_audit_log(office: Office, home: Home) -> None:
    bob = office.visitor(BOB).joins(home, Role.OPERATOR)
    assert "Audit log" not in bob.at(home).links
    assert bob.at(home, "/audit-log").status == 403
    assert bob.at(home, "/audit-log/audit-entries.csv").status == 403


def test_no_page_shows_what_was_typed_as_markup(office: Office, ada: Visitor, home: Home) -> None:
    evil = '<b onclick="x">"&\''
    site: UUID = office.world.folder(home, evil)
    ada.at(home, "/settings/general")
    ada.press("Save", name=evil, notes=evil)
    for path in (
        "",
        "/devices",
        f"/devices/folders/{site}",
        "/users/invite",
        "/settings",
        f"/devices/folders/{site}/delete",
        "/audit-log",
        "/leave",
    ):
        assert evil in ada.at(home, path).text or "&lt;b" in ada.page.html, path
        assert "<b " not in ada.page.html
