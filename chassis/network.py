"""Network: who is behind an IP address, as far as it can be told."""

from __future__ import annotations

import ipaddress


def origin(ip: str) -> str:
    """What one subscriber holds: an IPv4 address, or an IPv6 network of 64 bits."""
    address = ipaddress.ip_address(ip)
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((int(address) >> 64 << 64, 64)))
    return str(address)
