"""The pages of licenses in English, Japanese and Korean, in the words of the manuals (chapter 3)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import services.licensing.service
from contracts.errors import refusals
from contracts.license_notices import NoticeKind
from contracts.licensing import LicenseKind, Status
from gateway.console.words import LANGUAGES
from gateway.console.words.licenses import HARDWARE_REASONS, KINDS, REASONS, STATUSES
from gateway.console.words.licenses_history import ACTS
from gateway.console.words.licenses_notices import NOTICES_TOLD
from gateway.console.words.refusals import REFUSALS
from services.licensing.service.commands import RECIPES, SUITE_RECIPES
from tests.service.identity.test_console_words import blanks, tables
from tests.service.licensing.shop import Shop, shop
from tests.service.licensing.site import RECORDER, Site
from tests.service.licensing.station import Station

# What only programs, suppliers and the operators of an installation meet.
_NOT_HERE = frozenset(
    {
        "cannot-be-reversed",
        "catalogue-in-use",
        "catalogue-invalid",
        "hardware-serial-taken",
        "license-key-not-found",
        "license-term-mismatch",
        "order-not-found",
        "order-ref-mismatch",
        "replacement-impossible",
        "supplier-credential-invalid",
        "supplier-name-taken",
        "supplier-not-found",
        "supplier-quota-exhausted",
        "system-credential-invalid",
        "test-clock-unavailable",
        "usage-report-mismatch",
    }
)

# Every label that the manuals name, and the translations that they bracket it with.
MANUAL = (
    ("Product list", "製品リスト", "제품 목록"),
    ("Where to buy licenses", "ライセンスの購入先", "라이선스 구입처"),
    ("Upload system file", "システムファイルのアップロード", "시스템 파일 업로드"),
    ("Product overview", "製品の概要", "제품 개요"),
    ("Product wallet", "製品ウォレット", "제품 지갑"),
    ("Product licensing", "製品のライセンス", "제품 라이선스"),
    ("System setup", "システムのセットアップ", "시스템 설정"),
    ("History", "履歴", "기록"),
    ("Start your subscription", "サブスクリプションの開始", "구독 시작"),
    ("Redeem license key", "ライセンスキーの引き換え", "라이선스 키 등록"),
    ("Confirm allocation", "割り当ての確認", "할당 확인"),
    ("Allocate licenses", "ライセンスの割り当て", "라이선스 할당"),
    (
        "Allocate subscription licenses",
        "サブスクリプションライセンスの割り当て",
        "구독 라이선스 할당",
    ),
    ("Current need", "現在の必要数", "현재 요건"),
    ("Subscription licenses", "サブスクリプションライセンス", "구독 라이선스"),
    (
        "Tied-to-hardware licenses",
        "ハードウェアに紐づけられたライセンス",
        "하드웨어에 연결된 라이선스",
    ),
    ("Upgrade licenses", "アップグレードライセンス", "업그레이드 라이선스"),
    ("License status", "ライセンスステータス", "라이선스 상태"),
    (
        "Subscription has started",
        "サブスクリプションを開始しました",
        "구독이 시작되었습니다",
    ),
)


def test_every_refusal_a_person_can_meet_is_said_in_three_languages() -> None:
    assert services.licensing.service.__doc__
    met = {kind.code for kind in refusals() if kind.__module__.startswith("services.licensing")}
    missing = met - _NOT_HERE - REFUSALS.keys()
    assert missing == set(), "add these to gateway/console/words/license_refusals.py"


def test_every_act_of_the_history_has_words() -> None:
    """R13."""
    done = {*RECIPES, *SUITE_RECIPES, "time_passed"}
    assert done - ACTS["en"].keys() == set(), (
        "add these to gateway/console/words/licenses_history.py"
    )


def test_every_status_notice_and_kind_of_license_has_words() -> None:
    """R2, D-20, D-21."""
    assert NOTICES_TOLD["en"].keys() == {kind.value for kind in NoticeKind}
    statuses = {status.value for status in Status}
    assert STATUSES["en"].keys() == statuses
    assert KINDS["en"].keys() == {kind.value for kind in LicenseKind}
    for table in (REASONS, HARDWARE_REASONS):
        assert statuses <= table["en"].keys()


def test_what_the_manuals_name_is_called_so_in_every_table() -> None:
    """Chapter 3."""
    theirs = {english: rest for english, *rest in MANUAL}
    found = set()
    for table, words in tables():
        for key, english in words["en"].items():
            said = [words["ja"][key], words["ko"][key]]
            assert said == theirs.get(english, said), (table, key)
            found.add(english)
    assert theirs.keys() - found == set()


def test_korean_has_one_word_for_a_license() -> None:
    """The manuals' 라이센스 is nobody's word here."""
    texts = [text for _name, words in tables() for text in words["ko"].values()]
    texts += [korean for _english, _japanese, korean in REFUSALS.values()]
    assert [text for text in texts if "라이센스" in text] == []


PATHS = (
    "/licenses/cloud-recording/start",
    "/licenses/cloud-recording/licensing",
    "/licenses",
    "/where-to-buy-licenses",
    "/license-history?by_suite=true",
    "/license-notices",
    "/upload-system-file",
    "",
)


def walk_systems(store: Shop, folder: Path) -> None:
    """Registered in every way, silent for long, removed; licenses on them, upgraded and refused."""
    site = Site(store.customer)
    system = site.hardware("REC-1", name="Zq")
    site.buy(5, "channel")
    site.buy(1, "channel-to-analytics")
    site.extend(system, channel=2)
    site.remove(site.register("Kq"))
    station = Station(store.customer, folder)
    station.upload(station.file(core=1), name="Wq")
    station.fetch()
    store.on("2025-10-15")
    for path in ("", "/register", f"/{system['id']}", f"/{system['id']}/rename"):
        store.at(f"/systems{path}", product=RECORDER)
    store.at("/systems?removed=true", product=RECORDER)
    for name in ("licenses/network-recorder", "licenses/camera-manager"):
        for path in ("systems", "history", "upgrades"):
            store.ada.at(store.home, f"/{name}/{path}")
    store.at(f"/systems/{station.id}")
    store.at(f"/systems/{station.id}/remove")
    forms = store.at(f"/systems/{system['id']}", product=RECORDER).forms
    for form in forms:
        if form.action.endswith(("/allocate", "/credential")):
            store.ada.send(form.action, form.values)
    form = store.at("/upgrades", product=RECORDER).forms[-1]
    store.ada.send(form.action, {**form.values, "licenses": "9"})
    form = store.ada.at(store.home, "/upload-system-file").forms[-1]
    store.ada.send(form.action, form.values)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_speaks_one_language(tmp_path: Path, language: str) -> None:
    with shop(tmp_path, language, "Qx") as store:
        ada, customer, supplier = store.ada, store.customer, store.supplier
        ada.at(store.home, "/licenses")
        for product in ("camera-manager", "video-center", "cloud-recording"):
            customer.register(product=product)
            store.at(product=product)
        store.at("/start")
        customer.start()
        customer.manage(12)
        for path in ("", "/wallet", "/licensing", "/history", "/start"):
            store.at(path)
        customer.buy(30)
        for seats in (11, 12, "x"):
            store.at(f"/licensing/allocation?year=0&seats-core={seats}")
        store.on("2025-08-31")
        store.at("/licensing/allocation?year=0&seats-core=12")
        customer.allocate(12)
        customer.manage(15)
        upgrades = [{"type": "core", "quantity": 1}, {"type": "core-to-universal", "quantity": 1}]
        of_videos = {"product": "video-center"}
        customer.redeem(supplier.issue(lines=upgrades, **of_videos)["keys"][0]["key"], **of_videos)
        for product in ("camera-manager", "video-center"):
            for path in ("", "/start", "/wallet", "/licensing", "/history"):
                store.at(path, product=product)
        form = store.at("/wallet").forms[-1]
        ada.send(form.action, {**form.values, "key": "ZZZZZ"})
        walk_systems(store, tmp_path)
        store.suite.run_job("licensing", "look_after_licenses")
        for path in PATHS:
            ada.at(store.home, path)
        own = {text for _name, table in tables() for text in table[language].values()}
        foreign = {
            text
            for _name, table in tables()
            for other in LANGUAGES
            if other != language
            for text in table[other].values()
            if text not in own and len(text) > 3 and not blanks(text)
        }
        pages = [page for page in ada.pages if "licens" in page.path]
        assert len({page.title for page in pages}) > 15
        for page in pages:
            assert page.language == language
            body = page.html.partition("<main")[2].partition("</main>")[0]
            for shown in map(str.strip, re.split(r"<[^>]*>", body)):
                # Names of products are in English everywhere, and may hold a short word.
                found = [
                    each for each in foreign if each == shown or (len(each) > 15 and each in shown)
                ]
                assert found == [], (page.path, shown)
