"""LICENSE MANAGER > Notices: what owners and admins were told about licenses (D-21)."""

from __future__ import annotations

from gateway.console.words import in_three

NOTICES_PAGE = in_three(
    {
        "title": ("Notices", "お知らせ", "알림"),
        "lead": (
            "What owners and admins were told by mail about the licenses, newest first.",
            "ライセンスについて、所有者と管理者にメールでお知らせした内容です。新しい順に表示します。",
            "라이선스에 대해 소유자와 관리자에게 메일로 알린 내용입니다. 최신순으로 표시합니다.",
        ),
        "none": ("There are no notices.", "お知らせはありません。", "알림이 없습니다."),
        "at": ("Time", "日時", "시각"),
        "notice": ("Notice", "お知らせ", "알림"),
    }
)

# By the kind of the notice.
NOTICES_TOLD = in_three(
    {
        "renewal_near": (
            "The renewal date is near: {on}. The subscription year that begins then needs licenses.",
            "更新日 {on} が近づいています。その日に始まるサブスクリプション年度にはライセンスが必要です。",
            "갱신일 {on}이(가) 다가옵니다. 그날 시작되는 구독 연도에는 라이선스가 필요합니다.",
        ),
        "grace_started": (
            "A grace period has begun. Its last day is {on}.",
            "猶予期間が始まりました。最終日は {on} です。",
            "유예 기간이 시작되었습니다. 마지막 날은 {on}입니다.",
        ),
        "grace_ending": (
            "The grace period ends soon, on {on}, and licenses are missing.",
            "猶予期間の最終日 {on} が近づいていますが、ライセンスが不足しています。",
            "유예 기간의 마지막 날 {on}이(가) 다가오지만 라이선스가 부족합니다.",
        ),
        "unlicensed": (
            "The product is unlicensed: the grace period is over, and licenses are missing.",
            "製品がライセンスのない状態になりました。猶予期間が終わり、ライセンスが不足しています。",
            "제품에 라이선스가 없는 상태입니다. 유예 기간이 끝났고 라이선스가 부족합니다.",
        ),
        "growth_near": (
            "Most of the growth that a subscription year allows is used.",
            "サブスクリプション年度に認められる増加の大部分を使用しました。",
            "구독 연도에 허용되는 증가분을 대부분 사용했습니다.",
        ),
        "growth_exceeded": (
            "More than twice the licenses that are allocated are needed.",
            "割り当てられた数の 2 倍を超えるライセンスが必要になりました。",
            "할당된 수의 두 배가 넘는 라이선스가 필요해졌습니다.",
        ),
        "licenses_expiring": (
            "Licenses in the wallet expire soon: {licenses}. From {on} on they cannot be allocated.",
            "ウォレットのライセンス {licenses} が期限切れになります。{on} からは割り当てることができません。",
            "지갑의 라이선스 {licenses}개가 곧 만료됩니다. {on}부터는 할당할 수 없습니다.",
        ),
        "licenses_returned": (
            "Licenses came back to the wallet by compensation: {licenses}.",
            "補償により、ウォレットにライセンス {licenses} が戻りました。",
            "보상으로 지갑에 라이선스 {licenses}개가 다시 추가되었습니다.",
        ),
        "redeeming_locked": (
            "Too many wrong keys in a row: redeeming is locked for the whole organization.",
            "誤ったキーが続いたため、組織全体でライセンスキーの引き換えをロックしました。",
            "잘못된 키가 계속되어 조직 전체에서 라이선스 키 등록이 잠겼습니다.",
        ),
    }
)
