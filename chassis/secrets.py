"""What must be readable again is encrypted with a key id; what need not is hashed elsewhere."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
_NONCE_BYTES = 12


class SecretUnreadable(Exception):
    """The key id is unknown, or the text was changed or belongs elsewhere."""


class SecretBox:
    """AES-256-GCM under the first key given; the others still open what they sealed.

    A sealed text reads ``<key id>.<base64url of nonce and ciphertext>``. Its context (whose it is
    and what for) is authenticated, so that a text cannot be moved to another row.
    """

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        if not keys or any(len(key) != KEY_BYTES for key in keys.values()):
            raise ValueError(f"A secret box needs keys of {KEY_BYTES} bytes.")
        self.current = next(iter(keys))
        self._keys = {name: AESGCM(key) for name, key in keys.items()}

    def __repr__(self) -> str:
        return f"SecretBox(current={self.current!r})"

    def seal(self, plain: str, context: str) -> str:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = self._keys[self.current].encrypt(nonce, plain.encode(), context.encode())
        return f"{self.current}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, context: str) -> str:
        """:raises SecretUnreadable: says the key id, never the text."""
        name, _, body = sealed.partition(".")
        if name not in self._keys:
            raise SecretUnreadable(f"No key with the id {name!r} is configured.")
        raw = base64.urlsafe_b64decode(body)
        try:
            plain = self._keys[name].decrypt(
                raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], context.encode()
            )
        except InvalidTag:
            raise SecretUnreadable(f"Sealed under {name!r}, but not for this place.") from None
        return plain.decode()

    def is_current(self, sealed: str) -> bool:
        return sealed.partition(".")[0] == self.current

    def resealed(self, sealed: str, context: str) -> str:
        """The same secret under the current key: one step of a key rotation."""
        return self.seal(self.open(sealed, context), context)


class Pepper:
    """Keyed hashes for short secrets; the key lives outside the database."""

    def __init__(self, key: bytes) -> None:
        if len(key) < KEY_BYTES:
            raise ValueError(f"A pepper needs at least {KEY_BYTES} bytes.")
        self._key = key

    def __repr__(self) -> str:
        return "Pepper()"

    def digest(self, purpose: str, *parts: str) -> str:
        """HMAC-SHA-256 in hex over the purpose and the parts, each with its length."""
        message = b"".join(
            len(part.encode()).to_bytes(4, "big") + part.encode() for part in (purpose, *parts)
        )
        return hmac.new(self._key, message, hashlib.sha256).hexdigest()


def token_hash(token: str) -> str:
    """How a token of 256 random bits is kept: it is long enough for a plain hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def keys_from(text: str) -> dict[str, bytes]:
    """``id:base64,id:base64`` as a configuration gives it, the current key first.

    :raises ValueError: says which entry is wrong, never its value.
    """
    keys: dict[str, bytes] = {}
    for number, entry in enumerate(_entries(text), start=1):
        name, _, encoded = entry.partition(":")
        try:
            keys[name] = base64.b64decode(encoded, validate=True)
        except ValueError:
            raise ValueError(f"Key number {number} is not `id:base64`.") from None
    return keys


def _entries(text: str) -> Iterable[str]:
    return (entry.strip() for entry in text.split(",") if entry.strip())


def new_key(name: str) -> str:
    """A fresh key in the form a configuration takes."""
    return f"{name}:{base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}"
