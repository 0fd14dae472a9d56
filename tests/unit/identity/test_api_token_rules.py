"""What an API token is called, how long it lives, and how many there may be."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import String

from contracts.identity import CreateApiToken
from services.identity.domain.api_token import (
    PREFIX,
    ApiTokenExpiry,
    ApiTokenNameTaken,
    TooManyApiTokens,
    is_api_token,
    key,
    normalized,
    require_expiry,
    require_place,
)
from services.identity.models import ApiToken

NOW = datetime(2025, 3, 1, 9, 0, tzinfo=UTC)
YEAR = timedelta(days=366)
# Letters that become several when they are composed, or compared without regard to case.
GROWING = "\u00df\u0130\u0149\u0344\u0390\u0958\u1e9e\u1f52\ufb03\ufb2c\U0001d160"


def length(column: str) -> int:
    kind = ApiToken.__table__.c[column].type
    assert isinstance(kind, String)
    assert kind.length is not None
    return kind.length


def test_an_api_token_is_told_from_a_sessions_token() -> None:
    assert is_api_token(PREFIX + secrets.token_urlsafe(32))
    assert not is_api_token(secrets.token_urlsafe(32))


@pytest.mark.parametrize(
    "token",
    [
        "",
        PREFIX,
        # A session's token may begin like it by chance.
        PREFIX + "x" * 39,
        PREFIX + "x" * 44,
        "FHP_" + "x" * 43,
        "x" * 43,
        PREFIX + "x" * 42 + "\n",
        PREFIX + "x" * 43 + "\n",
        PREFIX + "\u0661" * 43,
    ],
)
def test_nothing_else_is_one(token: str) -> None:
    assert not is_api_token(token)


@pytest.mark.parametrize(
    "after", [timedelta(microseconds=1), timedelta(days=30), YEAR - timedelta(seconds=1), YEAR]
)
def test_it_ends_in_the_future(after: timedelta) -> None:
    require_expiry(NOW + after, NOW, YEAR)


@pytest.mark.parametrize(
    "expires_at",
    [
        NOW,
        NOW - timedelta(seconds=1),
        NOW + YEAR + timedelta(microseconds=1),
        datetime.max.replace(tzinfo=UTC),
        datetime.min.replace(tzinfo=UTC),
        # As UTC, neither of the two exists.
        datetime.fromisoformat("9999-12-31T23:59:59-23:59"),
        datetime.fromisoformat("0001-01-01T00:00:00+23:59"),
    ],
)
def test_it_ends_some_day_and_not_too_far_ahead(expires_at: datetime) -> None:
    with pytest.raises(ApiTokenExpiry) as refused:
        require_expiry(expires_at, NOW, YEAR)
    assert refused.value.facts["latest"] == "2026-03-02T09:00:00+00:00"


@pytest.mark.parametrize(
    "name", ["nightly", "NIGHTLY", "Nightly ", "\u00fcbersicht", "U\u0308BERSICHT"]
)
def test_a_name_is_taken_however_it_is_written(name: str) -> None:
    held = {key("Nightly"), key("\u00dcbersicht")}
    with pytest.raises(ApiTokenNameTaken):
        require_place(name, held, most=50)


def test_there_are_only_so_many() -> None:
    require_place("c", {"a", "b"}, most=3)
    with pytest.raises(TooManyApiTokens) as refused:
        require_place("d", {"a", "b", "c"}, most=3)
    assert refused.value.facts == {"most": "3"}


@given(st.text(st.characters(codec="utf-8") | st.sampled_from(GROWING), max_size=120))
def test_a_name_that_is_admitted_can_be_stored(name: str) -> None:
    body = {"name": name, "scopes": ["device:read"], "expires_at": NOW.isoformat()}
    if "name" not in CreateApiToken().validate(body):
        assert 1 <= len(normalized(name)) <= length("name")
        assert 1 <= len(key(name)) <= length("name_key")


@pytest.mark.parametrize(
    "name", ["\ufb2c" * 100, "\u0390" * 100, "\u0130" * 100, "", " ", "\u200b", "a\nb"]
)
def test_other_names_are_refused(name: str) -> None:
    body = {"name": name, "scopes": ["device:read"], "expires_at": NOW.isoformat()}
    assert set(CreateApiToken().validate(body)) == {"name"}


@pytest.mark.parametrize(
    "scopes", [[], ["device:reed"], "device:read", None, [None], [[]], ["*"], ["manage"]]
)
def test_scopes_are_known_ones(scopes: object) -> None:
    body = {"name": "nightly", "scopes": scopes, "expires_at": NOW.isoformat()}
    assert set(CreateApiToken().validate(body)) == {"scopes"}
