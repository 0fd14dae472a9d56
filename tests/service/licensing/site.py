"""A customer that runs systems of one product, and the hardware it buys for them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from contracts.errors import Refusal
from services.licensing.models import LicenseTypeRow, ProductRow
from tests.harness import Suite
from tests.service.licensing.customer import Customer, Supplier

# Of the catalogue: `preloaded-channel` is tied and covers `channel`, an extension.
RECORDER = "network-recorder"
# Licensed by years, or by what is on its hardware: `preloaded` and `more` cover `core`.
STATION = "station"


def offer_station(suite: Suite, *, trial_days: int = 90) -> None:
    types = {
        "core": ("subscription", None),
        "preloaded": ("tied", "core"),
        "more": ("extension", "core"),
    }
    with suite.kits["licensing"].db() as session:
        session.add(
            ProductRow(code=STATION, name="Station", trial_days=trial_days, counts_devices_as=None)
        )
        session.flush()
        session.add_all(
            LicenseTypeRow(product=STATION, code=code, kind=kind, covers=covers)
            for code, (kind, covers) in types.items()
        )


def sent_out(
    supplier: Supplier, *serials: str, product: str = RECORDER, tied: int = 8, **values: Any
) -> Any:
    """The order's answer."""
    kind = "preloaded-channel" if product == RECORDER else "preloaded"
    return supplier.call(
        "issue_hardware",
        **{
            "order_ref": uuid4().hex,
            "product": product,
            "serials": list(serials),
            "lines": [{"type": kind, "quantity": tied}],
            **values,
        },
    )


def proofs(order: Mapping[str, Any]) -> dict[str, str]:
    """Of each unit, by its serial."""
    return {unit["serial"]: unit["ownership_proof"] for unit in order["units"]}


class Site:
    """One product of one customer; systems are named by their answers."""

    def __init__(self, customer: Customer, product: str = RECORDER) -> None:
        self.customer = customer
        self.product = product
        self.suite = customer.suite
        customer.register(product=product)

    def sent(self, serial: str, *, tied: int = 8) -> str:
        """The proof of hardware that a supplier sent here."""
        order = sent_out(self.customer.supplier, serial, product=self.product, tied=tied)
        return proofs(order)[serial]

    def register(self, name: str = "Lobby", **values: Any) -> Any:
        return self.customer.command(
            "register_licensed_system", product=self.product, name=name, **values
        )

    def hardware(self, serial: str = "REC-1", *, tied: int = 8, **values: Any) -> Any:
        """Bought and registered."""
        proof = self.sent(serial, tied=tied)
        return self.register(serial=serial, ownership_proof=proof, **values)

    def ask(self, method: str, system: Mapping[str, Any], **values: Any) -> Any:
        return self.customer.ask(
            method, product=self.product, licensed_system_id=system["id"], **values
        )

    def get(self, system: Mapping[str, Any]) -> Any:
        return self.ask("get_licensed_system", system)

    def remove(self, system: Mapping[str, Any]) -> None:
        self.ask("remove_licensed_system", system)

    def listed(self, **values: Any) -> Any:
        return self.customer.ask("list_licensed_systems", product=self.product, **values)

    def buy(self, licenses: int, kind: str) -> None:
        lines = [{"type": kind, "quantity": licenses}]
        order = self.customer.supplier.issue(product=self.product, lines=lines)
        self.customer.redeem(order["keys"][0]["key"], product=self.product)

    def extend(self, system: Mapping[str, Any], **licenses: int) -> Any:
        """By type; underscores stand for hyphens."""
        return self.extend_by(
            system,
            [{"type": kind.replace("_", "-"), "licenses": n} for kind, n in licenses.items()],
        )

    def extend_by(self, system: Mapping[str, Any], lines: Any, **values: Any) -> Any:
        return self.ask(
            "allocate_to_system",
            system,
            **{"lines": lines, "idempotency_key": uuid4().hex, **values},
        )

    def credential(self, system: Mapping[str, Any]) -> str:
        given: str = self.ask("issue_system_credential", system)["credential"]
        return given

    def report(
        self,
        credential: str,
        sequence: int,
        counts: Mapping[str, int],
        *,
        at: datetime | None = None,
    ) -> Any:
        """As a system sends it that waits where it is told to."""
        moment = at or self.suite.clock.now()
        while True:
            try:
                return self.report_at_once(credential, sequence, counts, at=moment)
            except Refusal as refusal:
                if refusal.code != "too-many-reports":
                    raise
                self.suite.clock.advance(timedelta(seconds=int(refusal.facts["retry_after"])))

    def report_at_once(
        self, credential: str, sequence: int, counts: Mapping[str, int], *, at: datetime
    ) -> Any:
        """As the system itself sends it, nobody being signed in."""
        return self.suite.call(
            "licensing",
            "report_usage",
            {
                "credential": credential,
                "sequence": sequence,
                "reported_at": at.isoformat(),
                "counts": [{"type": kind, "count": n} for kind, n in counts.items()],
            },
        )

    def entitlement(self, credential: str) -> Any:
        return self.suite.call("licensing", "get_entitlement", {"credential": credential})

    def need(self) -> dict[str, int]:
        needs = self.customer.overview(product=self.product)["needs"]
        return {each["type"]: each["need"] for each in needs}

    def status(self) -> str:
        status: str = self.customer.overview(product=self.product)["status"]
        return status


def licenses(system: Mapping[str, Any]) -> dict[str, int]:
    return {line["type"]: line["licenses"] for line in system["licenses"]}
