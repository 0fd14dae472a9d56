"""Reasons: each status in words (R17, D-20)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from contracts.licensing import Status
from services.licensing.domain.calendar import DAY, Grace

STATUS_TEXT: Mapping[Status, str] = {
    Status.NOT_REGISTERED: "Not registered",
    Status.TRIAL: "Trial",
    Status.TRIAL_EXPIRED: "Trial expired",
    Status.NOT_STARTED: "Not started",
    Status.GRACE: "Subscription has started",
    Status.LICENSED: "Licensed",
    Status.LICENSED_GROWTH: "Licensed (growth)",
    Status.GROWTH_EXCEEDED: "Growth exceeded",
    Status.UNLICENSED: "Unlicensed",
    Status.ARCHIVED: "Archived",
}


REASONS: Mapping[Status, str] = {
    Status.NOT_REGISTERED: "The product is not registered to the organization.",
    Status.TRIAL: "The trial ends on {trial}.",
    Status.TRIAL_EXPIRED: "The trial ended on {trial}.",
    Status.NOT_STARTED: "The subscription has not been started.",
    Status.GRACE: "Licenses to allocate to this subscription year: {short}. "
    "The grace period ends on {grace}.",
    Status.LICENSED: "The current need is covered.",
    Status.LICENSED_GROWTH: "Growth within this subscription year; "
    "needed from the next on: {short}.",
    Status.GROWTH_EXCEEDED: "Growth is above what this year's licenses allow. "
    "Allocate at least {least}.",
    Status.UNLICENSED: "The grace period ended on {grace}. "
    "Licenses to allocate to this subscription year: {short}.",
    Status.ARCHIVED: "The organization is archived.",
}
# Where there is nothing to subscribe to: licenses are those of systems.
_REASONS_OF_HARDWARE: Mapping[Status, str] = {
    **REASONS,
    Status.NOT_STARTED: "No system of the product is registered.",
    Status.LICENSED: "The systems hold all licenses that they need.",
    Status.UNLICENSED: "Licenses that the systems need beyond their own: {short}.",
}


def reason_of(
    status: Status,
    *,
    short: Mapping[str, int],
    least: Mapping[str, int],
    grace: Grace | None,
    trial_ends_on: date | None,
    is_subscribed_to: bool,
) -> str:
    """:param least: what an allocation must bring where growth is above its limit."""
    reasons = REASONS if is_subscribed_to else _REASONS_OF_HARDWARE
    return reasons[status].format(
        short=_named(short) or "at least one",
        least=_named(least),
        grace=grace.last_day if grace else "",
        trial=trial_ends_on - DAY if trial_ends_on else "",
    )


def _named(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} of type {kind}" for kind, count in counts.items())
