"""Prometheus metrics of every process."""

from __future__ import annotations

import os

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
)

RPC_SECONDS = Histogram(
    "freehold_rpc_seconds", "RPC calls served.", ["service", "method", "outcome"]
)
HTTP_SECONDS = Histogram(
    "freehold_http_seconds", "HTTP requests served.", ["route", "method", "status"]
)
EVENTS_PUBLISHED = Counter(
    "freehold_events_published_total", "Events confirmed by the broker.", ["service", "event"]
)
EVENTS_HANDLED = Counter(
    "freehold_events_handled_total", "Events handled.", ["service", "handler", "outcome"]
)
OUTBOX_ROWS = Gauge(
    "freehold_outbox_rows", "Events waiting for the broker.", ["service"], multiprocess_mode="max"
)
OUTBOX_AGE = Gauge(
    "freehold_outbox_age_seconds",
    "Age of the oldest event waiting for the broker.",
    ["service"],
    multiprocess_mode="max",
)
INBOX_PARKED = Gauge(
    "freehold_inbox_parked", "Events waiting for an operator.", ["service"], multiprocess_mode="max"
)
QUEUE_DEPTH = Gauge(
    "freehold_queue_depth", "Messages waiting in a queue.", ["queue"], multiprocess_mode="max"
)


def observe_http(route: str, method: str, status: int, seconds: float) -> None:
    HTTP_SECONDS.labels(route, method, str(status)).observe(seconds)


def exposition() -> tuple[bytes, str]:
    """The text Prometheus reads, over all worker processes where gunicorn runs several."""
    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry), CONTENT_TYPE_LATEST
