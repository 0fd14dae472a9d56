"""Recovery codes as people type them, how often they may try, and what too many tries end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import cycle
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from chassis.config import Config
from contracts.errors import Refusal
from gateway.api import identity, manage
from gateway.app import create_app
from tests.in_process import InProcess
from tests.service.identity.town import PASSWORD, MakeTown, Person, Town

ADA = "ada@example.com"
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
MANY = "100000/60"


class Account:
    """Ada's, with recovery codes, no authenticator, and tries that no limit but theirs counts."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.person: Person = town.newcomer(ADA)
        self.codes: list[str] = []
        self.issue_anew()

    def issue_anew(self) -> str:
        """The session in which it was done."""
        session = self.town.signs_in(self.person)
        self.codes = self.town.issues(self.town.manages(self.person, session))
        return session

    def use(self, code: str) -> str:
        """``done`` or the code of the refusal; with a sign-in of its own each time."""
        sign_in = self.town.begins(self.person)
        return self.town.outcome("open_manage", sign_in=sign_in, method="recovery_code", code=code)

    def guesses(self) -> Iterator[str]:
        """Codes that are none of the account's."""
        return cycle(
            code for code in (f"{number:08d}" for number in range(20)) if code not in self.codes
        )

    def guess(self, times: int) -> list[str]:
        guesses = self.guesses()
        return [self.use(next(guesses)) for _ in range(times)]


@pytest.fixture
def account(town: Town) -> Account:
    return Account(town)


# As people type them


@pytest.mark.parametrize(
    "written",
    [
        lambda code: code.translate(FULL_WIDTH),
        lambda code: f"{code[:4]} {code[4:]}",
        lambda code: f" {code[:4]}-{code[4:]}\n",
        lambda code: f"{code[:4]}ー{code[4:]}".translate(FULL_WIDTH),
        lambda code: "\u3000".join(code.translate(FULL_WIDTH)),
    ],
)
def test_full_width_digits_spaces_and_hyphens_are_understood(
    account: Account, written: Callable[[str], str]
) -> None:
    """RC-8."""
    assert account.use(written(account.codes[0])) == "done"
    assert account.use(account.codes[0]) == "code-used"


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("123456789", "code-refused"),
        ("1234567", "code-refused"),
        ("1234567a", "code-refused"),
        ("12345678\x00", "code-refused"),
        ("ABCDEFGH23457", "code-refused"),
        ("        ", "code-refused"),
        ("", "invalid-request"),
        ("1" * 65, "invalid-request"),
    ],
)
def test_what_cannot_be_a_code_is_refused_uncounted(
    account: Account, text: str, refusal: str
) -> None:
    """RC-8: a slip of the finger is no guess."""
    assert [account.use(text) for _ in range(6)] == [refusal] * 6
    assert account.use(account.codes[0]) == "done"


def test_the_long_form_replaces_the_digits(make_town: MakeTown) -> None:
    """Security 2.4: `recovery_code_format = base32_13`."""
    account = Account(make_town(recovery_code_format="base32_13"))
    code = account.codes[0]
    assert {len(each) for each in account.codes} == {13}
    assert account.use("12345678") == "code-refused"
    assert account.use(f"{code[:4]}-{code[4:8]}-{code[8:]}".lower()) == "done"
    assert account.use(code) == "code-used"


# How often


