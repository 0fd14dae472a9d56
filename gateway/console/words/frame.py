"""Around every page: header, account menu, notes of what was just done."""

from __future__ import annotations

from gateway.console.words import in_three

# Each in its own language, for who cannot read the present one.
NAMES = {"en": "English", "ja": "日本語", "ko": "한국어"}

FRAME = in_three(
    {
        "skip": ("Skip to the content", "本文へ移動", "본문으로 이동"),
        "site": ("Site", "サイト", "사이트"),
        "languages": ("Language", "言語", "언어"),
        "account_menu": ("Account menu", "アカウントメニュー", "계정 메뉴"),
        "account_settings": ("Account settings", "アカウント設定", "계정 설정"),
        "security_settings": ("Security settings", "セキュリティ設定", "보안 설정"),
        "sign_in": ("Sign in", "サインイン", "로그인"),
        "sign_out": ("Sign out", "サインアウト", "로그아웃"),
        "faq": ("FAQ", "よくある質問", "자주 묻는 질문"),
        "cancel": ("CANCEL", "キャンセル", "취소"),
        "continue": ("CONTINUE", "続行", "계속"),
        "back": ("Back", "戻る", "뒤로"),
        "to_start": ("To the start page", "スタートページへ", "시작 페이지로"),
        "to_sign_in": ("To the sign-in page", "サインインページへ", "로그인 페이지로"),
        "retry_seconds": (
            "Try again in {count} seconds.",
            "{count} 秒後にもう一度お試しください。",
            "{count}초 후에 다시 시도하십시오.",
        ),
        "retry_minutes": (
            "Try again in {count} minutes.",
            "{count} 分後にもう一度お試しください。",
            "{count}분 후에 다시 시도하십시오.",
        ),
        "retry_hours": (
            "Try again in {count} hours.",
            "{count} 時間後にもう一度お試しください。",
            "{count}시간 후에 다시 시도하십시오.",
        ),
        "refused": ("This did not work", "処理できませんでした", "처리하지 못했습니다"),
        "request": ("Request", "リクエスト", "요청"),
    }
)

