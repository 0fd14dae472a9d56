"""The client's address, its rate, and the request's id."""

from __future__ import annotations

import ipaddress
import string
from dataclasses import dataclass
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.limits import RateExceeded, RateLimit, client_ip, network, request_id, user_agent

addresses = st.ip_addresses(v=4).map(str)


@dataclass
class Watch:
    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_without_trusted_proxies_a_forwarded_address_means_nothing() -> None:
    assert client_ip("192.0.2.1", "198.51.100.7", 0) == "192.0.2.1"


@given(st.lists(st.text(string.printable, max_size=20), max_size=5), addresses, addresses)
def test_what_a_client_writes_in_front_never_changes_its_address(
    forged: list[str], seen: str, peer: str
) -> None:
    """security 2.2: only from a configured number of trusted proxies."""
    assert client_ip(peer, ",".join([*forged, seen]), 1) == seen


@given(
    forged=st.lists(st.one_of(addresses, st.text(string.printable, max_size=20)), max_size=5),
    seen=addresses,
    peer=addresses,
    proxies=st.integers(1, 4),
)
def test_each_proxy_more_is_one_entry_more(
    forged: list[str], seen: str, peer: str, proxies: int
) -> None:
    """security 2.2: whatever stands before what the outermost trusted proxy saw."""
    inner = [f"10.0.0.{n}" for n in range(1, proxies)]
    assert client_ip(peer, ",".join([*forged, seen, *inner]), proxies) == seen


@given(header=st.text(max_size=200), peer=st.text(max_size=60), proxies=st.integers(-2, 3))
def test_any_header_gives_an_address_that_can_be_counted_and_kept(
    header: str, peer: str, proxies: int
) -> None:
    found = client_ip(peer, header, proxies)
    assert ipaddress.ip_address(found)
    assert len(found) <= 39
    assert network(found)


def test_behind_two_proxies_the_entry_before_the_last_counts() -> None:
    assert client_ip("10.0.0.2", "1.1.1.1, 198.51.100.7, 10.0.0.1", 2) == "198.51.100.7"


def test_a_header_shorter_than_the_chain_did_not_come_through_it() -> None:
    assert client_ip("10.0.0.2", "198.51.100.7", 2) == "10.0.0.2"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("198.51.100.7:4711", "198.51.100.7"),
        ("[2001:db8::7]:4711", "2001:db8::7"),
        ("2001:DB8::7", "2001:db8::7"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("[::ffff:198.51.100.7]:4711", "198.51.100.7"),
        (f"fe80::7%{'x' * 500}", "fe80::7"),
        ("198.51.100.007", "10.0.0.2"),
        ("198.51.100.7.", "10.0.0.2"),
        ("198.51.100.7/24", "10.0.0.2"),
        ("[2001:db8::7", "10.0.0.2"),
        ("３.3.3.3", "10.0.0.2"),
        ("-", "10.0.0.2"),
        ("unknown", "10.0.0.2"),
        ("", "10.0.0.2"),
    ],
)
def test_an_entry_is_an_address_with_or_without_a_port(written: str, read: str) -> None:
    assert client_ip("10.0.0.2", written, 1) == read


@pytest.mark.parametrize("peer", [None, "", "unknown"])
def test_peers_without_an_address_are_one(peer: str | None) -> None:
    """Security 2.2: whoever cannot be told apart is not free of limits."""
    assert client_ip(peer, None, 0) == client_ip(peer, "not an address", 1) == "::"


@pytest.mark.parametrize("offered", ["a", "A-z_0.9", "x" * 64])
def test_a_well_formed_request_id_is_kept(offered: str) -> None:
    assert request_id(offered) == offered


@pytest.mark.parametrize("offered", [None, "", "x" * 65, "a b", 'a"b', "a\nb", "é"])
def test_any_other_request_id_is_replaced(offered: str | None) -> None:
    assert UUID(request_id(offered)).version == 4


def test_a_user_agent_is_shortened_and_printable() -> None:
    assert user_agent("curl/8.0\x1b[31m" + "x" * 500) == "curl/8.0?[31m" + "x" * 243
    assert user_agent(None) is None


def test_one_subscriber_of_ipv6_is_one_network() -> None:
    assert network("2001:db8:1:2:3::4") == network("2001:db8:1:2:ffff::9")
    assert network("2001:db8:1:2::4") != network("2001:db8:1:3::4")
    assert network("::ffff:192.0.2.1") == "192.0.2.1"


def test_a_full_bucket_holds_a_minutes_requests_and_no_more() -> None:
    watch = Watch()
    rate = RateLimit(60, watch)
    for _ in range(60):
        rate.spend("192.0.2.1")
    with pytest.raises(RateExceeded) as refused:
        rate.spend("192.0.2.1")
    assert refused.value.facts == {"retry_after": "1"}


def test_one_address_does_not_slow_another() -> None:
    rate = RateLimit(1, Watch())
    rate.spend("192.0.2.1")
    rate.spend("192.0.2.2")


def test_whoever_waits_as_long_as_told_is_served() -> None:
    watch = Watch()
    rate = RateLimit(6, watch)
    for _ in range(6):
        rate.spend("192.0.2.1")
    with pytest.raises(RateExceeded) as refused:
        rate.spend("192.0.2.1")
    watch.seconds += int(refused.value.facts["retry_after"])
    rate.spend("192.0.2.1")


@given(st.lists(st.floats(0, 30), max_size=200))
def test_no_pattern_of_waiting_gets_more_than_the_rate_and_one_bucket(waits: list[float]) -> None:
    watch = Watch()
    rate = RateLimit(30, watch)
    served = 0
    for wait in waits:
        watch.seconds += wait
        try:
            rate.spend("192.0.2.1")
            served += 1
        except RateExceeded:
            pass
    assert served <= 30 + watch.seconds / 2 + 1e-6


def test_a_limit_of_zero_is_none() -> None:
    rate = RateLimit(0, Watch())
    for _ in range(1000):
        rate.spend("192.0.2.1")


def test_only_so_many_addresses_are_remembered() -> None:
    rate = RateLimit(1, Watch(), capacity=2)
    for last in (1, 2, 3):
        rate.spend(f"192.0.2.{last}")
    rate.spend("192.0.2.1")
    with pytest.raises(RateExceeded):
        rate.spend("192.0.2.3")
