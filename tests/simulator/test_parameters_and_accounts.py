"""Parameters as text, accounts, and the first account of a new camera."""

import pytest
from requests.auth import HTTPDigestAuth

from tests.simulator.conftest import MakeCamera
from tests.simulator.probe import Probe

FIRST = {"action": "add", "grp": "users", "sgrp": "viewer:operator:admin:ptz"}


def listed(camera: Probe, group: str) -> list[str]:
    asked = {"action": "list", "group": group}
    answered = camera.session.get(
        f"{camera.http}/axis-cgi/param.cgi", params=asked, auth=camera.digest, timeout=10
    )
    assert answered.headers["Content-Type"].startswith("text/plain")
    return answered.text.splitlines()


def said(camera: Probe, **arguments: str) -> str:
    answered = camera.post("pwdgrp", auth=camera.digest, data=arguments)
    assert answered.status_code == 200
    _, _, rest = answered.text.partition("<body bgcolor=#ffffff>")
    return rest.partition("\n")[0]


def test_names_echo_the_form_they_were_asked_for_in(camera: Probe) -> None:
    assert listed(camera, "Brand.ProdNbr") == ["Brand.ProdNbr=P3245-LV"]
    assert listed(camera, "root.Brand.ProdNbr") == ["root.Brand.ProdNbr=P3245-LV"]
    assert "root.Properties.Firmware.Version=11.11.148" in listed(camera, "root.Properties")
    assert f"Properties.System.SerialNumber={camera.serial}" in listed(camera, "Properties.*")


def test_a_missing_group_is_told_among_the_good_lines(camera: Probe) -> None:
    assert listed(camera, "Taste,Brand.Brand") == [
        "# Error: Error -1 getting param in group 'Taste'",
        "Brand.Brand=AXIS",
    ]


def test_a_parameter_is_changed_and_a_fact_is_not(camera: Probe) -> None:
    update = {"action": "update", "root.Network.SSH.Enabled": "yes"}
    assert camera.post("param", auth=camera.digest, data=update).text == "OK"
    assert listed(camera, "Network.SSH") == ["Network.SSH.Enabled=yes"]
    update = {"action": "update", "root.Brand.ProdNbr": "Q1"}
    answered = camera.post("param", auth=camera.digest, data=update).text
    assert answered == "# Error: Error setting 'root.Brand.ProdNbr' to 'Q1'!\n"


def test_a_password_among_the_parameters_is_set_and_never_told(camera: Probe) -> None:
    update = {"action": "update", "root.Network.SMTP.Password": "hush"}
    assert camera.post("param", auth=camera.digest, data=update).text == "OK"
    assert listed(camera, "Network.SMTP") == ["Network.SMTP.Password=******"]


def test_what_the_firmware_api_serves_is_also_a_parameter(make_camera: MakeCamera) -> None:
    camera = make_camera("P3265-V", "12.11.77")
    assert listed(camera, "Properties.FirmwareManagement.Version") == [
        "Properties.FirmwareManagement.Version=1.10"
    ]


def test_os_13_has_no_time_zone_among_its_parameters(make_camera: MakeCamera) -> None:
    zone = "Time.POSIXTimeZone"
    assert listed(make_camera("P1467-LE", "12.11.77"), zone) == [f"{zone}=UTC0"]
    assert listed(make_camera("P1467-LE", "13.0.41"), zone)[0].startswith("# Error")


def test_parameters_are_not_for_everybody(camera: Probe) -> None:
    assert camera.post("param", data={"action": "list"}).status_code == 401


def test_an_account_is_created_changed_and_removed(camera: Probe) -> None:
    add = {"action": "add", "user": "joe", "grp": "users", "sgrp": "operator:viewer"}
    assert said(camera, **add, pwd="one") == "Created account joe."
    assert said(camera, **add, pwd="one") == (
        "Error: this user name already exists, consult the system log file."
    )
    assert said(camera, action="update", user="joe", pwd="two") == "Modified account joe."
    every = {"method": "getAllProperties"}
    joe = HTTPDigestAuth("joe", "two")
    assert camera.post("basicdeviceinfo", every, auth=joe).status_code == 200
    assert said(camera, action="remove", user="joe") == "Removed account joe."
    assert camera.post("basicdeviceinfo", every, auth=joe).status_code == 401


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"action": "add", "user": "a b", "pwd": "x", "sgrp": "viewer"}, "account user name."),
        ({"action": "add", "user": "a" * 15, "pwd": "x", "sgrp": "viewer"}, "account user name."),
        ({"action": "add", "user": "joe", "pwd": "", "sgrp": "viewer"}, "invalid password."),
        ({"action": "add", "user": "joe", "pwd": "é", "sgrp": "viewer"}, "invalid password."),
        ({"action": "add", "user": "joe", "pwd": "x"}, "malformed action operation, add."),
        ({"action": "update", "user": "nobody"}, "account user name."),
        ({"action": "remove", "user": "nobody"}, "account user name."),
        ({"action": "remove", "user": "root"}, "account user name."),
        ({"action": "dance"}, "action operation type."),
        ({}, "action operation type."),
    ],
)
def test_a_mistake_is_told_in_the_page(
    camera: Probe, arguments: dict[str, str], error: str
) -> None:
    assert said(camera, **arguments) == f"Error: {error}"


