"""The sheet that hands an account's second factors over on paper."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import fields
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
import segno
from flask.testing import FlaskClient

from chassis.config import Config
from contracts.identity import Language
from gateway.api import identity, manage
from gateway.app import create_app
from services.identity.sheet.words import WORDS
from tests.in_process import InProcess
from tests.service.identity.town import STEP, MakeTown, Person, Town

ADA = "ada@example.com"


class Page(HTMLParser):
    """What a browser would read: elements with their attributes, and each run of text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in ("meta", "path"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag != "path":
            assert self._open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append((self._open[-1], data.strip()))

    @property
    def is_closed(self) -> bool:
        return not self._open

    def within(self, tag: str) -> list[str]:
        return [text for where, text in self.texts if where == tag]

    def attribute(self, tag: str, name: str) -> list[str | None]:
        return [attrs[name] for found, attrs in self.elements if found == tag and name in attrs]


@pytest.fixture
def ada(town: Town) -> Person:
    return town.newcomer(ADA)


def issued(town: Town, person: Person) -> tuple[dict[str, Any], str]:
    """A sheet, and the Manage session it was issued in."""
    managing = town.manages(person, town.signs_in(person))
    return town.ask("issue_provisioning_sheet", managing), managing


def use(town: Town, person: Person, code: str, method: str) -> str:
    sign_in = town.begins(person)
    return town.outcome("open_manage", sign_in=sign_in, method=method, code=code)


# What it hands over


def test_both_halves_are_confirmed_like_any_other(town: Town, ada: Person) -> None:
    """TOTP-9, RC-10, REG-2: then the account signs in with them."""
    sheet, managing = issued(town, ada)
    batch, pending = sheet["recovery_codes"], sheet["authenticator"]
    view = town.ask("get_manage", managing)
    assert view["pending_authenticator_id"] == pending["authenticator_id"]
    assert view["pending_recovery_codes_id"] == batch["batch_id"]
    town.ask("confirm_recovery_codes", managing, batch_id=batch["batch_id"])
    code = {"code": town.shown(pending["setup_key"])}
    town.ask(
        "confirm_authenticator", managing, authenticator_id=pending["authenticator_id"], **code
    )
    session = town.signs_in_with(ada, pending["setup_key"])
    assert town.ask("get_session", session)["level"] == "aal2"
    assert use(town, ada, batch["codes"][0], "recovery_code") == "done"


def test_until_confirmed_nothing_on_it_works_and_the_earlier_ones_do(
    town: Town, ada: Person
) -> None:
    """REG-3, RC-4."""
    managing = town.manages(ada, town.signs_in(ada))
    key, codes = town.registers(managing), town.issues(managing)
    sheet = town.ask("issue_provisioning_sheet", managing)
    town.clock.advance(STEP * 20)
    fresh = town.shown(sheet["authenticator"]["setup_key"])
    assert use(town, ada, sheet["recovery_codes"]["codes"][0], "recovery_code") == "code-refused"
    if fresh != town.shown(key):
        assert use(town, ada, fresh, "totp") != "done"
    assert use(town, ada, codes[0], "recovery_code") == "done"
    assert use(town, ada, town.next_code(key), "totp") == "done"


def test_another_sheet_replaces_what_was_not_confirmed_of_the_first(
    town: Town, ada: Person
) -> None:
    """REG-4, RC-5."""
    first, managing = issued(town, ada)
    second = town.ask("issue_provisioning_sheet", managing)
    assert first["authenticator"]["setup_key"] != second["authenticator"]["setup_key"]
    assert not set(first["recovery_codes"]["codes"]) & set(second["recovery_codes"]["codes"])
    batch = {"batch_id": first["recovery_codes"]["batch_id"]}
    pending = {"authenticator_id": first["authenticator"]["authenticator_id"]}
    assert town.outcome("confirm_recovery_codes", managing, **batch) == "recovery-codes-not-found"
    assert town.outcome("cancel_authenticator", managing, **pending) == "authenticator-not-found"


def test_it_is_given_once(town: Town, ada: Person) -> None:
    """TOTP-8, TOTP-9, RC-3: once it is confirmed no answer holds any of it."""
    sheet, managing = issued(town, ada)
    pending, batch = sheet["authenticator"], sheet["recovery_codes"]
    named = {"authenticator_id": pending["authenticator_id"]}
    answers = [
        town.ask("get_manage", managing),
        town.ask("confirm_recovery_codes", managing, batch_id=batch["batch_id"]),
        town.ask("confirm_authenticator", managing, **named, code=town.shown(pending["setup_key"])),
        town.ask("get_manage", managing),
        town.ask("get_account", town.signs_in(ada)),
    ]
    told = str(answers)
    assert "<html" not in told
    assert not any(secret in told for secret in (*batch["codes"], pending["setup_key"]))
    assert town.outcome("show_pending_authenticator", managing, **named) != "done"


def test_it_takes_a_manage_session(town: Town, ada: Person) -> None:
    """TOTP-9, J4, security 2.7."""
    session = town.signs_in(ada)
    assert town.outcome("issue_provisioning_sheet", session) == "manage-required"
    assert town.outcome("issue_provisioning_sheet") == "unauthenticated"
    managing = town.manages(ada, session)
    town.ask("leave_manage", managing)
    assert town.outcome("issue_provisioning_sheet", managing) == "unauthenticated"


# The page


@pytest.mark.parametrize("language", list(Language))
def test_the_page_is_in_the_language_of_the_account(town: Town, language: Language) -> None:
    """TOTP-9: what is on it, and in which order."""
    ada = town.newcomer(ADA, language=language.value)
    sheet, _managing = issued(town, ada)
    page, words = Page(sheet["html"]), WORDS[language]
    assert page.is_closed
    assert page.attribute("html", "lang") == [language.value]
    assert page.within("title") == [f"Freehold: {words.title}"]
    assert page.within("h1") == [words.title]
    assert page.within("h2") == [words.app, words.codes, words.warning]
    assert page.within("dd")[:2] == [ADA, f"{town.clock.now():%Y-%m-%d %H:%M} UTC"]
    assert tuple(page.within("li")) == words.app_steps
    assert page.within("code") == [
        sheet["authenticator"]["setup_key"],
        *sheet["recovery_codes"]["codes"],
    ]


def test_the_setup_key_is_one_run_of_32_characters(town: Town, ada: Person) -> None:
    """TOTP-4: continuous, so that nobody types a space."""
    sheet, _managing = issued(town, ada)
    assert re.search("<code[^>]*>[A-Z2-7]{32}</code>", sheet["html"])


def test_the_qr_code_on_it_is_that_of_the_authenticator(town: Town, ada: Person) -> None:
    """TOTP-4, TOTP-9: inline, black on the white of the paper."""
    sheet, _managing = issued(town, ada)
    drawn = re.search('<svg viewBox="0 0 ([0-9]+) [0-9]+"><path [^>]*d="([^"]+)"', sheet["html"])
    assert drawn
    expected = segno.make(sheet["authenticator"]["otpauth_uri"], error="m", micro=False)
    assert modules(drawn[2], int(drawn[1])) == [
        [bool(module) for module in row] for row in expected.matrix_iter(border=4)
    ]


def modules(path: str, size: int) -> list[list[bool]]:
    """The dark ones of a path made of lines one unit high."""
    dark = [[False] * size for _ in range(size)]
    column = row = 0
    for move, first, second in re.findall("([Mmh])(-?[0-9.]+)(?: (-?[0-9.]+))?", path):
        if move == "M":
            column, row = int(first), int(float(second))
        elif move == "m":
            column, row = column + int(first), row + int(second)
        else:
            for _ in range(int(first)):
                dark[row][column] = True
                column += 1
    return dark


def test_the_page_needs_nothing_from_elsewhere_and_runs_nothing(town: Town, ada: Person) -> None:
    """TOTP-9: it may be saved, and says itself that it loads nothing."""
    sheet, _managing = issued(town, ada)
    html = sheet["html"]
    page = Page(html)
    names = {name for _tag, attrs in page.elements for name in attrs}
    assert {tag for tag, _attrs in page.elements}.isdisjoint(
        {"script", "link", "img", "iframe", "object", "embed", "form", "base", "a", "use", "image"}
    )
    assert names.isdisjoint({"src", "href", "xlink:href", "srcset", "action", "style", "data"})
    assert not any(name.startswith("on") for name in names)
    style = html.partition("<style>")[2].partition("</style>")[0]
    assert "@media print" in style
    assert "@page" in style
    assert not re.search(r"url\(|@import|@font-face|https?:|//", style)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = page.attribute("meta", "content")[0]
    assert policy is not None
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}'; ")


