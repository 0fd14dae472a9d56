"""The catalogue: what it says, and how operators extend it from a file (R2, R5, R45)."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from contracts.errors import Refusal
from services.licensing.domain.catalogue import CatalogueInvalid, require_sound
from services.licensing.domain.policy import LicensingSettings
from services.licensing.operate import carry_out
from services.licensing.operate.catalogue import read
from services.licensing.queries import catalogue
from tests.harness import Suite
from tests.service.licensing.customer import PRODUCT, Customer

Spoken = pytest.CaptureFixture[str]


def listed(customer: Customer, **asked: Any) -> Any:
    return customer.suite.call("licensing", "list_products", asked, as_=customer.owner)


def products(customer: Customer) -> dict[str, Any]:
    return {product["code"]: product for product in listed(customer)["items"]}


def types(product: Any) -> dict[str, Any]:
    return {known["code"]: known for known in product["types"]}


# What it says


def test_the_catalogue_names_products_and_their_license_types(customer: Customer) -> None:
    """R2: licenses of each kind, and a product tied to hardware."""
    found = products(customer)
    manager = found[PRODUCT]
    assert (manager["trial_days"], manager["counts_devices_as"]) == (90, "core")
    assert manager["coterm"] == "organization"
    assert list(types(manager)) == ["core"]
    kinds = {code: known["kind"] for code, known in types(found["network-recorder"]).items()}
    assert kinds == {
        "channel": "extension",
        "preloaded-channel": "tied",
        "analytics-channel": "extension",
        "channel-to-analytics": "upgrade",
    }
    assert types(found["network-recorder"])["preloaded-channel"]["covers"] == "channel"
    upgrade = types(found["video-center"])["core-to-universal"]
    assert (upgrade["upgrade_from"], upgrade["upgrade_to"]) == ("core", "universal")


def test_license_types_of_cloud_storage_say_resolution_and_retention(customer: Customer) -> None:
    """R45, and a product that counts years of its own (D-4)."""
    recording = products(customer)["cloud-recording"]
    assert recording["coterm"] == "product"
    assert types(recording)["uhd-30"]["attributes"] == {
        "resolution": "3840x2160",
        "retention_days": 30,
    }


def test_where_to_buy_is_a_page_of_the_customers_country(customer: Customer) -> None:
    """R5."""
    assert listed(customer)["where_to_buy"] is None
    kit = customer.suite.kits["licensing"]
    kit.own = replace(kit.own, where_to_buy_url="https://example.com/find?in={country}")
    assert listed(customer, country="SE")["where_to_buy"] == "https://example.com/find?in=SE"
    assert listed(customer)["where_to_buy"] == "https://example.com/find?in="
    for country in ("se", "SWE", "S3", "SE\n"):
        with pytest.raises(Refusal) as refused:
            listed(customer, country=country)
        assert refused.value.code == "invalid-request"


def test_where_to_buy_leads_to_the_web() -> None:
    with pytest.raises(ValueError, match="where_to_buy_url"):
        LicensingSettings(where_to_buy_url="javascript:alert(1)")


# The file

DOORS: Mapping[str, Any] = {
    "code": "door-manager",
    "name": "Door Manager",
    "trial_days": 30,
    "types": [
        {"code": "door", "kind": "subscription", "attributes": {"readers": 2, "offline": False}},
        {"code": "gate", "kind": "subscription"},
        {
            "code": "door-to-gate",
            "kind": "upgrade",
            "upgrade_from": "door",
            "upgrade_to": "gate",
        },
    ],
}


class Shelf:
    """A file, and the operator's command on it."""

    def __init__(self, customer: Customer, path: Path, spoken: Spoken) -> None:
        self._customer = customer
        self._path = path
        self._spoken = spoken

    def holds(self, *held: Mapping[str, Any]) -> Shelf:
        self._path.write_text(json.dumps({"products": held}))
        return self

    def brought_in(self, *, dry_run: bool = False) -> list[str]:
        """What the command says; it is carried out."""
        code, said = self.tried(dry_run=dry_run)
        assert code == 0, said.err
        out: str = said.out
        return out.splitlines()

    def tried(self, *, dry_run: bool = False) -> tuple[int, Any]:
        chosen = Namespace(command="catalogue", file=self._path, dry_run=dry_run)
        code = carry_out(self._customer.suite.kits["licensing"], chosen)
        return code, self._spoken.readouterr()


