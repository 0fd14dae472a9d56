"""time.cgi and ntp.cgi: the camera's clock and what sets it."""

from typing import Any, Final

from aiohttp import web

from simulator.call import Call
from simulator.camera import Camera
from simulator.endpoints.json_api import answer_methods
from simulator.settings import Role

TIME_ZONE: Final = "UTC0"
LAST_YEAR: Final = 2069


async def answer_time(call: Call) -> web.Response:
    methods = {"getDateTimeInfo": _date_time_info}
    return await answer_methods(call, call.camera.offer.time_service, methods, Role.VIEWER)


async def answer_ntp(call: Call) -> web.Response:
    methods = {"getNTPInfo": _ntp_info}
    return await answer_methods(call, call.camera.offer.ntp, methods, Role.ADMIN)


def _date_time_info(camera: Camera) -> dict[str, Any]:
    return {
        "dateTime": f"{camera.clock:%Y-%m-%dT%H:%M:%SZ}",
        "localDateTime": f"{camera.clock:%Y-%m-%dT%H:%M:%S+00:00}",
        "maxYearSupported": LAST_YEAR,
        "posixTimeZone": TIME_ZONE,
        "dstEnabled": False,
    }


def _ntp_info(_camera: Camera) -> dict[str, Any]:
    return {
        "client": {
            "enabled": True,
            "serversSource": "DHCP",
            "maxSupportedStaticServers": 5,
            "staticServers": [],
            "advertisedServers": ["192.168.0.1"],
            "synced": True,
            "timeToNextSync": 44,
            "timeOffset": 0.016,
        }
    }
