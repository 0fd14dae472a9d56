"""SMTP as servers speak it: TLS, passwords, addresses of other letters, and bad manners."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import quote

import pytest

from services.identity.mail.transport import Capture, NotSent, Smtp, transport_for
from tests.service.identity.post_office import (
    HOST,
    PASSWORD,
    USER,
    Authority,
    End,
    PostOffice,
    free_port,
    open_abrupt,
    open_post_office,
)

NAME = "localhost"
LOGIN = f"{USER}:{quote(PASSWORD, safe='')}@"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "authority")


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with open_post_office() as office:
        yield office


def mail_to(recipient: str = "ada@example.com") -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "Freehold <no-reply@freehold.example>"
    mail["To"] = recipient
    mail["Subject"] = "A code"
    mail.set_content("012345\n")
    return mail


def trouble(transport: Smtp, mail: EmailMessage | None = None) -> tuple[str, bool]:
    with pytest.raises(NotSent) as caught:
        transport.send(mail or mail_to())
    return str(caught.value), caught.value.is_permanent


def test_a_server_without_tls_gets_what_needs_none(office: PostOffice) -> None:
    Smtp(f"smtp://{HOST}:{office.port}").send(mail_to())
    assert (office.recipients, office.was_tls) == (["ada@example.com"], False)


@pytest.mark.parametrize("begins_with_tls", [False, True])
def test_a_private_authority_vouches_for_the_server(
    authority: Authority, begins_with_tls: bool
) -> None:
    scheme = "smtps" if begins_with_tls else "smtp"
    with open_post_office(tls=authority.server(NAME), begins_with_tls=begins_with_tls) as office:
        Smtp(f"{scheme}://{NAME}:{office.port}", str(authority.file)).send(mail_to())
        assert (office.recipients, office.was_tls) == (["ada@example.com"], True)


@pytest.mark.parametrize("begins_with_tls", [False, True])
@pytest.mark.parametrize("vouched_for", ["by another authority", "by none", "for another name"])
def test_a_server_that_nobody_vouches_for_gets_nothing(
    authority: Authority, tmp_path: Path, begins_with_tls: bool, vouched_for: str
) -> None:
    scheme = "smtps" if begins_with_tls else "smtp"
    name = "mail.example.org" if vouched_for == "for another name" else NAME
    trusted = {
        "by another authority": str(Authority(tmp_path / "other").file),
        "by none": "",
        "for another name": str(authority.file),
    }
    with open_post_office(tls=authority.server(name), begins_with_tls=begins_with_tls) as office:
        transport = Smtp(f"{scheme}://{LOGIN}{NAME}:{office.port}", trusted[vouched_for])
        assert trouble(transport) == ("SSLCertVerificationError", False)
        assert (office.asked, office.got) == ([], [])


def test_a_password_opens_the_server_after_tls_only(authority: Authority) -> None:
    with open_post_office(tls=authority.server(NAME), asks_password=True) as office:
        Smtp(f"smtp://{LOGIN}{NAME}:{office.port}", str(authority.file)).send(mail_to())
        assert (office.recipients, office.was_tls) == (["ada@example.com"], True)


def test_a_wrong_password_is_the_accounts_trouble_and_not_the_mails(authority: Authority) -> None:
    with open_post_office(tls=authority.server(NAME), asks_password=True) as office:
        url = f"smtp://{USER}:wrong-word@{NAME}:{office.port}"
        transport = Smtp(url, str(authority.file))
        assert trouble(transport) == ("SMTPAuthenticationError 535", False)
        assert "wrong-word" not in repr(transport)
        assert office.got == []


@pytest.mark.parametrize("needs_tls", ["a password", "an authority"])
def test_where_tls_is_needed_nothing_is_sent_without(
    office: PostOffice, authority: Authority, needs_tls: str
) -> None:
    """Somebody in between who hides STARTTLS learns neither password nor mail."""
    login, file = (LOGIN, "") if needs_tls == "a password" else ("", str(authority.file))
    transport = Smtp(f"smtp://{login}{HOST}:{office.port}", file)
    assert trouble(transport) == ("no TLS offered", False)
    assert office.asked == []


@pytest.mark.parametrize(
    ("reply", "is_permanent"),
    [
        ("550 5.1.1 no such user", True),
        ("553 bad name", True),
        ("450 4.2.0 greylisted", False),
        ("452 full", False),
    ],
)
def test_what_a_server_says_of_a_recipient(
    office: PostOffice, reply: str, is_permanent: bool
) -> None:
    office.recipient_replies = [reply]
    transport = Smtp(f"smtp://{HOST}:{office.port}")
    assert trouble(transport) == (f"SMTPRecipientsRefused {reply[:3]}", is_permanent)


@pytest.mark.parametrize(("reply", "is_permanent"), [("554 5.6.0 no", True), ("451 later", False)])
def test_what_a_server_says_of_a_content(
    office: PostOffice, reply: str, is_permanent: bool
) -> None:
    office.content_replies = [reply]
    transport = Smtp(f"smtp://{HOST}:{office.port}")
    assert trouble(transport) == (f"SMTPDataError {reply[:3]}", is_permanent)


def test_an_address_of_other_letters_reaches_a_server_that_reads_them(office: PostOffice) -> None:
    Smtp(f"smtp://{HOST}:{office.port}").send(mail_to("ゆき@例え.jp"))
    assert office.asked == ["ゆき@例え.jp"]


def test_an_address_the_server_cannot_read_is_not_tried_again() -> None:
    with open_post_office(takes_utf8=False) as office:
        transport = Smtp(f"smtp://{HOST}:{office.port}")
        assert trouble(transport, mail_to("ゆき@example.com")) == ("SMTPNotSupportedError", True)
        Smtp(f"smtp://{HOST}:{office.port}").send(mail_to())
        assert office.recipients == ["ada@example.com"]


@pytest.mark.parametrize(
    ("end", "said"),
    [
        (End.SAYS_NOTHING, "SMTPServerDisconnected"),
        (End.BUSY_AT_GREETING, "SMTPConnectError 421"),
        (End.IN_CONTENT, None),
        (End.AFTER_CONTENT, None),
    ],
)
def test_a_conversation_that_breaks_off_is_begun_again_later(end: End, said: str | None) -> None:
    with open_abrupt(end) as server:
        # Only where nothing is ever said the time runs out.
        timeout = 0.3 if end is End.SAYS_NOTHING else 30
        told, is_permanent = trouble(Smtp(f"smtp://{HOST}:{server.port}", timeout=timeout))
    assert not is_permanent
    # Depends on which side notices first.
    one_of = (
        {said} if said else {"SMTPServerDisconnected", "ConnectionResetError", "BrokenPipeError"}
    )
    assert told in one_of


@pytest.mark.parametrize("end", [End.AT_FAREWELL, End.HANGS_AT_FAREWELL, End.BUSY_AT_FAREWELL])
def test_a_mail_that_was_taken_is_sent_whatever_comes_after(end: End) -> None:
    with open_abrupt(end) as server:
        Smtp(f"smtp://{HOST}:{server.port}", timeout=2).send(mail_to())
        assert len(server.got) == 1


def test_a_conversation_has_an_end_in_all(office: PostOffice) -> None:
    """However promptly a server answers each command."""
    transport = Smtp(f"smtp://{HOST}:{office.port}", total=0.0)
    assert trouble(transport) == ("TimeoutError", False)
    assert office.asked == []


def test_nobody_there_is_a_trouble_too() -> None:
    transport = Smtp(f"smtp://{HOST}:{free_port()}")
    assert trouble(transport) == ("ConnectionRefusedError", False)


def test_a_captured_mail_is_a_file_of_its_own_id(tmp_path: Path) -> None:
    mail = mail_to()
    mail["Message-ID"] = "<one@freehold.example>"
    transport = transport_for(f"capture:{tmp_path / 'mail'}")
    assert isinstance(transport, Capture)
    transport.send(mail)
    assert [path.name for path in (tmp_path / "mail").iterdir()] == ["one.eml"]
    (tmp_path / "taken").write_text("")
    with pytest.raises(NotSent, match=r"FileExistsError|NotADirectoryError"):
        Capture(tmp_path / "taken").send(mail)


def test_an_unknown_way_of_sending_stops_the_start() -> None:
    with pytest.raises(ValueError, match=r"identity\.mail_url"):
        transport_for("pigeon://user:secret@loft")


def test_an_authority_that_cannot_be_read_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        transport_for("smtp://localhost", str(tmp_path / "none.pem"))
    (tmp_path / "bad.pem").write_text("no certificate")
    with pytest.raises(ssl.SSLError):
        transport_for("smtp://localhost", str(tmp_path / "bad.pem"))
