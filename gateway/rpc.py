"""Calls to the services on behalf of the running request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

from flask import current_app, g

from contracts.paging import LIMIT_MOST
from gateway import caller
from gateway.payload import Payload
from gateway.transport import Transport

EXTENSION = "freehold.rpc"


def call(
    service: str,
    method: str,
    payload: Payload,
    *,
    read: bool = False,
    timeout: float | None = None,
) -> Any:
    """The service's answer as JSON, with the caller's assertion and the request id on the way.

    :param read: the call changes nothing, so it may be repeated after a lost connection.
    :param timeout: seconds, where the usual ones are not enough.
    """
    headers = g.context.headers()
    assertion = caller.assertion()
    if assertion is not None:
        headers["caller"] = assertion
    transport = cast(Transport, current_app.extensions[EXTENSION])
    try:
        return transport.call(service, method, payload, headers, timeout=timeout, retry=read)
    finally:
        if service == "identity" and not read:
            caller.forget()


def pages(service: str, method: str, payload: Payload) -> Iterator[Sequence[Payload]]:
    """The items of every page of a list, one page after another."""
    asked = {**payload, "limit": LIMIT_MOST}
    while True:
        page = call(service, method, asked, read=True)
        yield page["items"]
        if page["next_cursor"] is None:
            return
        asked["cursor"] = page["next_cursor"]
