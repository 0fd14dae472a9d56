"""Connected systems: what devices is asked about them, and what it answers."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from contracts.devices import MoveItems, plain_text
from contracts.errors import NotFound
from contracts.fields import idempotency_key, next_cursor, said
from contracts.paging import PageQuery

KINDS = ("camera_station", "body_worn")
_ADDRESS = r"[A-Za-z0-9\[]([A-Za-z0-9.:_\[\]-]{0,258}[A-Za-z0-9\]])?\Z"


class SystemNotFound(NotFound):
    """The organization has none with this id, connected or licensed, or the caller may not see it."""

    code = "system-not-found"


def _name(*, required: bool) -> fields.String:
    return fields.String(required=required, validate=plain_text(120))


def _address(*, required: bool) -> fields.String:
    return fields.String(
        required=required,
        validate=validate.Regexp(
            _ADDRESS, error="A host name or an IP address, with a port if need be."
        ),
        metadata=said("Host name or IP address, with `:port` if need be; nobody connects to it."),
    )


class AddSystem(Schema):
    organization_id = fields.UUID(required=True)
    folder_id = fields.UUID(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    name = _name(required=True)
    address = _address(required=True)
    idempotency_key = idempotency_key()


class SystemView(Schema):
    id = fields.UUID(required=True)
    organization_id = fields.UUID(required=True)
    folder_id = fields.UUID(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    name = fields.String(required=True)
    address = fields.String(required=True)
    reported_at = fields.AwareDateTime(
        required=True,
        allow_none=True,
        format="iso",
        metadata=said("When it reported its health last; null: never."),
    )
    added_at = fields.AwareDateTime(required=True, format="iso")


class SystemPage(Schema):
    items = fields.List(fields.Nested(SystemView), required=True)
    next_cursor = next_cursor()


class ListSystems(PageQuery):
    organization_id = fields.UUID(required=True)
    folder_id = fields.UUID(load_default=None, allow_none=True)
    kind = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(KINDS))


class SystemOne(Schema):
    organization_id = fields.UUID(required=True)
    system_id = fields.UUID(required=True)


class UpdateSystem(SystemOne):
    """What is absent stays as it is."""

    name = _name(required=False)
    address = _address(required=False)


class MoveSystem(SystemOne):
    folder_id = fields.UUID(required=True)


class MoveSystems(MoveItems):
    system_ids = fields.List(fields.UUID(), required=True, validate=validate.Length(min=1, max=200))
