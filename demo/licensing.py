"""What else licensing offers: years ahead, trials, hardware, systems without a connection, upgrades.

For an organization that has licensed its first product.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from chassis.clock import SystemClock
from demo.api import Api
from examples import make_system_file, verify_license_file

TRIED, RECORDER, OFFLINE = "cloud-recording", "network-recorder", "video-center"
CHANNELS, IN_USE = 8, 4
BOARD = ("BOARD-1234", "MAC-00408C123456")


def require(is_met: bool, otherwise: str) -> None:
    if not is_met:
        raise AssertionError(otherwise)


@dataclass
class Licensing:
    """The steps of one organization and its supplier; ``seats`` of ``product`` are licensed."""

    api: Api
    supplier: Api
    product: str
    seats: int
    organization_id: Callable[[], str]
    # Shown once: whoever looks for leaks looks for these.
    keys_and_proofs: list[str] = field(default_factory=list, repr=False)
    recorder: dict[str, Any] = field(default_factory=dict)
    station: dict[str, Any] = field(default_factory=dict)

    def steps(self) -> Iterator[tuple[str, Callable[[], str]]]:
        yield "License the next year, too", self.license_next_year
        yield "Look at the forecast", self.look_ahead
        yield "Try another product", self.start_trial
        yield "A supplier sends a recorder with licenses", self.send_recorder
        yield "Register the recorder with its ownership proof", self.register_recorder
        yield "Extend the recorder by a license", self.extend_recorder
        yield "Upload the file of a system without a connection", self.upload_system_file
        yield "License the product of that system", self.license_offline_product
        yield "Carry a license file back to it", self.fetch_license_file
        yield "Upgrade a license in the wallet", self.upgrade_license

    def license_next_year(self) -> str:
        wanted = {
            "lines": [{"type": "core", "seats": self.seats}],
            "year": self._overview(self.product)["year"]["index"] + 1,
            "allow_surplus": True,
        }
        allocations = f"{self._at(self.product)}/allocations"
        preview = self.api.post(f"{allocations}/preview", wanted)
        require(preview["can_confirm"], f"The preview refuses it: {preview['refusal']}.")
        done = self.api.post(allocations, wanted)
        require(done["year"] == preview["year"], "Another year than the preview's was licensed.")
        return f"{self.seats} seats from {done['year']['starts_on']} as previewed"

    def look_ahead(self) -> str:
        renewal = self.api.get(f"{self._at(self.product)}/forecast")["renewals"][0]
        need = next(row for row in renewal["needs"] if row["type"] == "core")
        require(need["seats"] == self.seats, f"The next year has {need['seats']} seats.")
        require(need["short"] == 0, f"The next year lacks {need['short']} licenses.")
        return f"nothing to buy for the renewal on {renewal['year']['starts_on']}"

    def start_trial(self) -> str:
        self._register(TRIED)
        overview = self.api.post(f"{self._at(TRIED)}/trial")
        self._require_status(TRIED, "trial")
        return f"{TRIED} until {overview['trial']['last_day']}"

    # hardware

    def send_recorder(self) -> str:
        order = self.supplier.post(
            "/v1/hardware",
            {
                "order_ref": f"HW-{self.organization_id()}",
                "product": RECORDER,
                # Suppliers send each serial number out once, whoever buys it.
                "serials": [f"REC-{self.organization_id()[:8]}"],
                "lines": [{"type": "preloaded-channel", "quantity": CHANNELS}],
            },
        )
        (self.recorder,) = order["units"]
        self.keys_and_proofs.append(self.recorder["ownership_proof"])
        return f"{self.recorder['serial']} with {CHANNELS} channels"

    def register_recorder(self) -> str:
        self._register(RECORDER)
        bought = {name: self.recorder[name] for name in ("serial", "ownership_proof")}
        self.recorder = self.api.post(
            f"{self._at(RECORDER)}/systems", {"name": "Recorder", **bought}
        )
        return self._licenses_of_recorder({"preloaded-channel": CHANNELS})

    def extend_recorder(self) -> str:
        self._buy(RECORDER, {"channel": 1})
        self.recorder = self.api.post(
            f"{self._system(self.recorder)}/allocations",
            {"lines": [{"type": "channel", "licenses": 1}]},
        )
        return self._licenses_of_recorder({"preloaded-channel": CHANNELS, "channel": 1})

    def _licenses_of_recorder(self, expected: Mapping[str, int]) -> str:
        held = {row["type"]: row["licenses"] for row in self.recorder["licenses"]}
        require(held == expected, f"The recorder holds {held}, not {expected}.")
        return ", ".join(f"{licenses} {kind}" for kind, licenses in sorted(held.items()))

    # a system without a connection

    def upload_system_file(self) -> str:
        self._register(OFFLINE)
        with TemporaryDirectory(prefix="freehold-station-") as folder:
            file = make_system_file.write(
                Path(folder),
                product=OFFLINE,
                version="4.2",
                hardware=BOARD,
                counts={"core": IN_USE},
                now=SystemClock().now(),
            ).read_bytes()
        uploaded = self.api.post(
            f"{self._at(OFFLINE)}/system-files",
            {"name": "Vault", "file": b64encode(file).decode()},
        )
        require(uploaded["result"] == "registered", f"The system was {uploaded['result']}.")
        self.station = uploaded["system"]
        self._require_status(OFFLINE, "trial")
        return f"{self.station['name']} uses {IN_USE} licenses, on trial"

    def license_offline_product(self) -> str:
        self.api.post(f"{self._at(OFFLINE)}/subscription")
        self._buy(OFFLINE, {"core": IN_USE + 1, "core-to-universal": 1})
        self.api.post(
            f"{self._at(OFFLINE)}/allocations", {"lines": [{"type": "core", "seats": IN_USE}]}
        )
        self._require_status(OFFLINE, "licensed")
        return f"{OFFLINE} licensed, {IN_USE} seats"

    def fetch_license_file(self) -> str:
        path = f"{self._system(self.station)}/license-file"
        self.api.post(path)
        terms = self._verified(self.api.download(path))
        require(terms["types"] == {"core": IN_USE}, f"The file allows {terms['types']}.")
        return f"signature and seats are right, valid until {terms['valid_until']}"

    def _verified(self, file: str) -> dict[str, Any]:
        """As the system does it, with the published keys."""
        keys = {
            key_id: Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
            for key_id, key in self.api.get("/v1/license-signing-keys")["keys"].items()
        }
        with TemporaryDirectory(prefix="freehold-station-") as folder:
            state = Path(folder) / "latest-time-seen"
            state.touch()
            try:
                return verify_license_file.verify(
                    file,
                    keys,
                    OFFLINE,
                    self.station["id"],
                    make_system_file.fingerprint(BOARD),
                    SystemClock().now(),
                    state,
                )
            except (InvalidSignature, LookupError, ValueError) as refusal:
                raise AssertionError(f"The license file does not count: {refusal!r}") from refusal

    def upgrade_license(self) -> str:
        done = self.api.post(
            f"{self._at(OFFLINE)}/upgrades",
            {"upgrade_type": "core-to-universal", "licenses": 1, "where": "wallet"},
        )
        left = {lot["type"]: lot["licenses"] for lot in done["wallet"]["lots"]}
        require(left == {"universal": 1}, f"The wallet holds {left}.")
        return f"{done['licenses']} {done['from_type']} → {done['to_type']}"

    # all of them

    def _at(self, product: str) -> str:
        return f"/v1/organizations/{self.organization_id()}/products/{product}"

    def _system(self, system: Mapping[str, Any]) -> str:
        return f"{self._at(system['product'])}/systems/{system['id']}"

    def _overview(self, product: str) -> Any:
        return self.api.get(self._at(product))

    def _require_status(self, product: str, status: str) -> None:
        found = self._overview(product)["status"]
        require(found == status, f"{product} is {found}, not {status}.")

    def _register(self, product: str) -> None:
        self.api.post(f"/v1/organizations/{self.organization_id()}/products", {"product": product})

    def _buy(self, product: str, licenses: Mapping[str, int]) -> None:
        issued = self.supplier.post(
            "/v1/license-keys",
            {
                "order_ref": f"PO-{product}-{self.organization_id()}",
                "product": product,
                "lines": [{"type": kind, "quantity": n} for kind, n in licenses.items()],
                "term_years": 1,
                "count": 1,
            },
        )
        key = issued["keys"][0]["key"]
        self.keys_and_proofs.append(key)
        self.api.post(f"{self._at(product)}/redemptions", {"key": key})
