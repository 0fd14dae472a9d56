"""kill -9 of every process, a broker restart and a database crash in the middle of the errand.

Each blow falls while a request is under way or an image is being uploaded; what is proved at the end
comes from the ledger, the inboxes and outboxes, and the cameras' own counters.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter
from sqlalchemy import Engine, text

from chassis.db import engine_for
from demo.api import until
from demo.cameras import counters_of
from demo.errand import Errand
from tests.journeys.running import RunningSuite, running_suite
from tests.servers import Instance

pytestmark = pytest.mark.broker

# The request that matters most, in steps of several; else the first one is struck.
STRUCK_AT = {
    "Sign in with the code from the mail": "/completion",
    "Register an authenticator app": "/confirmation",
    "Create recovery codes": "/confirmation",
    "License the next year, too": "/allocations",
    "Try another product": "/trial",
    "Extend the recorder by a license": "/allocations",
    "Upload the file of a system without a connection": "/system-files",
    "Carry a license file back to it": "/license-file",
}

Blow = Callable[[], None]


class Saboteur(HTTPAdapter):
    """Strikes once, at the moment the next request goes out whose address ends with ``at``."""

    def __init__(self) -> None:
        super().__init__()
        self.blow: Blow | None = None
        self.at = ""
        self.failures: list[BaseException] = []

    def send(self, request: Any, *arguments: Any, **options: Any) -> requests.Response:
        if self.blow is None or not str(request.url).endswith(self.at):
            return super().send(request, *arguments, **options)
        blow, self.blow = self.blow, None
        striking = threading.Thread(target=self._strike, args=(blow,))
        striking.start()
        try:
            return super().send(request, *arguments, **options)
        finally:
            striking.join()

    def _strike(self, blow: Blow) -> None:
        try:
            blow()
        except BaseException as error:
            self.failures.append(error)


@pytest.fixture(scope="module")
def servers() -> Iterator[Instance]:
    """Of this module's own, for it ends and starts them again."""
    instance = Instance.new()
    instance.postgres.start()
    instance.rabbit.start()
    yield instance
    instance.discard()


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory, servers: Instance) -> Iterator[RunningSuite]:
    folder: Path = tmp_path_factory.mktemp("disturbed")
    with running_suite(
        folder,
        postgres_url=servers.postgres.url,
        rabbit_url=servers.rabbit.url,
        management_url=servers.rabbit.management_url,
        cameras=8,
        # An upload lasts long enough to be struck in the middle.
        camera_options=("--slow-bytes-per-second", "1000000"),
    ) as running:
        yield running


def crash(postgres: Any) -> None:
    postgres.kill()
    postgres.start()


@pytest.fixture(scope="module")
def finished(suite: RunningSuite, servers: Instance) -> Errand:
    """The errand, carried out under blows."""
    errand = suite.errand()
    saboteur = Saboteur()
    for api in (errand.api, errand.manage, errand.supplier):
        api.mount(saboteur)

    def killing(name: str) -> Blow:
        return lambda: suite.kill_and_restart(name)

    blows: dict[str, Blow] = {
        "Register an account": killing("identity"),
        "Verify the address from the mail": killing("gateway"),
        "Sign in with the code from the mail": killing("identity"),
        "Enter the Manage area with the password again": killing("identity"),
        "Register an authenticator app": killing("identity"),
        "Create recovery codes": killing("identity"),
        "Create an organization": killing("organizations"),
        "Add a folder for a site": servers.rabbit.restart,
        "Register the product": killing("licensing"),
        "Start the subscription": killing("organizations"),
        "Redeem the license key": killing("licensing"),
        "Allocate the licenses": lambda: crash(servers.postgres),
        "Look at the license status": killing("identity"),
        "License the next year, too": killing("licensing"),
        "Try another product": killing("licensing"),
        "Extend the recorder by a license": lambda: crash(servers.postgres),
        "Upload the file of a system without a connection": killing("licensing"),
        "Carry a license file back to it": killing("licensing"),
        "Upgrade a license in the wallet": killing("licensing"),
        "Add the cameras": killing("devices"),
        "Upload AXIS OS images": killing("devices"),
        "Device software upgrade": killing("devices"),
        "Follow the tasks": killing("devices_worker"),
    }
    for title, step in errand.steps():
        saboteur.blow = blows.pop(title, None)
        saboteur.at = STRUCK_AT.get(title, "")
        if title == "Follow the tasks":
            _disturb_the_upgrades(suite, servers, errand)
        step()
        assert saboteur.blow is None, f"nothing was struck during: {title}"
    assert not blows
    assert not saboteur.failures
    return errand


def _disturb_the_upgrades(suite: RunningSuite, servers: Instance, errand: Errand) -> None:
    """Kills the worker while an image is under way, then the broker, then the database."""

    def uploading() -> bool | None:
        return any(task["state"] == "uploading" for task in errand.tasks()) or None

    until(uploading, within=60, what="An upload")
    suite.kill_and_restart("devices_worker")
    servers.rabbit.kill()
    servers.rabbit.start()
    crash(servers.postgres)
    suite.kill_and_restart("devices")


