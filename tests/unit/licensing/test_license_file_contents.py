"""License files: how many seats one may hold, for how long, and who vouches for it (D-19)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from services.licensing.domain.calendar import Calendar, SubscriptionYear
from services.licensing.domain.license_file import (
    Contents,
    NotLicensed,
    contents,
    validity,
)
from services.licensing.domain.signed_file import Kind, SignatureWrong, read
from services.licensing.service.signing import Signer
from tests.unit.licensing.files import NOW, ORGANIZATION, SYSTEM, license_file

DAY = timedelta(days=1)


def filled(
    need: dict[str, int],
    seats: dict[str, int],
    *,
    held: dict[str, int] | None = None,
    reserved: dict[str, int] | None = None,
    is_settled: bool = True,
) -> Contents:
    return contents(
        counts=need,
        held=held or {},
        year_seats=seats,
        reserved=reserved or {},
        is_settled=is_settled,
    )


def test_a_file_holds_what_the_system_needs_and_lets_it_grow_to_twice_that() -> None:
    """D-19, D-12."""
    assert filled({"core": 12, "universal": 0}, {"core": 20, "universal": 5}) == Contents(
        seats={"core": 12}, reserved={"core": 12}, growth_limit={"core": 24}
    )


def test_what_other_systems_reserved_is_not_given_twice() -> None:
    """D-19: an offline copy cannot be recalled."""
    seats = {"core": 12, "universal": 2}
    made = filled({"core": 5, "universal": 1}, seats, reserved={"core": 9, "universal": 3})
    assert made == Contents(seats={"core": 3}, reserved={"core": 3}, growth_limit={"core": 6})
    with pytest.raises(NotLicensed, match="other systems"):
        filled({"core": 5}, {"core": 12}, reserved={"core": 12})


def test_the_hardware_brings_its_own_licenses_and_reserves_none_for_them() -> None:
    """D-16: only what is beyond them comes from the year, and only that may grow."""
    assert filled({"core": 12}, {"core": 20}, held={"core": 8}) == Contents(
        seats={"core": 12}, reserved={"core": 4}, growth_limit={"core": 16}
    )
    own_only = filled({"core": 6}, {}, held={"core": 8}, is_settled=False)
    assert own_only == Contents(seats={"core": 8}, reserved={}, growth_limit={"core": 8})


def test_a_year_is_not_given_away_in_parts_before_its_need_is_covered() -> None:
    """D-12: else each system of an unlicensed organization could be licensed for itself."""
    for held in ({}, {"core": 1}):
        with pytest.raises(NotLicensed, match="Allocate"):
            filled({"core": 2}, {"core": 5}, held=held, is_settled=False)


def test_where_no_years_license_a_product_a_file_holds_the_systems_own() -> None:
    """R36: what it reports beyond them needs extension licenses, not a year."""
    values: dict[str, Any] = {"counts": {"core": 12}, "year_seats": None, "reserved": {}}
    own = contents(**values, held={"core": 8}, is_settled=False)
    assert own == Contents(seats={"core": 8}, reserved={}, growth_limit={"core": 8})
    with pytest.raises(NotLicensed, match="to the system"):
        contents(**values, held={}, is_settled=False)


@pytest.mark.parametrize("need", [{}, {"core": 0}])
def test_an_empty_file_is_not_made(need: dict[str, int]) -> None:
    with pytest.raises(NotLicensed, match="nothing"):
        filled(need, {"core": 5})


@pytest.mark.parametrize(
    ("anchor", "index", "first_day", "last_day"),
    [
        (date(2025, 3, 1), 0, date(2025, 3, 1), date(2026, 3, 31)),
        (date(2025, 3, 1), 2, date(2027, 3, 1), date(2028, 3, 31)),
        (date(2024, 2, 29), 0, date(2024, 2, 29), date(2025, 3, 30)),
        (date(2024, 2, 29), 3, date(2027, 2, 28), date(2028, 3, 30)),
    ],
)
def test_a_file_lasts_thirty_days_past_the_renewal_date(
    anchor: date, index: int, first_day: date, last_day: date
) -> None:
    """D-19, D-2: valid_until is the renewal date plus 30 days."""
    year = Calendar(anchor).year(index)
    assert validity(year, year.starts_on + 40 * DAY) == (first_day, last_day)
    assert last_day == year.renews_on + timedelta(days=30)


def test_a_file_of_the_hardwares_own_licenses_lasts_a_year_from_its_issue() -> None:
    """D-19, decision 22: its licenses have no end, so a year of the calendar ends it no sooner."""
    first_day, last_day = validity(None, date(2024, 2, 29))
    assert (first_day, last_day) == (date(2024, 2, 28), date(2025, 2, 27))


@pytest.mark.parametrize("year", [None, Calendar(date(2025, 3, 1)).year(0)])
def test_a_file_is_valid_where_its_day_has_not_begun(year: SubscriptionYear | None) -> None:
    """Decision 22: on its first day, too, and half a world west of the organization."""
    first_day, _last_day = validity(year, date(2025, 3, 1))
    assert first_day == date(2025, 2, 28)


# Signing


def _seed(number: int) -> bytes:
    return bytes([number]) * 32


def test_a_signed_file_says_what_d_19_lists_and_nothing_else() -> None:
    """D-19."""
    signer = Signer({"2025": _seed(1)})
    sealed = read(Kind.LICENSE, signer.signed(license_file(serial=7)).encode())
    sealed.require_signed_by(signer.public_keys()["2025"])
    assert sealed.claims == {
        "organization": str(ORGANIZATION),
        "product": "camera-manager",
        "system_id": str(SYSTEM),
        "fingerprint": "ab" * 32,
        "types": {"core": 12},
        "growth_limit": {"core": 24},
        "valid_from": "2025-03-01",
        "valid_until": "2026-03-31",
        "issued": "2025-03-10T12:00:00Z",
        "serial": 7,
        "key_id": "2025",
    }


def test_the_first_key_signs_and_the_one_before_still_verifies() -> None:
    """M6: the key id in a file says which of the published keys it needs."""
    before = Signer({"old": _seed(1)}).signed(license_file())
    signer = Signer({"new": _seed(2), "old": _seed(1)})
    keys = signer.public_keys()
    after = signer.signed(license_file())
    for file, key_id in ((before, "old"), (after, "new")):
        sealed = read(Kind.LICENSE, file.encode())
        assert sealed.claims["key_id"] == key_id
        sealed.require_signed_by(keys[key_id])
        with pytest.raises(SignatureWrong):
            sealed.require_signed_by(next(key for name, key in keys.items() if name != key_id))


@pytest.mark.parametrize("seeds", [{}, {"a": b""}, {"a": _seed(1), "b": b"short"}])
def test_a_signer_without_whole_keys_does_not_start(seeds: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="signing_keys") as refused:
        Signer(seeds)
    assert "short" not in str(refused.value)


@pytest.mark.parametrize("key_id", ["", " ", "a b", "ключ", "k" * 41, '"'])
def test_a_key_id_is_a_short_word(key_id: str) -> None:
    """It stands in every file."""
    with pytest.raises(ValueError, match="signing_keys"):
        Signer({key_id: _seed(1)})


def test_a_signer_shows_the_name_of_its_key_and_no_more() -> None:
    assert repr(Signer({"2025": _seed(1)})) == "Signer(current='2025')"


def test_moments_are_written_in_utc() -> None:
    claims = license_file(issued=NOW.astimezone()).claims("k")
    assert claims["issued"] == "2025-03-10T12:00:00Z"
