"""What an operator does to a service's database: `python -m chassis.operate parked services.licensing`.

python -m chassis.operate parked services.licensing             list them
python -m chassis.operate replay services.licensing EVENT_ID    make one due again
python -m chassis.operate replay services.licensing --all       make all due again
python -m chassis.operate reseal services.devices               after a change of secret keys
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from uuid import UUID

from chassis import inbox, rotation
from chassis.clock import clock_from
from chassis.config import Config
from chassis.db import Database
from chassis.service import Kit, database_at, database_url, service_in


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m chassis.operate", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    listing = commands.add_parser("parked", help="list the events that failed too often")
    replaying = commands.add_parser("replay", help="make parked events due again")
    resealing = commands.add_parser("reseal", help="encrypt secrets under the current key")
    for command in (listing, replaying, resealing):
        command.add_argument("service", help="for example services.licensing")
    which = replaying.add_mutually_exclusive_group(required=True)
    which.add_argument("event_id", nargs="?", type=UUID)
    which.add_argument("--all", action="store_true")
    chosen = parser.parse_args(arguments)

    config = Config.load()
    name = chosen.service.removeprefix("services.").partition(".")[0]
    db = database_at(database_url(config, name))
    if chosen.command == "parked":
        return _list(db)
    if chosen.command == "reseal":
        kit = Kit(service_in(f"services.{name}"), config, db=db)
        count = sum(rotation.reseal(db, kit.box, sealed) for sealed in kit.service.sealed)
        sys.stdout.write(f"{count} sealed under the key {kit.box.current}\n")
        return 0
    clock = clock_from(config.suite.clock, production=config.is_production)
    with db() as session:
        replayed = inbox.replay(session, clock.now(), chosen.event_id)
    sys.stdout.write(f"{replayed} made due again\n")
    return 0 if replayed or chosen.all else 1


def _list(db: Database) -> int:
    with db.reading() as session:
        for row in inbox.parked(session):
            line = {
                "event_id": str(row.event_id),
                "handler": row.handler,
                "event": f"{row.source}.{row.name}",
                "received_at": row.received_at.isoformat(),
                "attempts": row.attempts,
                "failure": row.failure,
                "request_id": row.request_id,
                "data": row.data,
            }
            sys.stdout.write(json.dumps(line) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
