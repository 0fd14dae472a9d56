"""What systems report and may do, each with a credential of its own (R20, D-16, D-22)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from chassis.idempotency import Dumped, Replayed
from chassis.rpc import rpc
from contracts.licensed_systems import (
    EntitlementView,
    GetEntitlement,
    ReportResult,
    ReportUsage,
    UsageReportView,
)
from services.licensing.domain.entitlement import entitlement, of_system, valid_until
from services.licensing.domain.hardware import held_by, meeting
from services.licensing.domain.outlook import standing
from services.licensing.domain.standing import require_open
from services.licensing.domain.system import (
    Report,
    SystemCredentialInvalid,
    judged,
    require_needed,
    require_pause,
)
from services.licensing.models import SystemRow
from services.licensing.queries import standing as queries
from services.licensing.queries import systems
from services.licensing.service.commands import (
    SYSTEM,
    Command,
    Commands,
    Licensee,
    recipe,
)

CREDENTIAL_DIGEST = "system-credential"


class Usage(Commands):
    @rpc(takes=ReportUsage, gives=UsageReportView)
    def report_usage(
        self,
        credential: str,
        sequence: int,
        reported_at: datetime,
        counts: list[dict[str, Any]],
    ) -> Dumped | dict[str, Any]:
        """Becomes history only where it changes what is needed."""
        said = {line["type"]: line["count"] for line in counts}
        report = Report(sequence, reported_at.astimezone(UTC), said)
        with self.db() as session:
            system = self._system(session, credential, is_locking=True)
            answer = _unchanging(session, system, report, self.clock.now())
        if answer is not None:
            return answer
        return self.carry_out(
            "report_usage",
            Licensee(system.organization_id, None, SYSTEM),
            system.product,
            # With blanks, so that it is no key of a caller's.
            f"usage {system.id} {sequence}",
            {
                "system_id": str(system.id),
                "sequence": sequence,
                "reported_at": report.reported_at.isoformat(),
                "counts": said,
            },
        )

    @recipe
    def _report_usage(self, command: Command) -> Dumped:
        asked = command.request
        system = systems.registered(
            command.session, command.organization_id, UUID(asked["system_id"])
        )
        if system is None:
            raise _unknown()
        moment = datetime.fromisoformat(asked["reported_at"])
        report = Report(asked["sequence"], moment, asked["counts"])
        known = _judged(command.session, system, report)
        if known is not None:
            # Another came meanwhile, and there is nothing to keep of this one.
            raise Replayed(UsageReportView().dump(known))
        if not self.is_replaying:
            require_pause(system.counted_at, command.now)
        system.counted_at = command.now
        note_report(command, system, report)
        return self.done(
            command,
            UsageReportView,
            _answer(system, report, ReportResult.ACCEPTED),
            {"system_id": str(system.id), "sequence": report.sequence, "counts": asked["counts"]},
        )

    @rpc(takes=GetEntitlement, gives=EntitlementView)
    def get_entitlement(self, credential: str) -> dict[str, Any]:
        """Advice: nobody enforces it here, and nothing stops a recording."""
        with self.db.reading() as session:
            system = self._system(session, credential)
            used = systems.usage(session, [system.id]).get(system.id, ())
        books, today = self.books_of(system.organization_id)
        position = books.position(system.product, today)
        stands = standing(position, today)
        status = of_system(
            stands.status,
            position.product,
            {row.type: row.counted for row in used},
            {row.type: row.held for row in used},
        )
        may = entitlement(status, exceeded_since=position.product.exceeded_since, today=today)
        return {
            **vars(may),
            "licensed_system_id": system.id,
            "organization_id": system.organization_id,
            "product": system.product,
            "exceeded_since": position.product.exceeded_since if may.adding_ends_on else None,
            "valid_until": valid_until(
                self.clock.now(), books.time_zone, [stands.changes_on, may.adding_ends_on]
            ),
        }

    def _system(self, session: Session, credential: str, *, is_locking: bool = False) -> SystemRow:
        """:raises SystemCredentialInvalid:
        :raises OrganizationInArchive: while locking, for nothing is written there.
        """
        digest = self.kit.pepper.digest(CREDENTIAL_DIGEST, credential)
        system = systems.by_credential(session, digest)
        if system is not None and is_locking:
            calendar = queries.calendar_for_update(session, system.organization_id)
            require_open(is_archived=calendar.is_archived)
            # It may have been removed, or given another credential, before the lock was free.
            system = systems.by_credential(session, digest)
        if system is None:
            raise _unknown()
        return system


def note_report(command: Command, system: SystemRow, report: Report) -> None:
    """What is not named is counted as none; the year may be settled by it.

    :raises LicenseTypeUnknown:
    """
    product = command.position().product
    require_needed(product, report.counts)
    systems.add_report(command.session, system, report, command.now)
    count(command, system, report.counts)


def count(command: Command, system: SystemRow, counts: Mapping[str, int]) -> None:
    """The need of a registered system follows: what it uses, less what it holds (D-16)."""
    product = command.position().product
    held = meeting(product, held_by(command.books, product.code, system.id))
    counted = {code: counts.get(code, 0) for code in product.needed_types}
    systems.keep_usage(command.session, system, counted=counted, held=held)
    command.count_usage()
    command.settle_by_need()


def keep_held(command: Command, system: SystemRow) -> None:
    """The same after licenses came to a registered system, or left it."""
    product = command.position().product
    held = meeting(product, held_by(command.books, product.code, system.id))
    systems.keep_usage(command.session, system, held=held)
    command.count_usage()
    command.settle_by_need()


def _unchanging(
    session: Session, system: SystemRow, report: Report, now: datetime
) -> dict[str, Any] | None:
    """The answer to a report that changes no need; the organization is locked."""
    known = _judged(session, system, report)
    if known is not None:
        return known
    used = systems.usage(session, [system.id]).get(system.id, ())
    counted = {row.type: row.counted for row in used}
    if not _repeats(counted, report.counts):
        return None
    systems.add_report(session, system, report, now)
    return _answer(system, report, ReportResult.ACCEPTED)


def _repeats(counted: Mapping[str, int], counts: Mapping[str, int]) -> bool:
    return counts.keys() <= counted.keys() and all(
        counts.get(code, 0) == n for code, n in counted.items()
    )


def _judged(session: Session, system: SystemRow, report: Report) -> dict[str, Any] | None:
    result = judged(
        report,
        earlier=systems.report(session, system.id, report.sequence),
        latest=system.sequence,
    )
    return None if result is None else _answer(system, report, result)


def _answer(system: SystemRow, report: Report, result: ReportResult) -> dict[str, Any]:
    return {
        "licensed_system_id": system.id,
        "sequence": report.sequence,
        "result": result,
        "last_sequence": max(system.sequence, report.sequence),
    }


def _unknown() -> SystemCredentialInvalid:
    return SystemCredentialInvalid(
        "This credential is no system's. Issue a new one for the system, if it is still registered."
    )
