"""What a notice gives to the text of its mail."""

from __future__ import annotations

from collections.abc import Mapping

from contracts.identity import Language
from contracts.license_notices import LicenseNoticeAddressed
from services.identity.domain.chosen_name import shown

# Of one, and of any other number; only English tells them apart.
_DAYS: Mapping[Language, tuple[str, str]] = {
    Language.ENGLISH: ("{:,} day", "{:,} days"),
    Language.JAPANESE: ("{:,} 日", "{:,} 日"),
    Language.KOREAN: ("{:,}일", "{:,}일"),
}
_LICENSES: Mapping[Language, tuple[str, str]] = {
    Language.ENGLISH: ("{:,} license", "{:,} licenses"),
    Language.JAPANESE: ("ライセンス {:,} 個", "ライセンス {:,} 個"),
    Language.KOREAN: ("라이선스 {:,}개", "라이선스 {:,}개"),
}


def values(notice: LicenseNoticeAddressed, language: Language) -> dict[str, str]:
    """What is not said is left out."""
    found = {
        "organization": shown(notice.organization_name),
        "product": shown(notice.product_name),
    }
    if notice.on is not None:
        found["on"] = notice.on.isoformat()
    if notice.days is not None:
        found["days"] = _counted(_DAYS[language], notice.days)
    if notice.licenses is not None:
        found["licenses"] = _counted(_LICENSES[language], notice.licenses)
    return found


def _counted(forms: tuple[str, str], number: int) -> str:
    one, many = forms
    return (one if number == 1 else many).format(number)
