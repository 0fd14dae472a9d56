"""Upgrades: one license of another type where one was, with all that it kept (R2, D-18)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from contracts.errors import Refusal
from tests.service.licensing import invariants
from tests.service.licensing.customer import Customer

CENTER, RECORDER, CLOUD = "video-center", "network-recorder", "cloud-recording"
UNIVERSAL = "core-to-universal"


def refused(code: str, command: Callable[..., Any], *args: Any, **values: Any) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        command(*args, **values)
    assert refusal.value.code == code
    return refusal.value


class Station(Customer):
    """Uses the product with licenses of two types, and reports what it needs of each."""

    def starts(self) -> Station:
        self.register(product=CENTER)
        self.start(product=CENTER)
        registered = self.command("register_licensed_system", product=CENTER, name="Basement")
        issued = self.ask(
            "issue_system_credential", product=CENTER, licensed_system_id=registered["id"]
        )
        self.credential = issued["credential"]
        self.reports = 0
        return self

    def needs(self, **counts: int) -> None:
        if self.reports:
            self.suite.clock.advance(timedelta(minutes=1))
        self.reports += 1
        self.suite.call(
            "licensing",
            "report_usage",
            {
                "credential": self.credential,
                "sequence": self.reports,
                "reported_at": self.suite.clock.now().isoformat(),
                "counts": [{"type": code, "count": n} for code, n in counts.items()],
            },
        )

    def buys(self, core: int = 0, universal: int = 0, upgrades: int = 0) -> None:
        wanted = {"core": core, "universal": universal, UNIVERSAL: upgrades}
        self.buy_types(CENTER, {code: n for code, n in wanted.items() if n})

    def gives_year(self, year: int | None = None, **seats: int) -> Any:
        lines = [{"type": code, "seats": n} for code, n in seats.items()]
        return self.command("allocate_licenses", product=CENTER, lines=lines, year=year)

    def upgrades(self, licenses: int, where: str, **values: Any) -> Any:
        done = self.command(
            "upgrade_licenses",
            **{
                "product": CENTER,
                "upgrade_type": UNIVERSAL,
                "licenses": licenses,
                "where": where,
                **values,
            },
        )
        invariants.hold(self)
        return done

    def holds(self, product: str = CENTER) -> dict[tuple[str, str], int]:
        """Licenses in the wallet by type and expiry."""
        lots = self.wallet(product=product)["lots"]
        return {(lot["type"], lot["expires_on"]): lot["licenses"] for lot in lots}

    def seats(self) -> dict[str, int]:
        needs = self.overview(product=CENTER)["needs"]
        return {line["type"]: line["seats"] for line in needs}

    def ticks(self, kind: str, code: str) -> int:
        statement = text(
            "SELECT coalesce(sum(balance), 0) FROM ledger_account WHERE kind = :kind "
            "AND type = :code"
        )
        with self.suite.kits["licensing"].db.reading() as session:
            return int(session.execute(statement, {"kind": kind, "code": code}).scalar_one())


@pytest.fixture
def station(customer: Customer) -> Station:
    return Station(customer.suite, customer.supplier).starts()


LICENSE = 365 * 366


# Wallet


def test_licenses_in_the_wallet_keep_their_expiry(station: Station) -> None:
    """D-18: the first to expire first, of what is upgraded and of upgrades alike."""
    station.buys(core=2, upgrades=1)
    station.on("2025-05-01").buys(core=5, upgrades=9)
    done = station.upgrades(3, "wallet")
    assert done["kept"] == [
        {"licenses": 2, "expires_on": "2030-03-01", "effective_from": None},
        {"licenses": 1, "expires_on": "2030-05-01", "effective_from": None},
    ]
    assert station.holds() == {
        ("universal", "2030-03-01"): 2,
        ("universal", "2030-05-01"): 1,
        ("core", "2030-05-01"): 4,
        (UNIVERSAL, "2030-05-01"): 7,
    }
    assert done["wallet"] == station.wallet(product=CENTER)
    assert station.ticks("consumed", UNIVERSAL) == 3 * LICENSE
    assert station.ticks("upgraded_out", "core") == 3 * LICENSE
    assert station.ticks("external:upgrade", "universal") == -3 * LICENSE


def test_what_is_upgraded_on_one_day_and_expires_alike_is_one_lot(station: Station) -> None:
    station.buys(core=4, upgrades=4)
    for _ in range(4):
        station.upgrades(1, "wallet")
    (lot,) = station.wallet(product=CENTER)["lots"]
    assert (lot["type"], lot["licenses"], lot["source"]) == ("universal", 4, "upgrade")


def test_a_wallet_that_lacks_either_says_which(station: Station) -> None:
    station.buys(core=2, upgrades=1)
    missing = refused("insufficient-wallet", station.upgrades, 3, "wallet")
    assert (missing.facts["type"], missing.facts["held"]) == ("core", "2")
    missing = refused("insufficient-wallet", station.upgrades, 2, "wallet")
    assert (missing.facts["type"], missing.facts["held"]) == (UNIVERSAL, "1")
    assert station.holds() == {("core", "2030-03-01"): 2, (UNIVERSAL, "2030-03-01"): 1}
    assert station.ticks("consumed", UNIVERSAL) == 0


def test_expired_licenses_are_not_upgraded(station: Station) -> None:
    """D-7."""
    station.buys(core=1)
    station.on("2029-12-01").buys(upgrades=1)
    refused("insufficient-wallet", station.on("2030-03-01").upgrades, 1, "wallet")


# Subscription years


def test_seats_of_a_year_keep_their_day(station: Station) -> None:
    """D-18: those that count longest first, and nothing is compensated."""
    station.needs(core=3)
    station.buys(core=20, universal=3, upgrades=9)
    station.gives_year(core=3)
    station.on("2025-05-01").needs(core=8)
    station.gives_year(core=5)
    station.needs(core=2, universal=1)
    before = station.wallet(product=CENTER)["saved_up"]
    done = station.upgrades(4, "year:0")
    assert done["kept"] == [
        {"licenses": 3, "expires_on": None, "effective_from": "2025-03-01"},
        {"licenses": 1, "expires_on": None, "effective_from": "2025-05-01"},
    ]
    assert station.seats() == {"core": 4, "universal": 4}
    assert station.wallet(product=CENTER)["saved_up"] == before
    # The rest of the licenses counts from the day on which it did before.
    again = station.upgrades(2, "year:0")
    assert again["kept"] == [{"licenses": 2, "expires_on": None, "effective_from": "2025-05-01"}]
    worth = 3 * LICENSE + 3 * (LICENSE - 61 * 366)
    assert station.ticks("year", "universal") == worth


def test_an_upgrade_can_settle_the_year(station: Station) -> None:
    """D-12: whatever makes seats cover the need."""
    station.needs(core=2)
    station.buys(core=9, upgrades=2)
    station.gives_year(core=2)
    station.gives_year(year=1, core=2)
    station.on("2026-02-01").needs(core=1, universal=1)
    assert station.on("2026-04-15").overview(product=CENTER)["status"] == "unlicensed"
    done = station.upgrades(1, "year:1")
    assert done["overview"]["status"] == "licensed"
    assert done["overview"] == station.overview(product=CENTER)


def test_a_year_ahead_is_upgraded_and_a_past_one_is_not(station: Station) -> None:
    station.needs(core=2)
    station.buys(core=9, upgrades=2)
    station.gives_year(core=2)
    station.gives_year(year=1, core=2)
    station.needs(core=1)
    done = station.upgrades(1, "year:1")
    assert done["kept"][0]["effective_from"] == "2026-03-01"
    assert done["overview"]["years_ahead"][0]["seats"] == [
        {"type": "core", "seats": 1},
        {"type": "universal", "seats": 1},
    ]
    refused("too-few-to-upgrade", station.upgrades, 1, "year:2")
    refused("beyond-pre-renewal-horizon", station.upgrades, 1, "year:6")
    refused("year-is-past", station.on("2026-03-01").upgrades, 1, "year:0")


def test_a_year_is_not_made_short_of_what_is_upgraded(station: Station) -> None:
    """A shortage must not grow, and what is beyond the need may go."""
    station.needs(core=3)
    station.buys(core=3, upgrades=5)
    station.gives_year(core=3)
    short = refused("below-current-need", station.upgrades, 1, "year:0")
    assert short.facts == {"type": "core", "need": "3", "seats": "2"}
    station.needs(core=5)
    refused("below-current-need", station.upgrades, 1, "year:0")
    station.needs(core=2)
    refused("below-current-need", station.upgrades, 2, "year:0")
    assert station.upgrades(1, "year:0")["overview"]["needs"][0]["seats"] == 2


def test_seats_that_ended_with_an_archiving_are_not_upgraded(station: Station) -> None:
    """ARC-1: whatever counts now came later, and keeps the day of then."""
    station.needs(core=3)
    station.buys(core=9, upgrades=5)
    station.gives_year(core=3)
    station.hear("organization_archived", archived_at="2025-03-01T09:00:00+00:00", epoch=5)
    station.hear("organization_restored", epoch=6)
    refused("too-few-to-upgrade", station.upgrades, 1, "year:0")
    station.on("2025-06-09").gives_year(core=3)
    station.needs(core=1)
    done = station.upgrades(2, "year:0")
    assert done["kept"] == [{"licenses": 2, "expires_on": None, "effective_from": "2025-06-09"}]
    assert station.seats() == {"core": 1, "universal": 2}


def test_a_product_with_years_of_its_own_is_upgraded_in_them(customer: Customer) -> None:
    """D-4: `coterm=product`."""
    recording = Station(customer.suite, customer.supplier)
    recording.started()
    recording.on("2025-06-01").register(product=CLOUD)
    recording.start(product=CLOUD)
    recording.buy_types(CLOUD, {"hd-30": 4, "hd-30-to-uhd-30": 4})
    recording.command(
        "allocate_licenses",
        product=CLOUD,
        lines=[{"type": "hd-30", "seats": 3}],
        allow_surplus=True,
    )
    done = recording.upgrades(3, "year:0", product=CLOUD, upgrade_type="hd-30-to-uhd-30")
    assert done["kept"] == [{"licenses": 3, "expires_on": None, "effective_from": "2025-06-01"}]


# Systems


def hardware(customer: Customer) -> tuple[Station, str]:
    """A recorder with three extension licenses of its own."""
    owner = Station(customer.suite, customer.supplier)
    owner.register(product=RECORDER)
    system = owner.command("register_licensed_system", product=RECORDER, name="Attic")["id"]
    owner.buy_types(RECORDER, {"channel": 5, "channel-to-analytics": 4})
    owner.command(
        "allocate_to_system",
        product=RECORDER,
        licensed_system_id=system,
        lines=[{"type": "channel", "licenses": 3}],
    )
    return owner, system


def test_licenses_on_a_system_are_upgraded_in_place(customer: Customer) -> None:
    """D-18; what the system holds changes with them (D-16)."""
    owner, system = hardware(customer)
    by = {"product": RECORDER, "upgrade_type": "channel-to-analytics"}
    done = owner.upgrades(2, f"system:{system}", **by)
    assert (done["where"], done["kept"]) == (f"system:{system}", [])
    shown = owner.ask("get_licensed_system", product=RECORDER, licensed_system_id=system)
    assert {line["type"]: line["licenses"] for line in shown["licenses"]} == {
        "channel": 1,
        "analytics-channel": 2,
    }
    assert {line["type"]: line["held"] for line in shown["needs"]} == {
        "channel": 1,
        "analytics-channel": 2,
    }
    few = refused("too-few-to-upgrade", owner.upgrades, 2, f"system:{system}", **by)
    assert few.facts == {"type": "channel", "wanted": "2", "held": "1"}
    assert owner.holds(RECORDER) == {
        ("channel", "2030-03-01"): 2,
        ("channel-to-analytics", "2030-03-01"): 2,
    }


def test_only_the_organizations_own_registered_systems_are_upgraded(customer: Customer) -> None:
    owner, system = hardware(customer)
    by = {"product": RECORDER, "upgrade_type": "channel-to-analytics"}
    _neighbor, theirs = hardware(customer)
    refused("system-not-found", owner.upgrades, 1, f"system:{theirs}", **by)
    refused("system-not-found", owner.upgrades, 1, f"system:{uuid4()}", **by)
    owner.register(product=CENTER)
    other = owner.command("register_licensed_system", product=CENTER, name="Basement")["id"]
    refused("system-not-found", owner.upgrades, 1, f"system:{other}", **by)
    owner.ask("remove_licensed_system", product=RECORDER, licensed_system_id=system)
    refused("system-not-found", owner.upgrades, 1, f"system:{system}", **by)


# What is no upgrade


def test_licenses_that_upgrade_nothing_there_are_refused(station: Station) -> None:
    refused("license-type-unknown", station.upgrades, 1, "wallet", upgrade_type="gold")
    refused("license-kind-mismatch", station.upgrades, 1, "wallet", upgrade_type="core")
    other = refused("license-kind-mismatch", station.upgrades, 1, f"system:{uuid4()}")
    assert other.facts["type"] == "core"
    station.register(product=RECORDER)
    by = {"product": RECORDER, "upgrade_type": "channel-to-analytics"}
    refused("license-kind-mismatch", station.upgrades, 1, "year:0", **by)


def test_a_year_is_upgraded_once_the_subscription_has_started(station: Station) -> None:
    station.register(product=CLOUD)
    by = {"product": CLOUD, "upgrade_type": "hd-30-to-uhd-30"}
    refused("subscription-not-started", station.upgrades, 1, "year:0", **by)


def test_the_three_types_of_an_upgrade_differ(station: Station) -> None:
    """D-18: whatever somebody wrote into the catalogue."""
    station.buys(core=5, upgrades=5)
    statement = text("UPDATE license_type SET upgrade_to = 'core' WHERE code = :code")
    with station.suite.kits["licensing"].db() as session:
        session.execute(statement, {"code": UNIVERSAL})
    refused("upgrade-types-must-differ", station.upgrades, 1, "wallet")
    assert station.holds() == {("core", "2030-03-01"): 5, (UNIVERSAL, "2030-03-01"): 5}


def test_the_same_errand_sent_twice_upgrades_once(station: Station) -> None:
    """D-24."""
    station.buys(core=3, upgrades=3)
    errand = uuid4().hex
    first = station.upgrades(2, "wallet", idempotency_key=errand)
    assert station.upgrades(2, "wallet", idempotency_key=errand) == first
    assert station.holds()["core", "2030-03-01"] == 1
    refused("idempotency-mismatch", station.upgrades, 1, "wallet", idempotency_key=errand)
    assert station.suite.waiting("licensing")[-1] == (
        "licenses_upgraded",
        {
            "organization_id": str(station.id),
            "product": CENTER,
            "upgrade_type": UNIVERSAL,
            "licenses": 2,
            "where": "wallet",
            "account_id": str(station.owner),
        },
    )
    entry = station.log()[-1]
    assert entry.arguments == {
        "upgrade_type": UNIVERSAL,
        "licenses": 2,
        "where": "wallet",
        "from_type": "core",
        "to_type": "universal",
    }
