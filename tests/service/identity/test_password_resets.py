"""Resetting a password with the link in a mail."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import event, select

from services.identity.models import OutgoingMail, PasswordReset
from tests.service.identity.test_password_changes import NEW, api_token, is_live, signs_in
from tests.service.identity.town import PASSWORD, STEP, MakeTown, Person, Town

ADA = "ada@example.com"


def link(town: Town, email: str = ADA) -> str:
    town.ask("request_password_reset", email=email)
    return town.mails(email)[-1].token


def reset(town: Town, token: str, new: str = NEW) -> str:
    return town.outcome("reset_password", token=token, new_password=new)


def resets(town: Town) -> int:
    with town.suite.databases["identity"].reading() as session:
        return len(session.scalars(select(PasswordReset)).all())


def test_the_link_sets_a_new_password_and_signs_nobody_in(town: Town) -> None:
    """Security 2.5."""
    ada = town.newcomer(ADA)
    elsewhere = town.signs_in(ada)
    program = api_token(town, elsewhere)
    manage = town.manages(ada, elsewhere)
    assert town.ask("reset_password", token=link(town), new_password=NEW) is None
    assert [is_live(town, one) for one in (elsewhere, program, manage)] == [False] * 3
    assert signs_in(town, PASSWORD) == "sign-in-refused"
    assert signs_in(town, NEW) == "done"
    assert "changed" in town.mails(ADA)[-1].subject
    changed = next(each for each in town.audit() if each.action == "authn_password_change")
    assert (changed.reason, changed.session_id) == ("reset", None)


def test_a_second_factor_stays_as_it_is(town: Town) -> None:
    """ASVS 6.4.3."""
    ada = town.newcomer(ADA)
    key, _token = town.enrols(ada, town.signs_in(ada))
    assert reset(town, link(town)) == "done"
    begun = town.ask("sign_in", email=ADA, password=NEW)
    assert "totp" in begun["methods"]
    town.clock.advance(STEP)
    assert town.signs_in_with(Person(ADA, NEW), key)


def test_a_link_works_once(town: Town) -> None:
    """Security 2.5."""
    town.newcomer(ADA)
    token = link(town)
    assert [reset(town, token), reset(town, token, PASSWORD)] == ["done", "reset-refused"]


def test_a_link_works_for_half_an_hour(town: Town) -> None:
    """Security 2.5."""
    town.newcomer(ADA)
    token = link(town)
    town.clock.advance(timedelta(minutes=30))
    assert reset(town, token) == "reset-refused"
    token = link(town)
    town.clock.advance(timedelta(minutes=29, seconds=59))
    assert reset(town, token) == "done"


def test_the_others_die_with_the_one_that_was_used(town: Town) -> None:
    town.newcomer(ADA)
    first, second = link(town), link(town)
    assert [reset(town, second), reset(town, first)] == ["done", "reset-refused"]
    assert resets(town) == 0


@pytest.mark.parametrize(
    ("new", "code"),
    [
        ("fourteen chars", "password-too-short"),
        ("passwordpassword", "password-breached"),
        ("freehold-2025-freehold", "password-context"),
    ],
)
def test_a_refused_password_leaves_the_link_good(town: Town, new: str, code: str) -> None:
    town.newcomer(ADA)
    token = link(town)
    assert reset(town, token, new) == code
    assert signs_in(town, PASSWORD) == "done"
    assert reset(town, token) == "done"


@pytest.mark.parametrize("token", ["unknown", "x" * 43, "\0"])
def test_links_that_were_never_sent_are_refused(town: Town, token: str) -> None:
    assert reset(town, token) == "reset-refused"


def test_all_refusals_of_links_read_alike(town: Town) -> None:
    """Which of them it was is not said."""
    town.newcomer(ADA)
    used, late = link(town), link(town)
    disabled = link(town, town.newcomer("eve@example.com").email)
    assert reset(town, used) == "done"
    town.suite.instance("identity").disable_account("eve@example.com", why="by test")
    details = set()
    for token in (used, late, disabled, "unknown"):
        with pytest.raises(Exception, match="does not work any more") as refusal:
            town.ask("reset_password", token=token, new_password=NEW)
        details.add((type(refusal.value).__name__, str(refusal.value)))
    assert len(details) == 1


# Asking for it (security 2.2, 2.8)


def test_nobody_learns_whether_an_address_is_known(town: Town) -> None:
    """Security 2.8: only the mail tells."""
    town.newcomer(ADA)
    answers = [
        town.ask("request_password_reset", email=email) for email in (ADA, "nobody@example.com")
    ]
    assert answers == [None, None]
    assert town.mails("nobody@example.com") == []
    assert "Reset" in town.mails(ADA)[-1].subject


def test_nothing_remains_of_an_unknown_address(town: Town) -> None:
    """It is somebody's address all the same, and nobody's account."""
    town.ask("request_password_reset", email="nobody@example.com")
    with town.suite.databases["identity"].reading() as session:
        assert session.scalars(select(OutgoingMail)).all() == []
    assert resets(town) == 0
    assert [each.object_type for each in town.audit()] == ["address"]
    assert "nobody" not in str(town.audit()[0].object_id)


def test_an_unknown_address_costs_as_much_as_a_known_one(town: Town) -> None:
    """Security 2.8, ASVS 6.3.8: told by what is done, for times vary with the machine."""
    town.newcomer(ADA)
    done: Counter[str] = Counter()
    engine = town.suite.databases["identity"].engine

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        done[statement.split(maxsplit=1)[0]] += 1

    event.listen(engine, "before_cursor_execute", note)
    costs = []
    for email in (ADA, "nobody@example.com"):
        done.clear()
        town.ask("request_password_reset", email=email)
        costs.append(done.copy())
    event.remove(engine, "before_cursor_execute", note)
    known, unknown = costs
    assert known["INSERT"] == unknown["INSERT"] + unknown["DELETE"] == 7
    assert known.total() == unknown.total()


def test_an_address_is_recognized_in_capitals(town: Town) -> None:
    """ACC-2."""
    town.newcomer(ADA)
    town.ask("request_password_reset", email="ADA@Example.com")
    assert "Reset" in town.mails(ADA)[-1].subject


def test_a_disabled_account_gets_no_link(town: Town) -> None:
    town.newcomer(ADA)
    town.suite.instance("identity").disable_account(ADA, why="by test")
    assert town.outcome("request_password_reset", email=ADA) == "done"
    assert "Reset" not in town.mails(ADA)[-1].subject
    assert resets(town) == 0


def test_an_address_that_was_registered_and_not_verified_gets_a_link_too(town: Town) -> None:
    """Its owner need not know the password to come in; the link proves the mailbox."""
    town.ask("register_account", email=ADA, password=PASSWORD, language="ko")
    token = link(town)
    assert "재설정" in town.mails(ADA)[-1].subject
    assert town.outcome("verify_email", token=token, password=PASSWORD) == (
        "verification-password-refused"
    )
    assert reset(town, token) == "done"
    assert [signs_in(town, PASSWORD), signs_in(town, NEW)] == ["sign-in-refused", "done"]


def test_that_link_too_works_for_half_an_hour(town: Town) -> None:
    """Security 2.5."""
    town.ask("register_account", email=ADA, password=PASSWORD)
    token = link(town)
    town.clock.advance(timedelta(minutes=30))
    assert reset(town, token) == "reset-refused"


def test_a_mailbox_is_not_flooded_and_nobody_learns_of_it(town: Town) -> None:
    """Security 2.2: five an hour for each address, silently."""
    town.newcomer(ADA)
    for _ in range(3):
        for email in (ADA, "nobody@example.com"):
            outcomes = [town.outcome("request_password_reset", email=email) for _ in range(7)]
            assert set(outcomes) == {"done"}
        town.mails()
        town.clock.advance(timedelta(minutes=20))
    assert sum("Reset" in mail.subject for mail in town.mails(ADA)) == 4
    assert link(town)


def test_a_stranger_who_uses_up_the_mails_locks_nobody_out(town: Town) -> None:
    """The owner asks, gets no other mail, and finds a link that works among those that came."""
    town.newcomer(ADA)
    for minutes in (0, 29, 2, 27, 20):
        town.clock.advance(timedelta(minutes=minutes))
        for _ in range(4):
            town.ask("request_password_reset", email=ADA)
        before = len(town.mails(ADA))
        town.ask("request_password_reset", email=ADA)
        assert len(town.mails(ADA)) == before
        view = town.outcome("reset_password", token=town.mails(ADA)[-1].token, new_password="short")
        assert view == "password-too-short"
    assert reset(town, town.mails(ADA)[-1].token) == "done"


def test_one_address_asks_twenty_times_a_minute_at_the_most(town: Town) -> None:
    """Security 2.2."""
    outcomes = [
        town.outcome("request_password_reset", email=f"a{n}@example.com", ip="203.0.113.9")
        for n in range(21)
    ]
    assert outcomes == ["done"] * 20 + ["throttled"]


def test_the_database_holds_no_link(town: Town) -> None:
    """Security 2.5: its SHA-256 only."""
    town.newcomer(ADA)
    token = link(town)
    held = b"".join(path.read_bytes() for path in town.suite.folder.glob("identity.sqlite*"))
    assert token.encode() not in held


def test_mails_come_in_the_language_of_the_account(town: Town) -> None:
    for language, word in (("en", "Reset"), ("ja", "再設定"), ("ko", "재설정")):
        email = f"{language}@example.com"
        town.newcomer(email, language=language)
        town.ask("request_password_reset", email=email)
        mail = town.mails(email)[-1]
        assert word in mail.subject + mail.text
        assert "30" in mail.text


def test_links_lead_where_the_configuration_says(make_town: MakeTown) -> None:
    """Security 2.5."""
    town = make_town(link_base_url="https://cameras.example.com/")
    town.newcomer(ADA)
    link(town)
    assert "https://cameras.example.com/reset-password?token=" in town.mails(ADA)[-1].text


# Locks (security 2.2)


def test_only_a_reset_opens_what_a_hundred_wrong_passwords_closed(make_town: MakeTown) -> None:
    """63B-4: hard stop at 100 in a row."""
    town = make_town(password_failures_most=8, password_wait_most=60)
    town.newcomer(ADA)
    for _ in range(8):
        signs_in(town, "a wrong guess at it")
        town.clock.advance(timedelta(minutes=2))
    town.clock.advance(timedelta(days=1))
    assert signs_in(town, PASSWORD) == "sign-in-refused"
    assert reset(town, link(town)) == "done"
    assert signs_in(town, NEW) == "done"


def test_a_reset_opens_the_password_of_a_step_up_too(make_town: MakeTown) -> None:
    town = make_town(password_failures_most=6)
    ada = town.newcomer(ADA)
    token = town.signs_in(ada)
    for _ in range(7):
        town.outcome("step_up", token, password="a wrong guess at it")
        town.clock.advance(timedelta(minutes=5))
    assert town.outcome("step_up", token, password=PASSWORD) == "throttled"
    assert reset(town, link(town)) == "done"
    token = town.signs_in(Person(ADA, NEW))
    assert town.outcome("step_up", token, password=NEW) == "done"


def test_a_sign_in_that_was_begun_with_the_old_password_leads_nowhere(town: Town) -> None:
    ada = town.newcomer(ADA)
    sign_in = town.begins(ada)
    assert reset(town, link(town)) == "done"
    assert town.outcome("send_sign_in_code", sign_in=sign_in) == "sign-in-over"


def test_a_change_of_address_that_a_stranger_asked_for_dies(town: Town) -> None:
    """Whose session was used reads the notice and resets the password."""
    token = town.signs_in(town.newcomer(ADA))
    town.ask("request_email_change", token, email="stranger@example.com")
    stolen = town.mails("stranger@example.com")[-1].token
    assert reset(town, link(town)) == "done"
    assert town.outcome("confirm_email_change", token=stolen) == "email-change-refused"


def test_outdated_links_are_dropped(town: Town) -> None:
    town.newcomer(ADA)
    link(town)
    town.clock.advance(timedelta(minutes=31))
    town.suite.run_job("identity", "drop_outdated")
    assert resets(town) == 0


def test_the_password_of_a_reset_may_be_the_one_before(town: Town) -> None:
    """Somebody who had forgotten it learns nothing and loses nothing."""
    town.newcomer(ADA)
    assert reset(town, link(town), PASSWORD) == "done"
    assert signs_in(town, PASSWORD) == "done"


def test_links_are_all_different(town: Town) -> None:
    town.newcomer(ADA)
    links = []
    for _ in range(5):
        links.append(link(town))
        town.clock.advance(timedelta(minutes=20))
    assert all(one != other for one, other in pairwise(sorted(links)))
    assert all(len(one) == 43 for one in links)
