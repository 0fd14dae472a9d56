"""basicdeviceinfo.cgi: who the camera is; its answers do not name the method."""

from typing import Final

from aiohttp import web

from simulator.call import Call, SignInRequired, html_answer, json_answer
from simulator.envelope import BadEnvelope, Envelope, answer, read_envelope
from simulator.identity import properties
from simulator.releases import release
from simulator.settings import Role

RESTRICTED: Final = frozenset({"Architecture", "Soc", "SocSerialNumber"})
SERVED_ANONYMOUSLY: Final = (1, 2)


async def answer_call(call: Call) -> web.Response:
    served = call.camera.offer.basic_device_info
    if served is None:
        return html_answer("404 Not Found", "Not Found", status=404)
    try:
        envelope = read_envelope(await call.body())
    except BadEnvelope:
        return json_answer(answer(served, None, error=(2003, "JSON syntax error")))
    return json_answer(_answered(call, served, envelope))


def _answered(call: Call, served: str, envelope: Envelope) -> dict[str, object]:
    def refused(code: int, message: str) -> dict[str, object]:
        return answer(served, envelope, error=(code, message), with_method=False)

    if envelope.method == "getSupportedVersions":
        data: dict[str, object] = {"apiVersions": [served]}
        return answer(served, envelope, data=data, with_method=False)
    if not envelope.is_served_by(served):
        return refused(2000, "The requested version of the API is not supported")
    if call.camera.faults.locked_until_setup and call.camera.settings.needs_setup:
        raise SignInRequired
    known = properties(call.camera)
    if envelope.method == "getAllUnrestrictedProperties" and release(served) >= SERVED_ANONYMOUSLY:
        shown = {name: value for name, value in known.items() if name not in RESTRICTED}
    elif envelope.method == "getAllProperties":
        call.require(Role.OPERATOR)
        shown = known
    elif envelope.method == "getProperties":
        call.require(Role.OPERATOR)
        wanted = envelope.params.get("propertyList")
        if not isinstance(wanted, list):
            return refused(2002, "Required parameter missing: propertyList")
        unknown = [name for name in wanted if name not in known]
        if unknown:
            return refused(1000, f"Property not supported: {unknown[0]}")
        shown = {name: known[name] for name in wanted}
    else:
        return refused(2004, f"JSON semantic error: Unknown method '{envelope.method}'")
    return answer(served, envelope, data={"propertyList": shown}, with_method=False)
