"""Two at once at one system or unit, on PostgreSQL: thirty rounds each, and right every time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from services.licensing.service.replacing import replace_system
from tests.harness import Suite
from tests.races import at_once, outcome_of
from tests.service.licensing import invariants
from tests.service.licensing.conftest import SERVICES
from tests.service.licensing.customer import Customer, Supplier
from tests.service.licensing.site import Site, licenses, proofs, sent_out

ROUNDS = 30


@pytest.fixture
def suite(tmp_path: Path, postgres_database: Callable[[str], str]) -> Iterator[Suite]:
    running = Suite(
        tmp_path, services=SERVICES, databases={"licensing": postgres_database("licensing")}
    )
    yield running
    running.close()


@pytest.fixture
def site(suite: Suite) -> Site:
    return Site(Customer(suite))


@pytest.fixture
def other(suite: Suite, site: Site) -> Site:
    return Site(Customer(suite, site.customer.supplier))


def units(site: Site) -> list[tuple[str, str]]:
    """(serial, proof) of thirty."""
    order = sent_out(site.customer.supplier, *(f"REC-{n:02}" for n in range(ROUNDS)), tied=1)
    return list(proofs(order).items())


def registering(site: Site, serial: str, proof: str) -> Callable[[], Any]:
    return lambda: site.register(serial, serial=serial, ownership_proof=proof)


def held(*sites: Site) -> int:
    """Licenses on systems, of all of them."""
    return sum(site.customer.balances().get("system", 0) for site in sites) // 133_590


def test_one_unit_registered_by_two_organizations_is_one_of_them(site: Site, other: Site) -> None:
    """D-17: compare and set."""
    for done, (serial, proof) in enumerate(units(site), start=1):
        outcomes = at_once(*(registering(each, serial, proof) for each in (site, other)))
        assert outcome_of(outcomes) == {"done": 1, "system-already-registered": 1}
        assert held(site, other) == done
        # Both come from one address, whose failures the loser's attempts add to.
        site.suite.clock.advance(timedelta(hours=1))
    invariants.hold(site.customer)
    invariants.hold(other.customer)


def test_one_unit_registered_twice_brings_its_licenses_once(site: Site) -> None:
    """R32."""
    for serial, proof in units(site):
        outcomes = at_once(*[registering(site, serial, proof)] * 2)
        assert outcome_of(outcomes) == {"done": 1, "system-already-registered": 1}
        site.suite.clock.advance(timedelta(hours=1))
    assert held(site) == ROUNDS
    invariants.hold(site.customer)


def test_a_unit_that_changes_hands_is_never_with_both(site: Site, other: Site) -> None:
    """D-17: its licenses are with one of them, or with nobody until it is tried again."""
    for serial, proof in units(site):
        system = registering(site, serial, proof)()
        removed, registered = at_once(
            lambda: site.remove(system),  # noqa: B023
            registering(other, serial, proof),
        )
        assert removed is None
        if registered == "system-already-registered":
            registered = registering(other, serial, proof)()
        assert licenses(registered) == {"preloaded-channel": 1}
        site.suite.clock.advance(timedelta(hours=1))
    assert (held(site), held(other)) == (0, ROUNDS)
    invariants.hold(site.customer)
    invariants.hold(other.customer)


def test_the_last_extension_license_extends_one_system(site: Site) -> None:
    """R35, I2."""
    lobby, hall = site.register("Lobby"), site.register("Hall")
    for done in range(1, ROUNDS + 1):
        site.buy(1, "channel")
        outcomes = at_once(
            lambda: site.extend(lobby, channel=1), lambda: site.extend(hall, channel=1)
        )
        assert outcome_of(outcomes) == {"done": 1, "insufficient-wallet": 1}
        assert held(site) == done
    invariants.hold(site.customer)


def test_one_report_sent_twice_at_once_is_counted_and_told_once(site: Site) -> None:
    """D-16, D-24."""
    credential = site.credential(site.register())
    moment = site.suite.clock.now()
    before = len(site.customer.log())
    for number in range(1, ROUNDS + 1):
        counts = {"channel": number // 2}
        sent = [lambda: site.report(credential, number, counts, at=moment)] * 2  # noqa: B023
        first, second = at_once(*sent)
        assert first == second
        assert first["result"] == "accepted"
        assert site.need()["channel"] == number // 2
    assert len(site.customer.log()) == before + ROUNDS // 2
    invariants.hold(site.customer)


def test_two_reports_at_once_leave_the_later_count(site: Site) -> None:
    """D-16: whichever comes first; the other is ignored, or told to come again."""
    clock, credential = site.suite.clock, site.credential(site.register())
    for number in range(1, 2 * ROUNDS, 2):
        clock.advance(timedelta(minutes=1))
        now = clock.now()

        def later(number: int = number, now: datetime = now) -> Any:
            return site.report_at_once(credential, number + 1, {"channel": number}, at=now)

        sooner, outcome = at_once(
            lambda: site.report_at_once(credential, number, {"channel": 2}, at=now),  # noqa: B023
            later,
        )
        if outcome == "too-many-reports":
            assert (sooner["result"], site.need()["channel"]) == ("accepted", 2)
            clock.advance(timedelta(minutes=1))
            outcome = later()
        else:
            assert sooner["result"] == "ignored"
        assert (outcome["result"], site.need()["channel"]) == ("accepted", number)
    invariants.hold(site.customer)


def test_a_report_and_a_removal_at_once_leave_no_need_behind(site: Site) -> None:
    """D-16: a removed system counts nothing."""
    for _ in range(ROUNDS):
        system = site.register()
        credential = site.credential(system)
        reported, removed = at_once(
            lambda: site.report(credential, 1, {"channel": 5}),  # noqa: B023
            lambda: site.remove(system),  # noqa: B023
        )
        assert removed is None
        assert reported == "system-credential-invalid" or reported["result"] == "accepted"
        assert site.need()["channel"] == 0
    invariants.hold(site.customer)


def test_one_removal_sent_twice_at_once_is_done_once(site: Site) -> None:
    for serial, proof in units(site):
        system = registering(site, serial, proof)()
        before = len(site.customer.log())
        assert at_once(*[lambda: site.remove(system)] * 2) == [None, None]  # noqa: B023
        assert len(site.customer.log()) == before + 1
    assert held(site) == 0
    invariants.hold(site.customer)


def test_one_replacement_sent_twice_at_once_moves_licenses_once(site: Site) -> None:
    """D-17, D-24."""
    kit = site.suite.kits["licensing"]
    found = units(site)
    old = registering(site, *found[0])()
    site.buy(1, "channel")
    site.extend(old, channel=1)
    for serial, proof in found[1:]:
        new = registering(site, serial, proof)()
        ids = [UUID(system["id"]) for system in (old, new)]
        first, second = at_once(
            *[lambda: replace_system(kit, site.customer.id, *ids)] * 2  # noqa: B023
        )
        assert first == second
        assert first["moved"] == {"channel": 1}
        old = new
    assert licenses(site.get(old)) == {"channel": 1, "preloaded-channel": 1}
    invariants.hold(site.customer)


def test_one_serial_sent_out_by_two_suppliers_is_one_unit(suite: Suite) -> None:
    first, second = Supplier(suite), Supplier(suite)
    for turn in range(ROUNDS):
        serials = [f"A-{turn}", f"B-{turn}"]
        outcomes = at_once(
            lambda: sent_out(first, *serials),  # noqa: B023
            lambda: sent_out(second, *reversed(serials)),  # noqa: B023
        )
        assert outcome_of(outcomes) == {"done": 1, "hardware-serial-taken": 1}


def test_one_order_sent_twice_at_once_shows_its_proofs_once(suite: Suite) -> None:
    """M6."""
    supplier = Supplier(suite)
    for turn in range(ROUNDS):
        errand = [lambda: sent_out(supplier, f"REC-{turn}", order_ref=f"HW-{turn}")] * 2  # noqa: B023
        outcomes = at_once(*errand)
        shown = [proof for each in outcomes for proof in proofs(each).values() if proof]
        assert len(shown) == 1
        assert outcomes[0]["id"] == outcomes[1]["id"]
