"""A gateway with a small API of its own, in front of services in memory."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from marshmallow import Schema, fields, validate

from chassis.clock import FixedClock
from chassis.config import Config
from contracts.access import Permission
from contracts.paging import PageQuery
from gateway import rpc
from gateway.app import create_app
from gateway.conventions import PERSON, Blueprint, Payload, Reply
from tests.unit.gateway.services import TOKEN, Services

SIGNED_IN = {"Authorization": f"Bearer {TOKEN}"}
KEYED = {**SIGNED_IN, "Idempotency-Key": "one-errand-one-key"}


class PlantTree(Schema):
    garden_id = fields.UUID(required=True)
    idempotency_key = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.Length(min=1, max=20))
    height = fields.Integer(strict=True)
    tags = fields.List(fields.String())


class TreeView(Schema):
    id = fields.UUID(required=True)
    kind = fields.String(required=True)


class ListTrees(PageQuery):
    garden_id = fields.UUID(required=True)
    kinds = fields.List(fields.String())


class TreePage(Schema):
    items = fields.List(fields.Nested(TreeView), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


def trees() -> Blueprint:
    blueprint = Blueprint("trees", description="What grows.")

    @blueprint.operation(
        "POST",
        "/gardens/<uuid:garden_id>/trees",
        needs=Permission.FOLDER_MANAGE,
        takes=PlantTree,
        gives=TreeView,
        status=201,
        location="/gardens/{garden_id}/trees/{id}",
        idempotent=True,
        problems=(404, 409),
    )
    def plant_tree(payload: Payload) -> Reply:
        """Plant a tree in a garden.

        Needs `garden:manage`.
        """
        return rpc.call("gardens", "plant_tree", payload)

    @blueprint.operation(
        "GET",
        "/gardens/<uuid:garden_id>/trees",
        needs=Permission.FOLDER_READ,
        takes=ListTrees,
        gives=TreePage,
        problems=(404,),
    )
    def list_trees(payload: Payload) -> Reply:
        """The trees of a garden."""
        return rpc.call("gardens", "list_trees", payload, read=True)

    @blueprint.operation("DELETE", "/trees/<uuid:tree_id>", needs=PERSON, status=204)
    def fell_tree(payload: Payload) -> Reply:
        """Fell a tree."""
        return rpc.call("gardens", "fell_tree", payload)

    @blueprint.operation("GET", "/weather", public=True)
    def weather(payload: Payload) -> Reply:
        """How it is outside."""
        return rpc.call("gardens", "weather", payload, read=True)

    @blueprint.operation(
        "POST",
        "/gardens/<uuid:garden_id>/maps",
        needs=Permission.FOLDER_MANAGE,
        upload="application/octet-stream",
        status=202,
    )
    def upload_map(payload: Payload) -> Reply:
        """Upload the map of a garden."""
        size = sum(len(piece) for piece in iter(lambda: request.stream.read(100), b""))
        return rpc.call("gardens", "keep_map", {**payload, "size": size})

    return blueprint


GARDEN = str(uuid.UUID(int=7))
TREES = f"/v1/gardens/{GARDEN}/trees"


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2025, 3, 1, 9, 0, tzinfo=UTC))


@pytest.fixture
def services(clock: FixedClock) -> Services:
    return Services(clock)


@pytest.fixture
def app_with(services: Services, clock: FixedClock) -> Callable[..., Flask]:
    """``app_with(trusted_proxies=1)``: an application with those gateway settings."""

    def make(**settings: Any) -> Flask:
        return create_app(
            Config({"gateway": settings}), services, clock=clock, blueprints=[trees()]
        )

    return make


@pytest.fixture
def http(app_with: Callable[..., Flask]) -> FlaskClient:
    return app_with().test_client()
