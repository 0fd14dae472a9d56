"""LICENSE MANAGER > a product > System setup: systems, hardware and offline systems."""

from __future__ import annotations

from gateway.console.words import in_three

SYSTEMS = in_three(
    {
        "title": ("System setup", "システムのセットアップ", "시스템 설정"),
        "lead": (
            "The systems of the product: what they report, and the licenses that are on them.",
            "製品のシステムと、その報告内容、システムに割り当てられたライセンスです。",
            "제품의 시스템과 그 보고 내용, 시스템에 있는 라이선스입니다.",
        ),
        "none": (
            "No system is registered yet.",
            "登録されたシステムはまだありません。",
            "아직 등록된 시스템이 없습니다.",
        ),
        "register": ("Register a system", "システムの登録", "시스템 등록"),
        "name": ("Name", "名前", "이름"),
        "kind": ("Kind", "種類", "종류"),
        "online": ("Online system", "オンラインシステム", "온라인 시스템"),
        "offline": ("Offline system", "オフラインシステム", "오프라인 시스템"),
        "hardware": ("Hardware", "ハードウェア", "하드웨어"),
        "serial": ("Serial number", "シリアル番号", "일련 번호"),
        "reported": ("Reported", "報告数", "보고됨"),
        "own": ("On the system", "システムのライセンス", "시스템에 있음"),
        "needed": ("Needed", "必要数", "필요"),
        "last_report": ("Last report", "最終報告", "마지막 보고"),
        "never": ("none yet", "まだありません", "아직 없음"),
        "stale": (
            "Silent for 30 days or longer",
            "30 日以上報告なし",
            "30일 이상 보고 없음",
        ),
        "stale_hint": (
            "What it reported last goes on counting. Check its connection, or remove it.",
            "最後に報告された数が引き続き使用されます。接続を確認するか、システムを削除してください。",
            "마지막으로 보고된 수가 계속 적용됩니다. 연결을 확인하거나 시스템을 제거하십시오.",
        ),
        "removed": ("Removed", "削除済み", "제거됨"),
        "replaced": ("Replaced", "交換済み", "교체됨"),
        "show_removed": (
            "Show removed systems too",
            "削除したシステムも表示",
            "제거한 시스템도 표시",
        ),
        "hide_removed": (
            "Show only registered systems",
            "登録中のシステムだけを表示",
            "등록된 시스템만 표시",
        ),
    }
)

REGISTER = in_three(
    {
        "title": ("Register a system", "システムの登録", "시스템 등록"),
        "lead": (
            (
                "A system that is connected reports its usage with a credential, which you create "
                "afterwards. For an offline system upload its system file instead."
            ),
            (
                "接続されたシステムは、登録後に作成する認証情報を使用して使用数を報告します。"
                "オフラインシステムの場合は、代わりにシステムファイルをアップロードしてください。"
            ),
            (
                "연결된 시스템은 등록 후에 만드는 자격 증명으로 사용량을 보고합니다. 오프라인 "
                "시스템이면 대신 시스템 파일을 업로드하십시오."
            ),
        ),
        "name": ("Name", "名前", "이름"),
        "serial": ("Serial number", "シリアル番号", "일련 번호"),
        "serial_hint": (
            "Needed for hardware with preloaded licenses; otherwise optional.",
            "ライセンスが付属するハードウェアでは必須です。それ以外では省略できます。",
            "라이선스가 포함된 하드웨어에는 필수이며 그 밖에는 선택 사항입니다.",
        ),
        "ownership_proof": ("Ownership proof", "所有証明コード", "소유 증명 코드"),
        "ownership_proof_hint": (
            (
                "The code that came with the hardware. Its preloaded licenses become active at once, for "
                "the lifetime of the hardware. Leave it empty for other systems."
            ),
            (
                "ハードウェアに付属のコードです。付属のライセンスがすぐに有効になり、ハードウェアの寿命まで"
                "使用できます。ほかのシステムでは空欄のままにしてください。"
            ),
            (
                "하드웨어와 함께 받은 코드입니다. 포함된 라이선스가 바로 활성화되어 하드웨어의 수명 동안 "
                "유효합니다. 다른 시스템이면 비워 두십시오."
            ),
        ),
        "button": ("Register system", "システムを登録", "시스템 등록"),
    }
)

