"""mjpg/video.cgi: pictures for as long as somebody looks, without an end of their own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from services.devices.vapix.errors import AnswerTooLarge, AnswerUnreadable
from services.devices.vapix.session import Session
from services.devices.vapix.snapshot import BEGINNING, picture_query
from services.devices.vapix.stream import Limits, Stream

PATH = "/axis-cgi/mjpg/video.cgi"
_MEDIA_TYPE = "multipart/x-mixed-replace"
_HEAD_BYTES = 8 * 1024


@dataclass(frozen=True)
class Viewing:
    """How much is taken of one stream; ``seconds`` ends it, the others are troubles."""

    seconds: float = 600.0
    idle_seconds: float = 10.0
    picture_bytes: int = 8 * 1024 * 1024
    size: int = 16 * 1024 * 1024 * 1024


@contextmanager
def watch(
    session: Session,
    viewing: Viewing,
    *,
    channel: int | None = None,
    resolution: str | None = None,
    compression: int | None = None,
    rate: int | None = None,
) -> Iterator[Iterator[bytes]]:
    """Its pictures, each a whole JPEG; nothing between them is passed on.

    :param rate: pictures in a second, at most.
    """
    query = picture_query(channel, resolution, compression)
    if rate is not None:
        query["fps"] = rate
    # What has begun when the time is up may end, so that the time itself is no trouble.
    limits = Limits(viewing.size, viewing.seconds + viewing.idle_seconds, viewing.idle_seconds)
    with session.stream(PATH, query, limits) as stream:
        if stream.media_type != _MEDIA_TYPE:
            raise AnswerUnreadable("The camera answered with something else than pictures.")
        yield _pictures(stream, viewing)


def _pictures(stream: Stream, viewing: Viewing) -> Iterator[bytes]:
    ends = time.monotonic() + viewing.seconds
    parts = _Parts(iter(stream))
    while time.monotonic() < ends:
        length = parts.head()
        if length is None:
            return
        if length > viewing.picture_bytes:
            raise AnswerTooLarge("The camera sends a picture that is too large.")
        picture = parts.take(length)
        if not picture.startswith(BEGINNING):
            raise AnswerUnreadable("The camera sends something else than pictures.")
        yield picture


class _Parts:
    """Goes by the length of each part: what is announced as boundary is not always what comes."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._held = bytearray()

    def head(self) -> int | None:
        """How long the next picture is; None after the last."""
        seen = 0
        length: int | None = None
        while True:
            line = self._line()
            if line is None:
                return None
            seen += len(line) + 1
            if seen > _HEAD_BYTES:
                raise AnswerUnreadable("The camera sends something else than pictures.")
            name, _, value = line.partition(b":")
            if name.strip().lower() == b"content-length" and value.strip().isdigit():
                length = int(value.strip()[:16])
            if not line.strip() and length is not None:
                return length

    def take(self, length: int) -> bytes:
        while len(self._held) < length:
            if not self._more():
                raise AnswerUnreadable("The camera broke off in the middle of a picture.")
        taken = bytes(self._held[:length])
        del self._held[:length]
        return taken

    def _line(self) -> bytes | None:
        while (end := self._held.find(b"\n")) < 0:
            if len(self._held) > _HEAD_BYTES:
                raise AnswerUnreadable("The camera sends something else than pictures.")
            if not self._more():
                return None
        line = bytes(self._held[:end])
        del self._held[: end + 1]
        return line

    def _more(self) -> bool:
        piece = next(self._pieces, b"")
        self._held += piece
        return bool(piece)
