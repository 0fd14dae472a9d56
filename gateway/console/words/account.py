"""Account settings, on the exact path of ACC-8, with sessions and API tokens beside it."""

from __future__ import annotations

from gateway.console.words import in_three

SETTINGS = in_three(
    {
        "title": ("Account settings", "アカウント設定", "계정 설정"),
        "account": ("Account", "アカウント", "계정"),
        "since": ("Registered on {at}", "{at} に登録", "{at}에 등록"),
        "security": ("Security settings", "セキュリティ設定", "보안 설정"),
        "security_hint": (
            "Password, second factors, sessions.",
            "パスワード、2要素認証、セッション。",
            "비밀번호, 2단계 인증, 세션.",
        ),
        "tokens": ("API tokens", "API トークン", "API 토큰"),
        "tokens_hint": (
            "For programs that work in your name.",
            "あなたの代わりに動作するプログラム用です。",
            "사용자를 대신하여 작동하는 프로그램에 사용합니다.",
        ),
        "change_email": (
            "Change the e-mail address",
            "メールアドレスを変更",
            "이메일 주소 변경",
        ),
        "language": ("Language of mails", "メールの言語", "이메일 언어"),
        "save": ("SAVE", "保存", "저장"),
        "delete": ("Delete the account", "アカウントを削除", "계정 삭제"),
        "codes_few": (
            "Only {left} recovery codes are left. Create new ones in the Manage area.",
            "リカバリーコードの残りが {left} 個です。管理エリアで新しいコードを作成してください。",
            "복구 코드가 {left}개만 남았습니다. 관리 영역에서 새 코드를 만드십시오.",
        ),
    }
)

SECURITY = in_three(
    {
        "title": ("Security settings", "セキュリティ設定", "보안 설정"),
        "second_factor": ("Second factor", "2要素認証", "2단계 인증"),
        "two_factor": (
            "Handle your 2-factor authentication",
            "2要素認証の処理",
            "2단계 인증 처리",
        ),
        "with_app": (
            "An authenticator app was registered on {at}.",
            "{at} に認証アプリを登録しました。",
            "{at}에 Authenticator 앱을 등록했습니다.",
        ),
        "without_app": (
            "No authenticator app is active. Activate one to make your account more secure.",
            "有効な認証アプリはありません。アカウントの安全性を高めるために有効にしてください。",
            "활성화된 Authenticator 앱이 없습니다. 계정을 더 안전하게 하려면 Authenticator 앱을 활성화하십시오.",
        ),
        "preferred": (
            "At sign-in, go directly to",
            "サインイン時に最初に表示する方法",
            "로그인할 때 바로 이동할 방법",
        ),
        "choose_each_time": (
            "Choose each time",
            "毎回選択する",
            "매번 선택",
        ),
        "email": ("Email", "電子メール", "이메일"),
        "totp": ("Authenticator App (TOTP)", "認証アプリ (TOTP)", "Authenticator 앱(TOTP)"),
        "save": ("SAVE", "保存", "저장"),
        "password": ("Password", "パスワード", "비밀번호"),
        "change_password": ("Change the password", "パスワードを変更", "비밀번호 변경"),
        "sessions": ("Sessions", "セッション", "세션"),
        "see_sessions": (
            "Where you are signed in",
            "サインイン中の端末",
            "로그인된 기기",
        ),
    }
)

CREDENTIALS = in_three(
    {
        "title": (
            "Enter your credentials again",
            "資格情報をもう一度入力",
            "자격 증명 다시 입력",
        ),
        "lead": (
            "To be sure that it is you, for {email}.",
            "ご本人であることを確認します ({email})。",
            "본인 확인을 위한 절차입니다({email}).",
        ),
        "password": ("Password", "パスワード", "비밀번호"),
        "one_time_password": (
            "ONE TIME PASSWORD",
            "ワンタイムパスワード",
            "일회용 비밀번호",
        ),
        "recovery_code": ("RECOVERY CODE", "リカバリーコード", "복구 코드"),
        "use_recovery_code": (
            "USE A RECOVERY CODE",
            "リカバリーコードを使用",
            "복구 코드 사용",
        ),
        "use_app": (
            "Use the authenticator app",
            "認証アプリを使用",
            "Authenticator 앱 사용",
        ),
        "button": ("CONTINUE", "続行", "계속"),
    }
)

PASSWORD = in_three(
    {
        "title": ("Change the password", "パスワードの変更", "비밀번호 변경"),
        "current": ("Present password", "現在のパスワード", "현재 비밀번호"),
        "new": ("New password", "新しいパスワード", "새 비밀번호"),
        "new_hint": (
            "At least {least} characters; several words are easy to remember and hard to guess.",
            "{least}文字以上。複数の単語を組み合わせると、覚えやすく推測されにくくなります。",
            "{least}자 이상. 여러 단어를 이어 쓰면 기억하기 쉽고 추측하기 어렵습니다.",
        ),
        "ends": (
            "Every other session and every API token of the account ends with it.",
            "ほかのセッションと API トークンはすべて終了します。",
            "다른 세션과 API 토큰은 모두 종료됩니다.",
        ),
        "button": ("CHANGE", "変更", "변경"),
    }
)

EMAIL = in_three(
    {
        "title": (
            "Change the e-mail address",
            "メールアドレスの変更",
            "이메일 주소 변경",
        ),
        "lead": (
            (
                "The present address is {email}. A link goes to the new one; nothing changes until you "
                "open it, within an hour."
            ),
            (
                "現在のアドレスは {email} です。新しいアドレスにリンクを送信します。1時間以内にリンクを"
                "開くまで、何も変わりません。"
            ),
            (
                "현재 주소는 {email}입니다. 새 주소로 링크를 보냅니다. 1시간 안에 링크를 열 때까지 "
                "아무것도 바뀌지 않습니다."
            ),
        ),
        "email": ("New e-mail address", "新しいメールアドレス", "새 이메일 주소"),
        "button": ("SEND THE LINK", "リンクを送信", "링크 보내기"),
    }
)

