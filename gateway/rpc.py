"""Calls to the services on behalf of the running request."""

from __future__ import annotations

from typing import Any, cast

from flask import current_app, g

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
