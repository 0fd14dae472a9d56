"""AXIS DEVICE MANAGER > Devices: folders, and the devices in them."""

from __future__ import annotations

from gateway.console.words import in_three

DEVICES = in_three(
    {
        "title": ("Devices", "デバイス", "장치"),
        "granted": (
            "The folders that are open to you.",
            "アクセスが許可されているフォルダーです。",
            "액세스가 허용된 폴더입니다.",
        ),
        "nothing_granted": (
            "No folder is open to you yet. Ask an owner or admin of the organization.",
            "アクセスできるフォルダーはまだありません。組織の所有者または管理者に依頼してください。",
            "아직 액세스할 수 있는 폴더가 없습니다. 조직의 소유자나 관리자에게 요청하십시오.",
        ),
        "path": ("Path", "パス", "경로"),
        "folders": ("Folders", "フォルダー", "폴더"),
        "no_folders": (
            "There are no folders in it.",
            "この中にフォルダーはありません。",
            "이 안에는 폴더가 없습니다.",
        ),
        "all_folders": ("All folders", "すべてのフォルダー", "모든 폴더"),
        "create": ("Create", "作成", "생성"),
        "rename": ("Rename", "名前の変更", "이름 변경"),
        "move": ("Move", "移動", "이동"),
        "delete": ("Delete", "削除", "삭제"),
        "devices": ("Devices", "デバイス", "장치"),
        "no_devices": (
            "There are no devices in this folder.",
            "このフォルダーにデバイスはありません。",
            "이 폴더에는 장치가 없습니다.",
        ),
        "away": (
            "The devices cannot be shown just now. Try again in a moment.",
            "現在デバイスを表示できません。しばらくしてからもう一度お試しください。",
            "지금은 장치를 표시할 수 없습니다. 잠시 후 다시 시도하십시오.",
        ),
        "name": ("Name", "名前", "이름"),
        "model": ("Model", "モデル", "모델"),
        "kind": ("Kind", "種類", "종류"),
        "version": ("AXIS OS", "AXIS OS バージョン", "AXIS OS 버전"),
        "address": ("Address", "アドレス", "주소"),
        "serial": ("Serial number", "シリアル番号", "일련 번호"),
        "actions": ("Actions", "操作", "동작"),
        "systems": ("Connected systems", "接続システム", "연결된 시스템"),
        "reported": ("Last report", "最終報告", "마지막 보고"),
        "seen": ("Last seen", "最終確認", "마지막 확인"),
    }
)

CREATE_FOLDER = in_three(
    {
        "title": ("Create a folder", "フォルダーの作成", "폴더 생성"),
        "lead": ("In {name}.", "{name} の中に作成します。", "{name} 안에 생성합니다."),
        "name": ("Name", "名前", "이름"),
        "name_hint": (
            "A site, a room or a role; different from the folders beside it.",
            "拠点、部屋、役割など。同じ場所にあるフォルダーと異なる名前にしてください。",
            "현장, 방, 역할 등. 같은 위치의 다른 폴더와 다른 이름을 사용하십시오.",
        ),
        "button": ("Create", "作成", "생성"),
    }
)

RENAME_FOLDER = in_three(
    {
        "title": ("Rename the folder", "フォルダー名の変更", "폴더 이름 변경"),
        "name": ("Name", "名前", "이름"),
        "button": ("Save", "保存", "저장"),
    }
)

MOVE_FOLDER = in_three(
    {
        "title": ("Move the folder", "フォルダーの移動", "폴더 이동"),
        "lead": (
            (
                "{name} moves with everything in it. Whoever may look into the new place may look into "
                "it at once; access that came from the old place ends. What was granted on the folder "
                "itself stays."
            ),
            (
                "{name} は、中にあるものすべてとともに移動します。移動先にアクセスできるユーザーは直ちに"
                "アクセスできるようになり、移動元から受け継いだアクセス権は失われます。フォルダー自体に"
                "付与された権限は残ります。"
            ),
            (
                "{name} 폴더는 안에 있는 모든 것과 함께 이동합니다. 새 위치에 액세스할 수 있는 사용자는 즉시 "
                "액세스할 수 있으며, 이전 위치에서 받은 액세스는 끝납니다. 폴더 자체에 부여된 권한은 "
                "유지됩니다."
            ),
        ),
        "to": ("Move to", "移動先", "이동할 위치"),
        "button": ("Move", "移動", "이동"),
    }
)

MOVE_ITEM = in_three(
    {
        "title": ("Move {name}", "{name} の移動", "{name} 이동"),
        "lead": (
            "Who may see it follows the new folder at once.",
            "移動先のフォルダーにアクセスできるユーザーだけが、直ちに表示できるようになります。",
            "이동한 폴더에 액세스할 수 있는 사용자만 즉시 볼 수 있게 됩니다.",
        ),
        "to": ("Move to", "移動先", "이동할 위치"),
        "button": ("Move", "移動", "이동"),
    }
)

DELETE_FOLDER = in_three(
    {
        "title": ("Delete the folder", "フォルダーの削除", "폴더 삭제"),
        "warning": (
            (
                "Deleting {name} also deletes all its resources and subfolders, including connected "
                "systems such as AXIS Camera Station or AXIS Body Worn. Grants on them are revoked. Make "
                "sure that nothing is connected to it, and move devices to another folder first."
            ),
            (
                "{name} を削除すると、AXIS Camera Station や AXIS Body Worn などの接続システムを含む、"
                "すべてのリソースとサブフォルダーも削除されます。ユーザーに与えられたアクセス許可は"
                "取り消されます。何も接続されていないことを確認し、先にデバイスを別のフォルダーに移動してください。"
            ),
            (
                "{name} 폴더를 삭제하면 AXIS Camera Station, AXIS Body Worn 등 연결된 시스템을 포함한 모든 "
                "리소스와 하위 폴더도 삭제됩니다. 액세스 권한이 부여된 사용자의 권한은 철회됩니다. 연결된 "
                "것이 없는지 확인하고 먼저 장치를 다른 폴더로 옮기십시오."
            ),
        ),
        "support": (
            "There is no undo here. Only the operators of this installation can bring it back, for some days.",
            "元に戻す操作はありません。復元できるのはこのシステムの運用者だけで、期間も限られています。",
            "되돌릴 수 없습니다. 이 시스템의 운영 담당자만 며칠 동안 복원할 수 있습니다.",
        ),
        "goes": ("What is deleted with it", "一緒に削除されるもの", "함께 삭제되는 항목"),
        "subfolders": ("Subfolders", "サブフォルダー", "하위 폴더"),
        "devices": ("Devices", "デバイス", "장치"),
        "systems": ("Connected systems", "接続システム", "연결된 시스템"),
        "grants": ("Grants of users", "ユーザーのアクセス許可", "사용자의 액세스 권한"),
        "unknown": (
            "could not be counted just now",
            "現在確認できません",
            "지금은 확인할 수 없음",
        ),
        "understand": (
            "I understand the risk",
            "リスクを理解しました",
            "위험을 이해했습니다",
        ),
        "button": ("Delete", "削除", "삭제"),
    }
)
