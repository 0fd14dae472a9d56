"""Stands for a supplier without a connection: writes vouchers, which its customers redeem.

    python make_voucher.py FOLDER SUPPLIER_ID --product camera-manager --licenses core=10 \\
        --years 3 --before 2026-12-31
    python make_voucher.py FOLDER SUPPLIER_ID --public-key

Prints the voucher, or the key that the operators of the installation have to know before. The folder
keeps `supplier.json`: the private key and the number of the last voucher. Whoever has it sells
licenses in the supplier's name.
"""

import argparse
import json
import os
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("supplier_id", help="as the installation knows the supplier")
    parser.add_argument("--public-key", action="store_true", help="print it and write nothing")
    parser.add_argument("--product", help="its code in the catalogue")
    parser.add_argument(
        "--licenses", nargs="+", help="license type and number for each year", metavar="TYPE=N"
    )
    parser.add_argument("--years", type=int, default=1)
    parser.add_argument("--before", type=date.fromisoformat, help="first day it counts no more")
    chosen = parser.parse_args(arguments)
    if chosen.public_key:
        print(public_key(chosen.folder))
        return
    if not (chosen.product and chosen.licenses):
        parser.error("say --product and --licenses")
    lines = {kind: int(n) for kind, _, n in (each.partition("=") for each in chosen.licenses)}
    print(
        write(
            chosen.folder,
            supplier_id=chosen.supplier_id,
            product=chosen.product,
            lines=lines,
            years=chosen.years,
            before=chosen.before,
        )
    )


def write(
    folder: Path,
    *,
    supplier_id: str,
    product: str,
    lines: Mapping[str, int],
    years: int,
    before: date | None,
) -> str:
    """The next voucher of the supplier that lives in the folder; no number is used twice."""
    supplier = remembered(folder)
    supplier["number"] += 1
    keep(folder, supplier)
    claims = {
        "supplier_id": supplier_id,
        "serial": f"{supplier['number']:06d}",
        "product": product,
        "lines": dict(lines),
        "term_years": years,
        "redeem_before": before and before.isoformat(),
    }
    enc = urlsafe(canonical(claims))
    return f"LIC1.{enc}.{urlsafe(key_of(supplier).sign(f'voucher/{enc}'.encode()))}"


def public_key(folder: Path) -> str:
    return key_of(remembered(folder)).public_key().public_bytes_raw().hex()


def key_of(supplier: Mapping[str, Any]) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(supplier["private_key"]))


def remembered(folder: Path) -> dict[str, Any]:
    """Who the supplier is; made on first use."""
    path = folder / "supplier.json"
    if path.exists():
        found: dict[str, Any] = json.loads(path.read_text())
        return found
    folder.mkdir(parents=True, exist_ok=True)
    supplier = {"private_key": Ed25519PrivateKey.generate().private_bytes_raw().hex(), "number": 0}
    keep(folder, supplier)
    return supplier


def keep(folder: Path, supplier: Mapping[str, Any]) -> None:
    fresh = folder / "supplier.new"
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(supplier, file)
    fresh.replace(folder / "supplier.json")


def canonical(value: Mapping[str, Any]) -> bytes:
    """The one way to write it (RFC 8785): names sorted, nothing between."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def urlsafe(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


if __name__ == "__main__":
    main()
