"""Mail goes out after the commit, again and again if need be, and leaves nothing behind."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select

from chassis.tables import OutboxRow
from services.identity.mail.transport import NotSent, Smtp, transport_for
from services.identity.models import Audit, OutgoingMail
from tests.service.identity.town import PASSWORD, MakeTown, Town

ADA = "ada@example.com"


class Server:
    """Takes mail, or says to come again."""

    def __init__(self) -> None:
        self.got: list[Any] = []
        self.is_busy = False

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 aiosmtpd's name
        if self.is_busy:
            return "451 later"
        self.got.append(message_from_bytes(envelope.content, policy=default))
        return "250 kept"


@pytest.fixture
def server() -> Iterator[tuple[Server, int]]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    taking = Server()
    controller = Controller(taking, hostname="127.0.0.1", port=port)
    controller.start()
    yield taking, port
    controller.stop()


def mails(town: Town) -> list[OutgoingMail]:
    with town.suite.databases["identity"].reading() as session:
        return list(session.scalars(select(OutgoingMail).order_by(OutgoingMail.written_at)))


def test_a_mail_goes_out_over_smtp_and_its_body_is_erased(
    make_town: MakeTown, server: tuple[Server, int]
) -> None:
    taking, port = server
    town = make_town(mail_url=f"smtp://127.0.0.1:{port}")
    town.ask("register_account", email=ADA, password=PASSWORD, language="ja")
    assert taking.got == []
    town.suite.run_job("identity", "send_mail")
    assert [mail["To"] for mail in taking.got] == [ADA]
    assert "確認" in taking.got[0]["Subject"]
    assert taking.got[0].get_content_type() == "multipart/alternative"
    (row,) = mails(town)
    assert (row.state, row.sealed_body) == ("sent", None)
    town.suite.run_job("identity", "send_mail")
    assert len(taking.got) == 1


def test_a_busy_server_is_tried_again_later_and_later(
    make_town: MakeTown, server: tuple[Server, int]
) -> None:
    taking, port = server
    town = make_town(mail_url=f"smtp://127.0.0.1:{port}")
    town.ask("register_account", email=ADA, password=PASSWORD)
    taking.is_busy = True
    waits = []
    for _ in range(4):
        town.suite.run_job("identity", "send_mail")
        (row,) = mails(town)
        waits.append((row.due_at - town.clock.now()).total_seconds())
        assert row.failure == "SMTPDataError 451"
        town.clock.advance(row.due_at - town.clock.now())
    assert waits == [5, 10, 20, 40]
    taking.is_busy = False
    town.suite.run_job("identity", "send_mail")
    assert len(taking.got) == 1


def test_a_mail_that_cannot_be_written_holds_no_other_up(town: Town) -> None:
    town.ask("register_account", email=ADA, password=PASSWORD)
    with town.suite.databases["identity"]() as session:
        session.scalars(select(OutgoingMail)).one().recipient = "ada\n@example.com"
    town.ask("register_account", email="bob@example.com", password=PASSWORD)
    town.suite.run_job("identity", "send_mail")
    stuck, sent = mails(town)
    assert (stuck.state, stuck.failure) == ("waiting", "ValueError")
    assert sent.state == "sent"


def test_a_mail_that_came_too_late_to_be_of_use_is_never_sent(
    make_town: MakeTown, server: tuple[Server, int]
) -> None:
    taking, port = server
    town = make_town(mail_url=f"smtp://127.0.0.1:{port}")
    town.ask("register_account", email=ADA, password=PASSWORD)
    town.clock.advance(timedelta(hours=25))
    town.suite.run_job("identity", "send_mail")
    (row,) = mails(town)
    assert (row.state, row.sealed_body, taking.got) == ("expired", None, [])


def test_a_server_that_is_not_there_is_no_loss(make_town: MakeTown) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    town = make_town(mail_url=f"smtp://127.0.0.1:{port}")
    town.ask("register_account", email=ADA, password=PASSWORD)
    town.suite.run_job("identity", "send_mail")
    (row,) = mails(town)
    assert (row.state, row.failure) == ("waiting", "ConnectionRefusedError")


def test_a_password_is_never_sent_in_the_clear(server: tuple[Server, int]) -> None:
    _taking, port = server
    transport = Smtp(f"smtp://user:secret@127.0.0.1:{port}")
    assert "secret" not in repr(transport)
    with pytest.raises(NotSent):
        transport.send(message_from_bytes(b"To: ada@example.com\n\nx", policy=default))


def test_an_unknown_way_of_sending_stops_the_start() -> None:
    with pytest.raises(ValueError, match=r"identity\.mail_url"):
        transport_for("pigeon://loft")


def test_no_secret_is_in_audit_events_or_log(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    """J6."""
    caplog.set_level(logging.DEBUG)
    person = town.newcomer(ADA)
    link = town.mails(ADA)[0].token
    sign_in = town.begins(person)
    town.ask("send_sign_in_code", sign_in=sign_in)
    code = town.mails(ADA)[-1].code
    done = town.ask("complete_sign_in", sign_in=sign_in, method="email", code=code)
    key, token = town.enrols(person, done["token"])
    totp = town.shown(key)
    town.outcome("sign_in", email=ADA, password="a wrong but secret guess")
    town.outcome("enrol_authenticator", token, password=PASSWORD, code=totp)
    town.ask("sign_out", token)
    secrets = [PASSWORD, "a wrong but secret guess", link, sign_in, done["token"], key, token]
    with town.suite.databases["identity"].reading() as session:
        rows: list[Any] = [*session.scalars(select(Audit)), *session.scalars(select(OutboxRow))]
        kept = [str(vars(row)) for row in rows]
    everything = "\n".join([*kept, caplog.text])
    assert kept
    found = [secret for secret in secrets if secret in everything]
    assert found == []
    reasons = {entry.reason for entry in town.audit()}
    assert reasons.isdisjoint({code, totp})
