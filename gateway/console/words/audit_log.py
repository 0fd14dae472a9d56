"""The audit log of an organization."""

from __future__ import annotations

from gateway.console.words import in_three

AUDIT_LOG = in_three(
    {
        "title": ("Audit log", "監査ログ", "감사 로그"),
        "lead": (
            "What was done in the organization, newest first. Days begin and end at 00:00 UTC.",
            "組織内で行われた操作です。新しい順に表示します。日付は UTC の 0 時を境とします。",
            "조직에서 이루어진 동작입니다. 최신순으로 표시합니다. 날짜는 UTC 0시를 기준으로 합니다.",
        ),
        "filter": ("Filter", "絞り込み", "필터"),
        "apply": ("Apply", "適用", "적용"),
        "action": ("Action", "操作", "동작"),
        "any_action": ("Every action", "すべての操作", "모든 동작"),
        "by": ("By", "実行者", "실행자"),
        "anybody": ("Everybody", "すべてのユーザー", "모든 사용자"),
        "since": ("From", "開始日", "시작일"),
        "until": ("To", "終了日", "종료일"),
        "wrong_day": (
            "This is not a day.",
            "日付が正しくありません。",
            "날짜가 올바르지 않습니다.",
        ),
        "at": ("Time", "日時", "시각"),
        "result": ("Result", "結果", "결과"),
        "done": ("done", "完了", "완료"),
        "refused": ("refused", "拒否", "거부"),
        "details": ("Details", "詳細", "세부 정보"),
        "system": ("the installation ({name})", "システム ({name})", "시스템({name})"),
        "gone": ("account {id}", "アカウント {id}", "계정 {id}"),
        "none": ("Nothing is listed.", "該当する記録はありません。", "해당하는 기록이 없습니다."),
        "csv": ("Download as CSV", "CSV をダウンロード", "CSV 다운로드"),
    }
)

# By the name that the entry carries.
ACTIONS = in_three(
    {
        "organization_created": ("Organization created", "組織の作成", "조직 생성"),
        "org_renamed": ("Organization renamed", "組織名の変更", "조직 이름 변경"),
        "org_notes_changed": ("Notes changed", "備考の変更", "메모 변경"),
        "org_policy_changed": ("Policy changed", "ポリシーの変更", "정책 변경"),
        "org_archived": ("Organization archived", "組織のアーカイブ", "조직 보관"),
        "org_restored": ("Organization restored", "組織の復元", "조직 복원"),
        "owner_changed": ("Owner changed", "所有者の変更", "소유자 변경"),
        "owner_missing": ("No owner left", "所有者の不在", "소유자 없음"),
        "privilege_permissions_changed": (
            "Role or access changed",
            "役割またはアクセスの変更",
            "역할 또는 액세스 변경",
        ),
        "user_invited": ("User invited", "ユーザーの招待", "사용자 초대"),
        "invitation_changed": ("Invitation changed", "招待の変更", "초대 변경"),
        "invitation_resent": ("Invitation sent again", "招待の再送信", "초대 다시 보냄"),
        "invitation_revoked": ("Invitation revoked", "招待の取り消し", "초대 철회"),
        "user_joined": ("User joined", "ユーザーの参加", "사용자 참가"),
        "user_left": ("User left", "ユーザーの退出", "사용자 나감"),
        "user_removed": ("User removed", "ユーザーの削除", "사용자 제거"),
        "folder_created": ("Folder created", "フォルダーの作成", "폴더 생성"),
        "folder_renamed": ("Folder renamed", "フォルダー名の変更", "폴더 이름 변경"),
        "folder_moved": ("Folder moved", "フォルダーの移動", "폴더 이동"),
        "folder_deleted": ("Folder deleted", "フォルダーの削除", "폴더 삭제"),
        "folder_restored": ("Folder restored", "フォルダーの復元", "폴더 복원"),
        "deletion_forgotten": (
            "Deletion made final",
            "削除の確定",
            "삭제 확정",
        ),
        "authz_fail": ("Tried without the right", "権限のない操作", "권한 없는 시도"),
    }
)
