"""create_app(): the only place that wires."""

from __future__ import annotations

import importlib
import ipaddress
import pkgutil
from collections.abc import Sequence
from datetime import timedelta

from flask import Flask

from chassis.client import RpcClient
from chassis.clock import Clock, clock_from
from chassis.config import Config
from gateway import api, caller, conventions, documentation, exchange, pages, probes, rpc
from gateway.console import wiring
from gateway.conventions import Blueprint
from gateway.settings import GatewaySettings
from gateway.transport import Transport


def create_app(
    config: Config | None = None,
    client: Transport | None = None,
    *,
    clock: Clock | None = None,
    blueprints: Sequence[Blueprint] | None = None,
) -> Flask:
    """The gateway as a WSGI application.

    :param config: else the configuration file.
    :param client: the way to the services; else RPC over the configured broker.
    :param clock: else the configured one.
    :param blueprints: the operations; else those of every module in `gateway.api`.
    """
    config = config or Config.load()
    settings = config.section(GatewaySettings, "gateway")
    clock = clock or clock_from(config.suite.clock, production=config.is_production)
    client = client or RpcClient(config.broker_url, "gateway", timeout=settings.rpc_timeout_seconds)
    sessions = caller.Sessions(client, clock, timedelta(seconds=settings.introspection_seconds))
    client.subscribe("identity.events", "session_ended", sessions.drop)

    app = Flask("gateway")
    app.config["MAX_CONTENT_LENGTH"] = settings.body_limit_bytes
    # One address per thing: a doubled slash leads nowhere instead of redirecting.
    app.url_map.merge_slashes = False
    app.extensions[rpc.EXTENSION] = client
    app.extensions[caller.EXTENSION] = sessions
    app.extensions[conventions.EXTENSION] = settings

    exchange.follow(app, settings)
    found = blueprints or _blueprints()
    hidden = [each for each in found if each.is_for_tests and config.is_production]
    document = documentation.describe(app, [each for each in found if each not in hidden])
    for each in hidden:
        # Who asks all the same is told by the service that there is nothing.
        app.register_blueprint(each)
    app.register_blueprint(pages.blueprint(document, settings.public_url))
    wiring.register(app, settings.public_url, clock, is_production=config.is_production)
    app.register_blueprint(
        probes.blueprint(client, [ipaddress.ip_network(name) for name in settings.metrics_networks])
    )
    return app


def _blueprints() -> list[Blueprint]:
    """Every module of `gateway.api` has one."""
    names = sorted(module.name for module in pkgutil.iter_modules(api.__path__))
    return [importlib.import_module(f"{api.__name__}.{name}").blueprint for name in names]
