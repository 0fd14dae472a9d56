"""Network: the addresses of cameras that this installation may connect to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from contracts.errors import Invalid

Ip = IPv4Address | IPv6Address


class AddressNotAllowed(Invalid):
    """The address lies outside the networks that this installation connects to."""

    code = "address-not-allowed"


class HostUnknown(Invalid):
    """The name has no address."""

    code = "host-unknown"


@dataclass(frozen=True)
class AllowList:
    """Networks that cameras may be in, less those kept out of them."""

    allowed: tuple[IPv4Network | IPv6Network, ...]
    denied: tuple[IPv4Network | IPv6Network, ...] = ()

    @classmethod
    def of(cls, allowed: Iterable[str], denied: Iterable[str] = ()) -> AllowList:
        """:raises ValueError: one of them does not read as a network."""
        return cls(tuple(map(ip_network, allowed)), tuple(map(ip_network, denied)))

    def admits(self, address: Ip) -> bool:
        plain = _plain(address)
        if plain.is_multicast or plain.is_unspecified:
            return False
        return _within(plain, self.allowed) and not _within(plain, self.denied)

    def choose(self, host: str, resolved: Iterable[str]) -> str:
        """The address to connect to, of those a name stands for.

        One that is not allowed refuses them all: a name that stands for both is up to no good.

        :raises HostUnknown: there is none.
        :raises AddressNotAllowed: without saying what the name stands for.
        """
        addresses = [ip_address(text) for text in resolved]
        if not addresses:
            raise HostUnknown(f"{host} has no address.")
        if not all(self.admits(address) for address in addresses):
            raise AddressNotAllowed(
                f"{host} is not in a network that this installation connects to."
            )
        return str(addresses[0])


def _plain(address: Ip) -> Ip:
    """IPv4 in its several IPv6 disguises counts as IPv4."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address.sixtofour is not None:
            return address.sixtofour
        if int(address) >> 32 == _NAT64:
            return IPv4Address(int(address) & 0xFFFF_FFFF)
        return IPv6Address(int(address))
    return address


_NAT64 = int(IPv6Address("64:ff9b::")) >> 32


def _within(address: Ip, networks: Iterable[IPv4Network | IPv6Network]) -> bool:
    return any(address.version == network.version and address in network for network in networks)
