"""The control API: JSON over HTTP for tests and demonstrations, on a port of its own."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from simulator.app import Face
from simulator.faults import UnknownFault
from simulator.fleet import BadFleet, Fleet, read_wanted

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def _problem(status: int, text: str) -> web.Response:
    return web.json_response({"error": text}, status=status)


@web.middleware
async def _in_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every mistake is told as JSON."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        return _problem(error.status, error.text or error.reason)
    except (BadFleet, UnknownFault) as error:
        return _problem(400, str(error))
    except OSError as error:
        return _problem(409, f"The ports cannot be opened: {error.strerror}.")


class Control:
    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet

    def app(self) -> web.Application:
        app = web.Application(middlewares=[_in_json])
        app.add_routes(
            [
                web.get("/", self._totals),
                web.get("/totals", self._totals),
                web.get("/cameras", self._cameras),
                web.post("/cameras", self._add),
                web.get("/cameras/{serial}", self._camera),
                web.post("/cameras/{serial}/faults", self._faults),
                web.post("/cameras/{serial}/power-cycle", self._power_cycle),
                web.post("/cameras/{serial}/reset-button", self._reset_button),
                web.post("/faults", self._faults_of_many),
            ]
        )
        return app

    async def _totals(self, _request: web.Request) -> web.Response:
        return web.json_response(self._fleet.totals())

    async def _cameras(self, _request: web.Request) -> web.Response:
        faces = self._fleet.faces.values()
        return web.json_response({"cameras": [self._fleet.describe(face) for face in faces]})

    async def _add(self, request: web.Request) -> web.Response:
        added = self._fleet.add(read_wanted(await _object(request)))
        content = {"cameras": [self._fleet.describe(face) for face in added]}
        return web.json_response(content, status=201)

    async def _camera(self, request: web.Request) -> web.Response:
        return web.json_response(self._detailed(self._face(request)))

    async def _faults(self, request: web.Request) -> web.Response:
        face = self._face(request)
        self._fleet.set_faults(await _object(request), [face.camera.serial])
        return web.json_response(self._detailed(face))

    async def _faults_of_many(self, request: web.Request) -> web.Response:
        """Of the cameras named in `serials`, or of all."""
        wanted = await _object(request)
        serials = wanted.pop("serials", list(self._fleet.faces))
        if not isinstance(serials, list) or any(one not in self._fleet.faces for one in serials):
            return _problem(400, "serials is a list of serial numbers of this fleet.")
        self._fleet.set_faults(wanted, serials)
        return web.json_response({"cameras": len(serials)})

    async def _power_cycle(self, request: web.Request) -> web.Response:
        face = self._face(request)
        face.camera.power_cycle()
        return web.json_response(self._detailed(face))

    async def _reset_button(self, request: web.Request) -> web.Response:
        face = self._face(request)
        face.camera.press_reset_button()
        return web.json_response(self._detailed(face))

    def _face(self, request: web.Request) -> Face:
        serial = request.match_info["serial"].upper()
        face = self._fleet.faces.get(serial)
        if face is None:
            raise web.HTTPNotFound(text=f"There is no camera {serial}.")
        return face

    def _detailed(self, face: Face) -> dict[str, Any]:
        camera = face.camera
        firmware = camera.firmware
        return {
            **self._fleet.describe(face),
            "counters": camera.counters.as_json(),
            "requests_by_api": dict(camera.requests_by_api),
            "firmware": {
                "active": firmware.active.version,
                "inactive": firmware.inactive.version if firmware.inactive else None,
                "committed": firmware.is_committed,
                "seconds_to_rollback": camera.seconds_to_rollback,
            },
            "uploading": camera.uploading,
            "last_upload_sha256": camera.last_upload_sha256,
            "boot_id": camera.boot_id,
            "uptime": camera.uptime,
        }


async def _object(request: web.Request) -> dict[str, Any]:
    try:
        content = await request.json()
    except json.JSONDecodeError:
        content = None
    if not isinstance(content, dict):
        raise web.HTTPBadRequest(text="The body is not a JSON object.")
    return content
