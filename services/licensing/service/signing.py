"""Keys that sign license files: one signs, all are published while files signed with them last."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chassis.secrets import KEY_BYTES, keys_from
from chassis.service import Kit
from services.licensing.domain import signed_file
from services.licensing.domain.license_file import LicenseFile
from services.licensing.domain.policy import LicensingSettings
from services.licensing.domain.signed_file import Kind

# It stands in every file that the key signs.
_KEY_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")


class Signer:
    def __init__(self, seeds: Mapping[str, bytes]) -> None:
        if not all(_KEY_ID.fullmatch(key_id) for key_id in seeds):
            raise ValueError("licensing.signing_keys has an id that is no short word.")
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


@dataclass(frozen=True, kw_only=True)
class Own(LicensingSettings):
    """What an installation has set, and the keys that sign its license files."""

    signer: Signer


def own(kit: Kit, database: str) -> Own:
    """A missing key is met when the process starts, not by the first license file."""
    settings = kit.config.section(LicensingSettings, database)
    seeds = keys_from(settings.signing_keys or kit.local_secret(f"{database}.signing"))
    return Own(**vars(settings), signer=Signer(seeds))
