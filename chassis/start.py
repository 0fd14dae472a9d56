"""Waiting, with a limit and a clear word, for what a process needs before it starts."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

import requests
from sqlalchemy import Engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from chassis.migrations import is_current
from chassis.producers import BROKER_ERRORS, connected

PAUSE_SECONDS = 0.5
SAY_EVERY_SECONDS = 5.0

_log = logging.getLogger(__name__)


class NeverCame(Exception):
    """Something this process needs was not there within the limit."""


def wait_for(what: str, is_there: Callable[[], bool], seconds: float) -> None:
    """:raises NeverCame: names what is missing, without passwords."""
    deadline = time.monotonic() + seconds
    say_at = time.monotonic()
    while not is_there():
        if time.monotonic() >= deadline:
            raise NeverCame(f"{what} did not come within {seconds:.0f} seconds.")
        if time.monotonic() >= say_at:
            _log.info("waiting for %s", what)
            say_at = time.monotonic() + SAY_EVERY_SECONDS
        time.sleep(PAUSE_SECONDS)


def broker_answers(url: str) -> bool:
    try:
        connected(url, "probe").close()
    except BROKER_ERRORS:
        return False
    return True


def database_answers(engine: Engine) -> bool:
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("SELECT 1")
    except DBAPIError:
        return False
    return True


def management_answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/api/overview", timeout=3).ok
    except requests.RequestException:
        return False


def schema_is_current(service: str, engine: Engine) -> bool:
    try:
        return is_current(service, engine)
    except DBAPIError:
        return False


def described(url: str) -> str:
    """A URL without its password."""
    return make_url(url).render_as_string(hide_password=True)
