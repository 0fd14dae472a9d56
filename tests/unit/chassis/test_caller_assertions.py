"""The caller assertion withstands the list of attacks of security.md chapter 3."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chassis import caller as assertions
from contracts.access import TOKEN_SCOPES
from contracts.caller import Caller, Level
from contracts.errors import TokenScopeMissing

NOW = datetime(2025, 3, 1, 9, 0, tzinfo=UTC)
KEY = Ed25519PrivateKey.generate()
CALLER = Caller(uuid4(), uuid4(), Level.AAL2, NOW - timedelta(minutes=1))
PROGRAM = Caller(uuid4(), uuid4(), Level.TOKEN, NOW, frozenset({"device:read", "folder:read"}))


def verified(assertion: str, now: datetime = NOW) -> Caller:
    return assertions.verify(assertion, {"one": KEY.public_key()}.__getitem__, now)


def forged(
    key: Any = KEY,
    algorithm: str | None = "EdDSA",
    header: dict[str, Any] | None = None,
    caller: Caller = CALLER,
    **claims: Any,
) -> str:
    good = jwt.decode(
        assertions.issue(KEY, "one", caller, NOW), options={"verify_signature": False}
    )
    payload = {name: value for name, value in {**good, **claims}.items() if value is not None}
    headers = {"kid": "one", "typ": assertions.TYPE, **(header or {})}
    return jwt.encode(payload, key, algorithm=algorithm, headers=headers)


def null_scopes(caller: Caller) -> str:
    """Signed, with ``"scopes": null``, which is not the same as none."""
    good = jwt.decode(
        assertions.issue(KEY, "one", caller, NOW), options={"verify_signature": False}
    )
    headers = {"kid": "one", "typ": assertions.TYPE}
    return jwt.encode({**good, "scopes": None}, KEY, algorithm="EdDSA", headers=headers)


def unsigned(header: dict[str, Any], signature: bytes = b"") -> str:
    claims = jwt.decode(
        assertions.issue(KEY, "one", CALLER, NOW), options={"verify_signature": False}
    )

    def part(value: bytes) -> str:
        return base64.urlsafe_b64encode(value).decode().rstrip("=")

    return ".".join(
        (part(json.dumps(header).encode()), part(json.dumps(claims).encode()), part(signature))
    )


@pytest.mark.parametrize("caller", [CALLER, PROGRAM])
def test_an_assertion_names_the_caller_it_was_issued_for(caller: Caller) -> None:
    assert verified(assertions.issue(KEY, "one", caller, NOW)) == caller


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", ""])
@pytest.mark.parametrize("signature", [b"", b"\0" * 64, bytes.fromhex("3006020100020100")])
def test_no_algorithm_is_no_signature(algorithm: str, signature: bytes) -> None:
    header = {"alg": algorithm, "kid": "one", "typ": assertions.TYPE}
    with pytest.raises(assertions.AssertionRefused):
        verified(unsigned(header, signature))


def test_the_public_key_is_no_shared_secret() -> None:
    raw = KEY.public_key().public_bytes_raw()
    pem = KEY.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    with pytest.raises(assertions.AssertionRefused):
        verified(forged(key=raw, algorithm="HS256"))
    # The library refuses to sign with a PEM as a secret, so the attacker's token is made by hand.
    import hashlib
    import hmac

    head = unsigned({"alg": "HS256", "kid": "one", "typ": assertions.TYPE}).rpartition(".")[0]
    mac = base64.urlsafe_b64encode(hmac.new(pem, head.encode(), hashlib.sha256).digest())
    with pytest.raises(assertions.AssertionRefused):
        verified(f"{head}.{mac.decode().rstrip('=')}")


@pytest.mark.parametrize(
    "header",
    [
        {"typ": "JWT"},
        {"typ": "at+jwt"},
        {"kid": "unknown"},
        {"kid": "../../../dev/null"},
        {"jku": "https://attacker.example/keys"},
        {"x5u": "https://attacker.example/chain"},
        {"jwk": {"kty": "OKP", "crv": "Ed25519", "x": "AA"}},
        {"crit": ["exp"]},
        {"zip": "DEF"},
    ],
)
def test_the_header_says_nothing_but_algorithm_key_id_and_type(header: dict[str, Any]) -> None:
    with pytest.raises(assertions.AssertionRefused):
        verified(forged(header=header))


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "somebody"},
        {"iss": None},
        {"aud": "elsewhere"},
        {"aud": ["freehold", "elsewhere"]},
        {"aud": None},
        {"exp": None},
        {"exp": "never"},
        {"sub": "not-a-uuid"},
        {"sid": None},
        {"level": "root"},
        {"auth_time": None},
        {"sid": 7},
        {"auth_time": float("inf")},
        {"jti": None},
        {"iat": int((NOW + timedelta(minutes=5)).timestamp())},
        {"exp": int((NOW + timedelta(days=365)).timestamp())},
    ],
)
def test_each_claim_must_be_there_and_right(claims: dict[str, Any]) -> None:
    with pytest.raises(assertions.AssertionRefused):
        verified(forged(**claims))


@pytest.mark.parametrize(
    "scopes",
    [
        "device:read",
        {"device:read": True},
        ["device:read", 7],
        ["device:read", None],
        [["device:read"]],
        7,
        True,
        False,
        "",
        {},
    ],
)
def test_the_scopes_of_an_api_token_are_a_list_of_strings(scopes: Any) -> None:
    with pytest.raises(assertions.AssertionRefused):
        verified(forged(caller=PROGRAM, scopes=scopes))


def test_an_api_token_without_scopes_is_nobody() -> None:
    """It would be worth as much as its owner."""
    with pytest.raises(assertions.AssertionRefused):
        verified(forged(caller=PROGRAM, scopes=None))
    with pytest.raises(assertions.AssertionRefused):
        verified(null_scopes(PROGRAM))


@pytest.mark.parametrize("level", [level for level in Level if level is not Level.TOKEN])
@pytest.mark.parametrize("scopes", [[], ["device:read"], "device:read", {}])
def test_a_session_has_no_scopes(level: Level, scopes: Any) -> None:
    with pytest.raises(assertions.AssertionRefused):
        verified(forged(level=level.value, scopes=scopes))
    with pytest.raises(assertions.AssertionRefused):
        verified(null_scopes(CALLER))


@pytest.mark.parametrize("level", ["Token", "TOKEN", "token ", None, ["token"], {"token": 1}])
def test_the_level_of_an_api_token_is_written_one_way(level: Any) -> None:
    with pytest.raises(assertions.AssertionRefused):
        verified(forged(caller=PROGRAM, level=level))


def test_no_scopes_are_none_at_all() -> None:
    caller = verified(forged(caller=PROGRAM, scopes=[]))
    for scope in TOKEN_SCOPES:
        with pytest.raises(TokenScopeMissing) as refused:
            caller.require_scope(scope)
        assert refused.value.facts == {"scope": scope}


@pytest.mark.parametrize("has_authenticator", [False, True])
def test_an_api_token_is_strong_where_its_owner_has_an_authenticator(
    has_authenticator: bool,
) -> None:
    issued = replace(PROGRAM, has_authenticator=has_authenticator)
    caller = verified(forged(caller=issued))
    assert caller == issued
    assert caller.is_strong is has_authenticator


@pytest.mark.parametrize("said", [None, "true", 1, [True], {}])
def test_nothing_but_true_says_that_there_is_an_authenticator(said: Any) -> None:
    assert not verified(forged(caller=PROGRAM, authenticator=said)).is_strong


@pytest.mark.parametrize("level", [Level.AAL1, Level.AAL1_EMAIL, Level.MANAGE])
def test_a_session_is_strong_by_its_level_alone(level: Level) -> None:
    """Whatever else its assertion says."""
    assert not verified(forged(level=level.value, authenticator=True)).is_strong
    assert verified(forged(level=Level.AAL2.value)).is_strong


def test_a_caller_cannot_be_made_up_that_is_neither_session_nor_api_token() -> None:
    with pytest.raises(ValueError, match="scopes"):
        replace(PROGRAM, scopes=None)
    with pytest.raises(ValueError, match="scopes"):
        replace(CALLER, scopes=frozenset())


def test_it_does_not_outlive_its_session() -> None:
    ends_at = NOW + timedelta(seconds=20)
    assertion = assertions.issue(KEY, "one", CALLER, NOW, until=ends_at)
    assert verified(assertion, ends_at - timedelta(seconds=1)) == CALLER
    with pytest.raises(assertions.AssertionRefused):
        verified(assertion, ends_at + assertions.LEEWAY)


def test_what_was_verified_once_is_remembered_only_while_it_lives() -> None:
    keys = assertions.PublicKeys(
        lambda: {"one": KEY.public_key().public_bytes_raw().hex()}, lambda: 0.0
    )
    vouched = assertions.Vouched(keys)
    ends_at = NOW + timedelta(seconds=20)
    assertion = assertions.issue(KEY, "one", PROGRAM, NOW, until=ends_at)
    assert vouched.caller_of(assertion, NOW) == PROGRAM
    assert vouched.caller_of(assertion, NOW + timedelta(seconds=10)) == PROGRAM
    with pytest.raises(assertions.AssertionRefused):
        vouched.caller_of(assertion, ends_at + assertions.LEEWAY)


def test_it_lives_for_sixty_seconds() -> None:
    assertion = assertions.issue(KEY, "one", CALLER, NOW)
    assert verified(assertion, NOW + timedelta(seconds=59)) == CALLER
    with pytest.raises(assertions.AssertionRefused):
        verified(assertion, NOW + timedelta(seconds=70))


def test_another_key_signs_for_nobody() -> None:
    with pytest.raises(assertions.AssertionRefused):
        verified(forged(key=Ed25519PrivateKey.generate()))


def test_a_changed_payload_is_not_signed() -> None:
    head, body, signature = assertions.issue(KEY, "one", CALLER, NOW).split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    claims["sub"] = str(uuid4())
    changed = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    with pytest.raises(assertions.AssertionRefused):
        verified(f"{head}.{changed}.{signature}")


@pytest.mark.parametrize("text", ["", ".", "..", "a.b.c", "e30.e30.", "\0", "ü.ü.ü"])
def test_noise_is_refused_like_any_other(text: str) -> None:
    with pytest.raises(assertions.AssertionRefused):
        verified(text)


def test_an_unknown_key_id_is_asked_for_once_a_second() -> None:
    asked: list[float] = []
    clock = [0.0]

    def fetch() -> dict[str, str]:
        asked.append(clock[0])
        return {"one": KEY.public_key().public_bytes_raw().hex()}

    keys = assertions.PublicKeys(fetch, lambda: clock[0])
    keys.key_for("one")
    for _ in range(5):
        with pytest.raises(LookupError):
            keys.key_for("two")
    assert asked == [0.0]
    clock[0] = 1.5
    with pytest.raises(LookupError):
        keys.key_for("two")
    assert asked == [0.0, 1.5]
