"""Licensing: products, suppliers and keys, subscriptions, wallet and allocation."""

from __future__ import annotations

from enum import StrEnum

from marshmallow import Schema, fields, validate

from contracts.fields import Truth, idempotency_key, said
from contracts.license_fields import (
    MANY,
    Lines,
    count,
    credential,
    order_ref,
    product_code,
    type_code,
)


class Status(StrEnum):
    """How an organization stands with one product (D-20)."""

    NOT_REGISTERED = "not_registered"
    TRIAL = "trial"
    TRIAL_EXPIRED = "trial_expired"
    NOT_STARTED = "not_started"
    GRACE = "grace"
    LICENSED = "licensed"
    LICENSED_GROWTH = "licensed_growth"
    GROWTH_EXCEEDED = "growth_exceeded"
    UNLICENSED = "unlicensed"
    ARCHIVED = "archived"


class KeyStatus(StrEnum):
    ISSUED = "issued"
    REDEEMED = "redeemed"
    REVOKED = "revoked"


class LicenseKind(StrEnum):
    """The kinds of licenses (R2); extensions belong to hardware."""

    SUBSCRIPTION = "subscription"
    EXTENSION = "extension"
    TIED = "tied"
    UPGRADE = "upgrade"


# Suppliers and keys


class CreateSupplier(Schema):
    name = fields.String(required=True, validate=validate.Length(min=1, max=100))
    keys_per_day = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(min=1, max=MANY),
        metadata=said("How many keys the supplier may issue in 24 hours; null: the usual number."),
    )


class SupplierRequest(Schema):
    supplier_id = fields.UUID(required=True)


class SupplierView(Schema):
    id = fields.UUID(required=True)
    name = fields.String(required=True)
    keys_per_day = fields.Integer(required=True)
    created_at = fields.AwareDateTime(required=True)
    revoked_at = fields.AwareDateTime(required=True, allow_none=True)


class SupplierCreated(SupplierView):
    credential = fields.String(
        required=True, metadata=said("Shown this once; later only replaced by a new supplier.")
    )


class SupplierPage(Schema):
    items = fields.List(fields.Nested(SupplierView), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class KeyLine(Schema):
    type = type_code()
    quantity = count("Licenses in each key, for each year of its term.")


class KeyOrder(Lines):
    """What a supplier orders; the service's request adds the credential."""

    order_ref = order_ref()
    product = product_code()
    lines = fields.List(
        fields.Nested(KeyLine), required=True, validate=validate.Length(min=1, max=20)
    )
    term_years = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=5))
    redeem_before = fields.Date(
        load_default=None,
        allow_none=True,
        metadata=said("First day on which the keys can no longer be redeemed."),
    )
    count = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(min=1, max=500),
        metadata=said("How many keys."),
    )


class IssueLicenseKeys(KeyOrder):
    credential = credential()


class OrderQuery(Schema):
    order_ref = fields.String(required=True, validate=validate.Length(min=1, max=80))


class ListLicenseKeys(OrderQuery):
    credential = credential()


class RevokeLicenseKey(Schema):
    credential = credential()
    key_id = fields.UUID(required=True)


class IssuedKey(Schema):
    id = fields.UUID(required=True)
    last5 = fields.String(required=True)
    status = fields.Enum(KeyStatus, by_value=True, required=True)
    redeemed_on = fields.Date(required=True, allow_none=True)


class NewKey(IssuedKey):
    key = fields.String(
        required=True,
        allow_none=True,
        metadata=said("Shown once: null when the order is repeated."),
    )


class KeyOrderView(Schema):
    """An order as its supplier sees it later."""

    id = fields.UUID(required=True)
    order_ref = fields.String(required=True)
    product = fields.String(required=True)
    lines = fields.List(fields.Nested(KeyLine), required=True)
    term_years = fields.Integer(required=True)
    redeem_before = fields.Date(required=True, allow_none=True)
    issued_at = fields.AwareDateTime(required=True)
    keys = fields.List(fields.Nested(IssuedKey), required=True)


class NewKeyOrder(KeyOrderView):
    keys = fields.List(fields.Nested(NewKey), required=True)


# What an organization does


class OfOrganization(Schema):
    organization_id = fields.UUID(required=True)


class ListOrganizationProducts(OfOrganization):
    pass


class ProductRequest(OfOrganization):
    product = product_code()


class RegisterProduct(ProductRequest):
    idempotency_key = idempotency_key()


class StartSubscription(ProductRequest):
    time_zone = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(min=1, max=64),
        metadata=said(
            "IANA name of the organization's time zone, fixed by its first subscription; "
            "null: as it is, UTC at first."
        ),
    )
    idempotency_key = idempotency_key()


class RedeemLicenseKey(ProductRequest):
    key = fields.String(
        required=True,
        validate=validate.Length(min=1, max=4_000),
        metadata=said(
            "A license key as bought: case, blanks and hyphens do not matter. Or a voucher, "
            "all of it from LIC1 to its end."
        ),
    )
    idempotency_key = idempotency_key()


class AllocationLine(Schema):
    type = type_code()
    seats = count("Licenses to move from the wallet to the subscription year.")


class PreviewAllocation(Lines, ProductRequest):
    lines = fields.List(
        fields.Nested(AllocationLine), required=True, validate=validate.Length(max=20)
    )
    year = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(min=0, max=10_000),
        metadata=said("Index of the subscription year, 0 for the first; null: the current one."),
    )
    allow_surplus = Truth(load_default=False, metadata=said("Allocate more than the current need."))


