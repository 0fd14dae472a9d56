"""The pages in English, Japanese and Korean: nothing missing, nothing left in another language."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator, Mapping

import pytest

import services.identity.service
from contracts.errors import FAMILIES, refusals
from gateway.console import words
from gateway.console.words import LANGUAGES, frame
from gateway.console.words.refusals import ANY_FIELD, FIELDS, REFUSALS
from gateway.problems import HTTP_CODES
from services.identity.mail import japanese as japanese_mails
from services.identity.mail import korean as korean_mails
from tests.service.identity.surfer import ADA, Surfer, app_of
from tests.service.identity.town import PASSWORD, Town

# What only programs and other pages meet: what they ask for, the console never does.
_NOT_HERE = frozenset(
    {
        "account-not-found",
        "address-not-allowed",
        "cursor-unreadable",
        "folder-not-found",
        "idempotency-mismatch",
        "media-type-unsupported",
        "not-permitted",
        "operator-only",
        "organization-not-found",
        "supplier-quota-exhausted",
        "token-missing",
        "token-scope-missing",
        # Said by the pages of links, in words of their own.
        "email-change-refused",
        "reset-refused",
        "verification-refused",
    }
)


# Chapters 1 to 4, word by word.
LABELS = (
    "Login",
    "Choose one of the methods below to continue login.",
    "Available methods",
    "Email",
    "Authenticator App (TOTP)",
    "Manage",
    "Account settings",
    "Security settings",
    "Handle your 2-factor authentication",
    "Enter the One Time Password",
    "If you already have registered an Authenticator App, use it to proceed.",
    "ONE TIME PASSWORD",
    "VERIFY",
    "MANAGE YOUR AUTHENTICATORS",
    "FAQ",
    "REGISTER A NEW AUTHENTICATOR APP",
    "Can't scan it?",
    "NEXT",
    "REGISTER",
    "Thank you!",
    "CONTINUE",
    "Login / Manage",
    "Select a sign in method to continue to additional sign in management.",
    "USE A RECOVERY CODE",
    "Use Recovery Code",
    "Use one of your recovery codes to continue.",
    "USE RECOVERY CODE",
    "CANCEL",
    "CREATE NEW RECOVERY CODES",
    "CONFIRM",
)

LETTERS = {
    "en": re.compile(r"[A-Za-z]"),
    "ja": re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]"),
    "ko": re.compile(r"[\uac00-\ud7a3]"),
}


def tables() -> Iterator[tuple[str, Mapping[str, Mapping[str, str]]]]:
    for module in pkgutil.iter_modules(words.__path__):
        found = importlib.import_module(f"{words.__name__}.{module.name}")
        for name, value in vars(found).items():
            by_language = isinstance(value, Mapping) and set(value) == set(LANGUAGES)
            if by_language and all(isinstance(each, Mapping) for each in value.values()):
                yield f"{module.name}.{name}", value


def blanks(text: str) -> set[str]:
    return set(re.findall(r"\{([a-z_]*)\}", text))


def test_every_word_is_there_in_three_languages_with_the_same_blanks() -> None:
    found = dict(tables())
    assert len(found) > 20
    for name, table in found.items():
        assert table["en"].keys() == table["ja"].keys() == table["ko"].keys(), name
        for key, english in table["en"].items():
            for language in LANGUAGES:
                text = table[language][key]
                assert text == text.strip() != "", (name, key, language)
                assert blanks(text) == blanks(english), (name, key, language)
                assert LETTERS[language].search(text), (name, key, language)


def test_the_labels_of_the_manuals_stand_exactly() -> None:
    """ACC-4, ACC-8, the one-time-password page, REG-2, MAN-2, MAN-4, RC-3."""
    said = {english for _name, table in tables() for english in table["en"].values()}
    assert [label for label in LABELS if label not in said] == []


def test_mails_name_things_as_the_pages_do() -> None:
    for kind, text in korean_mails.TEXTS.items():
        assert "인증 앱" not in " ".join((text.subject, *text.paragraphs)), kind
    for kind, text in japanese_mails.TEXTS.items():
        assert "二段階認証" not in " ".join((text.subject, *text.paragraphs)), kind


def test_every_refusal_a_person_can_meet_is_said_in_three_languages() -> None:
    assert services.identity.service.__doc__
    ours = {
        kind.code
        for kind in refusals()
        if kind.__module__.startswith(("services.identity", "contracts.errors", "gateway"))
    }
    families = {family.code for family in FAMILIES.values()}
    met = (ours | families | set(HTTP_CODES.values())) - _NOT_HERE
    assert met - REFUSALS.keys() == set(), "add these to gateway/console/words/refusals.py"
    for code, (_english, japanese, korean) in REFUSALS.items():
        assert LETTERS["ja"].search(japanese), code
        assert LETTERS["ko"].search(korean), code
    for _english, japanese, korean in (*FIELDS.values(), ANY_FIELD):
        assert japanese
        assert korean


@pytest.mark.parametrize(
    ("language", "title"), [("en", "Sign in"), ("ja", "サインイン"), ("ko", "로그인")]
)
def test_the_language_is_the_browsers_until_another_is_chosen(
    town: Town, language: str, title: str
) -> None:
    surfer = Surfer(app_of(town), f"{language},fr;q=0.5")
    page = surfer.open("/sign-in")
    assert (page.language, page.title) == (language, title)
    assert page.answer.headers["Content-Language"] == language
    for chosen, name in frame.NAMES.items():
        page = surfer.click(name)
        assert page.language == chosen
        page = surfer.open("/register")
        assert page.language == chosen
        assert next(tag for tag in page.tags if tag.get("aria-current"))["text"] == name


def test_an_unknown_language_is_answered_in_english(town: Town) -> None:
    surfer = Surfer(app_of(town), "fr")
    assert surfer.open("/sign-in?lang=xx").language == "en"
    assert surfer.open("/sign-in?lang=<script>").language == "en"


def walked(town: Town, language: str) -> Surfer:
    """Through every page, and many refusals, in one language."""
    surfer = Surfer(app_of(town), language)
    surfer.open("/register")
    surfer.press(surfer.page.forms[-1].buttons[0], email="x", password="short")
    surfer.registers(town)
    for path in ("/register/done", "/forgot-password", "/forgot-password/done", "/faq"):
        surfer.open(path)
    surfer.enters_password(password="not the password")
    surfer.enters_password()
    surfer.press(surfer._button(), code="1")
    for path in ("method", "manage", "manage/recovery-code", "one-time-password", "email"):
        surfer.open(f"/sign-in/{path}")
    surfer.press(surfer._button(), code=town.mails(ADA)[-1].code)
    surfer.open("/account/password")
    surfer.press(surfer._button(), current_password="x", new_password="x")
    surfer.open("/account/api-tokens/new")
    form = surfer.page.forms[-1]
    surfer.send(form.action, {**form.values, "name": "Bericht"})
    surfer.send(form.action, {**form.values, "name": "Bericht", "scopes": "device:read"})
    for path in (
        "/account",
        "/account/security",
        "/account/security/two-factor",
        "/account/security/two-factor/recovery-code",
        "/account/credentials/email",
        "/account/email",
        "/account/delete",
        "/account/sessions",
        "/account/api-tokens",
    ):
        surfer.open(path)
    surfer.enters_manage()
    key = surfer.enrols(town)
    form = next(each for each in surfer.open("/manage").forms if "recovery" in each.action)
    surfer.send(form.action, form.values)
    surfer.send("/manage/sheet", form.values)
    for path in (
        "/manage",
        "/manage/email",
        "/manage/authenticator",
        "/manage/authenticator/setup",
    ):
        surfer.open(path)
    surfer.open("/manage/authenticator/registration")
    surfer.press(surfer._button(), code=town.wrong(key))
    surfer.open("/account/security")
    surfer.send("/manage/leave", {})
    form = next(each for each in surfer.open("/manage").forms if each.action.endswith("leave"))
    surfer.send(form.action, form.values)
    surfer.enters_password()
    surfer.open("/sign-in/manage")
    return surfer


@pytest.mark.parametrize("language", ["en", "ja", "ko"])
def test_every_page_speaks_one_language(town: Town, language: str) -> None:
    surfer = walked(town, language)
    titles = {page.title for page in surfer.pages}
    assert len(titles) > 25
    own = {text for _name, table in tables() for text in table[language].values()}
    foreign = {
        text
        for _name, table in tables()
        for other in LANGUAGES
        if other != language
        for text in table[other].values()
        if text not in own and len(text) > 3 and not blanks(text)
    }
    for page in surfer.pages:
        assert page.language == language
        body = page.html.partition("<main")[2].partition("</main>")[0]
        # What the services themselves say in English is said in the person's language.
        found = [text for text in foreign if f">{text}<" in body]
        assert found == [], page.path
    assert PASSWORD not in "".join(page.html for page in surfer.pages)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("ja", "メールアドレスまたはパスワードが正しくありません。"),
        ("ko", "이메일 주소 또는 비밀번호가 올바르지 않습니다."),
    ],
)
def test_a_refusal_is_said_in_the_persons_language(town: Town, language: str, said: str) -> None:
    surfer = Surfer(app_of(town), language)
    page = surfer.enters_password(password="not the password")
    assert page.alerts == [said]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Too many tries. Try again in 60 seconds."),
        ("ja", "試行回数が多すぎます。60 秒後にもう一度お試しください。"),
        ("ko", "시도 횟수가 너무 많습니다. 60초 후에 다시 시도하십시오."),
    ],
)
def test_waiting_is_said_in_the_persons_language(town: Town, language: str, said: str) -> None:
    surfer = Surfer(app_of(town), language)
    for _ in range(11):
        page = surfer.enters_password("nobody@example.com", "a guess")
    assert page.alerts == [said]


def test_japanese_and_korean_call_things_as_the_products_do(town: Town) -> None:
    surfer = Surfer(app_of(town), "ja")
    surfer.registers(town)
    surfer.enters_password()
    assert surfer.open("/sign-in/one-time-password").title == "ワンタイムパスワードを入力"
    assert "リカバリーコード" in surfer.open("/sign-in/manage/recovery-code").title
    assert "認証アプリ" in surfer.open("/sign-in/method").text
    assert surfer.open("/sign-in/one-time-password?lang=ko").title == "일회용 비밀번호 입력"
    assert "복구 코드" in surfer.open("/sign-in/manage/recovery-code").title
    assert "Authenticator 앱" in surfer.open("/sign-in/method").text
