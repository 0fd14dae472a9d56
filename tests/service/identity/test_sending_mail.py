"""Mail goes out after the commit, again and again if need be, and leaves nothing behind."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from chassis.config import Config
from chassis.tables import OutboxRow
from contracts.identity import Language
from gateway.api import identity
from gateway.app import create_app
from services.identity.domain.delivery import LEASE
from services.identity.models import Audit, OutgoingMail
from tests.in_process import InProcess
from tests.service.identity.post_office import (
    HOST,
    End,
    PostOffice,
    free_port,
    open_abrupt,
    open_post_office,
)
from tests.service.identity.town import PASSWORD, STEP, MakeTown, Town

ADA = "ada@example.com"
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with open_post_office() as office:
        yield office


def mails(town: Town) -> list[OutgoingMail]:
    with town.suite.databases["identity"].reading() as session:
        return list(session.scalars(select(OutgoingMail).order_by(OutgoingMail.written_at)))


def states(town: Town) -> Counter[str]:
    return Counter(mail.state for mail in mails(town))


def registers(town: Town, *emails: str, **more: str) -> None:
    for email in emails:
        town.ask("register_account", email=email, password=PASSWORD, **more)


def sends(town: Town) -> None:
    town.suite.run_job("identity", "send_mail")


def at(office: PostOffice) -> str:
    return f"smtp://{HOST}:{office.port}"


# In the normal case


def test_a_mail_goes_out_over_smtp_and_its_body_is_erased(
    make_town: MakeTown, office: PostOffice
) -> None:
    town = make_town(mail_url=at(office))
    registers(town, ADA, language="ja")
    assert office.got == []
    sends(town)
    assert office.recipients == [ADA]
    assert "確認" in office.got[0]["Subject"]
    assert office.got[0].get_content_type() == "multipart/alternative"
    (row,) = mails(town)
    assert (row.state, row.sealed_body) == ("sent", None)
    sends(town)
    assert len(office.got) == 1


def test_what_is_not_committed_is_not_sent(make_town: MakeTown, office: PostOffice) -> None:
    town = make_town(mail_url=at(office))
    assert town.outcome("register_account", email=ADA, password="short") != "done"
    sends(town)
    assert office.got == []


@pytest.mark.parametrize("language", Language)
def test_every_mail_is_in_the_language_of_its_account(town: Town, language: Language) -> None:
    ada = town.newcomer(ADA, language=language.value)
    manage = town.manages(ada, town.signs_in(ada))
    key = town.registers(manage)
    town.issues(manage)
    town.clock.advance(timedelta(minutes=20))
    manage = town.manages(ada, town.signs_in_with(ada, key), town.next_code(key))
    town.clock.advance(STEP)
    town.registers(manage)
    # Whoever registers the address again does not choose its language.
    registers(town, ADA, language=Language.KOREAN.value)
    town.mails()
    sent = [
        message_from_bytes(path.read_bytes(), policy=default)
        for path in (town.suite.folder / "mail").glob("*.eml")
    ]
    assert len(mails(town)) == len(sent)
    assert len({mail.kind for mail in mails(town)}) == 6
    assert {mail["Content-Language"] for mail in sent} == {language.value}


def test_no_request_decides_where_a_link_leads(make_town: MakeTown) -> None:
    """Security 2.5: the base URL is the installation's."""
    town = make_town(link_base_url="https://cameras.example.com")
    app = create_app(
        Config({}), InProcess(town.suite), clock=town.clock, blueprints=[identity.blueprint]
    )
    answer = app.test_client().post(
        "/v1/accounts",
        json={"email": ADA, "password": PASSWORD},
        base_url="https://evil.example",
        headers={
            "X-Forwarded-Host": "evil.example",
            "Forwarded": "host=evil.example;proto=https",
            "Origin": "https://evil.example",
            "Referer": "https://evil.example/",
        },
    )
    assert answer.status_code == 202
    (mail,) = town.mails(ADA)
    assert "https://cameras.example.com/verify-email?token=" in mail.text
    assert "evil" not in mail.text


# When the server will not


def test_a_busy_server_is_tried_again_later_and_later(
    make_town: MakeTown, office: PostOffice
) -> None:
    town = make_town(mail_url=at(office))
    registers(town, ADA)
    office.content_replies = ["451 later"] * 4
    waits = []
    for _ in range(4):
        sends(town)
        (row,) = mails(town)
        waits.append((row.due_at - town.clock.now()).total_seconds())
        assert row.failure == "SMTPDataError 451"
        sends(town)
        town.clock.advance(row.due_at - town.clock.now())
    assert waits == [5, 10, 20, 40]
    sends(town)
    assert len(office.got) == 1
    assert [(row.state, row.failure) for row in mails(town)] == [("sent", None)]


