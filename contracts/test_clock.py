"""The test clock of an installation for tests or a demo: time that operators move forward."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from contracts.fields import idempotency_key, said

# Two years in one step, one of them a leap year.
MOST_DAYS = 732


class AdvanceTestClock(Schema):
    days = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(min=1, max=MOST_DAYS),
        metadata=said("How far to move time forward; never back."),
    )
    idempotency_key = idempotency_key()


class ClockView(Schema):
    now = fields.AwareDateTime(required=True, metadata=said("Where time stands."))
