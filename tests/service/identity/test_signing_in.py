"""Signing in: password, second step, session."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chassis.rpc import ServiceFailed
from contracts.errors import Refusal
from services.identity.models import PasswordCredential
from services.identity.service.hashing import Hasher
from tests.service.identity.town import PASSWORD, MakeTown, Town

ADA = "ada@example.com"
WRONG = "not what was chosen at all"


def told(town: Town, email: str, password: str) -> tuple[str, str, dict[str, str]]:
    with pytest.raises(Refusal) as caught:
        town.ask("sign_in", email=email, password=password)
    return caught.value.code, caught.value.detail, caught.value.facts


def strangers(town: Town) -> dict[str, tuple[str, str]]:
    """Every way in which a first step fails: address and password of each."""
    for email in (ADA, "locked@example.com", "disabled@example.com"):
        town.newcomer(email)
    town.ask("register_account", email="unverified@example.com", password=PASSWORD)
    for _ in range(5):
        town.outcome("sign_in", email="locked@example.com", password=WRONG)
    town.disables("disabled@example.com")
    return {
        "unknown": ("nobody@example.com", PASSWORD),
        "wrong": (ADA, WRONG),
        "locked": ("locked@example.com", PASSWORD),
        "disabled": ("disabled@example.com", PASSWORD),
        "unverified": ("unverified@example.com", PASSWORD),
    }


def test_unknown_wrong_locked_disabled_and_unverified_are_told_alike(town: Town) -> None:
    """Security 2.8."""
    refusals = {str(told(town, *each)) for each in strangers(town).values()}
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
    """Security 2.8: whatever it fails by, and also when it succeeds."""
    failing = strangers(town)
    kit = town.suite.kits["identity"]
    hasher = CountingHasher()
    kit.own = replace(kit.own, hasher=hasher)
    for email, password in (*failing.values(), (ADA, PASSWORD)):
        town.outcome("sign_in", email=email, password=password)
    assert hasher.parameters == ["m=64,t=1,p=1"] * 6


def test_a_disabled_account_neither_begins_nor_goes_on(town: Town) -> None:
    """Security 2.2: not with a sign-in begun before, in neither of its directions."""
    ada = town.newcomer(ADA)
    token = town.signs_in(ada)
    manage = town.manages(ada, token)
    codes = town.issues(manage)
    key, _token = town.enrols(ada, token)
    code = town.next_code(key)
    begun = town.begins(ada)
    mailed = town.begins(ada)
    town.clock.advance(timedelta(minutes=1))
    town.ask("send_sign_in_code", sign_in=mailed)
    by_mail = town.mails(ADA)[-1].code
    town.disables(ADA)
    opened = town.actions().count("session_created")
    assert town.outcome("sign_in", email=ADA, password=PASSWORD) == "sign-in-refused"
    assert town.outcome("send_sign_in_code", sign_in=begun) == "sign-in-over"
    for method, each in (("totp", code), ("email", by_mail)):
        given = {"sign_in": mailed, "method": method, "code": each}
        assert town.outcome("complete_sign_in", **given) == "sign-in-over"
    for method, each in (("totp", code), ("recovery_code", codes[0])):
        given = {"sign_in": begun, "method": method, "code": each}
        assert town.outcome("open_manage", **given) == "sign-in-over"
    assert town.actions().count("session_created") == opened


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


def test_the_second_step_cannot_be_left_out(town: Town) -> None:
    """WSTG-ATHN-11."""
    sign_in = town.begins(town.newcomer(ADA))
    assert town.outcome("complete_sign_in", sign_in=sign_in) == "method-not-offered"
    assert (
        town.outcome("complete_sign_in", sign_in=sign_in, method="totp", code="123456")
        == "method-not-offered"
    )
    assert town.outcome("introspect", token=sign_in) == "unauthenticated"


# Beginning again


def test_a_sign_in_may_be_given_up_and_begun_again_at_any_point(town: Town) -> None:
    """ACC-10: nothing that was left half done stands in the way, or counts."""
    ada = town.newcomer(ADA)
    key, token = town.enrols(ada, town.signs_in(ada))
    before = town.ask("get_account", token)
    left = [town.begins(ada) for _ in range(3)]
    town.clock.advance(timedelta(minutes=1))
    town.ask("send_sign_in_code", sign_in=left[0])
    town.outcome("complete_sign_in", sign_in=left[1], method="totp", code=town.wrong(key))
    manage = town.manages_from_sign_in(ada, town.next_code(key))
    town.ask("register_authenticator", manage)
    town.ask("create_recovery_codes", manage)
    town.clock.advance(timedelta(minutes=16))
    assert town.outcome("get_manage", manage) == "unauthenticated"
    for sign_in in left:
        given = {"sign_in": sign_in, "method": "totp", "code": town.shown(key)}
        assert town.outcome("complete_sign_in", **given) == "sign-in-over"
    token = town.signs_in_with(ada, key)
    assert town.ask("get_account", token) == before


def test_a_database_that_fails_is_no_wrong_code_and_uses_none_up(town: Town) -> None:
    """Security 2.3, ACC-10: what was used up is committed together with what it grants."""
    ada = town.newcomer(ADA)
    key, _token = town.enrols(ada, town.signs_in(ada))
    code = town.next_code(key)
    given = {"sign_in": town.begins(ada), "method": "totp", "code": code}
    with town.failing("INSERT INTO session"), pytest.raises(ServiceFailed):
        town.ask("complete_sign_in", **given)
    assert town.outcome("complete_sign_in", **given) == "done"


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
