"""LICENSE MANAGER > a product > Product overview: its status, and the start of its subscription."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo, available_timezones

from flask import Response

from contracts.access import Permission
from contracts.errors import Refusal
from gateway.console import forms, panel
from gateway.console import licenses_of_product as shared
from gateway.console.area import area
from gateway.console.forms import Form
from gateway.console.frame import language
from gateway.console.panel import inside, on_to
from gateway.console.people import now
from gateway.console.words.licenses_product import OVERVIEW, START

blueprint = area("licenses_overview", "/organizations/<uuid:organization_id>/licenses/<product>")

# What stands for a place; the others are older names of these, or offsets.
_REGIONS = (
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
)
_UTC = "UTC"
# Where most who read the language are; others choose theirs.
_LIKELY = {"ja": "Asia/Tokyo", "ko": "Asia/Seoul"}


@blueprint.get("")
@inside(Permission.LICENSE_READ)
def show(product: str) -> Response:
    """R17, R43."""
    return _show(product, Form())


@blueprint.post("/trial")
@inside(Permission.LICENSE_MANAGE)
def start_trial(product: str) -> Response:
    """D-18."""
    form = forms.sent("errand")
    try:
        shared.do("start_trial", product, idempotency_key=form["errand"])
    except Refusal as refusal:
        return _show(product, panel.refused(form, refusal))
    return on_to("licenses_overview.show", product=product, note="trial-started")


@blueprint.get("/start")
@inside(Permission.LICENSE_MANAGE)
def ask_start(product: str) -> Response:
    return _start(product, Form({"time_zone": _LIKELY.get(language(), _UTC)}))


@blueprint.post("/start")
@inside(Permission.LICENSE_MANAGE)
def start(product: str) -> Response:
    """R14 to R16."""
    form = forms.sent("time_zone", "errand")
    try:
        shared.do(
            "start_subscription",
            product,
            time_zone=form["time_zone"] or None,
            idempotency_key=form["errand"],
        )
    except Refusal as refusal:
        return _start(product, panel.refused(form, refusal))
    return on_to("licenses_overview.show", product=product, note="subscription-started")


def _show(product: str, form: Form) -> Response:
    found = shared.ask("get_product_overview", product)
    trial = found["trial"]
    return shared.page(
        "overview.html",
        OVERVIEW,
        found,
        form,
        days_left=trial and _days_left(trial["last_day"], found["time_zone"]),
    )


def _days_left(last_day: str, time_zone: str) -> int:
    """With today."""
    today = now().astimezone(ZoneInfo(time_zone)).date()
    return max(0, (date.fromisoformat(last_day) - today).days + 1)


def _start(product: str, form: Form) -> Response:
    """The zone is asked for by the organization's first subscription only (D-1)."""
    every = panel.ask("list_organization_products", "licensing")["items"]
    found = shared.ask("get_product_overview", product)
    is_fixed = any(each["started_on"] is not None for each in every)
    return shared.page(
        "start.html", START, found, form, is_fixed=is_fixed, zones=[] if is_fixed else _zones()
    )


def _zones() -> list[tuple[str, str]]:
    named = sorted(each for each in available_timezones() if each.split("/")[0] in _REGIONS)
    return [(each, each.replace("_", " ")) for each in [_UTC, *named]]
