"""systemready.cgi: whether the camera is up, for everybody; it can be waited on."""

from typing import Final

from aiohttp import web

from simulator.call import Call, html_answer, json_answer
from simulator.camera import Camera
from simulator.envelope import BadEnvelope, answer, read_envelope
from simulator.releases import has_boot_id, has_passphrase_policy

LONGEST_WAIT_SECONDS: Final = 300
PREVIEW_SECONDS: Final = 7200


async def answer_call(call: Call) -> web.Response:
    camera = call.camera
    served = camera.offer.system_ready
    if served is None:
        return html_answer("404 Not Found", "Not Found", status=404)
    try:
        envelope = read_envelope(await call.body())
    except BadEnvelope:
        return json_answer(answer(served, None, error=(9000, "Invalid JSON")))
    if envelope.method == "getSupportedVersions":
        return json_answer(answer(served, envelope, data={"apiVersions": [served]}))
    if envelope.method != "systemready" or not envelope.is_served_by(served):
        return json_answer(
            answer(served, envelope, error=(9000, "Method or version not supported"))
        )
    timeout = envelope.params.get("timeout", 0)
    if type(timeout) is not int or not 0 <= timeout <= LONGEST_WAIT_SECONDS:
        return json_answer(answer(served, envelope, error=(1000, "Invalid timeout")))
    ready = camera.is_ready or (timeout > 0 and await camera.until_ready(timeout))
    return json_answer(answer(served, envelope, data=_readiness(camera, ready=ready)))


def _readiness(camera: Camera, *, ready: bool) -> dict[str, str]:
    needs_setup = camera.settings.needs_setup
    data = {
        "systemready": "yes" if ready else "no",
        "needsetup": "yes" if needs_setup else "no",
    }
    if has_boot_id(camera.version):
        data["uptime"] = str(camera.uptime)
        data["bootid"] = camera.boot_id
    if has_passphrase_policy(camera.version):
        if needs_setup:
            data["previewmode"] = str(PREVIEW_SECONDS)
        data["passphrasepolicy"] = camera.passphrase_policy
    return data