SYSTEM = in_three(
    {
        "title": ("System", "システム", "시스템"),
        "state": ("State", "状態", "상태"),
        "registered": ("Registered", "登録済み", "등록됨"),
        "registered_on": ("Registered on", "登録日", "등록일"),
        "ended_on": ("Counts no more since", "集計から除外された日", "집계에서 제외된 날"),
        "system_id": ("System ID", "システム ID", "시스템 ID"),
        "need_title": ("Usage", "使用状況", "사용 현황"),
        "licenses_title": (
            "Licenses on this system",
            "このシステムのライセンス",
            "이 시스템의 라이선스",
        ),
        "no_licenses": (
            "There are no licenses on this system itself.",
            "このシステム自体にライセンスはありません。",
            "이 시스템 자체에는 라이선스가 없습니다.",
        ),
        "suspended": (
            (
                "The system is not registered, so its licenses do not count. They stay with it and "
                "count again when it is registered again."
            ),
            (
                "システムが登録されていないため、ライセンスは集計されません。ライセンスはシステムに残り、"
                "もう一度登録すると再び集計されます。"
            ),
            (
                "시스템이 등록되어 있지 않아 라이선스가 집계되지 않습니다. 라이선스는 시스템에 남아 "
                "있으며 다시 등록하면 다시 집계됩니다."
            ),
        ),
        "kind_of_license": ("Kind", "区分", "구분"),
        "allocate": ("Allocate licenses", "ライセンスの割り当て", "라이선스 할당"),
        "allocate_hint": (
            (
                "Extension licenses go from the product wallet to this system and stay there for its "
                "lifetime: they cannot be moved back or to another system."
            ),
            (
                "拡張ライセンスは製品ウォレットからこのシステムに移り、システムの寿命まで残ります。"
                "ウォレットに戻したり、別のシステムに移したりすることはできません。"
            ),
            (
                "확장 라이선스는 제품 지갑에서 이 시스템으로 옮겨져 시스템의 수명 동안 남습니다. 지갑이나 "
                "다른 시스템으로 옮길 수 없습니다."
            ),
        ),
        "seats_of": (
            "Licenses of type {type}",
            "{type} のライセンス数",
            "{type} 라이선스 수",
        ),
        "wallet_of": ("In the wallet: {count}", "ウォレット内: {count}", "지갑에 있음: {count}"),
        "wrong_number": (
            "Enter a whole number.",
            "整数を入力してください。",
            "정수를 입력하십시오.",
        ),
        "wallet_empty": (
            "The wallet holds no extension licenses of this product.",
            "ウォレットに、この製品の拡張ライセンスはありません。",
            "지갑에 이 제품의 확장 라이선스가 없습니다.",
        ),
        "to_redeem": ("Redeem license key", "ライセンスキーの引き換え", "라이선스 키 등록"),
        "credential": ("Credential", "認証情報", "자격 증명"),
        "credential_hint": (
            "The system signs in with it to report its usage and to ask what it may do.",
            "システムは、使用数の報告と使用可否の確認に認証情報を使用します。",
            "시스템은 사용량을 보고하고 사용 가능 여부를 확인할 때 자격 증명을 사용합니다.",
        ),
        "has_credential": (
            "The system has a credential. A new one ends it at once.",
            "このシステムには認証情報があります。新しく作成すると、現在の認証情報はすぐに無効になります。",
            "이 시스템에는 자격 증명이 있습니다. 새로 만들면 기존 자격 증명은 바로 무효가 됩니다.",
        ),
        "create_credential": ("Create a credential", "認証情報を作成", "자격 증명 만들기"),
        "file": ("License file", "ライセンスファイル", "라이선스 파일"),
        "file_hint": (
            (
                "Bring it back to the offline system. The licenses in it are reserved for this system "
                "until the file ends, for a copy cannot be called back."
            ),
            (
                "オフラインシステムに戻して使用します。コピーは回収できないため、ファイルのライセンスは"
                "有効期限までこのシステム用に確保されます。"
            ),
            (
                "오프라인 시스템으로 가져가 사용합니다. 사본은 회수할 수 없으므로 파일의 라이선스는 파일이 "
                "끝날 때까지 이 시스템용으로 예약됩니다."
            ),
        ),
        "issue": ("Create license file", "ライセンスファイルを作成", "라이선스 파일 만들기"),
        "download": (
            "Download license file",
            "ライセンスファイルをダウンロード",
            "라이선스 파일 다운로드",
        ),
        "rename": ("Rename", "名前の変更", "이름 변경"),
        "remove": ("Remove system", "システムを削除", "시스템 제거"),
        "upgrade": ("Upgrade licenses", "アップグレードライセンス", "업그레이드 라이선스"),
    }
)

