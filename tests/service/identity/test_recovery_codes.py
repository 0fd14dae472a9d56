"""Recovery codes: created, confirmed, used up, issued anew."""

from __future__ import annotations

import random
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from services.identity.models import RecoveryBatch
from tests.service.identity.town import STEP, MakeTown, Person, Town

ADA = "ada@example.com"
NOT_FOUND = "recovery-codes-not-found"


@pytest.fixture
def ada(town: Town) -> Person:
    return town.newcomer(ADA)


@pytest.fixture
def manage(town: Town, ada: Person) -> str:
    """A Manage session of an account without any second factor."""
    return town.manages(ada, town.signs_in(ada))


def opens(town: Town, person: Person, code: str) -> str:
    """The token of a Manage session, entered with a recovery code."""
    sign_in = town.begins(person)
    opened = town.ask("open_manage", sign_in=sign_in, method="recovery_code", code=code)
    return str(opened["token"])


def use(town: Town, person: Person, code: str) -> str:
    """``done`` or the code of the refusal."""
    sign_in = town.begins(person)
    return town.outcome("open_manage", sign_in=sign_in, method="recovery_code", code=code)


def confirm(town: Town, manage: str, batch_id: object) -> str:
    return town.outcome("confirm_recovery_codes", manage, batch_id=str(batch_id))


def left(town: Town, manage: str) -> tuple[int, int]:
    codes = town.ask("get_manage", manage)["recovery_codes"]
    return codes["left"], codes["of"]


# Created and confirmed


def test_ten_codes_of_eight_digits_are_shown_once(town: Town, manage: str) -> None:
    """RC-1, RC-3, RC-7: afterwards it is only told how many are left."""
    batch = town.ask("create_recovery_codes", manage)
    assert len(set(batch["codes"])) == 10
    assert all(re.fullmatch("[0-9]{8}", code) for code in batch["codes"])
    before = town.ask("get_manage", manage)
    assert before["pending_recovery_codes_id"] == batch["batch_id"]
    assert before["recovery_codes"] is None
    confirmed = town.ask("confirm_recovery_codes", manage, batch_id=batch["batch_id"])
    after = town.ask("get_manage", manage)
    assert after["pending_recovery_codes_id"] is None
    assert after["recovery_codes"] == confirmed
    assert {**confirmed, "issued_at": ""} == {
        "issued_at": "",
        "left": 10,
        "of": 10,
        "are_few": False,
        "is_disabled": False,
    }
    told = str([before, confirmed, after])
    assert not any(code in told for code in batch["codes"])


def test_codes_are_created_in_the_manage_area_only(town: Town, ada: Person, manage: str) -> None:
    """RC-3, MAN-7, J4."""
    session = town.signs_in(ada)
    batch = {"batch_id": town.ask("create_recovery_codes", manage)["batch_id"]}
    for token, refusal in ((session, "manage-required"), (None, "unauthenticated")):
        assert town.outcome("create_recovery_codes", token) == refusal
        assert town.outcome("confirm_recovery_codes", token, **batch) == refusal
        assert town.outcome("cancel_recovery_codes", token, **batch) == refusal


def test_any_code_works_in_any_order_and_each_once(town: Town, ada: Person, manage: str) -> None:
    """RC-1, RC-2, J3; the last one is recorded as the last."""
    codes = town.issues(manage)
    random.Random(3).shuffle(codes)
    for number, code in enumerate(codes, start=1):
        assert left(town, opens(town, ada, code)) == (10 - number, 10)
        assert use(town, ada, code) == "code-used"
    assert town.actions().count("mfa_recovery_used") == 10
    assert town.actions().count("mfa_recovery_exhausted") == 1
    assert "authn_token_reuse" in town.actions()


