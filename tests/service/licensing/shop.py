"""People with browsers whose organizations license products."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.harness import Suite
from tests.service.licensing.customer import PRODUCT, Customer, Supplier
from tests.service.organizations import office
from tests.service.organizations.office import Office, Visitor
from tests.service.organizations.world import Home

SERVICES = (*office.SERVICES, "licensing")


class Shop:
    """``shop.customer`` is the organization of ``shop.ada``, whose browser is at its pages."""

    def __init__(self, suite: Suite, language: str = "en", name: str = "Nordic Retail") -> None:
        self.suite = suite
        self.office = Office(suite)
        self.supplier = Supplier(suite)
        self.ada = self.office.visitor("ada@example.com", language)
        self.customer = Customer(suite, self.supplier, owner=self.ada.account, name=name)

    @property
    def home(self) -> Home:
        # Folders are nothing to licenses.
        return Home(self.customer.id, self.customer.id, self.customer.owner)

    def on(self, day: str) -> None:
        """On another day; the session of before is over."""
        self.customer.on(day)
        self.ada.signs_in(self.office.town, self.ada.email)

    def at(self, path: str = "", *, product: str = PRODUCT, visitor: Visitor | None = None) -> Any:
        """Opens a page about the product."""
        return (visitor or self.ada).at(self.home, f"/licenses/{product}{path}")


@contextmanager
def shop(folder: Path, language: str = "en", name: str = "Nordic Retail") -> Iterator[Shop]:
    suite = Suite(
        folder,
        services=SERVICES,
        settings={"identity": {"argon2_memory_kib": 64, "argon2_passes": 1}},
    )
    yield Shop(suite, language, name)
    suite.close()