def test_everything_on_it_is_text(make_town: MakeTown) -> None:
    """TOTP-9: no name and no address becomes markup."""
    service, email = "<b>R&D</b> {x} \"'", "o'neil&co@example.com"
    town = make_town(service_name=service)
    sheet, _managing = issued(town, town.newcomer(email))
    page = Page(sheet["html"])
    assert page.is_closed
    assert f"{service}: {WORDS[Language.ENGLISH].title}" in page.within("title")
    assert page.within("p").count(service) == 1
    assert page.within("dd")[0] == email
    assert page.attribute("b", "class") == []
    assert ("b", {}) not in page.elements


def test_it_says_how_long_there_is_to_confirm_it(make_town: MakeTown) -> None:
    """REG-4, RC-5: until the unused Manage session ends, or what was shown in it."""
    town = make_town()
    ada = town.newcomer(ADA)
    _sheet, managing = issued(town, ada)
    waits = []
    for _ in range(3):
        waits.append(Page(town.ask("issue_provisioning_sheet", managing)["html"]).within("dd")[2])
        town.clock.advance(timedelta(minutes=7))
    assert waits == ["within 10 min", "within 8 min", "within 1 min"]


def test_the_long_recovery_codes_are_on_it_too(make_town: MakeTown) -> None:
    """Security 2.4."""
    town = make_town(recovery_code_format="base32_13", recovery_code_count=6)
    sheet, _managing = issued(town, town.newcomer(ADA))
    assert Page(sheet["html"]).within("code")[1:] == sheet["recovery_codes"]["codes"]
    assert len(sheet["recovery_codes"]["codes"]) == 6


