"""Store: where AXIS OS images lie, a local folder or a bucket, named by an fsspec URL.

An image arrives as ``incoming/<upload>`` and is kept as ``images/<sha256>`` once it was verified.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from typing import IO, Any, cast
from uuid import UUID

from fsspec.core import url_to_fs

_CHUNK = 1 << 20


@dataclass(frozen=True)
class Received:
    """What really lies in the store; ``head`` is its beginning."""

    size: int
    sha256: str
    head: bytes


class ImageStore:
    def __init__(self, url: str) -> None:
        self._files: Any
        self._files, root = url_to_fs(url)
        self._root = str(root).rstrip("/")
        for folder in ("incoming", "images"):
            self._files.makedirs(f"{self._root}/{folder}", exist_ok=True)

    def incoming_url(self, upload_id: UUID) -> str:
        return str(self._files.unstrip_protocol(self._incoming(upload_id)))

    def received(self, upload_id: UUID, head_bytes: int) -> Received | None:
        """Reads all of an arrived image, a chunk at a time; None where nothing arrived."""
        digest, size, head = hashlib.sha256(), 0, b""
        try:
            with self._files.open(self._incoming(upload_id), "rb") as file:
                while chunk := file.read(_CHUNK):
                    digest.update(chunk)
                    size += len(chunk)
                    if len(head) < head_bytes:
                        head += chunk[: head_bytes - len(head)]
                    # Other calls of this process get their turn.
                    time.sleep(0)
        except FileNotFoundError:
            return None
        return Received(size, digest.hexdigest(), head)

    def keep(self, upload_id: UUID, sha256: str) -> None:
        """The same bytes may be kept twice: the name says what they are."""
        self._files.mv(self._incoming(upload_id), self._image(sha256))

    def discard(self, upload_id: UUID) -> None:
        self._remove(self._incoming(upload_id))

    def remove(self, sha256: str) -> None:
        self._remove(self._image(sha256))

    def open(self, sha256: str) -> IO[bytes]:
        """:raises OSError: it is not there, or the store is away."""
        return cast("IO[bytes]", self._files.open(self._image(sha256), "rb"))

    def _remove(self, path: str) -> None:
        if self._files.exists(path):
            self._files.rm_file(path)

    def _incoming(self, upload_id: UUID) -> str:
        return f"{self._root}/incoming/{upload_id}"

    def _image(self, sha256: str) -> str:
        return f"{self._root}/images/{sha256}"
