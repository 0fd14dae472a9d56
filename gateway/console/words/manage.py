"""The Manage area: the labels of REG-2, MAN-6, RC-3 and TOTP-9."""

from __future__ import annotations

from gateway.console.words import in_three

AREA = in_three(
    {
        "leave": ("LEAVE THE MANAGE AREA", "管理エリアを終了", "관리 영역 나가기"),
        "totp": ("Authenticator App (TOTP)", "認証アプリ (TOTP)", "Authenticator 앱(TOTP)"),
        "email": ("Email", "電子メール", "이메일"),
        "recovery_codes": ("Recovery codes", "リカバリーコード", "복구 코드"),
        "register": (
            "REGISTER A NEW AUTHENTICATOR APP",
            "新しい認証アプリを登録",
            "새 Authenticator 앱 등록",
        ),
        "create": (
            "CREATE NEW RECOVERY CODES",
            "新しいリカバリーコードを作成",
            "새 복구 코드 만들기",
        ),
        "account": ("Account", "アカウント", "계정"),
        "confirm": ("CONFIRM", "確定", "확정"),
        "cancel": ("CANCEL", "キャンセル", "취소"),
        "label": ("ONE TIME PASSWORD", "ワンタイムパスワード", "일회용 비밀번호"),
        "register_button": ("REGISTER", "登録", "등록"),
        "end_others": (
            "Also end all other sessions and API tokens",
            "ほかのセッションと API トークンもすべて終了する",
            "다른 세션과 API 토큰도 모두 종료",
        ),
        "setup_key": ("Setup key", "セットアップキー", "설정 키"),
        "print_hint": (
            "To print, use your browser's print command (Ctrl+P or ⌘P).",
            "印刷するには、ブラウザーの印刷機能 (Ctrl+P または ⌘P) を使用してください。",
            "인쇄하려면 브라우저의 인쇄 기능(Ctrl+P 또는 ⌘P)을 사용하십시오.",
        ),
    }
)

