"""Customers of the reference, and what they can buy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction
from itertools import count
from typing import Any

import pytest

from tests.service.licensing.reference import Reference
from tests.service.licensing.reference_facts import (
    EXTENSION,
    TIED,
    UPGRADE,
    Key,
    LicenseType,
    Policy,
    Product,
    Refused,
)

STATION = Product(
    "station",
    (
        LicenseType("core"),
        LicenseType("universal"),
        LicenseType("core-extension", EXTENSION, covers="core"),
        LicenseType("universal-extension", EXTENSION, covers="universal"),
        LicenseType("core-tied", TIED, covers="core"),
        LicenseType("to-universal", UPGRADE, upgrades_from="core", upgrades_to="universal"),
        LicenseType(
            "to-universal-extension",
            UPGRADE,
            upgrades_from="core-extension",
            upgrades_to="universal-extension",
        ),
        LicenseType("to-itself", UPGRADE, upgrades_from="core", upgrades_to="core"),
    ),
    counts_devices_as="core",
)
ARCHIVE = Product("archive", (LicenseType("terabyte"),))
CLOUD = Product(
    "cloud",
    (
        LicenseType("hd"),
        LicenseType("uhd"),
        LicenseType("to-uhd", UPGRADE, upgrades_from="hd", upgrades_to="uhd"),
    ),
    trial_days=30,
    coterm="product",
)
RECORDER = Product(
    "recorder",
    (
        LicenseType("channel", EXTENSION),
        LicenseType("analytics", EXTENSION),
        LicenseType("channel-tied", TIED, covers="channel"),
        LicenseType("analytics-tied", TIED, covers="analytics"),
        LicenseType("to-analytics", UPGRADE, upgrades_from="channel", upgrades_to="analytics"),
        LicenseType(
            "to-analytics-tied", UPGRADE, upgrades_from="channel-tied", upgrades_to="analytics-tied"
        ),
    ),
    trial_days=0,
)
START = date(2025, 3, 1)
AS_IS = Policy()
CHARGED = Policy(charge_grace_when_late=True)
POLICIES = [AS_IS, CHARGED]
ORDERS = count(1)


def bought(reference: Reference, lines: Mapping[str, int], years: int = 1) -> None:
    product = "archive" if "terabyte" in lines else "station"
    reference.redeem(product, Key(f"order {next(ORDERS)}", product, lines, years))


def customer(
    licenses: int = 0, devices: int = 0, *, policy: Policy = AS_IS, on: date = START
) -> Reference:
    """Has started a subscription for cameras that need a core license each."""
    reference = Reference(on, policy, STATION, ARCHIVE, CLOUD, RECORDER)
    reference.register("station")
    reference.start("station")
    if licenses:
        bought(reference, {"core": licenses})
    if devices:
        reference.add_devices(devices)
    return reference


def refusals(command: Callable[..., None], *args: Any, **kwargs: Any) -> frozenset[str]:
    with pytest.raises(Refused) as refused:
        command(*args, **kwargs)
    return refused.value.codes


def figures(reference: Reference) -> tuple[str, dict[str, int], dict[str, Fraction]]:
    return reference.status("station"), reference.wallet("station"), reference.pool("station")


def compensated(reference: Reference) -> Fraction:
    return reference.compensated_total("station").get("core", Fraction(0))
