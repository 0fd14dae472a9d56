"""Keys that sign caller assertions: one signs, all are published while assertions live."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chassis import caller as assertions
from chassis.secrets import KEY_BYTES
from contracts.caller import Caller


class Signer:
    def __init__(self, seeds: Mapping[str, bytes], life: timedelta = assertions.LIFE) -> None:
        if not seeds or any(len(seed) != KEY_BYTES for seed in seeds.values()):
            raise ValueError(f"identity.signing_keys needs seeds of {KEY_BYTES} bytes.")
        self._keys = {
            key_id: Ed25519PrivateKey.from_private_bytes(seed) for key_id, seed in seeds.items()
        }
        self._current = next(iter(self._keys))
        self.life = life

    def __repr__(self) -> str:
        return f"Signer(current={self._current!r})"

    def assertion(self, caller: Caller, now: datetime, *, until: datetime) -> str:
        """:param until: when the caller's session or API token ends."""
        until = min(now + self.life, until)
        return assertions.issue(self._keys[self._current], self._current, caller, now, until=until)

    def public_keys(self) -> dict[str, str]:
        return {
            key_id: key.public_key().public_bytes_raw().hex() for key_id, key in self._keys.items()
        }
