"""The program that shows a product's makers how to check a license file offline (D-19, M6)."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from chassis.clock import SystemClock
from examples import verify_license_file as example
from services.licensing.service.signing import Signer
from tests.unit.licensing.files import FINGERPRINT, NOW, SYSTEM, armored, canonical, license_file

PROGRAM = Path(example.__file__)
KEY = Ed25519PrivateKey.from_private_bytes(b"\1" * 32)
SIGNER = Signer({"2025": b"\1" * 32, "2024": b"\2" * 32})
STRANGER = Signer({"2025": b"\3" * 32})
DAY = timedelta(days=1)
# The program has the machine's clock, the rules' tests have none.
TODAY = SystemClock().now()


@dataclass
class Product:
    """An installed product that runs the example as its own program."""

    folder: Path
    code: str = "camera-manager"
    id: str = str(SYSTEM)
    hardware: str = FINGERPRINT

    @property
    def state(self) -> Path:
        return self.folder / "latest-time-seen"

    def run(self, content: str | bytes) -> tuple[int, str]:
        path = self.folder / "license.txt"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        keys = [f"{key_id}={key}" for key_id, key in SIGNER.public_keys().items()]
        done = subprocess.run(
            [sys.executable, PROGRAM, path, self.code, self.id, self.hardware, self.state, *keys],
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in done.stderr
        return done.returncode, done.stdout + done.stderr

    def refuses(self, content: str | bytes) -> str:
        """What it says then."""
        code, said = self.run(content)
        assert code == 1, said
        assert said.startswith("Not licensed")
        return said


@pytest.fixture
def product(tmp_path: Path) -> Product:
    return Product(tmp_path)


def current(**changes: Any) -> str:
    """A file for the machine's own today."""
    values = {
        "valid_from": TODAY.date() - 40 * DAY,
        "valid_until": TODAY.date() + 355 * DAY,
        "issued": TODAY - DAY,
        **changes,
    }
    return SIGNER.signed(license_file(**values))


def test_a_good_file_verifies_and_says_what_it_allows(product: Product) -> None:
    code, said = product.run(current())
    assert (code, said) == (0, f'Licensed until {TODAY.date() + 355 * DAY}: {{"core": 12}}\n')
    assert product.run(current())[0] == 0, "and again, with a time seen before"


def test_a_file_signed_with_the_key_before_verifies(product: Product) -> None:
    """M6: by the public key of the key id that the file names."""
    before = Signer({"2024": b"\2" * 32})
    file = license_file(issued=TODAY, valid_from=TODAY.date() - DAY, valid_until=TODAY.date() + DAY)
    assert product.run(before.signed(file))[0] == 0


def test_a_file_works_all_of_its_last_day_and_not_the_day_after(product: Product) -> None:
    """D-1."""
    keys = _keys()
    last_day = datetime(2026, 3, 31, 23, 59, 59, tzinfo=UTC)
    content = SIGNER.signed(license_file())
    product.state.touch()
    assert _verify(content, keys, last_day, product.state)["serial"] == 1
    with pytest.raises(ValueError, match="Valid from"):
        _verify(content, keys, last_day + timedelta(seconds=1), product.state)


@pytest.mark.parametrize("hours", [-11, 0, 14])
def test_the_days_of_a_file_are_those_of_the_place(product: Product, hours: int) -> None:
    """D-1: no product stops at tea time of its last day because it is midnight somewhere else."""
    keys, content = _keys(), SIGNER.signed(license_file())
    place = timezone(timedelta(hours=hours))
    last_moment = datetime(2026, 3, 31, 23, 59, 59, tzinfo=place)
    product.state.touch()
    _verify(content, keys, last_moment, product.state)
    with pytest.raises(ValueError, match="Valid from"):
        _verify(content, keys, last_moment + timedelta(seconds=1), product.state)
    moment = (last_moment + timedelta(seconds=1)).astimezone(UTC)
    assert product.state.read_text() == moment.strftime(example.TIME)


