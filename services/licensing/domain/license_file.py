"""License files: what an offline system may use, and until when nobody else may (D-19)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from contracts.errors import Conflict, NotFound
from services.licensing.domain.calendar import DAY, SubscriptionYear, add_years
from services.licensing.domain.claims import written_moment
from services.licensing.domain.policy import FILE_DAYS_PAST_RENEWAL, HARDWARE_FILE_YEARS
from services.licensing.domain.standing import growth_limit

PAST_RENEWAL = timedelta(days=FILE_DAYS_PAST_RENEWAL)


class NotLicensed(Conflict):
    """There is not one license for the system to put into a file."""

    code = "not-licensed"


class SystemFileMissing(Conflict):
    """Nobody knows which hardware a license file of this system would be for."""

    code = "system-file-missing"


class LicenseFileNotFound(NotFound):
    """The system never got one in this organization."""

    code = "license-file-not-found"


@dataclass(frozen=True)
class Contents:
    """``reserved`` of the ``seats`` are the year's; the others are the hardware's own."""

    seats: Mapping[str, int]
    reserved: Mapping[str, int]
    growth_limit: Mapping[str, int]


@dataclass(frozen=True)
class LicenseFile:
    """``valid_until`` is its last day (D-1); ``serial`` rises with each file of a system."""

    organization_id: UUID
    product: str
    system_id: UUID
    fingerprint: str
    contents: Contents
    valid_from: date
    valid_until: date
    issued: datetime
    serial: int

    def claims(self, key_id: str) -> dict[str, Any]:
        """:param key_id: of the key that is to sign them."""
        return {
            "organization": str(self.organization_id),
            "product": self.product,
            "system_id": str(self.system_id),
            "fingerprint": self.fingerprint,
            "types": dict(self.contents.seats),
            "growth_limit": dict(self.contents.growth_limit),
            "valid_from": self.valid_from.isoformat(),
            "valid_until": self.valid_until.isoformat(),
            "issued": written_moment(self.issued),
            "serial": self.serial,
            "key_id": key_id,
        }

    @property
    def free_again_on(self) -> date:
        """The first day on which what it reserves may go to another system."""
        return self.valid_until + DAY


def validity(year: SubscriptionYear | None, today: date) -> tuple[date, date]:
    """First and last day of a file: it also lasts through the grace of the year after.

    :param year: whose seats it holds; None where the hardware's own licenses are all it holds,
        which have no end. Their copy has one, so that what was removed does not work for ever.
    """
    # Where the system stands, today may not have begun yet.
    yesterday = today - DAY
    if year is None:
        return yesterday, add_years(today, HARDWARE_FILE_YEARS) - DAY
    return min(year.starts_on, yesterday), year.renews_on + PAST_RENEWAL


def contents(
    *,
    counts: Mapping[str, int],
    held: Mapping[str, int],
    year_seats: Mapping[str, int] | None,
    reserved: Mapping[str, int],
    is_settled: bool,
) -> Contents:
    """As many seats as the system needs beyond its own licenses, as far as they are left (D-12).

    :param counts: of its last report; ``held`` are the licenses tied or extended to it (D-16).
    :param year_seats: None where no years license the product; then a file holds the system's own.
    :param reserved: what other systems' files hold of ``year_seats``.
    :raises NotLicensed: the year's need was not covered yet, or the file would be empty.
    """
    need = {kind: max(0, n - held.get(kind, 0)) for kind, n in counts.items()}
    if any(need.values()) and year_seats is not None and not is_settled:
        raise NotLicensed("Allocate licenses to the current subscription year first.")
    there = year_seats or {}
    given = Counter(
        {
            kind: max(0, min(n, there.get(kind, 0) - reserved.get(kind, 0)))
            for kind, n in need.items()
        }
    )
    seats = +(given + Counter(held))
    if not seats:
        raise NotLicensed(_why_empty(is_needed=any(need.values()), by_year=year_seats is not None))
    return Contents(
        seats=dict(seats),
        reserved=dict(+given),
        growth_limit={
            kind: n - given[kind] + growth_limit(given[kind]) for kind, n in seats.items()
        },
    )


def _why_empty(*, is_needed: bool, by_year: bool) -> str:
    if not is_needed:
        return "The system reports nothing that needs a license."
    if by_year:
        return "License files of other systems hold all licenses of this year. Allocate more."
    return "Allocate licenses to the system first."
