"""My Systems and the pages of organizations, in the words of the manuals (chapter 15)."""

from __future__ import annotations

from gateway.console.words import in_three

ROLES = in_three(
    {
        "owner": ("Owner", "所有者", "소유자"),
        "admin": ("Admin", "管理者", "관리자"),
        "operator": ("Operator", "オペレーター", "운영자"),
        "viewer": ("Viewer", "閲覧者", "관찰자"),
    }
)

# Around every page of an organization.
PANEL = in_three(
    {
        "panel": ("My Systems panel", "My Systems パネル", "My Systems 패널"),
        "switch": ("Switch organization", "組織の切り替え", "조직 전환"),
        "all": ("All organizations", "すべての組織", "모든 조직"),
        "create": ("+ Create new organization", "+新しい組織の作成", "+ 새 조직 만들기"),
        "organization": ("Organization", "組織", "조직"),
        "overview": ("Overview", "概要", "개요"),
        "users": ("Users", "ユーザー", "사용자"),
        "devices": ("Devices", "デバイス", "장치"),
        "settings": ("Settings", "設定", "설정"),
        "audit_log": ("Audit log", "監査ログ", "감사 로그"),
        "licenses": ("Licenses", "ライセンス", "라이선스"),
        "more": ("Further entries", "続きを表示", "더 보기"),
        "first": ("Back to the first entries", "最初に戻る", "처음으로"),
        "pages": ("Pages of the list", "一覧のページ", "목록 페이지"),
        "actions": ("Actions: {name}", "操作: {name}", "동작: {name}"),
    }
)

MY_SYSTEMS = in_three(
    {
        "title": ("Organizations", "組織", "조직"),
        "empty_title": (
            "Welcome to My Systems",
            "My Systems へようこそ",
            "My Systems에 오신 것을 환영합니다",
        ),
        "empty": (
            (
                "You do not belong to an organization yet. Create one: it hosts your devices and "
                "users, and you become its owner. Or open the link of an invitation that you got by "
                "e-mail."
            ),
            (
                "まだどの組織にも所属していません。組織を作成すると、デバイスとユーザーをまとめて管理でき、"
                "あなたがその所有者になります。招待メールが届いている場合は、メールのリンクを開いてください。"
            ),
            (
                "아직 소속된 조직이 없습니다. 조직을 만들면 장치와 사용자를 한곳에서 관리할 수 있으며 "
                "귀하가 그 소유자가 됩니다. 초대 이메일을 받았다면 이메일의 링크를 여십시오."
            ),
        ),
        "create": ("+ Create new organization", "+新しい組織の作成", "+ 새 조직 만들기"),
        "role": ("Your role: {role}", "あなたの役割: {role}", "내 역할: {role}"),
    }
)

CREATE = in_three(
    {
        "title": ("Create new organization", "新しい組織の作成", "새 조직 만들기"),
        "lead": (
            (
                "You become the owner of the organization. It begins with a default folder, from "
                "which you build the structure, and stands apart from every other organization."
            ),
            (
                "あなたが組織の所有者になります。組織には最初に既定のフォルダーがあり、そこから構成を作成します。"
                "ほかの組織とは完全に分離されています。"
            ),
            (
                "귀하가 조직의 소유자가 됩니다. 조직에는 처음에 기본 폴더가 있으며, 여기서부터 구조를 "
                "만듭니다. 다른 조직과는 완전히 분리됩니다."
            ),
        ),
        "name": ("Name of the organization", "組織の名前", "조직 이름"),
        "name_hint": (
            "Of the company, the customer or the subsidiary.",
            "会社、顧客、または子会社の名前です。",
            "회사, 고객 또는 자회사의 이름입니다.",
        ),
        "button": ("Create", "作成", "생성"),
    }
)

CREATED = in_three(
    {
        "title": ("{name} is ready", "{name} を作成しました", "{name} 생성 완료"),
        "owner": (
            "You are its owner.",
            "あなたがこの組織の所有者です。",
            "귀하가 이 조직의 소유자입니다.",
        ),
        "folder": (
            "Its default folder is there. Make folders in it for sites, rooms or roles.",
            "既定のフォルダーを作成しました。拠点、部屋、役割ごとにフォルダーを追加してください。",
            "기본 폴더가 만들어졌습니다. 현장, 방, 역할에 따라 폴더를 추가하십시오.",
        ),
        "next": ("What comes next", "次の手順", "다음 단계"),
        "to_folders": ("Build the folders", "フォルダーを構成", "폴더 구성"),
        "to_invite": ("Invite users", "ユーザーの招待", "사용자 초대"),
        "to_overview": ("Go to the organization", "組織を開く", "조직으로 이동"),
    }
)

OVERVIEW = in_three(
    {
        "title": ("Overview", "概要", "개요"),
        "role": ("Your role", "あなたの役割", "내 역할"),
        "notes": ("Notes", "備考", "메모"),
        "users": ("Users", "ユーザー", "사용자"),
        "users_hint": (
            "Who belongs to the organization, and as what.",
            "組織に所属するユーザーとその役割です。",
            "조직에 속한 사용자와 그 역할입니다.",
        ),
        "devices": ("Devices", "デバイス", "장치"),
        "devices_hint": (
            "Folders, and the devices in them.",
            "フォルダーと、その中のデバイスです。",
            "폴더와 그 안의 장치입니다.",
        ),
        "settings": ("Settings", "設定", "설정"),
        "settings_hint": (
            "Name, notes and ID of the organization.",
            "組織の名前、備考、ID です。",
            "조직의 이름, 메모, ID입니다.",
        ),
        "audit_log": ("Audit log", "監査ログ", "감사 로그"),
        "audit_log_hint": (
            "What was done in the organization, and by whom.",
            "組織内で誰が何をしたかの記録です。",
            "조직에서 누가 무엇을 했는지에 대한 기록입니다.",
        ),
        "licenses": ("Licenses", "ライセンス", "라이선스"),
        "licenses_hint": (
            "Products, their license status, wallets and subscriptions.",
            "製品とそのライセンスステータス、ウォレット、サブスクリプションです。",
            "제품과 그 라이선스 상태, 지갑, 구독입니다.",
        ),
        "invite": ("Invite users", "ユーザーの招待", "사용자 초대"),
    }
)

LOCKED = in_three(
    {
        "title": (
            "An authenticator is required",
            "認証アプリが必要です",
            "Authenticator 앱이 필요합니다",
        ),
        "lead": (
            (
                "The organization lets in only users who signed in with an authenticator app. Register "
                "one, then sign in again with its one-time password."
            ),
            (
                "この組織には、認証アプリを使ってサインインしたユーザーだけが入れます。認証アプリを登録し、"
                "ワンタイムパスワードでサインインし直してください。"
            ),
            (
                "이 조직에는 Authenticator 앱으로 로그인한 사용자만 들어갈 수 있습니다. Authenticator 앱을 등록한 다음 "
                "일회용 비밀번호로 다시 로그인하십시오."
            ),
        ),
        "register": (
            "Register an authenticator app",
            "認証アプリを登録",
            "Authenticator 앱 등록",
        ),
        "leave": ("Leave the organization", "組織から退出", "조직 나가기"),
        "others": ("Other organizations", "ほかの組織", "다른 조직"),
    }
)
