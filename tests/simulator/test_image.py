"""Images of AXIS OS as the simulator makes and reads them."""

import io
import json
import tarfile
from pathlib import Path
from typing import Literal

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from simulator import profiles
from simulator.image import HEAD_SIZE, NotAnImage, image_bytes, main, read_header

versions = st.tuples(
    st.integers(9, 13), st.integers(0, 99), st.integers(0, 999), st.integers(0, 9)
).map(lambda numbers: ".".join(str(number) for number in numbers))
products = st.sampled_from(sorted(profiles.BY_PROD_NBR))


@given(product=products, version=versions, size=st.integers(0, 200_000))
def test_a_camera_reads_of_an_image_what_was_written(product: str, version: str, size: int) -> None:
    header = read_header(image_bytes(product, version, size=size)[:HEAD_SIZE])
    assert header.version == version
    assert header.is_for(profiles.BY_PROD_NBR[product])
    assert header.payload_size <= size


@given(
    garbage=st.binary(max_size=2000), magic=st.sampled_from([b"", b"\x1f\x8b", b"\x28\xb5\x2f\xfd"])
)
def test_garbage_is_not_an_image(garbage: bytes, magic: bytes) -> None:
    with pytest.raises(NotAnImage):
        read_header(magic + garbage)


@given(cut=st.integers(0, 1500))
def test_a_beginning_that_is_too_short_is_not_an_image(cut: int) -> None:
    with pytest.raises(NotAnImage):
        read_header(image_bytes("P3265-V", "12.9.57")[:cut])


@pytest.mark.parametrize("version", ["9.80.3.9", "12.9.57", "13.0.41"])
def test_the_second_member_says_what_the_image_is(version: str) -> None:
    packed = image_bytes("P3265-V", version, size=300_000)
    mode: Literal["r:", "r:gz"] = "r:gz"
    if version.startswith("13."):
        packed = zstandard.ZstdDecompressor().decompressobj().decompress(packed)
        mode = "r:"
    with tarfile.open(fileobj=io.BytesIO(packed), mode=mode) as archive:
        member = archive.getmembers()[1]
        content = archive.extractfile(member)
        assert content is not None
        info = json.loads(content.read())
    assert member.name == "info.json"
    assert info["Release"] == version
    assert info["Products"][0]["ProdNbr"] == "P3265-V"
    assert ("UpgradeableFrom" in info) is not version.startswith("9.")


@given(size=st.integers(20_000, 3_000_000), version=st.sampled_from(["11.11.192", "13.0.41"]))
def test_an_image_is_about_as_large_as_asked_for(size: int, version: str) -> None:
    assert abs(len(image_bytes("M3106-L", version, size=size)) - size) < 12_000 + size // 100


def test_the_same_image_is_made_twice() -> None:
    assert image_bytes("M3106-L", "11.11.192") == image_bytes("M3106-L", "11.11.192")


def test_the_command_writes_an_image_for_several_models(tmp_path: Path) -> None:
    out = tmp_path / "image.bin"
    models = ["--product", "M3106-L", "--product", "M1137 Mk II"]
    assert main([*models, "--version", "11.11.192", "--size", "200kB", "--out", str(out)]) == 0
    header = read_header(out.read_bytes()[:HEAD_SIZE])
    assert [number for number, _ in header.products] == ["M3106-L", "M1137 Mk II"]
    assert 190_000 < out.stat().st_size < 215_000


@pytest.mark.parametrize(
    ("version", "follows"),
    [("11.5.64", "10.12.240"), ("12.9.57", "11.11.192"), ("13.0.41", "12.11.77")],
)
def test_an_image_follows_the_long_term_release_before_it(version: str, follows: str) -> None:
    header = read_header(image_bytes("P3265-V", version))
    assert header.may_follow(follows)
    assert header.may_follow(version)
    assert not header.may_follow("9.80.3.9")


def test_a_release_is_not_taken_for_a_longer_one_with_the_same_beginning() -> None:
    header = read_header(image_bytes("P3265-V", "12.9.57", follows=["11.1"]))
    assert header.may_follow("11.1.60")
    assert not header.may_follow("11.11.192")
