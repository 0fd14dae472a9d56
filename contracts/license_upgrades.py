"""Trials of products, and licenses that become licenses of another type."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from contracts.fields import idempotency_key, said
from contracts.license_fields import count, type_code
from contracts.licensing import ProductOverview, ProductRequest, WalletView

_ID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


class StartTrial(ProductRequest):
    idempotency_key = idempotency_key()


class UpgradeLicenses(ProductRequest):
    upgrade_type = type_code()
    licenses = count("How many licenses become one of the other type each.")
    where = fields.String(
        required=True,
        validate=validate.Regexp(
            rf"^(wallet|year:(0|[1-9][0-9]{{0,3}})|system:{_ID})\Z",
            error="One of `wallet`, `year:` and its index, or `system:` and its id.",
        ),
        metadata=said(
            "Where the licenses are that become others: `wallet`, `year:` and the index of a "
            "subscription year, or `system:` and the id of a licensed system."
        ),
    )
    idempotency_key = idempotency_key()


class KeptView(Schema):
    """Licenses that keep the same day."""

    licenses = fields.Integer(required=True)
    expires_on = fields.Date(
        required=True,
        allow_none=True,
        metadata=said("In the wallet: first day on which they can no longer be used."),
    )
    effective_from = fields.Date(
        required=True, allow_none=True, metadata=said("In a year: since when they count.")
    )


class LicenseUpgradeView(Schema):
    upgrade_type = fields.String(required=True)
    from_type = fields.String(required=True)
    to_type = fields.String(required=True)
    licenses = fields.Integer(required=True)
    where = fields.String(required=True)
    kept = fields.List(
        fields.Nested(KeptView),
        required=True,
        metadata=said("With what they kept of the licenses they were made of; none on systems."),
    )
    overview = fields.Nested(ProductOverview, required=True)
    wallet = fields.Nested(WalletView, required=True)
