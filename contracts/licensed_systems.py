"""Licensed systems: what licensing is asked and announces of them, and what they ask themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from marshmallow import Schema, ValidationError, fields, validate, validates, validates_schema

from contracts.devices import plain_text
from contracts.events import Event
from contracts.fields import Truth, idempotency_key, next_cursor, said
from contracts.license_fields import Lines, count, credential, require_once, type_code
from contracts.license_suppliers import SERIAL
from contracts.licensing import LicenseKind, ProductRequest, Status
from contracts.paging import PageQuery

KINDS = ("online", "offline", "hardware")
STATES = ("registered", "removed", "replaced")
# Microseconds will do; above it not every JSON reader holds a number exactly.
SEQUENCE_MOST = 9 * 10**15
# A system without a clock of its own begins in 1970; beyond this nobody can reckon with time zones.
_MOMENTS = (datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC))


class ReportResult(StrEnum):
    """What became of a usage report."""

    ACCEPTED = "accepted"
    IGNORED = "ignored"


def _in_our_times(moment: datetime) -> None:
    if not _MOMENTS[0] <= moment < _MOMENTS[1]:
        raise ValidationError("Not between 1970 and 2200.")


def _name() -> fields.String:
    return fields.String(
        required=True, validate=plain_text(120), metadata=said("What the organization calls it.")
    )


# What an organization does


class RegisterLicensedSystem(ProductRequest):
    name = _name()
    serial = fields.String(
        load_default=None,
        allow_none=True,
        validate=SERIAL,
        metadata=said("Serial number; of hardware the one that its proof is for."),
    )
    ownership_proof = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(min=1, max=100),
        metadata=said(
            "Of hardware, as it came with it: case, blanks and hyphens do not matter. "
            "Null: the system is no hardware with licenses of its own."
        ),
    )
    idempotency_key = idempotency_key()

    @validates_schema
    def _proof_has_a_serial(self, asked: dict[str, Any], **_: Any) -> None:
        if asked.get("ownership_proof") is not None and asked.get("serial") is None:
            raise ValidationError("Say the serial number that the proof is for.", "serial")


class LicensedSystemRequest(ProductRequest):
    licensed_system_id = fields.UUID(required=True)


class RenameLicensedSystem(LicensedSystemRequest):
    name = _name()


class SystemAllocationLine(Schema):
    type = type_code()
    licenses = count("Licenses to move from the wallet to the system.")


class AllocateToSystem(Lines, LicensedSystemRequest):
    lines = fields.List(
        fields.Nested(SystemAllocationLine), required=True, validate=validate.Length(max=20)
    )
    idempotency_key = idempotency_key()


class ListLicensedSystems(ProductRequest, PageQuery):
    removed = Truth(load_default=False, metadata=said("Also those that were removed or replaced."))


class SystemLicensesView(Schema):
    type = fields.String(required=True)
    kind = fields.Enum(LicenseKind, by_value=True, required=True)
    licenses = fields.Integer(
        required=True, metadata=said("They count while the system is registered.")
    )


class SystemNeedView(Schema):
    """One type that need is counted in."""

    type = fields.String(required=True)
    reported = fields.Integer(required=True, metadata=said("As the system counted last."))
    held = fields.Integer(required=True, metadata=said("Met by licenses of the system itself."))
    needed = fields.Integer(
        required=True, metadata=said("What the organization's need counts for this system.")
    )


class LicensedSystemView(Schema):
    id = fields.UUID(required=True)
    organization_id = fields.UUID(required=True)
    product = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    name = fields.String(required=True)
    serial = fields.String(required=True, allow_none=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    registered_on = fields.Date(required=True)
    ended_on = fields.Date(
        required=True, allow_none=True, metadata=said("Since when it counts no more.")
    )
    licenses = fields.List(fields.Nested(SystemLicensesView), required=True)
    needs = fields.List(fields.Nested(SystemNeedView), required=True)


class LicensedSystemDetails(LicensedSystemView):
    """With what it reported, which no command answers."""

    sequence = fields.Integer(
        required=True, metadata=said("Number of its latest report; 0: none yet.")
    )
    reported_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata=said("When that report came.")
    )
    is_stale = fields.Boolean(
        required=True,
        metadata=said("Silent for thirty days: what it reported last goes on counting."),
    )
    has_credential = fields.Boolean(required=True)


class LicensedSystemPage(Schema):
    items = fields.List(fields.Nested(LicensedSystemDetails), required=True)
    next_cursor = next_cursor()


class SystemCredential(Schema):
    licensed_system_id = fields.UUID(required=True)
    credential = fields.String(
        required=True, metadata=said("Shown this once; an earlier one ended.")
    )


# What a system does


class UsageLine(Schema):
    type = type_code()
    count = count("How many the system uses.", least=0)


class UsageReport(Schema):
    """What is not named is counted as none; the service's request adds the credential."""

    sequence = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(min=1, max=SEQUENCE_MOST),
        metadata=said("The system's own number, which rises with each report."),
    )
    reported_at = fields.AwareDateTime(
        required=True,
        validate=_in_our_times,
        metadata=said("When it counted, by its own clock."),
    )
    counts = fields.List(fields.Nested(UsageLine), required=True, validate=validate.Length(max=20))

    @validates("counts")
    def _types_differ(self, counts: Sequence[dict[str, Any]], **_: Any) -> None:
        require_once(counts)