def test_tries_are_limited_by_the_quarter_of_an_hour_the_hour_and_the_day(
    make_town: MakeTown,
) -> None:
    """Security 2.2: 5, 10 and 20, whatever the sign-in and the address; then the next day."""
    town = make_town(limit_codes_per_account=MANY)
    account = Account(town)
    guesses, begin = account.guesses(), town.clock.now()
    tried = []
    for _ in range(4 * 24 + 1):
        while account.use(next(guesses)) != "throttled":
            tried.append((town.clock.now() - begin) // timedelta(minutes=1))
        town.clock.advance(timedelta(minutes=15))
    assert tried == [0] * 5 + [15] * 5 + [60] * 5 + [75] * 5 + [24 * 60] * 5


def test_after_five_wrong_ones_the_right_one_waits_too(account: Account) -> None:
    """Security 2.2: and its owner is told how long."""
    assert account.guess(5) == ["code-refused"] * 5
    account.town.clock.advance(timedelta(minutes=5))
    with pytest.raises(Refusal) as caught:
        account.town.ask(
            "open_manage",
            sign_in=account.town.begins(account.person),
            method="recovery_code",
            code=account.codes[0],
        )
    assert (caught.value.code, caught.value.facts["retry_after"]) == ("throttled", "600")
    account.town.clock.advance(timedelta(minutes=10))
    assert account.use(account.codes[0]) == "done"


def test_a_success_ends_the_count(account: Account) -> None:
    """Security 2.2."""
    for code in account.codes[:3]:
        assert account.guess(4) == ["code-refused"] * 4
        assert account.use(code) == "done"


def test_the_tries_of_one_account_are_no_other_accounts(account: Account) -> None:
    """Security 2.2."""
    account.guess(5)
    ben = account.town.newcomer("ben@example.com")
    codes = account.town.issues(account.town.manages(ben, account.town.signs_in(ben)))
    sign_in = account.town.begins(ben)
    given = {"sign_in": sign_in, "method": "recovery_code", "code": codes[0]}
    assert account.town.outcome("open_manage", **given) == "done"


def test_tries_from_a_session_count_as_those_from_a_sign_in(account: Account) -> None:
    """Security 2.2: one counter for every way in."""
    town = account.town
    session = town.signs_in(account.person)
    again = {"password": PASSWORD, "method": "recovery_code"}
    guesses = account.guesses()
    for _ in range(5):
        given = {**again, "code": next(guesses)}
        assert town.outcome("enter_manage", session, **given) == "code-refused"
    assert account.use(account.codes[0]) == "throttled"


# Too many


@pytest.fixture
def unlimited(make_town: MakeTown) -> Account:
    return Account(make_town(limit_codes_per_account=MANY, limit_recovery_codes_per_account=MANY))


def test_a_hundred_wrong_ones_in_a_row_disable_all_until_new_ones_are_issued(
    unlimited: Account,
) -> None:
    """63B-4, security 2.2: told by mail, in the audit, and in the Manage area."""
    town = unlimited.town
    assert unlimited.guess(100) == ["code-refused"] * 100
    assert unlimited.use(unlimited.codes[0]) == "recovery-codes-disabled"
    assert unlimited.use(unlimited.codes[1]) == "recovery-codes-disabled"
    assert town.actions().count("mfa_recovery_disabled") == 1
    assert "mfa_recovery_used" not in town.actions()
    assert "disabled" in town.mails(ADA)[-1].subject

    session = town.signs_in(unlimited.person)
    manage = town.manages(unlimited.person, session)
    assert town.ask("get_manage", manage)["recovery_codes"]["is_disabled"] is True
    unlimited.codes = town.issues(manage)
    assert town.ask("get_manage", manage)["recovery_codes"]["is_disabled"] is False
    assert unlimited.use(unlimited.codes[0]) == "done"


def test_a_success_ends_the_row_of_wrong_ones(make_town: MakeTown) -> None:
    """63B-4: consecutive ones are counted."""
    account = Account(
        make_town(
            recovery_failures_most=3,
            limit_codes_per_account=MANY,
            limit_recovery_codes_per_account=MANY,
        )
    )
    for code in account.codes[:3]:
        assert account.guess(2) == ["code-refused"] * 2
        assert account.use(code) == "done"
    assert account.guess(3) == ["code-refused"] * 3
    assert account.use(account.codes[3]) == "recovery-codes-disabled"


def test_wrong_ones_do_not_touch_the_authenticator(make_town: MakeTown) -> None:
    """63B-4, RC-6: each factor is disabled alone, so the other one opens the way back."""
    town = make_town(
        recovery_failures_most=2,
        limit_codes_per_account=MANY,
        limit_recovery_codes_per_account=MANY,
    )
    account = Account(town)
    key = town.registers(town.manages(account.person, town.signs_in(account.person)))
    account.guess(2)
    assert account.use(account.codes[0]) == "recovery-codes-disabled"
    sign_in = town.begins(account.person)
    entered = town.ask("open_manage", sign_in=sign_in, method="totp", code=town.next_code(key))
    account.codes = town.issues(entered["token"])
    assert account.use(account.codes[0]) == "done"


# Over HTTP


@pytest.fixture
def client(account: Account) -> FlaskClient:
    # Nothing announces here that a session has ended, so none is kept between requests.
    app = create_app(
        Config({"gateway": {"introspection_seconds": 0}}),
        InProcess(account.town.suite),
        clock=account.town.clock,
        blueprints=[identity.blueprint, manage.blueprint],
    )
    return app.test_client()


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("123456789", 422),
        ("1234567a", 422),
        ("12345678\x00", 400),
        ("", 422),
        (12345678, 422),
        ({"digits": "12345678"}, 422),
        (["12345678"], 422),
        (None, 422),
    ],
)
def test_only_text_of_eight_digits_is_tried(
    account: Account, client: FlaskClient, code: object, status: int
) -> None:
    """RC-8; security, chapter 3."""
    given = {"sign_in": account.town.begins(account.person), "method": "recovery_code"}
    answer = client.post("/v1/sign-ins/manage", json={**given, "code": code})
    assert answer.status_code == status, answer.text
    right = {**given, "code": account.codes[0].translate(FULL_WIDTH)}
    assert client.post("/v1/sign-ins/manage", json=right).status_code == 201


def test_codes_over_http_are_kept_nowhere_on_the_way_and_confirmed_once(
    account: Account, client: FlaskClient
) -> None:
    """RC-3, RC-4, RC-5."""
    given = {"sign_in": account.town.begins(account.person), "method": "recovery_code"}
    opened = client.post("/v1/sign-ins/manage", json={**given, "code": account.codes[0]})
    bearer = {"Authorization": f"Bearer {opened.json['token']}"}  # type: ignore[index]
    created = client.post("/v1/manage/recovery-codes", headers=bearer)
    assert (created.status_code, created.headers["Cache-Control"]) == (201, "no-store")
    batch = created.json
    assert batch is not None
    path = f"/v1/manage/recovery-codes/{batch['batch_id']}"
    stranger = f"/v1/manage/recovery-codes/{uuid4()}/confirmation"
    assert client.post(stranger, headers=bearer).status_code == 404
    assert client.post(f"{path}/confirmation", headers=bearer).status_code == 201
    again = client.post(f"{path}/confirmation", headers=bearer)
    assert (again.status_code, again.json and again.json["code"]) == (
        404,
        "recovery-codes-not-found",
    )
    assert client.delete(path, headers=bearer).status_code == 404
    assert account.use(batch["codes"][0]) == "done"


def test_who_guesses_over_http_is_told_how_long_to_wait(
    account: Account, client: FlaskClient
) -> None:
    """Security 2.2."""
    account.guess(5)
    given = {"sign_in": account.town.begins(account.person), "method": "recovery_code"}
    answer = client.post("/v1/sign-ins/manage", json={**given, "code": account.codes[0]})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "900")
