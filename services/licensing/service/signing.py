"""Keys that sign license files: one signs, all are published while files signed with them last."""

from __future__ import annotations

from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chassis.secrets import KEY_BYTES
from services.licensing.domain import signed_file
from services.licensing.domain.license_file import LicenseFile
from services.licensing.domain.signed_file import Kind


class Signer:
    def __init__(self, seeds: Mapping[str, bytes]) -> None:
        if not seeds or any(len(seed) != KEY_BYTES for seed in seeds.values()):
            raise ValueError(f"licensing.signing_keys needs seeds of {KEY_BYTES} bytes.")
        self._keys = {
            key_id: Ed25519PrivateKey.from_private_bytes(seed) for key_id, seed in seeds.items()
        }
        self.current = next(iter(self._keys))

    def __repr__(self) -> str:
        return f"Signer(current={self.current!r})"

    def signed(self, file: LicenseFile) -> str:
        """The license file as it is downloaded; it names the key it is signed with."""
        return signed_file.written(
            Kind.LICENSE, file.claims(self.current), self._keys[self.current].sign
        )

    def public_keys(self) -> dict[str, str]:
        return {
            key_id: key.public_key().public_bytes_raw().hex() for key_id, key in self._keys.items()
        }
