"""Two small services on a real chassis: `python -m tests.broker.yard shouter listener`.

The shouter announces, the listener hears; both note in their databases what they have done. Files
in the data folder tell them when to wait or to fail, and tell the test how far they are.
"""

from __future__ import annotations

import eventlet

if __name__ == "__main__":
    eventlet.monkey_patch()

import json
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID, uuid4

from kombu import Connection
from marshmallow import Schema, fields
from sqlalchemy import Integer, String, Uuid
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from chassis import inproc, logs, runner
from chassis.client import RpcClient
from chassis.config import Config
from chassis.db import engine_for
from chassis.events import consumes
from chassis.idempotency import insert_or_nothing
from chassis.rpc import rpc
from chassis.service import Service
from chassis.tables import ChassisBase
from chassis.work import works
from contracts.errors import Refusal
from contracts.events import Event

STEPS = "yard.steps"

_log = logging.getLogger("yard")


class YardBase(DeclarativeBase):
    pass


class Done(YardBase):
    """One row for each time something was carried out."""

    __tablename__ = "done"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    what: Mapped[str] = mapped_column(String(80))


class Loudness(YardBase):
    """The aggregate: the number of its last event."""

    __tablename__ = "loudness"

    voice: Mapped[str] = mapped_column(String(40), primary_key=True)
    number: Mapped[int] = mapped_column(Integer)


@dataclass(frozen=True)
class Shouted(Event):
    source: ClassVar[str] = "shouter"
    name: ClassVar[str] = "shouted"

    voice: str
    number: int


@dataclass(frozen=True)
class Whispered(Event):
    source: ClassVar[str] = "shouter"
    name: ClassVar[str] = "whispered"

    voice: str


class Said(Schema):
    what = fields.String(required=True)


class Voice(Schema):
    voice = fields.String(required=True)


class Yard(Service):
    """What both services can do."""

    def marks(self) -> Path:
        return self.kit.config.data_folder

    def hold(self, what: str) -> None:
        """Says that it began, and waits while the test keeps it from ending."""
        (self.marks() / f"began {what}").touch()
        while (self.marks() / f"hold {what.partition(' ')[0]}").exists():
            threading.Event().wait(0.02)

    def note(self, what: str) -> None:
        with self.db() as session:
            session.add(Done(what=what))


class Shouter(Yard):
    name: ClassVar[str] = "shouter"

    @rpc(takes=Said)
    def echo(self, what: str) -> str:
        return what

    @rpc(takes=Said)
    def toil(self, what: str) -> str:
        self.hold(what)
        self.note(what)
        return what

    @rpc(takes=Voice)
    def shout(self, voice: str) -> int:
        with self.db() as session:
            silent = {"voice": voice, "number": 0}
            session.execute(insert_or_nothing(session, Loudness, silent))
            loudness = session.get_one(Loudness, voice, with_for_update=True)
            loudness.number += 1
            self.announce(session, Shouted(voice, loudness.number))
            return loudness.number

    @rpc(takes=Voice)
    def whisper(self, voice: str) -> None:
        with self.db() as session:
            self.announce(session, Whispered(voice))

    @works(STEPS)
    def step(self, nudge: dict[str, Any]) -> None:
        self.hold(nudge["what"])
        self.note(nudge["what"])


class Listener(Yard):
    name: ClassVar[str] = "listener"

    @rpc(takes=Said)
    def echo(self, what: str) -> str:
        return what

    @consumes(Shouted)
    def hear(self, session: Session, event: Shouted) -> None:
        self.hold(f"shout {event.voice} {event.number}")
        session.add(Done(what=f"heard {event.voice} {event.number}"))
        _log.info("heard", extra={"facts": {"voice": event.voice}})

    @consumes(Whispered)
    def overhear(self, session: Session, event: Whispered) -> None:
        session.add(Done(what=f"overheard {event.voice}"))


SERVICES: dict[str, type[Service]] = {each.name: each for each in (Shouter, Listener)}

StartResponse = Callable[[str, list[tuple[str, str]]], Any]


class Driver:
    """A way in for the test where the bus is inside the process: POST the call as JSON."""

    def __init__(self) -> None:
        self._client: RpcClient | None = None

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        broker_url = Config.load().broker_url
        if self._client is None:
            self._client = RpcClient(broker_url, "driver")
        asked = json.loads(environ["wsgi.input"].read())
        answer: dict[str, Any]
        if "queue" in asked:
            self._client.post(asked["queue"], asked["payload"])
            answer = {"answer": None}
        elif "look_at" in asked:
            answer = {"answer": look_at(broker_url, asked["look_at"])}
        else:
            try:
                answer = {"answer": self._client.call(**asked)}
            except Refusal as refusal:
                answer = {"refused": refusal.code}
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(answer).encode()]


application = Driver()


def look_at(broker_url: str, queue: str) -> dict[str, int]:
    """How many messages nobody has taken yet, and how many consumers there are."""
    with Connection(broker_url) as connection:
        seen = connection.default_channel.queue_declare(queue, passive=True)
        return {"waiting": seen.message_count, "takers": seen.consumer_count}


def create_tables(url: str) -> None:
    engine = engine_for(url)
    YardBase.metadata.create_all(engine)
    ChassisBase.metadata.create_all(engine)
    engine.dispose()


def main(names: list[str]) -> None:
    inproc.register()
    config = Config.load()
    logs.configure("yard")
    services = [SERVICES[name] for name in names]
    bind = os.environ.get("YARD_BIND")
    if bind:
        runner.run(config, services, serve=f"{__name__}:application", bind=bind)
    else:
        runner.run(config, services)


if __name__ == "__main__":
    main(sys.argv[1:])
