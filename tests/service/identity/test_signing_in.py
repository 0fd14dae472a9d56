"""Signing in: password, second step, session."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from contracts.errors import Refusal
from services.identity.models import PasswordCredential
from services.identity.service.hashing import Hasher
from tests.service.identity.town import PASSWORD, STEP, MakeTown, Town

ADA = "ada@example.com"
WRONG = "not what was chosen at all"


def told(town: Town, email: str, password: str) -> tuple[str, str, dict[str, str]]:
    with pytest.raises(Refusal) as caught:
        town.ask("sign_in", email=email, password=password)
    return caught.value.code, caught.value.detail, caught.value.facts


def test_unknown_wrong_locked_and_unverified_are_told_alike(town: Town) -> None:
    """Security 2.8."""
    town.newcomer(ADA)
    town.newcomer("locked@example.com")
    town.ask("register_account", email="new@example.com", password=PASSWORD)
    for _ in range(5):
        town.outcome("sign_in", email="locked@example.com", password=WRONG)
    refusals = {
        str(told(town, email, password))
        for email, password in (
            ("nobody@example.com", PASSWORD),
            (ADA, WRONG),
            ("locked@example.com", PASSWORD),
            ("new@example.com", PASSWORD),
        )
    }
    assert len(refusals) == 1


class CountingHasher(Hasher):
    """Hashes as ever, and keeps the parameters of what it was compared with."""

    def __init__(self) -> None:
        self.parameters: list[str] = []
        super().__init__(memory_kib=64, passes=1, lanes=1)

    def _verified(self, digest: str, password: str) -> bool:
        self.parameters.append(digest.split("$")[3])
        return super()._verified(digest, password)


def test_every_first_step_costs_one_password_hash(town: Town) -> None:
    """Security 2.8: the work is the same for an account that does not exist, or has to wait."""
    town.newcomer(ADA)
    kit = town.suite.kits["identity"]
    hasher = CountingHasher()
    kit.own = replace(kit.own, hasher=hasher)
    for email in (ADA, "nobody@example.com"):
        for _ in range(7):
            town.outcome("sign_in", email=email, password=WRONG)
    assert hasher.parameters == ["m=64,t=1,p=1"] * 14


def test_five_wrong_passwords_make_the_account_wait(town: Town) -> None:
    """Security 2.2: the right one, too, and from everywhere; then 30 s, then a minute."""
    town.newcomer(ADA)
    for _ in range(5):
        town.outcome("sign_in", email=ADA, password=WRONG)
    assert town.outcome("sign_in", email=ADA, password=PASSWORD) == "sign-in-refused"
    town.clock.advance(timedelta(seconds=30))
    assert town.outcome("sign_in", email=ADA, password=WRONG) == "sign-in-refused"
    town.clock.advance(timedelta(seconds=59))
    assert town.outcome("sign_in", email=ADA, password=PASSWORD) == "sign-in-refused"
    town.clock.advance(timedelta(seconds=1))
    assert town.outcome("sign_in", email=ADA, password=PASSWORD) == "done"
    assert town.outcome("sign_in", email=ADA, password=WRONG) == "sign-in-refused"
    assert town.outcome("sign_in", email=ADA, password=PASSWORD) == "done"
    assert "authn_login_lock" in town.actions()


def test_an_address_of_the_net_tries_ten_passwords_a_minute(town: Town) -> None:
    """Security 2.2: told openly, for it says nothing about any account."""
    outcomes = [
        town.outcome("sign_in", email=f"{n}@example.com", password=WRONG, ip="203.0.113.5")
        for n in range(11)
    ]
    assert outcomes == ["sign-in-refused"] * 10 + ["throttled"]


def test_a_success_takes_back_its_own_try_only(town: Town) -> None:
    """J5: else one good account would reset the address for guessing at others."""
    town.newcomer(ADA)
    ip = "203.0.113.6"
    for number in range(9):
        town.outcome("sign_in", email=f"{number}@example.com", password=WRONG, ip=ip)
        assert town.outcome("sign_in", email=ADA, password=PASSWORD, ip=ip) == "done"
    assert town.outcome("sign_in", email="9@example.com", password=WRONG, ip=ip) != "throttled"
    assert town.outcome("sign_in", email=ADA, password=PASSWORD, ip=ip) == "throttled"


def test_a_code_by_mail_gives_a_session_of_the_weaker_level(town: Town) -> None:
    """ACC-3, EM-1."""
    person = town.newcomer(ADA)
    begun = town.ask("sign_in", email=ADA, password=PASSWORD)
    assert (begun["methods"], begun["suggested_method"]) == (["email"], "email")
    token = town.signs_in(person)
    assert town.ask("get_session", token)["level"] == "aal1+"
    assert set(town.actions()[-2:]) == {"session_created", "authn_login_success"}


def test_a_sign_in_completes_once(town: Town) -> None:
    """EM-2."""
    person = town.newcomer(ADA)
    sign_in = town.begins(person)
    town.ask("send_sign_in_code", sign_in=sign_in)
    code = town.mails(ADA)[-1].code
    given = {"sign_in": sign_in, "method": "email", "code": code}
    assert town.outcome("complete_sign_in", **given) == "done"
    assert town.outcome("complete_sign_in", **given) == "sign-in-over"


def test_a_sign_in_is_over_after_ten_minutes(town: Town) -> None:
    """Security 2.6."""
    sign_in = town.begins(town.newcomer(ADA))
    town.clock.advance(timedelta(minutes=10))
    assert town.outcome("send_sign_in_code", sign_in=sign_in) == "sign-in-over"


def test_a_code_by_mail_works_for_five_minutes(town: Town) -> None:
    """EM-2."""
    sign_in = town.begins(town.newcomer(ADA))
    town.ask("send_sign_in_code", sign_in=sign_in)
    code = town.mails(ADA)[-1].code
    town.clock.advance(timedelta(minutes=5))
    given = {"sign_in": sign_in, "method": "email", "code": code}
    assert town.outcome("complete_sign_in", **given) == "code-refused"


def test_a_code_belongs_to_the_sign_in_that_asked_for_it(town: Town) -> None:
    """WSTG-ATHN-11: neither another sign-in of the account nor another account takes it."""
    ada, bob = town.newcomer(ADA), town.newcomer("bob@example.com")
    asked, other, bobs = town.begins(ada), town.begins(ada), town.begins(bob)
    town.ask("send_sign_in_code", sign_in=asked)
    code = town.mails(ADA)[-1].code
    for sign_in in (other, bobs):
        given = {"sign_in": sign_in, "method": "email", "code": code}
        assert town.outcome("complete_sign_in", **given) == "code-refused"


def test_a_new_code_replaces_the_one_before_after_a_minute(town: Town) -> None:
    """EM-2."""
    sign_in = town.begins(town.newcomer(ADA))
    town.ask("send_sign_in_code", sign_in=sign_in)
    old = town.mails(ADA)[-1].code
    assert town.outcome("send_sign_in_code", sign_in=sign_in) == "throttled"
    town.clock.advance(timedelta(seconds=60))
    town.ask("send_sign_in_code", sign_in=sign_in)
    new = town.mails(ADA)[-1].code
    given = {"sign_in": sign_in, "method": "email"}
    if old != new:
        assert town.outcome("complete_sign_in", **given, code=old) == "code-refused"
    assert town.outcome("complete_sign_in", **given, code=new) == "done"


def test_five_codes_are_mailed_in_an_hour(town: Town) -> None:
    """EM-2."""
    person = town.newcomer(ADA)
    outcomes = []
    for _ in range(6):
        outcomes.append(town.outcome("send_sign_in_code", sign_in=town.begins(person)))
        town.clock.advance(timedelta(minutes=2))
    assert outcomes == ["done"] * 5 + ["throttled"]


def test_a_code_takes_five_tries(make_town: MakeTown) -> None:
    """EM-2: the sixth is not looked at, right or wrong."""
    town = make_town(limit_codes_per_account="100/300")
    sign_in = town.begins(town.newcomer(ADA))
    town.ask("send_sign_in_code", sign_in=sign_in)
    code = town.mails(ADA)[-1].code
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    given = {"sign_in": sign_in, "method": "email"}
    for _ in range(5):
        assert town.outcome("complete_sign_in", **given, code=wrong) == "code-refused"
    assert town.outcome("complete_sign_in", **given, code=code) == "code-refused"


def test_codes_are_counted_across_sign_ins(town: Town) -> None:
    """Security 2.2: a new sign-in starts no new count, and the right code waits as well."""
    person = town.newcomer(ADA)
    key, _token = town.enrols(person, town.signs_in(person))
    town.clock.advance(STEP)
    wrong = f"{(int(town.shown(key)) + 1) % 10**6:06d}"
    for _ in range(5):
        given = {"sign_in": town.begins(person), "method": "totp", "code": wrong}
        assert town.outcome("complete_sign_in", **given) in ("code-refused", "totp-out-of-sync")
    right = {"sign_in": town.begins(person), "method": "totp", "code": town.shown(key)}
    assert town.outcome("complete_sign_in", **right) == "throttled"
    town.clock.advance(timedelta(minutes=5))
    later = {"sign_in": town.begins(person), "method": "totp", "code": town.shown(key)}
    assert town.outcome("complete_sign_in", **later) == "done"


def test_the_second_step_cannot_be_left_out(town: Town) -> None:
    """WSTG-ATHN-11."""
    sign_in = town.begins(town.newcomer(ADA))
    assert town.outcome("complete_sign_in", sign_in=sign_in) == "method-not-offered"
    assert (
        town.outcome("complete_sign_in", sign_in=sign_in, method="totp", code="123456")
        == "method-not-offered"
    )
    assert town.outcome("introspect", token=sign_in) == "unauthenticated"


def test_an_optional_second_step_is_left_out_without_an_authenticator(
    make_town: MakeTown,
) -> None:
    """ACC-7."""
    town = make_town(mfa_policy="optional")
    person = town.newcomer(ADA)
    done = town.ask("complete_sign_in", sign_in=town.begins(person))
    assert done["level"] == "aal1"
    key, _token = town.enrols(person, done["token"])
    sign_in = town.begins(person)
    assert town.outcome("complete_sign_in", sign_in=sign_in) == "method-not-offered"
    given = {"sign_in": sign_in, "method": "totp", "code": town.next_code(key)}
    assert town.outcome("complete_sign_in", **given) == "done"


def test_a_required_authenticator_replaces_the_code_by_mail(make_town: MakeTown) -> None:
    """ACC-7."""
    town = make_town(mfa_policy="totp_required")
    person = town.newcomer(ADA)
    town.enrols(person, town.signs_in(person))
    begun = town.ask("sign_in", email=ADA, password=PASSWORD)
    assert begun["methods"] == ["totp"]
    assert town.outcome("send_sign_in_code", sign_in=begun["sign_in"]) == "method-not-offered"


def test_an_outdated_hash_is_renewed_by_signing_in(make_town: MakeTown) -> None:
    """Security 2.1."""
    town = make_town()
    person = town.newcomer(ADA)
    hasher = town.suite.kits["identity"].own.hasher
    database = town.suite.databases["identity"]
    weaker = type(hasher)(memory_kib=32, passes=1, lanes=1).digest(PASSWORD)
    with database() as session:
        session.query(PasswordCredential).update({"digest": weaker})
    town.begins(person)
    with database.reading() as session:
        renewed = session.query(PasswordCredential.digest).scalar() or ""
    assert "m=64" in renewed
    assert town.outcome("sign_in", email=ADA, password=PASSWORD) == "done"
