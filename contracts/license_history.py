"""The history of an organization's licenses: who did what, and when (R13)."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from contracts.fields import Truth, said
from contracts.licensing import OfOrganization
from contracts.paging import PageQuery


class ExportLicenseHistory(OfOrganization):
    product = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(min=1, max=60),
        metadata=said("Only what was done with this product; null: with every one."),
    )
    by_suite = Truth(
        load_default=False,
        metadata=said("Also what the suite itself wrote down, such as the number of devices."),
    )


class LicenseHistoryQuery(ExportLicenseHistory, PageQuery):
    pass


class HistoryEntry(Schema):
    number = fields.Integer(required=True)
    name = fields.String(required=True, metadata=said("What was done."))
    product = fields.String(required=True, allow_none=True)
    account_id = fields.UUID(
        required=True, allow_none=True, metadata=said("Who did it; null: the suite itself.")
    )
    role = fields.String(required=True, allow_none=True)
    on = fields.Date(required=True, metadata=said("The day in the organization's time zone."))
    at = fields.AwareDateTime(required=True)
    arguments = fields.Dict(keys=fields.String(), required=True)
    hash = fields.String(
        required=True, metadata=said("Covers this entry and the hash of the one before.")
    )


class HistoryPage(Schema):
    items = fields.List(fields.Nested(HistoryEntry), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
