"""LICENSE MANAGER > Product licensing through the pages: need, dry run, allocation, coming years."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.service.identity.surfer import Page
from tests.service.licensing.customer import Customer
from tests.service.licensing.shop import Shop, shop
from tests.service.organizations.office import Visitor

VIDEOS = "video-center"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path) as opened:
        yield opened


@pytest.fixture
def ada(store: Shop) -> Visitor:
    return store.ada


@pytest.fixture
def customer(store: Shop) -> Customer:
    return store.customer.started()


def button(page: Page, number: int = 0) -> dict[str, Any]:
    """One that says Confirm allocation."""
    found = [tag for tag in page.tags if tag["text"] == "Confirm allocation"]
    return [tag for tag in found if tag["tag"] == "button"][number]


def dry_run(
    ada: Visitor, page: Page, typed: Mapping[str, str] | None = None, *, number: int = 0
) -> Page:
    """Presses Confirm allocation, as a form of the page gives it."""
    form = [each for each in page.forms if "Confirm allocation" in each.buttons][number]
    query = "&".join(f"{name}={value}" for name, value in {**form.values, **(typed or {})}.items())
    return ada.open(f"{form.action}?{query}")


def test_the_need_is_filled_in_and_confirmed_in_two_steps(
    store: Shop, ada: Visitor, customer: Customer
) -> None:
    """R22, E1."""
    customer.manage(12)
    customer.buy(12)
    page = store.at("/licensing")
    assert "Current need" in page.text
    assert page.input("seats-core")["value"] == "12"
    page = dry_run(ada, page)
    assert page.title == "Confirm allocation"
    assert "2025-03-01 – 2026-02-28" in page.text
    assert "None: the licenses are used for the whole year." in page.text
    assert customer.wallet()["licenses"] == 12
    form = page.form("Confirm")
    page = ada.send(form.action, form.values)
    assert "The product is now licensed." in page.text
    assert "The current need is covered" in page.text
    assert ada.send(form.action, form.values).alerts == []
    assert [entry.name for entry in customer.log()].count("allocate_licenses") == 1


def test_what_comes_back_is_told_before_it_is_confirmed(
    store: Shop, ada: Visitor, customer: Customer
) -> None:
    """R25, E3."""
    customer.manage(12)
    customer.buy(12)
    store.on("2025-08-31")
    page = dry_run(ada, store.at("/licensing"))
    assert "183 of the 365 days of the year are over." in page.text
    for label, number in (("To be allocated", 12), ("Come back to the wallet", 6)):
        assert f'data-label="{label}">{number}<' in page.html
    assert "License status afterwards ✓ Licensed".replace("✓ ", "") in page.text
    ada.press("Confirm")
    assert customer.wallet()["licenses"] == 6


def test_it_cannot_be_confirmed_when_the_wallet_holds_too_few(
    store: Shop, customer: Customer
) -> None:
    """R23, E8: the reason stands beside the button."""
    customer.manage(12)
    customer.buy(11)
    page = store.at("/licensing")
    assert "disabled" in button(page)
    reason = next(tag for tag in page.tags if tag.get("id") == button(page)["aria-describedby"])
    assert reason["text"].startswith("The wallet holds too few licenses")
    assert "1 × core more needed" in reason["text"]
    customer.buy(1)
    assert "disabled" not in button(store.at("/licensing"))


def test_an_empty_wallet_is_the_reason_where_nothing_is_needed(
    store: Shop, customer: Customer
) -> None:
    page = store.at("/licensing")
    assert "disabled" in button(page)
    assert "The wallet holds no licenses to allocate." in page.text


WRONG = {
    "en": ("Allocate at least 12 of type core.", "Tick the box below", "Enter how many"),
    "ja": ("現在の必要数に足りません", "チェックボックスをオン", "数を入力してください"),
    "ko": ("현재 요건에 미치지 못합니다", "확인란을 선택", "수를 입력하십시오"),
}


@pytest.mark.parametrize("language", ["en", "ja", "ko"])
def test_the_dry_run_says_why_numbers_cannot_be_allocated(
    store: Shop, customer: Customer, language: str
) -> None:
    """D-13."""
    customer.manage(12)
    customer.buy(20)
    for seats, said in zip((11, 13, 0), WRONG[language], strict=True):
        page = store.at(f"/licensing/allocation?year=0&seats-core={seats}&lang={language}")
        assert said in page.alerts[0]
        assert not [form for form in page.forms if "errand" in form.values]
        assert page.input("seats-core")["value"] == str(seats)


@pytest.mark.parametrize("typed", ["x", "-1", "1.5", "1e3", "9999999999", "٣"])
def test_a_number_that_is_none_is_said_at_its_field(
    store: Shop, customer: Customer, typed: str
) -> None:
    page = store.at(f"/licensing/allocation?year=0&seats-core={typed}")
    assert (page.status, page.alerts) == (422, ["Enter a whole number."])
    assert page.input("seats-core")["aria-invalid"] == "true"


def test_more_than_needed_is_allocated_when_that_is_said(
    store: Shop, ada: Visitor, customer: Customer
) -> None:
    """D-13."""
    customer.manage(1)
    customer.buy(3)
    page = dry_run(ada, store.at("/licensing"), {"seats-core": "3"})
    assert page.alerts
    dry_run(ada, page, {"allow_surplus": "true"})
    page = ada.press("Confirm")
    assert "The product is now licensed." in page.text
    assert customer.overview()["needs"][0]["seats"] == 3


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "from the wallet, which holds 0"),
        ("ja", "先にライセンスキーを引き換えてください"),
        ("ko", "먼저 라이선스 키를 등록하십시오"),
    ],
)
def test_what_became_impossible_meanwhile_is_refused_when_it_is_confirmed(
    store: Shop, ada: Visitor, customer: Customer, language: str, said: str
) -> None:
    customer.manage(2)
    customer.buy(2)
    page = store.at(f"/licensing/allocation?year=0&seats-core=2&lang={language}")
    form = page.forms[-1]
    customer.allocate(2)
    customer.manage(4)
    page = ada.send(form.action, form.values)
    assert page.status == 409
    assert said in page.alerts[0]
    assert customer.overview()["needs"][0]["seats"] == 2


def test_the_next_years_are_licensed_in_advance_one_after_the_other(
    store: Shop, ada: Visitor, customer: Customer
) -> None:
    """R21, R27, R28, D-14."""
    customer.manage(2)
    customer.buy(6)
    page = store.at("/licensing")
    assert "This is possible once the current subscription year is licensed." in page.text
    dry_run(ada, page)
    page = ada.press("Confirm")
    for year in (2026, 2027):
        assert f"{year}-03-01 – {year + 1}-02-28".replace("2028-02-28", "2028-02-29") in page.text
        page = dry_run(ada, page, number=1)
        page = ada.press("Confirm")
        assert "The licenses are allocated." in page.text
    assert [each["index"] for each in customer.overview()["years_ahead"]] == [1, 2]
    assert "disabled" in button(page, 1)


def test_of_a_year_ahead_the_least_to_allocate_is_told(store: Shop, customer: Customer) -> None:
    customer.manage(4)
    customer.buy(20)
    customer.allocate(4)
    page = store.at("/licensing/allocation?year=1&seats-core=3")
    assert page.alerts == ["Allocate at least 4 of type core."]
    assert "In the wallet: 16 · Least to allocate: 4" in page.text
    page = store.at("/licensing/allocation?year=0&seats-core=3")
    assert "Least to allocate" not in page.text


def test_growth_is_due_at_the_next_renewal_and_its_limit_is_told(
    store: Shop, customer: Customer
) -> None:
    """R29, R30, D-12, R42."""
    customer.manage(2)
    customer.buy(2)
    customer.allocate(2)
    customer.manage(4)
    page = store.at("/licensing")
    assert "Licensed (growth)" in page.text
    assert "2 × core" in page.text
    customer.manage(5)
    page = store.at("/licensing")
    assert "Growth exceeded" in page.text
    assert "Allocate at least: 1 × core." in page.text
    assert 'datetime="2030-03-01"' in page.html


def test_before_the_start_there_is_nothing_to_allocate_to(store: Shop, customer: Customer) -> None:
    customer.register(product=VIDEOS)
    page = store.at("/licensing", product=VIDEOS)
    assert "Start the subscription first" in page.text
    assert not [form for form in page.forms if "Confirm allocation" in form.buttons]


def test_licenses_of_several_types_are_allocated_at_once(
    store: Shop, ada: Visitor, customer: Customer
) -> None:
    """R42: the number and the type."""
    customer.register(product=VIDEOS)
    customer.start(product=VIDEOS)
    lines = [{"type": "core", "quantity": 2}, {"type": "universal", "quantity": 1}]
    customer.redeem(
        store.supplier.issue(lines=lines, product=VIDEOS)["keys"][0]["key"], product=VIDEOS
    )
    page = store.at("/licensing", product=VIDEOS)
    typed = {"seats-core": "2", "seats-universal": "1", "allow_surplus": "true"}
    dry_run(ada, page, typed)
    ada.press("Confirm")
    needs = customer.overview(product=VIDEOS)["needs"]
    assert {each["type"]: each["seats"] for each in needs} == {"core": 2, "universal": 1}


def test_an_address_made_up_is_refused_as_a_page(store: Shop, customer: Customer) -> None:
    many = "&".join(f"seats-t{number}=1" for number in range(30))
    for query in ("", "year=x&seats-core=1", "year=99999&seats-core=1", "seats-=1", many):
        assert store.at(f"/licensing/allocation?{query}").status in (200, 422), query
    assert store.at("/licensing/allocation?year=7&seats-core=1").alerts
    assert store.at("", product=f"x{uuid4()}").status == 404
