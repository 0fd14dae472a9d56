"""/healthz, /readyz and /metrics of a service process."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from chassis import metrics

Checks = Mapping[str, Callable[[], bool]]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]


def application(
    checks: Checks,
) -> Callable[[dict[str, Any], StartResponse], Iterable[bytes]]:
    """A WSGI application: alive while it answers, ready while every check holds."""

    def answer(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == "/healthz":
            return _json(start_response, "200 OK", {"status": "alive"})
        if path == "/readyz":
            results = {name: check() for name, check in checks.items()}
            ready = all(results.values())
            return _json(
                start_response,
                "200 OK" if ready else "503 Service Unavailable",
                {"status": "ready" if ready else "not ready", "checks": results},
            )
        if path == "/metrics":
            body, content_type = metrics.exposition()
            start_response("200 OK", [("Content-Type", content_type)])
            return [body]
        return _json(start_response, "404 Not Found", {"status": "no such page"})

    return answer


def _json(start_response: StartResponse, status: str, body: object) -> Iterable[bytes]:
    start_response(status, [("Content-Type", "application/json")])
    return [json.dumps(body).encode()]
