"""One request to one camera, as the endpoints see it."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl

from aiohttp import web

from simulator.auth import Challenged, SignedIn
from simulator.camera import Camera
from simulator.releases import is_hardened
from simulator.settings import Role, User

CHUNK_SIZE: Final = 64 * 1024
SERVER: Final = "Apache/2.4.62 (Unix) OpenSSL/3.0.15"
HARDENED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "SAMEORIGIN",
        "X-XSS-Protection": "1; mode=block",
        "Referrer-Policy": "strict-origin-when-cross-origin",
    }
)


Answer = TypeVar("Answer", bound=web.StreamResponse)


class SignInRequired(Exception):
    """Answered with 401 and what the camera offers to sign in with."""

    def __init__(self, text: str = "Unauthorized") -> None:
        super().__init__(text)
        self.text = text


@dataclass(slots=True)
class Call:
    camera: Camera
    request: web.BaseRequest
    identity: SignedIn | Challenged
    secure: bool
    _is_expected: bool = False

    @property
    def user(self) -> User | None:
        return self.identity.user if isinstance(self.identity, SignedIn) else None

    def require(self, role: Role) -> User:
        """The cameras say 401, not 403, to an account that may not."""
        user = self.user
        if user is None or user.role < role:
            raise SignInRequired
        return user

    async def body(self) -> bytes:
        await self.go_on()
        return await self.request.read()

    async def arguments(self) -> dict[str, str]:
        """Those of the query and, for a form, those of the body, which win."""
        arguments = dict(self.request.query)
        if self.request.method == "POST":
            form = (await self.body()).decode("utf-8", "replace")
            arguments.update(parse_qsl(form, keep_blank_values=True))
        return arguments

    async def go_on(self) -> None:
        """Tells a client that waits for `100 Continue` to send its body."""
        if self.is_waiting and not self._is_expected:
            self._is_expected = True
            await self.request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.request.writer.output_size = 0

    @property
    def is_waiting(self) -> bool:
        return self.request.headers.get("Expect", "").lower() == "100-continue"

    async def drain(self) -> None:
        """The rest of the body is taken before a refusal, unless the client waits to be asked."""
        if self.is_waiting and not self._is_expected:
            return
        async for chunk in self.request.content.iter_chunked(CHUNK_SIZE):
            self.camera.counters.bytes_discarded += len(chunk)

    def hang_up(self) -> None:
        if self.request.transport is not None:
            self.request.transport.close()

    async def paced(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The chunks at the rate that the camera takes them."""
        loop = asyncio.get_running_loop()
        began, taken = loop.time(), 0
        async for chunk in chunks:
            taken += len(chunk)
            rate = self.camera.faults.slow_bytes_per_second
            if rate is not None:
                await asyncio.sleep(max(began + taken / rate - loop.time(), 0))
            yield chunk


def json_answer(content: dict[str, Any]) -> web.Response:
    return web.Response(text=json.dumps(content), content_type="application/json")


def text_answer(text: str) -> web.Response:
    return web.Response(text=text, content_type="text/plain")


def xml_answer(text: str) -> web.Response:
    return web.Response(text=text, content_type="text/xml")


def html_answer(title: str, text: str, *, status: int = 200) -> web.Response:
    page = (
        f"<html><head><title>{title}</title></head><body bgcolor=#ffffff>{text}\n</body>\n\n</html>"
    )
    return web.Response(text=page, status=status, content_type="text/html")


def dressed(response: Answer, version: str) -> Answer:
    """With the headers that every answer of a camera has; too late for one that has begun."""
    if not response.prepared:
        response.headers["Server"] = SERVER
        if is_hardened(version):
            response.headers.update(HARDENED)
    return response
