"""The catalogue: what can be licensed, and where licenses are sold (R2, R5, R45)."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from contracts.fields import said
from contracts.licensing import LicenseKind


class ListProducts(Schema):
    country = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Regexp(r"^[A-Z]{2}\Z", error="Two capital letters (ISO 3166)."),
        metadata=said("Where the customer is, such as `SE`; `where_to_buy` leads there."),
    )


class LicenseTypeView(Schema):
    code = fields.String(required=True)
    kind = fields.Enum(LicenseKind, by_value=True, required=True)
    covers = fields.String(
        required=True,
        allow_none=True,
        metadata=said("The type whose need its licenses meet, where that is not its own."),
    )
    upgrade_from = fields.String(
        required=True,
        allow_none=True,
        metadata=said("Of an upgrade: the type of the licenses that become others."),
    )
    upgrade_to = fields.String(
        required=True, allow_none=True, metadata=said("Of an upgrade: what they become.")
    )
    attributes = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata=said("What a license stands for, such as a resolution and days of retention."),
    )


class ProductView(Schema):
    code = fields.String(required=True)
    name = fields.String(required=True)
    trial_days = fields.Integer(
        required=True, metadata=said("How long it may be tried without licenses; 0: not at all.")
    )
    counts_devices_as = fields.String(
        required=True,
        allow_none=True,
        metadata=said("The license type each managed device needs, or null."),
    )
    coterm = fields.String(
        required=True,
        validate=validate.OneOf(["organization", "product"]),
        metadata=said("Whose subscription years it counts in: its organization's, or its own."),
    )
    types = fields.List(fields.Nested(LicenseTypeView), required=True)


class ProductList(Schema):
    items = fields.List(fields.Nested(ProductView), required=True)
    where_to_buy = fields.String(
        required=True,
        allow_none=True,
        metadata=said("Page that lists who sells licenses; null where none is named."),
    )
