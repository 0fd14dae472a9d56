"""What the mails say: subject and paragraphs in English, Japanese and Korean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from contracts.identity import Language


class Kind(StrEnum):
    VERIFY_EMAIL = "verify_email"
    ALREADY_REGISTERED = "already_registered"
    SIGN_IN_CODE = "sign_in_code"
    AUTHENTICATOR_REGISTERED = "authenticator_registered"
    AUTHENTICATOR_REPLACED = "authenticator_replaced"
    AUTHENTICATOR_REMOVED = "authenticator_removed"
    AUTHENTICATOR_DISABLED = "authenticator_disabled"
    SECOND_FACTORS_RESET = "second_factors_reset"
    RECOVERY_CODES_ISSUED = "recovery_codes_issued"
    RECOVERY_CODE_USED = "recovery_code_used"
    RECOVERY_CODES_DISABLED = "recovery_codes_disabled"
    PASSWORD_RESET = "password_reset"
    PASSWORD_CHANGED = "password_changed"
    CONFIRM_EMAIL_CHANGE = "confirm_email_change"
    EMAIL_CHANGE_ASKED = "email_change_asked"
    EMAIL_CHANGED = "email_changed"
    ADDRESS_TAKEN = "address_taken"
    API_TOKEN_CREATED = "api_token_created"
    ACCOUNT_DISABLED = "account_disabled"
    ACCOUNT_DELETED = "account_deleted"


@dataclass(frozen=True)
class Text:
    """``{name}`` stands for a value; a paragraph that is one value alone is set apart."""

    subject: str
    paragraphs: tuple[str, ...]


_ENGLISH: Mapping[Kind, Text] = {
    Kind.VERIFY_EMAIL: Text(
        "Verify your e-mail address for {service}",
        (
            (
                "Somebody registered this address for an account of {service}. If it was you, verify "
                "the address with this link within {hours} hours:"
            ),
            "{link}",
            "If it was not you, do nothing: without the link there is no account.",
        ),
    ),
    Kind.ALREADY_REGISTERED: Text(
        "You already have an account of {service}",
        (
            (
                "Somebody tried to register this address for an account of {service}, which it "
                "already has. Nothing was changed."
            ),
            "If it was you, sign in as usual:",
            "{link}",
            "If it was not you, there is nothing to do.",
        ),
    ),
    Kind.SIGN_IN_CODE: Text(
        "Your sign-in code for {service}",
        (
            "Your code for signing in:",
            "{code}",
            "It works once, within {minutes} minutes, and only for the sign-in that asked for it.",
            "If you are not signing in, somebody knows your password: change it.",
        ),
    ),
    Kind.AUTHENTICATOR_REGISTERED: Text(
        "An authenticator app was registered for {service}",
        (
            "An authenticator app was registered for your account on {at}.",
            "If it was not you, tell the operators of this installation at once.",
        ),
    ),
    Kind.AUTHENTICATOR_REPLACED: Text(
        "Your authenticator app for {service} was replaced",
        (
            (
                "Another authenticator app was registered for your account on {at}. The one before no "
                "longer works."
            ),
            "If it was not you, tell the operators of this installation at once.",
        ),
    ),
    Kind.AUTHENTICATOR_REMOVED: Text(
        "Your authenticator app for {service} was removed",
        (
            (
                "An operator of this installation removed the authenticator app of your account on "
                "{at}."
            ),
            "If you did not ask for it, tell the operators at once.",
        ),
    ),
}

_JAPANESE: Mapping[Kind, Text] = {
    Kind.VERIFY_EMAIL: Text(
        "{service} のメールアドレスの確認",
        (
            (
                "このメールアドレスで {service} のアカウントが登録されました。ご本人の場合は、"
                "{hours} 時間以内に次のリンクからアドレスを確認してください。"
            ),
            "{link}",
            (
                "お心当たりがない場合は、何もする必要はありません。リンクを開かない限り、"
                "アカウントは作成されません。"
            ),
        ),
    ),
    Kind.ALREADY_REGISTERED: Text(
        "{service} のアカウントは登録済みです",
        (
            (
                "このメールアドレスで {service} のアカウントの登録が試みられましたが、"
                "すでに登録されています。変更はありません。"
            ),
            "ご本人の場合は、通常どおりサインインしてください。",
            "{link}",
            "お心当たりがない場合は、何もする必要はありません。",
        ),
    ),
    Kind.SIGN_IN_CODE: Text(
        "{service} のサインイン用コード",
        (
            "サインイン用のコードは次のとおりです。",
            "{code}",
            "このコードは {minutes} 分間、要求したサインインに限り、一度だけ使用できます。",
            (
                "サインインしていない場合は、第三者がパスワードを知っています。"
                "パスワードを変更してください。"
            ),
        ),
    ),
    Kind.AUTHENTICATOR_REGISTERED: Text(
        "{service} に認証アプリが登録されました",
        (
            "{at} に、お使いのアカウントに認証アプリが登録されました。",
            "お心当たりがない場合は、すぐにシステムの運用者にご連絡ください。",
        ),
    ),
    Kind.AUTHENTICATOR_REPLACED: Text(
        "{service} の認証アプリが変更されました",
        (
            (
                "{at} に、お使いのアカウントに別の認証アプリが登録されました。"
                "以前の認証アプリは使用できなくなりました。"
            ),
            "お心当たりがない場合は、すぐにシステムの運用者にご連絡ください。",
        ),
    ),
    Kind.AUTHENTICATOR_REMOVED: Text(
        "{service} の認証アプリが削除されました",
        (
            "{at} に、システムの運用者がお使いのアカウントの認証アプリを削除しました。",
            "依頼していない場合は、すぐに運用者にご連絡ください。",
        ),
    ),
}

_KOREAN: Mapping[Kind, Text] = {
    Kind.VERIFY_EMAIL: Text(
        "{service} 이메일 주소 확인",
        (
            (
                "이 이메일 주소로 {service} 계정이 등록되었습니다. 본인이라면 {hours}시간 안에 "
                "다음 링크에서 주소를 확인하십시오."
            ),
            "{link}",
            (
                "본인이 아니라면 아무것도 하지 않아도 됩니다. 링크를 사용하지 않으면 계정이 "
                "만들어지지 않습니다."
            ),
        ),
    ),
    Kind.ALREADY_REGISTERED: Text(
        "{service} 계정이 이미 있습니다",
        (
            (
                "이 이메일 주소로 {service} 계정을 등록하려는 시도가 있었으나 이미 등록되어 "
                "있습니다. 변경된 것은 없습니다."
            ),
            "본인이라면 평소와 같이 로그인하십시오.",
            "{link}",
            "본인이 아니라면 아무것도 하지 않아도 됩니다.",
        ),
    ),
    Kind.SIGN_IN_CODE: Text(
        "{service} 로그인 코드",
        (
            "로그인 코드는 다음과 같습니다.",
            "{code}",
            "이 코드는 {minutes}분 동안, 코드를 요청한 로그인에서 한 번만 사용할 수 있습니다.",
            (
                "로그인하지 않았다면 다른 사람이 비밀번호를 알고 있는 것입니다. 비밀번호를 "
                "변경하십시오."
            ),
        ),
    ),
    Kind.AUTHENTICATOR_REGISTERED: Text(
        "{service} 인증 앱이 등록되었습니다",
        (
            "{at}에 계정에 인증 앱이 등록되었습니다.",
            "본인이 아니라면 즉시 시스템 운영자에게 알리십시오.",
        ),
    ),
    Kind.AUTHENTICATOR_REPLACED: Text(
        "{service} 인증 앱이 교체되었습니다",
        (
            (
                "{at}에 계정에 다른 인증 앱이 등록되었습니다. 이전 인증 앱은 더 이상 사용할 수 "
                "없습니다."
            ),
            "본인이 아니라면 즉시 시스템 운영자에게 알리십시오.",
        ),
    ),
    Kind.AUTHENTICATOR_REMOVED: Text(
        "{service} 인증 앱이 제거되었습니다",
        (
            "{at}에 시스템 운영자가 계정의 인증 앱을 제거했습니다.",
            "요청하지 않았다면 즉시 운영자에게 알리십시오.",
        ),
    ),
}

TEXTS: Mapping[Language, Mapping[Kind, Text]] = {
    Language.ENGLISH: _ENGLISH,
    Language.JAPANESE: _JAPANESE,
    Language.KOREAN: _KOREAN,
}