def test_a_server_that_puts_strangers_off_takes_the_mail_the_second_time(
    make_town: MakeTown, office: PostOffice
) -> None:
    """Greylisting."""
    town = make_town(mail_url=at(office))
    registers(town, ADA)
    office.recipient_replies = ["450 4.2.0 greylisted, come again"]
    sends(town)
    assert (office.got, states(town)) == ([], {"waiting": 1})
    town.clock.advance(timedelta(seconds=5))
    sends(town)
    assert (office.asked, office.recipients) == ([ADA, ADA], [ADA])


@pytest.mark.parametrize("about", ["recipient", "content"])
def test_what_a_server_refuses_for_good_is_never_offered_again(
    make_town: MakeTown, office: PostOffice, caplog: pytest.LogCaptureFixture, about: str
) -> None:
    town = make_town(mail_url=at(office))
    registers(town, ADA, "bob@example.com")
    replies = office.recipient_replies if about == "recipient" else office.content_replies
    replies.append(f"550 5.1.1 <{ADA}> is unknown")
    sends(town)
    town.clock.advance(timedelta(hours=12))
    sends(town)
    refused, sent = mails(town)
    assert (refused.state, refused.attempts, refused.sealed_body) == ("failed", 1, None)
    assert refused.failure in ("SMTPRecipientsRefused 550", "SMTPDataError 550")
    assert sent.state == "sent"
    assert office.asked == [ADA, "bob@example.com"]
    assert "was not sent" in caplog.text
    assert ADA not in caplog.text


@pytest.mark.parametrize("end", [End.IN_CONTENT, End.AFTER_CONTENT, End.BUSY_AT_GREETING])
def test_a_conversation_that_breaks_off_loses_nothing(make_town: MakeTown, end: End) -> None:
    with open_abrupt(end) as server:
        town = make_town(mail_url=f"smtp://{HOST}:{server.port}")
        registers(town, ADA)
        sends(town)
        assert states(town) == {"waiting": 1}
        server.end = End.BUSY_AT_FAREWELL
        town.clock.advance(timedelta(seconds=5))
        sends(town)
        assert states(town) == {"sent": 1}
    ids = [message_from_bytes(content, policy=default)["Message-ID"] for content in server.got]
    # Where only the answer was lost the mail goes out twice, as one that mail programs know.
    assert len(ids) == (2 if end is End.AFTER_CONTENT else 1)
    assert len(set(ids)) == 1


def test_a_mail_that_cannot_be_written_holds_no_other_up(town: Town) -> None:
    registers(town, ADA)
    with town.suite.databases["identity"]() as session:
        session.scalars(select(OutgoingMail)).one().recipient = "ada\n@example.com"
    registers(town, "bob@example.com")
    sends(town)
    stuck, sent = mails(town)
    assert (stuck.state, stuck.failure) == ("waiting", "ValueError")
    assert sent.state == "sent"


def test_a_mail_that_came_too_late_to_be_of_use_is_never_sent(
    make_town: MakeTown, office: PostOffice
) -> None:
    town = make_town(mail_url=at(office))
    registers(town, ADA)
    town.clock.advance(timedelta(hours=25))
    sends(town)
    (row,) = mails(town)
    assert (row.state, row.sealed_body, office.got) == ("expired", None, [])


def test_a_server_that_is_not_there_is_no_loss(make_town: MakeTown) -> None:
    town = make_town(mail_url=f"smtp://{HOST}:{free_port()}")
    registers(town, ADA)
    sends(town)
    (row,) = mails(town)
    assert (row.state, row.failure) == ("waiting", "ConnectionRefusedError")


# Several at once


def test_what_was_never_tried_goes_before_what_failed(
    make_town: MakeTown, office: PostOffice
) -> None:
    town = make_town(mail_url=at(office))
    registers(town, ADA)
    office.recipient_replies = ["450 later"]
    sends(town)
    town.clock.advance(timedelta(seconds=5))
    registers(town, "bob@example.com")
    office.asked.clear()
    sends(town)
    assert office.asked == ["bob@example.com", ADA]


def test_no_mail_waits_behind_one_that_hangs_at_another_replica(
    make_town: MakeTown, office: PostOffice
) -> None:
    town = make_town(postgresql=True, mail_url=at(office))
    registers(town, ADA, "bob@example.com", "eve@example.com")
    hangs, released = threading.Event(), threading.Event()

    def hang(mail: EmailMessage) -> None:
        if mail["To"] == ADA:
            hangs.set()
            assert released.wait(30)

    office.on_mail = hang
    slow = threading.Thread(target=sends, args=(town,))
    slow.start()
    assert hangs.wait(30)
    sends(town)
    assert sorted(office.recipients) == ["bob@example.com", "eve@example.com"]
    released.set()
    slow.join()
    assert sorted(office.recipients) == [ADA, "bob@example.com", "eve@example.com"]
    assert states(town) == {"sent": 3}


