"""An operator of a demo moves time: each night on the way passes, and people are told (M1)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any
from uuid import uuid4

import pytest

from chassis.clock import Clock, MovableClock
from chassis.config import Config
from demo.errand import PRODUCT
from gateway.app import create_app
from tests.in_process import InProcess
from tests.journeys.people import People, Person
from tests.journeys.refusal import problem_of

CLOCK = "/v1/test-clock"


def operator(people: People) -> Person:
    found = people.newcomer()
    identity = people.suite.instance("identity")
    identity.set_operator(found.email, is_operator=True, why="by tests")
    return found


def moved(people: People, by: Person, days: int, **options: Any) -> datetime:
    answer = people.done("POST", CLOCK, body={"days": days}, token=by.token, **options)
    return datetime.fromisoformat(answer["now"])


def started(people: People, owner: Person) -> str:
    """The path of an organization whose product begins its grace period now."""
    made = people.done("POST", "/v1/organizations", body={"name": "Looms"}, token=owner.token)
    home = f"/v1/organizations/{made['id']}"
    for path, body in (("", {"product": PRODUCT}), (f"/{PRODUCT}/subscription", {})):
        people.done("POST", f"{home}/products{path}", body=body, token=owner.token)
    return home


def notices(people: People, home: str, owner: Person) -> list[tuple[str, str]]:
    """(day, kind), the oldest first."""
    found = people.done("GET", f"{home}/license-notices", token=owner.token)
    assert found["next_cursor"] is None
    return [(item["announced_at"][:10], item["kind"]) for item in reversed(found["items"])]


def subjects(people: People, to: str) -> list[str]:
    """Of the mails to an address."""
    people.suite.deliver()
    for _ in range(9):
        people.suite.run_job("identity", "send_mail")
    letters = (
        message_from_bytes(path.read_bytes(), policy=default)
        for path in (people.suite.folder / "mail").glob("*.eml")
    )
    return [letter["Subject"] for letter in letters if letter["To"] == to]


def test_a_grace_period_passes_in_a_moment(people: People) -> None:
    """D-21: each notice on its day, as if somebody had waited for it, and its mail."""
    ada, mover = people.newcomer(), operator(people)
    home = started(people, ada)
    before = people.suite.clock.now()
    assert moved(people, mover, 40) == before + timedelta(days=40)
    assert people.suite.clock.now() == before + timedelta(days=40)
    ada = people.signed_in(replace(ada, token=""))
    day = [str((before + timedelta(days=days)).date()) for days in range(41)]
    assert notices(people, home, ada) == [
        (day[1], "grace_started"),
        (day[15], "grace_ending"),
        (day[22], "grace_ending"),
        (day[28], "grace_ending"),
        (day[30], "unlicensed"),
    ]
    overview = people.done("GET", f"{home}/products/{PRODUCT}", token=ada.token)
    assert overview["status"] == "unlicensed"
    about_licenses = [each for each in subjects(people, ada.email) if "grace" in each]
    assert len(about_licenses) == 4


def test_it_says_where_time_stands(people: People) -> None:
    mover = operator(people)
    now = people.done("GET", CLOCK, token=mover.token)["now"]
    assert datetime.fromisoformat(now) == people.suite.clock.now()


def test_a_step_that_is_sent_twice_is_gone_once(people: People) -> None:
    """D-24: also when another operator repeats it."""
    mover, other = operator(people), operator(people)
    before = people.suite.clock.now()
    errand: dict[str, Any] = {"headers": {"Idempotency-Key": uuid4().hex}}
    # No session outlives two days; an API token does.
    program = replace(mover, token=people.api_token(mover, "installation:operate")["token"])
    for _ in range(2):
        assert moved(people, program, 2, **errand) == before + timedelta(days=2)
    assert people.suite.clock.now() == before + timedelta(days=2)
    other = people.signed_in(replace(other, token=""))
    assert moved(people, other, 2, **errand) == before + timedelta(days=2)
    answer = people.send("POST", CLOCK, body={"days": 3}, token=other.token, **errand)
    problem_of(answer, 409, "idempotency-mismatch")
    assert people.suite.clock.now() == before + timedelta(days=2)


def test_only_operators_move_time_or_ask_where_it_stands(people: People) -> None:
    ada = people.newcomer()
    before = people.suite.clock.now()
    for method, body in (("GET", None), ("POST", {"days": 1})):
        answer = people.send(method, CLOCK, body=body, token=ada.token)
        problem_of(answer, 403, "operator-only")
    assert people.suite.clock.now() == before


@pytest.mark.parametrize("days", [0, -1, 733, 1.5, "7", None])
def test_a_step_leads_forward_and_at_most_two_years(people: People, days: object) -> None:
    mover = operator(people)
    before = people.suite.clock.now()
    answer = people.send("POST", CLOCK, body={"days": days}, token=mover.token)
    problem_of(answer, 422, "invalid-request")
    assert people.suite.clock.now() == before


class Stumbling:
    """A clock that fails on the way, once."""

    def __init__(self, clock: MovableClock, steps: int) -> None:
        self._clock, self._steps = clock, steps

    def now(self) -> datetime:
        return self._clock.now()

    def advance(self, step: timedelta) -> None:
        self._steps -= 1
        if self._steps == 0:
            raise OSError("the file of the clock cannot be written")
        self._clock.advance(step)

    def rest(self, seconds: float) -> None:
        self._clock.rest(seconds)


@contextmanager
def with_clock(people: People, clock: Clock) -> Iterator[None]:
    kit = people.suite.kits["licensing"]
    before, kit.clock = kit.clock, clock
    yield
    kit.clock = before


def test_a_step_that_was_interrupted_arrives_when_it_is_sent_again(people: People) -> None:
    mover = operator(people)
    program = replace(mover, token=people.api_token(mover, "installation:operate")["token"])
    before = people.suite.clock.now()
    errand: dict[str, Any] = {"headers": {"Idempotency-Key": uuid4().hex}}
    with with_clock(people, Stumbling(people.suite.clock, steps=4)):
        answer = people.send("POST", CLOCK, body={"days": 10}, token=program.token, **errand)
    assert answer.status_code == 500
    assert people.suite.clock.now() == before + timedelta(days=3)
    assert moved(people, program, 10, **errand) == before + timedelta(days=10)
    assert people.suite.clock.now() == before + timedelta(days=10)


def test_where_time_is_everybodys_nobody_moves_it(people: People) -> None:
    mover = operator(people)

    class Everybodys:
        def now(self) -> datetime:
            now: datetime = people.suite.clock.now()
            return now

    with with_clock(people, Everybodys()):
        for method, body in (("GET", None), ("POST", {"days": 1})):
            answer = people.send(method, CLOCK, body=body, token=mover.token)
            problem_of(answer, 404, "test-clock-unavailable")


def test_in_production_there_is_no_test_clock(people: People) -> None:
    """Not even for operators, not even with a clock that could be moved, and undocumented."""
    ada, mover = people.newcomer(), operator(people)
    before = people.suite.clock.now()
    production = Config({"suite": {"mode": "production"}})
    kit = people.suite.kits["licensing"]
    configured, kit.config = kit.config, production
    app = create_app(production, InProcess(people.suite), clock=people.suite.clock)
    client = app.test_client()
    for person in (ada, mover):
        headers = {"Authorization": f"Bearer {person.token}", "Idempotency-Key": uuid4().hex}
        for method in ("GET", "POST"):
            body = {"days": 1} if method == "POST" else None
            answer = client.open(CLOCK, method=method, json=body, headers=headers)
            problem_of(answer, 404, "test-clock-unavailable")
    kit.config = configured
    assert people.suite.clock.now() == before
    served = client.get("/openapi.json").get_json()
    assert CLOCK not in served["paths"]
    assert "AdvanceTestClockBody" not in served["components"]["schemas"]
    assert "/v1/suppliers" in served["paths"]
