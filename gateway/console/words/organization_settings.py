"""ORGANIZATION > Settings: name, notes, ID, policy, archiving, and leaving."""

from __future__ import annotations

from gateway.console.words import in_three

SETTINGS = in_three(
    {
        "title": ("Settings", "設定", "설정"),
        "general": ("General", "一般", "일반"),
        "edit": ("Edit", "編集", "편집"),
        "edit_named": ("Edit: General", "編集: 一般", "편집: 일반"),
        "name": ("Name", "名前", "이름"),
        "notes": ("Notes", "備考", "메모"),
        "no_notes": ("None", "なし", "없음"),
        "id": ("Organization ID", "組織 ID", "조직 ID"),
        "id_hint": (
            "Select and copy it: support asks for it.",
            "選択してコピーできます。サポートへの問い合わせに必要です。",
            "선택하여 복사하십시오. 지원을 요청할 때 필요합니다.",
        ),
        "created": ("Created", "作成日", "생성일"),
        "policy": ("Sign-in policy", "サインインのポリシー", "로그인 정책"),
        "policy_on": (
            "Members must have an authenticator.",
            "メンバーには認証アプリが必須です。",
            "구성원은 Authenticator 앱이 있어야 합니다.",
        ),
        "policy_off": (
            "Members may sign in without an authenticator.",
            "メンバーは認証アプリなしでもサインインできます。",
            "구성원은 Authenticator 앱 없이도 로그인할 수 있습니다.",
        ),
        "change_policy": ("Change the policy", "ポリシーを変更", "정책 변경"),
        "archive": ("Archive", "アーカイブ", "보관"),
        "archive_hint": (
            "When the organization is no longer needed, it can be archived for record keeping.",
            "組織が不要になった場合は、記録として保管するためにアーカイブできます。",
            "조직이 더 이상 필요하지 않으면 기록 보존을 위해 보관할 수 있습니다.",
        ),
        "leave": ("Leave the organization", "組織から退出", "조직 나가기"),
        "leave_hint": (
            "You lose all access to it.",
            "この組織へのアクセス権がすべて失われます。",
            "이 조직에 대한 모든 액세스 권한이 사라집니다.",
        ),
    }
)

GENERAL = in_three(
    {
        "title": ("General", "一般", "일반"),
        "name": ("Name", "名前", "이름"),
        "notes": ("Notes", "備考", "메모"),
        "notes_hint": (
            "A description of the organization.",
            "組織の説明です。",
            "조직에 대한 설명입니다.",
        ),
        "button": ("Save", "保存", "저장"),
    }
)

POLICY = in_three(
    {
        "title": ("Sign-in policy", "サインインのポリシー", "로그인 정책"),
        "lead": (
            (
                "With the policy on, members who did not sign in with an authenticator app see the "
                "organization in their list and nothing of it, from their next page on. They can still "
                "leave it."
            ),
            (
                "有効にすると、認証アプリを使わずにサインインしたメンバーには、次のページから、一覧に組織名が"
                "表示されるだけになります。組織から退出することはできます。"
            ),
            (
                "켜면 Authenticator 앱으로 로그인하지 않은 구성원에게는 다음 페이지부터 목록에 조직 이름만 표시됩니다. "
                "조직에서 나가는 것은 가능합니다."
            ),
        ),
        "label": (
            "Members must have an authenticator",
            "メンバーに認証アプリを必須とする",
            "구성원에게 Authenticator 앱 요구",
        ),
        "on": ("Yes", "はい", "예"),
        "off": ("No", "いいえ", "아니요"),
        "button": ("Save", "保存", "저장"),
    }
)

ARCHIVE = in_three(
    {
        "title": ("Archive", "アーカイブ", "보관"),
        "caution_title": ("Caution", "注意", "주의"),
        "caution": (
            (
                "There is no way to retrieve an organization after archiving. Save the organization ID "
                "first: after archiving by mistake it must be given to technical support."
            ),
            (
                "アーカイブ後に組織を取り出す方法はありません。先に組織 ID を保存してください。誤ってアーカイブした"
                "場合は、テクニカルサポートに組織 ID を伝える必要があります。"
            ),
            (
                "보관한 후에는 조직을 검색할 방법이 없습니다. 먼저 조직 ID를 저장하십시오. 실수로 보관한 경우 "
                "기술 지원 부서에 조직 ID를 알려야 합니다."
            ),
        ),
        "licenses": (
            (
                "Active subscription licenses of the organization become unusable and are not refunded. "
                "Remove the devices before."
            ),
            (
                "組織の有効なサブスクリプションライセンスは使用できなくなり、返金されません。"
                "先にデバイスを削除することをお勧めします。"
            ),
            (
                "조직의 활성 구독 라이선스는 사용할 수 없게 되며 환불되지 않습니다. 먼저 장치를 제거하는 것이 "
                "좋습니다."
            ),
        ),
        "id": ("Organization ID", "組織 ID", "조직 ID"),
        "id_hint": (
            "Copy it. The next step asks for it.",
            "コピーしてください。次の手順で必要です。",
            "복사하십시오. 다음 단계에서 필요합니다.",
        ),
        "button": ("Archive organization", "組織をアーカイブする", "조직 아카이빙"),
    }
)

ARCHIVE_CONFIRM = in_three(
    {
        "title": ("Archive organization", "組織をアーカイブする", "조직 아카이빙"),
        "paste": (
            "Paste the organization ID",
            "組織 ID を貼り付けてください",
            "조직 ID를 붙여 넣으십시오",
        ),
        "paste_hint": (
            "Of {name}, as copied in the step before.",
            "前の手順でコピーした {name} の ID です。",
            "이전 단계에서 복사한 {name}의 ID입니다.",
        ),
        "understand": (
            "I understand the risks",
            "リスクを理解しました",
            "위험을 이해했습니다",
        ),
        "button": ("Archive", "アーカイブ", "보관"),
    }
)

LEAVE = in_three(
    {
        "title": ("Leave the organization", "組織から退出", "조직 나가기"),
        "lead": (
            (
                "You lose all access to {name} at once. To come back you need another invitation. "
                "Invitations that you sent and that still wait are revoked."
            ),
            (
                "{name} へのアクセス権が直ちにすべて失われます。再び参加するには新しい招待が必要です。"
                "あなたが送った承諾待ちの招待は取り消されます。"
            ),
            (
                "{name}에 대한 모든 액세스 권한이 즉시 사라집니다. 다시 참가하려면 새 초대가 필요합니다. "
                "본인이 보낸 대기 중인 초대는 철회됩니다."
            ),
        ),
        "button": ("Leave", "退出", "나가기"),
    }
)
