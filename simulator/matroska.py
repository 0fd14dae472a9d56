"""Pictures as a film: a Matroska file with one track of motion JPEG, written as a stream."""

import struct
from collections.abc import Iterable, Iterator
from typing import Final

MEDIA_TYPE: Final = "video/x-matroska"
# A size that is not known while the file is written.
UNKNOWN: Final = b"\x01" + b"\xff" * 7
# A block says its time within its cluster in 16 bits.
CLUSTER_MILLISECONDS: Final = 10_000

EBML: Final = 0x1A45DFA3
SEGMENT: Final = 0x18538067
INFO: Final = 0x1549A966
TRACKS: Final = 0x1654AE6B
CLUSTER: Final = 0x1F43B675
CLUSTER_TIME: Final = 0xE7
SIMPLE_BLOCK: Final = 0xA3
KEYFRAME: Final = 0x80


def film(
    frames: Iterable[tuple[int, bytes]], *, size: tuple[int, int], title: str
) -> Iterator[bytes]:
    """From pairs of a time in milliseconds and a JPEG, the earliest first."""
    yield _header(size, title)
    began: int | None = None
    for moment, jpeg in frames:
        if began is None or moment - began >= CLUSTER_MILLISECONDS:
            began = moment
            yield _id(CLUSTER) + UNKNOWN + _uint(CLUSTER_TIME, moment)
        block = b"\x81" + struct.pack(">hB", moment - began, KEYFRAME) + jpeg
        yield _element(SIMPLE_BLOCK, block)


def _header(size: tuple[int, int], title: str) -> bytes:
    width, height = size
    video = _element(0xE0, _uint(0xB0, width) + _uint(0xBA, height))
    track = b"".join(
        (
            _uint(0xD7, 1),  # number
            _uint(0x73C5, 1),  # id
            _uint(0x83, 1),  # type: video
            _uint(0x9C, 0),  # no lacing
            _element(0x86, b"V_MJPEG"),
            video,
        )
    )
    ebml = b"".join(
        (
            _uint(0x4286, 1),
            _uint(0x42F7, 1),
            _uint(0x42F2, 4),
            _uint(0x42F3, 8),
            _element(0x4282, b"matroska"),
            _uint(0x4287, 4),
            _uint(0x4285, 2),
        )
    )
    info = b"".join(
        (
            _uint(0x2AD7B1, 1_000_000),  # times are milliseconds
            _element(0x7BA9, title.encode()),
            _element(0x4D80, b"simulator"),
            _element(0x5741, b"simulator"),
        )
    )
    return b"".join(
        (
            _element(EBML, ebml),
            _id(SEGMENT) + UNKNOWN,
            _element(INFO, info),
            _element(TRACKS, _element(0xAE, track)),
        )
    )


def _element(number: int, content: bytes) -> bytes:
    return _id(number) + _size(len(content)) + content


def _uint(number: int, value: int) -> bytes:
    return _element(number, value.to_bytes(max((value.bit_length() + 7) // 8, 1), "big"))


def _id(number: int) -> bytes:
    """Ids carry their own length."""
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def _size(count: int) -> bytes:
    return struct.pack(">Q", count | 1 << 56)
