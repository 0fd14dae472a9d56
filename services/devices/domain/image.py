"""Image: what an AXIS OS image says of itself, read from its beginning without unpacking it."""

from __future__ import annotations

import io
import json
import re
import tarfile
import zlib
from dataclasses import dataclass
from typing import Any

import zstandard

from contracts.errors import Conflict, Invalid, NotFound
from services.devices.domain.recommendation import Model
from services.devices.domain.version import Version, VersionUnreadable

# info.json is the second member, so it lies in the first blocks.
HEAD_BYTES = 1 << 20
_UNPACKED_BYTES = 2 << 20
_INFO_BYTES = 1 << 20
_WINDOW_BYTES = 1 << 27
_PRODUCTS_MOST = 500

_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_FILE_NAME = re.compile(r"(?P<product>[A-Za-z0-9][\w.-]*?)_(?P<version>\d+(?:_\d+){2,3})\.bin")


class ImageTooLarge(Invalid):
    """The image is larger than this installation takes."""

    code = "firmware-image-too-large"


class ImageDamaged(Invalid):
    """What arrived is not what was announced: its size or its SHA-256 differs."""

    code = "firmware-image-damaged"


class ImageUnknown(Invalid):
    """Neither the image, nor its file name, nor the request says for what product it is."""

    code = "firmware-image-unknown"


class ImageContradicts(Invalid):
    """The request says something else about the image than the image itself."""

    code = "firmware-image-contradicts"


class ReleaseExists(Conflict):
    """The catalogue holds another image of this product and version."""

    code = "firmware-release-exists"


class UploadNotFound(NotFound):
    """There is no upload with this id that was begun and not ended."""

    code = "firmware-upload-not-found"


@dataclass(frozen=True)
class ImageInfo:
    version: Version
    models: tuple[Model, ...]
    upgradeable_from: tuple[str, ...] | None = None
    track: str = ""

    @property
    def is_preview(self) -> bool:
        return self.track.startswith("preview")


def read_info(head: bytes) -> ImageInfo | None:
    """From the first ``HEAD_BYTES`` of a gzip or zstd tar; None where it cannot be read."""
    try:
        with tarfile.open(fileobj=io.BytesIO(_unpacked(head)), mode="r:") as archive:
            archive.next()
            member = archive.next()
            if member is None or not member.isreg() or member.size > _INFO_BYTES:
                return None
            if member.name.removeprefix("./") != "info.json":
                return None
            content = archive.extractfile(member)
            text = content.read(_INFO_BYTES) if content is not None else b""
        return _info(json.loads(text))
    except (tarfile.TarError, zlib.error, zstandard.ZstdError, EOFError):
        return None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, VersionUnreadable):
        return None


def _unpacked(head: bytes) -> bytes:
    """At most so much, whatever the archive would swell to."""
    if head.startswith(_ZSTD):
        window = zstandard.ZstdDecompressor(max_window_size=_WINDOW_BYTES)
        with window.stream_reader(io.BytesIO(head)) as reader:
            return bytes(reader.read(_UNPACKED_BYTES))
    if head.startswith(_GZIP):
        return zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(head, _UNPACKED_BYTES)
    raise ValueError("neither gzip nor zstd")


def _info(info: dict[str, Any]) -> ImageInfo | None:
    follows = info.get("UpgradeableFrom")
    models = tuple(
        Model(_short(product["ProdNbr"]), _short(product.get("HardwareID", "")))
        for product in info["Products"][:_PRODUCTS_MOST]
    )
    if not models or (follows is not None and not isinstance(follows, list)):
        return None
    return ImageInfo(
        version=Version.parse(info["Release"]),
        models=tuple(dict.fromkeys(models)),
        upgradeable_from=None if follows is None else tuple(_short(entry) for entry in follows),
        track=_short(info.get("Track", ""), most=40),
    )


def _short(value: object, most: int = 60) -> str:
    if not isinstance(value, str) or len(value) > most or not value.isprintable():
        raise ValueError("not a short text")
    return value


def identified(
    head: bytes, *, file_name: str, product: str | None, version: str | None
) -> ImageInfo:
    """What the image is, from itself, else from the request, else from its file name.

    :raises ImageUnknown: none of them says.
    :raises ImageContradicts: the request says otherwise than the image.
    """
    info = read_info(head)
    if info is not None:
        is_other_product = product is not None and all(m.product != product for m in info.models)
        if is_other_product or (version is not None and Version.parse(version) != info.version):
            raise ImageContradicts(
                f"The image is {info.version} for "
                f"{', '.join(sorted({model.product for model in info.models})[:5])}."
            )
        return info
    named = _FILE_NAME.fullmatch(file_name)
    if named is not None:
        product = product or named["product"].replace("_", " ")
        version = version or named["version"].replace("_", ".")
    if product is None or version is None:
        raise ImageUnknown("Say the product and the version of this image.")
    return ImageInfo(Version.parse(version), (Model(product, ""),))
