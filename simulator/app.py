"""The HTTP and HTTPS ports of one camera."""

import asyncio
import ssl
from collections.abc import Callable
from typing import Final

from aiohttp import web

from simulator.auth import POLICY, Challenged, Gate, Scheme, SignedIn, schemes
from simulator.call import Call, SignInRequired, dressed, html_answer
from simulator.camera import Camera
from simulator.certificate import tls_context
from simulator.endpoints import endpoint_for
from simulator.listener import Listener
from simulator.throttle import SWITCH, Throttle

# Not 0: to aiohttp that means to wait without an end.
CLOSE_SECONDS: Final = 0.1
KEEP_ALIVE_SECONDS: Final = 15.0


class Face:
    """What the network sees of a camera; open exactly when the camera listens."""

    def __init__(
        self,
        camera: Camera,
        *,
        loop: asyncio.AbstractEventLoop,
        host: str,
        ports: tuple[int, int],
        changed: Callable[[], None],
    ) -> None:
        self.camera = camera
        self._loop = loop
        self._changed = changed
        self._gate = Gate(f"{camera.seed}/nonce".encode())
        self._throttle = Throttle()
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._server = web.Server(
            self._answer,
            handler_cancellation=True,
            access_log=None,
            auto_decompress=False,
            keepalive_timeout=KEEP_ALIVE_SECONDS,
        )
        self.http = Listener(loop, host, ports[0], protocol=self._server)
        try:
            self.https = Listener(
                loop, host, ports[1], protocol=self._server, tls=self._tls_context
            )
        except OSError:
            self.http.close()
            raise
        camera.on_change = self.follow
        self.follow()

    def follow(self) -> None:
        """Opens or closes the ports as the camera says."""
        if self.camera.is_listening:
            self.http.open()
            self.https.open()
        else:
            self.http.shut()
            self.https.shut()
            self._cut_off()
        self._changed()

    async def close(self) -> None:
        self.camera.close()
        self.http.close()
        self.https.close()
        self._cut_off()
        await self._server.shutdown(CLOSE_SECONDS)

    def _cut_off(self) -> None:
        for connection in self._server.connections:
            if connection.transport is not None:
                connection.transport.abort()

    def _tls_context(self) -> ssl.SSLContext:
        """Made when the first client comes: most cameras of a large fleet never need one."""
        seed = self.camera.certificate_seed
        if seed not in self._contexts:
            self._contexts[seed] = tls_context(self.camera.serial, seed)
        return self._contexts[seed]

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        camera = self.camera
        camera.counters.requests += 1
        if camera.faults.silent:
            await asyncio.Event().wait()
        if camera.faults.answer_delay_seconds is not None:
            await asyncio.sleep(camera.faults.answer_delay_seconds)
        response = await self._answered(request)
        if camera.faults.answers_lost and not response.prepared:
            camera.faults = camera.faults.after("answers_lost")
            if request.transport is not None:
                request.transport.abort()
        return dressed(response, camera.version)

    async def _answered(self, request: web.BaseRequest) -> web.StreamResponse:
        camera = self.camera
        now = self._loop.time()
        address = request.remote or ""
        if camera.faults.throttled or self._throttle.is_blocked(address, now):
            return html_answer("403 Forbidden", "Forbidden", status=403)
        call = Call(camera, request, self._identify(request, now), request.secure)
        if isinstance(call.identity, Challenged) and call.identity.failed:
            camera.counters.sign_in_failures += 1
            if camera.settings.parameters.get(SWITCH, "on") == "on":
                self._throttle.failed(address, now)
        if camera.faults.http_status is not None or camera.faults.html_instead:
            await call.drain()
            return html_answer("Error", "Error", status=camera.faults.http_status or 200)
        endpoint = endpoint_for(request.path)
        if endpoint is None:
            await call.drain()
            return html_answer("404 Not Found", "Not Found", status=404)
        camera.requests_by_api[request.path] += 1
        try:
            return await endpoint(call)
        except SignInRequired as refusal:
            await call.drain()
            return self._challenge(call, refusal.text)

    def _offered(self, *, secure: bool) -> tuple[Scheme, ...]:
        policy = self.camera.settings.parameters.get(POLICY, "recommended")
        return schemes(self.camera.version, policy, secure=secure)

    def _identify(self, request: web.BaseRequest, now: float) -> SignedIn | Challenged:
        camera = self.camera
        return self._gate.check(
            request.headers.get("Authorization"),
            self._offered(secure=request.secure),
            {} if camera.faults.refuse_sign_in else camera.settings.users,
            realm=self._realm,
            method=request.method,
            target=request.raw_path,
            now=now,
        )

    @property
    def _realm(self) -> str:
        return f"AXIS_{self.camera.shown_serial}"

    def _challenge(self, call: Call, text: str) -> web.Response:
        self.camera.counters.challenges += 1
        response = html_answer("401 Unauthorized", text, status=401)
        stale = isinstance(call.identity, Challenged) and call.identity.stale
        offered = self._offered(secure=call.secure)
        for value in self._gate.headers(offered, self._realm, self._loop.time(), stale=stale):
            response.headers.add("WWW-Authenticate", value)
        if call.is_waiting:
            # The body was never asked for; what comes next on this connection would be mistaken for it.
            response.force_close()
        return response
