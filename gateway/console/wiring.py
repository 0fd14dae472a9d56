"""The console as part of the gateway."""

from __future__ import annotations

import importlib
import pkgutil
from datetime import UTC, datetime

from flask import Blueprint, Flask

from chassis.clock import Clock
from gateway import console
from gateway.console import cookies, forgery, people


def register(app: Flask, public_url: str, clock: Clock, *, is_production: bool) -> None:
    app.extensions[cookies.EXTENSION] = cookies.Jar(public_url, is_production=is_production)
    app.extensions[people.CLOCK] = clock
    app.jinja_env.globals[forgery.FIELD] = forgery.token
    app.jinja_env.filters["moment"] = _moment
    for blueprint in _blueprints():
        app.register_blueprint(blueprint)


def _blueprints() -> list[Blueprint]:
    """Of every module that has one: a page is served by being written."""
    names = sorted(module.name for module in pkgutil.iter_modules(console.__path__))
    modules = [importlib.import_module(f"{console.__name__}.{name}") for name in names]
    return [module.blueprint for module in modules if hasattr(module, "blueprint")]


def _moment(text: str) -> str:
    """A moment of a service, as people read it."""
    return f"{datetime.fromisoformat(text).astimezone(UTC):%Y-%m-%d %H:%M} UTC"
