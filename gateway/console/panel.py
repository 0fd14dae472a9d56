"""The My Systems panel: what the pages of one organization share.

Which links and buttons a page shows follows the matrix of chapter 13; what is done is decided by
organizations alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any
from uuid import UUID, uuid4

from flask import Response, g, request

from contracts.access import AuthenticatorRequired, NotPermitted, Permission, Role, may
from contracts.errors import Forbidden, NotFound, Refusal
from gateway import rpc
from gateway.console import frame
from gateway.console.forms import Form
from gateway.console.frame import language
from gateway.console.people import View, signed_in
from gateway.console.words import Words
from gateway.console.words.organizations import LOCKED, PANEL, ROLES
from gateway.payload import Payload

# Of one page of a list, and of the organizations that the switch names.
ROWS = 50


@dataclass(frozen=True)
class Listing:
    """One page of a list, as its service gave it."""

    items: Sequence[Payload]
    next_cursor: str | None
    is_first: bool = True
    cursor_name: str = "cursor"


def inside(permission: Permission | None = None) -> Callable[[View], View]:
    """For members of the organization in the address, which is then ``g.organization``.

    :param permission: of pages that show nothing to members whose role lacks it.
    """

    def decorate(view: View) -> View:
        @signed_in
        @wraps(view)
        def serve(organization_id: UUID, **values: Any) -> Response:
            try:
                g.organization = rpc.call(
                    "organizations",
                    "get_organization",
                    {"organization_id": str(organization_id)},
                    read=True,
                )
                if permission is not None and not allowed(permission):
                    raise NotPermitted("Your role does not include this.", permission=permission)
                return view(**values)
            except Forbidden as refusal:
                if refusal.code != AuthenticatorRequired.code:
                    raise
                return _locked(organization_id)

        return serve

    return decorate


def allowed(permission: Permission) -> bool:
    return may(Role(g.organization["role"]), permission)


def ask(method: str, service: str = "organizations", /, **payload: Any) -> Any:
    """A reading call about the organization of the page."""
    return rpc.call(service, method, {"organization_id": _id(), **_plain(payload)}, read=True)


def do(method: str, /, *, service: str = "organizations", **payload: Any) -> Any:
    """A call that changes something in the organization of the page."""
    return rpc.call(service, method, {"organization_id": _id(), **_plain(payload)})


def listing(
    method: str, /, *, service: str = "organizations", cursor_name: str = "cursor", **payload: Any
) -> Listing:
    """The page of a list that the address names."""
    cursor = request.args.get(cursor_name) or None
    found = ask(method, service, limit=ROWS, cursor=cursor, **payload)
    return Listing(found["items"], found["next_cursor"], cursor is None, cursor_name)


def member(account_id: UUID | str) -> Payload | None:
    """None: no member, or not any more."""
    try:
        found: Payload = ask("get_member", account_id=account_id)
    except NotFound:
        return None
    return found


def errand(form: Form | None = None) -> str:
    """The idempotency key of a form: sent twice, it is carried out once."""
    return (form and form["errand"]) or str(uuid4())


def refused(form: Form, refusal: Refusal, **renamed: str) -> Form:
    """As ``Form.refused``; a form whose key is spent gets another one."""
    again = form.refused(refusal, **renamed)
    if refusal.code == "idempotency-mismatch":
        return replace(again, values={**again.values, "errand": ""})
    return again


def role_choices(*roles: Role) -> list[tuple[str, str]]:
    """For a select."""
    return [(str(role), ROLES[language()][role]) for role in roles]


def on_to(endpoint: str, note: str | None = None, **values: Any) -> Response:
    """To another page of the organization."""
    return frame.on_to(endpoint, note, organization_id=_id(), **values)


def page(template: str, words: Words, status: int = 200, **values: Any) -> Response:
    """:param template: of the pages of organizations, or of another folder of the console."""
    listed = rpc.call("organizations", "list_organizations", {"limit": ROWS}, read=True)
    spoken = language()
    return frame.page(
        f"console/{template if '/' in template else f'organization/{template}'}",
        words,
        status,
        organization=g.organization,
        others=[each for each in listed["items"] if each["id"] != g.organization["id"]],
        has_more_organizations=listed["next_cursor"] is not None,
        panel=PANEL[spoken],
        roles=ROLES[spoken],
        allowed=allowed,
        Permission=Permission,
        errand=errand,
        **values,
    )


def _locked(organization_id: UUID) -> Response:
    """The organization wants more of its members than this session shows."""
    return frame.page(
        "console/organization/locked.html", LOCKED, 403, organization_id=organization_id
    )


def _id() -> str:
    return str(g.organization["id"])


def _plain(payload: Payload) -> Payload:
    return {
        name: str(value) if isinstance(value, UUID) else value for name, value in payload.items()
    }
