"""oak.cgi: the owner authentication key, fetched from the maker by a camera with internet."""

from typing import Final

from aiohttp import web

from simulator.call import Call
from simulator.camera import Camera
from simulator.endpoints.json_api import MethodRefused, answer_methods
from simulator.settings import Role

SERVED: Final = "1.0"


async def answer_call(call: Call) -> web.Response:
    return await answer_methods(call, SERVED, {"getOAK": _owner_key}, Role.ADMIN)


def _owner_key(camera: Camera) -> dict[str, str]:
    if camera.faults.no_internet:
        raise MethodRefused(1100, "The device is not connected to the internet")
    return {"oak": camera.owner_key}
