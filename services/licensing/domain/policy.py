"""Policy: every number that the rules are free to choose, by the decision it belongs to."""

from __future__ import annotations

from dataclasses import dataclass, field

GRACE_DAYS = 30  # D-5
STORAGE_YEARS = 5  # D-7
GROWTH_FACTOR = 2  # D-12: as many licenses again as were allocated
DAYS_SHORT, DAYS_LONG = 365, 366
TICKS_PER_LICENSE = DAYS_SHORT * DAYS_LONG  # D-10: a day of either year is a whole number of ticks
# D-14 allows five; allocating ahead is opened together with the rules of renewal.
YEARS_AHEAD = 0


@dataclass(frozen=True)
class LicensingSettings:
    """What an installation may set."""

    charge_grace_when_late: bool = field(
        default=False,
        metadata={
            "help": "Whether the days of grace are paid for when a year is licensed after it."
        },
    )
    supplier_keys_per_day: int = field(
        default=5_000,
        metadata={"help": "License keys a supplier may issue in 24 hours unless it has its own."},
    )
    redeem_failures_per_account: int = field(
        default=10, metadata={"help": "Failed redemptions of one account within an hour."}
    )
    redeem_failures_per_address: int = field(
        default=20, metadata={"help": "Failed redemptions from one address within an hour."}
    )
    malformed_keys_per_address: int = field(
        default=60, metadata={"help": "Mistyped license keys from one address within an hour."}
    )
    redeem_failures_consecutive: int = field(
        default=100,
        metadata={"help": "Failures in a row after which an organization can no longer redeem."},
    )
