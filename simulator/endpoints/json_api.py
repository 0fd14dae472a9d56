"""The APIs that take a method in JSON and refuse with the same codes: network, time, NTP, OAK."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from aiohttp import web

from simulator.call import Call, json_answer
from simulator.camera import Camera
from simulator.envelope import BadEnvelope, answer, read_envelope
from simulator.settings import Role

INVALID_REQUEST: Final = (2000, "Invalid request")
UNKNOWN_METHOD: Final = (4000, "Method does not exist")
UNKNOWN_VERSION: Final = (4001, "The specified version is not supported")

Method = Callable[[Camera], dict[str, Any]]


class MethodRefused(Exception):
    """Answered with HTTP 200 and an error of the API's own."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.error = (code, message)


async def answer_methods(
    call: Call, served: str, methods: Mapping[str, Method], role: Role
) -> web.Response:
    call.require(role)
    body = await call.body()
    if call.request.content_type != "application/json":
        return json_answer(answer(served, None, error=INVALID_REQUEST))
    try:
        envelope = read_envelope(body)
    except BadEnvelope:
        return json_answer(answer(served, None, error=INVALID_REQUEST))
    if envelope.method == "getSupportedVersions":
        return json_answer(answer(served, envelope, data={"apiVersions": [served]}))
    if not envelope.is_served_by(served):
        return json_answer(answer(served, envelope, error=UNKNOWN_VERSION))
    method = methods.get(envelope.method)
    if method is None:
        return json_answer(answer(served, envelope, error=UNKNOWN_METHOD))
    try:
        return json_answer(answer(served, envelope, data=method(call.camera)))
    except MethodRefused as refusal:
        return json_answer(answer(served, envelope, error=refusal.error))
