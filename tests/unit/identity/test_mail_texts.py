"""The mails of identity, in each language."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser
from uuid import UUID

import pytest

from contracts.identity import Language
from services.identity.mail.message import TEXTS, Body, message, written
from services.identity.mail.texts import Kind

VALUES = {
    "service": "Freehold",
    "link": "https://example.com/verify-email?token=abc&x=<y>",
    "code": "012345",
    "hours": "24",
    "minutes": "5",
    "at": "2025-03-01 09:00 UTC",
    "count": "10",
    "left": "3",
    "of": "10",
    "email": "ada@example.org",
    "name": "Backup of the garage",
    "expires": "2026-03-01 09:00 UTC",
    "organization": "Analytical Engines",
    "until": "2025-03-08 09:00 UTC",
    "product": "Camera Station",
    "on": "2026-03-01",
    "days": "30 days",
    "licenses": "12 licenses",
}
# What the recipes give to each, besides the service's name.
GIVEN = {
    Kind.VERIFY_EMAIL: {"link", "hours"},
    Kind.ALREADY_REGISTERED: {"link"},
    Kind.SIGN_IN_CODE: {"code", "minutes"},
    Kind.AUTHENTICATOR_REGISTERED: {"at"},
    Kind.AUTHENTICATOR_REPLACED: {"at"},
    Kind.AUTHENTICATOR_REMOVED: {"at"},
    Kind.AUTHENTICATOR_DISABLED: {"at"},
    Kind.SECOND_FACTORS_RESET: {"at"},
    Kind.RECOVERY_CODES_ISSUED: {"at", "count"},
    Kind.RECOVERY_CODE_USED: {"at", "left", "of"},
    Kind.RECOVERY_CODES_DISABLED: {"at"},
    Kind.PASSWORD_RESET: {"link", "minutes"},
    Kind.PASSWORD_CHANGED: {"at"},
    Kind.CONFIRM_EMAIL_CHANGE: {"link", "minutes"},
    Kind.EMAIL_CHANGE_ASKED: {"at", "email"},
    Kind.EMAIL_CHANGED: {"at", "email"},
    Kind.ADDRESS_TAKEN: set(),
    Kind.API_TOKEN_CREATED: {"at", "name", "expires"},
    Kind.ACCOUNT_DISABLED: {"at"},
    Kind.ACCOUNT_DELETED: {"at"},
    Kind.INVITATION: {"organization", "until", "link"},
    Kind.RENEWAL_NEAR: {"organization", "product", "on", "days", "link"},
    Kind.GRACE_STARTED: {"organization", "product", "on", "link"},
    Kind.GRACE_ENDING: {"organization", "product", "on", "days", "link"},
    Kind.UNLICENSED: {"organization", "product", "link"},
    Kind.GROWTH_NEAR: {"organization", "product", "link"},
    Kind.GROWTH_EXCEEDED: {"organization", "product", "link"},
    Kind.LICENSES_EXPIRING: {"organization", "product", "on", "days", "licenses", "link"},
    Kind.LICENSES_RETURNED: {"organization", "product", "licenses", "link"},
    Kind.REDEEMING_LOCKED: {"organization", "link"},
}
EVERY = [(kind, language) for kind in Kind for language in Language]
SCRIPTS = {
    Language.ENGLISH: re.compile(r"[A-Za-z]{2,}"),
    Language.JAPANESE: re.compile(r"[\u3041-\u30ff\u4e00-\u9fff]"),
    Language.KOREAN: re.compile(r"[\uac00-\ud7a3]"),
}
ID = UUID("6f1c1f3e-6a3b-4f2a-9a55-2f7b0a9d8c11")


def names_in(*parts: str) -> set[str]:
    return {name for part in parts for _, name, _, _ in string.Formatter().parse(part) if name}


def given(kind: Kind, values: Mapping[str, str] = VALUES) -> dict[str, str]:
    return {name: values[name] for name in (*GIVEN[kind], "service")}


def arrived(
    body: Body,
    language: Language = Language.ENGLISH,
    *,
    sender: str = "Freehold <no-reply@freehold.example>",
    recipient: str = "ada@example.com",
) -> EmailMessage:
    """What a mail program makes of the mail's bytes."""
    sent = message(
        Body.from_json(body.to_json()),
        mail_id=ID,
        sender=sender,
        recipient=recipient,
        language=language,
        at=datetime(2025, 3, 1, 9, 0, tzinfo=UTC),
    )
    read = message_from_bytes(sent.as_bytes(), policy=default)
    assert isinstance(read, EmailMessage)
    return read


def alternatives(mail: EmailMessage) -> tuple[str, str]:
    plain, page = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert page is not None
    return plain.get_content(), page.get_content()


