"""AXIS OS images as the simulated cameras take them: made here, and recognized by their beginning.

`python -m simulator.image --product M3106-L --version 11.11.192 --size 2MB --out FILE`
"""

import argparse
import gzip
import hashlib
import io
import json
import random
import re
import sys
import tarfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

import zstandard

from simulator import profiles
from simulator.profiles import Profile
from simulator.releases import is_version, release

if TYPE_CHECKING:
    from typing_extensions import Buffer

HEAD_SIZE: Final = 64 * 1024
GZIP_MAGIC: Final = b"\x1f\x8b"
ZSTD_MAGIC: Final = b"\x28\xb5\x2f\xfd"
SIGNED: Final = "release"
CUSTOM_SIGNED: Final = "custom"
UNSIGNED: Final = ""
BUILD_TIME: Final = 1_767_225_600

# Every image from 11 on names the releases it may follow: one long-term release after the other.
UPGRADEABLE_FROM: Final = {
    11: ("10.12", "11"),
    12: ("11.11", "12"),
    13: ("12.11", "13"),
}


class NotAnImage(ValueError):
    """The bytes are not the beginning of an AXIS OS image."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageHeader:
    """What a camera learns of an image from its first members."""

    version: str
    part: str
    signing_domain: str
    upgradeable_from: tuple[str, ...] | None
    products: tuple[tuple[str, str], ...]
    payload_size: int

    def is_for(self, profile: Profile) -> bool:
        return (profile.prod_nbr, profile.hardware_id) in self.products

    def may_follow(self, version: str) -> bool:
        """An entry names one release or all that begin with it."""
        if self.upgradeable_from is None:
            return True
        return any(
            version == entry or version.startswith(f"{entry}.") for entry in self.upgradeable_from
        )


def upgradeable_from(version: str) -> tuple[str, ...] | None:
    """The releases an image of this version follows; images before 11 do not say."""
    return UPGRADEABLE_FROM.get(release(version)[0])


def part_number(version: str) -> str:
    """Ten digits that stay the same for a version, as the parts of real images do."""
    return str(int(hashlib.sha256(version.encode()).hexdigest()[:12], 16) % 10**10).zfill(10)


def file_name(product: str, version: str) -> str:
    return f"{product.replace(' ', '_')}_{version.replace('.', '_')}.bin"


class _Padding(io.RawIOBase):
    """Bytes that do not compress, the same ones for the same seed."""

    def __init__(self, size: int, seed: str) -> None:
        self._left = size
        self._random = random.Random(seed)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "Buffer") -> int:
        view = memoryview(buffer).cast("B")
        count = min(len(view), self._left)
        self._left -= count
        view[:count] = self._random.randbytes(count)
        return count


def _info(
    products: Iterable[Profile],
    version: str,
    *,
    signing_domain: str,
    follows: Sequence[str] | None,
) -> bytes:
    info: dict[str, Any] = {
        "Release": version,
        "BuildNbr": "1",
        "PartNbr": part_number(version),
        "BuildTime": BUILD_TIME,
        "SigningDomain": signing_domain,
        "Products": [
            {
                "Brand": "AXIS",
                "ProdNbr": profile.prod_nbr,
                "HardwareID": profile.hardware_id,
                "ProdType": profile.prod_type,
                "ProdFullName": profile.prod_full_name,
                "ProdShortName": profile.prod_short_name,
                **({"ProdVariant": profile.prod_variant} if profile.prod_variant else {}),
            }
            for profile in products
        ],
    }
    if follows is not None:
        info["UpgradeableFrom"] = list(follows)
    return json.dumps(info, indent=2).encode()


def _add(archive: tarfile.TarFile, name: str, size: int, content: IO[bytes]) -> None:
    member = tarfile.TarInfo(name)
    member.size = size
    member.mtime = BUILD_TIME
    archive.addfile(member, content)


def write_image(
    out: IO[bytes],
    products: Sequence[Profile],
    version: str,
    *,
    size: int = 64 * 1024,
    signing_domain: str = SIGNED,
    follows: Sequence[str] | None = None,
) -> None:
    """An image of about `size` bytes, written as a stream; `follows` overrules the usual list."""
    if follows is None:
        follows = upgradeable_from(version)
    info = _info(products, version, signing_domain=signing_domain, follows=follows)
    padding = max(size - len(info) - 4096, 0)
    packed: Any
    if release(version)[0] >= 13:
        packed = zstandard.ZstdCompressor(level=1).stream_writer(out, closefd=False)
    else:
        # Stored, not compressed: the padding is random, and images are made by the hundred.
        packed = gzip.GzipFile("", "wb", compresslevel=0, fileobj=out, mtime=0)
    with packed, tarfile.open(fileobj=packed, mode="w") as archive:
        label = f"AXIS OS {version} {padding}\n".encode()
        _add(archive, "label", len(label), io.BytesIO(label))
        _add(archive, "info.json", len(info), io.BytesIO(info))
        # Ends the compressed block, so that a reader of the beginning need not wait for more.
        packed.flush()
        stream = _Padding(padding, f"{version}/{padding}")
        _add(archive, "rootfs.img", padding, io.BufferedReader(stream))


def image_bytes(
    product: str,
    version: str,
    *,
    size: int = 64 * 1024,
    signing_domain: str = SIGNED,
    follows: Sequence[str] | None = None,
) -> bytes:
    """A small image in memory."""
    out = io.BytesIO()
    write_image(
        out,
        [profiles.BY_PROD_NBR[product]],
        version,
        size=size,
        signing_domain=signing_domain,
        follows=follows,
    )
    return out.getvalue()


def _unpacked(head: bytes) -> bytes:
    try:
        if head.startswith(ZSTD_MAGIC):
            return zstandard.ZstdDecompressor().stream_reader(head).read(4 * HEAD_SIZE)
        if head.startswith(GZIP_MAGIC):
            return zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(head, 4 * HEAD_SIZE)
    except (zlib.error, zstandard.ZstdError) as error:
        raise NotAnImage("The archive cannot be unpacked.") from error
    raise NotAnImage("Neither gzip nor zstd.")


def _content(archive: tarfile.TarFile, name: str) -> bytes:
    """Of the next member, which has to be this one."""
    member = archive.next()
    if member is None or member.name != name:
        raise NotAnImage(f"There is no {name} in its place.")
    content = archive.extractfile(member)
    return content.read() if content is not None else b""


def read_header(head: bytes) -> ImageHeader:
    """The header of an image from its first bytes; raises `NotAnImage`."""
    unpacked = _unpacked(head)
    try:
        with tarfile.open(fileobj=io.BytesIO(unpacked), mode="r:") as archive:
            label, text = _content(archive, "label"), _content(archive, "info.json")
        info = json.loads(text)
        named = info.get("UpgradeableFrom")
        return ImageHeader(
            version=str(info["Release"]),
            part=str(info["PartNbr"]),
            signing_domain=str(info["SigningDomain"]),
            upgradeable_from=None if named is None else tuple(str(entry) for entry in named),
            products=tuple(
                (str(product["ProdNbr"]), str(product["HardwareID"]))
                for product in info["Products"]
            ),
            payload_size=int(label.split()[-1]),
        )
    except (tarfile.TarError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise NotAnImage("The members cannot be read.") from error


def byte_count(text: str) -> int:
    """`2MB`, `512kB`, `1000`: decimal units, as vendors count."""
    match = re.fullmatch(r"(\d+)\s*([kKMG]?)B?", text.strip())
    if match is None:
        raise argparse.ArgumentTypeError(f"{text} is not a size such as 2MB.")
    return int(match[1]) * {"": 1, "k": 10**3, "K": 10**3, "M": 10**6, "G": 10**9}[match[2]]


def _version(text: str) -> str:
    if not is_version(text):
        raise argparse.ArgumentTypeError(f"{text} is not a version such as 11.11.192.")
    return text


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser("simulator.image", description=(__doc__ or "").split("\n")[0])
    parser.add_argument(
        "--product",
        action="append",
        required=True,
        choices=sorted(profiles.BY_PROD_NBR),
        help="may be given several times: one image for several models",
    )
    parser.add_argument("--version", type=_version, required=True)
    parser.add_argument("--size", type=byte_count, default=2 * 10**6, help="2MB unless told")
    parser.add_argument("--out", type=Path, help="<product>_<version>.bin unless told")
    signing = parser.add_mutually_exclusive_group()
    signing.add_argument("--unsigned", action="store_true", help="cameras answer 422")
    signing.add_argument("--custom-signed", action="store_true", help="cameras answer 424")
    parser.add_argument("--upgradeable-from", nargs="*", metavar="RELEASE")
    options = parser.parse_args(arguments)
    domain = UNSIGNED if options.unsigned else CUSTOM_SIGNED if options.custom_signed else SIGNED
    out: Path = options.out or Path(file_name(options.product[0], options.version))
    with out.open("wb") as file:
        write_image(
            file,
            [profiles.BY_PROD_NBR[product] for product in options.product],
            options.version,
            size=options.size,
            signing_domain=domain,
            follows=options.upgradeable_from,
        )
    sys.stdout.write(f"{out} {out.stat().st_size}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
