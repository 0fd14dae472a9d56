"""Files of systems without a connection as people send and fetch them over HTTP (R8, R9, D-19)."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from chassis.clock import SystemClock
from chassis.config import Config
from examples import make_system_file
from gateway.app import create_app
from tests.harness import Suite
from tests.in_process import InProcess, account_named
from tests.service.licensing.conftest import SERVICES
from tests.service.licensing.customer import PRODUCT, Customer
from tests.service.licensing.station import Station
from tests.unit.licensing.files import OTHER_KEY, public, system_file

OTHER_PRODUCT = "video-center"


@pytest.fixture
def suite(tmp_path: Path) -> Iterator[Suite]:
    running = Suite(tmp_path, services=SERVICES)
    # The program that checks a file goes by the clock of this machine.
    running.clock.advance(SystemClock().now().replace(microsecond=0) - running.clock.now())
    yield running
    running.close()


class Desk:
    """A customer's administrator at a machine with a connection."""

    def __init__(self, customer: Customer, client: FlaskClient) -> None:
        self.customer = customer
        self._client = client

    def product(self, code: str = PRODUCT) -> str:
        return f"/v1/organizations/{self.customer.id}/products/{code}"

    def post(self, path: str, body: Any = None) -> TestResponse:
        return self._client.post(
            path,
            json=body,
            headers={
                "Authorization": f"Bearer {self.customer.owner}",
                "Idempotency-Key": uuid4().hex,
            },
        )

    def get(self, path: str) -> TestResponse:
        return self._client.get(path, headers={"Authorization": f"Bearer {self.customer.owner}"})

    def uploads(self, file: bytes, product: str = PRODUCT) -> TestResponse:
        body = {"file": b64encode(file).decode()}
        return self.post(f"{self.product(product)}/system-files", body)

    def license_file(self, station: Station) -> str:
        return f"{self.product()}/systems/{station.id}/license-file"


@pytest.fixture
def client(suite: Suite) -> FlaskClient:
    gateway = {"requests_per_minute_per_ip": 0, "introspection_seconds": 0}
    config = Config({"gateway": gateway})
    return create_app(config, InProcess(suite, account_named), clock=suite.clock).test_client()


@pytest.fixture
def desk(suite: Suite, client: FlaskClient) -> Desk:
    customer = Customer(suite).started()
    customer.register(product=OTHER_PRODUCT)
    return Desk(customer, client)


@pytest.fixture
def station(desk: Desk, tmp_path: Path) -> Station:
    return Station(desk.customer, tmp_path)


def test_a_system_without_a_connection_is_licensed_by_two_files(
    desk: Desk, station: Station, client: FlaskClient
) -> None:
    """R8, R9, D-19: all by HTTP, and believed by the program that products copy from."""
    uploaded = desk.uploads(station.file(core=12))
    assert (uploaded.status_code, uploaded.get_json()["result"]) == (200, "registered")
    desk.customer.buy(12)
    desk.customer.allocate(12)
    issued = desk.post(desk.license_file(station))
    assert issued.status_code == 201, issued.text
    assert "content" not in issued.get_json()
    downloaded = desk.get(issued.headers["Location"])
    assert downloaded.status_code == 200
    assert downloaded.mimetype == "application/octet-stream"
    name = f"license-{station.id}-1.txt"
    assert downloaded.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert downloaded.data == station.license_file().encode()

    code, said = station.starts_with(downloaded.data)
    assert (code, said.endswith('{"core": 12}\n')) == (0, True), said
    keys = client.get("/v1/license-signing-keys").get_json()["keys"]
    assert keys == desk.customer.suite.call("licensing", "license_signing_keys")["keys"]


