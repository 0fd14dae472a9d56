"""ORGANIZATION > Users: members, their roles and folders, and invitations."""

from __future__ import annotations

from gateway.console.words import in_three, joined

USERS = in_three(
    {
        "title": ("Users", "ユーザー", "사용자"),
        "invite": ("Invite users", "ユーザーの招待", "사용자 초대"),
        "overview": (
            "An overview of the users and their roles. Owners and admins change them.",
            "ユーザーとその役割の概要です。変更は所有者と管理者が行います。",
            "사용자와 그 역할의 개요입니다. 변경은 소유자와 관리자가 합니다.",
        ),
        "select": ("Select", "選択", "선택"),
        "select_named": ("Select {name}", "{name} を選択", "{name} 선택"),
        "email": ("Email", "電子メール", "이메일"),
        "role": ("Role", "役割", "역할"),
        "joined": ("Joined", "参加日", "참가일"),
        "actions": ("Actions", "操作", "동작"),
        "you": ("you", "あなた", "나"),
        "unknown": (
            "Address unknown ({id})",
            "アドレス不明 ({id})",
            "주소를 알 수 없음({id})",
        ),
        "pending": (
            "Elevation pending: {role}",
            "昇格待ち: {role}",
            "승격 대기: {role}",
        ),
        "elevate_operator": (
            "Elevate to Operator",
            "オペレーターに昇格",
            "운영자로 승격",
        ),
        "elevate_admin": ("Elevate to Admin", "管理者に昇格", "관리자로 승격"),
        "roles_and_access": ("Roles and access", "役割とアクセス", "역할 및 액세스"),
        "remove_user": ("Remove user", "ユーザーの削除", "사용자 제거"),
        "remove_selected": (
            "Remove the selected users",
            "選択したユーザーを削除",
            "선택한 사용자 제거",
        ),
    }
)

REMOVAL = in_three(
    {
        "title": ("Remove users", "ユーザーの削除", "사용자 제거"),
        "title_one": ("Remove user", "ユーザーの削除", "사용자 제거"),
        "lead": (
            (
                "They lose all access to {name} at once, with the folders granted to them. Invitations "
                "that they sent and that still wait are revoked. Their accounts stay."
            ),
            (
                "{name} へのアクセス権が、付与されたフォルダーとともに直ちに失われます。"
                "本人が送った承諾待ちの招待は取り消されます。アカウント自体は残ります。"
            ),
            (
                "{name}에 대한 모든 액세스 권한과 부여된 폴더가 즉시 사라집니다. 본인이 보낸 대기 중인 "
                "초대는 철회됩니다. 계정 자체는 남습니다."
            ),
        ),
        "who": ("Who is removed", "削除するユーザー", "제거할 사용자"),
        "button": ("Remove", "削除", "제거"),
    }
)

ACCESS = in_three(
    {
        "title": ("Roles and access", "役割とアクセス", "역할 및 액세스"),
        "role": ("Role", "役割", "역할"),
        "joined": ("Joined", "参加日", "참가일"),
        "immediate": (
            "The role changes immediately when it is selected.",
            "役割は選択するとすぐに変更されます。",
            "역할은 선택하는 즉시 변경됩니다.",
        ),
        "present": ("Present role", "現在の役割", "현재 역할"),
        "choose_owner": ("Select: Owner", "選択: 所有者", "선택: 소유자"),
        "choose_admin": ("Select: Admin", "選択: 管理者", "선택: 관리자"),
        "choose_operator": ("Select: Operator", "選択: オペレーター", "선택: 운영자"),
        "choose_viewer": ("Select: Viewer", "選択: 閲覧者", "선택: 관찰자"),
        "about_owner": (
            "Full access to the organization, its users, applications and devices. Decides who else is owner.",
            "組織、ユーザー、アプリケーション、デバイスへのフルアクセス。ほかの所有者を決められます。",
            "조직, 사용자, 애플리케이션, 장치에 대한 전체 액세스. 다른 소유자를 정할 수 있습니다.",
        ),
        "about_admin": (
            "Full access to the system: users, devices, licenses, video. Has access to all folders.",
            "システムへのフルアクセス: ユーザー、デバイス、ライセンス、映像。すべてのフォルダーにアクセスできます。",
            "시스템에 대한 전체 액세스: 사용자, 장치, 라이선스, 영상. 모든 폴더에 액세스할 수 있습니다.",
        ),
        "about_operator": (
            "Live video, control of devices and playback of recordings, in the folders granted.",
            "許可されたフォルダー内で、ライブ映像の監視、デバイスの操作、録画の再生ができます。",
            "부여된 폴더에서 실시간 영상, 장치 제어, 녹화 재생을 할 수 있습니다.",
        ),
        "about_viewer": (
            "Live video in the folders granted; no control of devices and no recordings.",
            "許可されたフォルダー内でライブ映像を監視できます。デバイスの操作と録画の再生はできません。",
            "부여된 폴더에서 실시간 영상을 볼 수 있습니다. 장치 제어와 녹화 재생은 할 수 없습니다.",
        ),
        "folders": ("Folders", "フォルダー", "폴더"),
        "folders_hint": (
            "A folder opens everything below it. The role decides what may be done in it.",
            "フォルダーを選ぶと、その下のすべてにアクセスできます。何ができるかは役割によって決まります。",
            "폴더를 선택하면 그 아래 모든 것에 액세스할 수 있습니다. 할 수 있는 일은 역할에 따라 다릅니다.",
        ),
        "sees_all": (
            (
                "This role has access to all folders. What was granted before is kept and counts again "
                "for an operator or viewer."
            ),
            (
                "この役割はすべてのフォルダーにアクセスできます。以前に許可したフォルダーは保存され、"
                "オペレーターまたは閲覧者に戻すと再び有効になります。"
            ),
            (
                "이 역할은 모든 폴더에 액세스할 수 있습니다. 이전에 부여한 폴더는 보존되며 운영자나 "
                "관찰자로 돌아가면 다시 적용됩니다."
            ),
        ),
        "save": ("Save", "保存", "저장"),
        "remove_user": ("Remove user", "ユーザーの削除", "사용자 제거"),
        "to_users": ("Users", "ユーザー", "사용자"),
    }
)

