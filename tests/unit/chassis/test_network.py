"""Whom requests are counted for."""

from __future__ import annotations

import pytest

from chassis.network import origin


@pytest.mark.parametrize(
    ("ip", "counted_as"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:0:1:2:3:4:5", "2001:db8:0:1::/64"),
    ],
)
def test_a_subscriber_is_one_origin(ip: str, counted_as: str) -> None:
    assert origin(ip) == counted_as


def test_neighbours_in_one_ipv6_network_count_together() -> None:
    assert origin("2001:db8:0:1::1") == origin("2001:db8:0:1:ffff::2")
    assert origin("2001:db8:0:1::1") != origin("2001:db8:0:2::1")
