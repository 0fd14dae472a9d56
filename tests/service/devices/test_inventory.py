"""Adding, listing and removing devices (specification, devices chapter 2)."""

from __future__ import annotations

import json
import logging
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, text

from contracts.access import Role
from contracts.paging import encode_cursor
from services.devices.models import Device
from tests.service.devices.conftest import MakeSite
from tests.service.devices.site import Site


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("version", ["9.80.3.9", "10.12.240", "11.11.148", "12.11.77"])
def test_adding_a_camera_reads_it_first(site: Site, scheme: str, version: str) -> None:
    camera = site.cameras.camera(version=version)
    device = site.add(camera, scheme=scheme)
    assert (device["serial"], device["model"], device["version"]) == (
        camera.serial,
        "P3245-LV",
        version,
    )
    assert (device["soc"], device["hardware_id"]) == ("Axis Artpec-7", "793.2")
    assert device["reachability"] == "online"
    assert (device["fingerprint"] is not None) == (scheme == "https")
    assert site.suite.waiting("devices") == [
        (
            "device_added",
            {
                "device_id": device["id"],
                "organization_id": str(site.home.id),
                "folder_id": str(site.home.root),
                "model": "P3245-LV",
                "serial": camera.serial,
            },
        )
    ]


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("version", ["9.80.3.9", "12.11.77"])
def test_a_camera_with_another_serial_number_is_refused_and_gets_no_password(
    site: Site, scheme: str, version: str
) -> None:
    camera = site.cameras.camera(version=version)
    wanted = site.wanted(camera, scheme=scheme, serial="ACCC8E000001")
    assert site.refused("add_device", **wanted) == "camera-serial-differs"
    assert camera.told["counters"]["sign_in_failures"] == 0
    assert site.suite.waiting("devices") == []


def test_wrong_credentials_are_tried_once_and_refused(site: Site) -> None:
    camera = site.cameras.camera()
    wanted = site.wanted(camera, password="not it")
    assert site.refused("add_device", **wanted) == "camera-credentials-refused"
    assert camera.told["counters"]["sign_in_failures"] == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"port": 1}, "camera-unreachable"),
        ({"host": "192.0.2.1"}, "address-not-allowed"),
        ({"host": "0.0.0.0"}, "address-not-allowed"),
        ({"host": "localhost.invalid"}, "camera-unreachable"),
        ({"serial": "12345"}, "invalid-request"),
        ({"host": "127.0.0.1/../"}, "invalid-request"),
        ({"host": "user@127.0.0.1"}, "invalid-request"),
        ({"port": 0}, "invalid-request"),
        ({"scheme": "ftp"}, "invalid-request"),
        ({"organization": "x"}, "invalid-request"),
    ],
)
def test_what_cannot_be_reached_is_not_added(
    site: Site, changes: dict[str, Any], code: str
) -> None:
    wanted = site.wanted(site.cameras.camera(), **changes)
    assert site.refused("add_device", **wanted) == code


def test_loopback_is_not_reached_unless_it_is_allowed(make_site: MakeSite) -> None:
    site = make_site(networks="10.0.0.0/8")
    camera = site.cameras.camera()
    assert site.refused("add_device", **site.wanted(camera)) == "address-not-allowed"
    assert camera.told["counters"]["requests"] == 0


def test_plain_http_where_tls_is_spoken_is_no_camera(site: Site) -> None:
    camera = site.cameras.camera()
    mixed = site.wanted(camera, scheme="https", port=camera.http_port)
    assert site.refused("add_device", **mixed) == "camera-certificate-refused"


def test_a_self_signed_certificate_does_not_pass_for_one_of_an_authority(site: Site) -> None:
    wanted = site.wanted(site.cameras.camera(), scheme="https", trust="ca")
    assert site.refused("add_device", **wanted) == "camera-certificate-refused"


def test_a_serial_number_is_managed_once_in_the_whole_installation(site: Site) -> None:
    camera = site.cameras.camera()
    device = site.add(camera)
    other = site.world.home(name="Somebody else")
    elsewhere = site.wanted(camera, folder_id=str(other.root), organization_id=str(other.id))
    assert site.refused("add_device", as_=other.owner, **elsewhere) == "device-exists"

    site.ask("remove_device", device_id=device["id"])
    assert site.ask("add_device", as_=other.owner, **elsewhere)["serial"] == camera.serial


def test_repeating_the_same_request_adds_nothing(site: Site) -> None:
    wanted = site.wanted(site.cameras.camera())
    first = site.ask("add_device", **wanted)
    assert site.ask("add_device", **wanted) == first
    assert len(site.suite.waiting("devices")) == 1
    wanted["name"] = "Another"
    assert site.refused("add_device", **wanted) == "idempotency-mismatch"


def test_repeating_a_request_does_not_need_the_camera_again(site: Site) -> None:
    """D-24: the first answer may have been lost, and the camera may be away since."""
    camera = site.cameras.camera()
    wanted = site.wanted(camera)
    first = site.ask("add_device", **wanted)
    camera.faults(offline=True)
    assert site.ask("add_device", **wanted) == first


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_user_name_in_any_script_is_refused_by_the_camera_itself(site: Site, scheme: str) -> None:
    wanted = site.wanted(site.cameras.camera(), scheme=scheme, user="管理者")
    assert site.refused("add_device", **wanted) == "camera-credentials-refused"