def test_an_expired_file_does_not(product: Product) -> None:
    assert "Valid from" in product.refuses(current(valid_until=TODAY.date() - 2 * DAY))


def test_a_file_of_a_year_to_come_does_not(product: Product) -> None:
    assert "Valid from" in product.refuses(current(valid_from=TODAY.date() + 2 * DAY))


@pytest.mark.parametrize(
    ("name", "other"),
    [("code", "cheap-product"), ("id", str(UUID(int=99))), ("hardware", "cd" * 32)],
)
def test_a_file_of_another_product_or_system_does_not(
    product: Product, name: str, other: str
) -> None:
    """D-19: one machine may run two products, and a file of the cheaper one is none of the other."""
    setattr(product, name, other)
    assert "another system" in product.refuses(current())


def test_a_file_signed_by_a_stranger_or_under_an_unknown_key_does_not(product: Product) -> None:
    assert "signature is wrong" in product.refuses(STRANGER.signed(license_file()))
    assert "2023" in product.refuses(Signer({"2023": b"\1" * 32}).signed(license_file()))


def test_a_clock_set_back_is_noticed_by_the_latest_time_seen(product: Product) -> None:
    """M6."""
    content = current()
    product.state.write_text((TODAY + 2 * DAY).strftime(example.TIME))
    assert "clock" in product.refuses(content)
    assert product.state.read_text() == (TODAY + 2 * DAY).strftime(example.TIME)
    product.state.write_text((TODAY + DAY / 2).strftime(example.TIME))
    assert product.run(content)[0] == 0, "half a day is drift"


def test_a_clock_set_back_is_noticed_by_when_the_file_was_issued(product: Product) -> None:
    """M6: a fresh installation has seen no time yet."""
    assert "clock" in product.refuses(current(issued=TODAY + 2 * DAY))


def test_the_latest_time_seen_is_kept_even_when_the_file_is_refused(product: Product) -> None:
    """Else a look at an expired file would not keep its owner from setting the clock back."""
    product.refuses(current(valid_until=TODAY.date() - DAY))
    assert product.state.read_text() >= TODAY.strftime(example.TIME)


def _places(content: str) -> dict[str, int]:
    """One byte of every class: of the armor, of lines' ends, of base64 and of its padding."""
    lines = content.split("\n")
    body = len(lines[0]) + 1
    return {
        "begin": content.index("BEGIN"),
        "first line's end": len(lines[0]),
        "first symbol": body,
        "symbol in the middle": len(content) // 2,
        "line's end in the body": body + 64,
        "padding": content.rindex("=\n"),
        "last line's end": len(content) - 1,
        "end": content.index("END LICENSE"),
    }


def _padded() -> str:
    """A file whose base64 does not come out even."""
    files = (current(serial=10**digits) for digits in range(10))
    return next(content for content in files if "=\n" in content)


@pytest.mark.parametrize("place", sorted(_places(_padded())))
def test_a_file_changed_in_a_byte_of_any_class_does_not_verify(
    product: Product, place: str
) -> None:
    content = _padded()
    position = _places(content)[place]
    other = "B" if content[position] != "B" else "C"
    product.refuses(content[:position] + other + content[position + 1 :])


def test_no_changed_byte_at_all_verifies(product: Product) -> None:
    """Every place, by one bit, by a symbol of base64, by a line's end and by padding."""
    content, keys = SIGNER.signed(license_file()), _keys()
    product.state.touch()
    _verify(content, keys, NOW, product.state)
    for place, character in enumerate(content):
        for other in {chr(ord(character) ^ 1), "A", "\n", " ", "="} - {character}:
            changed = content[:place] + other + content[place + 1 :]
            with pytest.raises((ValueError, LookupError, TypeError, InvalidSignature)):
                _verify(changed, keys, NOW, product.state)


