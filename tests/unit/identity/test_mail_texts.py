"""The mails of identity, in each language."""

from __future__ import annotations

import re
import string
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from uuid import uuid4

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
}
EVERY = [(kind, language) for kind in Kind for language in Language]


def names_in(kind: Kind, language: Language) -> set[str]:
    text = TEXTS[language][kind]
    parts = "".join((text.subject, *text.paragraphs))
    return {name for _, name, _, _ in string.Formatter().parse(parts) if name}


@pytest.mark.parametrize("kind", Kind)
def test_every_language_tells_the_same(kind: Kind) -> None:
    english = names_in(kind, Language.ENGLISH)
    for language in Language:
        assert names_in(kind, language) == english
        assert len(TEXTS[language][kind].paragraphs) == len(
            TEXTS[Language.ENGLISH][kind].paragraphs
        )


@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_plain_and_html_survive_the_post(kind: Kind, language: Language) -> None:
    body = written(kind, language, VALUES)
    sent = message(
        Body.from_json(body.to_json()),
        mail_id=uuid4(),
        sender="Freehold <no-reply@freehold.invalid>",
        recipient="ada@example.com",
        language=language,
        at=datetime(2025, 3, 1, 9, 0, tzinfo=UTC),
    )
    arrived = message_from_bytes(sent.as_bytes(), policy=default)
    assert isinstance(arrived, EmailMessage)
    plain, page = arrived.get_body(("plain",)), arrived.get_body(("html",))
    assert plain is not None
    assert page is not None
    assert plain.get_content() == body.plain
    assert page.get_content() == body.html
    assert arrived["Subject"] == body.subject
    assert "{" not in body.subject + body.plain


def test_values_are_text_in_html_never_markup() -> None:
    body = written(Kind.VERIFY_EMAIL, Language.ENGLISH, {**VALUES, "service": "<b>&"})
    assert "&lt;b&gt;&amp;" in body.html
    assert '<a href="https://example.com/verify-email?token=abc&amp;x=&lt;y&gt;">' in body.html


def test_a_body_never_shows_in_its_repr() -> None:
    body = written(Kind.SIGN_IN_CODE, Language.ENGLISH, VALUES)
    assert re.search("012345", repr(body)) is None