FACTORS = in_three(
    {
        "title": (
            "Manage your authenticators",
            "認証アプリの管理",
            "Authenticator 앱 관리",
        ),
        "lead": (
            "Sign-in methods of {email}. This area closes by itself at {at}.",
            "{email} のサインイン方法です。このエリアは {at} に自動的に閉じます。",
            "{email}의 로그인 방법입니다. 이 영역은 {at}에 자동으로 닫힙니다.",
        ),
        "warning_title": ("Warning", "注意", "주의"),
        "warning": (
            (
                "Changes made here change how you sign in. Wrong settings can make signing in impossible. "
                "Leave everything as it is unless you need to change it."
            ),
            (
                "ここでの変更はサインイン方法に反映されます。設定を誤るとサインインできなくなることが"
                "あります。必要がない限り、変更しないでください。"
            ),
            (
                "여기서 변경한 내용은 로그인 방법에 반영됩니다. 잘못 설정하면 로그인하지 못할 수 "
                "있습니다. 필요하지 않으면 변경하지 마십시오."
            ),
        ),
        "totp_active": (
            "Registered on {at}.",
            "{at} に登録しました。",
            "{at}에 등록했습니다.",
        ),
        "totp_disabled": (
            "Disabled after too many wrong codes. Register a new authenticator app.",
            "誤ったコードが続いたため無効です。新しい認証アプリを登録してください。",
            "잘못된 코드가 계속되어 비활성화되었습니다. 새 Authenticator 앱을 등록하십시오.",
        ),
        "totp_none": (
            "Not registered.",
            "登録されていません。",
            "등록되어 있지 않습니다.",
        ),
        "totp_pending": (
            "A new authenticator app was shown and is not registered yet.",
            "表示済みの新しい認証アプリは、まだ登録されていません。",
            "표시된 새 Authenticator 앱이 아직 등록되지 않았습니다.",
        ),
        "totp_resume": (
            "Continue to register it",
            "登録を続ける",
            "등록 계속하기",
        ),
        "email_state": (
            "Codes can be sent to {email}.",
            "{email} にコードを送信できます。",
            "{email}(으)로 코드를 보낼 수 있습니다.",
        ),
        "codes_left": (
            "{left} of {of} left, issued on {at}.",
            "{of} 個中 {left} 個が未使用です ({at} 発行)。",
            "{of}개 중 {left}개가 남았습니다({at} 발급).",
        ),
        "codes_few": (
            "Only few recovery codes are left. Create new ones.",
            "リカバリーコードの残りが少なくなっています。新しいコードを作成してください。",
            "남은 복구 코드가 적습니다. 새 코드를 만드십시오.",
        ),
        "codes_disabled": (
            "Disabled after too many wrong codes. Create new recovery codes.",
            "誤ったコードが続いたため無効です。新しいリカバリーコードを作成してください。",
            "잘못된 코드가 계속되어 비활성화되었습니다. 새 복구 코드를 만드십시오.",
        ),
        "codes_none": (
            "None were issued. Without them nobody gets in who has lost the app.",
            "発行されていません。リカバリーコードがないと、アプリを失ったときに入れなくなります。",
            "발급되지 않았습니다. 복구 코드가 없으면 앱을 잃었을 때 들어갈 수 없습니다.",
        ),
        "codes_pending": (
            "New recovery codes were shown and are not confirmed yet. Did you print or save them?",
            "表示済みの新しいリカバリーコードは、まだ確定されていません。印刷または保存しましたか?",
            "표시된 새 복구 코드가 아직 확정되지 않았습니다. 인쇄하거나 저장했습니까?",
        ),
        "sheet": ("Sheet to hand over", "配布用シート", "전달용 시트"),
        "sheet_hint": (
            (
                "For accounts that are set up for somebody else: a page to print with the QR code, the "
                "setup key and new recovery codes. It is shown once."
            ),
            (
                "他の人のために設定するアカウント用です。QR コード、セットアップキー、新しい"
                "リカバリーコードを印刷用の1ページにまとめます。表示は一度だけです。"
            ),
            (
                "다른 사람을 위해 설정하는 계정에 사용합니다. QR 코드, 설정 키, 새 복구 코드를 인쇄할 "
                "수 있는 한 페이지로 만듭니다. 한 번만 표시됩니다."
            ),
        ),
        "sheet_button": ("MAKE A SHEET TO PRINT", "印刷用シートを作成", "인쇄용 시트 만들기"),
    }
)

AUTHENTICATOR = in_three(
    {
        "title": ("Authenticator App (TOTP)", "認証アプリ (TOTP)", "Authenticator 앱(TOTP)"),
        "lead": (
            (
                "An app such as Google Authenticator or Microsoft Authenticator, or the browser extension "
                "“Authenticator”, shows a new one-time password every 30 seconds."
            ),
            (
                "Google Authenticator や Microsoft Authenticator などのアプリ、またはブラウザー拡張機能"
                "「Authenticator」が、30秒ごとに新しいワンタイムパスワードを表示します。"
            ),
            (
                "Google Authenticator나 Microsoft Authenticator 같은 앱 또는 브라우저 확장 프로그램 "
                "‘Authenticator’가 30초마다 새 일회용 비밀번호를 표시합니다."
            ),
        ),
        "replace_hint": (
            (
                "Registering a new one makes every QR code, setup key and one-time password before it "
                "unusable, on all devices, at the moment of REGISTER. Recovery codes stay."
            ),
            (
                "新しいアプリを「登録」した時点で、以前の QR コード、セットアップキー、ワンタイムパスワードは"
                "すべての端末で使用できなくなります。リカバリーコードはそのままです。"
            ),
            (
                "새 앱을 ‘등록’하는 순간 이전의 QR 코드, 설정 키, 일회용 비밀번호는 모든 기기에서 사용할 "
                "수 없게 됩니다. 복구 코드는 그대로 유지됩니다."
            ),
        ),
        "remove": (
            "Remove the authenticator app",
            "認証アプリを削除",
            "Authenticator 앱 제거",
        ),
        "remove_text": (
            (
                "The second step of your sign-in is a code by e-mail from then on, which protects your "
                "account less."
            ),
            "削除すると、サインインの第二段階はメールで届くコードになり、アカウントの保護が弱くなります。",
            "제거하면 로그인의 두 번째 단계가 이메일 코드로 바뀌어 계정 보호가 약해집니다.",
        ),
        "remove_button": ("REMOVE", "削除", "제거"),
    }
)