@pytest.mark.parametrize("language", list(Language))
def test_every_language_says_everything(language: Language) -> None:
    said = WORDS[language]
    assert all(getattr(said, each.name) for each in fields(said))
    assert len(said.app_steps) == 5
    assert said.confirm_within.format(minutes=7).count("7") == 1


# Over HTTP


@pytest.fixture
def client(town: Town) -> FlaskClient:
    # Nothing announces here that a session has ended, so none is kept between requests.
    app = create_app(
        Config({"gateway": {"introspection_seconds": 0}}),
        InProcess(town.suite),
        clock=town.clock,
        blueprints=[identity.blueprint, manage.blueprint],
    )
    return app.test_client()


def test_over_http_it_is_kept_nowhere_on_the_way(
    town: Town, ada: Person, client: FlaskClient
) -> None:
    """TOTP-9: no cache keeps it, and no address shows it again."""
    managing = town.manages(ada, town.signs_in(ada))
    bearer = {"Authorization": f"Bearer {managing}"}
    answer = client.post("/v1/manage/provisioning-sheets", headers=bearer)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (201, "no-store")
    assert answer.json is not None
    assert Page(answer.json["html"]).is_closed
    assert client.get("/v1/manage/provisioning-sheets", headers=bearer).status_code == 405
    session = {"Authorization": f"Bearer {town.signs_in(ada)}"}
    refused = client.post("/v1/manage/provisioning-sheets", headers=session)
    assert (refused.status_code, refused.json and refused.json["code"]) == (403, "manage-required")