@pytest.fixture(scope="module")
def database(suite: RunningSuite) -> Iterator[Callable[..., Any]]:
    """``database("licensing", "SELECT …")``: the one value, or the rows."""
    engines: dict[str, Engine] = {
        name: engine_for(url) for name, url in suite.database_urls.items()
    }

    def read(name: str, statement: str) -> Any:
        with engines[name].connect() as connection:
            return connection.execute(text(statement)).all()

    yield read
    for engine in engines.values():
        engine.dispose()


Read = Callable[[str, str], list[tuple[Any, ...]]]


def test_the_errand_ends_well(finished: Errand) -> None:
    assert finished.devices


def test_no_command_had_two_effects(finished: Errand, database: Read) -> None:
    assert database("identity", "SELECT count(*) FROM totp_active") == [(1,)]
    assert database("identity", "SELECT count(*) FROM totp_pending") == [(0,)]
    assert database("identity", "SELECT state FROM recovery_batch") == [("active",)]
    assert database("identity", "SELECT count(*) FROM recovery_code") == [(10,)]
    assert database("organizations", "SELECT count(*) FROM organization") == [(1,)]
    assert database("organizations", "SELECT count(*) FROM folder") == [(2,)]
    subscribed = "SELECT product FROM subscription ORDER BY product"
    assert database("licensing", subscribed) == [("camera-manager",), ("video-center",)]
    allocated = "SELECT product, year, seats FROM allocation ORDER BY product, year"
    assert database("licensing", allocated) == [
        ("camera-manager", 0, 8),
        ("camera-manager", 1, 8),
        ("video-center", 0, 4),
    ]
    bought = "SELECT product, type FROM lot WHERE source = 'key' ORDER BY product, type"
    assert database("licensing", bought) == [
        ("camera-manager", "core"),
        ("network-recorder", "channel"),
        ("video-center", "core"),
        ("video-center", "core-to-universal"),
    ]
    assert database("licensing", "SELECT count(*) FROM lot WHERE source = 'upgrade'") == [(1,)]
    tried = "SELECT product FROM org_product WHERE trial_ends_on IS NOT NULL ORDER BY product"
    assert database("licensing", tried) == [("cloud-recording",), ("video-center",)]
    systems = "SELECT product, kind FROM licensed_system ORDER BY product"
    assert database("licensing", systems) == [
        ("network-recorder", "hardware"),
        ("video-center", "offline"),
    ]
    assert database("licensing", "SELECT serial FROM license_file") == [(1,)]
    assert database("devices", "SELECT count(*) FROM device WHERE state = 'managed'") == [(8,)]


def test_the_ledger_balances(finished: Errand, database: Read) -> None:
    """I1, I8 of the licensing specification."""
    assert database("licensing", "SELECT sum(balance) FROM ledger_account") == [(0,)]
    differing = """
        SELECT count(*) FROM ledger_account a WHERE balance <>
            (SELECT coalesce(sum(ticks), 0) FROM ledger_entry WHERE debit_id = a.id)
            * -1 + (SELECT coalesce(sum(ticks), 0) FROM ledger_entry WHERE credit_id = a.id)
    """
    assert database("licensing", differing) == [(0,)]


def test_every_event_had_its_effect_once(finished: Errand, database: Read) -> None:
    def delivered() -> bool | None:
        waiting = sum(
            database(name, "SELECT count(*) FROM outbox")[0][0]
            + database(name, "SELECT count(*) FROM inbox WHERE state <> 'done'")[0][0]
            for name in ("identity", "organizations", "licensing", "devices")
        )
        return True if waiting == 0 else None

    until(delivered, within=60, what="The delivery of all events")
    assert database("licensing", "SELECT count(*) FROM counted_device") == [(8,)]
    counted = "SELECT count(*) FROM inbox WHERE name = 'device_added'"
    assert database("licensing", counted) == [(8,)]


def test_no_camera_was_flashed_twice(finished: Errand) -> None:
    """Each upload the camera saw is one that the suite counted before it began."""
    attempts = {task["serial"]: task["attempt"] for task in finished.tasks()}
    for camera in finished.around.cameras:
        counters = counters_of(camera)
        if camera.serial in attempts:
            assert counters["upgrades_accepted"] == 1, camera.serial
            assert 1 <= counters["uploads_started"] <= attempts[camera.serial], camera.serial
        else:
            assert counters["uploads_started"] == 0, camera.serial


def test_nothing_secret_was_logged(finished: Errand, suite: RunningSuite) -> None:
    logs = suite.logs()
    secrets = [finished.account.password, finished.account.setup_key, finished.license_key]
    secrets += finished.account.recovery_codes
    secrets += finished.licensing.keys_and_proofs
    secrets += [str(api.token) for api in (finished.api, finished.manage, finished.supplier)]
    secrets += [camera.password for camera in finished.around.cameras]
    assert not [secret for secret in secrets if secret in logs]
    assert "Traceback" not in logs
