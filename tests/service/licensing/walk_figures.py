"""How an organization stands with a product, in the words of the service and of the reference."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tests.service.licensing.reference import Reference
from tests.service.licensing.reference_figures import DAY

TICKS = 365 * 366
BY_TYPE = ("need", "seats", "shortage", "growth_limit", "least_to_allocate")

Figures = dict[str, Any]
Lots = Counter[tuple[str, str, str]]


def of_overview(overview: Any) -> Figures:
    year, grace, trial = overview["year"], overview["grace"], overview["trial"]
    needs = {each["type"]: each for each in overview["needs"]}
    return {
        "status": overview["status"],
        "is_settled": overview["is_settled"],
        "expiring_soon": overview["expiring_soon"],
        "started_on": overview["started_on"],
        "year": year and (year["index"], year["starts_on"], year["renews_on"]),
        "grace": grace and (grace["first_day"], grace["last_day"]),
        "trial": trial and (trial["first_day"], trial["last_day"]),
        **{
            name: {code: each[name] for code, each in needs.items() if each[name]}
            for name in (*BY_TYPE, "wallet")
        },
        "all in wallet": overview["wallet"],
        "years_ahead": {
            each["index"]: {line["type"]: line["seats"] for line in each["seats"]}
            for each in overview["years_ahead"]
        },
        "covered": [each["index"] for each in overview["years_ahead"] if each["is_covered"]],
        "saved_up": {each["type"]: each["ticks"] for each in overview["saved_up"]},
    }


def of_wallet(wallet: Any) -> Lots:
    """Of those of one day and expiry, which goes first is nobody's promise."""
    lots: Lots = Counter()
    for lot in wallet["lots"]:
        lots[lot["type"], lot["expires_on"], lot["opened_on"]] += lot["licenses"]
    return lots


def of_lots(reference: Reference, product: str) -> Lots:
    lots: Lots = Counter()
    for lot in reference.lots(product):
        lots[lot.type, str(lot.expires_on), str(lot.opened_on)] += lot.licenses
    return lots


def of_reference(reference: Reference, product: str) -> Figures:
    held, needed = reference.wallet(product), reference.products[product].needed
    return {
        "status": reference.status(product),
        "trial": _of_trial(reference, product),
        **_of_years(reference, product),
        "need": reference.need(product),
        "wallet": {code: held[code] for code in needed if code in held},
        "all in wallet": sum(held.values()),
        "saved_up": {code: int(part * TICKS) for code, part in reference.pool(product).items()},
    }


def _of_trial(reference: Reference, product: str) -> tuple[str, str] | None:
    """D-18: its first and its last day; the start of the subscription ends it."""
    days = reference.trial(product)
    return (str(days[0]), str(days[1] - DAY)) if days and days[0] < days[1] else None


def _of_years(reference: Reference, product: str) -> Figures:
    if not reference.is_started(product):
        need = reference.need(product)
        return {
            "is_settled": False,
            "expiring_soon": False,
            **dict.fromkeys(("started_on", "year", "grace")),
            "seats": {},
            "growth_limit": {},
            "years_ahead": {},
            "covered": [],
            # What would have to be bought is told before the start, too.
            "shortage": need,
            "least_to_allocate": need,
        }
    year = reference.year(product)
    starts_on, renews_on = reference.year_bounds(product, year)
    first, end = reference.grace(product, year)
    ahead = {
        index: seats
        for index in range(year + 1, year + 2 + reference.policy.years_ahead)
        if (seats := reference.seats(product, index))
    }
    return {
        "is_settled": reference.settled(product),
        "expiring_soon": reference.expiring_soon(product),
        "started_on": str(reference.started_on(product)),
        "year": (year, str(starts_on), str(renews_on)),
        "grace": (str(first), str(end - DAY)),
        "seats": reference.seats(product, year),
        "shortage": reference.shortage(product),
        "growth_limit": reference.growth_limit(product),
        "least_to_allocate": reference.least_to_allocate(product),
        "years_ahead": ahead,
        "covered": [index for index in ahead if reference.is_covered(product, index)],
    }