def test_a_file_that_was_changed_on_its_way_starts_nothing(desk: Desk, station: Station) -> None:
    """M6: in any of its parts, by one character."""
    content = _licensed(desk, station)
    for place in range(5, len(content), len(content) // 12):
        other = b"A" if content[place : place + 1] != b"A" else b"B"
        changed = content[:place] + other + content[place + 1 :]
        code, said = station.starts_with(changed)
        assert (code, said.startswith("Not licensed")) == (1, True), (place, said)
    assert station.starts_with(content)[0] == 0


def test_the_file_of_another_system_or_installation_starts_nothing(
    desk: Desk, station: Station, tmp_path: Path
) -> None:
    """D-19, M6."""
    content = _licensed(desk, station)
    neighbor = Station(desk.customer, tmp_path)
    neighbor.file(core=2)
    assert "another system" in neighbor.starts_with(content)[1], "on the same hardware"
    station.hardware = ("BOARD-77",)
    assert "another system" in station.starts_with(content)[1]
    (tmp_path / "elsewhere").mkdir()
    elsewhere = Suite(tmp_path / "elsewhere", services=SERVICES, clock=desk.customer.suite.clock)
    try:
        foreign = Station(Customer(elsewhere), tmp_path)
        foreign.file(core=2)
        assert "signature is wrong" in foreign.starts_with(content)[1]
    finally:
        elsewhere.close()


def _licensed(desk: Desk, station: Station) -> bytes:
    desk.uploads(station.file(core=2))
    desk.customer.buy(2)
    desk.customer.allocate(2)
    desk.post(desk.license_file(station))
    content: bytes = desk.get(desk.license_file(station)).data
    return content


# Why a system file is refused


def _now(station: Station) -> str:
    text: str = station.customer.suite.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    return text


def _changed(station: Station) -> bytes:
    file = station.file(core=1)
    return file[:100] + (b"A" if file[100:101] != b"A" else b"B") + file[101:]


def _on_other_hardware(station: Station) -> bytes:
    station.hardware = ("BOARD-9",)
    return station.file(core=1)


def _with_another_key(station: Station) -> bytes:
    path = station.folder / "system.json"
    fresh = Ed25519PrivateKey.generate().private_bytes_raw().hex()
    known = json.loads(path.read_text())
    path.write_text(json.dumps({**known, "private_key": fresh}))
    return station.file(core=1)


def _of_another_organization(station: Station) -> bytes:
    other = Customer(station.customer.suite, station.customer.supplier)
    other.register()
    theirs = Station(other, station.folder)
    theirs.reports(core=1)
    return theirs.file(core=1)


REFUSALS: dict[str, tuple[int, Callable[[Station], bytes]]] = {
    "file-malformed": (422, _changed),
    "signature-wrong": (
        422,
        lambda station: system_file(OTHER_KEY, created_at=_now(station)),
    ),
    "system-file-too-old": (409, lambda _: system_file()),
    "system-file-from-future": (409, lambda _: system_file(created_at="2200-01-01T00:00:00Z")),
    "system-file-wrong-product": (
        409,
        lambda station: system_file(product=OTHER_PRODUCT, created_at=_now(station)),
    ),
    "license-type-unknown": (
        422,
        lambda station: system_file(
            system_id=str(uuid4()), counts={"gold": 1}, created_at=_now(station)
        ),
    ),
    "system-already-registered": (409, _of_another_organization),
    "system-key-changed": (409, _with_another_key),
    "fingerprint-changed": (409, _on_other_hardware),
    "stale-system-file": (
        409,
        lambda station: make_system_file.signed(
            {
                "format": 1,
                "system_id": station.id,
                "fingerprint": station.fingerprint,
                "product": PRODUCT,
                "version": "4.2",
                "counts": {"core": 99},
                "sequence": 1,
                "created_at": _now(station),
                "nonce": "00" * 16,
                "public_key": public(_key(station)),
            },
            _key(station),
        ).encode(),
    ),
}


def _key(station: Station) -> Ed25519PrivateKey:
    known = json.loads((station.folder / "system.json").read_text())
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(known["private_key"]))


@pytest.mark.parametrize("code", sorted(REFUSALS))
def test_each_refusal_of_a_system_file_is_told_over_http(
    desk: Desk, station: Station, code: str
) -> None:
    """D-19: and nothing has changed."""
    station.reports(core=5)
    status, file_for = REFUSALS[code]
    answer = desk.uploads(file_for(station))
    problem = answer.get_json()
    assert (answer.status_code, problem["code"]) == (status, code), answer.text
    assert problem["detail"]
    assert desk.customer.overview()["needs"][0]["need"] == 5


@pytest.mark.parametrize("text", ["", "ä", "not base64!", "YQ", "A" * 21_849, None, 7])
def test_what_is_no_base64_is_refused(desk: Desk, text: Any) -> None:
    answer = desk.post(f"{desk.product()}/system-files", {"file": text})
    assert answer.status_code == 422
    assert answer.get_json()["code"] in ("file-malformed", "invalid-request")
