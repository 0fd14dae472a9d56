"""`@every(seconds)`: what a service does by itself; each replica does it, so rows are locked."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any, TypeVar

from nameko.timer import Timer

from chassis.context import use
from chassis.service import Service

Job = Callable[..., Any]
Done = TypeVar("Done")

_log = logging.getLogger(__name__)


def every(seconds: float) -> Callable[[Job], Job]:
    """A method without arguments; a failure is logged and the next turn comes all the same."""

    def decorate(job: Job) -> Job:
        @functools.wraps(job)
        def run(self: Service) -> None:
            with use(self.context):
                try:
                    job(self)
                except Exception:
                    _log.exception("job %s.%s failed", self.name, job.__name__)

        return Timer.decorator(interval=seconds)(run)  # type: ignore[no-any-return]

    return decorate


def attempted(work: Callable[[], Done], what: str) -> Done | None:
    """For a job that looks after many things: what came of one, or None where it failed.

    A failure is logged and stops none of the others.
    """
    try:
        return work()
    except Exception:
        _log.exception("%s failed", what)
        return None
