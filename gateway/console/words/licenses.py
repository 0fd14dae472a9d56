"""LICENSE MANAGER: the product list, and what the pages of one product share (chapter 3)."""

from __future__ import annotations

from gateway.console.words import in_three, joined

# As the manuals name them; by what the service answers.
STATUSES = in_three(
    {
        "not_registered": ("Not registered", "未登録", "등록되지 않음"),
        "trial": ("Trial", "試用中", "체험 중"),
        "trial_expired": ("Trial expired", "試用期間終了", "체험 기간 만료"),
        "not_started": ("Not started", "未開始", "시작되지 않음"),
        "grace": (
            "Subscription has started",
            "サブスクリプションを開始しました",
            "구독이 시작되었습니다",
        ),
        "licensed": ("Licensed", "ライセンス済み", "라이선스 있음"),
        "licensed_growth": (
            "Licensed (growth)",
            "ライセンス済み (増加あり)",
            "라이선스 있음(증가)",
        ),
        "growth_exceeded": ("Growth exceeded", "増加の上限を超過", "증가 한도 초과"),
        "unlicensed": ("Unlicensed", "ライセンスなし", "라이선스 없음"),
        "archived": ("Archived", "アーカイブ済み", "보관됨"),
    }
)

# Why the status is as it is, by the same names.
REASONS = in_three(
    {
        "not_registered": (
            "The product is not registered to the organization.",
            "製品は組織に登録されていません。",
            "제품이 조직에 등록되어 있지 않습니다.",
        ),
        "trial": (
            "The product can be used without licenses. The last day of the trial is {trial}.",
            "ライセンスがなくても製品を使用できます。試用期間の最終日は {trial} です。",
            "라이선스 없이 제품을 사용할 수 있습니다. 체험 기간의 마지막 날은 {trial}입니다.",
        ),
        "trial_expired": (
            "The last day of the trial was {trial}. Start the subscription to go on.",
            "試用期間は {trial} に終了しました。続けて使用するには、サブスクリプションを開始してください。",
            "체험 기간의 마지막 날은 {trial}이었습니다. 계속 사용하려면 구독을 시작하십시오.",
        ),
        "not_started": (
            "The subscription has not been started.",
            "サブスクリプションが開始されていません。",
            "구독이 시작되지 않았습니다.",
        ),
        "grace": (
            "Still to be allocated: {missing}. The last day of the grace period is {grace}.",
            "これから割り当てるライセンス: {missing}。猶予期間の最終日は {grace} です。",
            "아직 할당할 라이선스: {missing}. 유예 기간의 마지막 날은 {grace}입니다.",
        ),
        "licensed": (
            "The licenses that are allocated cover the current need.",
            "割り当てられたライセンスは、現在の必要数を満たしています。",
            "할당된 라이선스가 현재 요건을 충족합니다.",
        ),
        "licensed_growth": (
            (
                "The need has grown within the subscription year, which is allowed. From the next "
                "renewal on also needed: {missing}."
            ),
            (
                "サブスクリプション年度中に必要数が増えました。これは認められた範囲です。次の更新からさらに"
                "必要なライセンス: {missing}。"
            ),
            (
                "구독 연도 안에 필요한 수가 늘었으며 이는 허용됩니다. 다음 갱신부터 더 필요한 "
                "라이선스: {missing}."
            ),
        ),
        "growth_exceeded": (
            "More than twice what is allocated is needed. Allocate at least: {least}.",
            "割り当てられた数の 2 倍を超えるライセンスが必要です。少なくとも割り当てる数: {least}。",
            "할당된 수의 두 배가 넘는 라이선스가 필요합니다. 적어도 할당할 라이선스: {least}.",
        ),
        "unlicensed": (
            "The last day of the grace period was {grace}. Missing: {missing}.",
            "猶予期間は {grace} に終了しました。不足しているライセンス: {missing}。",
            "유예 기간의 마지막 날은 {grace}이었습니다. 부족한 라이선스: {missing}.",
        ),
        "archived": (
            "The organization is archived.",
            "組織はアーカイブされています。",
            "조직이 보관되었습니다.",
        ),
        "at_least_one": ("at least one", "少なくとも 1", "적어도 1개"),
    }
)

