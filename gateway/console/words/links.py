"""Pages that links in mails open."""

from __future__ import annotations

from gateway.console.words import in_three, joined

_UNCHANGED = ("Nothing was changed", "変更はありません", "변경된 것은 없습니다")

VERIFY = in_three(
    {
        "title": (
            "Verify your address",
            "メールアドレスの確認",
            "이메일 주소 확인",
        ),
        "lead": (
            "One more step: enter the password that you chose when you registered.",
            "あと一歩です。登録時に設定したパスワードを入力してください。",
            "마지막 단계입니다. 등록할 때 정한 비밀번호를 입력하십시오.",
        ),
        "password": ("Password", "パスワード", "비밀번호"),
        "choose": (
            "I do not know the password: choose a new one",
            "パスワードがわからない場合：新しいパスワードを設定する",
            "비밀번호를 모르는 경우: 새 비밀번호 설정",
        ),
        "not_me": (
            "You did not register? Then close this page: no account will be made.",
            "登録した覚えがない場合は、このページを閉じてください。アカウントは作成されません。",
            "등록한 적이 없다면 이 페이지를 닫으십시오. 계정은 만들어지지 않습니다.",
        ),
        "button": ("VERIFY", "確認する", "확인"),
        "done": (
            "Your address is verified",
            "メールアドレスが確認されました",
            "이메일 주소가 확인되었습니다",
        ),
        "done_text": ("You can sign in now.", "サインインできます。", "이제 로그인할 수 있습니다."),
        "refused": _UNCHANGED,
        "refused_text": (
            "This link does not work any more. Register again.",
            "このリンクは使用できません。もう一度登録してください。",
            "이 링크는 사용할 수 없습니다. 다시 등록하십시오.",
        ),
        "refused_hint": (
            (
                "It was used already, is older than 24 hours, or is not complete. If you verified "
                "your address before, just sign in."
            ),
            (
                "すでに使用されたか、24時間を過ぎたか、リンクが途中で切れています。"
                "確認済みの場合は、そのままサインインしてください。"
            ),
            (
                "이미 사용되었거나 24시간이 지났거나 링크가 온전하지 않습니다. 이미 확인했다면 바로 "
                "로그인하십시오."
            ),
        ),
        "again": ("Register again", "もう一度登録する", "다시 등록"),
    }
)

RESET = in_three(
    {
        "title": ("Set a new password", "新しいパスワードの設定", "새 비밀번호 설정"),
        "lead": (
            (
                "This ends all sessions and API tokens of your account. Your second factors stay as "
                "they are."
            ),
            "アカウントのすべてのセッションと API トークンが終了します。2要素認証の設定は変わりません。",
            "계정의 모든 세션과 API 토큰이 종료됩니다. 2단계 인증 설정은 바뀌지 않습니다.",
        ),
        "new_password": ("New password", "新しいパスワード", "새 비밀번호"),
        "rule": (
            (
                "At least {least} characters, at most {most}. Several words are easy to remember and "
                "hard to guess. Common passwords are refused, and the mere names of you, of your "
                "organizations and of this service."
            ),
            (
                "{least} 文字以上 {most} 文字以内。複数の単語を組み合わせると、覚えやすく推測されにくく"
                "なります。よく使われるパスワードや、ご自身・組織・サービスの名前だけのパスワードは"
                "使用できません。"
            ),
            (
                "{least}자 이상 {most}자 이하. 여러 단어를 이어 쓰면 기억하기 쉽고 추측하기 어렵습니다. "
                "흔히 쓰이는 비밀번호나 본인, 조직, 서비스의 이름뿐인 비밀번호는 사용할 수 없습니다."
            ),
        ),
        "repeated": (
            "New password, once more",
            "新しいパスワード（確認用）",
            "새 비밀번호 확인",
        ),
        "different": (
            "The two are not the same.",
            "2つのパスワードが一致しません。",
            "두 비밀번호가 일치하지 않습니다.",
        ),
        "button": ("SET THE PASSWORD", "パスワードを設定", "비밀번호 설정"),
        "done": (
            "Your password is set",
            "パスワードを設定しました",
            "비밀번호를 설정했습니다",
        ),
        "done_text": (
            "Sign in with it. Whoever was signed in to your account no longer is.",
            "新しいパスワードでサインインしてください。これまでのセッションはすべて終了しました。",
            "새 비밀번호로 로그인하십시오. 이전 세션은 모두 종료되었습니다.",
        ),
        "refused": _UNCHANGED,
        "refused_text": (
            "This link does not work any more. Ask for a new one.",
            "このリンクは使用できません。新しいリンクを受け取ってください。",
            "이 링크는 사용할 수 없습니다. 새 링크를 받으십시오.",
        ),
        "refused_hint": (
            "It was used already, is older than 30 minutes, or is not complete.",
            "すでに使用されたか、30分を過ぎたか、リンクが途中で切れています。",
            "이미 사용되었거나 30분이 지났거나 링크가 온전하지 않습니다.",
        ),
        "again": ("Ask for a new link", "新しいリンクを受け取る", "새 링크 받기"),
    }
)

