"""LICENSE MANAGER > History: who did what with licenses, and when (R13)."""

from __future__ import annotations

from gateway.console.words import in_three

HISTORY = in_three(
    {
        "title": ("History", "履歴", "기록"),
        "lead": (
            "What was done with the licenses of the organization, newest first.",
            "組織のライセンスに対して行われた操作です。新しい順に表示します。",
            "조직의 라이선스에 대해 이루어진 동작입니다. 최신순으로 표시합니다.",
        ),
        "lead_product": (
            "What was done with the licenses of {product}, newest first.",
            "{product} のライセンスに対して行われた操作です。新しい順に表示します。",
            "{product} 라이선스에 대해 이루어진 동작입니다. 최신순으로 표시합니다.",
        ),
        "show_suite": (
            "Show also what the system noted by itself",
            "システムが自動的に記録した項目も表示",
            "시스템이 자동으로 기록한 항목도 표시",
        ),
        "hide_suite": (
            "Show only what people did",
            "ユーザーの操作だけを表示",
            "사용자가 한 동작만 표시",
        ),
        "at": ("Time", "日時", "시각"),
        "what": ("What", "操作", "동작"),
        "by": ("By", "実行者", "실행자"),
        "product": ("Product", "製品", "제품"),
        "details": ("Details", "詳細", "세부 정보"),
        "by_suite": ("the system itself", "システム", "시스템"),
        "by_system": ("a system of the product", "製品のシステム", "제품의 시스템"),
        "by_operator": (
            "an operator of the installation",
            "システムの運用者",
            "시스템 운영자",
        ),
        "gone": ("account {id}", "アカウント {id}", "계정 {id}"),
        "none": ("Nothing is listed.", "該当する記録はありません。", "해당하는 기록이 없습니다."),
        "csv": ("Download as CSV", "CSV をダウンロード", "CSV 다운로드"),
    }
)

# By the name of the entry; the keys are those of the service's recipes.
ACTS = in_three(
    {
        "register_product": ("Product registered", "製品の登録", "제품 등록"),
        "start_subscription": (
            "Subscription started",
            "サブスクリプションの開始",
            "구독 시작",
        ),
        "start_trial": ("Trial started", "試用の開始", "체험 시작"),
        "redeem_license_key": (
            "License key redeemed",
            "ライセンスキーの引き換え",
            "라이선스 키 등록",
        ),
        "redeem_voucher": ("Voucher redeemed", "バウチャーの引き換え", "바우처 등록"),
        "upload_system_file": (
            "System file uploaded",
            "システムファイルのアップロード",
            "시스템 파일 업로드",
        ),
        "accept_system_file": (
            "Changed system accepted",
            "変更されたシステムの受け入れ",
            "변경된 시스템 수락",
        ),
        "issue_license_file": (
            "License file issued",
            "ライセンスファイルの発行",
            "라이선스 파일 발급",
        ),
        "allocate_licenses": ("Licenses allocated", "ライセンスの割り当て", "라이선스 할당"),
        "upgrade_licenses": (
            "Licenses upgraded",
            "ライセンスのアップグレード",
            "라이선스 업그레이드",
        ),
        "register_licensed_system": ("System registered", "システムの登録", "시스템 등록"),
        "rename_licensed_system": ("System renamed", "システム名の変更", "시스템 이름 변경"),
        "remove_licensed_system": ("System removed", "システムの削除", "시스템 제거"),
        "replace_licensed_system": ("System replaced", "システムの交換", "시스템 교체"),
        "issue_system_credential": (
            "Credential of a system created",
            "システムの認証情報の作成",
            "시스템 자격 증명 생성",
        ),
        "allocate_to_system": (
            "Licenses allocated to a system",
            "システムへのライセンスの割り当て",
            "시스템에 라이선스 할당",
        ),
        "report_usage": ("Usage reported", "使用数の報告", "사용량 보고"),
        "reverse": ("Undone by an operator", "運用者による取り消し", "시스템 운영자의 취소"),
        "devices_counted": ("Devices counted", "デバイス数の記録", "장치 수 기록"),
        "time_passed": (
            "Days passed: what expired, ended or began",
            "日付の経過による期限切れ、終了、開始",
            "날짜 경과에 따른 만료, 종료, 시작",
        ),
        "organization_archived": ("Organization archived", "組織のアーカイブ", "조직 보관"),
        "organization_restored": ("Organization restored", "組織の復元", "조직 복원"),
    }
)

# What an entry tells beside, by the name of the argument; before it that of an entry it is said
# in another way in.
FACTS = in_three(
    {
        "last5": ("key ending in {value}", "末尾 {value} のキー", "{value}(으)로 끝나는 키"),
        "licenses": ("licenses: {value}", "ライセンス: {value}", "라이선스: {value}"),
        "seats": ("allocated: {value}", "割り当て: {value}", "할당: {value}"),
        "upgrade_type": ("with {value}", "使用: {value}", "사용: {value}"),
        "number": ("entry {value}", "記録 {value}", "기록 {value}"),
        "withdrawn": ("left the year: {value}", "年度から除外: {value}", "연도에서 제외: {value}"),
        "taken_back": (
            "taken from the wallet: {value}",
            "ウォレットから差し引き: {value}",
            "지갑에서 차감: {value}",
        ),
        "reason": ("reason: {value}", "理由: {value}", "이유: {value}"),
        "returned": ("returned: {value}", "返却: {value}", "다시 추가됨: {value}"),
        "effective_from": ("from {value}", "{value} から", "{value}부터"),
        "started_on": ("started on {value}", "開始日 {value}", "시작일 {value}"),
        "grace_last_day": (
            "grace period until {value}",
            "猶予期間は {value} まで",
            "유예 기간 {value}까지",
        ),
        "time_zone": ("time zone {value}", "タイムゾーン {value}", "시간대 {value}"),
        "name": ("system {value}", "システム {value}", "시스템 {value}"),
        "serial": ("serial number {value}", "シリアル番号 {value}", "일련 번호 {value}"),
        "issue_license_file.seats": (
            "in the file: {value}",
            "ファイル内: {value}",
            "파일 내: {value}",
        ),
        "issue_license_file.serial": (
            "file number {value}",
            "ファイル番号 {value}",
            "파일 번호 {value}",
        ),
        "counts": ("reported: {value}", "報告: {value}", "보고: {value}"),
        "version": ("version {value}", "バージョン {value}", "버전 {value}"),
        "from_type": ("from {value}", "元の種類: {value}", "원래 유형: {value}"),
        "to_type": ("to {value}", "新しい種類: {value}", "새 유형: {value}"),
        "valid_until": ("valid until {value}", "{value} まで有効", "{value}까지 유효"),
        "moved": ("moved: {value}", "移動: {value}", "옮김: {value}"),
        "devices": ("devices: {value}", "デバイス: {value}", "장치: {value}"),
    }
)
