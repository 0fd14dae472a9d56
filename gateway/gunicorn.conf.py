# ruff: noqa: N999 gunicorn expects this name
"""gunicorn's settings, from the suite's configuration: ``gunicorn -c gateway/gunicorn.conf.py``."""

from __future__ import annotations

import logging
import os
import tempfile
from pathlib import Path
from typing import Any

from chassis import logs
from chassis.config import Config
from gateway.settings import GatewaySettings

_config = Config.load()
_settings = _config.section(GatewaySettings, "gateway")

wsgi_app = "gateway.wsgi:app"
bind = [_settings.bind]
# Threads, because a request waits for its services; gunicorn has no eventlet worker any more.
worker_class = "gthread"
workers = _settings.workers
threads = _settings.threads
graceful_timeout = _settings.stop_timeout_seconds
# A worker that shows no sign of life this long is replaced; its threads may be busy meanwhile.
timeout = 60
# Longer than the idle time of usual proxies, so that it is they who close a connection.
keepalive = 75
# The client's address is found by gateway.limits, from a configured number of proxies.
forwarded_allow_ips = ""
# gateway.exchange writes a line of JSON for each request.
accesslog = None
# Nothing is run through it, and a read-only root file system has no place for it.
control_socket_disable = True
# Signs of life go through a file: memory, where a disk may stall or be read-only.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 heartbeat only

# Read by the metrics library when it is first imported, in the workers.
if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="freehold-metrics-")


def on_starting(_server: Any) -> None:
    _forget_metrics()
    logs.configure("gateway", _config.suite.log_level)
    own = logging.getLogger("gunicorn.error")
    own.handlers.clear()
    own.propagate = True


def worker_exit(_server: Any, worker: Any) -> None:
    from gateway import rpc

    # A worker that never came up has no application.
    if worker.wsgi is not None:
        worker.wsgi.extensions[rpc.EXTENSION].close()


def child_exit(_server: Any, worker: Any) -> None:
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(_server: Any) -> None:
    _forget_metrics()


def _forget_metrics() -> None:
    for left in Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]).glob("*.db"):
        left.unlink()
