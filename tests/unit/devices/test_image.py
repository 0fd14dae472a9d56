"""What an image says of itself, read without trusting it (specification, devices chapter 3)."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from typing import Any

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from services.devices.domain.image import (
    HEAD_BYTES,
    ImageContradicts,
    ImageUnknown,
    identified,
    read_info,
)
from services.devices.domain.recommendation import Model
from simulator.image import image_bytes

INFO = {"Release": "12.11.77", "Products": [{"ProdNbr": "P3245-LV", "HardwareID": "793.2"}]}


def archive(info: Any, *, name: str = "info.json", first: bytes = b"label", **member: Any) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for entry, content in (("label", first), (name, info)):
            data = content if isinstance(content, bytes) else json.dumps(content).encode()
            header = tarfile.TarInfo(entry)
            header.size = len(data)
            for field, value in member.items() if entry == name else ():
                setattr(header, field, value)
            tar.addfile(header, io.BytesIO(data))
    return gzip.compress(out.getvalue())


@pytest.mark.parametrize("version", ["10.12.240", "12.11.77", "13.0.41"])
def test_gzip_and_zstd_images_are_read_from_their_beginning(version: str) -> None:
    info = read_info(image_bytes("P3245-LV", version, size=3_000_000)[:HEAD_BYTES])
    assert info is not None
    assert info.version.text == version
    assert info.models == (Model("P3245-LV", "793.2"),)
    assert (info.upgradeable_from is None) == version.startswith("10.")


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"\x1f\x8b",
        b"\x28\xb5\x2f\xfd",
        b"garbage" * 1000,
        gzip.compress(b"no tar"),
        archive(b"not json"),
        archive([1, 2]),
        archive({"Release": "12.11.77"}),
        archive({**INFO, "Products": []}),
        archive({**INFO, "Release": "latest"}),
        archive({**INFO, "Products": [{"ProdNbr": "x" * 100}]}),
        archive({**INFO, "UpgradeableFrom": "12"}),
        archive(INFO, name="other.json"),
        archive(INFO, type=tarfile.SYMTYPE, linkname="/etc/passwd"),
        archive(b"[" * 100_000),
    ],
    ids=range(15),
)
def test_what_cannot_be_read_is_nothing_and_never_an_error(head: bytes) -> None:
    assert read_info(head) is None


def test_an_archive_that_swells_is_read_only_so_far() -> None:
    assert read_info(archive(INFO, first=bytes(64 << 20))[:HEAD_BYTES]) is None
    bomb = zstandard.ZstdCompressor().compress(bytes(256 << 20))
    assert read_info(bomb[:HEAD_BYTES]) is None


@given(st.binary(max_size=2000), st.sampled_from([b"", b"\x1f\x8b\x08\x00", b"\x28\xb5\x2f\xfd"]))
def test_no_bytes_break_the_reader(body: bytes, magic: bytes) -> None:
    assert read_info(magic + body) is None


@given(st.data())
def test_no_damage_breaks_the_reader(data: st.DataObject) -> None:
    whole = bytearray(archive(INFO))
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    read_info(bytes(whole))


def test_an_unreadable_image_is_known_by_the_request_or_its_file_name() -> None:
    named = identified(b"?", file_name="M1137_Mk_II_12_11_77.bin", product=None, version=None)
    assert (named.models, named.version.text) == ((Model("M1137 Mk II", ""),), "12.11.77")
    asked = identified(b"?", file_name="image.bin", product="P3245-LV", version="9.80.3.9")
    assert (asked.models, asked.version.text) == ((Model("P3245-LV", ""),), "9.80.3.9")
    with pytest.raises(ImageUnknown):
        identified(b"?", file_name="image.bin", product="P3245-LV", version=None)


@pytest.mark.parametrize(
    ("product", "version"), [("M3106-L", None), (None, "12.9.57"), ("M3106-L", "12.11.77")]
)
def test_the_image_itself_has_the_last_word(product: str | None, version: str | None) -> None:
    with pytest.raises(ImageContradicts):
        identified(archive(INFO), file_name="x.bin", product=product, version=version)
