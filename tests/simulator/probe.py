"""A client of the simulator for its own tests: plain requests, nothing of the suite."""

import json
import threading
import time
from collections.abc import Callable
from typing import Any, Self, TypeVar

import requests
from requests.auth import AuthBase, HTTPBasicAuth, HTTPDigestAuth

from simulator.image import image_bytes

T = TypeVar("T")
TIMEOUT = 10.0


def until(condition: Callable[[], T], within: float = 10.0) -> T:
    """What the condition says as soon as it is truthy."""
    deadline = time.monotonic() + within
    pause = threading.Event()
    while True:
        seen = condition()
        if seen:
            return seen
        assert time.monotonic() < deadline, f"not so within {within} s; last seen: {seen!r}"
        pause.wait(0.01)


class Probe:
    """One camera, by its ports and by the control API."""

    def __init__(self, control: str, told: dict[str, Any]) -> None:
        self.control = f"{control}/cameras/{told['serial']}"
        self.serial: str = told["serial"]
        self.model: str = told["model"]
        self.user: str = told["user"] or "root"
        self.password: str = told["password"] or ""
        self.http = f"http://127.0.0.1:{told['http_port']}"
        self.https = f"https://127.0.0.1:{told['https_port']}"
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.session.close()

    @property
    def digest(self) -> HTTPDigestAuth:
        return HTTPDigestAuth(self.user, self.password)

    @property
    def basic(self) -> HTTPBasicAuth:
        return HTTPBasicAuth(self.user, self.password)

    def post(
        self,
        api: str,
        content: object = None,
        *,
        auth: AuthBase | None = None,
        base: str | None = None,
        **more: Any,
    ) -> requests.Response:
        if content is not None:
            more["json"] = content
        return self.session.post(
            f"{base or self.http}/axis-cgi/{api}.cgi", auth=auth, timeout=TIMEOUT, **more
        )

    def call(self, api: str, method: str, **params: Any) -> dict[str, Any]:
        """A JSON API, signed in."""
        content: dict[str, Any] = {"apiVersion": "1.0", "method": method}
        if params:
            content["params"] = params
        answered = self.post(api, content, auth=self.digest)
        assert answered.status_code == 200, answered.text
        result: dict[str, Any] = answered.json()
        return result

    def firmware(self, method: str, **params: Any) -> dict[str, Any]:
        return self.call("firmwaremanagement", method, **params)

    def status(self) -> dict[str, Any]:
        data: dict[str, Any] = self.firmware("status")["data"]
        return data

    def error(self, method: str, **params: Any) -> int:
        code: int = self.firmware(method, **params)["error"]["code"]
        return code

    def upload(self, image: bytes, **params: str) -> requests.Response:
        request = {"apiVersion": "1.0", "context": "up", "method": "upgrade", "params": params}
        return self.post(
            "firmwaremanagement",
            auth=self.digest,
            files=[
                ("json", (None, json.dumps(request), "application/json")),
                ("file", ("fw.bin", image, "application/octet-stream")),
            ],
        )

    def upgrade(self, version: str, **params: str) -> dict[str, Any]:
        """Uploads an image of this model."""
        answered: dict[str, Any] = self.upload(image_bytes(self.model, version), **params).json()
        return answered

    def upgrade_and_boot(self, version: str, **params: str) -> None:
        assert self.upgrade(version, **params)["data"] == {"firmwareVersion": version}
        self.boots_into(version)

    def boots_into(self, version: str) -> None:
        until(lambda: self.told()["state"] == "ready" and self.told()["version"] == version)

    def readiness(self) -> dict[str, str] | None:
        """None while nobody listens."""
        try:
            answered = self.post("systemready", {"apiVersion": "1.0", "method": "systemready"})
        except requests.ConnectionError:
            return None
        data: dict[str, str] = answered.json()["data"]
        return data

    def told(self) -> dict[str, Any]:
        """By the control API."""
        answered = self.session.get(self.control, timeout=TIMEOUT)
        assert answered.status_code == 200
        told: dict[str, Any] = answered.json()
        return told

    def counters(self) -> dict[str, int]:
        counters: dict[str, int] = self.told()["counters"]
        return counters

    def faults(self, **faults: object) -> None:
        answered = self.session.post(f"{self.control}/faults", json=faults, timeout=TIMEOUT)
        assert answered.status_code == 200, answered.text

    def power_cycle(self) -> None:
        answered = self.session.post(f"{self.control}/power-cycle", timeout=TIMEOUT)
        assert answered.status_code == 200
