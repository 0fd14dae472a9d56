"""Which addresses are one (ACC-2)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.domains import a_labels
from services.identity.domain.email_address import key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada@Example.com", "aDA@eXAMPLE.COM"),
        ("ada@BÜCHER.example", "ada@bücher.example"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("ada@bu\u0308cher.example", "ada@b\u00fccher.example"),
        ("ada@XN--FA-HIA.de", "ada@faß.de"),
        ("ada@ｅｘａｍｐｌｅ.com", "ada@example.com"),
        ("cafe\u0301@example.com", "caf\u00e9@example.com"),
    ],
)
def test_one_address_written_in_two_ways(one: str, other: str) -> None:
    assert key(one) == key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ada@faß.de", "ada@fass.de"),
        ("ada@βόλος.com", "ada@βόλοσ.com"),
        ("ada@☃ß.net", "ada@☃ss.net"),
        ("ada@example.com", "ada@example.org"),
        ("ada.l@example.com", "adal@example.com"),
    ],
)
def test_two_addresses_of_different_people(one: str, other: str) -> None:
    """IDNA 2008: whoever registered the other domain reads other mail."""
    assert key(one) != key(other)


@given(st.text(min_size=1, max_size=40))
def test_every_domain_has_one_form_and_keeps_it(domain: str) -> None:
    form = a_labels(domain)
    assert a_labels(form) == form


@given(st.from_regex(r"[a-z0-9_.-]{1,60}", fullmatch=True))
def test_domains_in_ascii_stay_as_they_were(domain: str) -> None:
    """Whatever was compared before is compared alike."""
    assert key(f"Ada@{domain.upper()}") == f"ada@{domain}"
