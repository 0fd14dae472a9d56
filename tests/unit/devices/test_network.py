"""Addresses a tenant may give (specification, devices chapter 2: SSRF)."""

from __future__ import annotations

from ipaddress import IPv4Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.devices.domain.network import AddressNotAllowed, AllowList, HostUnknown
from services.devices.domain.settings import DevicesSettings

SETTINGS = DevicesSettings()
DEFAULT = AllowList.of(SETTINGS.networks, SETTINGS.denied_networks)


@pytest.mark.parametrize(
    "address", ["10.1.2.3", "172.31.255.1", "192.168.0.90", "169.254.7.7", "fd00::5", "fe80::1"]
)
def test_private_and_link_local_addresses_are_allowed_by_default(address: str) -> None:
    assert DEFAULT.choose("camera", [address]) == address


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "::1",
        "0.0.0.0",
        "::",
        "8.8.8.8",
        "172.32.0.1",
        "169.254.169.254",
        "fd00:ec2::254",
        "224.0.0.251",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "2002:7f00:1::",
        "64:ff9b::7f00:1",
        "2001:4860:4860::8888",
    ],
)
def test_everything_else_is_not_however_it_is_written(address: str) -> None:
    with pytest.raises(AddressNotAllowed):
        DEFAULT.choose("camera", [address])


def test_one_bad_address_among_good_ones_refuses_the_name() -> None:
    with pytest.raises(AddressNotAllowed):
        DEFAULT.choose("camera", ["10.0.0.1", "127.0.0.1"])


def test_a_name_without_an_address_is_unknown() -> None:
    with pytest.raises(HostUnknown):
        DEFAULT.choose("camera", [])


def test_what_is_denied_stays_so_where_all_is_allowed() -> None:
    everything = AllowList.of(["0.0.0.0/0", "::/0"], ["192.0.2.0/24"])
    assert everything.choose("camera", ["198.51.100.7"]) == "198.51.100.7"
    with pytest.raises(AddressNotAllowed):
        everything.choose("camera", ["192.0.2.7"])


@given(st.ip_addresses(v=4))
def test_ipv4_in_the_clothes_of_ipv6_is_judged_as_ipv4(address: IPv4Address) -> None:
    mapped = ip_address(f"::ffff:{address}")
    translated = ip_address(int(ip_address("64:ff9b::")) | int(address))
    assert DEFAULT.admits(mapped) == DEFAULT.admits(address) == DEFAULT.admits(translated)
