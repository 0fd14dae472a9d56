"""Bad input at every step of the errand: a clear problem, and nothing has changed."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import pytest

from gateway.openapi import document
from tests.journeys.bad_input import Case, cases, operations
from tests.journeys.examples import EXAMPLES
from tests.journeys.ground import Ground
from tests.journeys.refusal import problem_of, unchanged

OPERATIONS = operations(document())
CASES = [case for operation in OPERATIONS for case in cases(operation)]
GROUPS = {group: list(found) for group, found in groupby(CASES, key=lambda case: case.group)}
STORED = {
    group: reaching
    for group, found in GROUPS.items()
    if (reaching := [case for case in found if case.reaches_a_database])
}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
UNKNOWN = (
    "/v1",
    "/v1/",
    "/v1/folders",
    "/v1/organizations/",
    "/v1//organizations",
    "/v1/%2e%2e/healthz",
    "/v1/accounts/%00",
    "/v1/\ud7ff",
    "/v2/organizations",
    "/admin",
    "/.env",
    "/" + "x" * 5000,
)
PATHS = sorted({operation.path for operation in OPERATIONS})


@pytest.mark.parametrize("ground", ["sqlite"], indirect=True)
@pytest.mark.parametrize("group", GROUPS)
def test_bad_input_is_refused_in_clear_words_and_changes_nothing(
    ground: Ground, group: str
) -> None:
    _refused(ground, GROUPS[group])


@pytest.mark.parametrize("ground", ["postgresql"], indirect=True)
@pytest.mark.parametrize("group", STORED)
def test_what_is_looked_up_is_refused_alike_by_a_server(ground: Ground, group: str) -> None:
    """PostgreSQL has limits that SQLite does not know, and the other way round."""
    _refused(ground, STORED[group])


def _refused(ground: Ground, group: list[Case]) -> None:
    wrong = {}
    with unchanged(ground):
        for case in group:
            answer = case.change(EXAMPLES[case.operation](ground), ground).sent_to(ground)
            try:
                problem = problem_of(answer, case.status, case.code)
                _require_named(problem, case.field)
            except AssertionError as error:
                wrong[case.title] = str(error)
    assert wrong == {}


def _require_named(problem: dict[str, Any], field: str | None) -> None:
    if field is not None:
        named = [error["field"] for error in problem["errors"]]
        assert any(f"{name}.".startswith(f"{field}.") for name in named), problem


def test_every_operation_has_bad_cases() -> None:
    listed = {operation.id for operation in OPERATIONS}
    assert {case.operation for case in CASES} == listed
    assert EXAMPLES.keys() == listed


def test_what_the_cases_are_made_from_would_be_carried_out(fresh_ground: Ground) -> None:
    """Else a case might be refused for something else than what is wrong with it."""
    refused = {}
    for operation, example in EXAMPLES.items():
        answer = example(fresh_ground).sent_to(fresh_ground)
        if answer.status_code >= 300:
            refused[operation] = answer.text
    assert refused == {}


@pytest.mark.parametrize("ground", ["sqlite"], indirect=True)
@pytest.mark.parametrize("path", PATHS)
def test_a_method_an_address_does_not_take_is_refused(ground: Ground, path: str) -> None:
    here = {each.id: each for each in OPERATIONS if each.path == path}
    requests = {name: EXAMPLES[name](ground) for name in here}
    taken = {request.method for request in requests.values()}
    # What GET finds, HEAD finds too.
    request = max(requests.values(), key=lambda each: each.method == "GET")
    allowed = taken | {"OPTIONS"} | ({"HEAD"} if "GET" in taken else set())
    with unchanged(ground):
        for method in {*METHODS, "TRACE", "BREW"} - taken:
            answer = ground.send(method, request.path, token=ground.ada.token)
            problem_of(answer, 405, "method-not-allowed")
            assert {word.strip() for word in answer.headers["Allow"].split(",")} == allowed
        options = ground.send("OPTIONS", request.path)
        assert (options.status_code, options.data) == (200, b"")
        head = ground.send("HEAD", request.path, query=request.query, token=request.token)
        assert (head.status_code, head.data) == (200 if "GET" in taken else 405, b"")


@pytest.mark.parametrize("ground", ["sqlite"], indirect=True)
@pytest.mark.parametrize("path", UNKNOWN)
def test_an_unknown_address_is_refused(ground: Ground, path: str) -> None:
    with unchanged(ground):
        for method in METHODS:
            status = 400 if "%00" in path else 404
            problem_of(ground.send(method, path, token=ground.ada.token), status, "")
