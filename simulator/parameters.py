"""The parameters of a camera as `param.cgi` lists them."""

from collections.abc import Mapping
from typing import Final

from simulator.auth import POLICY
from simulator.camera import Camera
from simulator.identity import properties
from simulator.releases import has_time_parameters, is_hardened
from simulator.settings import FRIENDLY_NAME
from simulator.throttle import BLOCK_SECONDS, FAILURES, SWITCH, WINDOW_SECONDS

READ_ONLY: Final = (
    "Brand.",
    "Properties.",
    "PTZ.Limit.",
    "System.RootPwdSet",
    "Network.eth0.",
    "Time.NTP.Volatile",
)
# Set but never told.
SECRET: Final = frozenset({"Network.SMTP.Password", "SNMP.V3.InitialUserPasswd"})
MASK: Final = "******"
DEFAULT_COMPRESSION: Final = 25
DEFAULT_FPS: Final = 5


def parameters(camera: Camera) -> dict[str, str]:
    """All of them, without the `root.` in front; what was set wins over what is made up here."""
    known = {
        **_properties(camera),
        **_network(camera),
        **_system(camera),
        **_image(camera),
        **_ptz(camera),
    }
    known.update(camera.settings.parameters)
    known.update(dict.fromkeys(SECRET, MASK))
    return known


def default_resolution(camera: Camera) -> str:
    """Small, so that many cameras can be watched at once."""
    return next(some for some in camera.profile.resolutions if some.startswith("640x"))


def _properties(camera: Camera) -> Mapping[str, str]:
    device = properties(camera)
    brand = ("Brand", "ProdFullName", "ProdNbr", "ProdShortName", "ProdType", "ProdVariant")
    system = ("SerialNumber", "HardwareID", "Architecture", "Soc")
    profile = camera.profile
    return {
        **{f"Brand.{name}": device[name] for name in (*brand, "WebURL")},
        "Properties.API.HTTP.Version": "3",
        "Properties.API.Metadata.Metadata": "yes",
        "Properties.API.Metadata.Version": "1.0",
        "Properties.API.PTZ.Presets.Version": "2.00",
        "Properties.EmbeddedDevelopment.EmbeddedDevelopment": "yes",
        "Properties.EmbeddedDevelopment.Version": "2.16",
        "Properties.Firmware.BuildDate": device["BuildDate"],
        "Properties.Firmware.BuildNumber": "1",
        "Properties.Firmware.Version": camera.version,
        "Properties.FirmwareManagement.Version": camera.offer.firmware_management or "",
        "Properties.Image.Format": "jpeg,mjpeg,h264",
        "Properties.Image.NbrOfViews": "1",
        "Properties.Image.Resolution": ",".join(profile.resolutions),
        "Properties.Image.Rotation": "0,180",
        "Properties.LocalStorage.ExportRecording": "yes",
        "Properties.LocalStorage.LocalStorage": "yes",
        "Properties.PTZ.DigitalPTZ": "no",
        "Properties.PTZ.PTZ": "no" if profile.ptz is None else "yes",
        **{f"Properties.System.{name}": device[name] for name in system},
        "Properties.System.Language": "English",
    }


def _network(camera: Camera) -> Mapping[str, str]:
    serial = camera.shown_serial
    is_open = not is_hardened(camera.version)
    return {
        "HTTPS.Enabled": "yes",
        "HTTPS.Port": "443",
        FRIENDLY_NAME: camera.name,
        "Network.BootProto": "dhcp",
        "Network.Broadcast": "192.168.0.255",
        "Network.DefaultRouter": "192.168.0.1",
        "Network.DNSServer1": "192.168.0.1",
        "Network.eth0.MACAddress": mac_address(serial),
        POLICY: "recommended",
        "Network.HostName": f"axis-{serial.lower()}",
        "Network.Interface.I0.dot1x.Enabled": "no",
        "Network.IPAddress": "192.168.0.90",
        "Network.SMTP.Password": MASK,
        "Network.SSH.Enabled": "no",
        "Network.SubnetMask": "255.255.255.0",
        "Network.UPnP.Enabled": "yes" if is_open else "no",
        "Network.UPnP.FriendlyName": camera.name,
        "RemoteService.Enabled": "oneclick",
        "RemoteService.ServerList": "dispatcher.example:443",
        "WebService.DiscoveryMode.Discoverable": "yes" if is_open else "no",
    }


def _system(camera: Camera) -> Mapping[str, str]:
    zone = {"Time.DST.Enabled": "no", "Time.POSIXTimeZone": "UTC0"}
    return {
        "System.PreventDoSAttack.DoSBlockingPeriod": str(int(BLOCK_SECONDS)),
        "System.PreventDoSAttack.DoSPageCount": str(FAILURES),
        "System.PreventDoSAttack.DoSPageInterval": str(int(WINDOW_SECONDS)),
        SWITCH: "on",
        "System.RootPwdSet": "no" if camera.settings.needs_setup else "yes",
        **(zone if has_time_parameters(camera.version) else {}),
        "Time.NTP.Server": "0.0.0.0",  # noqa: S104
        "Time.NTP.VolatileServer": "192.168.0.1",
        "Time.ObtainFromDHCP": "yes",
        "Time.SyncSource": "NTP",
    }


def _image(camera: Camera) -> Mapping[str, str]:
    return {
        "Image.NbrOfConfigs": "1",
        "Image.I0.Appearance.Compression": str(DEFAULT_COMPRESSION),
        "Image.I0.Appearance.Resolution": default_resolution(camera),
        "Image.I0.Appearance.Rotation": "0",
        "Image.I0.Enabled": "yes",
        "Image.I0.Name": "View Area 1",
        "Image.I0.Source": "0",
        "Image.I0.Stream.FPS": str(DEFAULT_FPS),
        "Image.I0.Stream.NbrOfFrames": "0",
        "ImageSource.NbrOfSources": "1",
        "ImageSource.I0.Name": "Camera",
        "StreamProfile.MaxGroups": "26",
    }


def _ptz(camera: Camera) -> Mapping[str, str]:
    limits = camera.profile.ptz
    if limits is None:
        return {}
    ends = {"Pan": limits.pan, "Tilt": limits.tilt, "Zoom": limits.zoom}
    return {
        "PTZ.CameraDefault": "1",
        "PTZ.CamPorts.Cam1Port": "1",
        "PTZ.ImageSource.I0.PTZEnabled": "true",
        **{f"PTZ.Limit.L1.Min{name}": f"{low:.0f}" for name, (low, _) in ends.items()},
        **{f"PTZ.Limit.L1.Max{name}": f"{high:.0f}" for name, (_, high) in ends.items()},
        "PTZ.NbrOfCameras": "1",
        "PTZ.NbrOfSerPorts": "0",
        "PTZ.Various.V1.CtlQueueing": "false",
        "PTZ.Various.V1.CtlQueueLimit": "20",
        "PTZ.Various.V1.CtlQueuePollTime": "20",
        "PTZ.Various.V1.HomePresetSet": "true",
    }


def mac_address(serial: str) -> str:
    return ":".join(serial[at : at + 2] for at in range(0, 12, 2))
