"""`@rpc(takes=…, gives=…)`: validates, carries out, dumps, and puts refusals on the wire."""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import Schema, ValidationError
from nameko.exceptions import IncorrectSignature
from nameko.rpc import Responder, Rpc, RpcConsumer, get_rpc_exchange
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError

from chassis import metrics
from chassis.consumer import DrainingConsumer
from chassis.context import use
from chassis.db import DATABASE_AWAY
from chassis.idempotency import Dumped, Replayed
from chassis.producers import BROKER_ERRORS, Producers, connected
from chassis.service import Service
from chassis.wire import WireRefusal, to_wire
from contracts.errors import InvalidRequest, Refusal, ServiceUnavailable

REPLY_SECONDS = 2.0
REPLY_CONNECTIONS = 10

_log = logging.getLogger(__name__)


class ServiceFailed(Exception):
    """A bug, for the caller's eyes: the log of the service says more."""


class _Replies:
    """What nameko's responder publishes through, over connections that are known to be alive."""

    def __init__(self, url: str, **_options: object) -> None:
        self._producers = _producers_at(url)

    def publish(self, payload: Mapping[str, Any], **options: Any) -> None:
        # A lost reply ends as the caller's time-out, so it need not survive a broker on disk.
        options = {**options, "delivery_mode": "transient", "retry": False}
        try:
            with self._producers.one(REPLY_SECONDS) as producer:
                producer.publish(payload, **options)
        except BROKER_ERRORS:
            # The connection was closed at this moment; the work is done and deserves its answer.
            self._producers.reset()
            with self._producers.one(REPLY_SECONDS) as producer:
                producer.publish(payload, **options)


@functools.lru_cache
def _producers_at(url: str) -> Producers:
    return Producers(lambda: connected(url, "replies", confirms=False), REPLY_CONNECTIONS)


class _Responder(Responder):
    publisher_cls = _Replies


class _Server(RpcConsumer):
    queue_consumer = DrainingConsumer()

    def handle_result(self, message: Any, result: Any, exc_info: Any) -> Any:
        config = self.container.config
        responder = _Responder(config["AMQP_URI"], get_rpc_exchange(config), "json", message)
        try:
            result, exc_info = responder.send_response(result, exc_info)
        except BROKER_ERRORS as error:
            # What was done is done: nameko would stop the process, and another turn would do it
            # again. Where the broker went away, it redelivers by itself.
            _log.warning("a reply could not be sent (%s)", type(error).__name__)
        self.queue_consumer.ack_message(message)
        return result, exc_info


class _Rpc(Rpc):
    rpc_consumer = _Server()

    def check_signature(self, args: list[Any], kwargs: dict[str, Any]) -> None:
        """One JSON object; what it holds is the schema's business."""
        if args or set(kwargs) != {"payload"}:
            raise IncorrectSignature("Send one JSON object, named payload.")


Recipe = Callable[..., Any]


def rpc(
    *, takes: type[Schema] | None = None, gives: type[Schema] | None = None
) -> Callable[[Recipe], Recipe]:
    """A method other processes may call with one JSON object.

    :param takes: its fields become the keyword arguments; absent: no arguments.
    :param gives: what the result is dumped through; absent: the result is JSON already or None.
    """

    def decorate(recipe: Recipe) -> Recipe:
        loader = takes() if takes is not None else None
        dumper = gives() if gives is not None else None
        operation = recipe.__name__

        @functools.wraps(recipe)
        def serve(self: Service, payload: dict[str, Any]) -> Any:
            started = time.perf_counter()
            outcome = "done"
            with use(self.context):
                try:
                    return _carried_out(recipe, self, payload, loader, dumper)
                except Refusal as refusal:
                    outcome = refusal.code
                    raise to_wire(refusal) from None
                except DATABASE_AWAY as error:
                    trouble = _trouble(error)
                    if trouble is None:
                        outcome = "failed"
                        _log.exception("%s.%s failed", self.name, operation)
                        raise ServiceFailed(operation) from None
                    outcome = f"database-{trouble}"
                    _log.warning("%s.%s: the database is %s", self.name, operation, trouble)
                    raise to_wire(
                        ServiceUnavailable(
                            f"The {self.name} service is unavailable: its database is {trouble}. "
                            "Try again shortly.",
                            retry_after=2,
                        )
                    ) from None
                except Exception:
                    outcome = "failed"
                    _log.exception("%s.%s failed", self.name, operation)
                    raise ServiceFailed(operation) from None
                finally:
                    metrics.RPC_SECONDS.labels(self.name, operation, outcome).observe(
                        time.perf_counter() - started
                    )

        return _Rpc.decorator(expected_exceptions=(WireRefusal,))(serve)  # type: ignore[no-any-return]

    return decorate


def _carried_out(
    recipe: Recipe,
    service: Service,
    payload: dict[str, Any],
    loader: Schema | None,
    dumper: Schema | None,
) -> Any:
    try:
        values: dict[str, Any] = loader.load(payload) if loader is not None else {}
    except ValidationError as error:
        raise InvalidRequest(
            "Some fields are not as they must be.", **flattened(error.messages)
        ) from None
    try:
        result = recipe(service, **values)
    except Replayed as replayed:
        return replayed.answer
    if isinstance(result, Dumped):
        return result.answer
    return dumper.dump(result) if dumper is not None else result


def flattened(messages: Any, prefix: str = "") -> dict[str, str]:
    """marshmallow's nested messages as ``{"lines.0.quantity": "Missing data."}``."""
    if isinstance(messages, dict):
        flat: dict[str, str] = {}
        for name, inner in messages.items():
            flat.update(flattened(inner, f"{prefix}.{name}" if prefix else str(name)))
        return flat
    if isinstance(messages, list):
        return {prefix: " ".join(str(message) for message in messages)}
    return {prefix: str(messages)}


# SQLSTATE: a server that is down, starting or shutting down; too many connections.
_AWAY = ("08", "57P", "53300")
# Waited too long for a lock, or was chosen to end a deadlock: rolled back as a whole, so that a
# repetition begins with nothing.
_BUSY = ("40", "55P03", "57014")


def _trouble(error: SQLAlchemyError) -> str | None:
    """``away`` or ``busy``: what the caller can wait for; None: a bug."""
    if not isinstance(error, DBAPIError) or error.connection_invalidated:
        return "away"
    state = getattr(error.orig, "pgcode", None)
    if state is not None:
        code = str(state)
        return "away" if code.startswith(_AWAY) else "busy" if code.startswith(_BUSY) else None
    if getattr(error.orig, "sqlite_errorname", "").startswith("SQLITE_BUSY"):
        return "busy"
    # The server gives a code with every statement that fails; without one nobody was reached.
    is_unreached = type(error.orig).__module__.startswith("psycopg2") and isinstance(
        error, OperationalError | InterfaceError
    )
    return "away" if is_unreached else None
