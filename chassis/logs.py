"""JSON logs: one object a line, with the request id of the call that wrote it."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

from chassis import context

# Frameworks log arguments and bodies at these places; the suite's own lines say what is needed.
_QUIET = ("nameko", "amqp", "kombu", "urllib3", "sqlalchemy.engine", "alembic", "werkzeug")


class JsonFormatter(logging.Formatter):
    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        call = context._current.get()
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "service": self._service,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": call.request_id if call else None,
            **getattr(record, "facts", {}),
        }
        if record.exc_info:
            line["exception"] = self._frames(record.exc_info)
        return json.dumps({name: value for name, value in line.items() if value is not None})

    @staticmethod
    def _frames(exc_info: object) -> list[str]:
        """Where it happened and the exception's class; its text could hold a value that is secret."""
        assert isinstance(exc_info, tuple)
        kind, _error, trace = exc_info
        frames = [getattr(kind, "__name__", "unknown")]
        while trace is not None:
            code = trace.tb_frame.f_code
            frames.append(f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno} {code.co_name}")
            trace = trace.tb_next
        return frames


def configure(service: str, level: str = "INFO") -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter(service))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.ERROR)
    # nameko logs each failed call with its arguments; `@rpc` logs it without them.
    logging.getLogger("nameko.containers").setLevel(logging.CRITICAL)
