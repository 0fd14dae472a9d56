"""Hardware that suppliers send out with licenses on it: orders, and what became of the units."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates

from contracts.fields import said
from contracts.license_fields import Lines, count, credential, order_ref, product_code, type_code

SERIAL = validate.Regexp(
    r"^[A-Za-z0-9]([A-Za-z0-9._-]{0,62}[A-Za-z0-9])?\Z",
    error="1 to 64 letters and digits, with dots, hyphens and underscores between.",
)


class HardwareLine(Schema):
    type = type_code()
    quantity = count("Licenses tied to each unit.")


class HardwareOrder(Lines):
    """What a supplier sends out; the service's request adds the credential."""

    order_ref = order_ref()
    product = product_code()
    serials = fields.List(
        fields.String(validate=SERIAL),
        required=True,
        validate=validate.Length(min=1, max=500),
        metadata=said("Serial number of each unit; case does not matter."),
    )
    lines = fields.List(
        fields.Nested(HardwareLine), required=True, validate=validate.Length(min=1, max=20)
    )

    @validates("serials")
    def _serials_differ(self, serials: Sequence[str], **_: Any) -> None:
        if len(serials) != len({serial.upper() for serial in serials}):
            raise ValidationError("Name each serial number once.")


class IssueHardware(HardwareOrder):
    credential = credential()


class HardwareQuery(Schema):
    order_ref = fields.String(required=True, validate=validate.Length(min=1, max=80))


class ListHardware(HardwareQuery):
    credential = credential()


class HardwareUnit(Schema):
    serial = fields.String(required=True)
    is_registered = fields.Boolean(
        required=True, metadata=said("It belongs to an organization now, or was replaced.")
    )


class NewHardwareUnit(HardwareUnit):
    ownership_proof = fields.String(
        required=True,
        allow_none=True,
        metadata=said("For the buyer. Shown once: null when the order is repeated."),
    )


class HardwareOrderView(Schema):
    """An order as its supplier sees it later."""

    id = fields.UUID(required=True)
    order_ref = fields.String(required=True)
    product = fields.String(required=True)
    lines = fields.List(fields.Nested(HardwareLine), required=True)
    issued_at = fields.AwareDateTime(required=True)
    units = fields.List(fields.Nested(HardwareUnit), required=True)


class NewHardwareOrder(HardwareOrderView):
    units = fields.List(fields.Nested(NewHardwareUnit), required=True)
