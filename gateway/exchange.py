"""One HTTP exchange: its id and context at the start, headers, metric and log line at the end."""

from __future__ import annotations

import logging
import time
from contextlib import ExitStack

from flask import Flask, Response, g, request
from werkzeug.exceptions import BadRequest

from chassis import context, metrics
from chassis.context import CallContext
from gateway import limits
from gateway.limits import RateLimit
from gateway.probes import PATHS as PROBES
from gateway.settings import GatewaySettings

# A label's values must be few, and a client may send any word as its method.
_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# Pages of our own may use our own style sheet; an answer of the API may use nothing.
_PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_API_POLICY = "default-src 'none'; frame-ancestors 'none'"
_HSTS = "max-age=63072000; includeSubDomains"

_log = logging.getLogger(__name__)


def follow(app: Flask, settings: GatewaySettings) -> None:
    rate = RateLimit(settings.requests_per_minute_per_ip, time.monotonic)
    is_https = settings.public_url.startswith("https://")
    every = {**_HEADERS, "Strict-Transport-Security": _HSTS} if is_https else _HEADERS

    @app.before_request
    def begin() -> None:
        g.started = time.perf_counter()
        ip = limits.client_ip(
            request.remote_addr, request.headers.get("X-Forwarded-For"), settings.trusted_proxies
        )
        g.context = CallContext(
            request_id=limits.request_id(request.headers.get("X-Request-Id")),
            ip=ip,
            user_agent=limits.user_agent(request.headers.get("User-Agent")),
        )
        g.scope = ExitStack()
        g.scope.enter_context(context.use(g.context))
        if request.path not in PROBES:
            rate.spend(ip)
        if "\0" in request.path:
            raise BadRequest("The address holds a character that cannot be stored.")

    @app.after_request
    def finish(response: Response) -> Response:
        headers = response.headers
        headers.add("X-Request-Id", g.context.request_id)
        headers.extend(every)
        if "Content-Security-Policy" not in headers:
            is_page = response.mimetype == "text/html"
            headers.add("Content-Security-Policy", _PAGE_POLICY if is_page else _API_POLICY)
        if "Cache-Control" not in headers:
            headers.add("Cache-Control", "no-store")
        _observe(response)
        return response

    @app.teardown_request
    def end(_error: BaseException | None) -> None:
        if "scope" in g:
            g.scope.close()


def _observe(response: Response) -> None:
    if request.path in PROBES:
        return
    seconds = time.perf_counter() - g.started
    # The rule, not the address: ids and what people type are no business of a log or a label.
    route = request.url_rule.rule if request.url_rule is not None else "unmatched"
    method = request.method if request.method in _METHODS else "OTHER"
    metrics.observe_http(route, method, response.status_code, seconds)
    _log.info(
        "%s %s",
        method,
        route,
        extra={
            "facts": {
                "status": response.status_code,
                "milliseconds": round(seconds * 1000, 1),
                "ip": g.context.ip,
                "account_id": g.vouched.account_id if "vouched" in g else None,
            }
        },
    )
