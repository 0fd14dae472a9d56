"""LICENSE MANAGER > a product > Product licensing: need, allocation, forecast (R19 to R30, R42)."""

from __future__ import annotations

from gateway.console.words import in_three

LICENSING = in_three(
    {
        "title": ("Product licensing", "製品のライセンス", "제품 라이선스"),
        "need_title": ("Current need", "現在の必要数", "현재 요건"),
        "need_hint": (
            "See how many licenses you need: what devices and systems use today.",
            "デバイスとシステムが現在使用している、必要なライセンスの数です。",
            "장치와 시스템이 현재 사용하는, 필요한 라이선스의 수입니다.",
        ),
        "need": ("Current need", "現在の必要数", "현재 요건"),
        "seats": ("Allocated", "割り当て済み", "할당됨"),
        "missing": ("Missing", "不足", "부족"),
        "least": ("Least to allocate", "最低限の割り当て数", "최소 할당 수"),
        "growth": ("Enough for up to", "増加の上限", "증가 한도"),
        "growth_hint": (
            (
                "Within a subscription year the need may grow to twice what is allocated; what is "
                "missing is then due at the next renewal."
            ),
            (
                "サブスクリプション年度中は、割り当て数の 2 倍まで必要数が増えてもかまいません。不足分は"
                "次の更新で必要になります。"
            ),
            (
                "구독 연도 안에는 필요한 수가 할당된 수의 두 배까지 늘어날 수 있습니다. 부족한 수는 "
                "다음 갱신 때 필요합니다."
            ),
        ),
        "by_system": (
            "Licenses of this product are allocated to its systems, one by one.",
            "この製品のライセンスは、システムごとに割り当てます。",
            "이 제품의 라이선스는 시스템마다 할당합니다.",
        ),
        "to_systems": ("System setup", "システムのセットアップ", "시스템 설정"),
        "allocate": (
            "Allocate subscription licenses",
            "サブスクリプションライセンスの割り当て",
            "구독 라이선스 할당",
        ),
        "start_first": (
            "Start the subscription first: licenses are allocated to a subscription year.",
            "先にサブスクリプションを開始してください。ライセンスはサブスクリプション年度に割り当てます。",
            "먼저 구독을 시작하십시오. 라이선스는 구독 연도에 할당합니다.",
        ),
        "to_start": ("Start your subscription", "サブスクリプションの開始", "구독 시작"),
        "covered": (
            "The current need is covered: nothing has to be allocated.",
            "現在の必要数は満たされています。割り当ての必要はありません。",
            "현재 요건이 충족되었습니다. 할당할 필요가 없습니다.",
        ),
        "ahead": ("Allocate licenses", "ライセンスの割り当て", "라이선스 할당"),
        "ahead_hint": (
            (
                "License the next subscription years in advance, one after the other. What today's need "
                "says is filled in."
            ),
            (
                "次のサブスクリプション年度から順に、前もってライセンスを割り当てることができます。現在の"
                "必要数が入力されています。"
            ),
            (
                "다음 구독 연도부터 차례로 미리 라이선스를 할당할 수 있습니다. 현재 요건이 입력되어 "
                "있습니다."
            ),
        ),
        "ahead_not_yet": (
            "This is possible once the current subscription year is licensed.",
            "現在のサブスクリプション年度にライセンスを割り当てると、可能になります。",
            "현재 구독 연도에 라이선스를 할당하면 가능합니다.",
        ),
        "ahead_all": (
            "Every year that can be licensed in advance has the licenses that today's need asks for.",
            "前もって割り当てられるすべての年度に、現在の必要数のライセンスがあります。",
            "미리 할당할 수 있는 모든 연도에 현재 요건만큼의 라이선스가 있습니다.",
        ),
        "forecast": ("Coming years", "今後の年度", "앞으로의 연도"),
        "forecast_hint": (
            (
                "If the need stays as it is today and nothing is bought: what each renewal takes, and "
                "what would have to be bought for it."
            ),
            (
                "必要数が現在のままで、購入もしない場合に、各更新で必要になる数と、そのために購入が必要な"
                "数です。"
            ),
            (
                "필요한 수가 지금과 같고 구입도 하지 않는 경우, 갱신마다 필요한 수와 그것을 위해 구입해야 "
                "할 수입니다."
            ),
        ),
        "renewal": ("Renewal date", "更新日", "갱신일"),
        "needed": ("Needed", "必要数", "필요"),
        "to_buy": ("To buy", "購入が必要", "구입 필요"),
    }
)

