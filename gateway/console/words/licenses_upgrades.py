"""LICENSE MANAGER > a product > Upgrade licenses (R2, D-18)."""

from __future__ import annotations

from gateway.console.words import in_three

UPGRADES = in_three(
    {
        "title": ("Upgrade licenses", "アップグレードライセンス", "업그레이드 라이선스"),
        "lead": (
            (
                "An upgrade license turns one license of a type into one of another type, once. The "
                "license keeps its last day, its subscription year or its system."
            ),
            (
                "アップグレードライセンスは、1 つのライセンスを別の種類に一度だけ変更します。ライセンスの"
                "期限、サブスクリプション年度、システムはそのままです。"
            ),
            (
                "업그레이드 라이선스는 라이선스 하나를 다른 유형으로 한 번 바꿉니다. 라이선스의 마지막 날, "
                "구독 연도, 시스템은 그대로입니다."
            ),
        ),
        "none": (
            "This product has no upgrades.",
            "この製品にアップグレードはありません。",
            "이 제품에는 업그레이드가 없습니다.",
        ),
        "upgrade": ("Upgrade", "アップグレード", "업그레이드"),
        "from_type": ("From", "元の種類", "원래 유형"),
        "to_type": ("To", "新しい種類", "새 유형"),
        "form_title": (
            "Use upgrade licenses",
            "アップグレードライセンスの使用",
            "업그레이드 라이선스 사용",
        ),
        "choose": ("Upgrade", "アップグレード", "업그레이드"),
        "where": ("Licenses to upgrade", "アップグレードするライセンス", "업그레이드할 라이선스"),
        "in_wallet": ("In the product wallet", "製品ウォレット内", "제품 지갑에 있는 라이선스"),
        "in_year": (
            "In the subscription year {first} – {last}",
            "サブスクリプション年度 {first} – {last}",
            "구독 연도 {first} – {last}",
        ),
        "on_system": ("On the system {name}", "システム {name}", "시스템 {name}"),
        "count": ("Number of licenses", "ライセンス数", "라이선스 수"),
        "wrong_number": (
            "Enter a whole number.",
            "整数を入力してください。",
            "정수를 입력하십시오.",
        ),
        "final": (
            "An upgrade cannot be undone.",
            "アップグレードを元に戻すことはできません。",
            "업그레이드는 취소할 수 없습니다.",
        ),
        "empty": (
            "The wallet holds no upgrade licenses.",
            "ウォレットにアップグレードライセンスはありません。",
            "지갑에 업그레이드 라이선스가 없습니다.",
        ),
        "to_redeem": ("Redeem license key", "ライセンスキーの引き換え", "라이선스 키 등록"),
        "button": ("Upgrade", "アップグレード", "업그레이드"),
    }
)
