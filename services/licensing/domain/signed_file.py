"""Signed files: claims and their signature in a container that can be written in one way (D-19).

    -----BEGIN LICENSE FILE-----
    base64 of {"alg":"base64+ed25519","enc":"base64 of the claims","sig":"base64"}, 64 columns
    -----END LICENSE FILE-----

The signature covers the kind and ``enc``, so that one kind never passes for another (M6).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from contracts.errors import Invalid
from contracts.license_files import MOST_BYTES
from services.licensing.domain.claims import base64_of, canonical, from_base64, loaded

ALGORITHM = "base64+ed25519"
COLUMNS = 64


class Kind(StrEnum):
    """What is signed; the value is what a signature begins to cover."""

    LICENSE = "license/"
    SYSTEM = "machine/"
    VOUCHER = "voucher/"


_TITLES: Mapping[Kind, str] = {Kind.LICENSE: "LICENSE FILE", Kind.SYSTEM: "SYSTEM FILE"}


class FileMalformed(Invalid):
    """It is not a file of the kind, or not as it was written."""

    code = "file-malformed"


class SignatureWrong(Invalid):
    """Whoever it names did not sign it, or not this."""

    code = "signature-wrong"


@dataclass(frozen=True)
class Sealed:
    """``claims`` are only somebody's words until their signature is required."""

    kind: Kind
    enc: str
    # Whoever holds a signed voucher may redeem it.
    signature: bytes = field(repr=False)
    claims: Mapping[str, Any]

    def require_signed_by(self, public_key: str) -> None:
        """:param public_key: Ed25519, hexadecimal.

        :raises SignatureWrong: its holder did not sign these claims as this kind.
        """
        try:
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
            key.verify(self.signature, to_sign(self.kind, self.enc))
        except (InvalidSignature, ValueError):
            raise SignatureWrong(
                "Its signature does not fit: it was changed, or somebody else signed it."
            ) from None


def to_sign(kind: Kind, enc: str) -> bytes:
    return f"{kind}{enc}".encode()


def written(kind: Kind, claims: Mapping[str, Any], sign: Callable[[bytes], bytes]) -> str:
    """The file with these claims, as its holder keeps it."""
    enc = base64_of(canonical(claims))
    return _container(kind, enc, base64_of(sign(to_sign(kind, enc))))


def read(kind: Kind, content: bytes) -> Sealed:
    """:raises FileMalformed: another writer, or something on its way, made it different."""
    if len(content) > MOST_BYTES:
        raise FileMalformed(f"This is longer than {MOST_BYTES} bytes: it is not such a file.")
    try:
        text = content.decode("ascii")
        parts = json.loads(from_base64("".join(text.split("\n")[1:-2])))
        enc, sig = parts["enc"], parts["sig"]
        sealed = Sealed(kind, enc, from_base64(sig), loaded(from_base64(enc)))
    except (ValueError, LookupError, TypeError, RecursionError):
        raise _malformed(kind) from None
    # Whatever else stands in it, another algorithm too, would be missing when it is written again.
    if _container(kind, enc, sig) != text:
        raise _malformed(kind)
    return sealed


def _container(kind: Kind, enc: str, sig: str) -> str:
    body = base64_of(canonical({"alg": ALGORITHM, "enc": enc, "sig": sig}))
    lines = [body[start : start + COLUMNS] for start in range(0, len(body), COLUMNS)]
    title = _TITLES[kind]
    return "\n".join([f"-----BEGIN {title}-----", *lines, f"-----END {title}-----", ""])


def _malformed(kind: Kind) -> FileMalformed:
    return FileMalformed(
        f"This is not a {_TITLES[kind].lower()}, or it was changed on its way. "
        "Create it again and send it as it is."
    )
