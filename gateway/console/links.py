"""What the pages share that links in mails open.

Opening one changes nothing, for mail scanners open links too; the button does (security 2.5). The
link itself is what proves the right to it, so these forms need no token against forgery.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, request

from contracts.errors import InvalidRequest, Refusal
from gateway import rpc
from gateway.console import forms, frame
from gateway.console.forms import Form
from gateway.console.words import Words
from gateway.problems import status_of


def _nothing(_form: Form) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True)
class Link:
    """One kind of link.

    :param operation: of identity; takes the link's token, and the ``fields`` of the form.
    :param refusal: the code by which it says that the link does not work.
    :param again: the page where a new one is to be had.
    :param values: what the template is given beside the form, which they are made of.
    """

    operation: str
    refusal: str
    words: Words
    template: str
    fields: tuple[str, ...] = ()
    again: str | None = None
    values: Callable[[Form], Mapping[str, Any]] = _nothing

    def opened(self) -> Response:
        form = Form({"token": request.args.get("token", "")})
        return self.asked(form) if form["token"] else self._refused(422)

    def sent(self) -> Form:
        return forms.sent("token", *self.fields)

    def followed(self, form: Form) -> Response:
        """A link that is still good stays in the form that is shown again."""
        try:
            rpc.call("identity", self.operation, dict(form.values))
        except Refusal as refusal:
            is_token_wrong = refusal.code == InvalidRequest.code and "token" in refusal.facts
            if is_token_wrong or refusal.code == self.refusal:
                return self._refused(status_of(refusal))
            named = {"password": "new_password"} if "new_password" in self.fields else {}
            return self.asked(form.refused(refusal, **named))
        return self._told("done")

    def asked(self, form: Form) -> Response:
        return frame.page(
            self.template,
            self.words,
            form.status,
            is_shown_once=request.method == "POST",
            form=form,
            **self.values(form),
        )

    def _refused(self, status: int) -> Response:
        return self._told("refused", status)

    def _told(self, state: str, status: int = 200) -> Response:
        return frame.page(
            "verification/outcome.html",
            self.words,
            status,
            is_shown_once=True,
            state=state,
            again=self.again,
        )
