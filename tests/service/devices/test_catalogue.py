"""The firmware catalogue (specification, devices chapter 3)."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import fsspec
import pytest

from contracts.errors import Refusal
from simulator.image import file_name, image_bytes
from tests.service.devices.site import Site


def stored(site: Site) -> list[str]:
    root = Path(site.suite.folder) / "images"
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def refused(site: Site, content: bytes, name: str = "x.bin", **changes: Any) -> str:
    try:
        site.upload(content, name, **changes)
    except Refusal as refusal:
        return refusal.code
    raise AssertionError("The upload was accepted.")


def test_an_image_says_itself_what_it_is_for(site: Site) -> None:
    content = image_bytes("P3265-V", "12.9.57")
    image = site.upload(content, "anything.bin")
    digest = hashlib.sha256(content).hexdigest()
    assert image["version"] == "12.9.57"
    assert image["track"] == "active"
    assert image["products"] == [{"product": "P3265-V", "hardware_id": "8F0.3"}]
    assert image["upgradeable_from"] == ["11.11", "12"]
    assert (image["sha256"], image["size"]) == (digest, len(content))
    assert stored(site) == [f"images/{digest}"]
    assert site.operate("list_firmware_images")["items"] == [image]


def test_the_same_image_twice_is_one_image(site: Site) -> None:
    content = image_bytes("P3265-V", "12.9.57")
    assert site.upload(content, "a.bin") == site.upload(content, "b.bin")
    assert len(stored(site)) == 1
    assert len(site.operate("list_firmware_images")["items"]) == 1


def test_another_image_of_the_same_release_is_refused_and_leaves_nothing(site: Site) -> None:
    site.release("P3265-V", "12.9.57")
    before = stored(site)
    other = image_bytes("P3265-V", "12.9.57", size=90_000)
    assert refused(site, other) == "firmware-release-exists"
    assert stored(site) == before


@pytest.mark.parametrize(
    ("content", "name", "changes", "code"),
    [
        (b"garbage", "x.bin", {}, "firmware-image-unknown"),
        (b"garbage", "x.bin", {"sha256": "0" * 64}, "firmware-image-damaged"),
        (
            image_bytes("P3265-V", "12.9.57"),
            "x.bin",
            {"version": "12.1.60"},
            "firmware-image-contradicts",
        ),
    ],
)
def test_what_is_refused_leaves_nothing_behind(
    site: Site, content: bytes, name: str, changes: dict[str, Any], code: str
) -> None:
    assert refused(site, content, name, **changes) == code
    assert stored(site) == []
    assert site.operate("list_firmware_images")["items"] == []


def test_an_image_that_says_nothing_is_known_by_its_name(site: Site) -> None:
    image = site.upload(b"an old kind of image", file_name("M1137 Mk II", "10.12.240"))
    assert image["products"] == [{"product": "M1137 Mk II", "hardware_id": ""}]
    assert (image["version"], image["upgradeable_from"]) == ("10.12.240", None)


def test_an_image_beyond_the_limit_is_refused(site: Site) -> None:
    largest = site.operate("begin_firmware_upload", sha256="0" * 64, file_name="x.bin")
    too_large = {"sha256": "0" * 64, "file_name": "x.bin", "size": largest["largest_bytes"] + 1}
    with pytest.raises(Refusal) as refusal:
        site.operate("begin_firmware_upload", **too_large)
    assert refusal.value.code == "firmware-image-too-large"


def test_only_operators_touch_the_catalogue(site: Site) -> None:
    asked = {"sha256": "0" * 64, "file_name": "x.bin"}
    for method, payload in (
        ("begin_firmware_upload", asked),
        ("list_firmware_images", {}),
    ):
        with pytest.raises(Refusal) as refusal:
            site.suite.call("devices", method, payload, as_=site.home.owner)
        assert refusal.value.code in ("operator-only", "unauthenticated")


def test_a_cancelled_or_forgotten_upload_leaves_nothing(site: Site) -> None:
    for way in ("cancel", "clean"):
        begun = site.operate("begin_firmware_upload", sha256="0" * 64, file_name="x.bin")
        with fsspec.open(begun["url"], "wb") as file:
            file.write(b"half of it")
        assert len(stored(site)) == 1
        if way == "cancel":
            site.operate("cancel_firmware_upload", upload_id=begun["upload_id"])
        else:
            site.suite.run_job("devices", "clean_uploads")
            assert len(stored(site)) == 1, "young uploads are left alone"
            site.suite.clock.advance(timedelta(hours=25))
            site.suite.run_job("devices", "clean_uploads")
        assert stored(site) == []
        finish = {"upload_id": begun["upload_id"], "sha256": "0" * 64, "size": 10}
        with pytest.raises(Refusal) as refusal:
            site.operate("finish_firmware_upload", **finish)
        assert refusal.value.code == "firmware-upload-not-found"
