"""The VAPIX APIs of a camera, one small module each."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Final

from aiohttp import web

from simulator.call import Call
from simulator.endpoints import (
    apidiscovery,
    applications,
    basicdeviceinfo,
    clock,
    firmwaremanagement,
    legacy,
    network_settings,
    oak,
    param,
    pictures,
    ptz,
    pwdgrp,
    record,
    rest,
    systemready,
)

Endpoint = Callable[[Call], Awaitable[web.StreamResponse]]

ROUTES: Final[Mapping[str, Endpoint]] = MappingProxyType(
    {
        "/axis-cgi/apidiscovery.cgi": apidiscovery.answer_call,
        "/axis-cgi/applications/config.cgi": applications.answer_config,
        "/axis-cgi/applications/control.cgi": applications.answer_control,
        "/axis-cgi/applications/list.cgi": applications.answer_list,
        "/axis-cgi/applications/upload.cgi": applications.answer_upload,
        "/axis-cgi/basicdeviceinfo.cgi": basicdeviceinfo.answer_call,
        "/axis-cgi/com/ptz.cgi": ptz.answer_call,
        "/axis-cgi/factorydefault.cgi": legacy.answer_factory_default,
        "/axis-cgi/firmwaremanagement.cgi": firmwaremanagement.answer_call,
        "/axis-cgi/firmwareupgrade.cgi": legacy.answer_upgrade,
        "/axis-cgi/hardfactorydefault.cgi": legacy.answer_hard_factory_default,
        "/axis-cgi/jpg/image.cgi": pictures.answer_image,
        "/axis-cgi/mjpg/video.cgi": pictures.answer_video,
        "/axis-cgi/network_settings.cgi": network_settings.answer_call,
        "/axis-cgi/ntp.cgi": clock.answer_ntp,
        "/axis-cgi/oak.cgi": oak.answer_call,
        "/axis-cgi/param.cgi": param.answer_call,
        "/axis-cgi/pwdgrp.cgi": pwdgrp.answer_call,
        "/axis-cgi/record/export/exportrecording.cgi": record.answer_export,
        "/axis-cgi/record/export/properties.cgi": record.answer_properties,
        "/axis-cgi/record/list.cgi": record.answer_list,
        "/axis-cgi/restart.cgi": legacy.answer_restart,
        "/axis-cgi/systemready.cgi": systemready.answer_call,
        "/axis-cgi/time.cgi": clock.answer_time,
        "/axis-cgi/usergroup.cgi": pwdgrp.answer_own_groups,
    }
)


def endpoint_for(path: str) -> Endpoint | None:
    """Everything below `/config/` is one endpoint, which finds its way itself."""
    if path.startswith(rest.PREFIX):
        return rest.answer_call
    return ROUTES.get(path)
