"""What can be wrong with cameras, images and campaigns, while the cameras look on."""

from __future__ import annotations

import io
import json
import tarfile
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
import zstandard

from simulator.image import file_name, image_bytes
from tests.journeys.examples import EXAMPLES
from tests.journeys.ground import (
    CAMERA_ADDRESS,
    MODEL,
    NEW,
    OLD,
    Ground,
    upload_query,
)
from tests.journeys.refusal import refused
from tests.journeys.request import Request

# Adding cameras


def adding(ground: Ground, **changes: Any) -> Request:
    asked = EXAMPLES["add_device"](ground)
    return replace(asked, body={**asked.body, **changes})


def test_a_camera_with_another_serial_number_gets_no_password(ground: Ground) -> None:
    """It would count a wrong one."""
    before = ground.spare_camera.told["counters"]["sign_in_failures"]
    for scheme, port in (
        ("https", ground.spare_camera.https_port),
        ("http", ground.spare_camera.http_port),
    ):
        request = adding(ground, serial="0" * 12, scheme=scheme, port=port, password="guess")
        problem = refused(ground, request, 409, "camera-serial-differs")
        assert ground.spare_camera.serial not in str(problem)
    assert ground.spare_camera.told["counters"]["sign_in_failures"] == before


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.0.0.1",
        "0.0.0.0",
        "255.255.255.255",
        "10.0.0.1",
        "169.254.169.254",
        "224.0.0.1",
        "::1",
        "::",
        "::ffff:127.0.0.1",
        "::ffff:7f00:1",
        "::ffff:169.254.169.254",
        "::127.0.0.2",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "fd00:ec2::254",
        "localhost",
    ],
)
def test_nothing_outside_the_networks_of_cameras_is_asked(ground: Ground, host: str) -> None:
    """Security: the suite is no way into the machine's own network."""
    refused(ground, adding(ground, host=host), 422, "address-not-allowed")


@pytest.mark.parametrize(
    "host",
    [
        "[::1]",
        "http://127.0.0.2",
        "root@127.0.0.2",
        "127.0.0.2/x",
        "127.0.0.2?x",
        "127.0.0.2\n",
        "１２７.0.0.2",
        "kamera.日本",
        "a" * 254,
        "-x",
        "x..",
    ],
)
def test_what_is_no_host_is_refused(ground: Ground, host: str) -> None:
    refused(ground, adding(ground, host=host), 422, "invalid-request")


@pytest.mark.parametrize("host", ["127.0.0.2:80", "x..y", "a" * 200])
def test_a_host_that_has_no_address_is_told_as_such(ground: Ground, host: str) -> None:
    refused(ground, adding(ground, host=host), 409, "camera-unreachable")


def test_a_camera_that_is_offline_is_told_as_such(ground: Ground) -> None:
    gone = ground.cameras.camera(MODEL, OLD)
    gone.faults(offline=True)
    for scheme, port in (("https", gone.https_port), ("http", gone.http_port)):
        request = replace(adding(ground), body=ground.wanted(gone, scheme=scheme, port=port))
        problem = refused(ground, request, 409, "camera-unreachable")
        assert problem["cause"] in ("unreachable", "no_answer")


def test_a_wrong_camera_password_is_told_as_such(ground: Ground) -> None:
    for changes in (
        {"password": "guess"},
        {"user": "admin"},
        {"password": "guess", "scheme": "http", "port": ground.spare_camera.http_port},
        {"user": 'root", realm="x'},
    ):
        refused(ground, adding(ground, **changes), 409, "camera-credentials-refused")


def test_a_wrong_port_or_scheme_is_told_as_such(ground: Ground) -> None:
    spare = ground.spare_camera
    plain = adding(ground, scheme="https", port=spare.http_port)
    refused(ground, plain, 409, "camera-certificate-refused")
    secure = adding(ground, scheme="http", port=spare.https_port)
    refused(ground, secure, 409, "")
    refused(ground, adding(ground, trust="ca"), 409, "camera-certificate-refused")
    refused(ground, adding(ground, port=1), 409, "camera-unreachable")


def test_a_camera_is_in_one_organization_only(ground: Ground) -> None:
    body = ground.wanted(ground.camera)
    again = replace(adding(ground), body=body)
    refused(ground, again, 409, "device-exists")
    path = f"/v1/organizations/{ground.foreign['id']}/devices"
    body["folder_id"] = ground.foreign["default_folder_id"]
    elsewhere = Request("POST", path, body=body, token=ground.bob.token)
    refused(ground, elsewhere, 409, "device-exists")


def test_a_camera_is_put_into_a_folder_of_its_own_organization(ground: Ground) -> None:
    for folder in (ground.foreign["default_folder_id"], str(uuid4())):
        refused(ground, adding(ground, folder_id=folder), 404, "folder-not-found")


# Images


def uploading(ground: Ground, content: bytes, name: str = "image.bin", **query: str) -> Request:
    asked = EXAMPLES["upload_firmware_image"](ground)
    return replace(asked, content=content, query={**upload_query(content, name), **query})


def image() -> bytes:
    return image_bytes(MODEL, "12.11.77", size=64 * 1024)


def test_an_image_with_another_sha_256_is_refused(ground: Ground) -> None:
    request = uploading(ground, image(), sha256="0" * 64)
    refused(ground, request, 422, "firmware-image-damaged")


