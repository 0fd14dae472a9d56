"""Devices through the gateway's HTTP API, in front of the real services."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient

from chassis.config import Config
from gateway.app import create_app
from simulator.image import image_bytes
from tests.in_process import InProcess, account_named
from tests.service.devices.site import Site

PRODUCT, VERSION = "P3265-V", "12.9.57"


@pytest.fixture
def http(site: Site) -> FlaskClient:
    settings = {"gateway": {"upload_limit_bytes": 5_000_000}}
    app = create_app(Config(settings), InProcess(site.suite, account_named), clock=site.suite.clock)
    return app.test_client()


def signed_in(account: UUID) -> dict[str, str]:
    return {"Authorization": f"Bearer {account}"}


def sent(
    http: FlaskClient, site: Site, content: bytes, *, who: UUID | None = None, **query: Any
) -> Any:
    digest = hashlib.sha256(content).hexdigest()
    return http.post(
        "/v1/firmware-images",
        query_string={"sha256": digest, "file_name": "image.bin", **query},
        input_stream=io.BytesIO(content),
        headers={
            **signed_in(who or site.operator),
            "Content-Type": "application/octet-stream",
            "Content-Length": str(len(content)),
        },
    )


def stored(site: Site) -> list[Path]:
    return [path for path in (Path(site.suite.folder) / "images").rglob("*") if path.is_file()]


def test_an_operator_uploads_an_image_as_a_stream(http: FlaskClient, site: Site) -> None:
    content = image_bytes(PRODUCT, VERSION, size=3_000_000)
    answer = sent(http, site, content)
    assert (answer.status_code, answer.json["version"]) == (201, VERSION), answer.json
    (file,) = stored(site)
    assert file.read_bytes() == content
    listed: Any = http.get("/v1/firmware-images", headers=signed_in(site.operator)).json
    assert [image["id"] for image in listed["items"]] == [answer.json["id"]]


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"sha256": "0" * 64}, 422, "firmware-image-damaged"),
        ({"version": "1.2.3"}, 422, "firmware-image-contradicts"),
        ({"file_name": "../x"}, 422, "invalid-request"),
        ({"unknown": "x"}, 422, "invalid-request"),
    ],
)
def test_an_upload_that_is_refused_leaves_nothing(
    http: FlaskClient, site: Site, query: dict[str, Any], status: int, code: str
) -> None:
    answer = sent(http, site, image_bytes(PRODUCT, VERSION), **query)
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert stored(site) == []


def test_nobody_but_an_operator_uploads(http: FlaskClient, site: Site) -> None:
    answer = sent(http, site, image_bytes(PRODUCT, VERSION), who=site.home.owner)
    assert answer.status_code in (401, 403)
    assert stored(site) == []


def test_an_upload_beyond_the_limit_leaves_nothing(http: FlaskClient, site: Site) -> None:
    answer = sent(http, site, bytes(6_000_000))
    assert answer.status_code == 413, answer.json
    assert stored(site) == []


def test_an_upload_that_breaks_off_leaves_nothing(http: FlaskClient, site: Site) -> None:
    content = image_bytes(PRODUCT, VERSION)
    answer = http.post(
        "/v1/firmware-images",
        query_string={"sha256": hashlib.sha256(content).hexdigest(), "file_name": "image.bin"},
        input_stream=io.BytesIO(content[:1000]),
        headers={
            **signed_in(site.operator),
            "Content-Type": "application/octet-stream",
            "Content-Length": str(len(content)),
        },
    )
    assert answer.status_code in (400, 422)
    assert stored(site) == []


def test_a_device_is_added_upgraded_and_removed_over_http(http: FlaskClient, site: Site) -> None:
    camera = site.cameras.camera(PRODUCT, "11.11.192")
    assert sent(http, site, image_bytes(PRODUCT, VERSION)).status_code == 201
    home = f"/v1/organizations/{site.home.id}"
    owner = signed_in(site.home.owner)

    def get(path: str) -> Any:
        return http.get(path, headers=owner).json

    def post(path: str, body: dict[str, Any]) -> Any:
        headers = {**owner, "Idempotency-Key": str(uuid4())}
        return http.post(f"{home}/{path}", json=body, headers=headers)

    wanted = site.wanted(camera, scheme="https")
    del wanted["idempotency_key"]
    added = post("devices", wanted)
    assert added.status_code == 201, added.json
    assert "password" not in added.text
    where = added.headers["Location"]
    assert get(where) == added.json

    (model,) = get(f"{home}/device-models")["items"]
    assert (model["upgrade_recommended"], model["recommended_version"]) == (True, VERSION)

    campaign = post("campaigns", {"model": PRODUCT})
    assert campaign.status_code == 201, campaign.json
    assert http.delete(where, headers=owner).status_code == 409
    site.finish(campaign.json)
    assert get(campaign.headers["Location"])["states"] == {"succeeded": 1}
    (task,) = get(f"{home}/upgrades?status=completed")["items"]
    assert (task["state"], task["to_version"]) == ("succeeded", VERSION)
    log = get(f"{home}/upgrades/{task['id']}")["log"]
    assert [line["state"] for line in log] == [
        "preflight",
        "uploading",
        "uploading",
        "rebooting",
        "verifying",
        "succeeded",
    ]

    assert http.delete(where, headers=owner).status_code == 204
    assert http.get(where, headers=owner).status_code == 404
    stranger = signed_in(uuid4())
    assert http.get(f"{home}/devices", headers=stranger).status_code == 404