SESSIONS = in_three(
    {
        "title": ("Where you are signed in", "サインイン中の端末", "로그인된 기기"),
        "lead": (
            "Every session of your account. End those that you do not know, then change the password.",
            "アカウントのすべてのセッションです。見覚えのないものは終了し、パスワードを変更してください。",
            "계정의 모든 세션입니다. 모르는 세션은 종료하고 비밀번호를 변경하십시오.",
        ),
        "present": ("this one", "現在のセッション", "현재 세션"),
        "unknown_device": ("Unknown program", "不明なプログラム", "알 수 없는 프로그램"),
        "from": ("from {ip}", "{ip} から", "{ip}에서"),
        "started": ("Signed in", "サインイン", "로그인"),
        "seen": ("Last used", "最終使用", "마지막 사용"),
        "level": ("Method", "認証方法", "인증 방법"),
        "end": ("END", "終了", "종료"),
        "end_named": ("End: {name}", "終了: {name}", "종료: {name}"),
        "end_others": (
            "END ALL OTHER SESSIONS",
            "ほかのセッションをすべて終了",
            "다른 세션 모두 종료",
        ),
        "aal1": ("password", "パスワード", "비밀번호"),
        "aal1+": (
            "password and mailed code",
            "パスワードとメールのコード",
            "비밀번호와 이메일 코드",
        ),
        "aal2": (
            "password and authenticator app",
            "パスワードと認証アプリ",
            "비밀번호와 Authenticator 앱",
        ),
        "manage": ("Manage area", "管理エリア", "관리 영역"),
    }
)

TOKENS = in_three(
    {
        "title": ("API tokens", "API トークン", "API 토큰"),
        "lead": (
            (
                "With an API token a program works in your name, as far as its scopes and your own rights "
                "go. It never changes the account itself."
            ),
            (
                "API トークンを使うと、プログラムは、スコープとあなた自身の権限の範囲内で、あなたの代わりに"
                "動作します。アカウント自体は変更できません。"
            ),
            (
                "API 토큰을 사용하면 프로그램이 범위와 사용자 본인의 권한 안에서 사용자를 대신하여 "
                "작동합니다. 계정 자체는 변경할 수 없습니다."
            ),
        ),
        "none": ("There are none.", "API トークンはありません。", "API 토큰이 없습니다."),
        "create": ("CREATE AN API TOKEN", "API トークンを作成", "API 토큰 생성"),
        "created": ("Created", "作成", "생성"),
        "expires": ("Ends", "有効期限", "만료"),
        "used": ("Last used", "最終使用", "마지막 사용"),
        "never": ("never", "未使用", "사용 안 함"),
        "scopes": ("Scopes", "スコープ", "범위"),
        "revoke": ("REVOKE", "無効にする", "폐기"),
        "revoke_named": ("Revoke: {name}", "無効にする: {name}", "폐기: {name}"),
    }
)

NEW_TOKEN = in_three(
    {
        "title": ("Create an API token", "API トークンの作成", "API 토큰 생성"),
        "name": ("Name", "名前", "이름"),
        "name_hint": (
            "To know it by, such as the program that uses it.",
            "使用するプログラムなど、見分けやすい名前を付けてください。",
            "사용하는 프로그램 등 알아보기 쉬운 이름을 붙이십시오.",
        ),
        "days": ("Works for", "有効期間", "유효 기간"),
        "days_7": ("7 days", "7日間", "7일"),
        "days_30": ("30 days", "30日間", "30일"),
        "days_90": ("90 days", "90日間", "90일"),
        "days_365": ("365 days", "365日間", "365일"),
        "scopes": ("What it may do", "許可する操作", "허용할 동작"),
        "scopes_hint": (
            "Choose as little as it needs.",
            "必要最小限のものを選択してください。",
            "필요한 것만 선택하십시오.",
        ),
        "button": ("CREATE", "作成", "생성"),
        "done": (
            "Your new API token",
            "新しい API トークン",
            "새 API 토큰",
        ),
        "done_text": (
            "Copy it now. It is shown this once.",
            "今すぐコピーしてください。表示されるのは一度だけです。",
            "지금 복사하십시오. 한 번만 표시됩니다.",
        ),
        "token": ("Token of {name}", "{name} のトークン", "{name} 토큰"),
        "back": ("To the API tokens", "API トークンの一覧へ", "API 토큰 목록으로"),
    }
)

DELETE = in_three(
    {
        "title": ("Delete the account", "アカウントの削除", "계정 삭제"),
        "lead": (
            (
                "This deletes {email} for good: memberships, sessions, API tokens, second factors. "
                "Organizations and their devices stay with their other owners."
            ),
            (
                "{email} を完全に削除します。所属、セッション、API トークン、2要素認証の設定がすべて"
                "失われます。組織とデバイスはほかの所有者に残ります。"
            ),
            (
                "{email} 계정을 완전히 삭제합니다. 소속, 세션, API 토큰, 2단계 인증이 모두 없어집니다. "
                "조직과 장치는 다른 소유자에게 남습니다."
            ),
        ),
        "email": (
            "Type your e-mail address to confirm",
            "確認のため、メールアドレスを入力してください",
            "확인을 위해 이메일 주소를 입력하십시오",
        ),
        "differs": (
            "This is not the address of the account.",
            "アカウントのアドレスと一致しません。",
            "계정의 주소와 다릅니다.",
        ),
        "button": ("DELETE FOR GOOD", "完全に削除", "완전히 삭제"),
    }
)
