"""What an attacker tries on sign-in and second factors (security chapter 3), over HTTP."""

from __future__ import annotations

import statistics
import time
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from chassis.config import Config
from gateway.app import create_app
from tests.in_process import InProcess
from tests.service.identity.town import PASSWORD, MakeTown, Person, Town

ADA, BEN = "ada@example.com", "ben@example.com"
NUL = "\x00"


class Web:
    """The API as a client without any library of ours sees it; each call from its own address."""

    def __init__(self, town: Town) -> None:
        config = Config({"gateway": {"introspection_seconds": 0, "trusted_proxies": 0}})
        app = create_app(config, InProcess(town.suite), clock=town.clock)
        self.town = town
        self._client: FlaskClient = app.test_client()
        self._calls = 0

    def send(
        self, method: str, path: str, body: Any = None, token: str | None = None, ip: str = ""
    ) -> TestResponse:
        self._calls += 1
        ip = ip or f"198.19.{self._calls // 250}.{self._calls % 250 + 1}"
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self._client.open(
            f"/v1{path}",
            method=method,
            json=body,
            headers=headers,
            environ_base={"REMOTE_ADDR": ip},
        )

    def code(self, method: str, path: str, body: Any = None, token: str | None = None) -> str:
        """``done`` or the code of the problem."""
        answer = self.send(method, path, body, token)
        return "done" if answer.status_code < 400 else str(answer.get_json()["code"])

    def begins(self, person: Person) -> str:
        body = {"email": person.email, "password": person.password}
        return str(self.send("POST", "/sign-ins", body).get_json()["sign_in"])

    def completes(self, sign_in: str, method: str, code: Any) -> str:
        body = {"sign_in": sign_in, "method": method, "code": code}
        return self.code("POST", "/sign-ins/completion", body)

    def opens_manage(self, sign_in: str, method: str, code: Any) -> str:
        body = {"sign_in": sign_in, "method": method, "code": code}
        return self.code("POST", "/sign-ins/manage", body)


@pytest.fixture
def web(town: Town) -> Web:
    return Web(town)


class Victim:
    """With an authenticator and recovery codes."""

    def __init__(self, town: Town, email: str) -> None:
        self.person = town.newcomer(email)
        self.session = town.signs_in(self.person)
        self.manage = town.manages(self.person, self.session)
        self.key = town.registers(self.manage)
        self.codes = town.issues(self.manage)


@pytest.fixture
def ada(town: Town) -> Victim:
    return Victim(town, ADA)


@pytest.fixture
def ben(town: Town) -> Victim:
    return Victim(town, BEN)


# Around the second step (WSTG-ATHN-11)


def test_the_first_step_opens_nothing(web: Web, ada: Victim) -> None:
    sign_in = web.begins(ada.person)
    for method, path in (("GET", "/account"), ("GET", "/session"), ("GET", "/manage")):
        assert web.code(method, path, token=sign_in) == "unauthenticated"


def test_no_method_is_not_a_method(web: Web, ada: Victim) -> None:
    sign_in = web.begins(ada.person)
    assert web.code("POST", "/sign-ins/completion", {"sign_in": sign_in}) == "method-not-offered"
    assert web.completes(sign_in, "totp", None) == "code-refused"


def test_the_second_step_of_one_account_does_not_complete_another_ones(
    web: Web, ada: Victim, ben: Victim
) -> None:
    assert web.completes(web.begins(ben.person), "totp", web.town.next_code(ada.key)) == (
        "code-refused"
    )
    assert web.opens_manage(web.begins(ben.person), "recovery_code", ada.codes[0]) == "code-refused"


def test_a_mailed_code_is_bound_to_its_sign_in(web: Web, ada: Victim, ben: Victim) -> None:
    """EM-2."""
    mine, other = web.begins(ada.person), web.begins(ben.person)
    second = web.begins(ada.person)
    assert web.code("POST", "/sign-ins/email-codes", {"sign_in": mine}) == "done"
    code = web.town.mails(ADA)[-1].code
    assert web.completes(other, "email", code) == "code-refused"
    assert web.completes(second, "email", code) == "code-refused"
    assert web.completes(mine, "email", code) == "done"