def test_leading_zeros_belong_to_a_code(
    town: Town, ada: Person, manage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RC-7."""
    drawn = iter(range(10))
    monkeypatch.setattr("secrets.randbelow", lambda _bound: next(drawn))
    codes = town.issues(manage)
    assert codes[7] == "00000007"
    assert use(town, ada, "7") == "code-refused"
    assert use(town, ada, "00000007") == "done"


# Only at CONFIRM


def test_before_confirm_the_old_codes_work_and_the_new_ones_do_not(
    town: Town, ada: Person, manage: str
) -> None:
    """RC-4."""
    old = town.issues(manage)
    new = town.ask("create_recovery_codes", manage)["codes"]
    assert use(town, ada, old[0]) == "done"
    assert use(town, ada, new[0]) == "code-refused"


def test_from_confirm_on_the_new_codes_work_and_no_old_one_does(
    town: Town, ada: Person, manage: str
) -> None:
    """RC-4: used or not."""
    old = town.issues(manage)
    assert use(town, ada, old[0]) == "done"
    new = town.issues(manage)
    assert [use(town, ada, code) for code in old[:3]] == ["code-refused"] * 3
    assert use(town, ada, new[9]) == "done"
    assert left(town, manage) == (9, 10)


def test_codes_are_confirmed_once(town: Town, ada: Person, manage: str) -> None:
    """RC-4: a second time nothing happens, so that no used code comes back."""
    batch = town.ask("create_recovery_codes", manage)
    assert confirm(town, manage, batch["batch_id"]) == "done"
    assert use(town, ada, batch["codes"][0]) == "done"
    assert confirm(town, manage, batch["batch_id"]) == NOT_FOUND
    assert use(town, ada, batch["codes"][0]) == "code-used"
    assert town.actions().count("mfa_recovery_issued") == 1


def test_another_accounts_codes_are_not_found(town: Town, ada: Person, manage: str) -> None:
    """RC-4, J2; its own stay pending."""
    ben = town.newcomer("ben@example.com")
    bens = town.manages(ben, town.signs_in(ben))
    manage = town.manages(ada, town.signs_in(ada))
    batch = town.ask("create_recovery_codes", manage)
    for batch_id in (batch["batch_id"], uuid4()):
        assert confirm(town, bens, batch_id) == NOT_FOUND
        given = {"batch_id": str(batch_id)}
        assert town.outcome("cancel_recovery_codes", bens, **given) == NOT_FOUND
    assert confirm(town, manage, batch["batch_id"]) == "done"
    bens_codes = town.issues(bens)
    assert use(town, ada, bens_codes[0]) == "code-refused"


def test_what_one_manage_session_showed_no_other_one_confirms(
    town: Town, ada: Person, manage: str
) -> None:
    """RC-5, J3."""
    other = town.manages(ada, town.signs_in(ada))
    batch = town.ask("create_recovery_codes", manage)
    assert town.ask("get_manage", other)["pending_recovery_codes_id"] is None
    assert confirm(town, other, batch["batch_id"]) == NOT_FOUND
    given = {"batch_id": batch["batch_id"]}
    assert town.outcome("cancel_recovery_codes", other, **given) == NOT_FOUND
    assert confirm(town, manage, batch["batch_id"]) == "done"


# Discarded


def test_cancelled_codes_never_work(town: Town, ada: Person, manage: str) -> None:
    """RC-5."""
    old = town.issues(manage)
    batch = town.ask("create_recovery_codes", manage)
    town.ask("cancel_recovery_codes", manage, batch_id=batch["batch_id"])
    assert confirm(town, manage, batch["batch_id"]) == NOT_FOUND
    assert use(town, ada, batch["codes"][0]) == "code-refused"
    assert use(town, ada, old[0]) == "done"


def test_codes_left_unconfirmed_for_fifteen_minutes_never_work(make_town: MakeTown) -> None:
    """RC-5."""
    town = make_town(manage_idle=3600, manage_life=3600)
    ada = town.newcomer(ADA)
    manage = town.manages(ada, town.signs_in(ada))
    old = town.issues(manage)
    batch = town.ask("create_recovery_codes", manage)
    town.clock.advance(timedelta(minutes=15))
    assert town.ask("get_manage", manage)["pending_recovery_codes_id"] is None
    assert confirm(town, manage, batch["batch_id"]) == NOT_FOUND
    assert use(town, ada, old[0]) == "done"
    just_in_time = town.ask("create_recovery_codes", manage)
    town.clock.advance(timedelta(minutes=15) - timedelta(seconds=1))
    assert confirm(town, manage, just_in_time["batch_id"]) == "done"


def test_shown_codes_end_with_their_manage_session(town: Town, ada: Person, manage: str) -> None:
    """RC-5, MAN-5: it lasts a quarter of an hour from its beginning, whatever it showed last."""
    old = town.issues(manage)
    town.clock.advance(timedelta(minutes=9))
    batch = town.ask("create_recovery_codes", manage)
    town.clock.advance(timedelta(minutes=6))
    assert batch["expires_at"] == town.clock.now().isoformat()
    assert confirm(town, manage, batch["batch_id"]) == "unauthenticated"
    assert use(town, ada, old[0]) == "done"


def test_leaving_the_manage_area_discards_what_it_showed(
    town: Town, ada: Person, manage: str
) -> None:
    """RC-5: also for the Manage session that comes next."""
    old = town.issues(manage)
    batch = town.ask("create_recovery_codes", manage)
    town.ask("leave_manage", manage)
    with town.suite.databases["identity"].reading() as session:
        assert list(session.scalars(select(RecoveryBatch.state))) == ["active"]
    again = opens(town, ada, old[0])
    assert town.ask("get_manage", again)["pending_recovery_codes_id"] is None
    assert confirm(town, again, batch["batch_id"]) == NOT_FOUND
    assert use(town, ada, batch["codes"][0]) == "code-refused"
    assert use(town, ada, old[1]) == "done"


def test_creating_again_replaces_what_was_not_confirmed(
    town: Town, ada: Person, manage: str
) -> None:
    """RC-5."""
    first = town.ask("create_recovery_codes", manage)
    second = town.ask("create_recovery_codes", manage)
    assert not set(first["codes"]) & set(second["codes"])
    assert confirm(town, manage, first["batch_id"]) == NOT_FOUND
    assert confirm(town, manage, second["batch_id"]) == "done"
    assert use(town, ada, first["codes"][0]) == "code-refused"
    assert use(town, ada, second["codes"][0]) == "done"


def test_creating_in_another_manage_session_replaces_it_too(
    town: Town, ada: Person, manage: str
) -> None:
    """RC-5: of all lists on paper only one can still be confirmed, the newest."""
    other = town.manages(ada, town.signs_in(ada))
    first = town.ask("create_recovery_codes", manage)
    second = town.ask("create_recovery_codes", other)
    assert town.ask("get_manage", manage)["pending_recovery_codes_id"] is None
    assert confirm(town, manage, first["batch_id"]) == NOT_FOUND
    town.ask("leave_manage", manage)
    assert confirm(town, other, second["batch_id"]) == "done"


# Lost and found


def test_lost_codes_are_issued_anew_with_the_authenticator(
    town: Town, ada: Person, manage: str
) -> None:
    """RC-6."""
    key = town.registers(manage)
    lost = town.issues(manage)
    sign_in = town.begins(ada)
    entered = town.ask("open_manage", sign_in=sign_in, method="totp", code=town.next_code(key))
    new = town.issues(entered["token"])
    assert use(town, ada, lost[0]) == "code-refused"
    assert use(town, ada, new[0]) == "done"


def test_a_lost_authenticator_is_replaced_with_a_recovery_code(
    town: Town, ada: Person, manage: str
) -> None:
    """RC-6, MAN-5, REG-7: the codes stay, and the session signs in to nothing else."""
    town.registers(manage)
    codes = town.issues(manage)
    town.clock.advance(STEP)
    rescued = opens(town, ada, codes[3])
    assert town.outcome("get_account", rescued) == "manage-session"
    key = town.registers(rescued)
    assert town.ask("get_session", town.signs_in_with(ada, key))["level"] == "aal2"
    assert left(town, rescued) == (9, 10)
    assert use(town, ada, codes[4]) == "done"


def test_codes_issued_before_any_authenticator_open_the_way_to_the_first(
    town: Town, ada: Person, manage: str
) -> None:
    """RC-10, MAN-8: as on an account that an integrator set up."""
    codes = town.issues(manage)
    town.ask("leave_manage", manage)
    begun = town.ask("sign_in", email=ADA, password=ada.password)
    assert begun["manage_methods"] == ["recovery_code"]
    entered = town.ask(
        "open_manage", sign_in=begun["sign_in"], method="recovery_code", code=codes[9]
    )
    key = town.registers(entered["token"])
    assert town.ask("get_session", town.signs_in_with(ada, key))["level"] == "aal2"


# Few left, and told


def test_three_left_are_warned_of(town: Town, ada: Person, manage: str) -> None:
    """RC-9, RC-7."""
    session = town.signs_in(ada)
    assert town.ask("get_account", session)["recovery_codes_left"] is None
    assert town.ask("get_account", session)["are_recovery_codes_few"] is False
    manage = town.manages(ada, session)
    for number, code in enumerate(town.issues(manage), start=1):
        assert use(town, ada, code) == "done"
        account = town.ask("get_account", session)
        codes = town.ask("get_manage", manage)["recovery_codes"]
        assert account["recovery_codes_left"] == codes["left"] == 10 - number
        assert account["are_recovery_codes_few"] is codes["are_few"] is (number >= 7)


def test_their_owner_is_told_of_issue_and_of_each_use(town: Town, ada: Person, manage: str) -> None:
    """RC-9: how many there are, and never a code."""
    before = len(town.mails(ADA))
    first = town.issues(manage)
    assert use(town, ada, first[0]) == "done"
    second = town.issues(manage)
    issued, used, again = (mail.text for mail in town.mails(ADA)[before:])
    assert "10" in issued
    assert {"9", "10"} <= set(re.findall("[0-9]+", used))
    assert again == issued
    assert not any(code in issued + used + again for code in first + second)
    assert town.actions().count("mfa_recovery_issued") == 2


def test_nobody_is_told_of_codes_that_were_only_shown(town: Town, ada: Person, manage: str) -> None:
    """RC-5: nothing has changed."""
    mails, actions = town.mails(ADA), town.actions()
    batch = town.ask("create_recovery_codes", manage)
    town.ask("cancel_recovery_codes", manage, batch_id=batch["batch_id"])
    assert (town.mails(ADA), town.actions()) == (mails, actions)
