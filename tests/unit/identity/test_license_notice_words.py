"""The mails about licenses: complete in each language, and exact (D-21)."""

from __future__ import annotations

import string
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from contracts.identity import Language
from contracts.license_notices import TOLD, LicenseNoticeAddressed, NoticeKind
from services.identity.domain.license_notice import mail_id
from services.identity.mail.license_notices import TEXTS
from services.identity.mail.license_notices.values import values
from services.identity.mail.message import written
from services.identity.mail.texts import Kind

LINK = "https://freehold.example/organizations/7/licenses/station"


def addressed(kind: NoticeKind, **more: Any) -> LicenseNoticeAddressed:
    """With what such a notice has to say, and no more."""
    facts = {"on": date(2026, 3, 1), "days": 30, "licenses": 12}
    said = {name: fact if name in TOLD[kind] else None for name, fact in facts.items()}
    given: dict[str, Any] = {
        "organization_name": "Analytical Engines",
        "product_name": "Camera Station",
        **said,
        **more,
    }
    return LicenseNoticeAddressed(
        notice_id=UUID(int=1),
        organization_id=UUID(int=7),
        account_ids=(),
        product="station",
        kind=kind,
        **given,
    )


def text(kind: NoticeKind, language: Language = Language.ENGLISH, **more: Any) -> str:
    """Of the mail that is written about such a notice."""
    given = values(addressed(kind, **more), language)
    return written(Kind(kind.value), language, {"service": "Freehold", "link": LINK, **given}).plain


@pytest.mark.parametrize("language", Language)
def test_every_notice_has_its_words_in_every_language(language: Language) -> None:
    assert {kind.value for kind in TEXTS[language]} == {kind.value for kind in NoticeKind}


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", NoticeKind)
def test_a_mail_tells_exactly_what_its_notice_has_to_say(
    kind: NoticeKind, language: Language
) -> None:
    """Else a notice would come for which no mail can be written."""
    words = TEXTS[language][Kind(kind.value)]
    told = {
        name
        for part in (words.subject, *words.paragraphs)
        for _, name, _, _ in string.Formatter().parse(part)
        if name
    }
    assert told - {"service", "organization", "product", "link"} == TOLD[kind]
    assert LINK in text(kind, language)
    assert "Analytical Engines" in text(kind, language)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        (
            Language.ENGLISH,
            (
                "In the wallet of “Camera Station” in the organization “Analytical Engines”, 12 licenses"
                " will expire in 30 days, on 2026-03-01."
            ),
        ),
        (
            Language.JAPANESE,
            (
                "組織「Analytical Engines」の「Camera Station」のウォレットにあるライセンス 12 個は、"
                "30 日後の 2026-03-01 に期限切れになります。"
            ),
        ),
        (
            Language.KOREAN,
            (
                "“Analytical Engines” 조직의 “Camera Station” 제품 지갑에 있는 라이선스 12개가 30일 후인 "
                "2026-03-01에 만료됩니다."
            ),
        ),
    ],
)
def test_a_mail_says_how_many_of_what_and_until_when(language: Language, sentence: str) -> None:
    assert text(NoticeKind.LICENSES_EXPIRING, language).startswith(sentence)


@pytest.mark.parametrize(
    ("number", "said"), [(1, "got 1 license back."), (2, "got 2 licenses back.")]
)
def test_english_tells_one_from_many(number: int, said: str) -> None:
    assert said in text(NoticeKind.LICENSES_RETURNED, licenses=number)


def test_a_single_day_is_one_day() -> None:
    assert "comes in 1 day, on 2026-03-01." in text(NoticeKind.GRACE_ENDING, days=1)


def test_large_numbers_can_be_read() -> None:
    assert "1,000,000 licenses" in text(NoticeKind.LICENSES_RETURNED, licenses=1_000_000)


@pytest.mark.parametrize("kind", [NoticeKind.UNLICENSED, NoticeKind.GRACE_STARTED])
@pytest.mark.parametrize("name", ["www.evil.example", "https://evil.example/", "a@evil.example"])
def test_no_name_becomes_a_link(kind: NoticeKind, name: str) -> None:
    """Names of organizations and of products come from people."""
    found = text(kind, organization_name=name, product_name=name)
    assert "evil.example" not in found
    assert found.count("://") == 1


def test_there_is_one_mail_of_a_notice_for_an_account() -> None:
    notices, accounts = (UUID(int=1), UUID(int=2)), (UUID(int=3), UUID(int=4))
    ids = {mail_id(notice, account) for notice in notices for account in accounts}
    assert len(ids) == 4
    assert mail_id(notices[0], accounts[0]) in ids
