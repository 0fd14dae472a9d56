"""The meter beside a new password: over the API, on the pages, and never in the way."""

from __future__ import annotations

import re
from functools import partial

import pytest
from sqlalchemy import inspect, text

from gateway.console.words import LANGUAGES
from gateway.console.words.strength import STRENGTH
from services.identity.service import strength
from tests.service.identity.surfer import ADA, Surfer, app_of
from tests.service.identity.test_identity_races import at_once
from tests.service.identity.town import PASSWORD, MakeTown, Town

WEAK = "abcdefghijklmnopqrst"


@pytest.fixture
def surfer(town: Town) -> Surfer:
    return Surfer(app_of(town))


def test_a_strength_is_told_over_http(town: Town, surfer: Surfer) -> None:
    """Security 2.1."""
    answer = surfer.client.post("/v1/password-strength", json={"password": WEAK})
    assert answer.status_code == 200
    assert answer.json == {"score": 0, "advice": ["sequences", "more-words"]}
    strong = surfer.client.post("/v1/password-strength", json={"password": PASSWORD})
    assert strong.json == {"score": 4, "advice": []}


def test_it_decides_nothing(town: Town) -> None:
    """Security 2.1: a meter only; weak ones that the rule takes are taken."""
    weak = "abcdefg abcdefg abcdefg"
    assert town.ask("rate_password", password=weak)["score"] == 2
    assert town.outcome("register_account", email=ADA, password=weak) == "done"


def test_nothing_of_it_is_kept(town: Town) -> None:
    town.ask("rate_password", password=WEAK)
    with town.suite.databases["identity"].reading() as session:
        tables = inspect(session.connection()).get_table_names()
        rows = {name: session.execute(text(f"SELECT * FROM {name}")).all() for name in tables}
    assert WEAK not in str(rows)
    assert {name for name, found in rows.items() if found} <= {"throttle", "alembic_version"}


def test_one_address_asks_sixty_times_a_minute(make_town: MakeTown) -> None:
    town = make_town(limit_password_ratings_per_ip="3/60")
    outcomes = [town.outcome("rate_password", password=WEAK, ip="203.0.113.9") for _ in range(4)]
    assert outcomes == ["done"] * 3 + ["throttled"]
    assert town.outcome("register_account", email=ADA, password=PASSWORD) == "done"


def test_one_is_rated_at_a_time_and_nobody_waits_long(town: Town) -> None:
    """Security 2.11: sign-ins need the cores more."""
    with strength._turn:
        assert town.outcome("rate_password", password=WEAK) == "throttled"
    asked = partial(town.outcome, "rate_password", password=WEAK)
    assert at_once(asked, asked, asked) == ["done"] * 3


# On the pages


def ways(town: Town, surfer: Surfer) -> dict[str, tuple[str, str, dict[str, str]]]:
    """Each page where a password is chosen: its button, the field, and what else is typed."""
    surfer.registers(town)
    surfer.signs_in(town)
    town.ask("request_password_reset", email=ADA)
    reset = town.mails(ADA)[-1].token
    town.ask("register_account", email="bob@example.com", password=PASSWORD)
    verify = town.mails("bob@example.com")[-1].token
    return {
        "/register": ("REGISTER", "password", {"email": "eve@example.com"}),
        "/account/password": ("CHANGE", "new_password", {"current_password": PASSWORD}),
        f"/reset-password?token={reset}": ("SET THE PASSWORD", "new_password", {}),
        f"/verify-email/password?token={verify}": ("SET THE PASSWORD", "new_password", {}),
    }


def test_under_a_refused_password_stands_how_strong_it_is(town: Town, surfer: Surfer) -> None:
    for path, (button, name, typed) in ways(town, surfer).items():
        page = surfer.open(path)
        assert STRENGTH["en"]["score_0"] not in page.text
        form = page.form(button)
        given = {**form.values, **typed, name: "abcdefgh"}
        page = surfer.send(form.action, {**given, "repeated": "abcdefgh"})
        assert page.status == 422, path
        assert f'data-strength-of="{name}"' in page.html
        assert STRENGTH["en"]["sequences"] in page.text
        assert "abcdefgh" not in page.html


def test_only_pages_with_a_new_password_take_a_script(town: Town, surfer: Surfer) -> None:
    """And one file of ours at that."""
    scripted = list(ways(town, surfer))
    for path in [*scripted, "/sign-in", "/forgot-password", "/account", "/verify-email?token=x"]:
        page = surfer.open(path)
        policy = page.answer.headers["Content-Security-Policy"]
        scripts = re.findall(r"<script[^>]*>", page.html)
        if path in scripted:
            assert policy.endswith("script-src 'self'; connect-src 'self'")
            assert scripts == ['<script src="/static/strength.js" defer>']
        else:
            assert "script" not in policy
            assert scripts == []
        assert "unsafe" not in policy
    with surfer.client.get("/static/strength.js") as script:
        assert script.mimetype == "text/javascript"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_script_gets_the_meter_in_the_persons_language(surfer: Surfer, language: str) -> None:
    answer = surfer.client.post(
        f"/password-strength?lang={language}", data={"password": f"<b>{WEAK}"}
    )
    words = STRENGTH[language]
    assert answer.status_code == 200
    assert words["label"] in answer.text
    assert words["more-words"] in answer.text
    assert WEAK not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("typed", ["", "x" * 2000, "a\0b"])
def test_where_there_is_no_meter_the_script_shows_none(surfer: Surfer, typed: str) -> None:
    answer = surfer.client.post("/password-strength", data={"password": typed})
    assert (answer.status_code, "meter" in answer.text) in ((204, False), (400, False))


def test_a_page_without_a_meter_works_as_well(make_town: MakeTown) -> None:
    """It is no reason to refuse anything."""
    town = make_town(limit_password_ratings_per_ip="1/600")
    surfer = Surfer(app_of(town))
    for _ in range(2):
        surfer.open("/register")
        page = surfer.press("REGISTER", email=ADA, password="abcdefgh")
        assert page.status == 422
    assert "at least 15" in page.text
    assert "<meter" not in page.html
    assert surfer.press("REGISTER", email=ADA, password=PASSWORD).path == "/register/done"
