"""The VAPIX APIs of a camera, one small module each."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Final

from aiohttp import web

from simulator.call import Call
from simulator.endpoints import (
    apidiscovery,
    basicdeviceinfo,
    firmwaremanagement,
    param,
    pwdgrp,
    systemready,
)

Endpoint = Callable[[Call], Awaitable[web.Response]]

ROUTES: Final[Mapping[str, Endpoint]] = MappingProxyType(
    {
        "/axis-cgi/apidiscovery.cgi": apidiscovery.answer_call,
        "/axis-cgi/basicdeviceinfo.cgi": basicdeviceinfo.answer_call,
        "/axis-cgi/firmwaremanagement.cgi": firmwaremanagement.answer_call,
        "/axis-cgi/param.cgi": param.answer_call,
        "/axis-cgi/pwdgrp.cgi": pwdgrp.answer_call,
        "/axis-cgi/systemready.cgi": systemready.answer_call,
    }
)