def test_an_old_step_is_refused_after_a_newer_one(web: Web, ada: Victim) -> None:
    """TOTP-2, TOTP-3, J1."""
    older = web.town.next_code(ada.key)
    newer = web.town.next_code(ada.key)
    assert web.completes(web.begins(ada.person), "totp", older) == "totp-out-of-sync"
    assert web.completes(web.begins(ada.person), "totp", newer) == "done"
    assert web.completes(web.begins(ada.person), "totp", older) == "totp-out-of-sync"
    assert web.completes(web.begins(ada.person), "totp", newer) == "code-used"


def test_a_setup_key_that_was_only_shown_signs_nobody_in(web: Web, ada: Victim) -> None:
    """REG-3, J2."""
    shown = web.send("POST", "/manage/authenticators", token=ada.manage).get_json()["setup_key"]
    web.town.next_code(ada.key)
    assert web.completes(web.begins(ada.person), "totp", web.town.shown(shown)) == "code-refused"
    assert web.completes(web.begins(ada.person), "totp", shown) == "code-refused"
    assert web.completes(web.begins(ada.person), "totp", web.town.shown(ada.key)) == "done"


def test_beginning_anew_gives_no_new_tries(web: Web, ada: Victim) -> None:
    """J5: five tries, whatever the sign-in and the method; then the right code is refused too."""
    web.town.next_code(ada.key)
    wrong = web.town.wrong(ada.key)
    for attempt in range(5):
        sign_in = web.begins(ada.person)
        tried = (
            web.opens_manage(sign_in, "recovery_code", "00000000")
            if attempt == 2
            else web.completes(sign_in, "totp", wrong)
        )
        assert tried == "code-refused"
    sign_in = web.begins(ada.person)
    assert web.completes(sign_in, "totp", web.town.shown(ada.key)) == "throttled"
    assert web.opens_manage(sign_in, "recovery_code", ada.codes[0]) == "throttled"


def test_a_success_does_not_pay_for_the_guesses_of_its_address(
    web: Web, ada: Victim, ben: Victim
) -> None:
    """J5: ten wrong codes from one address in five minutes, whatever succeeds in between."""
    guesser = "203.0.113.66"
    own = Victim(web.town, "own@example.com")

    def guess(person: Person, code: str, ip: str = guesser) -> str:
        body = {"sign_in": web.begins(person), "method": "totp", "code": code}
        answer = web.send("POST", "/sign-ins/completion", body, ip=ip)
        return "done" if answer.status_code == 201 else str(answer.get_json()["code"])

    for victim in (ada, ben):
        assert guess(own.person, web.town.next_code(own.key)) == "done"
        wrong = web.town.wrong(victim.key)
        assert [guess(victim.person, wrong) for _ in range(5)] == ["code-refused"] * 5
    code = web.town.next_code(own.key)
    assert guess(own.person, code) == "throttled"
    assert guess(own.person, code, ip="203.0.113.99") == "done"


# The Manage area


def test_a_mailed_code_does_not_open_the_manage_area(web: Web, ada: Victim) -> None:
    """MAN-3."""
    web.town.clock.advance(timedelta(minutes=6))
    sign_in = web.begins(ada.person)
    web.code("POST", "/sign-ins/email-codes", {"sign_in": sign_in})
    code = web.town.mails(ADA)[-1].code
    assert web.opens_manage(sign_in, "email", code) == "invalid-request"
    assert web.opens_manage(sign_in, "totp", code) == "code-refused"
    assert web.completes(sign_in, "email", code) == "done"
    token = web.town.signs_in(ada.person)
    assert web.code("POST", "/manage/sessions", {"password": PASSWORD}, token) == "code-required"