# Where there is nothing to subscribe to.
HARDWARE_REASONS = joined(
    REASONS,
    in_three(
        {
            "not_started": (
                "No system of the product is registered.",
                "製品のシステムが登録されていません。",
                "등록된 제품 시스템이 없습니다.",
            ),
            "licensed": (
                "The systems hold all licenses that they need.",
                "各システムは、必要なライセンスをすべて備えています。",
                "시스템이 필요한 라이선스를 모두 갖추고 있습니다.",
            ),
            "unlicensed": (
                "Licenses that the systems need beyond their own: {missing}.",
                "システムの保有分のほかに必要なライセンス: {missing}。",
                "시스템이 가진 것 외에 더 필요한 라이선스: {missing}.",
            ),
        }
    ),
)

# Kinds of licenses (R2).
KINDS = in_three(
    {
        "subscription": (
            "Subscription licenses",
            "サブスクリプションライセンス",
            "구독 라이선스",
        ),
        "extension": ("Extension licenses", "拡張ライセンス", "확장 라이선스"),
        "tied": (
            "Tied-to-hardware licenses",
            "ハードウェアに紐づけられたライセンス",
            "하드웨어에 연결된 라이선스",
        ),
        "upgrade": ("Upgrade licenses", "アップグレードライセンス", "업그레이드 라이선스"),
    }
)

# What a license of a type stands for (R45), by the name of the attribute.
ATTRIBUTES = in_three(
    {
        "resolution": ("resolution {value}", "解像度 {value}", "해상도 {value}"),
        "retention_days": (
            "kept for {value} days",
            "保存期間 {value} 日",
            "보존 기간 {value}일",
        ),
    }
)

# On several pages.
LICENSES = in_three(
    {
        "product_list": ("Product list", "製品リスト", "제품 목록"),
        "where_to_buy": (
            "Where to buy licenses",
            "ライセンスの購入先",
            "라이선스 구입처",
        ),
        "upload": (
            "Upload system file",
            "システムファイルのアップロード",
            "시스템 파일 업로드",
        ),
        "status": ("License status", "ライセンスステータス", "라이선스 상태"),
        "reason": ("Reason", "理由", "이유"),
        "changes_on": ("Changes on", "次の変更日", "변경 예정일"),
        "no_day": ("No day is set", "予定なし", "예정 없음"),
        "product": ("Product", "製品", "제품"),
        "wallet_holds": ("In the wallet", "ウォレット内", "지갑에 있음"),
        "type": ("License type", "ライセンスの種類", "라이선스 유형"),
        "licenses": ("Licenses", "ライセンス数", "라이선스 수"),
        "right_organization": (
            (
                "Check that {name} is the right organization. There is currently no way to move "
                "licenses between organizations."
            ),
            (
                "正しい組織 ({name}) を選択したことを確認してください。現在、組織間でライセンスを"
                "移行する方法はありません。"
            ),
            (
                "올바른 조직({name})을 선택했는지 확인하십시오. 현재 조직 간에 라이선스를 옮기는 "
                "방법은 없습니다."
            ),
        ),
        "renewal_soon": (
            "Renewal near, licenses missing",
            "更新日が近く、ライセンス不足",
            "갱신 임박, 라이선스 부족",
        ),
        "important": ("Important", "重要", "중요"),
    }
)

# The links between the pages of one product.
PRODUCT = in_three(
    {
        "pages": ("Pages of the product", "製品のページ", "제품 페이지"),
        "overview": ("Product overview", "製品の概要", "제품 개요"),
        "wallet": ("Product wallet", "製品ウォレット", "제품 지갑"),
        "licensing": ("Product licensing", "製品のライセンス", "제품 라이선스"),
        "systems": ("System setup", "システムのセットアップ", "시스템 설정"),
        "upgrades": ("Upgrade licenses", "アップグレードライセンス", "업그레이드 라이선스"),
        "history": ("History", "履歴", "기록"),
    }
)

