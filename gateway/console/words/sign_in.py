"""Signing in: the labels of ACC-4, MAN-2, MAN-4 and of the one-time-password page."""

from __future__ import annotations

from gateway.console.words import in_three

METHODS = in_three(
    {
        "email": ("Email", "電子メール", "이메일"),
        "email_hint": (
            "A six-digit code is sent to your address.",
            "登録アドレスに6桁のコードを送信します。",
            "등록된 주소로 6자리 코드를 보냅니다.",
        ),
        "totp": (
            "Authenticator App (TOTP)",
            "認証アプリ (TOTP)",
            "Authenticator 앱(TOTP)",
        ),
        "totp_hint": (
            "The one-time password that your app shows now.",
            "アプリに今表示されているワンタイムパスワードを入力します。",
            "앱에 지금 표시된 일회용 비밀번호를 입력합니다.",
        ),
        "recovery_code": (
            "USE A RECOVERY CODE",
            "リカバリーコードを使用",
            "복구 코드 사용",
        ),
        "recovery_code_hint": (
            "When you do not have your app at hand.",
            "アプリが手元にない場合に使用します。",
            "앱을 사용할 수 없을 때 사용합니다.",
        ),
        "available": ("Available methods", "利用可能な方法", "사용 가능한 방법"),
    }
)

SIGN_IN = in_three(
    {
        "title": ("Sign in", "サインイン", "로그인"),
        "email": ("E-mail address", "メールアドレス", "이메일 주소"),
        "password": ("Password", "パスワード", "비밀번호"),
        "button": ("SIGN IN", "サインイン", "로그인"),
        "forgot": (
            "Forgot your password?",
            "パスワードをお忘れですか?",
            "비밀번호를 잊으셨습니까?",
        ),
        "register": ("Register an account", "アカウントを登録", "계정 등록"),
        "no_account": (
            "No account yet?",
            "アカウントをお持ちでない場合",
            "아직 계정이 없으십니까?",
        ),
        "signed_in": (
            "You are signed in already.",
            "すでにサインインしています。",
            "이미 로그인되어 있습니다.",
        ),
        "keep": (
            "Keep me signed in for {days} days",
            "サインイン状態を {days} 日間保持する",
            "{days}일 동안 로그인 상태 유지",
        ),
        "keep_hint": (
            "Only on a device that nobody else uses.",
            "ほかの人が使わない端末でのみ選択してください。",
            "다른 사람이 쓰지 않는 기기에서만 선택하십시오.",
        ),
    }
)

CHOOSE = in_three(
    {
        "title": ("Login", "サインイン", "로그인"),
        "lead": (
            "Choose one of the methods below to continue login.",
            "サインインを続けるには、次のいずれかの方法を選択してください。",
            "로그인을 계속하려면 다음 방법 중 하나를 선택하십시오.",
        ),
        "manage": ("Manage", "管理", "관리"),
        "only_email": (
            (
                "The authenticator app (TOTP) is not enabled for this account. If it should be, contact "
                "the support centre."
            ),
            (
                "このアカウントでは認証アプリ (TOTP) が有効になっていません。有効であるはずの場合は、"
                "サポートセンターにお問い合わせください。"
            ),
            (
                "이 계정에는 Authenticator 앱(TOTP)이 활성화되어 있지 않습니다. 활성화되어 있어야 한다면 지원 "
                "센터에 문의하십시오."
            ),
        ),
    }
)

ONE_TIME_PASSWORD = in_three(
    {
        "title": (
            "Enter the One Time Password",
            "ワンタイムパスワードを入力",
            "일회용 비밀번호 입력",
        ),
        "lead": (
            "If you already have registered an Authenticator App, use it to proceed.",
            "認証アプリを登録済みの場合は、アプリを使用して続行してください。",
            "Authenticator 앱을 이미 등록했다면 앱을 사용하여 계속하십시오.",
        ),
        "label": ("ONE TIME PASSWORD", "ワンタイムパスワード", "일회용 비밀번호"),
        "button": ("VERIFY", "確認", "확인"),
        "manage": (
            "MANAGE YOUR AUTHENTICATORS",
            "認証アプリの管理",
            "Authenticator 앱 관리",
        ),
        "other": ("Choose another method", "別の方法を選択", "다른 방법 선택"),
    }
)

