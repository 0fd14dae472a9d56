"""Short answers to what people ask about signing in."""

from __future__ import annotations

from gateway.console.words import in_three

QUESTIONS = ("refused", "clock", "used", "devices", "lost", "stolen", "codes", "mail", "both")

FAQ = in_three(
    {
        "title": ("FAQ", "よくある質問", "자주 묻는 질문"),
        "refused": (
            "Why is my one-time password refused?",
            "ワンタイムパスワードが受け付けられないのはなぜですか?",
            "일회용 비밀번호가 거부되는 이유는 무엇입니까?",
        ),
        "refused_answer": (
            (
                "It changes every 30 seconds and works once. Wait until the app shows the next one, then "
                "enter all six digits. Make sure that you read the entry of this account: after a new "
                "registration the old entry in the app no longer works and should be deleted."
            ),
            (
                "ワンタイムパスワードは30秒ごとに変わり、一度しか使用できません。次のものが表示されてから、6桁すべてを"
                "入力してください。このアカウントの項目を見ていることも確認してください。再登録した後は、アプリの古い項目は"
                "使用できないため、削除してください。"
            ),
            (
                "일회용 비밀번호는 30초마다 바뀌고 한 번만 사용할 수 있습니다. 다음 번호가 표시되면 6자리를 모두 "
                "입력하십시오. 이 계정의 항목을 보고 있는지도 확인하십시오. 다시 등록한 후에는 앱의 이전 항목을 사용할 수 "
                "없으므로 삭제하십시오."
            ),
        ),
        "clock": (
            "The page says that the code belongs to another time. What now?",
            "「別の時刻のもの」と表示されます。どうすればよいですか?",
            "‘다른 시각의 코드’라고 표시됩니다. 어떻게 해야 합니까?",
        ),
        "clock_answer": (
            (
                "The clock of your phone or computer is wrong. Turn on automatic date and time in its "
                "settings, then use the next one-time password."
            ),
            (
                "スマートフォンまたはパソコンの時計がずれています。設定で日付と時刻の自動設定を有効にし、次の"
                "ワンタイムパスワードを使用してください。"
            ),
            (
                "휴대전화 또는 컴퓨터의 시계가 맞지 않습니다. 설정에서 날짜와 시간 자동 설정을 켠 다음, 다음 일회용 "
                "비밀번호를 사용하십시오."
            ),
        ),
        "used": (
            "I sign in on a second device right away, and the password is refused. Why?",
            "続けて別の端末でサインインすると受け付けられません。なぜですか?",
            "바로 다른 기기에서 로그인하면 거부됩니다. 왜 그렇습니까?",
        ),
        "used_answer": (
            (
                "A one-time password that was used once cannot be used again, on no device. Wait for the "
                "next one, at most 30 seconds."
            ),
            (
                "一度使用したワンタイムパスワードは、どの端末でも再び使用できません。次のものが表示されるまで、最大30秒"
                "お待ちください。"
            ),
            (
                "한 번 사용한 일회용 비밀번호는 어떤 기기에서도 다시 사용할 수 없습니다. 다음 번호가 표시될 때까지 최대 "
                "30초 기다리십시오."
            ),
        ),
        "devices": (
            "Can I use several phones?",
            "複数の端末で使用できますか?",
            "여러 대의 휴대전화를 사용할 수 있습니까?",
        ),
        "devices_answer": (
            (
                "Yes. While the QR code or setup key is shown, set up each of them with it: all show the "
                "same one-time passwords. It cannot be shown again later."
            ),
            (
                "はい。QR コードまたはセットアップキーが表示されている間に、すべての端末に設定してください。どの端末にも"
                "同じワンタイムパスワードが表示されます。後から再表示することはできません。"
            ),
            (
                "예. QR 코드 또는 설정 키가 표시되어 있는 동안 모든 기기에 설정하십시오. 모든 기기에 같은 일회용 "
                "비밀번호가 표시됩니다. 나중에 다시 표시할 수는 없습니다."
            ),
        ),
        "lost": (
            "I have a new phone, or lost the old one. How do I get in?",
            "機種変更をした、または端末をなくしました。どうすればサインインできますか?",
            "휴대전화를 바꾸었거나 잃어버렸습니다. 어떻게 들어갑니까?",
        ),
        "lost_answer": (
            (
                "Sign in with your password, open MANAGE YOUR AUTHENTICATORS, choose USE A RECOVERY CODE "
                "and enter one of your codes. Then register a new authenticator app; the lost one stops "
                "working at that moment. After that, sign in with the new app."
            ),
            (
                "パスワードを入力した後、「認証アプリの管理」を開き、「リカバリーコードを使用」を選択してコードを一つ入力します。"
                "その後、新しい認証アプリを登録してください。その時点で以前の端末は使用できなくなります。続いて、新しいアプリで"
                "サインインしてください。"
            ),
            (
                "비밀번호를 입력한 다음 ‘Authenticator 앱 관리’를 열고 ‘복구 코드 사용’을 선택하여 코드 하나를 입력하십시오. 그런 "
                "다음 새 Authenticator 앱을 등록하십시오. 그 순간 이전 기기는 사용할 수 없게 됩니다. 이후 새 앱으로 로그인하십시오."
            ),
        ),
        "stolen": (
            "Somebody may have my password. What should I do?",
            "パスワードが他人に知られたかもしれません。どうすればよいですか?",
            "다른 사람이 비밀번호를 알게 된 것 같습니다. 어떻게 해야 합니까?",
        ),
        "stolen_answer": (
            (
                "Change it under Account settings, Security settings: every other session and every API "
                "token ends with it. If you cannot sign in any more, use “Forgot your password?”."
            ),
            (
                "アカウント設定の「セキュリティ設定」で変更してください。ほかのセッションと API トークンはすべて終了します。"
                "サインインできない場合は、「パスワードをお忘れですか?」を使用してください。"
            ),
            (
                "계정 설정의 ‘보안 설정’에서 변경하십시오. 다른 세션과 API 토큰이 모두 종료됩니다. 로그인할 수 없다면 "
                "‘비밀번호를 잊으셨습니까?’를 사용하십시오."
            ),
        ),
        "codes": (
            "What are recovery codes for?",
            "リカバリーコードは何に使いますか?",
            "복구 코드는 어디에 사용합니까?",
        ),
        "codes_answer": (
            (
                "They let you into the Manage area when your app is not at hand. Each works once, in any "
                "order. Keep them on paper or in a password manager. New ones make all earlier ones "
                "unusable at the moment of CONFIRM."
            ),
            (
                "アプリが使用できないときに管理エリアに入るためのものです。各コードは一度だけ、順番に関係なく使用できます。"
                "紙またはパスワードマネージャーで保管してください。新しいコードを「確定」すると、以前のコードはすべて"
                "使用できなくなります。"
            ),
            (
                "앱을 사용할 수 없을 때 관리 영역에 들어가기 위한 것입니다. 각 코드는 순서에 관계없이 한 번씩 사용할 수 "
                "있습니다. 종이나 비밀번호 관리자에 보관하십시오. 새 코드를 ‘확정’하면 이전 코드는 모두 사용할 수 없게 "
                "됩니다."
            ),
        ),
        "mail": (
            "The mail with the code does not arrive. What can I do?",
            "コードのメールが届きません。どうすればよいですか?",
            "코드 이메일이 오지 않습니다. 어떻게 해야 합니까?",
        ),
        "mail_answer": (
            (
                "Look into the spam folder. After a minute you can have a new code sent, which replaces the "
                "one before. Only a few are sent in an hour."
            ),
            (
                "迷惑メールフォルダーを確認してください。1分後に新しいコードを送信できます。以前のコードは使用できなくなります。"
                "1時間に送信できる回数には限りがあります。"
            ),
            (
                "스팸함을 확인하십시오. 1분 후에 새 코드를 보낼 수 있으며 이전 코드는 사용할 수 없게 됩니다. 한 시간에 "
                "보낼 수 있는 횟수는 제한되어 있습니다."
            ),
        ),
        "both": (
            "I lost the app and the recovery codes.",
            "アプリもリカバリーコードもなくしました。",
            "앱과 복구 코드를 모두 잃어버렸습니다.",
        ),
        "both_answer": (
            "Contact the support centre. They check who you are and reset your second factors.",
            "サポートセンターにお問い合わせください。ご本人であることを確認したうえで、2要素認証をリセットします。",
            "지원 센터에 문의하십시오. 본인 확인 후 2단계 인증을 초기화합니다.",
        ),
    }
)