SETUP = in_three(
    {
        "title": ("Scan the QR code", "QR コードをスキャン", "QR 코드 스캔"),
        "lead": (
            "Scan it with your authenticator app. Until you press REGISTER on the next page, nothing changes.",
            "認証アプリでスキャンしてください。次のページで「登録」を押すまで、何も変わりません。",
            "Authenticator 앱으로 스캔하십시오. 다음 페이지에서 ‘등록’을 누를 때까지 아무것도 바뀌지 않습니다.",
        ),
        "qr": (
            "QR code to set up the authenticator app",
            "認証アプリを設定するための QR コード",
            "Authenticator 앱 설정용 QR 코드",
        ),
        "cannot_scan": ("Can't scan it?", "スキャンできない場合", "스캔할 수 없습니까?"),
        "type_it": (
            "Type this setup key into the app: 32 characters, without spaces.",
            "次のセットアップキーをアプリに入力してください。32文字、空白なしです。",
            "다음 설정 키를 앱에 입력하십시오. 공백 없이 32자입니다.",
        ),
        "issuer": (
            "Account name or issuer, if the app asks for it:",
            "アプリで発行者またはアカウント名を求められた場合:",
            "앱에서 발급자 또는 계정 이름을 요구하는 경우:",
        ),
        "once": (
            (
                "For your security the QR code and setup key cannot be shown again after registration. You "
                "may set up several devices with them now."
            ),
            (
                "安全のため、QR コードとセットアップキーは登録後に再表示できません。今のうちに複数の端末に"
                "設定することもできます。"
            ),
            (
                "안전을 위해 QR 코드와 설정 키는 등록 후 다시 표시할 수 없습니다. 지금 여러 기기에 설정할 "
                "수 있습니다."
            ),
        ),
        "next": ("NEXT", "次へ", "다음"),
    }
)

CONFIRM = in_three(
    {
        "title": (
            "Enter the new one-time password",
            "新しいワンタイムパスワードを入力",
            "새 일회용 비밀번호 입력",
        ),
        "lead": (
            "Enter the six digits that the newly set up app shows now.",
            "新しく設定したアプリに今表示されている6桁の数字を入力してください。",
            "새로 설정한 앱에 지금 표시된 6자리 숫자를 입력하십시오.",
        ),
        "back": ("Back to the QR code", "QR コードに戻る", "QR 코드로 돌아가기"),
        "thanks": ("Thank you!", "ありがとうございました", "감사합니다!"),
        "thanks_text": (
            (
                "The new authenticator app is registered. Everything before it stopped working: delete old "
                "entries in your apps. For the next sign-in, wait for the next one-time password."
            ),
            (
                "新しい認証アプリを登録しました。以前のものは使用できません。アプリに残っている古い項目は"
                "削除してください。次のサインインでは、次のワンタイムパスワードを使用してください。"
            ),
            (
                "새 Authenticator 앱을 등록했습니다. 이전 것은 더 이상 사용할 수 없습니다. 앱에 남은 오래된 항목은 "
                "삭제하십시오. 다음 로그인에는 다음 일회용 비밀번호를 사용하십시오."
            ),
        ),
    }
)

