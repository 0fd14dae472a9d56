"""Reservations: what license files hold of a year, and what others must leave (D-19)."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.licensing.domain.books import Usage
from services.licensing.domain.license_file import Contents, NotLicensed, contents
from services.licensing.domain.reservation import Reservation, reserved_by_others, usages
from tests.unit.licensing.files import license_file

A, B, C = UUID(int=10), UUID(int=11), UUID(int=12)
LAST_DAY = date(2026, 3, 31)
DAY = timedelta(days=1)
UNTIL = LAST_DAY + DAY
KINDS = ("core", "universal")

counts = st.dictionaries(st.sampled_from(KINDS), st.integers(0, 40))


def test_seats_are_reserved_through_the_last_day_of_the_file() -> None:
    """D-19, D-1: a thing valid until 31 March works all of 31 March."""
    held = [Reservation(A, "core", 3, UNTIL)]
    assert reserved_by_others(held, B, LAST_DAY) == {"core": 3}
    assert reserved_by_others(held, B, UNTIL) == {}
    assert license_file(valid_until=LAST_DAY).free_again_on == UNTIL


def test_of_a_systems_files_the_largest_counts_and_its_own_do_not_stand_in_its_way() -> None:
    """D-19: it runs one at a time, and nobody knows which."""
    held = [
        Reservation(A, "core", 5, UNTIL),
        Reservation(A, "universal", 1, UNTIL),
        Reservation(A, "core", 3, UNTIL + 365 * DAY),
        Reservation(A, "universal", 2, UNTIL + 365 * DAY),
        Reservation(A, "core", 9, UNTIL - 365 * DAY),
        Reservation(B, "core", 4, UNTIL),
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
        issued += [Reservation(system_id, kind, n, UNTIL) for kind, n in made.reserved.items()]
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


def test_a_smaller_file_that_lasts_longer_frees_no_seats_early() -> None:
    """D-19: the first file stays valid beside it, and then the second alone."""
    found = usages(
        "station", "core", 2, [Reservation(A, "core", 5, UNTIL + 365 * DAY), _of(10, UNTIL)]
    )
    assert found == [
        Usage("station", "core", 2, 5, UNTIL + 365 * DAY),
        Usage("station", "core", 0, 5, UNTIL),
    ]
    for day, need in ((LAST_DAY, 10), (UNTIL, 5), (UNTIL + 364 * DAY, 5), (UNTIL + 365 * DAY, 2)):
        assert sum(usage.on(day) for usage in found) == need


def _of(seats: int, until: date) -> Reservation:
    return Reservation(A, "core", seats, until)


files = st.lists(st.tuples(st.integers(1, 20), st.integers(-3, 6)), max_size=6)


@given(net=st.integers(0, 20), several=files, after=st.integers(-4, 7))
def test_a_system_needs_the_largest_of_its_valid_files_on_every_day(
    net: int, several: list[tuple[int, int]], after: int
) -> None:
    """D-19, D-16."""
    found = usages("station", "core", net, [_of(n, UNTIL + later * DAY) for n, later in several])
    day = UNTIL + after * DAY
    valid = [n for n, later in several if day < UNTIL + later * DAY]
    assert sum(usage.on(day) for usage in found) == max([net, *valid])