OWNER_ROLE = in_three(
    {
        "title": ("Change the role", "役割の変更", "역할 변경"),
        "promote": (
            (
                "An owner has full access to the organization, can make and unmake owners, you "
                "included, and can archive the organization. To transfer ownership, promote a user, "
                "then change your own role."
            ),
            (
                "所有者は組織へのフルアクセスを持ち、あなたを含む所有者の追加や解除、組織のアーカイブができます。"
                "所有権を移すには、ユーザーを所有者に昇格させてから、自分の役割を変更してください。"
            ),
            (
                "소유자는 조직에 대한 전체 액세스 권한을 가지며, 귀하를 포함한 소유자를 지정하거나 해제하고 "
                "조직을 보관할 수 있습니다. 소유권을 이전하려면 사용자를 소유자로 승격한 다음 본인의 역할을 "
                "변경하십시오."
            ),
        ),
        "demote": (
            "This takes the role of owner away. The organization must keep at least one owner.",
            "所有者の役割を解除します。組織には少なくとも1人の所有者が必要です。",
            "소유자 역할을 해제합니다. 조직에는 소유자가 한 명 이상 있어야 합니다.",
        ),
        "button": ("Change the role", "役割を変更", "역할 변경"),
    }
)

INVITE = in_three(
    {
        "title": ("Invite users", "ユーザーの招待", "사용자 초대"),
        "lead": (
            "The invited person gets an e-mail with a link, which works once and for that address only.",
            "招待された人には、一度だけ、そのアドレスに限って使えるリンクがメールで届きます。",
            "초대받은 사람에게 한 번만, 해당 주소로만 사용할 수 있는 링크가 이메일로 전송됩니다.",
        ),
        "email": ("Email", "電子メール", "이메일"),
        "role": ("Role", "役割", "역할"),
        "role_hint": (
            (
                "For security reasons invitations are limited to the viewer role, unless this "
                "installation is set otherwise: you elevate the user with one press after joining."
            ),
            (
                "セキュリティ上の理由から、このシステムで別の設定がされていない限り、招待は閲覧者の役割に"
                "限られます。参加後にワンクリックで昇格できます。"
            ),
            (
                "보안상의 이유로, 이 시스템에 별도 설정이 없는 한 초대는 관찰자 역할로 제한됩니다. "
                "참가한 뒤 한 번 눌러 승격할 수 있습니다."
            ),
        ),
        "folders": ("Folders", "フォルダー", "폴더"),
        "folders_hint": (
            (
                "For Operator or Viewer, choose the folders that the user may access. The Admin role "
                "has access to all folders."
            ),
            (
                "オペレーターまたは閲覧者の場合は、アクセスを許可するフォルダーを選択してください。"
                "管理者はすべてのフォルダーにアクセスできます。"
            ),
            (
                "운영자 또는 관찰자의 경우 액세스할 수 있는 폴더를 선택하십시오. 관리자 역할은 모든 폴더에 "
                "액세스할 수 있습니다."
            ),
        ),
        "button": ("Invite", "招待", "초대"),
    }
)

EDIT_INVITATION = joined(
    INVITE,
    in_three(
        {
            "title": ("Edit the invitation", "招待の編集", "초대 편집"),
            "lead": (
                "For {email}. The link in the mail stays good.",
                "{email} 宛ての招待です。メールのリンクは引き続き使用できます。",
                "{email} 주소로 보낸 초대입니다. 이메일의 링크는 계속 사용할 수 있습니다.",
            ),
            "button": ("Save", "保存", "저장"),
        }
    ),
)

INVITATIONS = in_three(
    {
        "pending_title": ("Pending invitations", "承諾待ちの招待", "대기 중인 초대"),
        "none": ("None waits.", "承諾待ちの招待はありません。", "대기 중인 초대가 없습니다."),
        "requested": ("Requested role", "希望する役割", "요청한 역할"),
        "folders_count": ("Folders", "フォルダー", "폴더"),
        "sent": ("Invited", "招待日", "초대일"),
        "expires": ("Ends", "有効期限", "만료"),
        "edit": ("Edit", "編集", "편집"),
        "edit_named": ("Edit: {name}", "編集: {name}", "편집: {name}"),
        "resend": ("Resend", "再送信", "다시 보내기"),
        "resend_named": ("Resend: {name}", "再送信: {name}", "다시 보내기: {name}"),
        "revoke": ("Revoke", "取り消す", "철회"),
        "revoke_named": ("Revoke: {name}", "取り消す: {name}", "철회: {name}"),
        "all_pending": (
            "All pending invitations",
            "すべての承諾待ちの招待",
            "대기 중인 모든 초대",
        ),
    }
)

CHOICE = in_three(
    {
        "open": ("Open", "開く", "열기"),
        "open_named": ("Open {name}", "{name} を開く", "{name} 열기"),
        "chosen": ("Chosen", "選択中", "선택됨"),
        "at": ("In {name}", "{name} の中", "{name} 안"),
        "empty": ("No folders in it.", "フォルダーはありません。", "폴더가 없습니다."),
    }
)
