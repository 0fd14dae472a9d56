"""Stands for a product without a connection: writes the file that describes it for licensing.

    python make_system_file.py FOLDER --product camera-manager --version 4.2 \\
        --hardware BOARD-1234 MAC-00408C123456 --count core=12

Prints the path of the file. The folder keeps `system.json`: the id, the private key and the number
of the last file. Whoever has it is the system, so a product keeps it where no user reads it. A system
that was registered otherwise, as hardware with licenses of its own is, takes its id with `--system`.
"""

import argparse
import hashlib
import json
import os
import secrets
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

BEGIN, END = "-----BEGIN SYSTEM FILE-----", "-----END SYSTEM FILE-----"
COLUMNS = 64


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--product", required=True, help="its code in the catalogue")
    parser.add_argument("--version", required=True)
    parser.add_argument("--hardware", required=True, nargs="+", help="what tells this machine")
    parser.add_argument(
        "--count", required=True, nargs="+", help="license type and number in use", metavar="TYPE=N"
    )
    parser.add_argument("--system", type=UUID, help="its id, where it is registered already")
    chosen = parser.parse_args(arguments)
    counts = {kind: int(n) for kind, _, n in (entry.partition("=") for entry in chosen.count)}
    path = write(
        chosen.folder,
        product=chosen.product,
        version=chosen.version,
        hardware=chosen.hardware,
        counts=counts,
        now=datetime.now(UTC),
        system_id=chosen.system,
    )
    print(path)


def write(
    folder: Path,
    *,
    product: str,
    version: str,
    hardware: Sequence[str],
    counts: Mapping[str, int],
    now: datetime,
    system_id: UUID | None = None,
) -> Path:
    """The next file of the system that lives in the folder, which is made if need be."""
    system = remembered(folder, system_id)
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(system["private_key"]))
    claims = {
        "format": 1,
        "system_id": system["id"],
        "fingerprint": fingerprint(hardware),
        "product": product,
        "version": version,
        "counts": dict(counts),
        "sequence": system["sequence"],
        "created_at": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "nonce": secrets.token_hex(16),
        "public_key": key.public_key().public_bytes_raw().hex(),
    }
    path = folder / f"system-{system['sequence']}.txt"
    path.write_text(signed(claims, key))
    return path


def remembered(folder: Path, system_id: UUID | None) -> dict[str, Any]:
    """Who the system is, with the number of its next file, which is never used again."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "system.json"
    if path.exists():
        system: dict[str, Any] = json.loads(path.read_text())
    else:
        private_key = Ed25519PrivateKey.generate().private_bytes_raw().hex()
        system = {"id": str(uuid4()), "private_key": private_key, "sequence": 0}
    if system_id is not None:
        system["id"] = str(system_id)
    system["sequence"] += 1
    fresh = path.with_suffix(".new")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(system, file)
    fresh.replace(path)
    return system


def fingerprint(hardware: Sequence[str]) -> str:
    """The same for the same parts in any order."""
    return hashlib.sha256("\n".join(sorted(hardware)).encode()).hexdigest()


def signed(claims: Mapping[str, Any], key: Ed25519PrivateKey) -> str:
    enc = b64encode(canonical(claims)).decode()
    sig = b64encode(key.sign(f"machine/{enc}".encode())).decode()
    body = b64encode(canonical({"alg": "base64+ed25519", "enc": enc, "sig": sig})).decode()
    lines = [body[start : start + COLUMNS] for start in range(0, len(body), COLUMNS)]
    return "\n".join([BEGIN, *lines, END, ""])


def canonical(value: Mapping[str, Any]) -> bytes:
    """The one way to write it (RFC 8785): names sorted, nothing between."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


if __name__ == "__main__":
    main()
