"""The caller assertion withstands the list of attacks of security.md chapter 3."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chassis import caller as assertions
from contracts.caller import Caller, Level

NOW = datetime(2025, 3, 1, 9, 0, tzinfo=UTC)
KEY = Ed25519PrivateKey.generate()
CALLER = Caller(uuid4(), uuid4(), Level.AAL2, NOW - timedelta(minutes=1))


def verified(assertion: str, now: datetime = NOW) -> Caller:
    return assertions.verify(assertion, {"one": KEY.public_key()}.__getitem__, now)


def forged(
    key: Any = KEY,
    algorithm: str | None = "EdDSA",
    header: dict[str, Any] | None = None,
    **claims: Any,
) -> str:
    good = jwt.decode(
        assertions.issue(KEY, "one", CALLER, NOW), options={"verify_signature": False}
    )
    payload = {name: value for name, value in {**good, **claims}.items() if value is not None}
    headers = {"kid": "one", "typ": assertions.TYPE, **(header or {})}
    return jwt.encode(payload, key, algorithm=algorithm, headers=headers)


def unsigned(header: dict[str, Any], signature: bytes = b"") -> str:
    claims = jwt.decode(
        assertions.issue(KEY, "one", CALLER, NOW), options={"verify_signature": False}
    )

    def part(value: bytes) -> str:
        return base64.urlsafe_b64encode(value).decode().rstrip("=")

    return ".".join(
        (part(json.dumps(header).encode()), part(json.dumps(claims).encode()), part(signature))
    )


def test_an_assertion_names_the_caller_it_was_issued_for() -> None:
    assert verified(assertions.issue(KEY, "one", CALLER, NOW)) == CALLER


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
        {"jti": None},
        {"iat": int((NOW + timedelta(minutes=5)).timestamp())},
        {"exp": int((NOW + timedelta(days=365)).timestamp())},
    ],
)
def test_each_claim_must_be_there_and_right(claims: dict[str, Any]) -> None:
    with pytest.raises(assertions.AssertionRefused):
        verified(forged(**claims))


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
