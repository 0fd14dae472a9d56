"""Policy: every number that the rules are free to choose, by the decision it belongs to."""

from __future__ import annotations

from dataclasses import dataclass, field

GRACE_DAYS = 30  # D-5
STORAGE_YEARS = 5  # D-7
GROWTH_FACTOR = 2  # D-12: as many licenses again as were allocated
DAYS_SHORT, DAYS_LONG = 365, 366
TICKS_PER_LICENSE = DAYS_SHORT * DAYS_LONG  # D-10: a day of either year is a whole number of ticks
YEARS_AHEAD = 5  # D-14: the first day of a year to allocate to lies at most so far ahead
EXPIRING_SOON_DAYS = 90  # D-20
REPORT_PAUSE_SECONDS = 60  # D-16: what one system can write into the history is bounded
STALE_AFTER_DAYS = 30  # D-16: a system silent for longer keeps its last figures, and is marked
FILE_DAYS_PAST_RENEWAL = 30  # D-19
HARDWARE_FILE_YEARS = 1  # D-19: of a file that holds nothing but the hardware's own licenses
SYSTEM_FILE_DAYS = 30  # D-19: an older one, carried by hand, no longer describes the present
CLOCK_DRIFT_HOURS = 24  # D-19, M6: nobody sets the clock of a system without a connection
GROWTH_BLOCKS_AFTER_DAYS = 30  # D-22
ENTITLEMENT_HOURS = 24  # D-22: how long a system goes by what it was told
GROWTH_NOTICE_PERCENT = 80  # D-21
RENEWAL_NOTICE_DAYS = (90, 60, 30, 7)  # D-21
GRACE_NOTICE_DAYS = (14, 7, 1)  # D-21
EXPIRY_NOTICE_DAYS = (180, 90, 30)  # D-7, D-21
# R43: a trial starts with the software, so the first system of a product that offers one begins it.
TRIAL_STARTS_WITH_FIRST_SYSTEM = True


@dataclass(frozen=True)
class LicensingSettings:
    """What an installation may set."""

    signing_keys: str = field(
        default="",
        repr=False,
        metadata={
            "help": "`id:base64,…` of 32-byte Ed25519 seeds for license files, the one that signs "
            "first; all are published."
        },
    )
    where_to_buy_url: str = field(
        default="",
        metadata={
            "help": "Page that lists who sells licenses; `{country}` in it becomes the customer's, "
            "two letters or nothing. Empty: none."
        },
    )
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

    def __post_init__(self) -> None:
        if self.where_to_buy_url and not self.where_to_buy_url.startswith(("https://", "http://")):
            raise ValueError("licensing.where_to_buy_url must begin with https:// or http://.")
