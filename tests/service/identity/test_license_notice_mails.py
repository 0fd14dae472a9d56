"""Notices of licensing: one mail for each reader, in their own language, whatever comes again (D-21)."""

from __future__ import annotations

import json
import logging
from collections import Counter
from datetime import date, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from chassis.tables import InboxRow
from contracts.identity import Language
from contracts.license_notices import LicenseNoticeAddressed, NoticeKind
from services.identity.domain import email_address
from services.identity.models import Account, OutgoingMail
from services.identity.queries import accounts
from tests import races
from tests.service.identity.town import MakeTown, Town

ADA = "ada@example.com"
BOB = "bob@example.com"


def reader(town: Town, email: str = ADA, language: Language = Language.ENGLISH) -> UUID:
    """The id of somebody with an account."""
    account_id, now = uuid4(), town.clock.now()
    with town.suite.databases["identity"]() as session:
        session.add(
            Account(
                id=account_id,
                email=email,
                email_key=email_address.key(email),
                language=language.value,
                registered_at=now,
                verified_at=now,
            )
        )
    return account_id


def notice(*readers: UUID, **more: Any) -> LicenseNoticeAddressed:
    """What organizations announce."""
    values: dict[str, Any] = {
        "notice_id": uuid4(),
        "organization_id": uuid4(),
        "organization_name": "Analytical Engines",
        "product": "station",
        "product_name": "Camera Station",
        "kind": NoticeKind.LICENSES_EXPIRING,
        "on": date(2026, 3, 1),
        "days": 90,
        "licenses": 12,
    }
    return LicenseNoticeAddressed(account_ids=readers, **{**values, **more})


def hears(town: Town, announced: LicenseNoticeAddressed, event_id: UUID | None = None) -> None:
    """As the bus brings it; with the same id, it brings it again."""
    data = json.loads(json.dumps(announced.to_json()))
    body = {"event_id": str(event_id or uuid4()), "data": data}
    town.suite.instance("identity").license_notice_addressed(body)


def written(town: Town) -> Counter[str]:
    """To whom, sent or not."""
    with town.suite.databases["identity"].reading() as session:
        return Counter(session.scalars(select(OutgoingMail.recipient)))


def letters(town: Town) -> list[EmailMessage]:
    town.suite.run_job("identity", "send_mail")
    found = []
    for path in sorted((town.suite.folder / "mail").glob("*.eml")):
        mail = message_from_bytes(path.read_bytes(), policy=default)
        assert isinstance(mail, EmailMessage)
        found.append(mail)
    return found


def text_of(mail: EmailMessage, kind: str = "plain") -> str:
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def test_the_mail_says_what_it_is_about_and_leads_to_the_page_of_the_product(
    make_town: MakeTown,
) -> None:
    """Security 2.5: the address is the installation's."""
    town = make_town(link_base_url="https://cameras.example.com/")
    announced = notice(reader(town))
    hears(town, announced)
    [mail] = letters(town)
    assert mail["To"] == ADA
    assert mail["Subject"] == "Licenses in a wallet on Freehold expire soon"
    link = (
        "https://cameras.example.com/organizations/"
        f"{announced.organization_id}/licenses/{announced.product}"
    )
    for kind in ("plain", "html"):
        text = text_of(mail, kind)
        assert "“Camera Station” in the organization “Analytical Engines”" in text
        assert "12 licenses will expire in 90 days, on 2026-03-01" in text
        assert "You get this mail because you are an owner or admin" in text
        assert link in text
    assert f'<a href="{link}">' in text_of(mail, "html")


@pytest.mark.parametrize("kind", NoticeKind)
def test_a_mail_can_be_written_of_every_kind(town: Town, kind: NoticeKind) -> None:
    hears(town, notice(reader(town), kind=kind))
    [mail] = letters(town)
    assert "“Analytical Engines”" in text_of(mail)


def test_everybody_reads_it_in_their_own_language(town: Town) -> None:
    readers = {language: reader(town, f"{language}@example.com", language) for language in Language}
    hears(town, notice(*readers.values()))
    found = {
        mail["To"]: (mail["Content-Language"], mail["Subject"], text_of(mail))
        for mail in letters(town)
    }
    expected = {
        Language.ENGLISH: ("Licenses in a wallet on Freehold expire soon", "12 licenses"),
        Language.JAPANESE: (
            "Freehold のウォレットのライセンスの期限が近づいています",
            "ライセンス 12 個",
        ),
        Language.KOREAN: ("Freehold 지갑의 라이선스가 곧 만료됩니다", "라이선스 12개"),
    }
    assert len(found) == len(expected)
    for language, (subject, count) in expected.items():
        content_language, its_subject, text = found[f"{language}@example.com"]
        assert (content_language, its_subject) == (language.value, subject)
        assert count in text


def test_accounts_that_are_gone_are_passed_over(town: Town) -> None:
    ada = reader(town)
    hears(town, notice(uuid4(), ada, uuid4()))
    assert written(town) == {ADA: 1}
    hears(town, notice(uuid4()))
    hears(town, notice())
    assert written(town) == {ADA: 1}


def test_who_cannot_sign_in_is_not_written_to(town: Town) -> None:
    """An operator shut them out; what organizations know is theirs no longer."""
    readers = [reader(town), reader(town, BOB)]
    town.disables(ADA)
    hears(town, notice(*readers))
    assert written(town) == {BOB: 1}


