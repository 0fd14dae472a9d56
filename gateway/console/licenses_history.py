"""LICENSE MANAGER > History: of all products, and of one (R13)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, g, request

from contracts.access import Permission
from gateway import rpc
from gateway.api.licensing import HISTORY_COLUMNS
from gateway.console import licenses_of_product as shared
from gateway.console import panel
from gateway.console.area import area
from gateway.console.audit_log import people_of
from gateway.console.frame import language
from gateway.console.panel import inside
from gateway.console.words import joined
from gateway.console.words.licenses import LICENSES
from gateway.console.words.licenses_history import ACTS, FACTS, HISTORY
from gateway.export import csv_answer
from gateway.payload import Payload

blueprint = area("licenses_history", "/organizations/<uuid:organization_id>")

_ON = "true"


@blueprint.get("/license-history")
@inside(Permission.LICENSE_READ)
def show() -> Response:
    return panel.page(
        "licenses/history.html", joined(LICENSES, HISTORY), in_days=shared.in_days, **_listed({})
    )


@blueprint.get("/license-history.csv")
@inside(Permission.LICENSE_READ)
def export() -> Response:
    return _csv({})


@blueprint.get("/licenses/<product>/history")
@inside(Permission.LICENSE_READ)
def show_product(product: str) -> Response:
    found = shared.ask("get_product_overview", product)
    return shared.page("product_history.html", HISTORY, found, **_listed({"product": product}))


@blueprint.get("/licenses/<product>/history.csv")
@inside(Permission.LICENSE_READ)
def export_product(product: str) -> Response:
    return _csv({"product": product})


def _listed(filters: Payload) -> Payload:
    by_suite = request.args.get("by_suite") == _ON
    listing = panel.listing(
        "list_license_history", service="licensing", by_suite=by_suite, **filters
    )
    return {
        "listing": listing,
        "by_suite": by_suite,
        "people": people_of(listing),
        "acts": ACTS[language()],
        "details": _details,
        "names": {each["code"]: each["name"] for each in shared.catalogue()},
    }


def _csv(filters: Payload) -> Response:
    """All of it: what the system noted by itself, too."""
    asked = {"organization_id": g.organization["id"], "by_suite": True, **filters}
    pages = rpc.pages("licensing", "list_license_history", asked)
    return csv_answer("license-history.csv", HISTORY_COLUMNS, pages)


def _details(entry: Payload) -> str:
    own = FACTS[language()]
    told = {
        own.get(f"{entry['name']}.{name}") or own.get(name): _plain(value)
        for name, value in entry["arguments"].items()
    }
    return "; ".join(words.format(value=text) for words, text in told.items() if words and text)


def _plain(fact: Any) -> str:
    if isinstance(fact, Mapping):
        return shared.counted(fact.items())
    return "" if fact is None else str(fact)
