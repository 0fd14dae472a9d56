"""Whose tries are counted together: nobody gets more of them by writing headers (security 2.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import count

import pytest
from flask.testing import FlaskClient

from chassis.config import Config
from gateway.api import identity
from gateway.app import create_app
from tests.in_process import InProcess
from tests.service.identity.town import Town

# Of the default settings: wrong passwords from one address within a minute.
MOST = 10
PEER = "192.0.2.1"

Knock = Callable[..., int]


def behind(town: Town, proxies: int) -> Knock:
    """Guesses at passwords of ever other people: only the guesser's address is the same."""
    config = Config({"gateway": {"trusted_proxies": proxies}})
    app = create_app(
        config, InProcess(town.suite), clock=town.clock, blueprints=[identity.blueprint]
    )
    http: FlaskClient = app.test_client()
    numbers = count()

    def knock(*forwarded_for: str, peer: str = PEER, **headers: str) -> int:
        """The status of one guess; each text is one header of that name, joined as gunicorn does."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if forwarded_for:
            sent["X-Forwarded-For"] = ",".join(forwarded_for)
        answer = http.post(
            "/v1/sign-ins",
            json={"email": f"person{next(numbers)}@example.com", "password": "a guess"},
            headers=sent,
            environ_overrides={"REMOTE_ADDR": peer},
        )
        return answer.status_code

    return knock


def forged() -> Iterator[str]:
    """Another address each time."""
    return (f"203.0.113.{n}" for n in count(1))


def assert_counted_together(statuses: Iterable[int]) -> None:
    assert list(statuses) == [401] * MOST + [429] * 3


TRIES = range(MOST + 3)


def test_without_proxies_no_header_makes_another_address(town: Town) -> None:
    knock, other = behind(town, 0), forged()
    assert_counted_together(knock(next(other)) for _ in TRIES)
    assert knock(peer="192.0.2.2") == 401


@pytest.mark.parametrize(
    "header", ["Forwarded", "X_Real_IP", "X_Client_IP", "CF_Connecting_IP", "True_Client_IP"]
)
@pytest.mark.parametrize("proxies", [0, 1])
def test_no_other_header_is_believed(town: Town, header: str, proxies: int) -> None:
    knock, other = behind(town, proxies), forged()
    prefix = "for=" if header == "Forwarded" else ""
    assert_counted_together(knock(**{header: f"{prefix}{next(other)}"}) for _ in TRIES)


@pytest.mark.parametrize("proxies", [1, 2])
def test_what_a_client_writes_before_the_proxies_changes_nothing(town: Town, proxies: int) -> None:
    knock, other = behind(town, proxies), forged()
    inner = ["10.0.0.1"][: proxies - 1]
    assert_counted_together(
        knock(f"{next(other)}, {next(other)}", "198.51.100.7", *inner) for _ in TRIES
    )
    assert knock(next(other), "198.51.100.8", *inner) == 401
    # The first address is the one that was kept, too.
    assert {entry.ip for entry in town.audit()} == {"198.51.100.7", "198.51.100.8"}


@pytest.mark.parametrize("proxies", [1, 2])
def test_behind_proxies_each_client_is_counted_alone(town: Town, proxies: int) -> None:
    knock, other = behind(town, proxies), forged()
    inner = ["10.0.0.1"][: proxies - 1]
    assert {knock(next(other), *inner) for _ in range(3 * MOST)} == {401}


def test_whoever_comes_past_the_outer_proxy_is_the_peer(town: Town) -> None:
    """A header shorter than the chain was not written by all of it."""
    knock, other = behind(town, 2), forged()
    assert_counted_together(knock(next(other)) for _ in TRIES)
    assert {entry.ip for entry in town.audit()} == {PEER}


@pytest.mark.parametrize(
    "written",
    [
        "unknown",
        "_hidden{n}",
        "203.0.113.{n}.",
        "203.0.113.{n}/32",
        "203.0.113.0{n}.5",
        "0x{n}",
        "[203.0.113.{n}",
        "2001:db8::{n}::1",
        "'; DROP TABLE audit; -- {n}",
        "\u0663.3.3.{n}",
        "",
        ",",
        ", ,",
    ],
)
def test_an_entry_that_is_no_address_leaves_the_peer(town: Town, written: str) -> None:
    knock = behind(town, 1)
    # As a header is read: bytes, each a character.
    texts = (written.format(n=n).encode().decode("latin-1") for n in count(1))
    assert_counted_together(knock(next(texts)) for _ in TRIES)


@pytest.mark.parametrize("proxies", [0, 1])
def test_one_subscriber_of_ipv6_is_counted_once(town: Town, proxies: int) -> None:
    knock = behind(town, proxies)

    def from_(address: str) -> int:
        return knock(address) if proxies else knock(peer=address)

    assert_counted_together(from_(f"2001:db8:1:2:{n:x}::{n:x}") for n in TRIES)
    assert from_("2001:db8:1:3::1") == 401


def test_one_address_is_counted_once_however_it_is_written(town: Town) -> None:
    knock = behind(town, 1)
    ways = ["198.51.100.7", " 198.51.100.7 ", "198.51.100.7:{n}", "::ffff:198.51.100.7"]
    ways += ["[::ffff:198.51.100.7]:{n}", "::FFFF:c633:6407", "::ffff:198.51.100.7%{n}"]
    assert_counted_together(knock(ways[n % len(ways)].format(n=n + 1)) for n in TRIES)


def test_peers_without_an_address_are_counted_together(town: Town) -> None:
    """Behind a socket file, where no proxy says whom it serves."""
    knock = behind(town, 1)
    assert_counted_together(knock(peer="") for _ in TRIES)
