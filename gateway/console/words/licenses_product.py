"""LICENSE MANAGER > a product: overview, the start of its subscription, and its wallet."""

from __future__ import annotations

from gateway.console.words import in_three

OVERVIEW = in_three(
    {
        "title": ("Product overview", "製品の概要", "제품 개요"),
        "start": ("Start your subscription", "サブスクリプションの開始", "구독 시작"),
        "start_hint": (
            (
                "Starting gives a grace period of thirty days to buy licenses, redeem keys and "
                "allocate licenses, in which the software can be used."
            ),
            (
                "開始すると 30 日間の猶予期間が与えられます。その間は、ライセンスの購入、キーの引き換え、"
                "ライセンスの割り当てを行いながら、ソフトウェアを使用できます。"
            ),
            (
                "시작하면 30일의 유예 기간이 주어집니다. 그동안 소프트웨어를 사용하면서 라이선스를 "
                "구입하고, 키를 등록하고, 라이선스를 할당할 수 있습니다."
            ),
        ),
        "year": ("Subscription year", "サブスクリプション年度", "구독 연도"),
        "renewal": ("Renewal date", "更新日", "갱신일"),
        "grace_end": (
            "Last day of the grace period",
            "猶予期間の最終日",
            "유예 기간의 마지막 날",
        ),
        "grace_over": ("over", "終了", "종료됨"),
        "time_zone": ("Time zone", "タイムゾーン", "시간대"),
        "days_in": (
            "Days begin and end in this time zone.",
            "日付はこのタイムゾーンを基準とします。",
            "날짜는 이 시간대를 기준으로 합니다.",
        ),
        "registered_on": ("Registered", "登録日", "등록일"),
        "started_on": ("Started", "開始日", "시작일"),
        "trial": ("Trial", "試用期間", "체험 기간"),
        "days_left": ("Days left: {count}", "残り日数: {count}", "남은 일수: {count}"),
        "trial_over": ("The trial is over.", "試用期間は終了しました。", "체험 기간이 끝났습니다."),
        "try": ("Start the trial", "試用の開始", "체험 시작"),
        "try_hint": (
            (
                "For {days} days the product can be used in full, without licenses. There is one trial "
                "for each product; starting the subscription ends it."
            ),
            (
                "{days} 日間、ライセンスなしで製品のすべての機能を使用できます。試用は製品ごとに 1 回で、"
                "サブスクリプションを開始すると終了します。"
            ),
            (
                "{days}일 동안 라이선스 없이 제품의 모든 기능을 사용할 수 있습니다. 체험은 제품마다 한 "
                "번이며 구독을 시작하면 끝납니다."
            ),
        ),
        "renewal_near": (
            (
                "The renewal date is near, and the licenses of the next subscription year do not cover "
                "today's need."
            ),
            (
                "更新日が近づいていますが、次のサブスクリプション年度のライセンスが現在の必要数に"
                "足りません。"
            ),
            "갱신일이 다가오지만 다음 구독 연도의 라이선스가 현재 요건에 미치지 못합니다.",
        ),
        "exceeded_since": ("Growth exceeded since", "増加の上限を超えた日", "증가 한도를 넘은 날"),
        "to_allocate": ("Allocate licenses", "ライセンスの割り当て", "라이선스 할당"),
        "to_redeem": ("Redeem license key", "ライセンスキーの引き換え", "라이선스 키 등록"),
    }
)

