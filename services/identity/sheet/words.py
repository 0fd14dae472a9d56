"""What the sheet says, in English, Japanese and Korean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from contracts.identity import Language


@dataclass(frozen=True)
class Words:
    title: str
    account: str
    issued: str
    confirm: str
    confirm_within: str
    print_now: str
    app: str
    app_steps: tuple[str, ...]
    qr_code: str
    setup_key: str
    codes: str
    codes_about: str
    codes_use: str
    warning: str
    warning_about: str
    validity: str


WORDS: Mapping[Language, Words] = {
    Language.ENGLISH: Words(
        title="Authenticator app and recovery codes",
        account="Account",
        issued="Issued",
        confirm="To be confirmed",
        confirm_within="within {minutes} min",
        print_now="This page is given only once: print it now, or save it as a PDF.",
        app="Set up the authenticator app",
        app_steps=(
            "Install Google Authenticator or Microsoft Authenticator on a phone or tablet.",
            "Scan the QR code with it. If that is not possible, type the setup key, without spaces.",
            "On the page that gave you this sheet, register the app with the six digits it shows.",
            "Confirm the recovery codes there, too.",
            "From then on, sign in with your address, your password and the six digits of the app.",
        ),
        qr_code="QR code of the setup key",
        setup_key="Setup key",
        codes="Recovery codes",
        codes_about=(
            "For when the app is lost. Each code works once, in any order; cross off the ones you "
            "have used."
        ),
        codes_use=(
            "Sign in with your address and password, choose to manage your authenticators, use a "
            "recovery code, and register an app anew."
        ),
        warning="Keep this sheet as safe as a key",
        warning_about=(
            "Whoever has it and your password can sign in as you. Lock it away, apart from the "
            "password. It cannot be shown or printed again. If it is lost, or somebody else has "
            "seen it, register an app anew and create new recovery codes at once."
        ),
        validity=(
            "The app counts from the moment it is registered, the codes from the moment they are "
            "confirmed; the earlier ones stop working then. What is not confirmed in time never "
            "works."
        ),
    ),
    Language.JAPANESE: Words(
        title="認証アプリとリカバリーコード",
        account="アカウント",
        issued="発行日時",
        confirm="確定の期限",
        confirm_within="発行から{minutes}分以内",
        print_now="このページは一度しか表示されません。今すぐ印刷するか、PDFとして保存してください。",
        app="認証アプリの設定",
        app_steps=(
            (
                "スマートフォンまたはタブレットに Google Authenticator または "
                "Microsoft Authenticator をインストールします。"
            ),
            (
                "アプリで QRコードを読み取ります。読み取れない場合は、セットアップキーを"
                "スペースを入れずに入力します。"
            ),
            "このシートを発行したページで、アプリに表示された 6桁の数字を入力し、アプリを登録します。",
            "同じページで、リカバリーコードも確定します。",
            (
                "以後は、メールアドレス、パスワード、アプリに表示される 6桁の数字で"
                "サインインします。"
            ),
        ),
        qr_code="セットアップキーの QRコード",
        setup_key="セットアップキー",
        codes="リカバリーコード",
        codes_about=(
            "認証アプリが使えなくなったときに使用します。各コードは一度だけ、どの順番でも使用できます。"
            "使用したコードには印を付けてください。"
        ),
        codes_use=(
            "メールアドレスとパスワードでサインインし、認証アプリの管理を選び、リカバリーコードを使用して、"
            "アプリを登録し直します。"
        ),
        warning="このシートは鍵と同じように大切に保管してください",
        warning_about=(
            "このシートとパスワードがあれば、誰でもあなたのアカウントにサインインできます。"
            "パスワードとは別に、鍵のかかる場所に保管してください。再表示や再印刷はできません。"
            "紛失した場合や他人に見られた場合は、すぐにアプリを登録し直し、新しいリカバリーコードを"
            "作成してください。"
        ),
        validity=(
            "アプリは登録した時点から、リカバリーコードは確定した時点から有効になり、以前のものは"
            "使用できなくなります。期限までに確定しなかったものは無効になります。"
        ),
    ),
    Language.KOREAN: Words(
        title="Authenticator 앱과 복구 코드",
        account="계정",
        issued="발급 일시",
        confirm="확정 기한",
        confirm_within="발급 후 {minutes}분 이내",
        print_now="이 페이지는 한 번만 표시됩니다. 지금 인쇄하거나 PDF로 저장하십시오.",
        app="Authenticator 앱 설정",
        app_steps=(
            ("휴대전화나 태블릿에 Google Authenticator 또는 Microsoft Authenticator를 설치합니다."),
            "앱으로 QR 코드를 스캔합니다. 스캔할 수 없으면 설정 키를 공백 없이 입력합니다.",
            "이 시트를 발급한 페이지에서 앱에 표시된 6자리 숫자를 입력하여 앱을 등록합니다.",
            "같은 페이지에서 복구 코드도 확정합니다.",
            "이후에는 이메일 주소, 비밀번호, 앱에 표시되는 6자리 숫자로 로그인합니다.",
        ),
        qr_code="설정 키의 QR 코드",
        setup_key="설정 키",
        codes="복구 코드",
        codes_about=(
            "Authenticator 앱을 사용할 수 없게 되었을 때 사용합니다. 각 코드는 순서에 관계없이 한 번만 사용할 "
            "수 있습니다. 사용한 코드는 표시해 두십시오."
        ),
        codes_use=(
            "이메일 주소와 비밀번호로 로그인하고, Authenticator 앱 관리를 선택한 다음, 복구 코드를 사용하여 "
            "앱을 다시 등록합니다."
        ),
        warning="이 시트를 열쇠처럼 안전하게 보관하십시오",
        warning_about=(
            "이 시트와 비밀번호가 있으면 누구나 귀하의 계정으로 로그인할 수 있습니다. 비밀번호와 따로, "
            "잠글 수 있는 곳에 보관하십시오. 다시 표시하거나 인쇄할 수 없습니다. 분실했거나 다른 사람이 "
            "보았다면 즉시 앱을 다시 등록하고 복구 코드를 새로 만드십시오."
        ),
        validity=(
            "앱은 등록한 때부터, 복구 코드는 확정한 때부터 유효하며, 이전의 것은 그때부터 사용할 수 "
            "없습니다. 기한 안에 확정하지 않은 것은 유효하지 않습니다."
        ),
    ),
}
