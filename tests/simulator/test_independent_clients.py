"""Clients that nobody here wrote read the cameras: `curl` and the library of Home Assistant."""

import asyncio
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from axis.device import AxisDevice
from axis.interfaces.vapix import Vapix
from axis.models.configuration import Configuration
from axis.models.pwdgrp_cgi import SecondaryGroup
from httpx import AsyncClient

from tests.simulator.conftest import MakeCamera
from tests.simulator.probe import Probe

EVERY_OS = [
    ("P3375-LV", "9.80.3.9"),
    ("M3106-L", "10.12.240"),
    ("P3245-LV", "11.11.148"),
    ("P3265-V", "12.9.57"),
    ("M1137 Mk II", "12.11.77"),
    ("P1467-LE", "13.0.41"),
]
CURL = shutil.which("curl")
FIRST = ("action=add", "user=root", "grp=users", "sgrp=viewer:operator:admin:ptz")


def curl(camera: Probe, path: str, *options: str, secure: bool = False, user: bool = True) -> str:
    assert CURL is not None, "these tests are about curl"
    base = camera.https if secure else camera.http
    signed = ("--anyauth", "--user", f"{camera.user}:{camera.password}") if user else ()
    done = subprocess.run(
        [CURL, "--silent", "--insecure", "--noproxy", "*", *signed, *options, base + path],
        capture_output=True,
        timeout=30,
        check=True,
    )
    return done.stdout.decode(errors="replace")


def curl_method(camera: Probe, api: str, method: str, *, secure: bool) -> dict[str, Any]:
    options = ("--header", "Content-Type: application/json", "--data")
    asked = json.dumps({"apiVersion": "1.0", "method": method})
    data: dict[str, Any] = json.loads(
        curl(camera, f"/axis-cgi/{api}.cgi", *options, asked, secure=secure)
    )["data"]
    return data


@pytest.mark.parametrize("secure", [False, True])
@pytest.mark.parametrize(("model", "version"), EVERY_OS)
def test_curl_reads_inventory_parameters_accounts_and_applications(
    make_camera: MakeCamera, model: str, version: str, secure: bool
) -> None:
    camera = make_camera(model, version)
    known = curl_method(camera, "basicdeviceinfo", "getAllProperties", secure=secure)
    assert known["propertyList"]["SerialNumber"] == camera.serial
    assert known["propertyList"]["ProdNbr"] == model
    status = curl_method(camera, "firmwaremanagement", "status", secure=secure)
    assert status["activeFirmwareVersion"] == version
    listed = curl(camera, "/axis-cgi/param.cgi?action=list&group=root.Brand", secure=secure)
    assert f"root.Brand.ProdNbr={model}" in listed.splitlines()
    accounts = curl(camera, "/axis-cgi/pwdgrp.cgi", "--data", "action=get", secure=secure)
    assert 'digusers="root"' in accounts.splitlines()
    applications = curl(camera, "/axis-cgi/applications/list.cgi", "--data", "", secure=secure)
    first = ElementTree.fromstring(applications)[0]
    assert first.attrib["Name"] == "vmd"


@pytest.mark.parametrize("version", ["11.11.148", "12.9.57"])
@pytest.mark.parametrize("secure", [False, True])
def test_curl_takes_a_picture_and_a_recording(
    make_camera: MakeCamera, tmp_path: Path, version: str, secure: bool
) -> None:
    camera = make_camera("P3265-V", version)
    picture, film = tmp_path / "picture.jpg", tmp_path / "film.mkv"
    curl(camera, "/axis-cgi/jpg/image.cgi", "--output", str(picture), secure=secure)
    assert picture.read_bytes().startswith(b"\xff\xd8\xff")
    listed = curl(camera, "/axis-cgi/record/list.cgi?recordingid=all&eventid=motion", secure=secure)
    newest = ElementTree.fromstring(listed).find("recordings/recording")
    assert newest is not None
    query = f"schemaversion=1&recordingid={newest.attrib['recordingid']}&diskid=SD_DISK"
    export = f"/axis-cgi/record/export/exportrecording.cgi?{query}&exportformat=matroska"
    curl(camera, export, "--output", str(film), secure=secure)
    assert film.read_bytes().startswith(b"\x1a\x45\xdf\xa3")


def test_curl_sets_up_a_new_camera_without_signing_in(make_camera: MakeCamera) -> None:
    camera = make_camera("P3265-V", "12.9.57", needs_setup=True)
    fields = [option for field in (*FIRST, "pwd=secret") for option in ("--data", field)]
    page = curl(camera, "/axis-cgi/pwdgrp.cgi", *fields, user=False)
    assert "Created account root." in page
    camera.password = "secret"
    assert "root" in curl(camera, "/axis-cgi/usergroup.cgi")


def read_by_library(camera: Probe) -> Vapix:
    """All that the library reads of a camera when it gets to know it."""

    async def read() -> Vapix:
        host, _, port = camera.http.removeprefix("http://").partition(":")
        async with AsyncClient(trust_env=False) as session:
            configuration = Configuration(
                session, host, username=camera.user, password=camera.password, port=int(port)
            )
            vapix = AxisDevice(configuration).vapix
            await vapix.initialize()
            await vapix.initialize_users()
            await vapix.load_user_groups()
        return vapix

    return asyncio.run(read())


@pytest.mark.parametrize(("model", "version"), EVERY_OS)
def test_the_library_reads_inventory_parameters_accounts_and_applications(
    make_camera: MakeCamera, model: str, version: str
) -> None:
    camera = make_camera(model, version)
    vapix = read_by_library(camera)
    assert (vapix.serial_number, vapix.product_number) == (camera.serial, model)
    assert vapix.firmware_version == version
    assert len(vapix.api_discovery) > 40
    properties = vapix.params.property_handler["0"]
    assert properties.system_serial_number == camera.serial
    assert properties.image_resolution.startswith("1920x1080" if "P3" in model else "2")
    root = vapix.users["root"]
    assert (root.admin, root.operator, root.viewer, root.ptz) == (True, True, True, True)
    assert vapix.access_rights.value == "viewer:operator:admin:ptz"
    vmd = vapix.applications["vmd"]
    assert (vmd.nice_name, vmd.status.value) == ("AXIS Video Motion Detection", "Running")
    assert camera.counters()["sign_in_failures"] == 0


def test_the_library_reads_what_a_dome_can_do(make_camera: MakeCamera) -> None:
    camera = make_camera("Q6135-LE", "12.9.57")
    vapix = read_by_library(camera)
    assert vapix.params.property_handler["0"].ptz is True
    limits = vapix.params.ptz_handler["0"].limits["1"]
    assert (limits.min_pan, limits.max_pan, limits.max_zoom) == (-180, 180, 9999)


def test_the_library_manages_accounts(camera: Probe) -> None:
    async def manage() -> None:
        host, _, port = camera.http.removeprefix("http://").partition(":")
        async with AsyncClient(trust_env=False) as session:
            configuration = Configuration(
                session, host, username=camera.user, password=camera.password, port=int(port)
            )
            users = AxisDevice(configuration).vapix.users
            await users.create("joe", pwd="one", sgrp=SecondaryGroup.OPERATOR)
            await users.update()
            assert (users["joe"].operator, users["joe"].admin) == (True, False)
            await users.delete("joe")

    asyncio.run(manage())
    told = camera.post("pwdgrp", auth=camera.digest, data={"action": "get"}).text
    assert "joe" not in told