START = in_three(
    {
        "title": ("Start your subscription", "サブスクリプションの開始", "구독 시작"),
        "first_year": (
            "The first subscription year begins today and sets the renewal date for all products.",
            "最初のサブスクリプション年度が今日から始まり、すべての製品の更新日が決まります。",
            "첫 구독 연도가 오늘 시작되며 모든 제품의 갱신일이 정해집니다.",
        ),
        "same_year": (
            "The product joins the running subscription year of the organization.",
            "製品は、組織の現在のサブスクリプション年度に加わります。",
            "제품은 조직의 현재 구독 연도에 합류합니다.",
        ),
        "own_year": (
            "The product counts subscription years of its own, beginning today.",
            "この製品は、今日から始まる独自のサブスクリプション年度で数えます。",
            "이 제품은 오늘부터 시작하는 자체 구독 연도로 계산합니다.",
        ),
        "grace": (
            (
                "The grace period lasts thirty days from today. Allocate licenses within it: the "
                "product can be used meanwhile."
            ),
            "猶予期間は今日から 30 日間です。その間も製品を使用できます。期間中にライセンスを割り当ててください。",
            "유예 기간은 오늘부터 30일입니다. 그동안 제품을 사용할 수 있습니다. 기간 안에 라이선스를 할당하십시오.",
        ),
        "trial_ends": (
            "A trial of the product ends now.",
            "製品の試用期間は、開始と同時に終了します。",
            "제품의 체험 기간은 시작과 동시에 끝납니다.",
        ),
        "time_zone": ("Time zone", "タイムゾーン", "시간대"),
        "time_zone_hint": (
            (
                "Subscription years, grace periods and the last days of licenses count in the days of "
                "this time zone. It cannot be changed after the first subscription has started."
            ),
            (
                "サブスクリプション年度、猶予期間、ライセンスの期限は、このタイムゾーンの日付で数えます。"
                "最初のサブスクリプションの開始後は変更できません。"
            ),
            (
                "구독 연도, 유예 기간, 라이선스의 마지막 날은 이 시간대의 날짜로 계산합니다. 첫 구독을 "
                "시작한 뒤에는 변경할 수 없습니다."
            ),
        ),
        "fixed": (
            "Days count in the time zone {zone}, which the first subscription fixed.",
            "日付は、最初のサブスクリプションで決まったタイムゾーン {zone} で数えます。",
            "날짜는 첫 구독에서 정해진 시간대 {zone}(으)로 계산합니다.",
        ),
        "button": ("Start your subscription", "サブスクリプションの開始", "구독 시작"),
    }
)

WALLET = in_three(
    {
        "title": ("Product wallet", "製品ウォレット", "제품 지갑"),
        "holds": ("Licenses in the wallet", "ウォレット内のライセンス", "지갑에 있는 라이선스"),
        "lead": (
            (
                "Licenses that are not allocated yet. One license is good for one subscription year; "
                "those whose last day comes first are used first."
            ),
            (
                "まだ割り当てていないライセンスです。1 ライセンスは 1 サブスクリプション年度分です。"
                "期限の早いものから使用されます。"
            ),
            (
                "아직 할당하지 않은 라이선스입니다. 라이선스 1개는 구독 연도 1년에 해당합니다. 마지막 "
                "날이 이른 것부터 사용됩니다."
            ),
        ),
        "none": (
            "The wallet holds no licenses.",
            "ウォレットにライセンスはありません。",
            "지갑에 라이선스가 없습니다.",
        ),
        "last_day": ("Last day", "最終日", "마지막 날"),
        "source": ("Where from", "入手元", "출처"),
        "source_key": ("License key", "ライセンスキー", "라이선스 키"),
        "source_compensation": ("Compensation", "補償", "보상"),
        "source_upgrade": ("Upgrade", "アップグレード", "업그레이드"),
        "saved_up": ("Saved up", "積み立て分", "적립분"),
        "saved_up_hint": (
            (
                "What compensation left over. It never expires; as soon as it makes a whole license, "
                "that license goes to the wallet."
            ),
            (
                "補償のうち 1 ライセンスに満たない部分です。期限はありません。1 ライセンス分になると、"
                "自動的にウォレットに入ります。"
            ),
            (
                "보상 중 라이선스 1개가 되지 않는 부분입니다. 만료되지 않으며, 라이선스 1개가 되면 "
                "자동으로 지갑에 들어갑니다."
            ),
        ),
        "kind": ("Kind", "区分", "구분"),
        "part": ("Part of a license", "ライセンスの一部", "라이선스의 일부"),
        "redeem": ("Redeem license key", "ライセンスキーの引き換え", "라이선스 키 등록"),
        "redeem_hint": (
            "All licenses of the key go to this wallet. Each key can be redeemed once.",
            "キーに含まれるライセンスはすべて、このウォレットに入ります。引き換えは一度だけです。",
            "키에 들어 있는 모든 라이선스가 이 지갑에 들어갑니다. 키는 한 번만 등록할 수 있습니다.",
        ),
        "key": ("License key", "ライセンスキー", "라이선스 키"),
        "key_hint": (
            "25 letters and digits. Case, blanks and hyphens do not matter. Paste a voucher as a whole.",
            (
                "25 文字の英数字です。大文字と小文字、空白、ハイフンの違いは影響しません。"
                "バウチャーは全体を貼り付けてください。"
            ),
            (
                "영문자와 숫자 25자입니다. 대소문자, 공백, 하이픈은 구분하지 않습니다. "
                "바우처는 전체를 붙여 넣으십시오."
            ),
        ),
        "csv": ("Download as CSV", "CSV をダウンロード", "CSV 다운로드"),
    }
)
