"""param.cgi: the parameters as lines of text, asked for by group."""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Final

from aiohttp import web

from simulator.auth import POLICY
from simulator.call import Call, text_answer
from simulator.camera import Camera
from simulator.endpoints.basicdeviceinfo import properties
from simulator.releases import is_basic_over_tls
from simulator.settings import Role
from simulator.throttle import BLOCK_SECONDS, FAILURES, WINDOW_SECONDS

READ_ONLY: Final = ("Brand.", "Properties.", "System.RootPwdSet", "Network.eth0.")


def parameters(camera: Camera) -> dict[str, str]:
    """All parameters, without the `root.` in front."""
    device = properties(camera)
    serial = camera.shown_serial
    friendly = f"{device['ProdFullName']} - {serial}"
    brand = (
        "Brand",
        "ProdFullName",
        "ProdNbr",
        "ProdShortName",
        "ProdType",
        "ProdVariant",
        "WebURL",
    )
    system = ("SerialNumber", "HardwareID", "Architecture", "Soc")
    return {
        **{f"Brand.{name}": device[name] for name in brand},
        "Properties.Firmware.Version": camera.version,
        "Properties.Firmware.BuildDate": device["BuildDate"],
        "Properties.Firmware.BuildNumber": "1",
        "Properties.FirmwareManagement.Version": camera.offer.firmware_management or "",
        "Properties.EmbeddedDevelopment.Version": "2.16",
        "Properties.Image.Resolution": camera.profile.resolution,
        "Properties.PTZ.PTZ": "yes" if camera.profile.has_ptz else "no",
        **{f"Properties.System.{name}": device[name] for name in system},
        "Network.BootProto": "dhcp",
        "Network.IPAddress": "192.168.0.90",
        "Network.eth0.MACAddress": ":".join(serial[at : at + 2] for at in range(0, 12, 2)),
        "Network.Bonjour.FriendlyName": friendly,
        "Network.UPnP.Enabled": "no" if is_basic_over_tls(camera.version) else "yes",
        "Network.UPnP.FriendlyName": friendly,
        "Network.SSH.Enabled": "no",
        POLICY: "recommended",
        "HTTPS.Enabled": "yes",
        "HTTPS.Port": "443",
        "RemoteService.Enabled": "oneclick",
        "System.RootPwdSet": "no" if camera.settings.needs_setup else "yes",
        "System.PreventDoSAttack.ActivatePasswordThrottling": "on",
        "System.PreventDoSAttack.DoSPageCount": str(FAILURES),
        "System.PreventDoSAttack.DoSPageInterval": str(int(WINDOW_SECONDS)),
        "System.PreventDoSAttack.DoSBlockingPeriod": str(int(BLOCK_SECONDS)),
        **camera.settings.parameters,
    }


async def answer_call(call: Call) -> web.Response:
    arguments = await call.arguments()
    action = arguments.pop("action", "list")
    if action == "list":
        call.require(Role.VIEWER)
        return text_answer(_listed(parameters(call.camera), arguments.get("group", "root")))
    call.require(Role.ADMIN)
    if action == "update":
        return text_answer(_updated(call.camera, arguments))
    return text_answer("# Error: malformed action operation\n")


def _listed(known: Mapping[str, str], groups: str) -> str:
    """The names echo the form they were asked for in, with or without `root.`."""
    lines = []
    for group in groups.split(","):
        prefix = "root." if group == "root" or group.startswith("root.") else ""
        wanted = group.removeprefix("root").removeprefix(".").removesuffix(".*")
        found = [name for name in known if _is_in(name, wanted)]
        if not found:
            lines.append(f"# Error: Error -1 getting param in group '{group}'")
        lines += [f"{prefix}{name}={known[name]}" for name in found]
    return "\n".join(lines) + "\n"


def _is_in(name: str, group: str) -> bool:
    if group == "":
        return True
    return fnmatchcase(name, group) or fnmatchcase(name, f"{group}.*")


def _updated(camera: Camera, arguments: Mapping[str, str]) -> str:
    known = parameters(camera)
    wanted = {name.removeprefix("root."): value for name, value in arguments.items()}
    refused = [name for name in wanted if name not in known or name.startswith(READ_ONLY)]
    if refused:
        lines = (f"# Error: Error setting 'root.{name}' to '{wanted[name]}'!" for name in refused)
        return "\n".join(lines) + "\n"
    camera.settings = camera.settings.with_parameters(wanted)
    return "OK"
