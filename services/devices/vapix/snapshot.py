"""jpg/image.cgi: one picture."""

from __future__ import annotations

from services.devices.vapix.answer import refuse_status
from services.devices.vapix.errors import AnswerUnreadable
from services.devices.vapix.session import Session

PATH = "/axis-cgi/jpg/image.cgi"
MOST_BYTES = 16 * 1024 * 1024
BEGINNING = b"\xff\xd8\xff"


def take(
    session: Session,
    *,
    channel: int | None = None,
    resolution: str | None = None,
    compression: int | None = None,
) -> bytes:
    """A JPEG; what is not said is as the camera is set."""
    query = picture_query(channel, resolution, compression)
    answer = session.get(PATH, query, most=MOST_BYTES)
    refuse_status(answer.status)
    if not answer.content.startswith(BEGINNING):
        raise AnswerUnreadable("The camera answered with something else than a picture.")
    return answer.content


def picture_query(
    channel: int | None, resolution: str | None, compression: int | None
) -> dict[str, str | int]:
    said = {"camera": channel, "resolution": resolution, "compression": compression}
    return {name: value for name, value in said.items() if value is not None}
