"""What the mails about licenses say in Korean."""

from __future__ import annotations

from collections.abc import Mapping

from services.identity.mail.texts import Kind, Text

_SEE = "제품의 라이선스는 다음 페이지에서 확인할 수 있습니다."
_WHY = "이 메일은 조직의 소유자와 관리자에게 보냅니다."

TEXTS: Mapping[Kind, Text] = {
    Kind.RENEWAL_NEAR: Text(
        "{service} 구독의 갱신일이 다가옵니다",
        (
            (
                "“{organization}” 조직의 “{product}” 제품 구독은 {days} 후인 {on}에 갱신일을 "
                "맞습니다."
            ),
            (
                "그날 시작되는 구독 연도에는 라이선스가 다시 필요합니다. 지금 미리 할당하거나 그날 "
                "시작되는 유예 기간 안에 할당할 수 있습니다. 이미 할당했다면 아무것도 하지 않아도 "
                "됩니다."
            ),
            _SEE,
            "{link}",
            _WHY,
        ),
    ),
    Kind.GRACE_STARTED: Text(
        "{service} 제품의 유예 기간이 시작되었습니다",
        (
            (
                "“{organization}” 조직의 “{product}” 제품에 유예 기간이 시작되었습니다. 마지막 날은 "
                "{on}입니다."
            ),
            (
                "그날까지는 라이선스를 할당하지 않아도 제품을 사용할 수 있습니다. 마지막 날까지 현재 "
                "요건만큼 라이선스를 할당하십시오. 지갑의 라이선스가 부족하면 먼저 라이선스 키를 "
                "등록하십시오."
            ),
            _SEE,
            "{link}",
            _WHY,
        ),
    ),
    Kind.GRACE_ENDING: Text(
        "{service} 제품의 유예 기간이 곧 끝납니다",
        (
            (
                "“{organization}” 조직의 “{product}” 제품 유예 기간의 마지막 날은 {days} 후인 "
                "{on}입니다."
            ),
            (
                "현재 구독 연도의 라이선스가 아직 부족합니다. 그때까지 할당하지 않으면 다음 날부터 "
                "제품은 라이선스가 없는 상태가 됩니다."
            ),
            _SEE,
            "{link}",
            _WHY,
        ),
    ),
    Kind.UNLICENSED: Text(
        "{service} 제품이 라이선스가 없는 상태입니다",
        (
            (
                "“{organization}” 조직의 “{product}” 제품은 라이선스가 없는 상태입니다. 유예 기간이 "
                "끝났고, 할당된 라이선스가 현재 요건에 미치지 못합니다."
            ),
            (
                "부족한 라이선스를 할당하면 바로 라이선스가 있는 상태로 돌아갑니다. 그때까지 제품에서 "
                "영상 보기와 설정이 제한될 수 있습니다. 녹화는 계속됩니다."
            ),
            _SEE,
            "{link}",
            _WHY,
        ),
    ),
    Kind.GROWTH_NEAR: Text(
        "{service} 제품의 사용량이 증가 한도에 가까워졌습니다",
        (
            (
                "제품의 사용량은 한 구독 연도 안에 할당된 라이선스의 수만큼 더 늘어날 수 있습니다. "
                "“{organization}” 조직의 “{product}” 제품은 그 대부분을 사용했습니다."
            ),
            (
                "지금은 아무것도 하지 않아도 됩니다. 늘어난 만큼의 라이선스는 다음 갱신 때 필요합니다. "
                "한도를 넘으면 현재 구독 연도에 라이선스를 추가로 할당해야 합니다."
            ),
            _SEE,
            "{link}",
            _WHY,
        ),
    ),
    Kind.GROWTH_EXCEEDED: Text(
        "{service} 제품의 사용량이 증가 한도를 넘었습니다",
        (
            (
                "“{organization}” 조직의 “{product}” 제품에 필요한 라이선스가 할당된 수의 두 배를 "
                "넘었습니다. 한 구독 연도에 허용되는 증가 한도를 넘은 것입니다."
            ),
            (
                "현재 구독 연도에 라이선스를 추가로 할당하십시오. 할당하지 않으면 얼마 후 제품에 "
                "장치를 추가하지 못하게 될 수 있습니다."
            ),
            _SEE,
            "{link}",
            _WHY,
        ),
    ),
    Kind.LICENSES_EXPIRING: Text(
        "{service} 지갑의 라이선스가 곧 만료됩니다",
        (
            (
                "“{organization}” 조직의 “{product}” 제품 지갑에 있는 {licenses}가 {days} 후인 "
                "{on}에 만료됩니다."
            ),
            (
                "그날부터는 할당할 수 없으므로 그 전에 할당하십시오. 앞으로의 구독 연도에 미리 할당할 "
                "수도 있습니다. 그 전에 할당한 라이선스에는 영향이 없습니다."
            ),
            _SEE,
            "{link}",
            _WHY,
        ),
    ),
    Kind.LICENSES_RETURNED: Text(
        "{service} 지갑에 라이선스가 다시 추가되었습니다",
        (
            "“{organization}” 조직의 “{product}” 제품 지갑에 {licenses}가 다시 추가되었습니다.",
            (
                "구독 연도 중에 라이선스를 할당했으므로 할당할 때 이미 지난 날수만큼 보상된 것입니다. "
                "다시 추가된 라이선스는 다른 라이선스와 똑같이 할당할 수 있습니다. 아무것도 하지 "
                "않아도 됩니다."
            ),
            _SEE,
            "{link}",
            _WHY,
        ),
    ),
    Kind.REDEEMING_LOCKED: Text(
        "{service} 라이선스 키 등록이 잠겼습니다",
        (
            (
                "“{organization}” 조직에서 잘못된 라이선스 키가 연속해서 너무 많이 입력되어 조직 "
                "전체에서 라이선스 키 등록이 잠겼습니다. 다른 기능은 그대로 사용할 수 있습니다."
            ),
            "판매처에 키를 확인한 다음 시스템 운영자에게 잠금을 풀어 달라고 요청하십시오.",
            (
                "라이선스 키는 조직의 소유자와 관리자만 등록할 수 있습니다. 이들 중 아무도 입력하지 "
                "않았다면 다른 사람이 누군가의 계정을 사용하고 있을 수 있습니다. 소유자와 관리자를 "
                "확인하고 비밀번호를 변경하십시오."
            ),
            _SEE,
            "{link}",
            _WHY,
        ),
    ),
}
