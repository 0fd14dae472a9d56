"""How often the code of a second factor may be tried (security 2.2, 2.3)."""

from __future__ import annotations

from datetime import timedelta

from tests.service.identity.town import PASSWORD, STEP, MakeTown, Town

ADA = "ada@example.com"


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


def test_tries_at_second_factors_from_one_address_are_counted_over_all_accounts(
    town: Town,
) -> None:
    """Security 2.2: ten in five minutes, fifty in an hour; told openly."""
    ip = "203.0.113.7"
    people = [town.newcomer(f"{number}@example.com") for number in range(6)]
    outcomes = []
    for _ in range(6):
        for person in (*people, *people[:5]):
            outcomes.append(town.completes(person, "000000", "email", ip=ip))
        town.clock.advance(timedelta(minutes=5))
    assert outcomes == (["code-refused"] * 10 + ["throttled"]) * 5 + ["throttled"] * 11


def test_tries_at_second_factors_of_one_account_are_counted_for_a_day(town: Town) -> None:
    """Security 2.2: five in five minutes, twenty in an hour, fifty in a day; from anywhere."""
    ada = town.newcomer(ADA)
    key, _token = town.enrols(ada, town.signs_in(ada))
    started_at = town.clock.now()

    def tries_until(minutes: int, pause: int = 5) -> int:
        count = 0
        while town.clock.now() < started_at + timedelta(minutes=minutes):
            while town.completes(ada, town.wrong(key)) == "code-refused":
                count += 1
            town.clock.advance(timedelta(minutes=pause))
        return count

    assert tries_until(5) == 5
    assert tries_until(60) == 15
    assert tries_until(120) == 20
    assert tries_until(24 * 60, pause=60) == 10
    assert town.completes(ada, town.shown(key)) == "done"


def test_all_ways_of_entering_a_code_share_one_counter(town: Town) -> None:
    """Security 2.2, J5: TOTP, mailed and recovery codes, in sign-in, Manage area and step-up."""
    ada = town.newcomer(ADA)
    manage = town.manages(ada, town.signs_in(ada))
    codes, key = town.issues(manage), town.registers(manage)
    token = town.signs_in_with(ada, key)
    pending = town.ask("register_authenticator", manage)
    wrong = town.wrong(key)
    manage_in = {"password": PASSWORD, "method": "totp", "code": wrong}
    tries = [
        town.completes(ada, wrong, "email"),
        town.opens(ada, "99999999" if codes[0] != "99999999" else "0" * 8, "recovery_code"),
        town.outcome("enter_manage", token, **manage_in),
        town.outcome("step_up", token, password=PASSWORD, code=wrong),
        town.outcome(
            "confirm_authenticator",
            manage,
            authenticator_id=pending["authenticator_id"],
            code=town.wrong(pending["setup_key"]),
        ),
    ]
    assert tries == ["code-refused"] * 5
    code = town.next_code(key)
    assert town.completes(ada, code) == "throttled"
    assert town.opens(ada, codes[1], "recovery_code") == "throttled"
    assert town.outcome("step_up", token, password=PASSWORD, code=code) == "throttled"


def test_the_try_that_makes_the_account_wait_is_recorded_as_such(town: Town) -> None:
    """Security 2.10: once, and not again by the tries that are not looked at."""
    ada = town.newcomer(ADA)
    key, _token = town.enrols(ada, town.signs_in(ada))
    for _ in range(7):
        town.completes(ada, town.wrong(key))
    locks = [one for one in town.audit() if one.action == "authn_login_lock"]
    assert [(one.reason, one.result) for one in locks] == [("wrong codes", "refused")]
    assert town.actions().count("authn_login_fail") == 5


def test_a_success_forgets_the_tries_of_the_account(town: Town) -> None:
    """Security 2.2."""
    ada = town.newcomer(ADA)
    key, _token = town.enrols(ada, town.signs_in(ada))
    for _ in range(3):
        for _ in range(4):
            assert town.completes(ada, town.wrong(key)) == "code-refused"
        assert town.completes(ada, town.next_code(key)) == "done"


def test_the_second_step_counts_among_the_sign_ins_of_an_address(make_town: MakeTown) -> None:
    """Security 2.2: thirty login requests a minute, whichever of them and however they end."""
    town = make_town(limit_codes_per_ip="1000/60", limit_codes_per_account="1000/60")
    ada, ip = town.newcomer(ADA), "203.0.113.8"
    key, _token = town.enrols(ada, town.signs_in(ada))
    sign_in = town.begins(ada)
    wrong = {"sign_in": sign_in, "code": town.wrong(key), "method": "totp", "ip": ip}
    for _ in range(10):
        assert town.outcome("sign_in", email=ADA, password=PASSWORD, ip=ip) == "done"
        assert town.outcome("complete_sign_in", **wrong) == "code-refused"
        assert town.outcome("open_manage", **wrong) == "code-refused"
    for operation in ("complete_sign_in", "open_manage"):
        assert town.outcome(operation, **wrong) == "throttled"
    assert town.outcome("sign_in", email=ADA, password=PASSWORD, ip=ip) == "throttled"


def test_failed_codes_and_uses_of_old_ones_are_recorded(town: Town) -> None:
    """Security 2.10."""
    ada = town.newcomer(ADA)
    key, token = town.enrols(ada, town.signs_in(ada))
    used = town.shown(key)
    assert town.completes(ada, town.wrong(key)) == "code-refused"
    assert town.completes(ada, used) == "code-used"
    assert town.outcome("step_up", token, password=PASSWORD, code=used) == "code-used"
    assert town.outcome("step_up", token, password=PASSWORD, code=town.wrong(key)) == "code-refused"
    recorded = [(one.action, one.reason) for one in town.audit() if one.result == "refused"]
    assert recorded == [
        ("authn_login_fail", "code-refused"),
        ("authn_token_reuse", "code-used"),
        ("authn_token_reuse", "code-used"),
        ("authn_step_up_fail", "code-refused"),
    ]
    assert used not in str([vars(one) for one in town.audit()])
