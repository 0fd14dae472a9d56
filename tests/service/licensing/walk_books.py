"""What the rows of an organization must say, whatever was done (M4)."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from uuid import UUID

from tests.service.licensing.reference import Reference
from tests.service.licensing.walk_figures import TICKS
from tests.service.licensing.walk_rows import Name, Rows


def hold(rows: Rows, reference: Reference) -> None:
    _sums_are_right(rows, reference)
    _are_whole(rows)
    _seats_are_worth_their_days(rows, reference)
    _lots_live_no_longer(rows)
    if not reference.is_archived() and rows.swept_on == reference.today:
        _time_is_written_down(rows, reference)


def _sums_are_right(rows: Rows, reference: Reference) -> None:
    """I1, I2, I7, I8."""
    sums: Counter[tuple[str, str]] = Counter()
    for name, row in rows.accounts.items():
        sums[name[:2]] += row.balance
        assert row.balance >= 0 or name[2].startswith("external:"), f"I2: {name}"
    assert not any(sums.values()), f"I1: {sums}"
    entered: Counter[Name] = Counter()
    for _command, debit, credit, ticks, _reason in rows.entries:
        entered[debit] -= ticks
        entered[credit] += ticks
    assert entered == {name: row.balance for name, row in rows.accounts.items()}, "I8"
    supplied = rows.of_kind("external:supplier")
    assert {name[:2]: -ticks for name, ticks in supplied.items() if ticks} == {
        (product, code): count * TICKS
        for product in reference.products
        for code, count in reference.redeemed_total(product).items()
    }, "I7"


def _are_whole(rows: Rows) -> None:
    """I3, I4, I5."""
    for kind in ("wallet", "system", "expired", "upgraded_out"):
        for name, balance in rows.of_kind(kind).items():
            is_whole = balance % TICKS == 0
            assert is_whole or kind == "upgraded_out", f"I3: {name} {balance}"
    pools = rows.of_kind("compensation")
    assert all(0 <= ticks < TICKS for ticks in pools.values()), f"I4: {pools}"
    returned: Counter[Name] = Counter()
    compensated: Counter[Name] = Counter()
    for _command, debit, credit, ticks, _reason in rows.entries:
        # A reversal goes the other way.
        for pool, other, sign in ((credit, debit, 1), (debit, credit, -1)):
            if pool[2] == "compensation":
                sums = returned if other[2] == "wallet" else compensated
                sums[pool] += ticks * (sign if sums is compensated else -sign)
                assert sums is compensated or ticks % TICKS == 0, f"I5: {pool}"
    assert {name: compensated[name] - returned[name] for name in pools} == pools, "I5"


def _seats_are_worth_their_days(rows: Rows, reference: Reference) -> None:
    """I6, before the year ends; what came, what left, and what is there."""
    given: Counter[tuple[UUID, Name]] = Counter()
    taken: Counter[tuple[UUID, Name]] = Counter()
    for command, debit, credit, ticks, reason in rows.entries:
        if reason == "compensated" or (reason == "reversed" and debit[2] == "compensation"):
            given[command, debit if reason == "compensated" else credit] += ticks
        elif reason in ("allocated", "reversed"):
            taken[command, credit if reason == "allocated" else debit] += ticks
    worth: Counter[Name] = Counter()
    seats: Counter[Name] = Counter()
    for sign, moved in ((1, rows.allocations), (-1, rows.withdrawals)):
        for row in moved:
            name = (row.product, row.type, "year", str(row.year))
            first, renewal = reference.year_bounds(row.product, row.year)
            assert first <= row.effective_from < renewal, f"I6: {name} {row.effective_from}"
            day, gone = TICKS // (renewal - first).days, (row.effective_from - first).days
            seats[name] += sign * row.seats
            if (row.command_id, name) in taken:
                assert taken[row.command_id, name] == row.seats * TICKS, f"I6: {name}"
                days = _compensated_days(reference, gone)
                assert given[row.command_id, name] in {row.seats * each * day for each in days}
                worth[name] += sign * (row.seats * TICKS - given[row.command_id, name])
            else:
                worth[name] += sign * row.seats * (TICKS - gone * day)
    for name, row in rows.accounts.items():
        if name[2] != "year":
            assert (row.seats, row.void_seats) == (0, 0), f"I6: {name}"
            continue
        assert row.seats == seats[name], f"I6: {name}"
        ended = reference.year_bounds(name[0], int(name[3]))[1] <= reference.today
        assert row.balance == worth[name] or (ended and row.balance == 0), f"I6: {name}"
    assert set(+seats) <= set(rows.accounts), "I6"


def _compensated_days(reference: Reference, gone: int) -> set[int]:
    if not reference.policy.charge_grace_when_late:
        return {gone}
    return {gone, max(0, gone - reference.policy.grace_days)}


def _lots_live_no_longer(rows: Rows) -> None:
    """I10."""
    newest: dict[str, date] = {}
    for row in rows.lots:
        if row.source not in ("compensation", "upgrade"):
            newest[row.product] = max(newest.get(row.product, date.min), row.expires_on)
    for row in rows.lots:
        assert row.expires_on <= newest[row.product], f"I10: {row}"


def _time_is_written_down(rows: Rows, reference: Reference) -> None:
    """A command leaves nothing open that time has brought about (I6, M3)."""
    expired: dict[str, Counter[str]] = defaultdict(Counter)
    for name, ticks in rows.of_kind("expired").items():
        expired[name[0]][name[1]] += ticks // TICKS
    settled: dict[tuple[str, int], date | None] = {}
    for product in reference.products:
        assert expired[product] == Counter(reference.expired_total(product)), f"D-7: {product}"
        if not reference.is_started(product):
            continue
        for year in range(reference.year(product) + 1):
            on = reference.settled_on(product, year)
            settled[product, year] = on if on is not None and on <= reference.today else None
    there = {each: on for each, on in rows.settled.items() if on is not None}
    assert there == {each: on for each, on in settled.items() if on is not None}, "D-12"
    for name, balance in rows.of_kind("year").items():
        if int(name[3]) < reference.year(name[0]):
            assert balance == 0, f"I6: {name}"