def test_the_accounts_are_listed_by_group(camera: Probe) -> None:
    told = camera.post("pwdgrp", auth=camera.digest, data={"action": "get"}).text
    assert told.splitlines() == [
        f'{name}="root"' for name in ("admin", "operator", "viewer", "ptz", "digusers")
    ]


def test_an_old_camera_lists_its_services_among_the_people(make_camera: MakeCamera) -> None:
    camera = make_camera("M3106-L", "10.12.240")
    told = camera.post("pwdgrp", auth=camera.digest, data={"action": "get"}).text
    groups = dict(line.split("=") for line in told.splitlines())
    assert len(groups) > 90
    assert groups["admin"] == '"wwwa,wwwao,wwwaov,wwwaovp,root"'
    assert groups["digusers"] == '"root"'


def test_a_new_camera_takes_its_first_account_from_anybody_once(make_camera: MakeCamera) -> None:
    camera = make_camera("P3265-V", "12.9.57", needs_setup=True)
    assert (camera.readiness() or {})["needsetup"] == "yes"
    assert camera.post("firmwaremanagement", {"method": "status"}).status_code == 401
    created = camera.post("pwdgrp", data={**FIRST, "user": "boss", "pwd": "secret"})
    assert "Created account boss." in created.text
    assert (camera.readiness() or {})["needsetup"] == "no"
    camera.user, camera.password = "boss", "secret"
    assert camera.status()["activeFirmwareVersion"] == "12.9.57"
    again = camera.post("pwdgrp", data={**FIRST, "user": "thief", "pwd": "secret"})
    assert again.status_code == 401


@pytest.mark.parametrize(
    ("policy", "short", "enough"),
    [
        ("length", "fourteen chars", "fifteen letters"),
        ("complex", "Twelve digits", "Twelve-Digit-1"),
    ],
)
def test_a_camera_may_ask_for_better_passwords(
    make_camera: MakeCamera, policy: str, short: str, enough: str
) -> None:
    camera = make_camera("P3265-V", "12.9.57", needs_setup=True, passphrase_policy=policy)
    assert (camera.readiness() or {})["passphrasepolicy"] == policy
    refused = camera.post("pwdgrp", data={**FIRST, "user": "boss", "pwd": short})
    assert "Error: invalid password." in refused.text
    created = camera.post("pwdgrp", data={**FIRST, "user": "boss", "pwd": enough})
    assert "Created account boss." in created.text


def test_an_account_is_told_what_it_may_do(camera: Probe) -> None:
    add = {"action": "add", "user": "joe", "pwd": "one", "grp": "users", "sgrp": "operator:viewer"}
    camera.post("pwdgrp", auth=camera.digest, data=add)
    url = f"{camera.http}/axis-cgi/usergroup.cgi"
    told = camera.session.get(url, auth=camera.digest, timeout=10)
    assert told.text == "root\nadmin operator viewer ptz\n"
    told = camera.session.get(url, auth=HTTPDigestAuth("joe", "one"), timeout=10)
    assert told.text == "joe\noperator viewer\n"
    assert camera.session.get(url, timeout=10).status_code == 401


@pytest.mark.parametrize(
    ("version", "arguments"),
    [
        ("10.12.240", {**FIRST, "user": "boss", "pwd": "x"}),
        ("10.12.240", {**FIRST, "user": "root", "pwd": "x", "comment": "me"}),
        ("12.9.57", {**FIRST, "user": "boss", "pwd": "x", "sgrp": "viewer"}),
    ],
)
def test_not_everything_may_be_the_first_account(
    make_camera: MakeCamera, version: str, arguments: dict[str, str]
) -> None:
    camera = make_camera("P3265-V", version, needs_setup=True)
    answered = camera.post("pwdgrp", data=arguments)
    assert answered.status_code == 401
    assert "Error: not a valid initial admin user." in answered.text


def test_nothing_else_is_done_before_the_first_account(make_camera: MakeCamera) -> None:
    camera = make_camera("P3265-V", "12.9.57", needs_setup=True)
    answered = camera.post("pwdgrp", data={"action": "remove", "user": "root"})
    assert answered.status_code == 401
    assert "Error: initial admin user must be created first." in answered.text