@pytest.fixture
def shelf(customer: Customer, tmp_path: Path, capsys: Spoken) -> Shelf:
    return Shelf(customer, tmp_path / "catalogue.json", capsys)


def changed(product: Mapping[str, Any], code: str, **values: Any) -> Mapping[str, Any]:
    """The product with one of its types changed."""
    return {
        **product,
        "types": [
            {**known, **values} if known["code"] == code else known for known in product["types"]
        ],
    }


def versions(customer: Customer) -> int:
    with customer.suite.kits["licensing"].db.reading() as session:
        return int(session.execute(text("SELECT count(*) FROM catalogue_version")).scalar_one())


def test_a_product_from_a_file_is_registered_tried_and_licensed(
    customer: Customer, shelf: Shelf
) -> None:
    assert shelf.holds(DOORS).brought_in() == [
        "door-manager: new product with door, door-to-gate, gate"
    ]
    shown = products(customer)["door-manager"]
    assert types(shown)["door"]["attributes"] == {"readers": 2, "offline": False}
    customer.register(product="door-manager")
    assert customer.command("start_trial", product="door-manager")["status"] == "trial"
    customer.start(product="door-manager")
    customer.buy_types("door-manager", {"door": 3})
    customer.command(
        "allocate_licenses",
        product="door-manager",
        lines=[{"type": "door", "seats": 3}],
        allow_surplus=True,
    )
    assert customer.overview(product="door-manager")["status"] == "licensed"


def test_the_same_file_again_changes_nothing(customer: Customer, shelf: Shelf) -> None:
    shelf.holds(DOORS).brought_in()
    before = (products(customer), versions(customer))
    assert shelf.brought_in() == ["nothing changes"]
    assert (products(customer), versions(customer)) == before


def test_a_rehearsal_says_what_would_change_and_changes_nothing(
    customer: Customer, shelf: Shelf
) -> None:
    before = products(customer)
    said = shelf.holds(DOORS).brought_in(dry_run=True)
    assert said[0] == "door-manager: new product with door, door-to-gate, gate"
    assert "rehearsal" in said[-1]
    assert (products(customer), versions(customer)) == (before, 0)


def test_a_product_in_use_is_extended_and_keeps_its_terms(customer: Customer, shelf: Shelf) -> None:
    """Types never change their kind, nor go: organizations bought them."""
    shelf.holds(DOORS).brought_in()
    customer.register(product="door-manager")
    more = {
        **changed(DOORS, "door", attributes={"readers": 4}),
        "name": "Doors",
        "trial_days": 60,
        "types": [
            {"code": "door", "kind": "subscription", "attributes": {"readers": 4}},
            {"code": "lift", "kind": "subscription"},
        ],
    }
    assert shelf.holds(more).brought_in() == [
        "door-manager: name Door Manager becomes Doors",
        "door-manager: trial_days 30 becomes 60",
        "door-manager: type door changes",
        "door-manager: new type lift",
    ]
    shown = products(customer)["door-manager"]
    assert set(types(shown)) == {"door", "gate", "lift", "door-to-gate"}
    before = products(customer)
    for other in (
        {**DOORS, "coterm": "product"},
        {**DOORS, "counts_devices_as": "door"},
        changed(DOORS, "gate", kind="extension", covers="door"),
        changed(DOORS, "door-to-gate", upgrade_to="lift"),
    ):
        code, said = shelf.holds(other).tried()
        assert (code, "is in use" in said.err) == (1, True), said
    assert products(customer) == before


def test_what_nobody_uses_may_change_its_terms(customer: Customer, shelf: Shelf) -> None:
    shelf.holds(DOORS).brought_in()
    shelf.holds({**DOORS, "coterm": "product", "counts_devices_as": "door"}).brought_in()
    shown = products(customer)["door-manager"]
    assert (shown["coterm"], shown["counts_devices_as"]) == ("product", "door")


