"""The application a WSGI server loads: ``gateway.wsgi:app``."""

from __future__ import annotations

from chassis import logs
from chassis.config import Config
from gateway.app import create_app

_config = Config.load()
logs.configure("gateway", _config.suite.log_level)

app = create_app(_config)
