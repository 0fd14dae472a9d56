"""Stream: a long answer of a camera, taken piece by piece and never held as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import requests
import urllib3

from services.devices.vapix.connection import Answering, trouble_of
from services.devices.vapix.errors import AnswerTooLarge, AnswerUnreadable, CameraTrouble

PIECE = 64 * 1024


@dataclass(frozen=True)
class Limits:
    """What is taken of one stream: so much, for so long, with no longer silence than that."""

    size: int
    seconds: float
    idle_seconds: float = 30.0


class Stream:
    """``for piece in stream``; ``size`` is what the camera announced, if it did.

    :raises CameraTrouble: while it is read, one class for each cause; a stream that breaks off
        before the announced size is never taken for a whole one.
    """

    def __init__(self, response: requests.Response, limits: Limits) -> None:
        headers = response.headers
        if headers.get("Content-Encoding", "identity").lower() != "identity":
            raise AnswerUnreadable("The camera packed its answer without being asked to.")
        self.media_type = media_type_of(response)
        length = headers.get("Content-Length", "")
        self.size = int(length) if len(length) < 16 and length.isdigit() else None
        self._limits = limits
        self._response = response
        if self.size is not None and self.size > limits.size:
            raise AnswerTooLarge("The camera's answer is larger than what is taken of it.")
        answering = response.raw._original_response
        assert isinstance(answering, Answering)
        answering.allow(limits.seconds, limits.idle_seconds)

    def __iter__(self) -> Iterator[bytes]:
        taken = 0
        while piece := self._piece():
            taken += len(piece)
            if taken > self._limits.size:
                raise AnswerTooLarge("The camera's answer is larger than what is taken of it.")
            yield piece

    def _piece(self) -> bytes:
        trouble: CameraTrouble
        try:
            # What is there is taken at once: a picture is not kept waiting for the next one.
            found: bytes = self._response.raw.read1(PIECE)
        except urllib3.exceptions.HTTPError as error:
            trouble = trouble_of(error)
        else:
            return found
        raise trouble


def media_type_of(response: requests.Response) -> str:
    return response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
