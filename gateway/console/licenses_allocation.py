"""LICENSE MANAGER > a product > Product licensing: what is needed, and allocating it (R19 to R28)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, request

from contracts.access import Permission
from contracts.errors import Refusal
from contracts.licensing import Status
from gateway.console import forms, panel
from gateway.console import licenses_numbers as numbers
from gateway.console import licenses_of_product as shared
from gateway.console.area import area
from gateway.console.forms import Form
from gateway.console.frame import language
from gateway.console.panel import inside, on_to
from gateway.console.words import joined
from gateway.console.words.licenses_allocation import ALLOCATION, CONFIRM, LICENSING
from gateway.payload import Payload

blueprint = area(
    "licenses_allocation", "/organizations/<uuid:organization_id>/licenses/<product>/licensing"
)

_ON = "true"


@dataclass(frozen=True)
class _Field:
    """How many licenses of one type are to be allocated to a year."""

    type: str
    wallet: int
    due: int
    least: int

    @property
    def name(self) -> str:
        return numbers.PREFIX + self.type


@dataclass(frozen=True)
class _Asked:
    """An allocation as somebody typed it; ``lines`` where all of it can be read."""

    form: Form
    lines: Sequence[Mapping[str, Any]]

    @property
    def terms(self) -> Payload:
        year = self.form["year"]
        return {
            "lines": self.lines,
            "year": int(year) if year.isdecimal() and len(year) < 5 else None,
            "allow_surplus": self.form["allow_surplus"] == _ON,
        }


@blueprint.get("")
@inside(Permission.LICENSE_READ)
def show(product: str) -> Response:
    """R42."""
    found = shared.ask("get_product_overview", product)
    renewals = shared.ask("get_forecast", product)["renewals"]
    fields = _fields(found)
    coming = _next(found, renewals)
    return shared.page(
        "licensing.html",
        joined(ALLOCATION, LICENSING),
        found,
        renewals=renewals,
        fields=fields,
        filled=_filled(fields, found["year"]),
        obstacle=_obstacle(fields),
        coming=coming,
        coming_fields=_fields(found, coming) if coming else [],
        coming_filled=_filled(_fields(found, coming), coming["year"]) if coming else Form(),
        coming_obstacle=_obstacle(_fields(found, coming)) if coming else None,
    )


@blueprint.get("/allocation")
@inside(Permission.LICENSE_MANAGE)
def preview(product: str) -> Response:
    """The dry run that Confirm allocation opens."""
    return _confirm(product, _asked(request.args.to_dict()))


@blueprint.post("/allocation")
@inside(Permission.LICENSE_MANAGE)
def allocate(product: str) -> Response:
    """Confirm (R22)."""
    asked = _asked(request.form.to_dict())
    if asked.form.problems:
        return _confirm(product, asked)
    try:
        done = shared.do(
            "allocate_licenses", product, **asked.terms, idempotency_key=asked.form["errand"]
        )
    except Refusal as refusal:
        again = panel.refused(asked.form, refusal)
        return _confirm(product, _Asked(again, asked.lines))
    is_current = done["overview"]["year"]["index"] == done["year"]["index"]
    is_licensed = is_current and done["overview"]["status"] == Status.LICENSED
    note = "product-licensed" if is_licensed else "licenses-allocated"
    return on_to("licenses_allocation.show", product=product, note=note)


def _asked(given: Mapping[str, str]) -> _Asked:
    terms = {
        name: given.get(name, "").replace("\0", "") for name in ("year", "allow_surplus", "errand")
    }
    typed = numbers.read(given)
    wrong = ALLOCATION[language()]["wrong_number"]
    form = Form(
        {**terms, **typed.values},
        problems=dict.fromkeys(typed.unreadable, wrong),
        status=422 if typed.unreadable else 200,
    )
    return _Asked(form, [{"type": kind, "seats": n} for kind, n in typed.counts.items()])


def _confirm(product: str, asked: _Asked) -> Response:
    found = shared.ask("get_product_overview", product)
    planned = None
    form = asked.form
    if not form.problems:
        planned = shared.ask("preview_allocation", product, **asked.terms)
        if form.refusal is None and planned["refusal"] is not None:
            form = Form(form.values, _said(planned["refusal"]))
    return shared.page(
        "allocation.html",
        joined(ALLOCATION, CONFIRM),
        found,
        form,
        planned=planned,
        fields=_fields(found, _renewal(product, found, form["year"])),
        afterwards=planned and planned["afterwards"] and shared.standing_of(planned["afterwards"]),
    )


def _renewal(product: str, overview: Payload, year: str) -> Payload | None:
    """The coming year that was asked for; None: it is the current one, or none at all."""
    if overview["year"] is None or year in ("", str(overview["year"]["index"])):
        return None
    renewals = shared.ask("get_forecast", product)["renewals"]
    return next((each for each in renewals if str(each["year"]["index"]) == year), None)


def _said(refused: Payload) -> str:
    refusal = Refusal(refused["detail"], **refused["facts"])
    refusal.code = refused["code"]
    return forms.said(refusal)


def _fields(overview: Payload, renewal: Payload | None = None) -> list[_Field]:
    """For the current year; of a coming one what is allocated and due then."""
    if renewal is None:
        return [
            _Field(each["type"], each["wallet"], each["shortage"], each["least_to_allocate"])
            for each in overview["needs"]
        ]
    held = {each["type"]: each["wallet"] for each in overview["needs"]}
    return [
        _Field(each["type"], held[each["type"]], due, due)
        for each in renewal["needs"]
        for due in [max(0, each["needed"] - each["seats"])]
    ]


def _filled(fields: Sequence[_Field], year: Payload | None) -> Form:
    values = {each.name: str(each.due) for each in fields}
    return Form({**values, "year": str(year["index"]) if year else ""})


def _obstacle(fields: Sequence[_Field]) -> str | None:
    """Why Confirm allocation is not available (R23)."""
    own = ALLOCATION[language()]
    missing = [(each.type, max(0, each.least - each.wallet)) for each in fields]
    if any(count for _type, count in missing):
        return own["too_few"].format(missing=shared.counted(missing))
    return None if any(each.wallet for each in fields) else own["empty"]


def _next(overview: Payload, renewals: Sequence[Payload]) -> Payload | None:
    """The first year ahead that lacks licenses; only once the current one is settled (D-14)."""
    if not overview["is_settled"]:
        return None
    for each in renewals:
        needs = each["needs"]
        is_short = any(need["needed"] > need["seats"] for need in needs)
        if is_short or not any(need["seats"] for need in needs):
            return each
    return None
