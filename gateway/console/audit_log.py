"""ORGANIZATION > Audit log: what was done, filtered, and as CSV."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from typing import Any

from flask import Response, g, request
from werkzeug.exceptions import NotFound

from contracts.access import Permission
from contracts.paging import LIMIT_MOST
from gateway import rpc
from gateway.api.organizations import AUDIT_COLUMNS
from gateway.console import panel
from gateway.console.area import area
from gateway.console.forms import Form
from gateway.console.frame import language
from gateway.console.panel import Listing, inside
from gateway.console.words.audit_log import ACTIONS, AUDIT_LOG
from gateway.export import csv_answer
from gateway.payload import Payload

blueprint = area("audit_log", "/organizations/<uuid:organization_id>/audit-log")

_FILTER = ("action", "account_id", "since", "until")


@blueprint.get("")
@inside(Permission.AUDIT_READ)
def show() -> Response:
    own = AUDIT_LOG[language()]
    values = _asked()
    filters, problems = _filters(values)
    form = Form(values, problems=dict.fromkeys(problems, own["wrong_day"]))
    listing = panel.listing("list_audit_entries", **filters)
    people = people_of(listing)
    return panel.page(
        "audit_log.html",
        AUDIT_LOG,
        422 if problems else 200,
        form=form,
        chosen={name: value for name, value in values.items() if value},
        listing=listing,
        actions=ACTIONS[language()],
        action_choices=[("", own["any_action"]), *ACTIONS[language()].items()],
        people=people,
        people_choices=[("", own["anybody"]), *people.items()],
        details=_details,
    )


@blueprint.get("/audit-entries.csv")
@inside(Permission.AUDIT_READ)
def export() -> Response:
    """The same entries, all of them."""
    filters, problems = _filters(_asked())
    if problems:
        raise NotFound
    asked = {"organization_id": g.organization["id"], **filters}
    return csv_answer(
        "audit-entries.csv", AUDIT_COLUMNS, rpc.pages("organizations", "list_audit_entries", asked)
    )


def people_of(listing: Listing) -> dict[str, str]:
    """Who is called by an address: the first members, and every one that the page names."""
    first = panel.ask("list_members", limit=LIMIT_MOST)
    members = {each["account_id"]: each for each in first["items"]}
    if first["next_cursor"] is not None:
        named = dict.fromkeys(each["account_id"] for each in listing.items if each["account_id"])
        further = map(panel.member, [each for each in named if each not in members])
        members |= {each["account_id"]: each for each in further if each}
    return {key: each["email"] for key, each in members.items() if each["email"]}


def _asked() -> dict[str, str]:
    return {name: request.args.get(name, "").replace("\0", "") for name in _FILTER}


def _filters(values: Mapping[str, str]) -> tuple[Payload, list[str]]:
    """What is asked for, and the fields that cannot be read."""
    filters: dict[str, Any] = {name: values[name] for name in _FILTER if values[name]}
    problems: list[str] = []
    for name in ("since", "until"):
        if name in filters:
            try:
                day = date.fromisoformat(filters.pop(name))
                # A last day is meant as a whole one.
                day += timedelta(days=name == "until")
                filters[name] = datetime.combine(day, time_of_day(), UTC).isoformat()
            except (ValueError, OverflowError):
                problems.append(name)
    return filters, problems


def _details(entry: Payload) -> str:
    """``name: Before → After`` of each fact that the entry holds, and its reason."""
    before, after = entry["before"] or {}, entry["after"] or {}
    parts = [
        f"{name}: {' → '.join(_plain(side[name]) for side in (before, after) if name in side)}"
        for name in dict.fromkeys([*before, *after])
    ]
    return "; ".join([*parts, *filter(None, [entry["reason"]])])


def _plain(fact: object) -> str:
    if isinstance(fact, list):
        return ", ".join(map(str, fact)) or "–"
    return "–" if fact in (None, "") else str(fact)
