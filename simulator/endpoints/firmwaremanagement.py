"""firmwaremanagement.cgi: for administrators only; errors come with HTTP 200."""

from collections.abc import Callable
from typing import Any, Final

from aiohttp import MultipartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from simulator.call import Call, html_answer, json_answer
from simulator.camera import Camera
from simulator.envelope import BadEnvelope, Envelope, answer, read_envelope
from simulator.firmware import (
    TEXTS,
    AutoCommit,
    Code,
    FactoryDefault,
    FirmwareRefused,
    upgrade_options,
)
from simulator.releases import has_reset_source
from simulator.settings import Role
from simulator.upload import (
    BadUpload,
    image_part,
    read_request_part,
    receive,
    received_header,
)


async def answer_call(call: Call) -> web.Response:
    served = call.camera.offer.firmware_management
    if served is None:
        return html_answer("404 Not Found", "Not Found", status=404)
    call.require(Role.ADMIN)
    if call.request.content_type.startswith("multipart/"):
        return await _answer_upload(call, served)
    envelope: Envelope | None = None
    try:
        envelope = read_envelope(await call.body())
        data = _answered(call.camera, served, envelope)
    except BadEnvelope:
        return json_answer(answer(served, None, error=_error(Code.UNPARSABLE)))
    except FirmwareRefused as refusal:
        return json_answer(answer(served, envelope, error=(refusal.code, refusal.message)))
    return json_answer(answer(served, envelope, data=data))


def _answered(camera: Camera, served: str, envelope: Envelope) -> dict[str, Any]:
    if envelope.method == "getSupportedVersions":
        return {"apiVersions": [served]}
    if not envelope.is_served_by(served):
        raise FirmwareRefused(Code.API_VERSION)
    method = METHODS.get(envelope.method)
    if method is None:
        # An upgrade without an image is no upgrade at all.
        is_upgrade = envelope.method == "upgrade"
        raise FirmwareRefused(Code.UNPARSABLE if is_upgrade else Code.UNKNOWN_METHOD)
    return method(camera, envelope.params)


async def _answer_upload(call: Call, served: str) -> web.Response:
    """The image is taken to its end even when the answer is known to be no."""
    if call.request.content_length is None:
        return html_answer("411 Length Required", "Length Required", status=411)
    await call.go_on()
    envelope: Envelope | None = None
    try:
        parts = await call.request.multipart()
        envelope = read_envelope(await read_request_part(parts))
        version = await _upgraded(call, served, envelope, parts)
    except FirmwareRefused as refusal:
        await call.drain()
        return json_answer(answer(served, envelope, error=(refusal.code, refusal.message)))
    except BadUpload as problem:
        await call.drain()
        return json_answer(answer(served, envelope, error=(Code.UNPARSABLE, str(problem))))
    except (ValueError, HttpProcessingError):
        # Neither a request nor a multipart body that could be read.
        await call.drain()
        return json_answer(answer(served, envelope, error=_error(Code.UNPARSABLE)))
    if call.camera.faults.answer_lost:
        call.camera.faults = call.camera.faults.after("answer_lost")
        call.hang_up()
    return json_answer(answer(served, envelope, data={"firmwareVersion": version}))


async def _upgraded(call: Call, served: str, envelope: Envelope, parts: MultipartReader) -> str:
    camera = call.camera
    if not envelope.is_served_by(served):
        raise FirmwareRefused(Code.API_VERSION)
    if envelope.method != "upgrade":
        raise FirmwareRefused(Code.UNKNOWN_METHOD)
    options = upgrade_options(envelope.params)
    part = await image_part(parts)
    try:
        camera.begin_upload()
    except FirmwareRefused:
        await receive(call, part)
        raise
    try:
        header, size = await received_header(call, part)
        return camera.upgrade(header, size, options)
    finally:
        camera.end_upload()


def _status(camera: Camera, _params: dict[str, Any]) -> dict[str, Any]:
    firmware = camera.firmware
    data: dict[str, Any] = {
        "activeFirmwareVersion": firmware.active.version,
        "activeFirmwarePart": firmware.active.part,
    }
    if firmware.inactive is not None:
        data["inactiveFirmwareVersion"] = firmware.inactive.version
        # Spelled with one t by the cameras.
        data["isCommited"] = firmware.is_committed
        data["lastUpgradeAt"] = firmware.upgraded_at or "UNKNOWN"
        if not firmware.is_committed:
            if firmware.auto_commit is AutoCommit.STARTED:
                data["pendingCommit"] = firmware.auto_commit.value
            seconds = camera.seconds_to_rollback
            if seconds is not None:
                data["timeToRollback"] = seconds
    if camera.reset_source is not None and has_reset_source(camera.version):
        data["resetSource"] = camera.reset_source
    return data


def _commit(camera: Camera, _params: dict[str, Any]) -> dict[str, Any]:
    return {"firmwareVersion": camera.commit()}


def _factory_default(camera: Camera, params: dict[str, Any]) -> dict[str, Any]:
    mode = params.get("factoryDefaultMode", FactoryDefault.SOFT.value)
    if params.keys() - {"factoryDefaultMode"} or mode not in ("soft", "hard"):
        raise FirmwareRefused(Code.UNPARSABLE)
    camera.factory_default(FactoryDefault(mode))
    return {}


def _silently(step: Callable[[Camera], None]) -> Callable[[Camera, dict[str, Any]], dict[str, Any]]:
    """A method without parameters whose answer holds nothing."""

    def method(camera: Camera, _params: dict[str, Any]) -> dict[str, Any]:
        step(camera)
        return {}

    return method


METHODS: Final[dict[str, Callable[[Camera, dict[str, Any]], dict[str, Any]]]] = {
    "status": _status,
    "commit": _commit,
    "rollback": _silently(Camera.roll_back),
    "purge": _silently(Camera.purge),
    "factoryDefault": _factory_default,
    "stopAuto": _silently(Camera.stop_automatisms),
    "reboot": _silently(Camera.reboot),
}


def _error(code: Code) -> tuple[int, str]:
    return code, TEXTS[code]
