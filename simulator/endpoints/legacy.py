"""The commands before the firmware API, answered in HTML: gone with AXIS OS 13."""

from collections.abc import Callable

from aiohttp import BodyPartReader, web

from simulator.call import Call, html_answer
from simulator.camera import Camera
from simulator.firmware import FactoryDefault, FirmwareRefused, UpgradeOptions
from simulator.releases import drops_legacy_upload, has_legacy_commands
from simulator.settings import Role
from simulator.upload import received_header


async def answer_restart(call: Call) -> web.Response:
    return await _commanded(call, Camera.reboot)


async def answer_factory_default(call: Call) -> web.Response:
    return await _commanded(call, lambda camera: camera.factory_default(FactoryDefault.SOFT))


async def answer_hard_factory_default(call: Call) -> web.Response:
    return await _commanded(call, lambda camera: camera.factory_default(FactoryDefault.HARD))


async def answer_upgrade(call: Call) -> web.Response:
    """One part of any name; the trial ends by itself as soon as the camera is up."""
    camera = call.camera
    if not has_legacy_commands(camera.version):
        return await _gone(call)
    call.require(Role.ADMIN)
    if not call.request.content_type.startswith("multipart/"):
        await call.drain()
        return html_answer("Error", "Error: no firmware image.")
    await call.go_on()
    is_default = call.request.query.get("type") == "factorydefault"
    mode = FactoryDefault.HARD if is_default else FactoryDefault.NONE
    options = UpgradeOptions(factory_default=mode)
    parts = await call.request.multipart()
    part = await parts.next()
    if not isinstance(part, BodyPartReader):
        return html_answer("Error", "Error: no firmware image.")
    try:
        camera.begin_upload()
    except FirmwareRefused as refusal:
        await call.drain()
        return html_answer("Error", f"Error: {refusal.message}")
    try:
        header, size = await received_header(call, part)
        camera.upgrade(header, size, options)
    except FirmwareRefused as refusal:
        return html_answer("Error", f"Error: {refusal.message}")
    finally:
        camera.end_upload()
    if drops_legacy_upload(camera.version):
        call.hang_up()
    return html_answer("Upgrading", "The unit will now be upgraded and restarted.")


async def _commanded(call: Call, command: Callable[[Camera], None]) -> web.Response:
    if not has_legacy_commands(call.camera.version):
        return await _gone(call)
    call.require(Role.ADMIN)
    await call.drain()
    try:
        command(call.camera)
    except FirmwareRefused as refusal:
        return html_answer("Error", f"Error: {refusal.message}")
    return html_answer("Restarting", "The unit will now be restarted.")


async def _gone(call: Call) -> web.Response:
    await call.drain()
    return html_answer("404 Not Found", "Not Found", status=404)
