"""The errand carried out in this process, with spare things beside it: what bad input meets."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from demo.errand import PRODUCT
from examples import make_system_file
from simulator.image import file_name, image_bytes
from tests.journeys.people import NEEDLESS_SCOPE, Invited, People
from tests.service.devices.cameras import Camera, Simulator, until

# Cameras live here; nothing else of this machine is in a network the suite may connect to.
CAMERA_ADDRESS = "127.0.0.2"
OTHER_PRODUCT = "site-health"
RECORDER = "network-recorder"
MODEL, OLD, NEW = "P3245-LV", "11.11.148", "11.11.192"

_ENDED = {"succeeded", "failed", "skipped", "rolled_back", "cancelled"}


class Ground(People):
    """An organization with licenses and cameras, and people to ask in whose name."""

    def __init__(
        self, folder: Path, cameras: Simulator, databases: Mapping[str, str] | None = None
    ) -> None:
        self.cameras = cameras
        # The key of the first command sent to each address.
        self.keys: dict[str, str] = {}
        super().__init__(
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
        self._time()
        self._people()
        self._organization()
        self._members()
        self._invitations()
        self._licenses()
        self._recorders()
        self._devices()
        self._half_way()

    # Who there is

    def _time(self) -> None:
        """Moved by a day before anybody is there, for no session would outlive it."""
        mover = self.newcomer()
        identity = self.suite.instance("identity")
        identity.set_operator(mover.email, is_operator=True, why="by tests")
        path, key = "/v1/test-clock", f"test-clock-{uuid4()}"
        self.keys[path] = key
        headers = {"Idempotency-Key": key}
        self.done("POST", path, body={"days": 1}, token=mover.token, headers=headers)

    def _people(self) -> None:
        self.bob = self.newcomer("bob")
        self.ended_token = self.newcomer("carol").token
        self.done("DELETE", "/v1/session", token=self.ended_token)
        self.ada = self.enrolled(self.newcomer("ada"))
        self.program = self.api_token(self.ada, NEEDLESS_SCOPE)
        identity = self.suite.instance("identity")
        identity.set_operator(self.ada.email, is_operator=True, why="by tests")

    def _half_way(self) -> None:
        """Somebody before each operation that leads on; the last, for sign-ins do not live long."""
        self.unverified_token = self.registration_token("dora@example.com")
        self.signing_in, self.mailed_code = self.with_code(self.registered("fay@example.com"))
        self.uncoded = self.begun_sign_in(self.registered("gus@example.com"))
        self.rescuing = self.begun_sign_in(self.ada)
        self.leaving = self.newcomer("hal")
        self.stepping_up = self.newcomer("liv")
        self.changing = self.newcomer("max")
        self.reset_link = self.reset_token(self.registered("oda@example.com"))
        self.moving = self.newcomer("pia")
        self.change_link = self.change_token(self.newcomer("quinn"), "quincy@example.com")
        self.deleting = self.newcomer("nan")
        self.elsewhere = self.newcomer("ron")
        listed = self.done("GET", "/v1/sessions", token=self.elsewhere.token)
        self.elsewhere_id = listed["items"][0]["session_id"]
        self.revoked_id = self.api_token(self.moving, NEEDLESS_SCOPE)["api_token_id"]
        self.managing_one = self.managing(self.newcomer("emil"))
        self.confirming = self.shown(self.managing(self.newcomer("kim")))
        self.cancelling = self.shown(self.managing(self.newcomer("jo")))

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

    def _members(self) -> None:
        """The last of them leaves on their own; the mate is the only one who stays for others."""
        self.quay = self._created(f"{self.home_path}/folders", name="Quay", parent_id=self.root_id)
        self.mate = self.newcomer("mia")
        self.parting = self.newcomer("uma")
        self.mate_id, self.removed_id, self.dropped_id, self.parting_id = (
            self.joined(
                self.home_path,
                person,
                by=self.ada,
                requested_role="viewer",
                folder_ids=[self.site["id"]],
            )
            for person in (self.mate, self.newcomer("sue"), self.newcomer("tom"), self.parting)
        )
        self.doomed = self._created("/v1/organizations", name="Short Lived")
        # A deletion beside the one of the examples, whose key was used.
        shed = self._created(f"{self.home_path}/folders", name="Shed", parent_id=self.root_id)
        self.deletion_path = f"{self.home_path}/folders/{shed['id']}/deletion"
        self._created(self.deletion_path, confirm_risk=True)

    def _invitations(self) -> None:
        self.joining = self.newcomer("xan")
        everything = f"{self.home_path}/invitations"
        self.invitation, self.spare_invitation, self.unregistered, self.accepting = (
            Invited(made["id"], self.invitation_token(made["email"]))
            for made in (
                self._created(
                    everything,
                    email=email,
                    requested_role="operator",
                    folder_ids=[self.site["id"]],
                )
                for email in (
                    "vic@example.com",
                    "wes@example.com",
                    "yan@example.com",
                    self.joining.email,
                )
            )
        )
        self.resend_path = f"{everything}/{self.spare_invitation.id}/resend"
        self._created(self.resend_path)

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

    def _recorders(self) -> None:
        """Hardware with licenses of its own, one unit of it registered, and one to be removed."""
        self.recorder_path = f"{self.home_path}/products/{RECORDER}"
        self._created(f"{self.home_path}/products", product=RECORDER)
        sent = self.done(
            "POST",
            "/v1/hardware",
            body=self.hardware("HW-1", "REC-1", "REC-2"),
            token=self.supplier["credential"],
        )
        self.proofs = {unit["serial"]: unit["ownership_proof"] for unit in sent["units"]}
        extensions = self.issued("PO-9", product=RECORDER, kind="channel")
        upgrades = self.issued("PO-10", product=RECORDER, kind="channel-to-analytics")
        for bought in (extensions, upgrades):
            self._created(f"{self.recorder_path}/redemptions", key=bought["keys"][0]["key"])
        self._created(
            f"{self.recorder_path}/upgrades",
            upgrade_type="channel-to-analytics",
            licenses=1,
            where="wallet",
        )
        systems = f"{self.recorder_path}/systems"
        self.recorder = self._created(
            systems, name="Lobby", serial="REC-1", ownership_proof=self.proofs["REC-1"]
        )
        self.spare_recorder = self._created(systems, name="Attic")
        recorder = f"{systems}/{self.recorder['id']}"
        self._created(f"{recorder}/allocations", lines=[{"type": "channel", "licenses": 1}])
        self.reporting = self._created(f"{recorder}/credential")["credential"]
        uploaded = self._created(f"{self.recorder_path}/system-files", file=self.system_file())
        self.station_path = f"{systems}/{uploaded['system']['id']}"
        lines = [{"type": "channel", "licenses": 1}]
        self._created(f"{self.station_path}/allocations", lines=lines)
        self._created(f"{self.station_path}/license-file")

    def system_file(self) -> str:
        """The next one of a recorder without a connection."""
        written = make_system_file.write(
            self.suite.folder / "station",
            product=RECORDER,
            version="4.2",
            hardware=["BOARD-1234"],
            counts={"channel": 3},
            now=self.suite.clock.now(),
        )
        return b64encode(written.read_bytes()).decode()

    def hardware(self, order_ref: str, *serials: str) -> dict[str, Any]:
        """What a supplier sends to send hardware out."""
        return {
            "order_ref": order_ref,
            "product": RECORDER,
            "serials": list(serials),
            "lines": [{"type": "preloaded-channel", "quantity": 8}],
        }

    def issued(self, order_ref: str, product: str = PRODUCT, kind: str = "core") -> Any:
        body = {
            "order_ref": order_ref,
            "product": product,
            "lines": [{"type": kind, "quantity": 5}],
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
        self.system, self.spare_system = (
            self._created(f"{self.home_path}/systems", **self.connecting(name))
            for name in ("Basement", "Attic")
        )
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

    def connecting(self, name: str) -> dict[str, Any]:
        """What is sent to add a connected system."""
        return {
            "folder_id": self.site["id"],
            "kind": "camera_station",
            "name": name,
            "address": "192.0.2.30:29204",
        }

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

    def state(self) -> dict[str, list[str]]:
        """With the files of the image store."""
        images = self.suite.folder / "images"
        files = sorted(str(path) for path in images.rglob("*") if path.is_file())
        return {**super().state(), "images": files}


def upload_query(content: bytes, name: str, **more: str) -> dict[str, str]:
    return {"sha256": hashlib.sha256(content).hexdigest(), "file_name": name, **more}