EMAIL_CODE = in_three(
    {
        "title": (
            "Enter the code from the mail",
            "メールのコードを入力",
            "이메일 코드 입력",
        ),
        "sent": (
            "A mail with a six-digit code was sent to {email}. The code works once, within five minutes.",
            "{email} に6桁のコードを送信しました。コードは5分以内に一度だけ使用できます。",
            "{email}(으)로 6자리 코드를 보냈습니다. 코드는 5분 안에 한 번만 사용할 수 있습니다.",
        ),
        "not_sent": (
            "No code was sent for this sign-in yet.",
            "このサインインのコードはまだ送信されていません。",
            "이 로그인의 코드는 아직 보내지 않았습니다.",
        ),
        "label": ("CODE FROM THE MAIL", "メールのコード", "이메일 코드"),
        "button": ("VERIFY", "確認", "확인"),
        "send": ("SEND A CODE", "コードを送信", "코드 보내기"),
        "resend": ("SEND A NEW CODE", "新しいコードを送信", "새 코드 보내기"),
        "resend_now": (
            "No mail? Look into the spam folder, or have a new code sent; it replaces the one before.",
            (
                "届かない場合は、迷惑メールフォルダーを確認するか、新しいコードを送信してください。"
                "以前のコードは使えなくなります。"
            ),
            (
                "이메일이 오지 않았다면 스팸함을 확인하거나 새 코드를 보내십시오. 이전 코드는 사용할 "
                "수 없게 됩니다."
            ),
        ),
        "resend_seconds": (
            "A new code can be sent in {count} seconds.",
            "{count} 秒後に新しいコードを送信できます。",
            "{count}초 후에 새 코드를 보낼 수 있습니다.",
        ),
        "resend_minutes": (
            "A new code can be sent in {count} minutes.",
            "{count} 分後に新しいコードを送信できます。",
            "{count}분 후에 새 코드를 보낼 수 있습니다.",
        ),
        "resend_hours": (
            "A new code can be sent in {count} hours.",
            "{count} 時間後に新しいコードを送信できます。",
            "{count}시간 후에 새 코드를 보낼 수 있습니다.",
        ),
    }
)

ENTER_MANAGE = in_three(
    {
        "title": ("Login / Manage", "サインイン / 管理", "로그인 / 관리"),
        "lead": (
            "Select a sign in method to continue to additional sign in management.",
            "追加のサインイン方法の管理に進むには、サインイン方法を選択してください。",
            "추가 로그인 관리로 이동하려면 로그인 방법을 선택하십시오.",
        ),
        "none": (
            "This account has neither an authenticator app nor recovery codes that work.",
            "このアカウントには、使用できる認証アプリもリカバリーコードもありません。",
            "이 계정에는 사용할 수 있는 Authenticator 앱도 복구 코드도 없습니다.",
        ),
        "none_email": (
            (
                "Sign in by Email, then open Account settings and Security settings to set up an "
                "authenticator app."
            ),
            (
                "メールでサインインし、アカウント設定のセキュリティ設定から認証アプリを設定してください。"
            ),
            ("이메일로 로그인한 다음 계정 설정의 보안 설정에서 Authenticator 앱을 설정하십시오."),
        ),
        "lost": (
            "Lost both the app and the recovery codes? Contact the support centre.",
            "アプリもリカバリーコードもない場合は、サポートセンターにお問い合わせください。",
            "앱과 복구 코드가 모두 없다면 지원 센터에 문의하십시오.",
        ),
        "back": ("Back to login", "サインインに戻る", "로그인으로 돌아가기"),
    }
)

