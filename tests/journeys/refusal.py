"""What every refusal has in common: a problem of the catalogue, in words that help."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from werkzeug.test import TestResponse

from gateway.catalogue import entries
from tests.journeys.people import PASSWORD, People
from tests.journeys.request import Request

CATALOGUE = {entry.code: entry for entry in entries()}

_MEMBERS = {"type", "title", "status", "detail", "code", "instance"}
# What a validator says for itself when nobody gave it words.
_WORDLESS = re.compile(r"does not match expected pattern|^Invalid value\.$")
# However long the input was.
_LONGEST = 20_000


def problem_of(answer: TestResponse, status: int, code: str) -> dict[str, Any]:
    """The problem document, once it is what a caller can act on.

    :param code: empty where several would be right.
    """
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.mimetype == "application/problem+json", answer.text
    problem: dict[str, Any] = answer.get_json()
    assert problem.keys() >= _MEMBERS
    assert (answer.status_code, problem["code"]) == (status, code or problem["code"]), problem
    assert problem["status"] == status == CATALOGUE[problem["code"]].status
    assert problem["type"] == f"/problems/{problem['code']}"
    assert problem["instance"] == f"urn:request:{answer.headers['X-Request-Id']}"
    for words in _words(problem):
        assert len(words) > 10, problem
        assert words.endswith("."), problem
        assert not _WORDLESS.search(words), problem
    assert (status == 401) == ("WWW-Authenticate" in answer.headers)
    assert (status == 405) == ("Allow" in answer.headers)
    assert (status == 429) == ("Retry-After" in answer.headers)
    assert len(answer.data) < _LONGEST
    assert PASSWORD not in answer.text
    return problem


def _words(problem: dict[str, Any]) -> Iterator[str]:
    yield problem["detail"]
    if problem["code"] == "invalid-request":
        assert problem["errors"], problem
        for error in problem["errors"]:
            yield error["detail"]


@contextmanager
def unchanged(people: People) -> Iterator[None]:
    """Nothing that the block does leaves more than a trace."""
    before = people.state()
    yield
    after = people.state()
    assert {name: rows for name, rows in after.items() if rows != before[name]} == {}


def refused(
    people: People, request: Request, status: int, code: str, times: int = 1
) -> dict[str, Any]:
    """The last of the problems."""
    with unchanged(people):
        return [problem_of(request.sent_to(people), status, code) for _ in range(times)][-1]


def post(path: str, body: Any = None, token: str | None = None) -> Request:
    return Request("POST", path, body=body, token=token)
