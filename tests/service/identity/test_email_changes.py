"""Changing the address of an account."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from contracts.errors import Refusal
from services.identity.models import Account, EmailChange, Registration
from tests.service.identity.test_password_changes import api_token, is_live, signs_in
from tests.service.identity.town import PASSWORD, MakeTown, Person, Town

ADA = "ada@example.com"
NEW = "lovelace@example.com"


def asks(town: Town, token: str, email: str = NEW) -> str:
    return town.outcome("request_email_change", token, email=email)


def link(town: Town, token: str, email: str = NEW) -> str:
    town.ask("request_email_change", token, email=email)
    return town.mails(email)[-1].token


def confirm(town: Town, token: str) -> str:
    return town.outcome("confirm_email_change", token=token)


def pending(town: Town) -> int:
    with town.suite.databases["identity"].reading() as session:
        return len(session.scalars(select(EmailChange)).all())


def test_the_address_changes_once_the_link_is_followed(town: Town) -> None:
    """ACC-2, security 2.5: and nothing before."""
    ada = town.newcomer(ADA)
    token = town.signs_in(ada)
    followed = link(town, token)
    assert signs_in(town, PASSWORD, ADA) == "done"
    assert signs_in(town, PASSWORD, NEW) == "sign-in-refused"
    assert confirm(town, followed) == "done"
    assert signs_in(town, PASSWORD, ADA) == "sign-in-refused"
    assert town.ask("get_account", token)["email"] == NEW
    assert town.signs_in(Person(NEW))


def test_both_addresses_are_told(town: Town) -> None:
    """Security 2.5: a notice to the old address, when it is asked for and when it is done."""
    token = town.signs_in(town.newcomer(ADA))
    followed = link(town, token)
    notice = town.mails(ADA)[-1]
    assert "asked for" in notice.subject
    assert NEW in notice.text
    assert "token=" not in notice.text
    assert confirm(town, followed) == "done"
    for address in (ADA, NEW):
        assert "was changed" in town.mails(address)[-1].subject
        assert NEW in town.mails(address)[-1].text


def test_it_is_compared_without_regard_to_case_ever_after(town: Town) -> None:
    """ACC-2."""
    token = town.signs_in(town.newcomer(ADA))
    assert confirm(town, link(town, token, "Ada.Lovelace@Example.com")) == "done"
    assert signs_in(town, PASSWORD, "aDA.lovelace@EXAMPLE.com") == "done"
    town.ask("register_account", email="ada.LOVELACE@example.com", password=PASSWORD)
    assert "already" in town.mails("Ada.Lovelace@Example.com")[-1].subject


def test_a_link_works_once(town: Town) -> None:
    token = town.signs_in(town.newcomer(ADA))
    followed = link(town, token)
    assert [confirm(town, followed), confirm(town, followed)] == ["done", "email-change-refused"]


def test_a_link_works_for_an_hour(town: Town) -> None:
    """Security 2.5."""
    ada = town.newcomer(ADA)
    late = link(town, town.signs_in(ada))
    town.clock.advance(timedelta(hours=1))
    assert confirm(town, late) == "email-change-refused"
    in_time = link(town, town.signs_in(ada))
    town.clock.advance(timedelta(minutes=59, seconds=59))
    assert confirm(town, in_time) == "done"


def test_the_latest_request_counts(town: Town) -> None:
    token = town.signs_in(town.newcomer(ADA))
    first = link(town, token, "first@example.com")
    second = link(town, token)
    assert pending(town) == 1
    assert [confirm(town, first), confirm(town, second)] == ["email-change-refused", "done"]


def test_a_request_for_a_taken_address_replaces_the_one_before_too(town: Town) -> None:
    """Else its owner could tell by the earlier link that the address is taken."""
    town.newcomer("eve@example.com")
    token = town.signs_in(town.newcomer(ADA))
    first = link(town, token)
    assert asks(town, token, "eve@example.com") == "done"
    assert confirm(town, first) == "email-change-refused"


def test_a_taken_address_is_told_to_its_owner_only(town: Town) -> None:
    """Security 2.8: the same answer and the same notice as for a free one."""
    town.newcomer("eve@example.com")
    token = town.signs_in(town.newcomer(ADA))
    answers = []
    for email in (NEW, "EVE@example.com"):
        answers.append(town.ask("request_email_change", token, email=email))
        assert "asked for" in town.mails(ADA)[-1].subject
    assert answers == [None, None]
    told = town.mails("eve@example.com")[-1]
    assert "already has an account" in told.subject
    assert "token=" not in told.text
    assert pending(town) == 0


@pytest.mark.parametrize("email", [ADA, "ADA@Example.com"])
def test_the_present_address_is_no_new_one(town: Town, email: str) -> None:
    token = town.signs_in(town.newcomer(ADA))
    assert asks(town, token, email) == "email-unchanged"
    assert pending(town) == 0


def test_it_takes_fresh_credentials(town: Town) -> None:
    """Security 2.7."""
    token = town.signs_in(town.newcomer(ADA))
    town.clock.advance(timedelta(minutes=10, seconds=1))
    assert asks(town, token) == "step-up-required"
    token = town.ask("step_up", token, password=PASSWORD)["token"]
    assert asks(town, token) == "done"


def test_a_mailed_code_is_no_fresh_credential_beside_an_authenticator(town: Town) -> None:
    """Security 2.7: and the authenticator, if there is one."""
    ada = town.newcomer(ADA)
    key, token = town.enrols(ada, town.signs_in(ada))
    assert asks(town, token) == "done"
    token = town.signs_in(ada)
    assert asks(town, token) == "step-up-required"
    stepped = town.ask("step_up", token, password=PASSWORD, code=town.next_code(key))
    assert asks(town, stepped["token"]) == "done"


def test_neither_programs_nor_manage_sessions_ask_for_it(town: Town) -> None:
    """J4."""
    ada = town.newcomer(ADA)
    token = town.signs_in(ada)
    assert asks(town, api_token(town, token)) == "person-required"
    assert asks(town, town.manages(ada, token)) == "manage-session"


def test_a_session_that_ended_asks_for_nothing(town: Town) -> None:
    """Its assertion lives on for a minute."""
    token = town.signs_in(town.newcomer(ADA))
    context = town.suite.context(token)
    town.ask("sign_out", token)
    with pytest.raises(Refusal) as refusal:
        town.suite.bus.call("identity", "request_email_change", {"email": NEW}, context.headers())
    assert refusal.value.code == "unauthenticated"


def test_an_account_asks_five_times_an_hour(town: Town) -> None:
    ada = town.newcomer(ADA)
    token = town.signs_in(ada)
    outcomes = [asks(town, token, f"a{number}@example.com") for number in range(6)]
    assert outcomes == ["done"] * 5 + ["throttled"]


def test_many_accounts_do_not_flood_a_mailbox_and_nobody_learns_of_it(town: Town) -> None:
    """Security 2.2, as for registrations: five an hour for each address, silently."""
    town.newcomer("eve@example.com")
    for number in range(7):
        token = town.signs_in(town.newcomer(f"a{number}@example.com"))
        for email in (NEW, "eve@example.com"):
            assert asks(town, token, email) == "done"
    assert len(town.mails(NEW)) == 5
    assert sum("already has" in mail.subject for mail in town.mails("eve@example.com")) == 5


def test_who_comes_first_gets_the_address(town: Town) -> None:
    """All refusals of links read alike."""
    ada, eve = town.newcomer(ADA), town.newcomer("eve@example.com")
    first, second = link(town, town.signs_in(ada)), link(town, town.signs_in(eve))
    assert confirm(town, first) == "done"
    assert confirm(town, second) == "email-change-refused"
    assert signs_in(town, PASSWORD, eve.email) == "done"
    details = set()
    for token in (first, second, "unknown"):
        with pytest.raises(Refusal) as refusal:
            town.ask("confirm_email_change", token=token)
        details.add((refusal.value.code, refusal.value.detail, str(refusal.value.facts)))
    assert len(details) == 1


def test_who_registered_the_address_meanwhile_has_it(town: Town) -> None:
    followed = link(town, town.signs_in(town.newcomer(ADA)))
    town.newcomer(NEW)
    assert confirm(town, followed) == "email-change-refused"
    assert signs_in(town, PASSWORD, ADA) == "done"


def test_registrations_of_the_address_are_dropped(town: Town) -> None:
    """A stranger may have registered it with a password of theirs."""
    followed = link(town, town.signs_in(town.newcomer(ADA)))
    town.ask("register_account", email=NEW, password="what the stranger chose")
    verification = town.mails(NEW)[-1].token
    assert confirm(town, followed) == "done"
    with town.suite.databases["identity"].reading() as session:
        assert session.scalars(select(Registration)).all() == []
    given = {"token": verification, "password": "what the stranger chose"}
    assert town.outcome("verify_email", **given) == "verification-refused"


def test_what_was_mailed_to_the_old_address_is_worth_nothing(town: Town) -> None:
    ada = town.newcomer(ADA)
    followed = link(town, town.signs_in(ada))
    town.ask("request_password_reset", email=ADA)
    reset = town.mails(ADA)[-1].token
    town.clock.advance(timedelta(minutes=2))
    sign_in = town.begins(ada)
    town.ask("send_sign_in_code", sign_in=sign_in)
    code = town.mails(ADA)[-1].code
    assert confirm(town, followed) == "done"
    assert town.outcome("reset_password", token=reset, new_password=PASSWORD) == "reset-refused"
    given = {"sign_in": sign_in, "method": "email", "code": code}
    assert town.outcome("complete_sign_in", **given) == "sign-in-over"


def test_sessions_go_on(town: Town) -> None:
    token = town.signs_in(town.newcomer(ADA))
    assert confirm(town, link(town, token)) == "done"
    assert is_live(town, token)


def test_a_disabled_account_changes_nothing(town: Town) -> None:
    followed = link(town, town.signs_in(town.newcomer(ADA)))
    operator = town.suite.instance("identity")
    operator.disable_account(ADA, why="by test")
    assert confirm(town, followed) == "email-change-refused"


def test_the_audit_says_that_it_changed_and_holds_no_address(town: Town) -> None:
    """Security 2.10: addresses are personal data."""
    assert confirm(town, link(town, town.signs_in(town.newcomer(ADA)))) == "done"
    entries = [each for each in town.audit() if "email_change" in each.action]
    assert [each.action for each in entries] == ["user_email_change_asked", "user_email_changed"]
    asked, changed = entries
    assert asked.after is not None
    assert asked.after == changed.after != changed.before
    for each in town.audit():
        assert "example.com" not in f"{each.before}{each.after}{each.reason}{each.object_id}"


def test_the_database_holds_no_link(town: Town) -> None:
    """Security 2.5: its SHA-256 only."""
    followed = link(town, town.signs_in(town.newcomer(ADA)))
    held = b"".join(path.read_bytes() for path in town.suite.folder.glob("identity.sqlite*"))
    assert followed.encode() not in held


def test_outdated_links_are_dropped(town: Town) -> None:
    link(town, town.signs_in(town.newcomer(ADA)))
    town.clock.advance(timedelta(hours=2))
    town.suite.run_job("identity", "drop_outdated")
    assert pending(town) == 0


def test_links_lead_where_the_configuration_says(make_town: MakeTown) -> None:
    town = make_town(link_base_url="https://cameras.example.com/")
    link(town, town.signs_in(town.newcomer(ADA)))
    assert "https://cameras.example.com/confirm-email?token=" in town.mails(NEW)[-1].text


def test_an_address_given_up_may_be_registered_anew(town: Town) -> None:
    assert confirm(town, link(town, town.signs_in(town.newcomer(ADA)))) == "done"
    town.newcomer(ADA)
    with town.suite.databases["identity"].reading() as session:
        assert len(session.scalars(select(Account)).all()) == 2
