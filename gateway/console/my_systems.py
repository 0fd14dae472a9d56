"""My Systems: a person's organizations, and the setup assistant for another one (ORG-3)."""

from __future__ import annotations

from flask import Response, request

from contracts.errors import Refusal, Unavailable
from gateway import rpc
from gateway.console import forms, panel
from gateway.console.area import area
from gateway.console.forms import Form
from gateway.console.frame import language, on_to, page
from gateway.console.panel import Listing, inside
from gateway.console.people import signed_in
from gateway.console.words.organizations import (
    CREATE,
    CREATED,
    MY_SYSTEMS,
    OVERVIEW,
    PANEL,
    ROLES,
)

blueprint = area("my_systems", "/organizations")


@blueprint.get("/start")
@signed_in
def start() -> Response:
    """Where a sign-in leads: the organization, where there is one only."""
    try:
        listed = rpc.call("organizations", "list_organizations", {"limit": 2}, read=True)
    except Unavailable:
        return on_to("account.settings", note="organizations-away")
    if len(listed["items"]) == 1:
        return on_to("my_systems.overview", organization_id=listed["items"][0]["id"])
    return on_to("my_systems.all_organizations")


@blueprint.get("")
@signed_in
def all_organizations() -> Response:
    cursor = request.args.get("cursor") or None
    asked = {"limit": panel.ROWS, "cursor": cursor}
    listed = rpc.call("organizations", "list_organizations", asked, read=True)
    return page(
        "console/organization/all.html",
        MY_SYSTEMS,
        listing=Listing(listed["items"], listed["next_cursor"], is_first=cursor is None),
        roles=ROLES[language()],
        panel=PANEL[language()],
    )


@blueprint.get("/create")
@signed_in
def new() -> Response:
    return _new(Form())


@blueprint.post("/create")
@signed_in
def create() -> Response:
    """ORG-3, ORG-4."""
    form = forms.sent("name", "errand")
    payload = {"name": form["name"], "idempotency_key": form["errand"]}
    try:
        made = rpc.call("organizations", "create_organization", payload)
    except Refusal as refusal:
        return _new(panel.refused(form, refusal))
    return on_to("my_systems.created", organization_id=made["id"])


@blueprint.get("/<uuid:organization_id>/created")
@inside()
def created() -> Response:
    """The last step of the setup assistant (ORG-5)."""
    return panel.page("created.html", CREATED)


@blueprint.get("/<uuid:organization_id>")
@inside()
def overview() -> Response:
    return panel.page("overview.html", OVERVIEW)


def _new(form: Form) -> Response:
    return page(
        "console/organization/create.html",
        CREATE,
        form.status,
        form=form,
        errand=panel.errand,
    )
