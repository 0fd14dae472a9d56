"""Why something was refused, by the code of the refusal, for every code a person can meet.

In English the services' own words are used, but where they are meant for programs.
"""

from __future__ import annotations

from collections.abc import Mapping

from gateway.console.words.license_refusals import LICENSE_REFUSALS

# Code: English (empty: the refusal's own words), Japanese, Korean.
REFUSALS: Mapping[str, tuple[str, str, str]] = {
    "account-not-verified": (
        "",
        "このメンバーのメールアドレスは確認されていません。別のメンバーを所有者にしてください。",
        "이 구성원의 이메일 주소가 확인되지 않았습니다. 다른 구성원을 소유자로 지정하십시오.",
    ),
    "already-member": (
        "",
        "このメールアドレスのアカウントは、すでにこの組織のメンバーです。",
        "이 이메일 주소의 계정은 이미 이 조직의 구성원입니다.",
    ),
    "already-registered": (
        "This address has an account already: sign in with it.",
        "このメールアドレスのアカウントは登録済みです。サインインしてください。",
        "이 이메일 주소의 계정이 이미 있습니다. 로그인하십시오.",
    ),
    "api-token-expiry": (
        "",
        "有効期間が正しくありません。別の期間を選択してください。",
        "유효 기간이 올바르지 않습니다. 다른 기간을 선택하십시오.",
    ),
    "api-token-name-taken": (
        "",
        "同じ名前の API トークンがあります。別の名前にしてください。",
        "같은 이름의 API 토큰이 있습니다. 다른 이름을 사용하십시오.",
    ),
    "api-token-not-found": (
        "",
        "この API トークンはありません。",
        "이 API 토큰이 없습니다.",
    ),
    "archiving-not-confirmed": (
        "This is not the ID of the organization. Copy it again.",
        "組織の ID と一致しません。もう一度コピーしてください。",
        "조직 ID와 일치하지 않습니다. 다시 복사하십시오.",
    ),
    "assertion-refused": (
        "Open the page again; sign in again if this stays so.",
        "ページを開き直してください。解決しない場合は、もう一度サインインしてください。",
        "페이지를 다시 여십시오. 해결되지 않으면 다시 로그인하십시오.",
    ),
    "authenticator-disabled": (
        "",
        "誤ったパスワードが続いたため、認証アプリは無効になりました。リカバリーコードを使用してください。",
        "잘못된 비밀번호가 계속되어 Authenticator 앱이 비활성화되었습니다. 복구 코드를 사용하십시오.",
    ),
    "authenticator-needed": (
        "",
        "このシステムでは認証アプリが必要です。別の認証アプリを登録してください。",
        "이 시스템에서는 Authenticator 앱이 필요합니다. 다른 Authenticator 앱을 등록하십시오.",
    ),
    "authenticator-not-found": (
        "",
        "確認待ちの認証アプリはありません。もう一度登録してください。",
        "확인을 기다리는 Authenticator 앱이 없습니다. 다시 등록하십시오.",
    ),
    "authenticator-required": (
        "",
        "この組織には認証アプリを使ってサインインしたユーザーだけが入れます。管理エリアで登録し、サインインし直してください。",
        "이 조직에는 Authenticator 앱으로 로그인한 사용자만 들어갈 수 있습니다. 관리 영역에서 등록한 뒤 다시 로그인하십시오.",
    ),
    "body-too-large": (
        "What was sent is larger than this page takes.",
        "送信された内容が大きすぎます。",
        "보낸 내용이 너무 큽니다.",
    ),
    "code-refused": (
        "",
        "コードが正しくありません。現在有効なコードを入力してください。",
        "코드가 올바르지 않습니다. 현재 유효한 코드를 입력하십시오.",
    ),
    "code-required": (
        "Enter the code of your authenticator app, or a recovery code, beside the password.",
        "パスワードに加えて、認証アプリのワンタイムパスワードまたはリカバリーコードを入力してください。",
        "비밀번호와 함께 Authenticator 앱의 일회용 비밀번호 또는 복구 코드를 입력하십시오.",
    ),
    "code-used": (
        "",
        "このコードはすでに使用されています。次のコードを使用してください。",
        "이미 사용한 코드입니다. 다음 코드를 사용하십시오.",
    ),
    "conflict": (
        "",
        "現在の状態では実行できません。ページを開き直して確認してください。",
        "현재 상태에서는 실행할 수 없습니다. 페이지를 다시 열어 확인하십시오.",
    ),
    "cookies-missing": (
        (
            "Your browser sent no cookie. Allow cookies for this site, and open it at its https "
            "address. Nothing was changed."
        ),
        (
            "ブラウザーから Cookie が送信されませんでした。このサイトの Cookie を許可し、https のアドレスで"
            "開いてください。変更はありません。"
        ),
        (
            "브라우저에서 쿠키를 보내지 않았습니다. 이 사이트의 쿠키를 허용하고 https 주소로 여십시오. "
            "변경된 것은 없습니다."
        ),
    ),
    "credentials-refused": (
        "",
        "パスワードが正しくありません。",
        "비밀번호가 올바르지 않습니다.",
    ),
    "cursor-unreadable": (
        "This page of the list is not there any more. Begin at the first one.",
        "一覧のこのページはありません。最初のページから開いてください。",
        "목록의 이 페이지가 없습니다. 첫 페이지부터 여십시오.",
    ),
    "default-folder-stays": (
        "",
        "既定のフォルダーは移動も削除もできません。",
        "기본 폴더는 이동하거나 삭제할 수 없습니다.",
    ),
    "device-not-found": (
        "",
        "このデバイスはありません。",
        "이 장치가 없습니다.",
    ),
    "email-change-refused": (
        "",
        "このリンクは使用できません。もう一度メールアドレスの変更を申し込んでください。",
        "이 링크는 사용할 수 없습니다. 이메일 주소 변경을 다시 신청하십시오.",
    ),
    "email-unchanged": (
        "",
        "現在と同じアドレスです。",
        "현재와 같은 주소입니다.",
    ),
    "folder-full": (
        "",
        "一つのフォルダーに入れられるフォルダーは {most} 個までです。",
        "한 폴더에는 폴더를 {most}개까지 넣을 수 있습니다.",
    ),
    "folder-inside-itself": (
        "",
        "フォルダーをそれ自身やその中に移動することはできません。",
        "폴더를 자기 자신이나 그 안으로 이동할 수 없습니다.",
    ),
    "folder-name-taken": (
        "",
        "同じ名前のフォルダーがあります。別の名前にしてください。",
        "같은 이름의 폴더가 있습니다. 다른 이름을 사용하십시오.",
    ),
    "folder-not-found": (
        "",
        "このフォルダーはありません。",
        "이 폴더가 없습니다.",
    ),
    "folder-too-deep": (
        "",
        "フォルダーの階層は {most} 段までです。",
        "폴더는 {most}단계까지 만들 수 있습니다.",
    ),
    "folders-required": (
        "Choose at least one folder.",
        "フォルダーを1つ以上選択してください。",
        "폴더를 하나 이상 선택하십시오.",
    ),
    "forbidden": (
        "",
        "この操作を行う権限がありません。",
        "이를 수행할 권한이 없습니다.",
    ),
    "form-refused": (
        "",
        "このフォームは古いか、別のサイトから送信されました。ページを開き直してください。変更はありません。",
        "이 양식은 오래되었거나 다른 사이트에서 보낸 것입니다. 페이지를 다시 여십시오. 변경된 것은 없습니다.",
    ),
    "grant-not-found": (
        "",
        "このフォルダーへのアクセス許可は、このメンバーに直接付与されていません。",
        "이 폴더에 대한 액세스 권한이 이 구성원에게 직접 부여되어 있지 않습니다.",
    ),
    "idempotency-mismatch": (
        "This form was sent before. Check what came of it, then send it again if needed.",
        "このフォームはすでに送信されています。結果を確認し、必要であればもう一度送信してください。",
        "이 양식은 이미 보냈습니다. 결과를 확인하고 필요하면 다시 보내십시오.",
    ),
    "invalid": (
        "",
        "入力内容を確認してください。",
        "입력한 내용을 확인하십시오.",
    ),
    "invalid-request": (
        "Check what you entered.",
        "入力内容を確認してください。",
        "입력한 내용을 확인하십시오.",
    ),
    "invitation-not-found": (
        "",
        "この招待はありません。",
        "이 초대가 없습니다.",
    ),
    "invitation-over": (
        "",
        "この招待は終了しています。新しい招待が必要です。",
        "이 초대는 종료되었습니다. 새 초대가 필요합니다.",
    ),
    "keeping-not-allowed": (
        "",
        "このシステムではサインイン状態を保持できません。もう一度サインインしてください。",
        "이 시스템에서는 로그인 상태를 유지할 수 없습니다. 다시 로그인하십시오.",
    ),
    "last-owner": (
        "",
        "所有者のいない組織ができてしまいます。先にほかのメンバーを所有者にするか、組織をアーカイブしてください。",
        "소유자가 없는 조직이 생깁니다. 먼저 다른 구성원을 소유자로 지정하거나 조직을 보관하십시오.",
    ),
    "malformed-request": (
        "What was sent cannot be read.",
        "送信された内容を読み取れません。",
        "보낸 내용을 읽을 수 없습니다.",
    ),
    "manage-required": (
        "",
        "先に管理エリアに入ってください。",
        "먼저 관리 영역에 들어가십시오.",
    ),
    "manage-session": (
        "",
        "このセッションで開けるのは管理エリアだけです。通常どおりサインインしてください。",
        "이 세션으로는 관리 영역만 열 수 있습니다. 평소와 같이 로그인하십시오.",
    ),
    "member-not-found": (
        "",
        "この組織に該当するメンバーはいません。",
        "이 조직에 해당하는 구성원이 없습니다.",
    ),
    "method-not-allowed": (
        "This address does not take that. Open the page again.",
        "このアドレスではその操作を行えません。ページを開き直してください。",
        "이 주소에서는 이를 수행할 수 없습니다. 페이지를 다시 여십시오.",
    ),
    "method-not-offered": (
        "This method is not available for this sign-in. Choose another one.",
        "この方法は使用できません。別の方法を選択してください。",
        "이 방법은 사용할 수 없습니다. 다른 방법을 선택하십시오.",
    ),
    "name-refused": (
        "",
        "この名前は使用できません。空にせず、短くし、改行などの制御文字を含めないでください。",
        "이 이름은 사용할 수 없습니다. 비워 두지 말고, 짧게, 줄바꿈 등의 제어 문자 없이 입력하십시오.",
    ),
    "not-found": (
        "",
        "ここには何もありません。",
        "여기에는 아무것도 없습니다.",
    ),
    "not-invited": (
        "",
        "この招待は別のメールアドレス宛てです。そのアドレスのアカウントでサインインしてください。",
        "이 초대는 다른 이메일 주소로 보낸 것입니다. 그 주소의 계정으로 로그인하십시오.",
    ),
    "not-permitted": (
        "Your role does not include this.",
        "あなたの役割ではこの操作を行えません。",
        "귀하의 역할로는 이를 수행할 수 없습니다.",
    ),
    "organization-archived": (
        "",
        "この組織はアーカイブされています。",
        "이 조직은 보관되었습니다.",
    ),
    "organization-full": (
        "",
        "一つの組織に作成できるフォルダーは {most} 個までです。",
        "한 조직에는 폴더를 {most}개까지 만들 수 있습니다.",
    ),
    "organization-not-found": (
        "",
        "この組織はないか、あなたはメンバーではありません。",
        "이 조직이 없거나 귀하가 구성원이 아닙니다.",
    ),
    "organizations-too-fast": (
        "",
        "24時間以内に作成できる組織の数に達しました。",
        "24시간 안에 만들 수 있는 조직 수에 도달했습니다.",
    ),
    "own-membership": (
        "",
        "削除するユーザーにあなた自身が含まれています。組織を離れるには「組織から退出」を使用してください。",
        "제거할 사용자에 본인이 포함되어 있습니다. 조직을 떠나려면 조직 나가기를 사용하십시오.",
    ),
    "owner-not-invitable": (
        "",
        "所有者として招待することはできません。管理者として招待し、その後に所有者にしてください。",
        "소유자로 초대할 수 없습니다. 관리자로 초대한 다음 소유자로 지정하십시오.",
    ),
    "password-breached": (
        "",
        "このパスワードは最初に試されるものの一つです。別のパスワードにしてください。",
        "가장 먼저 시도되는 비밀번호 중 하나입니다. 다른 비밀번호를 사용하십시오.",
    ),
    "password-context": (
        "",
        "このパスワードはサービス名やお名前から容易に推測されます。別のパスワードにしてください。",
        "서비스 이름이나 본인 이름으로 쉽게 추측할 수 있는 비밀번호입니다. 다른 비밀번호를 사용하십시오.",
    ),
    "password-too-long": (
        "",
        "パスワードは {most} 文字以内にしてください。",
        "비밀번호는 {most}자 이하로 입력하십시오.",
    ),
    "password-too-short": (
        "",
        "パスワードは {least} 文字以上にしてください。",
        "비밀번호는 {least}자 이상으로 입력하십시오.",
    ),
    "password-unchanged": (
        "",
        "現在と異なるパスワードにしてください。",
        "현재와 다른 비밀번호를 사용하십시오.",
    ),
    "person-required": (
        "",
        "この操作はサインインした本人だけが行えます。",
        "로그인한 본인만 수행할 수 있습니다.",
    ),
    "rate-exceeded": (
        "",
        "このアドレスからのアクセスが多すぎます。",
        "이 주소에서 보낸 요청이 너무 많습니다.",
    ),
    "recovery-codes-disabled": (
        "",
        "誤りが続いたため、リカバリーコードは無効になりました。認証アプリで入り、新しいコードを作成してください。",
        "잘못된 코드가 계속되어 복구 코드가 비활성화되었습니다. Authenticator 앱으로 들어가 새 코드를 만드십시오.",
    ),
    "recovery-codes-not-found": (
        "",
        "確認待ちのリカバリーコードはありません。新しく作成してください。",
        "확인을 기다리는 복구 코드가 없습니다. 새로 만드십시오.",
    ),
    "risk-not-confirmed": (
        "Tick the box first.",
        "先にチェックボックスをオンにしてください。",
        "먼저 확인란을 선택하십시오.",
    ),
    "service-unavailable": (
        "A part of the system is away for a moment. Nothing is lost.",
        "システムの一部が一時的に利用できません。",
        "시스템의 일부를 잠시 사용할 수 없습니다.",
    ),
    "session-not-found": (
        "",
        "このセッションはないか、すでに終了しています。",
        "이 세션은 없거나 이미 종료되었습니다.",
    ),
    "sign-in-over": (
        "",
        "サインインの有効時間が過ぎました。もう一度パスワードから始めてください。",
        "로그인 유효 시간이 지났습니다. 비밀번호부터 다시 시작하십시오.",
    ),
    "sign-in-refused": (
        "",
        "メールアドレスまたはパスワードが正しくありません。",
        "이메일 주소 또는 비밀번호가 올바르지 않습니다.",
    ),
    "step-up-required": (
        "Enter your credentials again first.",
        "先にパスワードなどをもう一度入力してください。",
        "먼저 비밀번호 등을 다시 입력하십시오.",
    ),
    "system-not-found": (
        "",
        "このシステムはありません。",
        "이 시스템이 없습니다.",
    ),
    "throttled": (
        "Too many tries.",
        "試行回数が多すぎます。",
        "시도 횟수가 너무 많습니다.",
    ),
    "too-many": ("Too many tries.", "試行回数が多すぎます。", "시도 횟수가 너무 많습니다."),
    "too-many-api-tokens": (
        "",
        "API トークンは {most} 個までです。不要なものを無効にしてください。",
        "API 토큰은 {most}개까지입니다. 필요 없는 것을 폐기하십시오.",
    ),
    "too-many-invitation-tokens": (
        "",
        "招待のリンクの試行回数が多すぎます。",
        "초대 링크를 너무 많이 시도했습니다.",
    ),
    "too-many-invitations": (
        "",
        "24時間以内に送信できる招待の数に達しました。",
        "24시간 안에 보낼 수 있는 초대 수에 도달했습니다.",
    ),
    "too-many-organizations": (
        "",
        "作成できる組織の数の上限に達しています。",
        "만들 수 있는 조직 수의 한도에 도달했습니다.",
    ),
    "totp-out-of-sync": (
        "",
        "このコードは別の時刻のものです。スマートフォンの時計を合わせてください。",
        "다른 시각의 코드입니다. 휴대전화의 시계를 맞추십시오.",
    ),
    "unauthenticated": (
        "",
        "セッションが終了しました。もう一度サインインしてください。",
        "세션이 종료되었습니다. 다시 로그인하십시오.",
    ),
    "unavailable": (
        "A part of the system is away for a moment. Nothing is lost.",
        "システムの一部が一時的に利用できません。",
        "시스템의 일부를 잠시 사용할 수 없습니다.",
    ),
    "unexpected-failure": (
        "Something went wrong on our side. Quote the request id to operators.",
        "システム側で問題が発生しました。運用者にリクエスト ID をお伝えください。",
        "시스템에 문제가 발생했습니다. 시스템 운영자에게 요청 ID를 알려 주십시오.",
    ),
    "verification-password-refused": (
        (
            "This is not the password of this registration. If several mails came, open the link of "
            "yours; or choose a new password below."
        ),
        (
            "この登録のパスワードではありません。メールが複数届いている場合は、ご自身の登録のリンクを"
            "開いてください。または、下のリンクから新しいパスワードを設定してください。"
        ),
        (
            "이 등록의 비밀번호가 아닙니다. 메일이 여러 통 왔다면 본인이 등록한 것의 링크를 여십시오. "
            "또는 아래에서 새 비밀번호를 설정하십시오."
        ),
    ),
    **LICENSE_REFUSALS,
}

# Of single fields, where the refusal names them; in English its own words are used.
FIELDS: Mapping[str, tuple[str, str, str]] = {
    "email": (
        "",
        "メールアドレスの形式が正しくありません。",
        "이메일 주소 형식이 올바르지 않습니다.",
    ),
    "name": (
        "",
        "名前を入力してください。長すぎる名前は使用できません。",
        "이름을 입력하십시오. 너무 긴 이름은 사용할 수 없습니다.",
    ),
    "notes": ("", "備考は 4000 文字以内にしてください。", "메모는 4000자 이하로 입력하십시오."),
    "parent_id": (
        "Choose a folder.",
        "フォルダーを選択してください。",
        "폴더를 선택하십시오.",
    ),
    "scopes": ("Choose at least one.", "一つ以上選択してください。", "하나 이상 선택하십시오."),
    "expires_at": (
        "Choose another day.",
        "別の期間を選択してください。",
        "다른 기간을 선택하십시오.",
    ),
}
ANY_FIELD = ("", "この欄を確認してください。", "이 항목을 확인하십시오.")
