"""docs/problems.md and the code say the same about every refusal."""

from __future__ import annotations

import importlib
import pkgutil
from collections import Counter

import pytest

import chassis
import contracts
import gateway
import services
from contracts.errors import refusals
from gateway.catalogue import entries
from gateway.problems import HTTP_CODES, STATUS_OF, STATUS_OF_CODE

# Run by alembic, by gunicorn and as programs.
_NOT_IMPORTED = ("migrations", "gunicorn", "wsgi", "__main__")


@pytest.fixture(scope="module", autouse=True)
def _everything_imported() -> None:
    for package in (contracts, chassis, services, gateway):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not any(part in _NOT_IMPORTED for part in module.name.split(".")):
                importlib.import_module(module.name)


def our_statuses() -> dict[str, int]:
    """Every code of the suite with the status it is answered with."""
    of_families = {
        kind.code: STATUS_OF_CODE.get(kind.code, STATUS_OF[kind.family])
        for kind in refusals()
        if is_ours(kind)
    }
    return {**{code: status for status, code in HTTP_CODES.items()}, **of_families}


def is_ours(kind: type) -> bool:
    return kind.__module__.partition(".")[0] != "tests"


def test_every_code_is_documented_and_every_documented_code_exists() -> None:
    documented = {entry.code for entry in entries()}
    existing = set(our_statuses())
    assert existing - documented == set(), "add these to docs/problems.md"
    assert documented - existing == set(), "remove these from docs/problems.md"


def test_every_code_is_documented_with_the_status_it_is_answered_with() -> None:
    documented = {entry.code: entry.status for entry in entries()}
    assert documented == our_statuses()


def test_no_two_refusals_share_a_code() -> None:
    codes = Counter(kind.code for kind in refusals() if is_ours(kind))
    assert [code for code, count in codes.items() if count > 1] == []


def test_every_code_is_in_kebab_case() -> None:
    for code in our_statuses():
        assert all(part.isalnum() and part.islower() for part in code.split("-")), code


def test_the_catalogue_is_sorted_and_says_something_in_every_cell() -> None:
    listed = entries()
    assert [entry.code for entry in listed] == sorted(entry.code for entry in listed)
    assert [entry for entry in listed if not (entry.meaning and entry.advice)] == []
