"""LICENSE MANAGER > a product > Upgrade licenses: one type becomes another, where it is (D-18)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from flask import Response, request

from contracts.access import Permission
from contracts.errors import NotFound, Refusal
from contracts.licensing import LicenseKind
from contracts.paging import LIMIT_MOST
from gateway.console import forms, panel
from gateway.console import licenses_numbers as numbers
from gateway.console import licenses_of_product as shared
from gateway.console.area import area
from gateway.console.forms import Form
from gateway.console.frame import language
from gateway.console.panel import inside, on_to
from gateway.console.words.licenses_upgrades import UPGRADES
from gateway.payload import Payload

blueprint = area(
    "licenses_upgrades", "/organizations/<uuid:organization_id>/licenses/<product>/upgrades"
)

_WALLET = "wallet"


@blueprint.get("")
@inside(Permission.LICENSE_READ)
def show(product: str) -> Response:
    return _show(product, Form({"where": request.args.get("where", _WALLET)}))


@blueprint.post("")
@inside(Permission.LICENSE_MANAGE)
def upgrade(product: str) -> Response:
    form = forms.sent("upgrade_type", "where", "licenses", "errand")
    count = numbers.whole(form["licenses"].strip())
    if count is None:
        wrong = {"licenses": UPGRADES[language()]["wrong_number"]}
        return _show(product, Form(form.values, problems=wrong, status=422))
    try:
        shared.do(
            "upgrade_licenses",
            product,
            upgrade_type=form["upgrade_type"],
            licenses=count,
            where=form["where"],
            idempotency_key=form["errand"],
        )
    except Refusal as refusal:
        return _show(product, panel.refused(form, refusal))
    return on_to("licenses_upgrades.show", product=product, note="licenses-upgraded")


def _show(product: str, form: Form) -> Response:
    found = shared.ask("get_product_overview", product)
    upgrades = [each for each in shared.listed(product)["types"] if _is_upgrade(each)]
    held: Counter[str] = Counter()
    for lot in shared.ask("get_wallet", product)["lots"]:
        held[lot["type"]] += lot["licenses"]
    return shared.page(
        "upgrades.html",
        UPGRADES,
        found,
        form,
        upgrades=upgrades,
        held=held,
        is_empty=not any(held[each["code"]] for each in upgrades),
        places=list(_places(found, {each["upgrade_from"] for each in upgrades}, form["where"])),
    )


def _is_upgrade(license_type: Payload) -> bool:
    return bool(license_type["kind"] == LicenseKind.UPGRADE)


def _places(overview: Payload, sources: set[str], chosen: str) -> Iterator[tuple[str, str]]:
    """Where licenses are that can be upgraded."""
    own = UPGRADES[language()]
    yield _WALLET, own["in_wallet"]
    if overview["year"]:
        for year in (overview["year"], *overview["years_ahead"]):
            last = shared.last_day(year["renews_on"])
            text = own["in_year"].format(first=year["starts_on"], last=last)
            yield f"year:{year['index']}", text
    for system in _systems(overview["product"], chosen):
        if any(line["type"] in sources for line in system["licenses"]):
            yield f"system:{system['id']}", own["on_system"].format(name=system["name"])


def _systems(product: str, chosen: str) -> Sequence[Payload]:
    """The first of them, and the one that its own page led here from."""
    listed = shared.ask("list_licensed_systems", product, limit=LIMIT_MOST)
    found: Mapping[str, Payload] = {each["id"]: each for each in listed["items"]}
    named = chosen.removeprefix("system:")
    if listed["next_cursor"] is not None and named not in found and named != chosen:
        try:
            one = shared.ask("get_licensed_system", product, licensed_system_id=UUID(named))
        except (NotFound, ValueError):
            return list(found.values())
        return [one, *found.values()]
    return list(found.values())
