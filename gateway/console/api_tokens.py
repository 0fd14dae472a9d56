"""The account's API tokens: listed, created and shown once, revoked."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from itertools import groupby

from flask import Response, request

from contracts.access import TOKEN_SCOPES
from contracts.errors import NotFound, Refusal
from gateway import rpc
from gateway.console import forms, people
from gateway.console.area import area
from gateway.console.credentials import stepped_up
from gateway.console.forms import Form
from gateway.console.frame import language, on_to, page
from gateway.console.people import signed_in
from gateway.console.words.account import NEW_TOKEN, TOKENS

blueprint = area("api_tokens", "/account/api-tokens")

_DAYS = ("7", "30", "90", "365")


@blueprint.get("")
@signed_in
def show() -> Response:
    listed = rpc.call("identity", "list_api_tokens", {}, read=True)
    return page("console/account/api_tokens.html", TOKENS, tokens=listed["items"])


@blueprint.get("/new")
@stepped_up("api-token")
def new() -> Response:
    return _new(Form({"days": "30"}), [])


@blueprint.post("/new")
@stepped_up("api-token")
def create() -> Response:
    """The answer shows the token, which is kept nowhere."""
    form = forms.sent("name", "days", "scopes")
    scopes = request.form.getlist("scopes")
    days = int(form["days"]) if form["days"] in _DAYS else 0
    payload = {
        "name": form["name"],
        "scopes": scopes,
        "expires_at": (people.now() + timedelta(days=days)).isoformat(),
    }
    try:
        created = rpc.call("identity", "create_api_token", payload)
    except Refusal as refusal:
        return _new(form.refused(refusal, expires_at="days"), scopes)
    return page(
        "console/account/api_token_created.html", NEW_TOKEN, is_shown_once=True, created=created
    )


@blueprint.post("/revoke")
@signed_in
def revoke() -> Response:
    # It may have ended meanwhile, as was wanted.
    with suppress(NotFound):
        rpc.call("identity", "revoke_api_token", dict(forms.sent("api_token_id").values))
    return on_to("api_tokens.show", note="token-revoked")


def _new(form: Form, chosen: Sequence[str]) -> Response:
    nouns = groupby(TOKEN_SCOPES, key=lambda scope: scope.partition(":")[0])
    return page(
        "console/account/new_api_token.html",
        NEW_TOKEN,
        form.status,
        form=form,
        groups=[(noun, list(scopes)) for noun, scopes in nouns],
        chosen=chosen,
        choices=[(days, NEW_TOKEN[language()][f"days_{days}"]) for days in _DAYS],
    )
