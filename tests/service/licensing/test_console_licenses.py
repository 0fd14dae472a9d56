"""LICENSE MANAGER through the pages: products, start, trial, wallet and history."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from contracts.access import Role
from services.licensing.models import NoticeRow
from tests.service.licensing.customer import PRODUCT, Customer
from tests.service.licensing.shop import Shop, shop
from tests.service.organizations.office import Visitor

BOB = "bob@example.com"
LANGUAGES = ("en", "ja", "ko")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path) as opened:
        yield opened


@pytest.fixture
def ada(store: Shop) -> Visitor:
    return store.ada


@pytest.fixture
def customer(store: Shop) -> Customer:
    return store.customer


# Whose pages these are (R7)

PATHS = (
    "/licenses",
    "/where-to-buy-licenses",
    "/license-history",
    "/license-history.csv",
    "/license-notices",
    "/licenses/camera-manager",
    "/licenses/camera-manager/start",
    "/licenses/camera-manager/wallet",
    "/licenses/camera-manager/wallet/wallet.csv",
    "/licenses/camera-manager/licensing",
    "/licenses/camera-manager/licensing/allocation",
    "/licenses/camera-manager/history",
    "/licenses/camera-manager/history.csv",
)


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.VIEWER])
def test_operators_and_viewers_see_nothing_of_licenses(store: Shop, role: Role) -> None:
    """R7."""
    store.customer.register()
    bob = store.office.visitor(BOB).joins(store.home, role)
    assert "Licenses" not in bob.at(store.home).links
    for path in PATHS:
        assert bob.at(store.home, path).status == 403, path


def test_strangers_are_not_told_that_the_organization_exists(store: Shop) -> None:
    store.customer.register()
    bob = store.office.visitor(BOB)
    for path in PATHS:
        page = bob.at(store.home, path)
        assert page.status == 404, path
        assert "Nordic Retail" not in page.text
        answer = store.office.app().test_client().get(f"/organizations/{store.customer.id}{path}")
        assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in"), path


def test_an_admin_manages_licenses_as_the_owner_does(store: Shop) -> None:
    """R7."""
    bob = store.office.visitor(BOB).joins(store.home, Role.ADMIN)
    bob.at(store.home)
    bob.click("Licenses")
    assert bob.press("Register product", product="camera-manager").title == "Product overview"


def test_no_form_is_taken_that_another_site_could_have_sent(store: Shop, ada: Visitor) -> None:
    """Security 2.6: every address that takes a form refuses one without its token."""
    store.customer.started()
    blanks = {
        "organization_id": str(store.customer.id),
        "product": "camera-manager",
        "system_id": str(uuid4()),
    }
    rules = [
        rule
        for rule in ada.client.application.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and rule.endpoint.startswith("licenses")
    ]
    assert len(rules) > 4
    before = len(store.customer.log())
    for rule in rules:
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: blanks[found[1]], rule.rule)
        page = ada.send(path, {"product": "site-health", "errand": str(uuid4())})
        assert (page.status, "out of date" in page.text) == (403, True), path
    assert len(store.customer.log()) == before


# The list


def test_a_product_is_registered_once_however_often_the_form_is_sent(
    store: Shop, ada: Visitor
) -> None:
    """R3, D-24."""
    page = ada.at(store.home, "/licenses")
    assert "No product is registered yet." in page.text
    form = page.form("Register product")
    values = {**form.values, "product": "camera-manager"}
    page = ada.send(form.action, values)
    assert (page.title, "The product is registered." in page.text) == ("Product overview", True)
    assert ada.send(form.action, values).alerts == []
    assert [entry.name for entry in store.customer.log()] == ["register_product"]
    page = ada.at(store.home, "/licenses")
    assert "Not started" in page.text
    assert page.links["Camera Manager"].endswith("/licenses/camera-manager")
    offered = re.findall(r'<option value="([^"]*)"', page.html)
    assert "site-health" in offered
    assert "camera-manager" not in offered


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "The product is registered already."),
        ("ja", "この製品はすでに登録されています。"),
        ("ko", "이 제품은 이미 등록되어 있습니다."),
    ],
)
def test_a_product_that_is_registered_is_refused_in_the_persons_language(
    store: Shop, ada: Visitor, language: str, said: str
) -> None:
    form = ada.at(store.home, f"/licenses?lang={language}").forms[-1]
    store.customer.register()
    page = ada.send(form.action, {**form.values, "product": "camera-manager"})
    assert (page.status, page.alerts) == (409, [said])
    page = ada.send(form.action, {**form.values, "product": "no-such-thing"})
    assert (page.status, len(page.alerts)) == (404, 1)


def test_the_list_tells_how_it_stands_with_each_product_and_until_when(
    store: Shop, ada: Visitor, customer: Customer
) -> None:
    """R1, D-20: with its reason, and the day it changes."""
    customer.started()
    customer.manage(12)
    page = ada.at(store.home, "/licenses")
    assert "Subscription has started" in page.text
    assert "Still to be allocated: 12 × core." in page.text
    assert "The last day of the grace period is 2025-03-30" in page.text
    assert 'datetime="2025-03-31"' in page.html
    customer.buy(12)
    customer.allocate(12)
    page = ada.at(store.home, "/licenses")
    assert "Licensed" in page.text
    assert 'datetime="2026-03-01"' in page.html
    store.on("2025-12-15")
    assert "Renewal near, licenses missing" in ada.at(store.home, "/licenses").text


def test_where_to_buy_leads_to_the_partners_that_the_installation_names(store: Shop) -> None:
    """R5."""
    page = store.ada.at(store.home, "/licenses")
    page = store.ada.click("Where to buy licenses")
    assert "This installation names no suppliers." in page.text
    kit = store.customer.suite.kits["licensing"]
    kit.own = replace(kit.own, where_to_buy_url="https://example.com/partners?in={country}")
    page = store.ada.at(store.home, "/where-to-buy-licenses")
    assert 'href="https://example.com/partners?in="' in page.html
    store.ada._headers["Accept-Language"] = "zh-Hant, en-se;q=0.5, ko-KR;q=0.1"
    page = store.ada.at(store.home, "/where-to-buy-licenses")
    assert 'href="https://example.com/partners?in=SE"' in page.html


# Start and trial


def test_starting_shows_the_grace_period_and_fixes_the_time_zone(
    store: Shop, ada: Visitor, customer: Customer
) -> None:
    """R6, R14 to R17, D-1."""
    customer.register()
    customer.register(product="site-health")
    store.at()
    page = ada.click("Start your subscription")
    assert "Check that Nordic Retail is the right organization." in page.text
    form = page.form("Start your subscription")
    assert form.values["time_zone"] == "UTC"
    values = {**form.values, "time_zone": "Asia/Tokyo"}
    page = ada.send(form.action, values)
    for text in ("Subscription has started", "2025-03-30", "2026-03-01", "Asia/Tokyo"):
        assert text in page.text
    assert ada.send(form.action, values).alerts == []
    assert [entry.name for entry in customer.log()].count("start_subscription") == 1
    page = store.at("/start", product="site-health")
    assert "time_zone" not in {each.get("name") for each in page.inputs}
    assert "Asia/Tokyo" in page.text
    assert "Subscription has started" in ada.press("Start your subscription").text


def test_a_product_with_years_of_its_own_says_so_and_what_its_licenses_stand_for(
    store: Shop, ada: Visitor, customer: Customer
) -> None:
    """D-4, R45."""
    customer.started()
    customer.register(product="cloud-recording")
    page = store.at("/start", product="cloud-recording")
    assert "The product counts subscription years of its own" in page.text
    ada.press("Start your subscription")
    page = store.at("/licensing", product="cloud-recording")
    assert "resolution 1920x1080, kept for 90 days" in page.text
    customer.register(product="site-health")
    page = store.at("/start", product="site-health")
    assert "joins the running subscription year" in page.text


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Choose a time zone from the list."),
        ("ja", "一覧からタイムゾーンを選択してください。"),
        ("ko", "목록에서 시간대를 선택하십시오."),
    ],
)
def test_a_refused_start_says_why_and_keeps_what_was_chosen(
    store: Shop, ada: Visitor, customer: Customer, language: str, said: str
) -> None:
    customer.register()
    form = store.at(f"/start?lang={language}").forms[-1]
    page = ada.send(form.action, {**form.values, "time_zone": "Mars/Olympus"})
    assert (page.status, page.alerts) == (422, [said])
    customer.start()
    page = ada.send(form.action, {**form.values, "errand": str(uuid4())})
    assert (page.status, len(page.alerts)) == (409, 1)


@pytest.mark.parametrize(
    ("language", "zone"), [("en", "UTC"), ("ja", "Asia/Tokyo"), ("ko", "Asia/Seoul")]
)
def test_the_likely_time_zone_is_offered_first(store: Shop, language: str, zone: str) -> None:
    store.customer.register()
    assert store.at(f"/start?lang={language}").forms[-1].values["time_zone"] == zone


def test_a_trial_is_started_once_and_shows_the_days_that_are_left(
    store: Shop, ada: Visitor, customer: Customer
) -> None:
    """R43, D-18."""
    customer.register(product="video-center")
    page = store.at(product="video-center")
    assert "For 90 days the product can be used in full" in page.text
    form = page.form("Start the trial")
    page = ada.send(form.action, form.values)
    assert ada.send(form.action, form.values).alerts == []
    for text in ("Trial", "2025-05-29", "Days left: 90"):
        assert text in page.text
    assert not [each for each in page.forms if "Start the trial" in each.buttons]
    page = ada.send(form.action, {**form.values, "errand": str(uuid4())})
    assert (page.status, len(page.alerts)) == (409, 1)
    store.on("2025-05-29")
    assert "Days left: 1" in store.at(product="video-center").text
    store.on("2025-05-30")
    page = store.at(product="video-center")
    assert "Trial expired" in page.text
    assert "The trial is over." in page.text


# Wallet


def test_a_key_is_redeemed_once_and_its_licenses_show_their_last_day(
    store: Shop, ada: Visitor, customer: Customer
) -> None:
    """R6, R12, R18, D-7."""
    customer.started()
    page = store.at("/wallet")
    assert "The wallet holds no licenses." in page.text
    assert "Check that Nordic Retail is the right organization." in page.text
    form = page.form("Redeem license key")
    values = {**form.values, "key": store.supplier.key(12).lower()}
    page = ada.send(form.action, values)
    assert "The licenses of the key are in the wallet now." in page.text
    for text in ("12 Licenses in the wallet", "core", "Subscription licenses", "2030-02-28"):
        assert text in page.text
    assert ada.send(form.action, values).alerts == []
    assert customer.wallet()["licenses"] == 12


WRONG_KEYS = {
    "en": ("This is not a license key", "Nobody issued this key", "has been used"),
    "ja": ("ライセンスキーが正しくありません", "発行されていません", "引き換え済みです"),
    "ko": ("올바르지 않습니다", "발행되지 않은", "이미 등록되었습니다"),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_wrong_key_is_said_at_its_field_and_can_be_corrected(
    store: Shop, ada: Visitor, customer: Customer, language: str
) -> None:
    """M6."""
    customer.started()
    used = store.supplier.key(1)
    other = Customer(store.suite, store.supplier)
    other.register()
    other.redeem(used)
    form = store.at(f"/wallet?lang={language}").forms[-1]
    keys = ("ZZZZZ", "ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZ-ZZZ3F", used)
    for key, said, status in zip(keys, WRONG_KEYS[language], (422, 404, 409), strict=True):
        page = ada.send(form.action, {**form.values, "key": key})
        assert page.status == status
        assert said in page.alerts[0]
        assert page.input("key")["aria-invalid"] == "true"
        assert page.input("key")["value"] == key
    assert customer.wallet()["licenses"] == 0


def test_too_many_wrong_keys_are_told_when_to_try_again(store: Shop, ada: Visitor) -> None:
    store.customer.started()
    form = store.at("/wallet").form("Redeem license key")
    wrong = {**form.values, "key": "ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZ-ZZZ3F"}
    for _ in range(5):
        page = ada.send(form.action, wrong)
    assert page.status == 429
    assert "Try again in" in page.alerts[0]


def test_what_compensation_left_over_is_shown(store: Shop, customer: Customer) -> None:
    """D-11, E3."""
    customer.started()
    customer.manage(12)
    customer.buy(12)
    store.on("2025-08-31")
    customer.allocate(12)
    page = store.at("/wallet")
    for text in ("6 Licenses in the wallet", "Compensation", "Saved up", "0.0164"):
        assert text in page.text


def test_many_lots_are_listed_page_by_page_and_downloaded_as_a_whole(
    store: Shop, ada: Visitor, customer: Customer
) -> None:
    customer.started()
    for key in store.supplier.issue(count=53)["keys"]:
        customer.redeem(key["key"])
    page = store.at("/wallet")
    assert page.html.count('<th scope="row"') == 50
    assert ada.click("Further entries").html.count('<th scope="row"') == 3
    answer = ada.client.get(page.links["Download as CSV"])
    assert (answer.mimetype, len(answer.text.splitlines())) == ("text/csv", 54)
    for made_up in ("x", "-1", "9" * 20, "%00", "60"):
        assert store.at(f"/wallet?from={made_up}").status == 200


# History


def test_the_history_tells_who_did_what_and_when(
    store: Shop, ada: Visitor, customer: Customer
) -> None:
    """R13."""
    customer.started()
    customer.manage(2)
    bob = store.office.visitor(BOB).joins(store.home, Role.ADMIN)
    key = store.supplier.key(2)
    bob.at(store.home, "/licenses/camera-manager/wallet")
    bob.press("Redeem license key", key=key)
    customer.allocate(2)
    customer.register(product="site-health")
    page = store.at("/history")
    rows = re.findall(
        r'<strong>([^<]*)</strong></td>\s*<td[^>]*data-label="By">([^<]*)<', page.html
    )
    assert rows == [
        ("Licenses allocated", "ada@example.com"),
        ("License key redeemed", BOB),
        ("Subscription started", "ada@example.com"),
        ("Product registered", "ada@example.com"),
    ]
    assert f"key ending in {key[-5:]}; licenses: 2 × core" in page.text
    assert key not in page.html
    assert "Devices counted" not in page.text
    ada.click("Show also what the system noted by itself")
    assert "Devices counted" not in ada.page.text
    page = ada.at(store.home, "/license-history?by_suite=true")
    assert "Devices counted" in page.text
    assert "devices: 2" in page.text
    assert "the system itself" in page.text
    assert page.text.count("Product registered") == 2


def test_who_left_is_named_by_the_account(store: Shop, customer: Customer) -> None:
    bob = store.office.visitor(BOB).joins(store.home, Role.ADMIN)
    bob.at(store.home, "/licenses")
    bob.press("Register product", product="camera-manager")
    store.office.world.ask(
        "remove_members",
        customer.owner,
        organization_id=customer.id,
        account_ids=[str(bob.account)],
    )
    assert f"account {str(bob.account)[:8]}" in store.at("/history").text


def test_a_long_history_is_listed_page_by_page_and_downloaded_as_a_whole(
    store: Shop, ada: Visitor, customer: Customer
) -> None:
    customer.started()
    for key in store.supplier.issue(count=52)["keys"]:
        customer.redeem(key["key"])
    page = store.at("/history")
    assert page.text.count("License key redeemed") == 50
    answer = ada.client.get(page.links["Download as CSV"])
    assert (answer.mimetype, len(answer.text.splitlines())) == ("text/csv", 55)
    assert ada.click("Further entries").text.count("License key redeemed") == 2


# Notices


def test_what_was_told_about_licenses_can_be_read_again(
    store: Shop, ada: Visitor, customer: Customer
) -> None:
    """D-21, R31."""
    assert "There are no notices." in ada.at(store.home, "/license-notices").text
    customer.started()
    customer.manage(2)
    store.on("2025-03-24")
    store.suite.run_job("licensing", "look_after_licenses")
    ada.at(store.home, "/licenses")
    page = ada.click("Notices")
    assert "The grace period ends soon, on 2025-03-30" in page.text
    assert ada.click("Camera Manager").title == "Product overview"
    with customer.suite.kits["licensing"].db() as session:
        session.add_all(
            NoticeRow(
                id=uuid4(),
                organization_id=customer.id,
                product=PRODUCT,
                kind="licenses_returned",
                subject=f"entry {number}",
                licenses=number,
                announced_at=customer.suite.clock.now(),
            )
            for number in range(60)
        )
    page = ada.at(store.home, "/license-notices")
    assert page.html.count('data-label="Product"') == 50
    assert ada.click("Further entries").html.count('data-label="Product"') > 10


# What was typed


def test_no_page_shows_what_was_typed_as_markup(tmp_path: Path) -> None:
    evil = '<b onclick="x">"&\''
    with shop(tmp_path, name=evil) as store:
        store.customer.started()
        for path in ("", "/wallet", "/licensing", "/history"):
            store.at(path)
        query = f"seats-{evil}=1&year={evil}&allow_surplus={evil}"
        assert store.at(f"/licensing/allocation?{query}").status == 422
        store.at("/start", product="camera-manager")
        form = store.at("/wallet").form("Redeem license key")
        store.ada.send(form.action, {**form.values, "key": evil, "errand": evil})
        store.ada.at(store.home, f"/licenses/{evil}")
        for page in store.ada.pages:
            assert "<b onclick" not in page.html
