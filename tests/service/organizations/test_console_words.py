"""The pages of organizations in English, Japanese and Korean, in the words of the manuals."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import services.organizations.service
from contracts import access
from contracts.access import Role
from contracts.errors import refusals
from gateway.console.words import LANGUAGES
from gateway.console.words.audit_log import ACTIONS
from gateway.console.words.refusals import REFUSALS
from services.organizations.domain.audit import Action
from tests.service.identity.test_console_words import blanks, tables
from tests.service.organizations.office import Office, Visitor
from tests.service.organizations.world import Home

# What only programs and the operators of an installation meet.
_NOT_HERE = frozenset(
    {
        "deletion-not-found",
        "deletion-over",
        "deletion-undone",
        "operator-only",
        "organization-active",
        "owner-present",
        "parent-deleted",
    }
)

# Chapter 15, every row; a folder and a recovery code also as the headings of several.
MANUAL = (
    ("Owner", "所有者", "소유자"),
    ("Admin", "管理者", "관리자"),
    ("Operator", "オペレーター", "운영자"),
    ("Viewer", "閲覧者", "관찰자"),
    ("Organization", "組織", "조직"),
    ("Users", "ユーザー", "사용자"),
    ("Invite users", "ユーザーの招待", "사용자 초대"),
    ("Roles and access", "役割とアクセス", "역할 및 액세스"),
    ("Remove user", "ユーザーの削除", "사용자 제거"),
    ("Remove", "削除", "제거"),
    ("Folder", "フォルダー", "폴더"),
    ("Folders", "フォルダー", "폴더"),
    ("Create", "作成", "생성"),
    ("Delete", "削除", "삭제"),
    ("Devices", "デバイス", "장치"),
    ("Tasks", "タスク", "작업"),
    ("Settings", "設定", "설정"),
    ("General", "一般", "일반"),
    ("Edit", "編集", "편집"),
    ("Notes", "備考", "메모"),
    ("Save", "保存", "저장"),
    ("Archive", "アーカイブ", "보관"),
    ("Archive organization", "組織をアーカイブする", "조직 아카이빙"),
    ("+ Create new organization", "+新しい組織の作成", "+ 새 조직 만들기"),
    ("Account settings", "アカウント設定", "계정 설정"),
    ("Security settings", "セキュリティ設定", "보안 설정"),
    ("Handle your 2-factor authentication", "2要素認証の処理", "2단계 인증 처리"),
    ("Authenticator App (TOTP)", "認証アプリ (TOTP)", "Authenticator 앱(TOTP)"),
    ("Email", "電子メール", "이메일"),
    ("One-time password", "ワンタイムパスワード", "일회용 비밀번호"),
    ("Setup key", "セットアップキー", "설정 키"),
    ("Recovery code", "リカバリーコード", "복구 코드"),
    ("Recovery codes", "リカバリーコード", "복구 코드"),
    ("History", "履歴", "기록"),
)
# What the console has no label for yet.
_NOT_YET = frozenset({"folder", "tasks"})
# What only the pages of identity and of licensing say.
_ELSEWHERE = frozenset(
    {
        "history",
        "handle your 2 factor authentication",
        "authenticator app (totp)",
        "one time password",
        "setup key",
        "recovery code",
        "recovery codes",
    }
)


def test_every_refusal_and_every_act_is_said_in_three_languages() -> None:
    assert services.organizations.service.__doc__
    met = {
        kind.code
        for kind in refusals()
        if kind.__module__.startswith(("services.organizations", access.__name__))
    }
    assert met - _NOT_HERE - REFUSALS.keys() == set()
    assert ACTIONS["en"].keys() == {action.value for action in Action}


def as_label(english: str) -> str:
    """Alike however a label is written: ``SAVE``, ``ONE TIME PASSWORD``."""
    return english.casefold().replace("-", " ")


def test_what_the_manuals_say_is_said_in_their_words_everywhere() -> None:
    """Chapter 15, in every table of the console."""
    theirs = {as_label(words[0]): words[1:] for words in MANUAL}
    found = set()
    for table, words in tables():
        for key, english in words["en"].items():
            label = as_label(english)
            said = (words["ja"][key], words["ko"][key])
            assert said == theirs.get(label, said), (table, key)
            found.add(label)
    assert theirs.keys() - found == _NOT_YET


def test_a_word_of_the_manuals_stands_for_nothing_else() -> None:
    """Chapter 15: 작업 are tasks, and no other app is the Authenticator."""
    for table, words in tables():
        for key, korean in words["ko"].items():
            assert "작업" not in korean or "タスク" in words["ja"][key], (table, key)
            assert "인증 앱" not in korean, (table, key)
            assert "二段階認証" not in words["ja"][key], (table, key)


def pages_of(home: Home, ada: Visitor, bob: Visitor, site: str) -> Iterator[str]:
    yield from ("", "/created", "/users", "/users/invite", "/users/invitations", "/devices")
    yield from (f"/users/{bob.account}", f"/users/{bob.account}/role/owner")
    yield f"/users/removal?account_id={bob.account}"
    for path in ("", "/create", "/rename", "/move", "/delete"):
        yield f"/devices/folders/{site}{path}"
    for path in ("", "/general", "/policy", "/archive", "/archive/confirm"):
        yield f"/settings{path}"
    yield from ("/leave", "/audit-log", "/audit-log?since=x")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_speaks_one_language_in_the_words_of_the_manuals(
    office: Office, language: str
) -> None:
    ada = office.visitor("ada@example.com", language)
    ada.open("/organizations/create")
    ada.send(ada.page.forms[-1].action, {**ada.page.forms[-1].values, "name": ""})
    home = ada.home("Qx")
    site = office.world.folder(home, "Zq")
    office.device(home, site, "Kq")
    bob = office.visitor("bob@example.com", language).joins(home, Role.OPERATOR, site)
    invited = office.world.ask(
        "invite",
        ada.account,
        organization_id=home.id,
        email="eve@example.com",
        requested_role="admin",
        idempotency_key="an-invitation",
    )
    paths = [*pages_of(home, ada, bob, str(site)), f"/users/invitations/{invited['id']}"]
    for visitor in (ada, bob):
        for path in paths:
            visitor.at(home, path)
        visitor.open("/organizations")
    for form in ("/users/invite", "/settings/archive/confirm", f"/devices/folders/{site}/delete"):
        sent = ada.at(home, form).forms[-1]
        ada.send(sent.action, sent.values)
    sent = ada.at(home, "/leave").forms[-1]
    ada.send(sent.action, sent.values)
    said = "".join(page.html for page in (*ada.pages, *bob.pages))
    number = LANGUAGES.index(language)
    missing = {as_label(words[0]) for words in MANUAL if f">{words[number]}<" not in said}
    assert missing - _NOT_YET - _ELSEWHERE == set()
    own = {text for _name, table in tables() for text in table[language].values()}
    foreign = {
        text
        for _name, table in tables()
        for other in LANGUAGES
        if other != language
        for text in table[other].values()
        if text not in own and len(text) > 3 and not blanks(text)
    }
    for page in (*ada.pages, *bob.pages):
        body = page.html.partition("<main")[2].partition("</main>")[0]
        assert [text for text in foreign if f">{text}<" in body] == [], page.path