class ReportUsage(UsageReport):
    credential = credential()


class UsageReportView(Schema):
    licensed_system_id = fields.UUID(required=True)
    sequence = fields.Integer(required=True, metadata=said("Of the report."))
    result = fields.Enum(
        ReportResult,
        by_value=True,
        required=True,
        metadata=said("ignored: a report with a higher number came before."),
    )
    last_sequence = fields.Integer(
        required=True, metadata=said("The highest number accepted; go on above it.")
    )


class GetEntitlement(Schema):
    credential = credential()


class EntitlementView(Schema):
    """What the system may do; it never has to stop recording (D-22)."""

    licensed_system_id = fields.UUID(required=True)
    organization_id = fields.UUID(required=True)
    product = fields.String(required=True)
    status = fields.Enum(Status, by_value=True, required=True)
    may_record = fields.Boolean(required=True, metadata=said("Always true."))
    may_view = fields.Boolean(required=True)
    may_configure = fields.Boolean(required=True)
    may_add_devices = fields.Boolean(required=True)
    exceeded_since = fields.Date(
        required=True,
        allow_none=True,
        metadata=said("Since when growth is above what the year's licenses allow."),
    )
    adding_ends_on = fields.Date(
        required=True,
        allow_none=True,
        metadata=said("First day on which no devices are added, unless licenses are before."),
    )
    valid_until = fields.AwareDateTime(required=True, metadata=said("Ask again then."))


# Events


@dataclass(frozen=True)
class LicensedSystemRegistered(Event):
    source: ClassVar[str] = "licensing"
    name: ClassVar[str] = "licensed_system_registered"

    organization_id: UUID
    product: str
    licensed_system_id: UUID
    kind: str
    account_id: UUID | None


@dataclass(frozen=True)
class LicensedSystemRemoved(Event):
    source: ClassVar[str] = "licensing"
    name: ClassVar[str] = "licensed_system_removed"

    organization_id: UUID
    product: str
    licensed_system_id: UUID
    account_id: UUID


@dataclass(frozen=True)
class LicensedSystemExtended(Event):
    source: ClassVar[str] = "licensing"
    name: ClassVar[str] = "licensed_system_extended"

    organization_id: UUID
    product: str
    licensed_system_id: UUID
    licenses: int
    account_id: UUID


@dataclass(frozen=True)
class LicensedSystemReplaced(Event):
    source: ClassVar[str] = "licensing"
    name: ClassVar[str] = "licensed_system_replaced"

    organization_id: UUID
    product: str
    licensed_system_id: UUID
    by_licensed_system_id: UUID
