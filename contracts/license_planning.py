"""Looking ahead: what an allocation would do, and what coming years will need."""

from __future__ import annotations

from marshmallow import Schema, fields

from contracts.fields import said
from contracts.licensing import AllocatedLine, ProductOverview, YearView


class RefusalView(Schema):
    """What the command would be refused with."""

    code = fields.String(required=True)
    detail = fields.String(required=True, metadata=said("In words for people."))
    facts = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class PreviewedLine(AllocatedLine):
    wallet = fields.Integer(
        required=True, metadata=said("Licenses of the type in the wallet afterwards.")
    )
    saved_up_ticks = fields.Integer(
        required=True, metadata=said("What is saved up of the type afterwards.")
    )


class AllocationPreview(Schema):
    """Year, days and lines are null or empty where a refusal leaves nothing to say of them."""

    can_confirm = fields.Boolean(required=True)
    refusal = fields.Nested(RefusalView, required=True, allow_none=True)
    year = fields.Nested(
        YearView, required=True, allow_none=True, metadata=said("The period to be licensed.")
    )
    effective_from = fields.Date(required=True, allow_none=True)
    overlap_days = fields.Integer(
        required=True, allow_none=True, metadata=said("Days of the year that are compensated.")
    )
    lines = fields.List(fields.Nested(PreviewedLine), required=True)
    afterwards = fields.Nested(
        ProductOverview,
        required=True,
        allow_none=True,
        metadata=said("How the organization would stand then; null if it cannot be confirmed."),
    )


class ForecastNeed(Schema):
    """One license type in a coming year, if the need stays what it is today."""

    type = fields.String(required=True)
    needed = fields.Integer(required=True)
    seats = fields.Integer(required=True, metadata=said("Allocated to the year already."))
    wallet = fields.Integer(
        required=True,
        metadata=said("What will be in the wallet then, after the years before took theirs."),
    )
    owned = fields.Integer(required=True, metadata=said("Seats and wallet together."))
    short = fields.Integer(required=True, metadata=said("Licenses to buy for the year."))


class ForecastRenewal(Schema):
    year = fields.Nested(
        YearView, required=True, metadata=said("The year that begins with the renewal.")
    )
    needs = fields.List(fields.Nested(ForecastNeed), required=True)


class Forecast(Schema):
    product = fields.String(required=True)
    renewals = fields.List(
        fields.Nested(ForecastRenewal),
        required=True,
        metadata=said("Each renewal of the next five years; none before the subscription."),
    )
