"""/healthz, /readyz and /metrics: for the machines that run the gateway, not for its clients."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import NotFound

from chassis import metrics
from gateway.transport import Transport

PATHS = frozenset({"/healthz", "/readyz", "/metrics"})

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def blueprint(client: Transport, metrics_networks: Sequence[Network]) -> Blueprint:
    probes = Blueprint("probes", __name__)

    @probes.get("/healthz")
    def healthz() -> Response:
        return jsonify(status="alive")

    @probes.get("/readyz")
    def readyz() -> tuple[Response, int]:
        """Ready while the broker is reachable; a service that is away fails its own calls only."""
        client.start()
        ready = client.is_connected
        status = "ready" if ready else "not ready"
        return jsonify(status=status, checks={"broker": ready}), 200 if ready else 503

    @probes.get("/metrics")
    def exposition() -> Response:
        # Behind a proxy on this machine every peer is loopback, so a forwarded request is refused.
        is_forwarded = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
        if is_forwarded or not request.remote_addr:
            raise NotFound
        peer = ipaddress.ip_address(request.remote_addr)
        if not any(peer in network for network in metrics_networks):
            raise NotFound
        body, content_type = metrics.exposition()
        return Response(body, content_type=content_type)

    return probes
