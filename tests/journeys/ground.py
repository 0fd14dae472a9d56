"""The errand carried out in this process, with spare things beside it: what bad input meets."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyotp
from sqlalchemy import Engine, MetaData
from werkzeug.test import TestResponse

from chassis.config import Config
from demo.errand import PRODUCT
from gateway.app import create_app
from simulator.image import file_name, image_bytes
from tests.harness import Suite
from tests.in_process import InProcess
from tests.service.devices.cameras import Camera, Simulator, until

# Cameras live here; nothing else of this machine is in a network the suite may connect to.
CAMERA_ADDRESS = "127.0.0.2"
PASSWORD = "twelve quiet cameras on a hill"
OTHER_PRODUCT = "site-health"
MODEL, OLD, NEW = "P3245-LV", "11.11.148", "11.11.192"

# What a refused request is meant to leave: records and counters of tries, and when one was seen.
TRACES = frozenset({"audit", "throttle"})
COUNTERS = frozenset(
    {("totp_active", "failures"), ("email_code", "tries"), ("session", "last_seen_at")}
)

_ENDED = {"succeeded", "failed", "skipped", "rolled_back", "cancelled"}


@dataclass(frozen=True)
class Person:
    """``token`` is empty until there is a session; ``setup_key`` until one is enrolled."""

    email: str
    token: str = field(default="", repr=False)
    setup_key: str = field(default="", repr=False)


class Ground:
    """``ground.send("POST", "/v1/organizations", body={…}, token=ground.ada.token)``."""

    def __init__(
        self, folder: Path, cameras: Simulator, databases: Mapping[str, str] | None = None
    ) -> None:
        self.cameras = cameras
        self._addresses = 0
        # The key of the first command sent to each address.
        self.keys: dict[str, str] = {}
        self.suite = Suite(
            folder,
            databases=databases,
            settings={
                "devices": {
                    "networks": f"{CAMERA_ADDRESS}/32",
                    "connect_timeout_seconds": 2,
                    "answer_timeout_seconds": 3,
                    "upload_timeout_seconds": 5,
                    "health_seconds": 0,
                    "largest_image_bytes": 2_000_000,
                }
            },
        )
        gateway = {"requests_per_minute_per_ip": 0, "introspection_seconds": 0}
        app = create_app(
            Config({"gateway": gateway}), InProcess(self.suite), clock=self.suite.clock
        )
        self.client = app.test_client()
        self._tables = {
            name: _columns(database.engine) for name, database in self.suite.databases.items()
        }
        self._people()
        self._organization()
        self._licenses()
        self._devices()

    # Who there is

    def _people(self) -> None:
        self.bob = self.signed_in(self.registered("bob@example.com"))
        carol = self.signed_in(self.registered("carol@example.com"))
        self.ended_token = carol.token
        self.done("DELETE", "/v1/session", token=carol.token)
        self.ada = self.enrolled(self.signed_in(self.registered("ada@example.com")))
        # A person half-way through each step, for the operations that lead on from there.
        self.unverified_token = self.registration_token("dora@example.com")
        self.enrolling = self.signed_in(self.registered("emil@example.com"))
        self.pending_id, self.pending_key = self.enrolment(self.enrolling)
        signing_in = self.registered("fay@example.com")
        self.sign_in_id, self.sign_in_code = self.with_code(signing_in)
        self.uncoded_id = self.begun_sign_in(self.registered("gus@example.com"))
        self.leaving = self.signed_in(self.registered("hal@example.com"))
        identity = self.suite.instance("identity")
        identity.set_operator(self.ada.email, is_operator=True, by="tests")

    def registration_token(self, email: str) -> str:
        self.done("POST", "/v1/accounts", body={"email": email, "password": PASSWORD})
        return self._in_mail(email, r"[?]token=([A-Za-z0-9_-]+)")

    def registered(self, email: str) -> Person:
        token = self.registration_token(email)
        self.done("POST", "/v1/email-verifications", body={"token": token})
        return Person(email)

    def begun_sign_in(self, person: Person) -> str:
        body = {"email": person.email, "password": PASSWORD}
        return str(self.done("POST", "/v1/sign-ins", body=body)["sign_in"])

    def with_code(self, person: Person) -> tuple[str, str]:
        begun = self.begun_sign_in(person)
        self.done("POST", "/v1/sign-ins/email-codes", body={"sign_in": begun})
        return begun, self._in_mail(person.email, r"\b(\d{6})\b")

    def signed_in(self, person: Person) -> Person:
        begun, code = self.with_code(person)
        body = {"sign_in": begun, "method": "email", "code": code}
        session = self.done("POST", "/v1/sign-ins/completion", body=body)
        return Person(person.email, session["token"])

    def enrolment(self, person: Person) -> tuple[str, str]:
        """The id and the setup key of a pending authenticator."""
        body = {"password": PASSWORD}
        pending = self.done("POST", "/v1/authenticators", body=body, token=person.token)
        return pending["authenticator_id"], pending["setup_key"]

    def enrolled(self, person: Person) -> Person:
        pending_id, setup_key = self.enrolment(person)
        path = f"/v1/authenticators/{pending_id}/confirmation"
        body = {"code": self.shown(setup_key)}
        session = self.done("POST", path, body=body, token=person.token)
        return Person(person.email, session["token"], setup_key)

    def shown(self, setup_key: str) -> str:
        """What an authenticator app shows now."""
        return pyotp.TOTP(setup_key).at(self.suite.clock.now())

    def _in_mail(self, to: str, pattern: str) -> str:
        self.suite.run_job("identity", "send_mail")
        for path in sorted(
            (self.suite.folder / "mail").glob("*.eml"),
            key=lambda path: path.stat().st_mtime_ns,
            reverse=True,
        ):
            message = message_from_bytes(path.read_bytes(), policy=default)
            assert isinstance(message, EmailMessage)
            plain = message.get_body(("plain",))
            found = re.search(pattern, plain.get_content() if plain else "")
            if message["To"] == to and found:
                return found[1]
        raise AssertionError(f"no mail to {to}")

    # What there is

    def _organization(self) -> None:
        self.home = self._created("/v1/organizations", name="Analytical Engines")
        self.spare_home = self._created("/v1/organizations", name="Difference Engines")
        self.home_path = f"/v1/organizations/{self.home['id']}"
        self.root_id = self.home["default_folder_id"]
        self.site = self._created(f"{self.home_path}/folders", name="Pier", parent_id=self.root_id)
        self.foreign = self.done(
            "POST", "/v1/organizations", body={"name": "Elsewhere"}, token=self.bob.token
        )

    def _licenses(self) -> None:
        self.supplier = self._created("/v1/suppliers", name="Difference & Sons")
        self.spare_supplier = self._created("/v1/suppliers", name="Nobody Ltd.")
        redeemed = self.issued("PO-1")
        self.spare_order = self.issued("PO-2")
        self.other_order = self.issued("PO-3", product=OTHER_PRODUCT)
        self.redeemed_key = redeemed["keys"][0]["key"]
        self.spare_key = self.spare_order["keys"][0]["key"]
        self.other_key = self.other_order["keys"][0]["key"]
        self.product_path = f"{self.home_path}/products/{PRODUCT}"
        self._created(f"{self.home_path}/products", product=PRODUCT)
        self._created(f"{self.home_path}/products", product=OTHER_PRODUCT)
        self._created(f"{self.product_path}/subscription")
        self._created(f"{self.product_path}/redemptions", key=self.redeemed_key)
        lines = [{"type": "core", "seats": 3}]
        self._created(f"{self.product_path}/allocations", lines=lines, allow_surplus=True)

    def issued(self, order_ref: str, product: str = PRODUCT) -> Any:
        body = {
            "order_ref": order_ref,
            "product": product,
            "lines": [{"type": "core", "quantity": 5}],
            "term_years": 1,
            "count": 1,
        }
        return self.done("POST", "/v1/license-keys", body=body, token=self.supplier["credential"])

    def _devices(self) -> None:
        self.camera = self.cameras.camera(MODEL, OLD)
        self.spare_camera = self.cameras.camera(MODEL, OLD)
        devices = f"{self.home_path}/devices"
        self.device = self._created(devices, **self.wanted(self.camera))
        self.spare_device = self._created(devices, **self.wanted(self.cameras.camera(MODEL, OLD)))
        self.image = image_bytes(MODEL, NEW, size=64 * 1024)
        self.uploaded = self.done(
            "POST",
            "/v1/firmware-images",
            query=upload_query(self.image, file_name(MODEL, NEW)),
            content=self.image,
            token=self.ada.token,
        )
        campaigns = f"{self.home_path}/campaigns"
        self.campaign = self._created(campaigns, device_ids=[self.device["id"]])
        self.upgrade = self._finished(f"{campaigns}/{self.campaign['id']}/upgrades")
        self.suite.deliver()

    def wanted(self, camera: Camera, **changes: Any) -> dict[str, Any]:
        """What is sent to add a camera."""
        return {
            "folder_id": self.site["id"],
            "name": f"Camera {camera.serial}",
            "serial": camera.serial,
            "host": camera.host,
            "port": camera.https_port,
            "user": camera.user,
            "password": camera.password,
            **changes,
        }

    def _finished(self, upgrades: str) -> Any:
        def ended() -> bool:
            self.suite.clock.advance(timedelta(seconds=5))
            self.suite.run_job("devices", "announce_due")
            self.suite.work()
            return self._only(upgrades)["state"] in _ENDED

        until(ended, within=30)
        upgrade = self._only(upgrades)
        assert upgrade["state"] == "succeeded", upgrade
        return upgrade

    def _only(self, path: str) -> Any:
        (only,) = self.done("GET", path, token=self.ada.token)["items"]
        return only

    def _created(self, path: str, **body: Any) -> Any:
        key = f"{path.rpartition('/')[2]}-{uuid4()}"
        self.keys.setdefault(path, key)
        headers = {"Idempotency-Key": key}
        return self.done("POST", path, body=body, token=self.ada.token, headers=headers)

    # How it is asked and looked at

    def done(self, method: str, path: str, **options: Any) -> Any:
        answer = self.send(method, path, **options)
        assert answer.status_code < 300, f"{method} {path}: {answer.text}"
        return answer.get_json(silent=True)

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Any = None,
        body: Any = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        token: str | None = None,
    ) -> TestResponse:
        """From an address of its own each time: what is refused is not to be the throttles' doing."""
        self._addresses += 1
        sent = {"Idempotency-Key": str(uuid4())}
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        if content is not None:
            sent["Content-Type"] = "application/octet-stream"
            sent["Content-Length"] = str(len(content))
        return self.client.open(
            path,
            method=method,
            query_string=query,
            headers={**sent, **(headers or {})},
            environ_overrides={
                "REMOTE_ADDR": f"198.{18 + self._addresses // 62500}."
                f"{self._addresses // 250 % 250}.{self._addresses % 250 + 1}"
            },
            json=body,
            input_stream=None if content is None else io.BytesIO(content),
        )

    def state(self) -> dict[str, list[str]]:
        """Every row of every database but the traces, and the files of the image store."""
        found = {}
        for name, tables in self._tables.items():
            with self.suite.databases[name].engine.connect() as connection:
                for table, columns in tables.items():
                    rows = connection.exec_driver_sql(f"SELECT {columns} FROM {table}").all()
                    found[f"{name}.{table}"] = sorted(map(repr, rows))
        images = self.suite.folder / "images"
        found["images"] = sorted(str(path) for path in images.rglob("*") if path.is_file())
        return found

    def close(self) -> None:
        self.suite.close()


def upload_query(content: bytes, name: str, **more: str) -> dict[str, str]:
    return {"sha256": hashlib.sha256(content).hexdigest(), "file_name": name, **more}


def _columns(engine: Engine) -> dict[str, str]:
    """What to select of each table."""
    found = MetaData()
    found.reflect(engine)
    return {
        table.name: ", ".join(
            f'"{column.name}"'
            for column in table.columns
            if (table.name, column.name) not in COUNTERS
        )
        for table in found.sorted_tables
        if table.name not in TRACES
    }