CHOOSE = joined(
    RESET,
    VERIFY,
    in_three(
        {
            "title": ("Choose a new password", "新しいパスワードの設定", "새 비밀번호 설정"),
            "lead": (
                (
                    "Your address is verified with it. A password that was entered before, when the "
                    "address was registered, does not count any more."
                ),
                (
                    "設定すると、メールアドレスも確認されます。登録時に入力されたパスワードは"
                    "使用できなくなります。"
                ),
                (
                    "설정하면 이메일 주소도 확인됩니다. 등록할 때 입력된 비밀번호는 더 이상 사용할 수 "
                    "없습니다."
                ),
            ),
            "button": ("SET THE PASSWORD", "パスワードを設定", "비밀번호 설정"),
        }
    ),
)

CHANGE_EMAIL = in_three(
    {
        "title": (
            "Confirm your new address",
            "新しいメールアドレスの確認",
            "새 이메일 주소 확인",
        ),
        "lead": (
            (
                "From then on you sign in with this address, and mails about your account come to "
                "it. The old address is told."
            ),
            (
                "確認すると、以後はこのアドレスでサインインし、アカウントに関するメールもこのアドレスに"
                "届きます。以前のアドレスにもお知らせします。"
            ),
            (
                "확인하면 앞으로 이 주소로 로그인하고 계정에 관한 이메일도 이 주소로 받습니다. 이전 "
                "주소에도 알립니다."
            ),
        ),
        "button": ("CONFIRM", "確認する", "확인"),
        "done": (
            "Your address is changed",
            "メールアドレスを変更しました",
            "이메일 주소를 변경했습니다",
        ),
        "done_text": (
            "Sign in with the new address from now on.",
            "今後は新しいアドレスでサインインしてください。",
            "앞으로 새 주소로 로그인하십시오.",
        ),
        "refused": _UNCHANGED,
        "refused_text": (
            "This link does not work any more. Ask for a new one.",
            "このリンクは使用できません。もう一度メールアドレスの変更を申し込んでください。",
            "이 링크는 사용할 수 없습니다. 이메일 주소 변경을 다시 신청하십시오.",
        ),
        "refused_hint": (
            (
                "It was used already, is older than an hour, or is not complete; or you asked for "
                "another change since, or the address belongs to another account by now."
            ),
            (
                "すでに使用されたか、1時間を過ぎたか、リンクが途中で切れています。または、その後に別の変更を"
                "申し込んだか、このアドレスがほかのアカウントで使用されています。"
            ),
            (
                "이미 사용되었거나 1시간이 지났거나 링크가 온전하지 않습니다. 또는 그 뒤에 다른 변경을 "
                "신청했거나 다른 계정이 이 주소를 사용하고 있습니다."
            ),
        ),
    }
)
