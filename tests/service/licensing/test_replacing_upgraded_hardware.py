"""Replacing hardware whose own licenses were upgraded: nothing is doubled, nothing is lost (D-17)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from contracts.errors import Refusal
from services.licensing.models import LicenseTypeRow, ProductRow
from services.licensing.service.replacing import replace_system
from tests.harness import Suite
from tests.service.licensing import invariants
from tests.service.licensing.customer import Customer
from tests.service.licensing.site import Site, licenses, proofs, sent_out

VAULT, TO_PRO = "vault", "basic-to-pro"


@pytest.fixture
def site(suite: Suite, customer: Customer) -> Site:
    """Of a product whose hardware comes with licenses that can be upgraded there."""
    with suite.kits["licensing"].db() as session:
        session.add(ProductRow(code=VAULT, name="Vault", trial_days=0, counts_devices_as=None))
        session.flush()
        session.add_all(
            LicenseTypeRow(product=VAULT, code=each, kind="tied") for each in ("basic", "pro")
        )
        session.flush()
        session.add(
            LicenseTypeRow(
                product=VAULT, code=TO_PRO, kind="upgrade", upgrade_from="basic", upgrade_to="pro"
            )
        )
    site = Site(customer, VAULT)
    site.buy(20, TO_PRO)
    return site


def test_what_was_upgraded_takes_the_place_of_what_the_new_hardware_came_with(site: Site) -> None:
    old, new = _hardware(site, "A-1"), _hardware(site, "A-2")
    _upgrade(site, old, 10)
    told = _replaced(site, old, new)
    assert (told["moved"], told["ended"]) == ({"pro": 10}, {"basic": 10})
    assert licenses(site.get(new)) == {"pro": 10}
    invariants.hold(site.customer)


def test_what_was_upgraded_in_part_is_matched_license_by_license(site: Site) -> None:
    old, new = _hardware(site, "A-1"), _hardware(site, "A-2")
    _upgrade(site, old, 4)
    _replaced(site, old, new)
    assert licenses(site.get(new)) == {"basic": 6, "pro": 4}
    invariants.hold(site.customer)


def test_an_upgrade_on_the_new_hardware_stays(site: Site) -> None:
    old, new = _hardware(site, "A-1"), _hardware(site, "A-2")
    _upgrade(site, new, 10)
    _replaced(site, old, new)
    assert licenses(site.get(new)) == {"pro": 10}
    invariants.hold(site.customer)


def test_one_replacement_after_another_adds_nothing(site: Site) -> None:
    """Whatever each of them came with."""
    first, second, third = (
        _hardware(site, serial, basic=n) for serial, n in (("A-1", 10), ("A-2", 2), ("A-3", 10))
    )
    _upgrade(site, first, 10)
    _replaced(site, first, second)
    _replaced(site, second, third)
    assert licenses(site.get(third)) == {"pro": 10}
    invariants.hold(site.customer)


def test_no_paid_upgrade_is_lost_where_both_were_upgraded(site: Site) -> None:
    old, new = _hardware(site, "A-1"), _hardware(site, "A-2")
    _upgrade(site, old, 10)
    _upgrade(site, new, 10)
    with pytest.raises(Refusal) as refusal:
        _replaced(site, old, new)
    assert refusal.value.code == "replacement-impossible"
    assert licenses(site.get(old)) == licenses(site.get(new)) == {"pro": 10}


def _hardware(site: Site, serial: str, *, basic: int = 10) -> Any:
    lines = [{"type": "basic", "quantity": basic}]
    order = sent_out(site.customer.supplier, serial, product=VAULT, lines=lines)
    return site.register(serial=serial, ownership_proof=proofs(order)[serial])


def _upgrade(site: Site, system: Any, n: int) -> None:
    site.customer.command(
        "upgrade_licenses",
        product=VAULT,
        upgrade_type=TO_PRO,
        licenses=n,
        where=f"system:{system['id']}",
    )


def _replaced(site: Site, old: Any, new: Any) -> Any:
    kit = site.suite.kits["licensing"]
    return replace_system(kit, site.customer.id, UUID(old["id"]), UUID(new["id"]))