def test_licenses_that_were_issued_are_a_use_too(customer: Customer, shelf: Shelf) -> None:
    shelf.holds(DOORS).brought_in()
    customer.supplier.issue(product="door-manager", lines=[{"type": "door", "quantity": 1}])
    code, said = shelf.holds({**DOORS, "coterm": "product"}).tried()
    assert (code, "is in use" in said.err) == (1, True)


UNSOUND: dict[str, tuple[Mapping[str, Any], str]] = {
    "an upgrade that starts where it ends": (
        changed(DOORS, "door-to-gate", upgrade_to="door"),
        "does not",
    ),
    "an upgrade of itself": (
        changed(DOORS, "door-to-gate", upgrade_from="door-to-gate"),
        "does not",
    ),
    "an upgrade to nothing there is": (
        changed(DOORS, "door-to-gate", upgrade_to="portal"),
        "no license type portal",
    ),
    "an upgrade without an end": (
        changed(DOORS, "door-to-gate", upgrade_to=None),
        "does not",
    ),
    "an upgrade to another kind": (
        {
            **changed(DOORS, "door-to-gate", upgrade_to="lock"),
            "types": [
                *changed(DOORS, "door-to-gate", upgrade_to="lock")["types"],
                {"code": "lock", "kind": "extension", "covers": "door"},
            ],
        },
        "one kind of licenses to another",
    ),
    "a subscription that leads somewhere": (
        changed(DOORS, "door", upgrade_to="gate"),
        "no upgrade",
    ),
    "a subscription that covers another": (changed(DOORS, "gate", covers="door"), "covers"),
    "an extension that covers nothing": (
        changed(DOORS, "gate", kind="extension"),
        "covers one of: door",
    ),
    "devices counted as an upgrade": (
        {**DOORS, "counts_devices_as": "door-to-gate"},
        "counts devices",
    ),
    "nothing but upgrades": (
        {**DOORS, "types": [DOORS["types"][2]]},
        "needs a license type",
    ),
}


@pytest.mark.parametrize("name", UNSOUND)
def test_types_that_do_not_fit_together_are_refused(
    customer: Customer, shelf: Shelf, name: str
) -> None:
    """D-18; and all of the file or nothing."""
    product, why = UNSOUND[name]
    code, said = shelf.holds({**DOORS, "code": "sound"}, product).tried()
    assert (code, why in said.err) == (1, True), said
    assert not {"sound", "door-manager"} & products(customer).keys()


WRONG: dict[str, Callable[[], str]] = {
    "no JSON": lambda: "{",
    "no products": lambda: json.dumps({"products": []}),
    "an unknown word": lambda: json.dumps({"products": [{**DOORS, "price": 5}]}),
    "an unknown kind": lambda: json.dumps({"products": [changed(DOORS, "door", kind="gold")]}),
    "a code with capitals": lambda: json.dumps({"products": [{**DOORS, "code": "Doors"}]}),
    "a trial of less than nothing": lambda: json.dumps({"products": [{**DOORS, "trial_days": -1}]}),
    "an attribute of several": lambda: json.dumps(
        {"products": [changed(DOORS, "door", attributes={"sizes": [1, 2]})]}
    ),
    "a product twice": lambda: json.dumps({"products": [DOORS, DOORS]}),
    "a type twice": lambda: json.dumps(
        {"products": [{**DOORS, "types": [*DOORS["types"], DOORS["types"][0]]}]}
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_file_that_is_written_wrongly_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "catalogue.json"
    path.write_text(WRONG[name]())
    with pytest.raises(CatalogueInvalid, match=r"catalogue\.json"):
        read(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogueInvalid):
        read(tmp_path / "nothing.json")


def test_what_the_suite_comes_with_is_sound(suite: Suite) -> None:
    """D-18, R32, R33: of every product that a migration brought."""
    with suite.kits["licensing"].db.reading() as session:
        held = catalogue.products(session)
    assert len(held) == 5
    for product in held:
        require_sound(product)
