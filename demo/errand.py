"""The errand: what a company does first, from signing up to cameras with a new operating system.

Each step goes through the gateway's HTTP API, as a program of the company's own would. A step that
an outage interrupted is repeated as a person would repeat it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyotp
import requests

from demo.api import Api, Declined, until
from demo.licensing import Licensing

PRODUCT = "camera-manager"

_CODE = re.compile(r"\b(\d{6})\b")
_TOKEN = re.compile(r"[?&#]token=([A-Za-z0-9_-]{32,})")


@dataclass(frozen=True)
class Camera:
    """One simulated camera as its simulator lists it."""

    serial: str
    model: str
    version: str
    host: str
    http_port: int
    https_port: int
    user: str
    password: str = field(repr=False)
    control: str = ""


@dataclass(frozen=True)
class Image:
    """An AXIS OS image to upload."""

    path: Path
    model: str
    version: str


@dataclass(frozen=True)
class Surroundings:
    """Where the suite, the captured mail and the cameras are."""

    gateway: str
    mailbox: str
    cameras: tuple[Camera, ...]
    images: tuple[Image, ...]
    camera_version: Callable[[Camera], str]
    grant_operator: Callable[[str], None]


@dataclass
class Account:
    email: str = "ada@example.com"
    password: str = field(default="twelve quiet cameras on a hill", repr=False)
    setup_key: str = field(default="", repr=False)
    recovery_codes: list[str] = field(default_factory=list, repr=False)


class Errand:
    """``for title, step in errand.steps(): print(title, step())``; each step tells its result."""

    def __init__(
        self,
        surroundings: Surroundings,
        account: Account | None = None,
        report: Callable[[str], None] = lambda _line: None,
    ) -> None:
        self.around = surroundings
        self.report = report
        self.account = account or Account()
        self.api = Api(surroundings.gateway)
        # Under a token of its own, which opens nothing else.
        self.manage = Api(surroundings.gateway)
        self.supplier = Api(surroundings.gateway)
        self.organization: dict[str, Any] = {}
        self.site: dict[str, Any] = {}
        self.license_key = ""
        self.licensing = Licensing(
            api=self.api,
            supplier=self.supplier,
            product=PRODUCT,
            seats=len(surroundings.cameras),
            organization_id=lambda: str(self.organization["id"]),
        )
        self.devices: dict[str, dict[str, Any]] = {}
        self.campaigns: list[dict[str, Any]] = []

    def steps(self) -> Iterator[tuple[str, Callable[[], str]]]:
        yield "Register an account", self.register
        yield "Verify the address from the mail", self.verify
        yield "Sign in with the code from the mail", self.sign_in
        yield "Enter the Manage area with the password again", self.enter_manage
        yield "Register an authenticator app", self.register_authenticator
        yield "Create recovery codes", self.create_recovery_codes
        yield "Create an organization", self.create_organization
        yield "Add a folder for a site", self.create_site
        yield "A supplier issues a license key", self.issue_key
        yield "Register the product", self.register_product
        yield "Start the subscription", self.start_subscription
        yield "Redeem the license key", self.redeem
        yield "Allocate the licenses", self.allocate
        yield "Look at the license status", self.license_status
        yield from self.licensing.steps()
        yield "Add the cameras", self.add_cameras
        yield "Upload AXIS OS images", self.upload_images
        yield "See which models have a recommended upgrade", self.recommended
        yield "Device software upgrade", self.upgrade
        yield "Follow the tasks", self.follow
        yield "Ask the cameras themselves", self.ask_cameras

    # identity

    def register(self) -> str:
        self.api.post(
            "/v1/accounts",
            {"email": self.account.email, "password": self.account.password, "language": "en"},
        )
        return self.account.email

    def verify(self) -> str:
        token = self._from_mail("verif", _TOKEN)
        try:
            given = {"token": token, "password": self.account.password}
            self.api.post("/v1/email-verifications", given)
        except Declined as declined:
            # An interrupted first try may have verified it: then signing in works.
            if declined.status >= 500:
                raise
            self._begin_sign_in()
        return "verified"

    def sign_in(self) -> str:
        session = self._again_from_the_start(self._with_mailed_code)
        return f"level {session['level']}"

    def _again_from_the_start(self, sign_in: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Signing in is begun anew when an outage interrupted it half-way (ACC-10)."""
        for _ in range(3):
            try:
                session = sign_in()
            except Declined:
                continue
            self.api.token = session["token"]
            return session
        return sign_in()

    def _begin_sign_in(self) -> dict[str, Any]:
        found: dict[str, Any] = self.api.post(
            "/v1/sign-ins", {"email": self.account.email, "password": self.account.password}
        )
        return found

    def _with_mailed_code(self) -> dict[str, Any]:
        seen = len(self._mails())
        begun = self._begin_sign_in()
        self.api.post("/v1/sign-ins/email-codes", {"sign_in": begun["sign_in"]})
        code = self._from_mail("code", _CODE, newer_than=seen)
        session: dict[str, Any] = self.api.post(
            "/v1/sign-ins/completion",
            {"sign_in": begun["sign_in"], "method": "email", "code": code},
        )
        return session

    def enter_manage(self) -> str:
        entered = self.api.post("/v1/manage/sessions", {"password": self.account.password})
        self.manage.token = entered["token"]
        return f"open until {entered['expires_at'][11:16]} UTC"

    def register_authenticator(self) -> str:
        def confirmed() -> bool:
            shown = self.manage.post("/v1/manage/authenticators")
            self.account.setup_key = shown["setup_key"]
            path = f"/v1/manage/authenticators/{shown['authenticator_id']}/confirmation"
            if self._confirmed_by_code(path):
                return True
            active = self._seen("authenticator")
            return active is not None and active["authenticator_id"] == shown["authenticator_id"]

        self._until_confirmed(confirmed)
        return f"setup key {self.account.setup_key}"

    def create_recovery_codes(self) -> str:
        def confirmed() -> bool:
            before = self._seen("recovery_codes")
            shown = self.manage.post("/v1/manage/recovery-codes")
            self.account.recovery_codes = shown["codes"]
            path = f"/v1/manage/recovery-codes/{shown['batch_id']}/confirmation"
            return self._confirmed(path) or self._seen("recovery_codes") != before

        self._until_confirmed(confirmed)
        codes = self._seen("recovery_codes")
        self._leave_manage()
        return f"{codes['left']} of {codes['of']} left"

    def _until_confirmed(self, confirmed: Callable[[], bool]) -> None:
        """Shown anew where an outage lost what was shown: a call may be carried out twice."""
        for _ in range(3):
            if confirmed():
                return
        raise AssertionError("What was shown was never confirmed.")

    def _confirmed_by_code(self, path: str) -> bool:
        app = pyotp.TOTP(self.account.setup_key)
        try:
            return self._confirmed(path, {"code": app.now()})
        except Declined as declined:
            if declined.code != "totp-out-of-sync":
                raise
            # The thirty seconds ended while the code was on its way.
            return self._confirmed(path, {"code": app.now()})

    def _confirmed(self, path: str, body: dict[str, str] | None = None) -> bool:
        """False: nothing waits for it; an interrupted first try may have confirmed it."""
        try:
            self.manage.post(path, body)
        except Declined as declined:
            if declined.status != 404:
                raise
            return False
        return True

    def _seen(self, what: str) -> Any:
        return self.manage.get("/v1/manage")[what]

    def _leave_manage(self) -> None:
        try:
            self.manage.send("DELETE", "/v1/manage/session")
        except Declined as declined:
            # An interrupted first try ended it.
            if declined.status != 401:
                raise

    # organizations

    def create_organization(self) -> str:
        self.organization = self.api.post("/v1/organizations", {"name": "Analytical Engines"})
        return f"{self.organization['name']} ({self.organization['id']})"

    @property
    def _home(self) -> str:
        return f"/v1/organizations/{self.organization['id']}"

    def create_site(self) -> str:
        self.site = self.api.post(
            f"{self._home}/folders",
            {"parent_id": self.organization["default_folder_id"], "name": "Head office"},
        )
        return str(self.site["name"])

    # licensing

    def issue_key(self) -> str:
        self.around.grant_operator(self.account.email)
        # A suite that stays up has one of this name from each errand before.
        name = f"Difference & Sons {self.organization['id'][:8]}"
        supplier = self.api.post("/v1/suppliers", {"name": name})
        self.supplier.token = supplier["credential"]
        issued = self.supplier.post(
            "/v1/license-keys",
            {
                "order_ref": f"PO-{self.organization['id']}",
                "product": PRODUCT,
                "lines": [{"type": "core", "quantity": len(self.around.cameras)}],
                "term_years": 2,
                "count": 1,
            },
        )
        self.license_key = issued["keys"][0]["key"]
        seats = len(self.around.cameras)
        return f"{seats} licenses for each of two years in key …{self.license_key[-5:]}"

    @property
    def _product(self) -> str:
        return f"{self._home}/products/{PRODUCT}"

    def register_product(self) -> str:
        self.api.post(f"{self._home}/products", {"product": PRODUCT})
        return PRODUCT

    def start_subscription(self) -> str:
        self.api.post(f"{self._product}/subscription")
        overview = self.api.get(self._product)
        return f"{overview['status']}: grace until {overview['grace']['last_day']}"

    def redeem(self) -> str:
        self.api.post(f"{self._product}/redemptions", {"key": self.license_key})
        return f"wallet {self.api.get(self._product + '/wallet')['licenses']}"

    def allocate(self) -> str:
        seats = len(self.around.cameras)
        self.api.post(
            f"{self._product}/allocations",
            {"lines": [{"type": "core", "seats": seats}], "allow_surplus": True},
        )
        return f"{seats} seats"

    def license_status(self) -> str:
        overview = self.api.get(self._product)
        if overview["status"] != "licensed":
            raise AssertionError(f"The product is {overview['status']}, not licensed.")
        return f"{overview['status']}, renewal {overview['year']['renews_on']}"

    # devices

    def add_cameras(self) -> str:
        for number, camera in enumerate(self.around.cameras):
            tls = number % 2 == 1
            device = self.api.post(
                f"{self._home}/devices",
                {
                    "folder_id": self.site["id"],
                    "name": f"Camera {number + 1}",
                    "serial": camera.serial,
                    "host": camera.host,
                    "port": camera.https_port if tls else camera.http_port,
                    "scheme": "https" if tls else "http",
                    "user": camera.user,
                    "password": camera.password,
                },
            )
            self.devices[camera.serial] = device
        return f"{len(self.devices)} cameras"

    def upload_images(self) -> str:
        for image in self.around.images:
            with image.path.open("rb") as content:
                digest = hashlib.file_digest(content, "sha256").hexdigest()
            self.api.send(
                "POST",
                "/v1/firmware-images",
                params={"file_name": image.path.name, "sha256": digest},
                headers={"Content-Type": "application/octet-stream"},
                file=image.path,
            )
        return ", ".join(f"{image.model} {image.version}" for image in self.around.images)

    def recommended(self) -> str:
        models = self.api.get(f"{self._home}/device-models")["items"]
        wanted = [
            f"{row['model']} {row['version']} → {row['recommended_version']} ({row['count']})"
            for row in models
            if row["upgrade_recommended"]
        ]
        if not wanted:
            raise AssertionError("No model has a recommended upgrade.")
        return ", ".join(wanted)

    def upgrade(self) -> str:
        models = self.api.get(f"{self._home}/device-models")["items"]
        for model in sorted({row["model"] for row in models if row["upgrade_recommended"]}):
            self.campaigns.append(
                self.api.post(f"{self._home}/campaigns", {"model": model, "target": "recommended"})
            )
        return f"{len(self.campaigns)} campaigns"

    def tasks(self) -> list[dict[str, Any]]:
        """Every upgrade of the organization, ongoing and completed."""
        found: list[dict[str, Any]] = []
        cursor: str | None = None
        while True:
            query = {"limit": 200} | ({"cursor": cursor} if cursor else {})
            page = self.api.get(f"{self._home}/upgrades", **query)
            found.extend(page["items"])
            cursor = page["next_cursor"]
            if cursor is None:
                return found

    def follow(self) -> str:
        finished = {"succeeded", "failed", "skipped", "rolled_back", "cancelled"}

        told: dict[str, str] = {}

        def all_done() -> list[dict[str, Any]] | None:
            tasks = self.tasks()
            for task in tasks:
                if told.get(task["id"]) != task["state"]:
                    told[task["id"]] = task["state"]
                    versions = f"{task['from_version']} → {task['to_version']}"
                    self.report(f"{task['device_name']} ({versions}): {task['state']}")
            return tasks if all(task["state"] in finished for task in tasks) else None

        tasks = until(all_done, within=180, what="The end of all upgrades")
        states = sorted({task["state"] for task in tasks})
        if states not in (["succeeded"], ["skipped", "succeeded"]):
            raise AssertionError(f"Upgrades ended {states}.")
        return f"{sum(task['state'] == 'succeeded' for task in tasks)} upgraded"

    def ask_cameras(self) -> str:
        targets = {image.model: image.version for image in self.around.images}
        upgraded = 0
        for camera in self.around.cameras:
            if camera.model in targets:
                version = self.around.camera_version(camera)
                if version != targets[camera.model]:
                    raise AssertionError(f"{camera.serial} runs {version}.")
                upgraded += 1
        return f"{upgraded} report the new version"

    # mail

    def _mails(self) -> list[dict[str, str]]:
        reply = requests.get(
            f"{self.around.mailbox}/messages", params={"to": self.account.email}, timeout=10
        )
        found: list[dict[str, str]] = reply.json()["items"]
        return found

    def _from_mail(self, word: str, pattern: re.Pattern[str], *, newer_than: int = 0) -> str:
        """What the newest mail about ``word`` holds, once it has come."""

        def look() -> str | None:
            mails = self._mails()
            for mail in mails[: len(mails) - newer_than]:
                found = pattern.search(mail["text"])
                if word in (mail["subject"] + mail["text"]).lower() and found:
                    return found.group(1)
            return None

        return until(look, within=60, what=f"The mail with the {word}")
