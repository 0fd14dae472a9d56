"""Events per second through the outbox, against bare confirmed publishing of the same messages."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID, uuid4

from kombu import Connection, Producer
from sqlalchemy import delete

from chassis.clock import SystemClock
from chassis.db import Database, engine_for
from chassis.outbox import Announcer, Relay, exchange_of
from chassis.tables import ChassisBase, OutboxRow
from contracts.events import Event

EVENTS = 3000
PER_TRANSACTION = 10


@dataclass(frozen=True)
class Measured(Event):
    source: ClassVar[str] = "bench"
    name: ClassVar[str] = "measured"

    organization_id: UUID
    number: int


def bare(broker_url: str) -> float:
    """Events per second of one producer that waits for each confirm."""
    with Connection(broker_url, transport_options={"confirm_publish": True}) as connection:
        channel = connection.channel()
        exchange = exchange_of("bench")
        exchange(channel).declare()
        producer = Producer(channel, exchange=exchange, serializer="json")
        started = time.perf_counter()
        for number in range(EVENTS):
            body = {"event_id": str(uuid4()), "data": Measured(uuid4(), number).to_json()}
            producer.publish(body, routing_key="measured", delivery_mode="persistent")
        return EVENTS / (time.perf_counter() - started)


def through_outbox(database_url: str, broker_url: str) -> tuple[float, float]:
    """Events per second (announced and committed, relayed)."""
    engine = engine_for(database_url)
    ChassisBase.metadata.create_all(engine)
    db = Database(engine)
    clock = SystemClock()
    with db() as session:
        session.execute(delete(OutboxRow))
    announce = Announcer(clock)
    started = time.perf_counter()
    for first in range(0, EVENTS, PER_TRANSACTION):
        with db() as session:
            for number in range(first, first + PER_TRANSACTION):
                announce(session, Measured(uuid4(), number))
    announced = EVENTS / (time.perf_counter() - started)
    relay = Relay("bench", db, broker_url, clock)
    started = time.perf_counter()
    relayed = 0
    while relayed < EVENTS:
        relayed += relay.relay_batch()
    rate = EVENTS / (time.perf_counter() - started)
    relay.disconnect()
    db.close()
    return announced, rate
