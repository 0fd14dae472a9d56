"""apidiscovery.cgi: which APIs there are; the versions it lists may lag behind."""

from typing import Any

from aiohttp import web

from simulator.call import Call, json_answer
from simulator.discovery import discoverable
from simulator.envelope import BadEnvelope, answer, read_envelope
from simulator.settings import Role

SERVED = "1.1"


async def answer_call(call: Call) -> web.Response:
    try:
        envelope = read_envelope(await call.body())
    except BadEnvelope:
        return json_answer(answer(SERVED, None, error=(4002, "Invalid JSON")))
    if envelope.method == "getSupportedVersions":
        data = {"apiVersions": [SERVED]}
        return json_answer({"method": envelope.method, "data": data})
    call.require(Role.VIEWER)
    if not envelope.is_served_by(SERVED):
        refusal = (2000, "The requested version of the API is not supported")
        return json_answer(answer(SERVED, envelope, error=refusal))
    if envelope.method != "getApiList":
        return json_answer(answer(SERVED, envelope, error=(4003, "Method not supported")))
    entries: list[dict[str, Any]] = [
        {
            "id": api.id,
            "version": api.version,
            "name": api.name,
            "docLink": "https://developer.axis.com/vapix/",
            "status": api.status,
        }
        for api in discoverable(call.camera.version)
    ]
    return json_answer(answer(SERVED, envelope, data={"apiList": entries}))
