"""Starts one service or all of them: `python -m chassis.runner services.licensing`.

    python -m chassis.runner services.devices.worker
    python -m chassis.runner services.identity services.organizations … --serve gateway.wsgi:app

The second form is the embedded mode: everything in one process, on the in-process bus.
"""

from __future__ import annotations

import eventlet

if __name__ == "__main__":
    eventlet.monkey_patch()

import argparse
import contextlib
import importlib
import logging
import signal
import sys
from collections.abc import Iterator, Sequence

import eventlet.wsgi
from nameko.runners import ServiceRunner

from chassis import health, host, inproc, logs, migrations, start
from chassis.config import Config, ConfigurationError
from chassis.service import Service, database_at, database_url, service_in

_log = logging.getLogger("chassis.runner")


def process_name(modules: Sequence[str]) -> str:
    """How a process signs its log lines."""
    return modules[0].removeprefix("services.") if len(modules) == 1 else "suite"


def prepare(config: Config, services: Sequence[type[Service]]) -> None:
    """Waits for broker and databases; the embedded mode brings its schemas up to date by itself.

    :raises start.NeverCame: one was not there in time.
    """
    patience = config.suite.start_timeout_seconds
    for database in dict.fromkeys(service.database for service in services):
        url = database_url(config, database)
        db = database_at(url)
        start.wait_for(f"the database {start.described(url)}", db.is_reachable, patience)
        if not config.is_production:
            migrations.upgrade(database, url)
        start.wait_for(
            f"the schema of {database} (run the migrations)",
            lambda name=database, engine=db.engine: start.schema_is_current(name, engine),  # type: ignore[misc]
            patience,
        )
    start.wait_for(
        f"the broker {start.described(config.broker_url)}",
        lambda: start.broker_answers(config.broker_url),
        patience,
    )


def nameko_settings(config: Config) -> dict[str, object]:
    return {
        "AMQP_URI": config.broker_url,
        "max_workers": config.suite.max_workers,
        "HEARTBEAT": 20,
        "freehold": config,
    }


def checks(config: Config, services: Sequence[type[Service]]) -> health.Checks:
    found = {
        f"database {name}": database_at(database_url(config, name)).is_reachable
        for name in dict.fromkeys(service.database for service in services)
    }
    return {**found, "broker": lambda: start.broker_answers(config.broker_url)}


@contextlib.contextmanager
def served(address: tuple[str, int], application: object) -> Iterator[int]:
    """A WSGI application on green threads while the block runs; yields the port."""
    listener = eventlet.listen(address, reuse_port=False)
    pool = eventlet.GreenPool(200)
    server = eventlet.spawn(
        eventlet.wsgi.server,
        listener,
        application,
        custom_pool=pool,
        log_output=False,
        debug=False,
        socket_timeout=60,
        # A chunked body has no length; without this it would look empty to the application.
        environ={"wsgi.input_terminated": True},
    )
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()
        server.kill()
        pool.waitall()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m chassis.runner", description=__doc__)
    parser.add_argument("services", nargs="+", help="modules, for example services.licensing")
    parser.add_argument("--serve", help="a WSGI application to serve beside, as module:name")
    parser.add_argument("--bind", default="127.0.0.1:8000", help="its address")
    chosen = parser.parse_args(arguments)

    inproc.register()
    config = Config.load()
    logs.configure(
        process_name(chosen.services),
        config.suite.log_level,
    )
    # As process 1 of a container it would be deaf to a stop while it waits.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        services = [service_in(name) for name in chosen.services]
        prepare(config, services)
    except (ConfigurationError, start.NeverCame) as error:
        _log.error("not started: %s", error)
        return 1

    run(config, services, serve=chosen.serve, bind=chosen.bind)
    return 0


def run(
    config: Config,
    services: Sequence[type[Service]],
    *,
    serve: str | None = None,
    bind: str = "127.0.0.1:8000",
) -> None:
    """Until a signal, or a service that cannot go on, ends it."""
    runner = ServiceRunner(nameko_settings(config))
    for service in services:
        runner.add_service(host.hosted(service))
    stop_on_signals(runner)
    runner.start()
    host.all_started.set()
    with contextlib.ExitStack() as stack:
        if config.suite.health_port:
            address = (config.suite.health_host, config.suite.health_port)
            stack.enter_context(served(address, health.application(checks(config, services))))
        if serve:
            module, _, name = serve.partition(":")
            application = getattr(importlib.import_module(module), name)
            bind_host, _, port = bind.rpartition(":")
            taken = stack.enter_context(served((bind_host, int(port)), application))
            _log.info("serving", extra={"facts": {"address": f"http://{bind_host}:{taken}"}})
        _log.info("started", extra={"facts": {"services": [service.name for service in services]}})
        runner.wait()
    _log.info("stopped")


def stop_on_signals(runner: ServiceRunner) -> None:
    """SIGTERM and SIGINT let running work end; a second one changes nothing."""
    stopping: list[bool] = []

    def stop(_number: int, _frame: object) -> None:
        if not stopping:
            stopping.append(True)
            _log.info("stopping")
            eventlet.spawn_n(runner.stop)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)


if __name__ == "__main__":
    sys.exit(main())