class Shown(HTMLParser):
    """The paragraphs of a page as a person reads them, and where its links lead."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.paragraphs: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag == "p":
            self.paragraphs.append("")
        if tag == "a":
            self.links.append(str(dict(attrs)["href"]))

    def handle_data(self, data: str) -> None:
        if self.paragraphs:
            self.paragraphs[-1] += data.rstrip("\n")


@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_every_language_tells_all_that_is_given_and_nothing_else(
    kind: Kind, language: Language
) -> None:
    text = TEXTS[language][kind]
    assert names_in(text.subject, *text.paragraphs) - {"service"} == GIVEN[kind]
    assert len(text.paragraphs) == len(TEXTS[Language.ENGLISH][kind].paragraphs)


@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_every_sentence_is_in_its_language(kind: Kind, language: Language) -> None:
    text = TEXTS[language][kind]
    for part in (text.subject, *text.paragraphs):
        without_values = re.sub(r"\{\w+\}", "", part)
        assert not without_values or SCRIPTS[language].search(without_values), part


@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_a_subject_names_the_service_and_nothing_secret(kind: Kind, language: Language) -> None:
    """A locked phone shows subjects."""
    assert names_in(TEXTS[language][kind].subject) == {"service"}


@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_both_alternatives_survive_the_post_and_say_the_same(
    kind: Kind, language: Language
) -> None:
    body = written(kind, language, given(kind))
    mail = arrived(body, language)
    plain, page = alternatives(mail)
    assert (mail["Subject"], plain, page) == (body.subject, body.plain, body.html)
    shown = Shown(page)
    assert plain == "\n\n".join(shown.paragraphs) + "\n"
    assert shown.links == ([VALUES["link"]] if "link" in GIVEN[kind] else [])
    assert "{" not in body.subject + body.plain


@pytest.mark.parametrize("language", Language)
def test_headers_say_whose_mail_it_is_and_that_a_machine_wrote_it(language: Language) -> None:
    mail = arrived(written(Kind.SIGN_IN_CODE, language, VALUES), language)
    assert mail["Content-Language"] == language.value
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"] == f"<{ID}@freehold.example>"
    assert f'lang="{language.value}"' in alternatives(mail)[1]


HOSTILE = [
    "{0.__class__} {code} {",
    "x\r\nBcc: eve@example.org",
    "x\r\n\r\n<script>alert(1)</script>",
    '</p><a href="https://evil.example">x</a>',
    "\u202etxet desrever\u2066",
    "one\u2028two\u2029three\u0085four",
    "=?utf-8?q?Bcc=3A?=",
    "\ud800",
    "\0",
]


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize(
    "kind",
    [
        Kind.VERIFY_EMAIL,
        Kind.EMAIL_CHANGED,
        Kind.API_TOKEN_CREATED,
        Kind.INVITATION,
        Kind.LICENSES_EXPIRING,
    ],
)
def test_a_value_is_text_whatever_is_in_it(kind: Kind, hostile: str) -> None:
    """Names of API tokens, organizations and products, addresses and the service's own name."""
    expected = arrived(written(kind, Language.KOREAN, given(kind)))
    body = written(kind, Language.KOREAN, given(kind, dict.fromkeys(VALUES, hostile)))
    mail = arrived(body)
    plain, page = alternatives(mail)
    assert mail.keys() == expected.keys()
    assert mail["To"] == "ada@example.com"
    assert Shown(page).tags == Shown(alternatives(expected)[1]).tags
    assert plain == "\n\n".join(Shown(page).paragraphs) + "\n"
    assert plain.count("\n") == alternatives(expected)[0].count("\n")
    assert not set("\u202e\u2066\u2028\u2029\u0085\0\r") & set(plain + page + mail["Subject"])


def test_braces_in_a_value_stay_as_they_are() -> None:
    body = written(Kind.API_TOKEN_CREATED, Language.ENGLISH, {**VALUES, "name": "{0.__class__}"})
    assert "“{0.__class__}”" in body.plain
    assert "“{0.__class__}”" in body.html


def test_values_are_text_in_html_never_markup() -> None:
    body = written(Kind.VERIFY_EMAIL, Language.ENGLISH, {**VALUES, "service": "<b>&"})
    assert "&lt;b&gt;&amp;" in body.html
    assert '<a href="https://example.com/verify-email?token=abc&amp;x=&lt;y&gt;">' in body.html


@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_every_server_takes_the_bytes(kind: Kind, language: Language) -> None:
    """RFC 5321: seven bits, lines of no more than 1000 characters."""
    body = written(kind, language, given(kind, {**VALUES, "service": "ひ" * 200}))
    mail = message(
        body,
        mail_id=ID,
        sender="フリーホールド <no-reply@freehold.example>",
        recipient="ada@example.com",
        language=language,
        at=datetime(2025, 3, 1, tzinfo=UTC),
    )
    sent = mail.as_bytes()
    assert sent.isascii()
    assert max(map(len, sent.splitlines())) <= 998


@pytest.mark.parametrize(
    ("address", "written_to"),
    [
        ("ada@例え.jp", "ada@xn--r8jz45g.jp"),
        ("ゆき@例え.jp", "ゆき@例え.jp"),
        ("ada@EXAMPLE.com", "ada@EXAMPLE.com"),
        ("a&b?c%d+{e}@example.com", "a&b?c%d+{e}@example.com"),
        ("o'ada@[192.0.2.1]", "o'ada@[192.0.2.1]"),
    ],
)
def test_only_a_domain_of_other_letters_is_written_in_another_way(
    address: str, written_to: str
) -> None:
    mail = arrived(written(Kind.SIGN_IN_CODE, Language.ENGLISH, VALUES), recipient=address)
    assert [each.addr_spec for each in mail["To"].addresses] == [written_to]


def test_a_body_never_shows_in_its_repr() -> None:
    body = written(Kind.SIGN_IN_CODE, Language.ENGLISH, VALUES)
    assert "012345" not in repr(body)