RECOVERY_CODES = in_three(
    {
        "title": ("New recovery codes", "新しいリカバリーコード", "새 복구 코드"),
        "lead": (
            "Print or save these codes now. They are shown this once.",
            "これらのコードを今すぐ印刷または保存してください。表示されるのは一度だけです。",
            "이 코드를 지금 인쇄하거나 저장하십시오. 한 번만 표시됩니다.",
        ),
        "rules": (
            "Each code works once, in any order. Keep them where nobody else can find them.",
            "各コードは一度だけ、順番に関係なく使用できます。他人に見つからない場所に保管してください。",
            (
                "각 코드는 순서에 관계없이 한 번씩 사용할 수 있습니다. 다른 사람이 찾을 수 없는 곳에 "
                "보관하십시오."
            ),
        ),
        "until_confirm": (
            (
                "Press CONFIRM once you have them. From that moment every earlier code is unusable, used "
                "or not; without it these never become valid."
            ),
            (
                "保管したら「確定」を押してください。その時点で以前のコードは、未使用のものも含めてすべて"
                "使用できなくなります。押さなければ、これらのコードは有効になりません。"
            ),
            (
                "보관했으면 ‘확정’을 누르십시오. 그 순간 이전 코드는 사용하지 않은 것도 모두 사용할 수 "
                "없게 됩니다. 누르지 않으면 이 코드는 유효해지지 않습니다."
            ),
        ),
        "save": ("Save as text", "テキストとして保存", "텍스트로 저장"),
        "list": ("Recovery codes", "リカバリーコード", "복구 코드"),
        "file_head": (
            "Recovery codes of {email}",
            "{email} のリカバリーコード",
            "{email} 복구 코드",
        ),
    }
)

SHEET = in_three(
    {
        "title": ("Sheet to hand over", "配布用シート", "전달용 시트"),
        "lead": (
            "Print this page and hand it over. It is shown this once.",
            "このページを印刷してお渡しください。表示されるのは一度だけです。",
            "이 페이지를 인쇄하여 전달하십시오. 한 번만 표시됩니다.",
        ),
        "after": (
            "After printing: nothing on the sheet is valid yet",
            "印刷後: シートの内容はまだ有効ではありません",
            "인쇄 후: 시트의 내용은 아직 유효하지 않습니다",
        ),
        "step_app": (
            (
                "Set up an app from the sheet and enter its one-time password. From then on the "
                "authenticator app before it stops working."
            ),
            (
                "シートを使ってアプリを設定し、ワンタイムパスワードを入力してください。その時点で以前の"
                "認証アプリは使用できなくなります。"
            ),
            (
                "시트로 앱을 설정하고 일회용 비밀번호를 입력하십시오. 그 순간 이전 Authenticator 앱은 사용할 수 "
                "없게 됩니다."
            ),
        ),
        "step_codes": (
            "Confirm the recovery codes on it. From then on all earlier ones are unusable.",
            "シートのリカバリーコードを確定してください。その時点で以前のコードはすべて使用できなくなります。",
            "시트의 복구 코드를 확정하십시오. 그 순간 이전 코드는 모두 사용할 수 없게 됩니다.",
        ),
        "address": ("Sign in at", "サインインページ", "로그인 페이지"),
        "scan": (
            "1. Scan this QR code with an authenticator app",
            "1. 認証アプリでこの QR コードをスキャンします",
            "1. Authenticator 앱으로 이 QR 코드를 스캔하십시오",
        ),
        "type": (
            "or type this setup key into it:",
            "または、次のセットアップキーを入力します:",
            "또는 다음 설정 키를 입력하십시오:",
        ),
        "keep": (
            "2. Keep these recovery codes; each works once, in any order",
            "2. リカバリーコードを保管します。各コードは一度だけ、順番に関係なく使用できます",
            "2. 복구 코드를 보관하십시오. 각 코드는 순서에 관계없이 한 번씩 사용할 수 있습니다",
        ),
    }
)

BY_EMAIL = in_three(
    {
        "title": ("Email", "電子メール", "이메일"),
        "lead": (
            "At sign-in a six-digit code can be sent to {email}. There is nothing to set up.",
            "サインイン時に、{email} に6桁のコードを送信できます。設定は必要ありません。",
            "로그인할 때 {email}(으)로 6자리 코드를 보낼 수 있습니다. 설정할 것은 없습니다.",
        ),
        "weaker": (
            "An authenticator app protects your account better: who reads your mail has the codes too.",
            "認証アプリの方がアカウントを強く保護します。メールを読める人は、コードも読めるためです。",
            "Authenticator 앱이 계정을 더 잘 보호합니다. 이메일을 읽을 수 있는 사람은 코드도 볼 수 있습니다.",
        ),
        "prefer": (
            "Which of the two comes first is chosen under Security settings.",
            "どちらを先に表示するかは、セキュリティ設定で選択できます。",
            "둘 중 무엇을 먼저 표시할지는 보안 설정에서 선택합니다.",
        ),
    }
)