def test_replicas_share_the_mail_and_send_each_once(
    make_town: MakeTown, office: PostOffice
) -> None:
    town = make_town(postgresql=True, mail_url=at(office))
    registers(town, *(f"person{n}@example.com" for n in range(30)))
    begin = threading.Barrier(4)

    def replica() -> None:
        begin.wait()
        while states(town)["waiting"]:
            sends(town)

    replicas = [threading.Thread(target=replica) for _ in range(4)]
    for each in replicas:
        each.start()
    for each in replicas:
        each.join()
    assert set(Counter(office.recipients).values()) == {1}
    assert len(office.got) == 30
    assert states(town) == {"sent": 30}
    assert {mail.attempts for mail in mails(town)} == {1}


def test_a_replica_that_comes_back_too_late_spoils_nothing(
    make_town: MakeTown, office: PostOffice
) -> None:
    """Its lease is over, another one has sent the mail, and then its own try fails."""
    town = make_town(postgresql=True, mail_url=at(office))
    registers(town, ADA)
    hangs, released = threading.Event(), threading.Event()

    def hang_once(_mail: EmailMessage) -> None:
        if not hangs.is_set():
            hangs.set()
            assert released.wait(30)
            raise ConnectionError("the slow one's own try fails")

    office.on_mail = hang_once
    slow = threading.Thread(target=sends, args=(town,))
    slow.start()
    assert hangs.wait(30)
    sends(town)
    assert office.got == []
    town.clock.advance(LEASE)
    sends(town)
    assert states(town) == {"sent": 1}
    released.set()
    slow.join()
    (row,) = mails(town)
    assert (row.state, row.failure, row.attempts) == ("sent", None, 2)
    assert office.recipients == [ADA]


_REPLICA = """
import json, sys
from pathlib import Path
from tests.harness import Suite
given = json.loads(sys.argv[1])
suite = Suite(
    Path(given["folder"]),
    services=("identity",),
    databases={"identity": given["database"]},
    settings={"identity": {"mail_url": given["mail_url"]}},
)
suite.run_job("identity", "send_mail")
"""


def test_a_replica_killed_between_sending_and_noting_it_sends_twice_rather_than_never(
    make_town: MakeTown, office: PostOffice
) -> None:
    town = make_town(postgresql=True, mail_url=at(office))
    registers(town, ADA)
    engine = town.suite.databases["identity"].engine
    given = {
        "folder": str(town.suite.folder),
        "database": engine.url.render_as_string(hide_password=False),
        "mail_url": at(office),
    }
    command = [sys.executable, "-c", _REPLICA, json.dumps(given)]
    with subprocess.Popen(command, cwd=ROOT) as replica:
        office.on_mail = lambda _mail: os.kill(replica.pid, signal.SIGKILL)
    assert replica.returncode == -signal.SIGKILL
    office.on_mail = lambda _mail: None
    assert (len(office.got), states(town)) == (1, {"waiting": 1})
    sends(town)
    assert len(office.got) == 1
    town.clock.advance(LEASE)
    sends(town)
    first, second = office.got
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Date"] == second["Date"]
    assert states(town) == {"sent": 1}


# Secrets


def test_no_secret_is_in_audit_events_or_log(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    """J6."""
    caplog.set_level(logging.DEBUG)
    person = town.newcomer(ADA)
    link = town.mails(ADA)[0].token
    sign_in = town.begins(person)
    town.ask("send_sign_in_code", sign_in=sign_in)
    code = town.mails(ADA)[-1].code
    done = town.ask("complete_sign_in", sign_in=sign_in, method="email", code=code)
    manage = town.manages(person, done["token"])
    key = town.registers(manage)
    codes = town.issues(manage)
    token = town.signs_in_with(person, key)
    totp = town.shown(key)
    town.outcome("sign_in", email=ADA, password="a wrong but secret guess")
    town.outcome("step_up", token, password=PASSWORD, method="totp", code=totp)
    town.ask("sign_out", token)
    secrets = [PASSWORD, "a wrong but secret guess", link, sign_in, done["token"], manage, key]
    with town.suite.databases["identity"].reading() as session:
        rows: list[Any] = [*session.scalars(select(Audit)), *session.scalars(select(OutboxRow))]
        kept = [str(vars(row)) for row in rows]
    everything = "\n".join([*kept, caplog.text])
    assert kept
    found = [secret for secret in (*secrets, *codes, token) if secret in everything]
    assert found == []
    reasons = {entry.reason for entry in town.audit()}
    assert reasons.isdisjoint({code, totp})
