"""What an operator does in licensing: `python -m services.licensing.operate`.

python -m services.licensing.operate unlock-redeeming ORGANIZATION_ID   after a hundred wrong keys
python -m services.licensing.operate prove ORGANIZATION_ID              its history is as written
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from chassis.clock import clock_from
from chassis.config import Config
from chassis.db import Database
from chassis.service import database_at, database_url
from services.licensing.domain.history import is_intact
from services.licensing.domain.throttle import Counter, Failures
from services.licensing.models import AuditRow
from services.licensing.queries import history


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m services.licensing.operate", description=__doc__
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, meaning in (
        ("unlock-redeeming", "let an organization redeem license keys again"),
        ("prove", "check that no entry of an organization's license history was changed"),
    ):
        command = commands.add_parser(name, help=meaning)
        command.add_argument("organization_id", type=UUID)
    chosen = parser.parse_args(arguments)

    config = Config.load()
    db = database_at(database_url(config, "licensing"))
    if chosen.command == "prove":
        return prove(db, chosen.organization_id)
    clock = clock_from(config.suite.clock, production=config.is_production)
    return unlock_redeeming(db, chosen.organization_id, clock.now())


def unlock_redeeming(db: Database, organization_id: UUID, now: datetime) -> int:
    subject = str(organization_id)
    with db() as session:
        failures = history.failures_for_update(session, Counter.ORGANIZATION, subject)
        history.keep_failures(session, subject, Failures(Counter.ORGANIZATION))
        session.add(
            AuditRow(
                id=uuid4(),
                at=now,
                acting_as="operator at the console",
                organization_id=organization_id,
                action="unlock_redeeming",
                object_type="organization",
                object_id=subject,
                result="done",
                request_id=str(uuid4()),
                before={"failures": failures.count},
            )
        )
    sys.stdout.write(f"{failures.count} failures forgotten\n")
    return 0


def prove(db: Database, organization_id: UUID) -> int:
    with db.reading() as session:
        chain = history.chain(session, organization_id)
    intact = is_intact(chain)
    sys.stdout.write(f"{len(chain)} entries: {'intact' if intact else 'CHANGED'}\n")
    return 0 if intact else 1


if __name__ == "__main__":
    sys.exit(main())
