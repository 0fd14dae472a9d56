"""License files: how many seats one may hold, for how long, and what others must leave (D-19)."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.licensing.domain.calendar import Calendar
from services.licensing.domain.license_file import (
    Contents,
    NotLicensed,
    Reservation,
    contents,
    reserved_by_others,
    validity,
)
from services.licensing.domain.signed_file import Kind, SignatureWrong, read
from services.licensing.service.signing import Signer
from tests.unit.licensing.files import NOW, ORGANIZATION, SYSTEM, license_file

A, B, C = UUID(int=10), UUID(int=11), UUID(int=12)
LAST_DAY = date(2026, 3, 31)
DAY = timedelta(days=1)
KINDS = ("core", "universal")

counts = st.dictionaries(st.sampled_from(KINDS), st.integers(0, 40))


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


@pytest.mark.parametrize("need", [{}, {"core": 0}])
def test_an_empty_file_is_not_made(need: dict[str, int]) -> None:
    with pytest.raises(NotLicensed, match="nothing"):
        filled(need, {"core": 5})


def test_seats_are_reserved_through_the_last_day_of_the_file() -> None:
    """D-19, D-1: a thing valid until 31 March works all of 31 March."""
    held = [Reservation(A, {"core": 3}, LAST_DAY)]
    assert reserved_by_others(held, B, LAST_DAY) == {"core": 3}
    assert reserved_by_others(held, B, LAST_DAY + DAY) == {}
    assert license_file(valid_until=LAST_DAY).free_again_on == LAST_DAY + DAY


def test_of_a_systems_files_the_largest_counts_and_its_own_do_not_stand_in_its_way() -> None:
    """D-19: it runs one at a time, and nobody knows which."""
    held = [
        Reservation(A, {"core": 5, "universal": 1}, LAST_DAY),
        Reservation(A, {"core": 3, "universal": 2}, LAST_DAY),
        Reservation(A, {"core": 9}, LAST_DAY - 365 * DAY),
        Reservation(B, {"core": 4}, LAST_DAY),
    ]
    assert reserved_by_others(held, C, LAST_DAY) == {"core": 9, "universal": 2}
    assert reserved_by_others(held, A, LAST_DAY) == {"core": 4}


orders = st.lists(st.tuples(st.sampled_from([A, B, C]), counts, counts), max_size=12)


@given(seats=counts, wanted=orders)
def test_offline_copies_together_never_hold_more_than_the_year(
    seats: dict[str, int], wanted: list[tuple[UUID, dict[str, int], dict[str, int]]]
) -> None:
    """D-19: in whatever order systems fetch files, and however their needs change."""
    issued: list[Reservation] = []
    for system_id, need, held in wanted:
        others = reserved_by_others(issued, system_id, LAST_DAY)
        try:
            made = contents(
                counts=need, held=held, year_seats=seats, reserved=others, is_settled=True
            )
        except NotLicensed:
            continue
        issued.append(Reservation(system_id, made.reserved, LAST_DAY))
        _holds_its_own_laws(made, need, held)
    together = Counter(reserved_by_others(issued, UUID(int=0), LAST_DAY))
    assert together <= Counter(seats)


def _holds_its_own_laws(made: Contents, need: dict[str, int], held: dict[str, int]) -> None:
    for kind, n in need.items():
        assert made.reserved.get(kind, 0) <= max(0, n - held.get(kind, 0))
    for kind, n in made.seats.items():
        assert n > 0
        assert made.growth_limit[kind] == n + made.reserved.get(kind, 0)
        assert n == made.reserved.get(kind, 0) + held.get(kind, 0)


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
    assert validity(year) == (first_day, last_day)
    assert last_day == year.renews_on + timedelta(days=30)


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


def test_a_signer_shows_the_name_of_its_key_and_no_more() -> None:
    assert repr(Signer({"2025": _seed(1)})) == "Signer(current='2025')"


def test_moments_are_written_in_utc() -> None:
    claims = license_file(issued=NOW.astimezone()).claims("k")
    assert claims["issued"] == "2025-03-10T12:00:00Z"
