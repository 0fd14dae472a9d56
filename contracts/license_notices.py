"""Notices of licensing on their way to people (D-21, R31).

licensing ──license_notice──▶ organizations ──license_notice_addressed──▶ identity ──▶ a mail each

Licensing knows the occasion, organizations whom it concerns, identity their addresses and languages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from marshmallow import Schema, fields

from contracts.events import Event
from contracts.fields import said
from contracts.paging import PageQuery


class NoticeKind(StrEnum):
    RENEWAL_NEAR = "renewal_near"
    GRACE_STARTED = "grace_started"
    GRACE_ENDING = "grace_ending"
    UNLICENSED = "unlicensed"
    GROWTH_NEAR = "growth_near"
    GROWTH_EXCEEDED = "growth_exceeded"
    LICENSES_EXPIRING = "licenses_expiring"
    LICENSES_RETURNED = "licenses_returned"
    REDEEMING_LOCKED = "redeeming_locked"


# What a notice of the kind has to say, beside the organization and the product: its mail tells it.
TOLD: Mapping[NoticeKind, frozenset[str]] = {
    NoticeKind.RENEWAL_NEAR: frozenset({"on", "days"}),
    NoticeKind.GRACE_STARTED: frozenset({"on"}),
    NoticeKind.GRACE_ENDING: frozenset({"on", "days"}),
    NoticeKind.UNLICENSED: frozenset(),
    NoticeKind.GROWTH_NEAR: frozenset(),
    NoticeKind.GROWTH_EXCEEDED: frozenset(),
    NoticeKind.LICENSES_EXPIRING: frozenset({"on", "days", "licenses"}),
    NoticeKind.LICENSES_RETURNED: frozenset({"licenses"}),
    NoticeKind.REDEEMING_LOCKED: frozenset(),
}


@dataclass(frozen=True)
class LicenseNotice(Event):
    """Something about a product's licenses that its organization has to know; announced once.

    ``on`` is the renewal date, the last day of the grace period, or the first day on which the
    licenses can no longer be allocated; ``days`` is how long before ``on`` it is announced, and
    ``year`` the index of the subscription year.

    :raises ValueError: what ``TOLD`` asks of the kind is not there.
    """

    source: ClassVar[str] = "licensing"
    name: ClassVar[str] = "license_notice"

    organization_id: UUID
    product: str
    product_name: str
    kind: NoticeKind
    on: date | None = None
    days: int | None = None
    licenses: int | None = None
    year: int | None = None

    def __post_init__(self) -> None:
        missing = sorted(name for name in TOLD[self.kind] if getattr(self, name) is None)
        if missing:
            raise ValueError(f"A notice of {self.kind} has to say: {', '.join(missing)}.")


@dataclass(frozen=True)
class LicenseNoticeAddressed(Event):
    """A notice with those whom it concerns; one of many people is announced in several parts.

    ``notice_id`` is the same in all parts, so that nobody is written to twice about one notice.
    """

    source: ClassVar[str] = "organizations"
    name: ClassVar[str] = "license_notice_addressed"

    notice_id: UUID
    organization_id: UUID
    organization_name: str
    account_ids: tuple[UUID, ...]
    product: str
    product_name: str
    kind: NoticeKind
    on: date | None
    days: int | None
    licenses: int | None


class ListLicenseNotices(PageQuery):
    organization_id = fields.UUID(required=True)


class LicenseNoticeView(Schema):
    id = fields.UUID(required=True)
    product = fields.String(required=True)
    kind = fields.Enum(NoticeKind, by_value=True, required=True)
    on = fields.Date(
        required=True,
        allow_none=True,
        metadata=said(
            "The renewal date, the last day of the grace period, or the first day on which the "
            "licenses can no longer be allocated."
        ),
    )
    days = fields.Integer(
        required=True, allow_none=True, metadata=said("How long before `on` it was announced.")
    )
    licenses = fields.Integer(required=True, allow_none=True)
    year = fields.Integer(
        required=True, allow_none=True, metadata=said("Index of the subscription year.")
    )
    announced_at = fields.AwareDateTime(required=True)


class LicenseNoticePage(Schema):
    items = fields.List(fields.Nested(LicenseNoticeView), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