PRODUCT_LIST = in_three(
    {
        "title": ("Licenses", "ライセンス", "라이선스"),
        "lead": (
            "The products of the organization, and how it stands with each.",
            "組織の製品と、それぞれのライセンスステータスです。",
            "조직의 제품과 각 제품의 라이선스 상태입니다.",
        ),
        "none": (
            "No product is registered yet. Register one to license it.",
            "登録された製品はまだありません。ライセンスを取得するには、製品を登録してください。",
            "아직 등록된 제품이 없습니다. 라이선스를 받으려면 제품을 등록하십시오.",
        ),
        "notices": ("Notices", "お知らせ", "알림"),
        "all_history": ("History of all products", "すべての製品の履歴", "모든 제품의 기록"),
        "register_title": ("Register a product", "製品の登録", "제품 등록"),
        "register_hint": (
            "A product has to be registered to the organization before it can be licensed.",
            "ライセンスを取得する前に、製品を組織に登録する必要があります。",
            "라이선스를 받기 전에 제품을 조직에 등록해야 합니다.",
        ),
        "choose": ("Product", "製品", "제품"),
        "register": ("Register product", "製品を登録", "제품 등록"),
        "all_registered": (
            "Every product of the catalogue is registered.",
            "カタログの製品はすべて登録されています。",
            "카탈로그의 모든 제품이 등록되어 있습니다.",
        ),
    }
)

WHERE_TO_BUY = in_three(
    {
        "title": ("Where to buy licenses", "ライセンスの購入先", "라이선스 구입처"),
        "lead": (
            (
                "Licenses are sold by suppliers: system integrators and resellers near you. What you "
                "buy is a license key, which holds a number of licenses for one product."
            ),
            (
                "ライセンスは、お近くのシステムインテグレーターや販売代理店などの販売元が販売しています。"
                "購入するのはライセンスキーで、1 つの製品のライセンスが決まった数だけ含まれています。"
            ),
            (
                "라이선스는 가까운 시스템 통합업체나 리셀러 같은 판매처에서 판매합니다. 구입하는 것은 "
                "라이선스 키이며, 한 제품의 라이선스가 정해진 수만큼 들어 있습니다."
            ),
        ),
        "partners": (
            "Find a supplier near you",
            "お近くの販売元を探す",
            "가까운 판매처 찾기",
        ),
        "no_partners": (
            "This installation names no suppliers. Ask who installed your system.",
            "このシステムには販売元が登録されていません。システムの導入元にお問い合わせください。",
            "이 시스템에는 판매처가 등록되어 있지 않습니다. 시스템을 설치한 곳에 문의하십시오.",
        ),
        "steps": ("With a license key", "ライセンスキーを購入したら", "라이선스 키를 구입한 다음"),
        "step_register": (
            "Register the product to the organization, if it is not registered yet.",
            "製品をまだ登録していない場合は、組織に登録します。",
            "제품을 아직 등록하지 않았다면 조직에 등록합니다.",
        ),
        "step_subscription": (
            (
                "For a subscription: start it, redeem the key into the product wallet, and allocate the "
                "licenses to the subscription year."
            ),
            (
                "サブスクリプションの場合は、サブスクリプションを開始し、キーを製品ウォレットに引き換えてから、"
                "ライセンスをサブスクリプション年度に割り当てます。"
            ),
            (
                "구독인 경우 구독을 시작하고, 키를 제품 지갑에 등록한 다음, 라이선스를 구독 연도에 "
                "할당합니다."
            ),
        ),
        "step_hardware": (
            (
                "For hardware: register the hardware; extension licenses are redeemed like others and "
                "allocated to it."
            ),
            (
                "ハードウェアの場合は、ハードウェアを登録します。拡張ライセンスは同じように引き換えてから、"
                "そのハードウェアに割り当てます。"
            ),
            (
                "하드웨어인 경우 하드웨어를 등록합니다. 확장 라이선스는 같은 방법으로 키를 등록한 다음 "
                "그 하드웨어에 할당합니다."
            ),
        ),
        "step_offline": (
            "For an offline system: upload its system file, and bring the license file back to it.",
            "オフラインシステムの場合は、システムファイルをアップロードし、ライセンスファイルをシステムに戻します。",
            "오프라인 시스템인 경우 시스템 파일을 업로드하고 라이선스 파일을 시스템으로 가져갑니다.",
        ),
    }
)
