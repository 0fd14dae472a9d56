"""network_settings.cgi: the network as the camera has it; the parameters say the same."""

from ipaddress import IPv4Interface
from typing import Any

from aiohttp import web

from simulator.call import Call
from simulator.camera import Camera
from simulator.endpoints.json_api import answer_methods
from simulator.parameters import mac_address, parameters
from simulator.settings import Role


async def answer_call(call: Call) -> web.Response:
    methods = {"getNetworkInfo": _network_info}
    return await answer_methods(call, call.camera.offer.network_settings, methods, Role.ADMIN)


def _network_info(camera: Camera) -> dict[str, Any]:
    known = parameters(camera)
    return {
        "system": {
            "hostname": {
                "useDhcpHostname": True,
                "hostname": known["Network.HostName"],
                "staticHostname": known["Network.HostName"],
            },
            "resolver": {
                "useDhcpResolverInfo": True,
                "nameServers": [known["Network.DNSServer1"]],
                "staticNameServers": [],
                "maxSupportedStaticNameServers": 3,
                "searchDomains": [],
                "domainName": "",
            },
            "globalProxies": {"httpProxy": "", "httpsProxy": "", "noProxy": ""},
        },
        "devices": [
            {
                "name": "eth0",
                "type": "wired",
                "macAddress": mac_address(camera.shown_serial).lower(),
                "link": True,
                "state": "up",
                "staticState": "up",
                "wired": {
                    "linkMode": "auto",
                    "8021X": {
                        "enabled": known["Network.Interface.I0.dot1x.Enabled"] == "yes",
                        "status": "Stopped",
                        "mode": "WPA-Enterprise-EAPTLS",
                    },
                },
                "IPv4": _ipv4(known),
                "IPv6": {"enabled": False, "addresses": []},
            }
        ],
    }


def _ipv4(known: dict[str, str]) -> dict[str, Any]:
    mode = "dhcp" if known["Network.BootProto"] == "dhcp" else "static"
    address = IPv4Interface(f"{known['Network.IPAddress']}/{known['Network.SubnetMask']}")
    return {
        "enabled": True,
        "configurationMode": mode,
        "linkLocalMode": "fallback",
        "addresses": [
            {
                "address": str(address.ip),
                "prefixLength": address.network.prefixlen,
                "origin": mode,
                "scope": "global",
                "broadcast": known["Network.Broadcast"],
            }
        ],
        "maxSupportedStaticAddressConfigurations": 1,
        "defaultRouter": known["Network.DefaultRouter"],
    }
