"""An installed product without a connection, whose files people carry; see `examples`."""

from __future__ import annotations

import json
import subprocess
import sys
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from examples import make_system_file, verify_license_file
from tests.service.licensing.customer import PRODUCT, Customer

BOARD = ("BOARD-1234", "MAC-00408C123456")


class Station:
    """``customer`` manages its licenses; `files` follow one another as a product writes them."""

    def __init__(
        self,
        customer: Customer,
        folder: Path,
        *,
        product: str = PRODUCT,
        registered_as: str | None = None,
    ) -> None:
        self.customer = customer
        self.product = product
        self.hardware: Sequence[str] = BOARD
        self.version = "4.2"
        self.folder = folder / f"station-{uuid4().hex[:8]}"
        self._registered_as = UUID(registered_as) if registered_as else None

    @property
    def id(self) -> str:
        """Known once it wrote its first file."""
        return str(json.loads((self.folder / "system.json").read_text())["id"])

    @property
    def fingerprint(self) -> str:
        return make_system_file.fingerprint(self.hardware)

    def file(self, **counts: int) -> bytes:
        """The next one."""
        return make_system_file.write(
            self.folder,
            product=self.product,
            version=self.version,
            hardware=self.hardware,
            counts=counts,
            now=self.customer.suite.clock.now(),
            system_id=self._registered_as,
        ).read_bytes()

    def upload(self, file: bytes, *, by: Customer | None = None, **values: Any) -> Any:
        return (by or self.customer).command(
            "upload_system_file",
            **{"product": self.product, "file": b64encode(file).decode(), **values},
        )

    def reports(self, **counts: int) -> Any:
        return self.upload(self.file(**counts))

    def fetch(self, **values: Any) -> Any:
        """Has a license file issued."""
        return self.customer.command(
            "issue_license_file",
            **{"product": self.product, "licensed_system_id": self.id, **values},
        )

    def license_file(self) -> str:
        """The newest, as it is downloaded."""
        content: str = self.customer.ask(
            "get_license_file", product=self.product, licensed_system_id=self.id
        )["content"]
        return content

    def remove(self) -> None:
        self.customer.ask(
            "remove_licensed_system", product=self.product, licensed_system_id=self.id
        )

    def starts_with(self, content: bytes) -> tuple[int, str]:
        """What the program that checks license files says, by the clock of this machine."""
        keys = self.customer.suite.call("licensing", "license_signing_keys")["keys"]
        path = self.folder / "license.txt"
        path.write_bytes(content)
        told = [f"{key_id}={key}" for key_id, key in keys.items()]
        done = subprocess.run(
            [
                sys.executable,
                verify_license_file.__file__,
                path,
                self.product,
                self.id,
                self.fingerprint,
                self.folder / "latest-time-seen",
                *told,
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in done.stderr
        return done.returncode, done.stdout + done.stderr