def test_a_manage_session_is_no_other_session(web: Web, ada: Victim) -> None:
    """MAN-5, J4."""
    for method, path in (
        ("GET", "/account"),
        ("GET", "/session"),
        ("GET", "/sessions"),
        ("POST", "/manage/sessions"),
    ):
        body = {"password": PASSWORD} if method == "POST" else None
        assert web.code(method, path, body, ada.manage) == "manage-session"
    for method, path in (("GET", "/manage"), ("POST", "/manage/recovery-codes")):
        assert web.code(method, path, token=ada.session) == "manage-required"


def test_recovery_codes_change_at_confirm_only(web: Web, ada: Victim) -> None:
    """RC-4, J3: the new ones before, the old ones after, and a second CONFIRM."""
    batch = web.send("POST", "/manage/recovery-codes", token=ada.manage).get_json()
    new = batch["codes"]
    assert web.opens_manage(web.begins(ada.person), "recovery_code", new[0]) == "code-refused"
    assert web.opens_manage(web.begins(ada.person), "recovery_code", ada.codes[0]) == "done"
    path = f"/manage/recovery-codes/{batch['batch_id']}/confirmation"
    assert web.code("POST", path, token=ada.manage) == "done"
    assert web.code("POST", path, token=ada.manage) == "recovery-codes-not-found"
    assert web.opens_manage(web.begins(ada.person), "recovery_code", ada.codes[1]) == "code-refused"
    assert web.opens_manage(web.begins(ada.person), "recovery_code", new[0]) == "done"
    assert web.opens_manage(web.begins(ada.person), "recovery_code", new[0]) == "code-used"


def test_nobody_confirms_what_another_account_was_shown(web: Web, ada: Victim, ben: Victim) -> None:
    batch = web.send("POST", "/manage/recovery-codes", token=ada.manage).get_json()
    path = f"/manage/recovery-codes/{batch['batch_id']}/confirmation"
    assert web.code("POST", path, token=ben.manage) == "recovery-codes-not-found"
    shown = web.send("POST", "/manage/authenticators", token=ada.manage).get_json()
    path = f"/manage/authenticators/{shown['authenticator_id']}"
    web.town.next_code(ada.key)
    body = {"code": web.town.shown(shown["setup_key"])}
    assert web.code("POST", f"{path}/confirmation", body, ben.manage) == "authenticator-not-found"
    assert web.code("GET", path, token=ben.manage) == "authenticator-not-found"
    assert web.code("DELETE", path, token=ben.manage) == "authenticator-not-found"


FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


def test_codes_typed_in_other_ways_are_the_same_codes(web: Web, ada: Victim) -> None:
    """RC-8: full-width digits, spaces and hyphens; leading zeros count."""
    wide = ada.codes[0].translate(FULL_WIDTH)
    assert web.opens_manage(web.begins(ada.person), "recovery_code", wide) == "done"
    spaced = f" {ada.codes[1][:4]} - {ada.codes[1][4:]} "
    assert web.opens_manage(web.begins(ada.person), "recovery_code", spaced) == "done"
    totp = web.town.next_code(ada.key).translate(FULL_WIDTH)
    assert web.completes(web.begins(ada.person), "totp", totp) == "done"


MALFORMED = [
    "123456789",
    "1234567",
    "",
    "12345678" + NUL,
    "abcdefgh",
    {"$ne": ""},
    ["12345678"],
    12345678,
    True,
    "1" * 100_000,
    "١٢٣٤٥٦٧٨",
]


@pytest.mark.parametrize("code", MALFORMED, ids=lambda code: f"{type(code).__name__}")
def test_what_cannot_be_a_recovery_code_is_refused_and_costs_no_try(
    web: Web, ada: Victim, code: Any
) -> None:
    sign_in = web.begins(ada.person)
    for _ in range(12):
        # Decimal digits of other scripts are digits to NFKC for some forms only: none of these.
        assert web.opens_manage(sign_in, "recovery_code", code) in (
            "code-refused",
            "invalid-request",
            "malformed-request",
        )
    assert web.opens_manage(sign_in, "recovery_code", ada.codes[0]) == "done"


