"""People with browsers in organizations: identity, organizations and devices behind the gateway."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from flask import Flask
from jinja2 import StrictUndefined

from chassis.config import Config
from contracts.access import Role
from gateway.api import identity
from gateway.app import create_app
from services.devices.models import Device
from tests.harness import Suite
from tests.in_process import InProcess
from tests.service.devices.rows import device_values
from tests.service.identity.surfer import Surfer
from tests.service.identity.town import Town
from tests.service.organizations.world import Home, World

SERVICES = ("identity", "organizations", "devices")


class Office:
    """``office.visitor("ada@example.com")`` is signed in; ``office.world`` builds the rest."""

    def __init__(self, suite: Suite) -> None:
        self.suite = suite
        self.clock = suite.clock
        self.town = Town(suite)
        self.world = World(suite)

    def app(self, **settings: Any) -> Flask:
        """A word that is missing on a page is an error."""
        app = create_app(
            Config({"gateway": {"introspection_seconds": 0, **settings}}),
            InProcess(self.suite),
            clock=self.clock,
            blueprints=[identity.blueprint],
        )
        app.jinja_env.undefined = StrictUndefined
        return app

    def visitor(self, email: str = "ada@example.com", language: str = "en") -> Visitor:
        """Registered, and signed in by a mailed code."""
        visitor = Visitor(self, email, language)
        visitor.registers(self.town, email)
        visitor.signs_in(self.town, email)
        return visitor

    def device(self, home: Home, folder: UUID, name: str) -> UUID:
        """A row as adding a camera leaves it."""
        serial = uuid4().hex[:12].upper()
        values = device_values(home.id, folder, serial, self.clock.now(), name=name)
        device = Device(**values)
        with self.suite.databases["devices"]() as session:
            session.add(device)
            return device.id


class Visitor(Surfer):
    """Somebody signed in."""

    def __init__(self, office: Office, email: str, language: str) -> None:
        super().__init__(office.app(), language)
        self.office = office
        self.email = email
        self._account: UUID | None = None

    @property
    def account(self) -> UUID:
        if self._account is None:
            found = self.office.town.ask("get_account", self.cookie("freehold"))
            self._account = UUID(found["account_id"])
        return self._account

    def home(self, name: str = "Analytical Engines") -> Home:
        """An organization of the visitor's own."""
        return self.office.world.home(self.account, name)

    def joins(self, home: Home, role: Role, *folders: UUID) -> Visitor:
        self.office.world.joins(home, role, *folders, account=self.account)
        return self

    def at(self, home: Home, path: str = "") -> Any:
        """Opens a page of the organization."""
        return self.open(f"/organizations/{home.id}{path}")

    def waits_for_step_up(self) -> None:
        """Until the credentials are too old for what is sensitive."""
        self.office.clock.advance(timedelta(minutes=11))