RECOVERY_CODE = in_three(
    {
        "title": ("Use Recovery Code", "リカバリーコードの使用", "복구 코드 사용"),
        "lead": (
            "Use one of your recovery codes to continue.",
            "続行するには、リカバリーコードのいずれか一つを使用してください。",
            "계속하려면 복구 코드 중 하나를 사용하십시오.",
        ),
        "label": ("RECOVERY CODE", "リカバリーコード", "복구 코드"),
        "button": ("USE RECOVERY CODE", "リカバリーコードを使用", "복구 코드 사용"),
    }
)

REGISTER = in_three(
    {
        "title": ("Register an account", "アカウントの登録", "계정 등록"),
        "email": ("E-mail address", "メールアドレス", "이메일 주소"),
        "email_hint": (
            "It becomes your account name.",
            "アカウント名になります。",
            "계정 이름이 됩니다.",
        ),
        "password": ("Password", "パスワード", "비밀번호"),
        "password_hint": (
            "At least {least} characters; several words are easy to remember and hard to guess.",
            "{least}文字以上。複数の単語を組み合わせると、覚えやすく推測されにくくなります。",
            "{least}자 이상. 여러 단어를 이어 쓰면 기억하기 쉽고 추측하기 어렵습니다.",
        ),
        "language": ("Language of mails", "メールの言語", "이메일 언어"),
        "button": ("REGISTER", "登録", "등록"),
        "have": (
            "You have an account?",
            "アカウントをお持ちの場合",
            "계정이 있으십니까?",
        ),
        "done": ("Look into your mailbox", "メールを確認してください", "이메일을 확인하십시오"),
        "done_text": (
            (
                "A mail was sent to the address you entered. Open the link in it within 24 hours to "
                "verify the address; then you can sign in."
            ),
            (
                "入力されたアドレスにメールを送信しました。24時間以内にメールのリンクを開いてアドレスを"
                "確認すると、サインインできます。"
            ),
            (
                "입력한 주소로 이메일을 보냈습니다. 24시간 안에 이메일의 링크를 열어 주소를 확인하면 "
                "로그인할 수 있습니다."
            ),
        ),
        "done_hint": (
            "No mail? Look into the spam folder, check the address, or try again in a while.",
            "届かない場合は、迷惑メールフォルダーとアドレスを確認するか、しばらくしてからもう一度お試しください。",
            "이메일이 오지 않았다면 스팸함과 주소를 확인하거나 잠시 후 다시 시도하십시오.",
        ),
    }
)

FORGOT = in_three(
    {
        "title": (
            "Forgot your password?",
            "パスワードをお忘れですか?",
            "비밀번호를 잊으셨습니까?",
        ),
        "lead": (
            "Enter the e-mail address of your account. You get a mail with a link to set a new password.",
            "アカウントのメールアドレスを入力してください。新しいパスワードを設定するためのリンクをメールで送信します。",
            "계정의 이메일 주소를 입력하십시오. 새 비밀번호를 설정하는 링크를 이메일로 보냅니다.",
        ),
        "email": ("E-mail address", "メールアドレス", "이메일 주소"),
        "button": ("SEND THE LINK", "リンクを送信", "링크 보내기"),
        "done": ("Look into your mailbox", "メールを確認してください", "이메일을 확인하십시오"),
        "done_text": (
            (
                "If there is an account for the address, a mail is on its way. The link in it works once, "
                "within 30 minutes."
            ),
            "このアドレスのアカウントがある場合は、メールを送信しました。リンクは30分以内に一度だけ使用できます。",
            "이 주소의 계정이 있다면 이메일을 보냈습니다. 링크는 30분 안에 한 번만 사용할 수 있습니다.",
        ),
        "done_hint": (
            (
                "No new mail? Then look for one of the last half hour: its link works as well. Your "
                "authenticator app and recovery codes stay as they are."
            ),
            (
                "新しいメールが届かない場合は、30分以内に届いたメールのリンクも使用できます。"
                "認証アプリとリカバリーコードはそのままです。"
            ),
            (
                "새 메일이 오지 않으면 최근 30분 안에 온 메일의 링크를 사용해도 됩니다. Authenticator 앱과 복구 "
                "코드는 그대로 유지됩니다."
            ),
        ),
    }
)