# Said once, on the page after what was done.
NOTES = in_three(
    {
        "signed-out": (
            "You are signed out.",
            "サインアウトしました。",
            "로그아웃했습니다.",
        ),
        "sign-in-over": (
            "This sign-in is over. Begin again with your password. Nothing was changed.",
            "サインインの有効時間が過ぎました。もう一度パスワードから始めてください。変更はありません。",
            "로그인 유효 시간이 지났습니다. 비밀번호부터 다시 시작하십시오. 변경된 것은 없습니다.",
        ),
        "session-over": (
            "Your session has ended. Sign in again.",
            "セッションが終了しました。もう一度サインインしてください。",
            "세션이 종료되었습니다. 다시 로그인하십시오.",
        ),
        "manage-over": (
            "The Manage area was closed after a while. What was not confirmed did not change anything.",
            "時間が経過したため管理エリアを閉じました。確定していない操作は反映されていません。",
            "시간이 지나 관리 영역이 닫혔습니다. 확정하지 않은 내용은 반영되지 않았습니다.",
        ),
        "manage-left": (
            "You left the Manage area.",
            "管理エリアを終了しました。",
            "관리 영역에서 나왔습니다.",
        ),
        "nothing-pending": (
            "Nothing is waiting for confirmation. Begin again.",
            "確認待ちの項目はありません。もう一度始めてください。",
            "확인을 기다리는 항목이 없습니다. 다시 시작하십시오.",
        ),
        "cancelled": (
            "Cancelled. Everything is as it was before.",
            "キャンセルしました。以前の状態のままです。",
            "취소했습니다. 모든 것이 이전 그대로입니다.",
        ),
        "authenticator-disabled": (
            (
                "Your authenticator app is disabled after too many wrong codes. Enter with a recovery "
                "code and register a new app."
            ),
            "誤ったコードが続いたため、認証アプリは無効になりました。リカバリーコードで入り、新しいアプリを登録してください。",
            "잘못된 코드가 계속되어 Authenticator 앱이 비활성화되었습니다. 복구 코드로 들어가 새 앱을 등록하십시오.",
        ),
        "authenticator-removed": (
            "The authenticator app was removed. Your second step is a code by e-mail now.",
            "認証アプリを削除しました。今後の第二段階はメールで届くコードです。",
            "Authenticator 앱을 제거했습니다. 이제 두 번째 단계는 이메일로 받는 코드입니다.",
        ),
        "codes-confirmed": (
            "The new recovery codes are valid now. All earlier ones are not.",
            "新しいリカバリーコードが有効になりました。以前のコードはすべて使用できません。",
            "새 복구 코드가 유효해졌습니다. 이전 코드는 모두 사용할 수 없습니다.",
        ),
        "saved": ("Saved.", "保存しました。", "저장했습니다."),
        "password-changed": (
            "Your password is changed. Every other session was ended.",
            "パスワードを変更しました。ほかのセッションはすべて終了しました。",
            "비밀번호를 변경했습니다. 다른 세션은 모두 종료되었습니다.",
        ),
        "email-asked": (
            "Open the link in the mail that was sent to the new address. Until then nothing changes.",
            "新しいアドレスに届いたメールのリンクを開いてください。それまでは何も変わりません。",
            "새 주소로 보낸 이메일의 링크를 여십시오. 그때까지는 아무것도 바뀌지 않습니다.",
        ),
        "session-ended": (
            "The session was ended.",
            "セッションを終了しました。",
            "세션을 종료했습니다.",
        ),
        "sessions-ended": (
            "All other sessions were ended.",
            "ほかのセッションをすべて終了しました。",
            "다른 세션을 모두 종료했습니다.",
        ),
        "token-revoked": (
            "The API token was revoked.",
            "API トークンを無効にしました。",
            "API 토큰을 폐기했습니다.",
        ),
        "account-deleted": (
            "Your account was deleted.",
            "アカウントを削除しました。",
            "계정을 삭제했습니다.",
        ),
        "joined": (
            "You are a member of the organization now.",
            "組織のメンバーになりました。",
            "조직의 구성원이 되었습니다.",
        ),
        "registered-invited": (
            "Your account is registered. Sign in; then you can accept the invitation.",
            "アカウントを登録しました。サインインすると、招待を承諾できます。",
            "계정을 등록했습니다. 로그인하면 초대를 수락할 수 있습니다.",
        ),
        "organizations-away": (
            "Your organizations cannot be shown just now. Try again in a moment.",
            "現在組織を表示できません。しばらくしてからもう一度お試しください。",
            "지금은 조직을 표시할 수 없습니다. 잠시 후 다시 시도하십시오.",
        ),
        "organization-left": (
            "You are no longer a member of the organization.",
            "組織から退出しました。",
            "조직에서 나왔습니다.",
        ),
        "organization-archived": (
            "The organization was archived.",
            "組織をアーカイブしました。",
            "조직을 보관했습니다.",
        ),
        "policy-changed": (
            "The policy holds from now on.",
            "ポリシーを変更しました。",
            "정책을 변경했습니다.",
        ),
        "role-changed": (
            "The role was changed. It holds already.",
            "役割を変更しました。すでに有効です。",
            "역할을 변경했습니다. 이미 적용되었습니다.",
        ),
        "access-changed": (
            "The folders were saved. They hold already.",
            "フォルダーを保存しました。すでに有効です。",
            "폴더를 저장했습니다. 이미 적용되었습니다.",
        ),
        "nobody-selected": (
            "Select users first.",
            "先にユーザーを選択してください。",
            "먼저 사용자를 선택하십시오.",
        ),
        "users-removed": (
            "Removed from the organization.",
            "組織から削除しました。",
            "조직에서 제거했습니다.",
        ),
        "invited": (
            "The invitation is on its way.",
            "招待メールを送信しました。",
            "초대 이메일을 보냈습니다.",
        ),
        "invited-as-viewer": (
            (
                "The invitation is on its way. The user joins as viewer; elevate the user here "
                "afterwards."
            ),
            "招待メールを送信しました。ユーザーは閲覧者として参加します。参加後にここで昇格してください。",
            "초대 이메일을 보냈습니다. 사용자는 관찰자로 참가합니다. 참가한 뒤 여기에서 승격하십시오.",
        ),
        "invitation-resent": (
            "The invitation was sent again. The link sent before is dead.",
            "招待を再送信しました。以前のリンクは使用できません。",
            "초대를 다시 보냈습니다. 이전 링크는 사용할 수 없습니다.",
        ),
        "invitation-changed": (
            "The invitation was changed. The link in the mail stays good.",
            "招待を変更しました。メールのリンクは引き続き使用できます。",
            "초대를 변경했습니다. 이메일의 링크는 계속 사용할 수 있습니다.",
        ),
        "invitation-over": (
            "The invitation was over already.",
            "この招待はすでに終了しています。",
            "이 초대는 이미 종료되었습니다.",
        ),
        "invitation-revoked": (
            "The invitation was revoked.",
            "招待を取り消しました。",
            "초대를 철회했습니다.",
        ),
        "product-registered": (
            "The product is registered.",
            "製品を登録しました。",
            "제품을 등록했습니다.",
        ),
        "subscription-started": (
            "The subscription has started. Allocate licenses before the grace period ends.",
            "サブスクリプションを開始しました。猶予期間が終わる前にライセンスを割り当ててください。",
            "구독을 시작했습니다. 유예 기간이 끝나기 전에 라이선스를 할당하십시오.",
        ),
        "license-key-redeemed": (
            "The licenses of the key are in the wallet now.",
            "キーのライセンスをウォレットに追加しました。",
            "키의 라이선스를 지갑에 추가했습니다.",
        ),
        "trial-started": (
            "The trial has started.",
            "試用を開始しました。",
            "체험을 시작했습니다.",
        ),
        "system-registered": (
            "The system is registered.",
            "システムを登録しました。",
            "시스템을 등록했습니다.",
        ),
        "system-updated": (
            "What the system reported was taken over.",
            "システムの情報を更新しました。",
            "시스템 정보를 업데이트했습니다.",
        ),
        "system-unchanged": (
            "This file was uploaded before. Nothing was changed.",
            "このファイルはすでにアップロードされています。変更はありません。",
            "이미 업로드한 파일입니다. 변경된 것은 없습니다.",
        ),
        "system-extended": (
            "The licenses are on the system now.",
            "ライセンスをシステムに割り当てました。",
            "라이선스를 시스템에 할당했습니다.",
        ),
        "system-removed": (
            "The system was removed.",
            "システムを削除しました。",
            "시스템을 제거했습니다.",
        ),
        "license-file-issued": (
            "The license file is ready to be downloaded.",
            "ライセンスファイルをダウンロードできます。",
            "라이선스 파일을 다운로드할 수 있습니다.",
        ),
        "licenses-upgraded": (
            "The licenses are upgraded.",
            "ライセンスをアップグレードしました。",
            "라이선스를 업그레이드했습니다.",
        ),
        "product-licensed": (
            "The product is now licensed.",
            "製品にライセンスが割り当てられました。",
            "이제 제품에 라이선스가 있습니다.",
        ),
        "licenses-allocated": (
            "The licenses are allocated.",
            "ライセンスを割り当てました。",
            "라이선스를 할당했습니다.",
        ),
        "folder-created": (
            "The folder was created.",
            "フォルダーを作成しました。",
            "폴더를 생성했습니다.",
        ),
        "folder-moved": (
            "The folder was moved.",
            "フォルダーを移動しました。",
            "폴더를 이동했습니다.",
        ),
        "item-moved": ("Moved.", "移動しました。", "이동했습니다."),
        "folder-deleted": (
            "The folder was deleted with everything in it.",
            "フォルダーとその中のすべてを削除しました。",
            "폴더와 그 안의 모든 것을 삭제했습니다.",
        ),
    }
)
