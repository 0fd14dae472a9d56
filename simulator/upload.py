"""An image on its way in: counted, hashed, its beginning kept, the rest let go."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from aiohttp import BodyPartReader, MultipartReader

from simulator.call import CHUNK_SIZE, Call
from simulator.image import HEAD_SIZE, ImageHeader, NotAnImage, read_header

LONGEST_REQUEST = 64 * 1024


class BadUpload(ValueError):
    """The multipart body is not what the camera expects."""


@dataclass(frozen=True, slots=True)
class Received:
    size: int
    sha256: str
    head: bytes


async def read_request_part(parts: MultipartReader) -> bytes:
    """The JSON part, which has to come first and to look like text."""
    part = await parts.next()
    if not isinstance(part, BodyPartReader):
        raise BadUpload("There is no part with the request.")
    media_type = part.headers.get("Content-Type", "").partition(";")[0].strip()
    if media_type != "application/json" or part.filename is not None:
        raise BadUpload("Only string objects allowed.")
    body = bytearray()
    while chunk := await part.read_chunk(CHUNK_SIZE):
        body += chunk
        if len(body) > LONGEST_REQUEST:
            raise BadUpload("The request is too long.")
    return bytes(body)


async def image_part(parts: MultipartReader) -> BodyPartReader:
    part = await parts.next()
    if not isinstance(part, BodyPartReader):
        raise BadUpload("There is no part with the image.")
    return part


async def receive(call: Call, part: BodyPartReader) -> Received:
    """Takes the whole image at the camera's pace; memory stays that of its beginning."""
    camera, counters = call.camera, call.camera.counters
    counters.uploads_started += 1
    digest, head, size = hashlib.sha256(), bytearray(), 0

    async def chunks() -> AsyncIterator[bytes]:
        while chunk := await part.read_chunk(CHUNK_SIZE):
            yield bytes(chunk)

    async for chunk in call.paced(chunks()):
        size += len(chunk)
        counters.bytes += len(chunk)
        digest.update(chunk)
        if len(head) < HEAD_SIZE:
            head += chunk[: HEAD_SIZE - len(head)]
        limit = camera.faults.drop_after_bytes
        if limit is not None and size >= limit:
            call.hang_up()
            raise ConnectionResetError("The camera hung up.")
    counters.uploads_completed += 1
    camera.last_upload_sha256 = digest.hexdigest()
    return Received(size, digest.hexdigest(), bytes(head))


async def received_header(call: Call, part: BodyPartReader) -> tuple[ImageHeader | None, int]:
    """What the image says it is, once all of it is there, and how large it was."""
    received = await receive(call, part)
    try:
        return read_header(received.head), received.size
    except NotAnImage:
        return None, received.size