def _verify(content: str, keys: example.Keys, now: datetime, state: Path) -> example.Terms:
    return example.verify(content, keys, "camera-manager", str(SYSTEM), FINGERPRINT, now, state)


def _keys() -> example.Keys:
    return {
        key_id: Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
        for key_id, key in SIGNER.public_keys().items()
    }


OUTER = '{"alg":"base64+ed25519","enc":"%s","sig":"%s"}'


def _rebuilt(
    prefix: str = "license/", *, title: str = "LICENSE FILE", outer: str = OUTER, swap: bool = False
) -> bytes:
    """A file as somebody with the signing key, or without a scruple, could make it."""
    claims = license_file(
        valid_from=TODAY.date() - DAY, valid_until=TODAY.date() + DAY, issued=TODAY
    ).claims("2025")
    enc = b64encode(canonical(claims)).decode()
    sig = b64encode(KEY.sign(f"{prefix}{enc}".encode())).decode()
    if swap:
        enc = b64encode(canonical({**claims, "types": {"core": 9_999}})).decode()
    return armored((outer % (enc, sig)).encode(), title)


def test_what_is_signed_as_something_else_does_not_verify(product: Product) -> None:
    """M6: the key also signs nothing that could be re-labeled as a license file."""
    assert product.run(_rebuilt())[0] == 0
    for prefix in ("machine/", "voucher/", ""):
        assert "signature is wrong" in product.refuses(_rebuilt(prefix))
    product.refuses(_rebuilt(title="SYSTEM FILE"))


def test_another_number_of_licenses_under_the_same_signature_does_not_verify(
    product: Product,
) -> None:
    assert "signature is wrong" in product.refuses(_rebuilt(swap=True))


@pytest.mark.parametrize(
    "outer",
    [
        OUTER.replace("base64+ed25519", "base64+rsa"),
        OUTER.replace("base64+ed25519", "none"),
        OUTER.replace('"alg":"base64+ed25519",', ""),
        OUTER.replace('"alg"', '"alg":"none","alg"'),
        OUTER.replace("}", ',"note":1}'),
        OUTER.replace(":", ": "),
    ],
)
def test_an_unknown_algorithm_or_another_writing_does_not_verify(
    product: Product, outer: str
) -> None:
    """M6."""
    assert "changed" in product.refuses(_rebuilt(outer=outer))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"license please",
        b"Dear customer,\n" + _rebuilt(),
        _rebuilt() + b"\n",
        _rebuilt().replace(b"\n", b"\r\n"),
        armored(b"[]", "LICENSE FILE"),
        armored(b"null", "LICENSE FILE"),
        armored(b"[" * 100_000, "LICENSE FILE"),
        armored(b'{"enc":1,"sig":2}', "LICENSE FILE"),
    ],
    ids=lambda content: content[:20],
)
def test_junk_does_not_verify_and_breaks_nothing(product: Product, content: bytes) -> None:
    product.refuses(content)


def test_base64_that_decodes_alike_does_not_verify(product: Product) -> None:
    sig_end = b'=="}'
    whole = b64decode(b"".join(_rebuilt().split(b"\n")[1:-2]))
    assert whole.endswith(sig_end)
    place = len(whole) - len(sig_end) - 1
    # 64 bytes leave four bits of the last symbol unused.
    again = whole[:place] + bytes([whole[place] + 1]) + whole[place + 1 :]
    assert "changed" in product.refuses(armored(again, "LICENSE FILE"))


def test_the_check_is_at_most_fifteen_lines_and_needs_cryptography_alone() -> None:
    lines = [line for line in inspect.getsource(example.verify).split("\n") if line.strip()]
    assert len(lines) <= 15
    modules: set[str] = set()
    for node in ast.walk(ast.parse(PROGRAM.read_text())):
        if isinstance(node, ast.Import):
            modules |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            modules.add(str(node.module))
    outside = {name.partition(".")[0] for name in modules} - sys.stdlib_module_names
    assert outside == {"cryptography"}