@pytest.mark.parametrize(
    "body",
    [
        {"email": ADA, "password": PASSWORD, "is_operator": True},
        {"email": ADA, "password": PASSWORD, "email_verified": True},
        {"email": ADA, "password": PASSWORD, "role": "owner"},
        {"email": {"$gt": ""}, "password": PASSWORD},
        {"email": ADA, "password": {"$gt": ""}},
    ],
)
def test_nothing_is_registered_beyond_what_is_asked(web: Web, body: Any) -> None:
    """Mass assignment."""
    assert web.code("POST", "/accounts", body) == "invalid-request"
    assert web.town.mails() == []


def test_an_account_does_not_make_itself_an_operator(web: Web, ada: Victim) -> None:
    """Mass assignment."""
    for field, value in (("is_operator", True), ("email", BEN), ("disabled_at", None)):
        assert web.code("PATCH", "/account", {field: value}, ada.session) == "invalid-request"


# Enumeration (security 2.8)


@pytest.fixture
def strangers(town: Town, web: Web) -> dict[str, tuple[str, str]]:
    """Ways in which a sign-in can fail: address and password of each."""
    town.newcomer(ADA)
    town.newcomer("locked@example.com")
    for _ in range(5):
        town.outcome("sign_in", email="locked@example.com", password="a wrong guess")
    town.newcomer("disabled@example.com")
    town.suite.instance("identity").disable_account("disabled@example.com", why="by a test")
    town.ask("register_account", email="unverified@example.com", password=PASSWORD)
    return {
        "unknown": ("nobody@example.com", PASSWORD),
        "wrong": (ADA, "not the password at all"),
        "locked": ("locked@example.com", PASSWORD),
        "disabled": ("disabled@example.com", PASSWORD),
        "unverified": ("unverified@example.com", PASSWORD),
    }


def test_every_failed_sign_in_reads_alike(web: Web, strangers: dict[str, tuple[str, str]]) -> None:
    """Security 2.8: the same status, headers and body but for the request's own id."""
    answers = {}
    for kind, (email, password) in strangers.items():
        answer = web.send("POST", "/sign-ins", {"email": email, "password": password})
        body = answer.get_json()
        body.pop("instance")
        names = sorted(name for name, _ in answer.headers)
        answers[kind] = (answer.status_code, body, names)
    assert answers["unknown"][0] == 401
    assert len({repr(answer) for answer in answers.values()}) == 1


def test_registering_and_resetting_read_alike_for_known_and_unknown(web: Web) -> None:
    """Security 2.8."""
    web.town.newcomer(ADA)
    for path, more in (("/accounts", {"password": PASSWORD}), ("/password-resets", {})):
        known = web.send("POST", path, {"email": ADA, **more})
        unknown = web.send("POST", path, {"email": f"{uuid4().hex}@example.com", **more})
        assert (known.status_code, known.data) == (unknown.status_code, unknown.data) == (202, b"")


def test_an_unknown_address_takes_as_long_as_a_wrong_password(make_town: MakeTown) -> None:
    """Security 2.8: medians of 200 tries each differ by less than a tenth."""
    town = make_town(
        argon2_memory_kib=19_456,
        argon2_passes=2,
        password_failures_free=10_000,
        password_failures_most=10_000,
    )
    town.newcomer(ADA)
    took: dict[str, list[float]] = {"wrong": [], "unknown": []}
    # In turns, so that what else the machine does falls on both.
    for number in range(200):
        for kind, email in (("wrong", ADA), ("unknown", f"nobody{number}@example.com")):
            started = time.perf_counter()
            assert town.outcome("sign_in", email=email, password="a wrong guess") == (
                "sign-in-refused"
            )
            took[kind].append(time.perf_counter() - started)
    wrong, unknown = (statistics.median(took[kind]) for kind in ("wrong", "unknown"))
    assert abs(wrong - unknown) < 0.1 * max(wrong, unknown), (wrong, unknown)
