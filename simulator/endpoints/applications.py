"""applications/: what is installed, its commands and switches, and the upload of packages."""

from collections.abc import Callable
from typing import Final
from xml.sax.saxutils import quoteattr

from aiohttp import BodyPartReader, MultipartReader, web

from simulator.applications import (
    LARGEST_PACKAGE,
    Application,
    ApplicationRefused,
    Code,
    unpacked,
)
from simulator.call import CHUNK_SIZE, Call, text_answer, xml_answer
from simulator.camera import ALLOW_UNSIGNED, Camera
from simulator.releases import may_allow_unsigned_applications
from simulator.settings import Role

ACTIONS: Final = ("start", "stop", "restart", "remove")
ALLOW_ROOT: Final = "AllowRoot"


async def answer_list(call: Call) -> web.Response:
    call.require(Role.ADMIN)
    await call.drain()
    listed = "".join(f"\n {_element(some)}" for some in call.camera.applications.values())
    return xml_answer(f'<reply result="ok">{listed}\n</reply>\n')


async def answer_control(call: Call) -> web.Response:
    call.require(Role.ADMIN)
    arguments = await call.arguments()
    action = arguments.get("action", "")
    if action not in ACTIONS:
        return text_answer(f"Error: {Code.NOT_FOUND}\n")
    return _said(lambda: call.camera.command_application(action, arguments.get("package", "")))


async def answer_upload(call: Call) -> web.Response:
    """The first part, whatever it is called."""
    call.require(Role.ADMIN)
    if not call.request.content_type.startswith("multipart/"):
        await call.drain()
        return text_answer(f"Error: {Code.BAD_PACKAGE}\n")
    await call.go_on()
    content = await _content(await call.request.multipart())
    return _said(lambda: _install(call.camera, content))


async def answer_config(call: Call) -> web.Response:
    """Switches: of unsigned packages where there is one, and of what runs as root."""
    call.require(Role.ADMIN)
    camera, arguments = call.camera, await call.arguments()
    name = arguments.get("name", "")
    if name not in _switches(camera):
        return xml_answer('<reply result="error"><error type="10" message="Unknown"/></reply>\n')
    if arguments.get("action") == "set":
        is_on = arguments.get("value") == "true"
        camera.settings = camera.settings.with_application_switch(name, on=is_on)
    value = "true" if _switches(camera)[name] else "false"
    return xml_answer(
        f'<reply result="ok">\n\t<param name={quoteattr(name)} value="{value}"/>\n</reply>\n'
    )


def _switches(camera: Camera) -> dict[str, bool]:
    switches = {ALLOW_ROOT: camera.settings.application_switches.get(ALLOW_ROOT, False)}
    if may_allow_unsigned_applications(camera.version):
        switches[ALLOW_UNSIGNED] = camera.takes_unsigned_applications
    return switches


def _install(camera: Camera, content: bytes) -> None:
    allows_unsigned = camera.takes_unsigned_applications
    camera.install(unpacked(content, camera.profile, allows_unsigned=allows_unsigned))


def _said(step: Callable[[], None]) -> web.Response:
    try:
        step()
    except ApplicationRefused as refusal:
        return text_answer(f"Error: {refusal.code}\n")
    return text_answer("OK\n")


async def _content(parts: MultipartReader) -> bytes:
    """A package that is too large is taken to its end, and the rest of it let go."""
    part = await parts.next()
    content = bytearray()
    while isinstance(part, BodyPartReader) and (chunk := await part.read_chunk(CHUNK_SIZE)):
        if len(content) <= LARGEST_PACKAGE:
            content += chunk
    return bytes(content)


def _element(application: Application) -> str:
    attributes = {
        "Name": application.name,
        "NiceName": application.nice_name,
        "Vendor": application.vendor,
        "Version": application.version,
        "ApplicationID": application.application_id,
        "License": application.license,
        "Status": application.status,
        "ConfigurationPage": f"local/{application.name}/index.html",
        "Bundled": "Yes" if application.is_bundled else "No",
        "SignatureStatus": "Signed" if application.is_signed else "Unknown",
    }
    told = {name: value for name, value in attributes.items() if value}
    return f"<application{''.join(f' {name}={quoteattr(value)}' for name, value in told.items())}/>"