# The form by which licenses are allocated, and the dry run before that is done.
ALLOCATION = in_three(
    {
        "period": ("Period", "期間", "기간"),
        "year": ("Subscription year", "サブスクリプション年度", "구독 연도"),
        "seats_of": (
            "Licenses of type {type}",
            "{type} のライセンス数",
            "{type} 라이선스 수",
        ),
        "wallet_of": ("In the wallet: {count}", "ウォレット内: {count}", "지갑에 있음: {count}"),
        "least_of": (
            "Least to allocate: {count}",
            "最低限の割り当て数: {count}",
            "최소 할당 수: {count}",
        ),
        "wrong_number": (
            "Enter a whole number.",
            "整数を入力してください。",
            "정수를 입력하십시오.",
        ),
        "surplus": (
            "Allocate more than the current need",
            "現在の必要数を超えて割り当てる",
            "현재 요건보다 많이 할당",
        ),
        "confirm_allocation": ("Confirm allocation", "割り当ての確認", "할당 확인"),
        "too_few": (
            "The wallet holds too few licenses to match the current need: {missing} more needed.",
            "ウォレットのライセンスが現在の必要数に足りません。あと {missing} 必要です。",
            "지갑의 라이선스가 현재 요건에 부족합니다. {missing} 더 필요합니다.",
        ),
        "empty": (
            "The wallet holds no licenses to allocate.",
            "ウォレットに割り当てるライセンスがありません。",
            "지갑에 할당할 라이선스가 없습니다.",
        ),
        "to_redeem": ("Redeem license key", "ライセンスキーの引き換え", "라이선스 키 등록"),
    }
)

CONFIRM = in_three(
    {
        "title": ("Confirm allocation", "割り当ての確認", "할당 확인"),
        "lead": (
            "Nothing has changed yet. This is what the allocation will do.",
            "まだ何も変更されていません。割り当てを行うと次のようになります。",
            "아직 아무것도 바뀌지 않았습니다. 할당하면 다음과 같이 됩니다.",
        ),
        "cannot": (
            "These numbers cannot be allocated.",
            "この数を割り当てることはできません。",
            "이 수를 할당할 수 없습니다.",
        ),
        "effective_from": (
            "The licenses count from",
            "ライセンスの適用開始日",
            "라이선스 적용 시작일",
        ),
        "overlap": ("Days that are compensated", "補償される日数", "보상되는 날수"),
        "no_overlap": (
            "None: the licenses are used for the whole year.",
            "なし。ライセンスは年度全体に使用されます。",
            "없음. 라이선스는 연도 전체에 사용됩니다.",
        ),
        "overlap_hint": (
            (
                "{days} of the {all} days of the year are over. What they are worth comes back to the "
                "wallet, as whole licenses; the rest is saved up."
            ),
            (
                "年度の {all} 日のうち {days} 日が過ぎています。その分は、1 ライセンス単位でウォレットに"
                "戻り、残りは積み立てられます。"
            ),
            (
                "연도의 {all}일 중 {days}일이 지났습니다. 그만큼은 온전한 라이선스 단위로 지갑에 다시 "
                "추가되고 나머지는 적립됩니다."
            ),
        ),
        "allocated": ("To be allocated", "割り当てる数", "할당할 수"),
        "returned": ("Come back to the wallet", "ウォレットに戻る数", "지갑에 다시 추가"),
        "wallet_after": ("In the wallet afterwards", "割り当て後のウォレット", "할당 후 지갑"),
        "status_after": (
            "License status afterwards",
            "割り当て後のライセンスステータス",
            "할당 후 라이선스 상태",
        ),
        "final": (
            "Licenses that are allocated cannot be taken back into the wallet.",
            "割り当てたライセンスをウォレットに戻すことはできません。",
            "할당한 라이선스는 지갑으로 되돌릴 수 없습니다.",
        ),
        "confirm": ("Confirm", "確定", "확인"),
        "change": ("Change the numbers", "数を変更", "수 변경"),
    }
)
