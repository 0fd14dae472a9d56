"""/config: the REST APIs of newer cameras; certificates, the clock, and the list of them."""

from typing import Any, Final
from urllib.parse import unquote

from aiohttp import web

from simulator.call import Call, html_answer, json_answer
from simulator.camera import Camera
from simulator.certificate import HTTPS_ALIAS, device_ids, https_certificate
from simulator.endpoints.clock import LAST_YEAR, TIME_ZONE
from simulator.releases import has_certificate_api, has_rest_discovery, has_rest_time
from simulator.settings import Role

PREFIX: Final = "/config/"
DISCOVER: Final = ("discover",)
CERTIFICATES: Final = ("rest", "cert", "v1")
TIME: Final = ("rest", "time", "v2")
KEYSTORE: Final = "SE0"
KEY_TYPES: Final = ("RSA-2048", "RSA-4096", "EC-P256", "EC-P384", "EC-P521")


class NotThere(Exception):
    """Answered with 404 in the manner of these APIs."""


async def answer_call(call: Call) -> web.Response:
    camera = call.camera
    if not has_rest_discovery(camera.version):
        await call.drain()
        return html_answer("404 Not Found", "Not Found", status=404)
    call.require(Role.VIEWER)
    await call.drain()
    if call.request.method != "GET":
        return _refused(405, "Method not allowed")
    parts = tuple(unquote(part) for part in call.request.path.split("/")[2:] if part)
    try:
        if parts[:1] == DISCOVER:
            return json_answer(_inside({"apis": _apis(camera.version)}, parts[1:]))
        return json_answer({"status": "success", "data": _data(camera, parts)})
    except NotThere:
        return _refused(404, "Entity not found")


def _data(camera: Camera, parts: tuple[str, ...]) -> Any:
    if parts[:3] == CERTIFICATES and has_certificate_api(camera.version):
        return _inside(_certificates(camera), parts[3:])
    if parts[:3] == TIME and has_rest_time(camera.version):
        return _inside(_time(camera), parts[3:])
    raise NotThere


def _inside(data: Any, parts: tuple[str, ...]) -> Any:
    """What a longer path leads to; entries of a list are found by their key."""
    for part in parts:
        if isinstance(data, list):
            found = [entry for entry in data if part in (entry.get("alias"), entry.get("id"))]
            if not found:
                raise NotThere
            data = found[0]
        elif isinstance(data, dict) and part in data:
            data = data[part]
        else:
            raise NotThere
    return data


def _apis(version: str) -> dict[str, Any]:
    known = {
        "cert": ("v1", "1.1.2", has_certificate_api(version)),
        "time": ("v2", "2.0.1", has_rest_time(version)),
    }
    return {
        name: {
            major: {
                "doc": f"/config/discover/apis/{name}/{major}/doc.md",
                "rest_api": f"/config/rest/{name}/{major}",
                "state": "released",
                "version": number,
            }
        }
        for name, (major, number, is_served) in known.items()
        if is_served
    }


def _certificates(camera: Camera) -> dict[str, Any]:
    own = {HTTPS_ALIAS: https_certificate(camera.serial, camera.certificate_seed)}
    listed = {**device_ids(camera.serial, camera.seed), **own}
    return {
        "certificates": [
            {"alias": alias, "certificate": pem, "keystore": KEYSTORE}
            for alias, pem in listed.items()
        ],
        "ca_certificates": [],
        "keystores": [
            {
                "certifications": ["CC EAL6+"],
                "id": KEYSTORE,
                "key_types": list(KEY_TYPES),
                "security_level": "STRONG",
            }
        ],
        "settings": {"keystore": KEYSTORE},
    }


def _time(camera: Camera) -> dict[str, Any]:
    return {
        "time": {
            "dateTime": f"{camera.clock:%Y-%m-%dT%H:%M:%SZ}",
            "localDateTime": f"{camera.clock:%Y-%m-%dT%H:%M:%S+00:00}",
            "maxSupportedYear": LAST_YEAR,
        },
        "timeZone": {
            "activeTimeZone": TIME_ZONE,
            "dhcp": {"enabled": False, "timeZone": None},
            "iana": {"posixTimeZone": None, "timeZone": None},
            "posix": {"dstEnabled": False, "timeZone": TIME_ZONE},
        },
    }


def _refused(status: int, message: str) -> web.Response:
    content = {"status": "error", "error": {"code": status, "message": message}}
    return web.json_response(content, status=status)
