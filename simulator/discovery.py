"""Which APIs a camera lists: those it serves, and the many that the simulator leaves out.

What is served may be newer than what is listed.
"""

from dataclasses import dataclass
from typing import Final

from simulator.releases import Release, offer, release

OFFICIAL: Final = "official"
DEPRECATED: Final = "deprecated"


@dataclass(frozen=True, slots=True)
class Api:
    """One entry of the list."""

    id: str
    name: str
    version: str
    status: str = OFFICIAL


# Listed as real cameras list them, and answered with 404 here: id, name, first release, version.
OTHERS: Final[tuple[tuple[str, str, Release, str], ...]] = (
    ("audio-device-control", "Audio Device Control", (9, 0), "1.0"),
    ("audio-streaming-capabilities", "Audio Streaming Capabilities", (9, 0), "1.0"),
    ("capture-mode", "Capture Mode", (9, 0), "1.0"),
    ("customhttpheader", "Custom HTTP header", (9, 0), "1.0"),
    ("disk-management", "Edge storage Disk management", (9, 0), "1.0"),
    ("disk-network-share", "Edge storage Network share", (9, 0), "1.0"),
    ("disk-properties", "Edge storage Disk properties", (9, 0), "1.1"),
    ("dynamicoverlay", "Dynamic Overlay", (9, 0), "1.0"),
    ("event-streaming-over-websocket", "Event Streaming over WebSocket", (9, 0), "1.0"),
    ("feature-flag", "Feature Flag API", (9, 0), "1.0"),
    ("guard-tour", "Guard Tour", (9, 0), "1.0"),
    ("image-size", "Image Size", (9, 0), "1.0"),
    ("io-port-management", "IO Port Management", (9, 0), "1.0"),
    ("light-control", "Light Control", (9, 0), "1.1"),
    ("mdnssd", "mDNS-SD", (9, 0), "1.1"),
    ("mediaclip", "Mediaclip", (9, 0), "1.0"),
    ("onscreencontrols", "On-Screen Controls", (9, 0), "1.4"),
    ("overlayimage", "Overlay image API", (9, 0), "1.0"),
    ("packagemanager", "Package Manager", (9, 0), "1.4"),
    ("privacy-mask", "Privacy Masking", (9, 0), "2.4"),
    ("recording-storage-limit", "Edge Recording storage limit", (9, 0), "1.0"),
    ("remote-syslog", "Remote Syslog API", (9, 0), "1.0"),
    ("remoteservice", "Remote service", (9, 0), "1.0"),
    ("rtsp-over-websocket", "RTSP Streaming over WebSocket", (9, 0), "1.0"),
    ("shuttergain-cgi", "Shuttergain CGI", (9, 0), "1.0"),
    ("ssh", "SSH", (9, 0), "1.0"),
    ("stream-profiles", "Stream Profiles", (9, 0), "1.0"),
    ("temperaturecontrol", "Temperature Control", (9, 0), "1.0"),
    ("view-area", "View Area", (9, 0), "1.0"),
    ("zipstream", "ZipStream", (9, 0), "1.0"),
    ("custom-firmware-certificate", "Custom Firmware Certificate", (10, 12), "1.0"),
    ("event-mqtt-bridge", "Event-MQTT Bridge API", (10, 12), "1.1"),
    ("mqtt-client", "MQTT Client API", (10, 12), "1.2"),
    ("sip", "Call service API", (10, 12), "2.2"),
    ("upnp", "UPnP", (10, 12), "1.1"),
    ("analytics-metadata-config", "Analytics Metadata Producer Configuration", (11, 0), "1.0"),
    ("audio-analytics", "Audio Analytics", (11, 0), "1.0"),
    # The same API a second time, in its next major version.
    ("audio-device-control", "Audio Device Control", (11, 0), "2.0"),
    ("audio-mixer", "Audio Mixer", (11, 0), "1.0"),
    ("daynight", "daynight", (11, 0), "1.2"),
    ("media-cgi", "Media stream over HTTP", (11, 0), "1.0"),
    ("network-speaker-pairing", "Network Speaker Pairing", (11, 0), "1.4"),
    ("optics-control", "Optics Control", (11, 0), "1.2"),
    ("power-settings", "Power Settings", (11, 0), "1.4"),
    ("serial-port", "Serial Port", (11, 0), "2.0"),
    ("signed-video", "Signed Video", (11, 0), "1.0"),
    ("streamstatus", "Stream Status CGI", (11, 0), "1.0"),
    ("supervised-io", "Supervised IO", (11, 0), "2.0"),
    ("audit-log", "Audit Log API", (12, 0), "1.0"),
    ("datahub-streaming-over-websocket", "Datahub Streaming over WebSocket", (12, 0), "1.0"),
    ("device-config", "Device Config API", (12, 0), "1.0"),
    ("device-self-test", "Device Self Test", (12, 0), "1.0"),
    ("privacy-mask", "Privacy Masking", (12, 0), "3.0"),
    ("recording-group", "Edge Recording group", (12, 0), "1.0"),
    ("straightenimage", "Straighten Image", (12, 0), "1.0"),
    ("video-streaming-indicator", "Video Streaming Indicator", (12, 0), "1.1"),
    ("widget-overlay", "Widget Overlay", (12, 0), "1.0"),
)


def discoverable(version: str) -> list[Api]:
    """The discovery list of this version, in alphabetical order."""
    numbers = release(version)
    others = [Api(id_, name, listed) for id_, name, since, listed in OTHERS if since <= numbers]
    return sorted((*_served(version), *others), key=lambda api: (api.id, release(api.version)))


def _served(version: str) -> list[Api]:
    o = offer(version)
    time_status = DEPRECATED if release(version) >= (13,) else OFFICIAL
    entries = [
        ("api-discovery", "API Discovery Service", "1.1"),
        ("application", "Application", "1.0"),
        ("basic-device-info", "Basic Device Information", o.basic_device_info),
        ("fwmgr", "Firmware Management", o.listed_firmware_management),
        ("network-settings", "Network Settings", o.listed_network_settings),
        ("ntp", "NTP", o.ntp),
        ("oak", "OAK", "1.0"),
        ("param-cgi", "Legacy Parameter Handling", "1.0"),
        ("ptz-control", "PTZ Control", "1.0"),
        ("recording", "Edge Recording", "1.0"),
        ("recording-export", "Export edge recording", "1.1"),
        ("systemready", "Systemready", o.listed_system_ready),
        ("user-management", "User Management", o.user_management),
    ]
    served = [Api(id_, name, listed) for id_, name, listed in entries if listed is not None]
    return [*served, Api("time-service", "Time API", o.time_service, time_status)]
