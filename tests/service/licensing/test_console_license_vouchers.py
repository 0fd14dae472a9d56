"""A voucher redeemed where license keys are, through the page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from examples import make_voucher
from tests.service.licensing.customer import PRODUCT
from tests.service.licensing.shop import Shop, shop


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path) as opened:
        yield opened


def test_a_voucher_fits_into_the_field_and_is_redeemed_once(store: Shop, tmp_path: Path) -> None:
    """M6: with its small and capital letters."""
    customer = store.customer.started()
    supplier = customer.supplier.id
    press = tmp_path / "press"
    customer.suite.instance("licensing").enter_supplier_key(
        supplier, make_voucher.public_key(press), why="ticket 7"
    )
    voucher = make_voucher.write(
        press,
        supplier_id=str(supplier),
        product=PRODUCT,
        lines={"core": 9},
        years=1,
        before=None,
    )
    page = store.at("/wallet")
    (field,) = re.findall(r'<input[^>]*name="key"[^>]*>', page.html)
    (most,) = re.findall(r'maxlength="(\d+)"', field)
    assert len(voucher) <= int(most)
    assert "Paste a voucher as a whole." in page.text
    form = page.form("Redeem license key")
    page = store.ada.send(form.action, {**form.values, "key": f" {voucher}\n"})
    assert page.alerts == []
    assert customer.wallet()["licenses"] == 9
    again = store.at("/wallet").form("Redeem license key")
    page = store.ada.send(again.action, {**again.values, "key": voucher})
    assert page.alerts
    assert customer.wallet()["licenses"] == 9