class AllocateLicenses(PreviewAllocation):
    idempotency_key = idempotency_key()


class YearView(Schema):
    index = fields.Integer(required=True)
    starts_on = fields.Date(required=True)
    renews_on = fields.Date(required=True, metadata=said("First day of the next year."))
    days = fields.Integer(required=True)


class GraceView(Schema):
    first_day = fields.Date(required=True)
    last_day = fields.Date(required=True, metadata=said("The last day that still counts."))


class TrialView(Schema):
    first_day = fields.Date(required=True)
    last_day = fields.Date(required=True, metadata=said("The last day that still counts."))


class SeatsView(Schema):
    type = fields.String(required=True)
    seats = fields.Integer(required=True)


class YearAheadView(YearView):
    seats = fields.List(fields.Nested(SeatsView), required=True)
    is_covered = fields.Boolean(
        required=True, metadata=said("Its licenses are enough for what is needed today.")
    )


class SavedUpView(Schema):
    """A part of a license, kept until it is a whole one (D-11)."""

    type = fields.String(required=True)
    ticks = fields.Integer(
        required=True, metadata=said("133,590 of them are one license for one year.")
    )
    licenses = fields.String(required=True, metadata=said("The same, cut to four digits."))


class NeedView(Schema):
    """One license type in the current subscription year."""

    type = fields.String(required=True)
    need = fields.Integer(required=True, metadata=said("Licenses needed today."))
    seats = fields.Integer(required=True, metadata=said("Licenses allocated to this year."))
    wallet = fields.Integer(required=True, metadata=said("Licenses ready to be allocated."))
    shortage = fields.Integer(
        required=True, metadata=said("Need not covered by seats; due at the latest at renewal.")
    )
    growth_limit = fields.Integer(
        required=True, metadata=said("The most that this year's seats carry without a top-up.")
    )
    least_to_allocate = fields.Integer(
        required=True, metadata=said("The fewest seats that an allocation must bring now.")
    )


class ProductOverview(Schema):
    organization_id = fields.UUID(required=True)
    product = fields.String(required=True)
    name = fields.String(required=True)
    registered_on = fields.Date(required=True)
    status = fields.Enum(Status, by_value=True, required=True)
    status_text = fields.String(required=True)
    reason = fields.String(required=True, metadata=said("Why the status is as it is."))
    changes_on = fields.Date(
        required=True,
        allow_none=True,
        metadata=said("The day the status changes unless something is done; null: no such day."),
    )
    is_settled = fields.Boolean(
        required=True, metadata=said("This year's need was covered on some day of it.")
    )
    expiring_soon = fields.Boolean(
        required=True,
        metadata=said("The next year is not covered, and begins in 90 days or sooner."),
    )
    exceeded_since = fields.Date(
        required=True,
        allow_none=True,
        metadata=said("Since when growth is above what this year's licenses allow."),
    )
    time_zone = fields.String(required=True)
    trial = fields.Nested(
        TrialView, required=True, allow_none=True, metadata=said("Past or running.")
    )
    started_on = fields.Date(required=True, allow_none=True)
    year = fields.Nested(YearView, required=True, allow_none=True)
    grace = fields.Nested(
        GraceView,
        required=True,
        allow_none=True,
        metadata=said("The grace period of this year, past or running."),
    )
    needs = fields.List(fields.Nested(NeedView), required=True)
    years_ahead = fields.List(
        fields.Nested(YearAheadView),
        required=True,
        metadata=said("The coming years that licenses were allocated to."),
    )
    wallet = fields.Integer(required=True, metadata=said("Licenses of all types in the wallet."))
    saved_up = fields.List(fields.Nested(SavedUpView), required=True)


class ProductOverviewList(Schema):
    items = fields.List(fields.Nested(ProductOverview), required=True)


class LotView(Schema):
    id = fields.UUID(required=True)
    type = fields.String(required=True)
    licenses = fields.Integer(required=True)
    opened_on = fields.Date(required=True)
    expires_on = fields.Date(
        required=True, metadata=said("First day on which they can no longer be used.")
    )
    source = fields.String(
        required=True, validate=validate.OneOf(["key", "compensation", "upgrade"])
    )


class WalletView(Schema):
    product = fields.String(required=True)
    licenses = fields.Integer(required=True)
    lots = fields.List(
        fields.Nested(LotView), required=True, metadata=said("The next to be used first.")
    )
    saved_up = fields.List(fields.Nested(SavedUpView), required=True)


class CreditedLine(Schema):
    type = fields.String(required=True)
    licenses = fields.Integer(required=True)


class RedemptionView(Schema):
    key_id = fields.UUID(required=True, metadata=said("Of the license key, or of the voucher."))
    last5 = fields.String(
        required=True, metadata=said("Symbols at the end of the key, or of the voucher's serial.")
    )
    credited = fields.List(fields.Nested(CreditedLine), required=True)
    expires_on = fields.Date(required=True)
    wallet = fields.Nested(WalletView, required=True)


class AllocatedLine(Schema):
    type = fields.String(required=True)
    seats = fields.Integer(required=True)
    compensated_ticks = fields.Integer(
        required=True, metadata=said("Worth of the days of the year that were already over.")
    )
    returned = fields.Integer(
        required=True, metadata=said("Whole licenses put back into the wallet.")
    )


class AllocationView(Schema):
    year = fields.Nested(YearView, required=True)
    effective_from = fields.Date(required=True)
    lines = fields.List(fields.Nested(AllocatedLine), required=True)
    overview = fields.Nested(ProductOverview, required=True)