CREDENTIAL = in_three(
    {
        "title": ("Credential of the system", "システムの認証情報", "시스템의 자격 증명"),
        "once": (
            "It is shown this once. Enter it at the system now; an earlier one has ended.",
            "表示されるのは一度だけです。今すぐシステムに入力してください。以前の認証情報は無効になりました。",
            "한 번만 표시됩니다. 지금 시스템에 입력하십시오. 이전 자격 증명은 무효가 되었습니다.",
        ),
        "credential": ("Credential", "認証情報", "자격 증명"),
        "system_id": ("System ID", "システム ID", "시스템 ID"),
        "to_system": ("To the system", "システムに戻る", "시스템으로 이동"),
    }
)

RENAME_SYSTEM = in_three(
    {
        "title": ("Rename the system", "システム名の変更", "시스템 이름 변경"),
        "name": ("Name", "名前", "이름"),
        "button": ("Save", "保存", "저장"),
    }
)

REMOVE_SYSTEM = in_three(
    {
        "title": ("Remove the system", "システムの削除", "시스템 제거"),
        "lead": (
            "{name} will no longer count, and its credential ends.",
            "{name} は集計から除外され、認証情報は無効になります。",
            "{name}은(는) 더 이상 집계되지 않으며 자격 증명은 무효가 됩니다.",
        ),
        "tied": (
            "Licenses tied to its hardware leave with the hardware.",
            "ハードウェアに紐づけられたライセンスは、ハードウェアとともに組織から離れます。",
            "하드웨어에 연결된 라이선스는 하드웨어와 함께 조직을 떠납니다.",
        ),
        "extended": (
            "Extension licenses stay with the system; they do not come back to the wallet.",
            "拡張ライセンスはシステムに残り、ウォレットには戻りません。",
            "확장 라이선스는 시스템에 남으며 지갑으로 돌아오지 않습니다.",
        ),
        "reserved": (
            "What its license file reserves stays reserved until the file ends.",
            "ライセンスファイルで確保されたライセンスは、ファイルの有効期限まで確保されたままです。",
            "라이선스 파일로 예약된 라이선스는 파일이 끝날 때까지 예약된 상태로 남습니다.",
        ),
        "button": ("Remove", "削除", "제거"),
    }
)

UPLOAD = in_three(
    {
        "title": (
            "Upload system file",
            "システムファイルのアップロード",
            "시스템 파일 업로드",
        ),
        "lead": (
            "An offline system describes itself in a system file, which its software creates.",
            "オフラインシステムの情報は、そのソフトウェアで作成するシステムファイルに含まれています。",
            "오프라인 시스템의 정보는 그 소프트웨어에서 만드는 시스템 파일에 들어 있습니다.",
        ),
        "steps": ("Steps", "手順", "순서"),
        "step_create": (
            "Create a system file in the software.",
            "ソフトウェアでシステムファイルを作成します。",
            "소프트웨어에서 시스템 파일을 만듭니다.",
        ),
        "step_upload": (
            "Upload it here, on a machine that is online.",
            "オンラインのコンピューターから、ここにアップロードします。",
            "온라인 컴퓨터에서 여기에 업로드합니다.",
        ),
        "step_allocate": (
            "Allocate licenses, if some are missing.",
            "ライセンスが足りない場合は割り当てます。",
            "라이선스가 부족하면 할당합니다.",
        ),
        "step_download": (
            "Create the license file of the system, download it, and bring it back to the system.",
            "システムのライセンスファイルを作成してダウンロードし、システムに戻します。",
            "시스템의 라이선스 파일을 만들어 다운로드하고 시스템으로 가져갑니다.",
        ),
        "no_product": (
            "Register the product first.",
            "先に製品を登録してください。",
            "먼저 제품을 등록하십시오.",
        ),
        "product": ("Product", "製品", "제품"),
        "file": ("System file", "システムファイル", "시스템 파일"),
        "name": ("Name", "名前", "이름"),
        "name_hint": (
            "What to call the system; empty: as before.",
            "システムの呼び名です。空欄の場合は変更されません。",
            "시스템의 이름입니다. 비워 두면 그대로 둡니다.",
        ),
        "no_file": (
            "Choose the system file that the software created.",
            "ソフトウェアで作成したシステムファイルを選択してください。",
            "소프트웨어에서 만든 시스템 파일을 선택하십시오.",
        ),
        "button": ("Upload", "アップロード", "업로드"),
    }
)
