"""Answer: what a camera said to one request, and what its HTTP status means."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from services.devices.vapix.errors import (
    AnswerUnreadable,
    Busy,
    CameraTrouble,
    CredentialsRefused,
    Redirected,
    RequestRefused,
    ServerFailed,
    Unsupported,
)

# How a camera without a user says so, in the one API that has no codes.
_SETUP_WORDS = (
    b"Error: initial admin user must be created first",
    b"Error: not a valid initial admin user",
)


@dataclass(frozen=True)
class Answer:
    """``offers`` are the ways to sign in that the camera names."""

    status: int
    media_type: str
    content: bytes = field(repr=False)
    offers: tuple[str, ...] = field(default=(), repr=False)
    is_setup_asked: bool = False

    @property
    def needs_setup(self) -> bool:
        """Whether the refusal to answer is that of a camera without any user."""
        return self.status == 401 and (
            self.is_setup_asked or any(words in self.content for words in _SETUP_WORDS)
        )

    def object(self) -> dict[str, Any]:
        """Its JSON object; a page, as some send one with status 200, is none."""
        refuse_status(self.status)
        return self.any_object()

    def any_object(self) -> dict[str, Any]:
        """The JSON object whatever the status; some APIs say with 400 what was wrong."""
        try:
            found = json.loads(self.content)
        except (ValueError, RecursionError):
            raise AnswerUnreadable("The camera's answer cannot be read.") from None
        if not isinstance(found, dict):
            raise AnswerUnreadable("The camera's answer cannot be read.")
        return found

    def text(self) -> str:
        refuse_status(self.status)
        return self.content.decode("utf-8", "replace")

    def plain(self) -> str:
        """Text that is no page.

        :raises AnswerUnreadable: an error page was sent with status 200.
        """
        text = self.text()
        if self.media_type == "text/html" or text.lstrip()[:1] == "<":
            raise AnswerUnreadable("The camera answered with a page.")
        return text


def refuse_status(status: int) -> None:
    """:raises CameraTrouble: the status is none of an answer's."""
    trouble = _trouble(status)
    if trouble is not None:
        raise trouble


def _trouble(status: int) -> CameraTrouble | None:
    if status == 401:
        return CredentialsRefused("The camera does not accept the user name and password.")
    if status == 404:
        return Unsupported("The camera does not have this API.")
    if 300 <= status < 400:
        return Redirected("The camera sends us elsewhere; that is not followed.")
    if status in (403, 408, 423, 429, 503):
        # 403 is how a camera's protection against too many requests speaks.
        return Busy(f"The camera refuses for now (HTTP {status}).")
    if status >= 500:
        return ServerFailed(f"The camera failed (HTTP {status}).")
    if status >= 400:
        return RequestRefused(f"The camera refuses the request (HTTP {status}).")
    return None
