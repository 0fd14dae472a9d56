"""What operators change of keys, histories, systems and suppliers."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

from chassis.db import Database
from services.licensing.domain.throttle import Counter, Failures
from services.licensing.models import AuditRow
from services.licensing.queries import history
from services.licensing.service import LicensingService


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


def revoke_key(licensing: LicensingService, key: UUID | str, why: str) -> int:
    taken = licensing.take_back_key(key, why=why)
    sys.stdout.write(f"done\nkey: {taken.id} ({taken.last5})\n")
    return 0


def reverse(licensing: LicensingService, organization_id: UUID, number: int, why: str) -> int:
    done = licensing.reverse(organization_id, number, why=why)
    sys.stdout.write(f"done\nentry {number}, {done['name']}: undone by entry {done['by_entry']}\n")
    for what, meaning in (("withdrawn", "left the year"), ("taken_back", "taken from the wallet")):
        for code, count in done[what].items():
            sys.stdout.write(f"{meaning}: {count} of type {code}\n")
    return 0


def accept_system_file(
    licensing: LicensingService, organization_id: UUID, product: str, path: Path, why: str
) -> int:
    """Of a system whose key or hardware changed, as somebody told the operator."""
    try:
        content = path.read_bytes()
    except OSError as failed:
        sys.stderr.write(f"not done: {failed}\n")
        return 1
    licensing.accept_system_file(organization_id, product, content, why=why)
    sys.stdout.write("done\n")
    return 0


def enter_supplier_key(
    licensing: LicensingService, supplier_id: UUID, public_key: str | None, why: str
) -> int:
    licensing.enter_supplier_key(supplier_id, public_key, why=why)
    sys.stdout.write("done\n")
    return 0