def test_a_password_is_in_no_answer_no_row_no_event_and_no_log(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = "Passw0rd-that-shows"
    camera = site.cameras.camera(password=secret)
    device = site.add(camera)
    listed = site.ask("list_devices")
    assert secret not in json.dumps([device, listed, site.suite.waiting("devices")])
    assert secret not in caplog.text
    wrong = site.wanted(camera, password=f"{secret}-not", serial="ACCC8E000001")
    site.refused("add_device", **wrong)
    assert secret not in caplog.text
    with site.suite.databases["devices"].reading() as session:
        for table in ("device", "idempotency", "outbox", "audit"):
            rows = session.execute(text(f"SELECT * FROM {table}")).all()
            assert rows
            assert secret not in str(rows)
        assert secret not in repr(session.scalars(select(Device)).one())


def test_who_may_add_and_remove(site: Site) -> None:
    """Permission device:manage: owner and admin, and nobody from outside (chapter 13)."""
    folder = site.world.folder(site.home, "Site")
    people = {
        role: site.world.joins(site.home, role, folder)
        for role in (Role.ADMIN, Role.OPERATOR, Role.VIEWER)
    }
    device = site.add(site.cameras.camera())
    for role in (Role.OPERATOR, Role.VIEWER):
        wanted = site.wanted(site.cameras.camera(), folder_id=str(folder))
        assert site.refused("add_device", as_=people[role], **wanted) == "not-permitted"
        refused = site.refused("remove_device", as_=people[role], device_id=device["id"])
        assert refused == "not-permitted"
    stranger = uuid4()
    wanted = site.wanted(site.cameras.camera())
    assert site.refused("add_device", as_=stranger, **wanted) == "organization-not-found"
    assert site.refused("get_device", as_=stranger, device_id=device["id"]) == (
        "organization-not-found"
    )
    site.ask("remove_device", as_=people[Role.ADMIN], device_id=device["id"])


def test_a_folder_of_another_organization_takes_no_device(site: Site) -> None:
    other = site.world.home(name="Somebody else")
    wanted = site.wanted(site.cameras.camera(), folder_id=str(other.root))
    assert site.refused("add_device", **wanted) == "folder-not-found"


def test_a_viewer_sees_the_devices_of_granted_folders_only(site: Site) -> None:
    seen, hidden = (site.world.folder(site.home, name) for name in ("Seen", "Hidden"))
    viewer = site.world.joins(site.home, Role.VIEWER, seen)
    inside = site.add(site.cameras.camera(), folder_id=str(seen))
    outside = site.add(site.cameras.camera(), folder_id=str(hidden))
    listed = site.ask("list_devices", as_=viewer)["items"]
    assert [device["id"] for device in listed] == [inside["id"]]
    assert site.refused("get_device", as_=viewer, device_id=outside["id"]) == "device-not-found"
    (model,) = site.ask("list_device_models", as_=viewer)["items"]
    assert model["count"] == 1


def test_the_list_comes_in_pages_and_can_be_narrowed(site: Site) -> None:
    names = ["North 1", "North 2", "South 1", "South_2", "West %"]
    for number, name in enumerate(names):
        model = "M3106-L" if number % 2 else "P3245-LV"
        site.add(site.cameras.camera(model, "11.11.148"), name=name)
    found: list[str] = []
    cursor = None
    while True:
        page = site.ask("list_devices", limit=2, cursor=cursor)
        found += [device["name"] for device in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found == names

    def matching(**filters: Any) -> list[str]:
        return [device["name"] for device in site.ask("list_devices", **filters)["items"]]

    assert matching(text="north") == ["North 1", "North 2"]
    assert matching(text="%") == ["West %"]
    assert matching(text="_") == ["South_2"]
    assert matching(model="M3106-L") == ["North 2", "South_2"]
    assert matching(version="12.11.77") == []
    assert matching(folder_id=str(uuid4())) == []


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "WyJhIiwiYiJd",
        "WyJhIl0",
        encode_cursor(("\ud800", "not an id")),
        encode_cursor(("0001-01-01T00:00:00+14:00", "not an id")),
        encode_cursor(("0001-01-01T00:00:00+14:00", "\0")),
    ],
)
def test_a_made_up_cursor_is_refused(site: Site, cursor: str) -> None:
    for method in ("list_devices", "list_upgrades", "list_campaigns"):
        assert site.refused(method, cursor=cursor) == "cursor-unreadable"


def test_models_are_counted_and_marked_where_an_upgrade_is_recommended(site: Site) -> None:
    """DEV-2."""
    for version in ("11.11.148", "11.11.148", "12.9.57"):
        site.add(site.cameras.camera("P3265-V", version))
    site.release("P3265-V", "12.9.57")
    assert site.ask("list_device_models")["items"] == [
        {
            "model": "P3265-V",
            "version": "11.11.148",
            "count": 2,
            "recommended_version": "12.9.57",
            "upgrade_recommended": True,
        },
        {
            "model": "P3265-V",
            "version": "12.9.57",
            "count": 1,
            "recommended_version": None,
            "upgrade_recommended": False,
        },
    ]


def test_a_removed_device_is_gone_and_its_password_with_it(site: Site) -> None:
    device = site.add(site.cameras.camera())
    site.ask("remove_device", device_id=device["id"])
    assert site.refused("get_device", device_id=device["id"]) == "device-not-found"
    assert site.refused("remove_device", device_id=device["id"]) == "device-not-found"
    assert site.ask("list_devices")["items"] == []
    assert site.suite.waiting("devices")[-1] == (
        "device_removed",
        {"device_id": device["id"], "organization_id": str(site.home.id)},
    )
    with site.suite.databases["devices"].reading() as session:
        assert session.scalars(select(Device.sealed_password)).all() == [None]
