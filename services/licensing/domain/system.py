"""Systems: installed instances of a product, and what they report (D-16)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from contracts.errors import Conflict, TooMany, Unauthenticated
from contracts.licensed_systems import ReportResult
from services.licensing.domain.policy import REPORT_PAUSE_SECONDS, STALE_AFTER_DAYS
from services.licensing.domain.product import RegisteredProduct, require_types


class SystemKind(StrEnum):
    ONLINE = "online"
    OFFLINE = "offline"
    HARDWARE = "hardware"


class SystemState(StrEnum):
    REGISTERED = "registered"
    REMOVED = "removed"
    REPLACED = "replaced"


class SystemAlreadyRegistered(Conflict):
    """It is registered as a system; ``system_id`` says which to its own organization alone."""

    code = "system-already-registered"


class SystemCredentialInvalid(Unauthenticated):
    """It is no system's, was replaced by a newer one, or its system was removed."""

    code = "system-credential-invalid"


class UsageReportMismatch(Conflict):
    """The system sent another report under the same number before."""

    code = "usage-report-mismatch"


class TooManyReports(TooMany):
    """A report of the system changed what is needed a moment ago."""

    code = "too-many-reports"


@dataclass(frozen=True)
class Report:
    """How much of each type a system uses, by its own count and clock."""

    sequence: int
    reported_at: datetime
    counts: Mapping[str, int]


def require_needed(product: RegisteredProduct, counts: Mapping[str, int]) -> None:
    """:raises LicenseTypeUnknown: a type that nothing of the product needs."""
    require_types(sorted(counts), product.needed_types)


def require_pause(counted_at: datetime | None, now: datetime) -> None:
    """Each report that changes the need becomes history for good, so they keep a distance.

    :raises TooManyReports:
    """
    if counted_at is None:
        return
    wait = counted_at + timedelta(seconds=REPORT_PAUSE_SECONDS) - now
    if wait > timedelta():
        raise TooManyReports(
            "This system reported other figures a moment ago. Send the report again later.",
            retry_after=math.ceil(wait.total_seconds()),
        )


def judged(report: Report, *, earlier: Report | None, latest: int) -> ReportResult | None:
    """What becomes of a report that cannot change anything; None: it is news (D-16).

    :param earlier: what the system sent under the same number.
    :param latest: the highest number it has sent.
    :raises UsageReportMismatch:
    """
    if earlier is not None:
        if earlier != report:
            raise UsageReportMismatch(
                f"Another report came under the number {report.sequence} before.",
                sequence=report.sequence,
                last_sequence=latest,
            )
        return ReportResult.ACCEPTED
    return ReportResult.IGNORED if report.sequence <= latest else None


def is_stale(heard_on: date, today: date) -> bool:
    """Silent for thirty days: its last figures go on counting (D-16)."""
    return today >= heard_on + timedelta(days=STALE_AFTER_DAYS)
