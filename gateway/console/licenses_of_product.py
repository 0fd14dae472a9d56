"""LICENSE MANAGER > a product: what the pages about it share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Response, g, request

from contracts.licensing import LicenseKind, Status
from gateway import rpc
from gateway.console import panel
from gateway.console.forms import Form
from gateway.console.frame import language
from gateway.console.panel import Listing
from gateway.console.words import Words, joined
from gateway.console.words.licenses import (
    ATTRIBUTES,
    HARDWARE_REASONS,
    KINDS,
    LICENSES,
    PRODUCT,
    REASONS,
    STATUSES,
)
from gateway.payload import Payload

_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})", re.ASCII)
_GOOD = frozenset({Status.LICENSED, Status.LICENSED_GROWTH})
_BAD = frozenset({Status.TRIAL_EXPIRED, Status.UNLICENSED, Status.GROWTH_EXCEEDED, Status.ARCHIVED})


@dataclass(frozen=True)
class Standing:
    """A status as people read it; its tone is said in words, and shown by a color beside."""

    text: str
    reason: str
    tone: str


def ask(method: str, product: str, /, **payload: Any) -> Any:
    return panel.ask(method, "licensing", product=product, **payload)


def do(method: str, product: str, /, **payload: Any) -> Any:
    return panel.do(method, service="licensing", product=product, **payload)


def catalogue() -> Sequence[Payload]:
    items: Sequence[Payload] = rpc.call("licensing", "list_products", {}, read=True)["items"]
    return items


def listed(product: str) -> Payload:
    """The product as the catalogue has it, which is asked once for a page."""
    if "catalogue" not in g:
        g.catalogue = {each["code"]: each for each in catalogue()}
    found: Payload = g.catalogue[product]
    return found


def types_of(product: Payload) -> Mapping[str, LicenseKind]:
    """The license types of a product of the catalogue."""
    return {each["code"]: LicenseKind(each["kind"]) for each in product["types"]}


def attributes_of(product: Payload) -> Mapping[str, str]:
    """What a license of each type stands for, where it is more than its type (R45)."""
    own = ATTRIBUTES[language()]
    return {
        each["code"]: ", ".join(
            own[name].format(value=value) if name in own else f"{name}: {value}"
            for name, value in sorted(each["attributes"].items())
        )
        for each in product["types"]
    }


def standing_of(overview: Payload) -> Standing:
    """For a page about one product."""
    return standing(overview, types_of(listed(overview["product"])))


def standing(overview: Payload, types: Mapping[str, LicenseKind]) -> Standing:
    """In the person's language; of a status that is new here, in the service's own words."""
    status = overview["status"]
    return Standing(
        STATUSES[language()].get(status, overview["status_text"]),
        _reason(overview, is_subscribed_to=LicenseKind.SUBSCRIPTION in types.values()),
        "good" if status in _GOOD else "bad" if status in _BAD else "open",
    )


def counted(counts: Iterable[tuple[str, int]]) -> str:
    """``12 × core, 3 × universal``, alike in every language."""
    return ", ".join(f"{count} × {kind}" for kind, count in counts if count)


def last_day(first_day_after: str) -> str:
    """The last day of what ends before a day."""
    return (date.fromisoformat(first_day_after) - timedelta(days=1)).isoformat()


def in_days(text: str) -> list[str]:
    """Cut where days are in it: each second piece is one."""
    return _DAY.split(text)


def part(items: Sequence[Any]) -> Listing:
    """The page of a list that came as a whole."""
    text = request.args.get("from", "0")
    start = min(int(text), len(items)) if text.isdecimal() and len(text) < 9 else 0
    end = start + panel.ROWS
    following = str(end) if end < len(items) else None
    return Listing(items[start:end], following, is_first=start == 0, cursor_name="from")


def page(
    template: str, words: Words, overview: Payload, form: Form | None = None, **values: Any
) -> Response:
    """A page about the product; its words are beside those that all of them have."""
    spoken = language()
    known = listed(overview["product"])
    types = types_of(known)
    return panel.page(
        f"licenses/{template}",
        joined(LICENSES, words),
        form.status if form else 200,
        product=overview,
        standing=standing(overview, types),
        types=types,
        attributes=attributes_of(known),
        listed=known,
        Kind=LicenseKind,
        tabs=PRODUCT[spoken],
        kinds=KINDS[spoken],
        form=form or Form(),
        last_day=last_day,
        in_days=in_days,
        **values,
    )


def _reason(overview: Payload, *, is_subscribed_to: bool) -> str:
    own = REASONS[language()] if is_subscribed_to else HARDWARE_REASONS[language()]
    text = own.get(overview["status"])
    if text is None:
        return str(overview["reason"])
    needs = overview["needs"]
    missing = counted((each["type"], each["shortage"]) for each in needs)
    least = counted((each["type"], each["least_to_allocate"]) for each in needs)
    grace, trial = overview["grace"], overview["trial"]
    return text.format(
        missing=missing or own["at_least_one"],
        least=least or own["at_least_one"],
        grace=grace["last_day"] if grace else "",
        trial=trial["last_day"] if trial else "",
    )
