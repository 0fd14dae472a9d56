"""Signed files and vouchers of made-up systems and suppliers, whole or spoiled, for tests."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.licensing.domain.license_file import Contents, LicenseFile
from services.licensing.domain.signed_file import Kind, written

NOW = datetime(2025, 3, 10, 12, 0, 0, tzinfo=UTC)
ORGANIZATION, SYSTEM, SUPPLIER = UUID(int=1), UUID(int=2), UUID(int=3)
FINGERPRINT = "ab" * 32
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64)))


def public(key: Ed25519PrivateKey = KEY) -> str:
    return key.public_key().public_bytes_raw().hex()


def system_claims(**changes: Any) -> dict[str, Any]:
    """What a well-behaved system says; a claim changed to ``...`` is left out."""
    claims = {
        "format": 1,
        "system_id": str(SYSTEM),
        "fingerprint": FINGERPRINT,
        "product": "camera-manager",
        "version": "4.2 (build 7)",
        "counts": {"core": 12, "universal": 0},
        "sequence": 5,
        "created_at": "2025-03-10T11:00:00Z",
        "nonce": "0f" * 16,
        "public_key": public(),
        **changes,
    }
    return {name: value for name, value in claims.items() if value is not ...}


def system_file(key: Ed25519PrivateKey = KEY, **changes: Any) -> bytes:
    return written(Kind.SYSTEM, system_claims(**changes), key.sign).encode()


def license_file(**changes: Any) -> LicenseFile:
    values: dict[str, Any] = {
        "organization_id": ORGANIZATION,
        "product": "camera-manager",
        "system_id": SYSTEM,
        "fingerprint": FINGERPRINT,
        "contents": Contents({"core": 12}, {"core": 12}, {"core": 24}),
        "valid_from": date(2025, 3, 1),
        "valid_until": date(2026, 3, 31),
        "issued": NOW,
        "serial": 1,
        **changes,
    }
    return LicenseFile(**values)


def voucher_claims(**changes: Any) -> dict[str, Any]:
    claims = {
        "supplier_id": str(SUPPLIER),
        "serial": "AB-0001",
        "product": "camera-manager",
        "lines": {"core": 10},
        "term_years": 3,
        "redeem_before": "2026-01-01",
        **changes,
    }
    return {name: value for name, value in claims.items() if value is not ...}


def voucher(key: Ed25519PrivateKey = KEY, *, prefix: str = "voucher/", **changes: Any) -> str:
    enc = urlsafe(canonical(voucher_claims(**changes)))
    return f"LIC1.{enc}.{urlsafe(key.sign(f'{prefix}{enc}'.encode()))}"


def canonical(claims: Mapping[str, Any]) -> bytes:
    return json.dumps(claims, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def urlsafe(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def container(
    payload: bytes,
    *,
    title: str = "SYSTEM FILE",
    prefix: str = "machine/",
    key: Ed25519PrivateKey = KEY,
    outer: str = '{"alg":"base64+ed25519","enc":"%s","sig":"%s"}',
) -> bytes:
    """A container around any bytes, signed whatever they are."""
    enc = base64.b64encode(payload).decode()
    sig = base64.b64encode(key.sign(f"{prefix}{enc}".encode())).decode()
    return armored((outer % (enc, sig)).encode(), title)


def armored(parts: bytes, title: str = "SYSTEM FILE") -> bytes:
    body = base64.b64encode(parts).decode()
    lines = [body[start : start + 64] for start in range(0, len(body), 64)]
    return "\n".join([f"-----BEGIN {title}-----", *lines, f"-----END {title}-----", ""]).encode()
