"""network_settings.cgi: how a camera is connected (AXIS OS 8.50)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from services.devices.vapix import envelope
from services.devices.vapix.session import Session

PATH = "/axis-cgi/network_settings.cgi"


@dataclass(frozen=True)
class Interface:
    """``addresses`` are written with the length of their prefix."""

    name: str
    mac_address: str
    has_link: bool
    is_up: bool
    ipv4_mode: str
    addresses: tuple[str, ...]
    router: str
    has_8021x: bool


@dataclass(frozen=True)
class NetworkInfo:
    hostname: str
    name_servers: tuple[str, ...]
    has_proxy: bool
    interfaces: tuple[Interface, ...]


def read(session: Session) -> NetworkInfo:
    data = envelope.data(session.signed(PATH, envelope.request("getNetworkInfo")))
    system = envelope.part(data, "system")
    proxies = envelope.part(system, "globalProxies")
    return NetworkInfo(
        hostname=envelope.text(envelope.part(system, "hostname"), "hostname"),
        name_servers=_texts(envelope.part(system, "resolver"), "nameServers"),
        has_proxy=any(envelope.text(proxies, name) for name in ("httpProxy", "httpsProxy")),
        interfaces=tuple(map(_interface, _parts(data, "devices"))),
    )


def _interface(entry: Mapping[str, Any]) -> Interface:
    four, six = envelope.part(entry, "IPv4"), envelope.part(entry, "IPv6")
    wired = envelope.part(entry, "wired")
    return Interface(
        name=envelope.text(entry, "name"),
        mac_address=envelope.text(entry, "macAddress"),
        has_link=envelope.flag(entry, "link") is True,
        is_up=envelope.text(entry, "state") == "up",
        ipv4_mode=envelope.text(four, "configurationMode"),
        addresses=tuple(
            _address(each) for family in (four, six) for each in _parts(family, "addresses")
        ),
        router=envelope.text(four, "defaultRouter"),
        has_8021x=envelope.flag(envelope.part(wired, "8021X"), "enabled") is True,
    )


def _address(entry: Mapping[str, Any]) -> str:
    length = envelope.number(entry, "prefixLength")
    address = envelope.text(entry, "address")
    return address if length is None else f"{address}/{length}"


def _parts(values: Mapping[str, Any], name: str) -> Iterable[Mapping[str, Any]]:
    return (each for each in envelope.items(values, name) if isinstance(each, dict))


def _texts(values: Mapping[str, Any], name: str) -> tuple[str, ...]:
    return tuple(filter(None, map(envelope.shown, envelope.items(values, name))))