@pytest.mark.parametrize("postgresql", [False, True])
def test_what_comes_again_is_written_once(make_town: MakeTown, postgresql: bool) -> None:
    """As the same message, in another part of the notice, and after the inbox has forgotten it."""
    town = make_town(postgresql=postgresql)
    ada, bob = reader(town), reader(town, BOB)
    announced, event_id = notice(ada), uuid4()
    for _ in range(2):
        hears(town, announced, event_id)
    assert written(town) == {ADA: 1}
    hears(town, announced)
    hears(town, notice(ada, bob, notice_id=announced.notice_id))
    assert written(town) == {ADA: 1, BOB: 1}
    letters(town)
    hears(town, announced)
    assert len(letters(town)) == 2
    hears(town, notice(ada))
    assert written(town) == {ADA: 2, BOB: 1}, "another notice is another mail"


def test_what_fails_writes_nothing_and_is_tried_again(town: Town) -> None:
    announced = notice(reader(town), reader(town, BOB))
    with town.failing("INSERT INTO outgoing_mail"):
        hears(town, announced)
    assert written(town) == {}
    with town.suite.databases["identity"].reading() as session:
        [row] = session.scalars(select(InboxRow))
    assert row.due_at is not None
    town.clock.advance(row.due_at - town.clock.now())
    assert [town.suite.retry_inbox("identity") for _ in range(2)] == [1, 0]
    assert written(town) == {ADA: 1, BOB: 1}


def overtaken(town: Town, account: UUID, change: Any, *readers: UUID) -> None:
    """The notice is heard while the account is changed, and waits for it."""
    row = select(Account).where(Account.id == account).with_for_update()
    races.overtaken(
        town.suite.databases["identity"], row, lambda: hears(town, notice(*readers)), change
    )


def test_no_mail_goes_to_an_account_that_is_deleted_meanwhile(make_town: MakeTown) -> None:
    town = make_town(postgresql=True)
    ada, bob = reader(town), reader(town, BOB)
    overtaken(town, ada, accounts.drop_account, ada, bob)
    assert written(town) == {BOB: 1}


def test_a_mail_goes_to_the_address_that_an_account_moves_to_meanwhile(
    make_town: MakeTown,
) -> None:
    town = make_town(postgresql=True)
    ada = reader(town)

    def move(session: Session, _account: Account) -> None:
        session.execute(update(Account).where(Account.id == ada).values(email="new@example.com"))

    overtaken(town, ada, move, ada)
    assert written(town) == {"new@example.com": 1}


def test_a_notice_waits_for_the_mail_server_no_longer_than_it_is_news(
    make_town: MakeTown,
) -> None:
    town = make_town(mail_url="smtp://127.0.0.1:9")
    hears(town, notice(reader(town)))
    town.clock.advance(timedelta(days=2))
    town.suite.run_job("identity", "send_mail")
    with town.suite.databases["identity"].reading() as session:
        [row] = session.scalars(select(OutgoingMail))
    assert (row.state, row.sealed_body) == ("expired", None)


HOSTILE = [
    "Win https://evil.example/now?x=1 www.evil.example evil@evil.example",
    "Win www\u3002evil\u3002example",
    '</p><a href="//evil.example">Freehold</a><script>alert(1)</script>',
    "{link} {0.__class__} %(token)s",
    "x\r\nBcc: eve@example.org\r\n\r\nYour password, please",
    "=?utf-8?q?Bcc=3A_eve?=",
    "あ" * 100,
]


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("language", Language)
def test_names_of_organizations_and_products_are_text(
    town: Town, hostile: str, language: Language
) -> None:
    """Whoever makes an organization chooses its name, and suppliers those of products."""
    announced = notice(reader(town, ADA, language))
    hears(town, announced)
    [expected] = letters(town)
    named = notice(
        announced.account_ids[0],
        organization_id=announced.organization_id,
        organization_name=hostile,
        product_name=hostile,
    )
    hears(town, named)
    mail = next(mail for mail in letters(town) if mail["Message-ID"] != expected["Message-ID"])
    assert mail["Subject"] == expected["Subject"]
    assert (mail.keys(), mail["To"], mail["Bcc"]) == (expected.keys(), ADA, None)
    link = f"http://127.0.0.1:8000/organizations/{announced.organization_id}/licenses/station"
    page = text_of(mail, "html")
    assert page.count("<a ") == 1
    assert f'<a href="{link}">' in page
    assert "<script" not in page
    assert text_of(mail).count("\n") == text_of(expected).count("\n")
    for text in (text_of(mail), page.replace(f'"{link}"', "")):
        assert text.count("://") == 1
        assert "evil.example" not in text
        assert "evil\u3002example" not in text


def test_no_product_leads_to_another_page(town: Town) -> None:
    announced = notice(reader(town), product="../../account?x=<y>#z")
    hears(town, announced)
    [mail] = letters(town)
    page = (
        f"/organizations/{announced.organization_id}/licenses/..%2F..%2Faccount%3Fx%3D%3Cy%3E%23z"
    )
    assert f"http://127.0.0.1:8000{page}\n" in text_of(mail)


def test_what_a_notice_says_is_sealed_until_it_is_sent_and_never_logged(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        hears(town, notice(reader(town)))
        with town.suite.databases["identity"].reading() as session:
            [row] = session.scalars(select(OutgoingMail))
            assert "Analytical" not in repr(vars(row))
            [heard] = session.scalars(select(InboxRow))
            assert heard.data is None
        letters(town)
    assert "Analytical" not in caplog.text
    assert ADA not in caplog.text