def test_an_image_that_lost_its_end_is_refused(ground: Ground) -> None:
    whole = image()
    cut = replace(uploading(ground, whole), content=whole[: len(whole) // 2])
    refused(ground, cut, 422, "firmware-image-damaged")
    # Its own SHA-256 does not make a beginning that says nothing an image.
    refused(ground, uploading(ground, whole[:100]), 422, "firmware-image-unknown")


def test_an_empty_image_is_refused(ground: Ground) -> None:
    refused(ground, uploading(ground, b""), 422, "")


@pytest.mark.parametrize(
    "content",
    [
        b"hello",
        b"\x1f\x8b",
        b"\x28\xb5\x2f\xfd",
        b"\x1f\x8b" + bytes(1000),
        bytes(512 * 20),
        zstandard.compress(bytes(50_000_000)),
        zstandard.compress(b"x" * 10_000),
    ],
)
def test_what_is_no_image_is_refused(ground: Ground, content: bytes) -> None:
    refused(ground, uploading(ground, content), 422, "firmware-image-unknown")


def archive(info: object) -> bytes:
    """An archive whose second member is this text, or this value as JSON."""
    text = info if isinstance(info, bytes) else json.dumps(info).encode()
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as tar:
        for name, content in (("first", b""), ("info.json", text)):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return made.getvalue()


def told(**changes: Any) -> dict[str, Any]:
    products = [{"ProdNbr": MODEL, "HardwareID": "1"}]
    return {"Release": "12.11.77", "Products": products, **changes}


@pytest.mark.parametrize(
    "info",
    [
        b"{",
        b"\xff",
        b"[" * 100_000,
        [],
        told(Release="11"),
        told(Release=12),
        told(Release="12.11.77\n"),
        told(Release="１２.11.77"),
        told(Products=[]),
        told(Products=None),
        told(Products=[{"ProdNbr": 7}]),
        told(Products=[{"ProdNbr": "x" * 100}]),
        told(Products=[{"ProdNbr": "P\0"}]),
        told(Products=[{"ProdNbr": "\ud800"}]),
        told(Products=[{"ProdNbr": MODEL, "HardwareID": "\0"}]),
        told(Track="\0"),
        told(Track="\ud800"),
        told(Track="x" * 50),
        told(UpgradeableFrom="11"),
        told(UpgradeableFrom=["\0"]),
        told(UpgradeableFrom=["\ud800"]),
    ],
)
def test_an_image_that_tells_nonsense_of_itself_is_refused(ground: Ground, info: object) -> None:
    refused(ground, uploading(ground, archive(info)), 422, "firmware-image-unknown")


def test_an_image_is_what_the_request_says(ground: Ground) -> None:
    for query in ({"product": "Q6135-LE"}, {"version": "12.9.57"}):
        request = uploading(ground, image(), **query)
        refused(ground, request, 422, "firmware-image-contradicts")


def test_a_release_is_one_image(ground: Ground) -> None:
    other = image_bytes(MODEL, NEW, size=80 * 1024)
    request = uploading(ground, other, file_name(MODEL, NEW))
    refused(ground, request, 409, "firmware-release-exists")


def test_an_image_has_its_largest_size(ground: Ground) -> None:
    refused(ground, uploading(ground, bytes(2_000_001)), 422, "firmware-image-too-large")


@pytest.mark.parametrize("media_type", ["application/json", "multipart/form-data", ""])
def test_an_image_is_sent_as_it_is(ground: Ground, media_type: str) -> None:
    request = replace(uploading(ground, image()), headers={"Content-Type": media_type})
    refused(ground, request, 415, "media-type-unsupported")


# Campaigns


def starting(ground: Ground, **body: Any) -> Request:
    return replace(EXAMPLES["start_campaign"](ground), body=body)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "campaign-unclear"),
        ({"target": "recommended"}, 422, "campaign-unclear"),
        ({"device_ids": None, "model": None}, 422, "campaign-unclear"),
        ({"device_ids": [str(uuid4())], "model": MODEL}, 422, "campaign-unclear"),
        ({"device_ids": []}, 422, "invalid-request"),
        ({"device_ids": [str(uuid4())]}, 404, "device-not-found"),
        ({"model": "Coffee machine"}, 409, "nothing-to-upgrade"),
        ({"model": MODEL, "target": "99.99.99"}, 422, "firmware-release-unknown"),
        ({"model": MODEL, "target": "11"}, 422, "invalid-request"),
        ({"model": MODEL, "target": "latest"}, 422, "invalid-request"),
    ],
)
def test_a_campaign_that_makes_no_sense_is_refused(
    ground: Ground, body: dict[str, Any], status: int, code: str
) -> None:
    refused(ground, starting(ground, **body), status, code)


def test_a_campaign_is_for_devices_of_its_own_organization(ground: Ground) -> None:
    path = f"/v1/organizations/{ground.foreign['id']}/campaigns"
    body = {"device_ids": [ground.device["id"]]}
    request = Request("POST", path, body=body, token=ground.bob.token)
    refused(ground, request, 404, "device-not-found")
    mixed = [ground.device["id"], str(uuid4())]
    refused(ground, starting(ground, device_ids=mixed), 404, "device-not-found")


def test_a_device_under_an_upgrade_is_not_removed(fresh_ground: Ground) -> None:
    ground = fresh_ground
    device = ground.spare_device["id"]
    assert starting(ground, device_ids=[device]).sent_to(ground).status_code == 201
    request = EXAMPLES["remove_device"](ground)
    refused(ground, request, 409, "device-upgrading")


def test_nothing_but_the_ground_touched_the_cameras(ground: Ground) -> None:
    assert ground.camera.host == CAMERA_ADDRESS
    assert ground.spare_camera.uploads == 0
