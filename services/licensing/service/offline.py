"""Systems without a connection, which people bring the files of (R8, R9, D-19)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from chassis.idempotency import Dumped, Replayed, request_hash
from chassis.rpc import rpc
from contracts.errors import Refusal
from contracts.license_files import Arrival, UploadedSystemFile, UploadSystemFile
from contracts.licensed_systems import LicensedSystemRegistered
from contracts.systems import SystemNotFound
from services.licensing.domain import system_file
from services.licensing.domain.arrival import KnownSystem, arrival
from services.licensing.domain.claims import from_base64
from services.licensing.domain.signed_file import FileMalformed
from services.licensing.domain.system import (
    Report,
    SystemAlreadyRegistered,
    SystemKind,
    SystemState,
    require_needed,
)
from services.licensing.domain.system_file import SystemFile
from services.licensing.models import SystemRow
from services.licensing.queries import offline, systems
from services.licensing.service.commands import OPERATOR, Command, Commands, Licensee, recipe
from services.licensing.service.system_views import current_view
from services.licensing.service.systems import enrolled
from services.licensing.service.trials import begin_trial_with_system
from services.licensing.service.usage import count, note_report


class Offline(Commands):
    @rpc(takes=UploadSystemFile, gives=UploadedSystemFile)
    def upload_system_file(
        self,
        organization_id: UUID,
        product: str,
        file: str,
        name: str | None,
        idempotency_key: str,
    ) -> Dumped:
        """Registers the system on first use, or takes its news."""
        licensee = self.licensee(organization_id)
        with self._refusals_told("upload_system_file", organization_id, product):
            said = system_file.read(_bytes_of(file))
            request = {"file": said.facts(), "name": name}
            return self.carry_out("upload_system_file", licensee, product, idempotency_key, request)

    @recipe
    def _upload_system_file(self, command: Command) -> Dumped:
        return self._arrive(command, is_vouched=False)

    def accept_system_file(
        self, organization_id: UUID, product: str, content: bytes, *, why: str
    ) -> dict[str, Any]:
        """The same on the word of an operator, for a system whose key or hardware changed.

        No operation of the interface. Given again for the same reason, it is answered as before.
        """
        said = system_file.read(content)
        try:
            done = self.carry_out(
                "accept_system_file",
                Licensee(organization_id, None, OPERATOR),
                product,
                # With blanks, so that it is no key of a caller's.
                f"accept {said.digest} {request_hash({'reason': why})[:32]}",
                {"file": said.facts(), "name": None, "reason": why},
            ).answer
        except Replayed as earlier:
            done = earlier.answer
        answer: dict[str, Any] = done
        return answer

    @recipe
    def _accept_system_file(self, command: Command) -> Dumped:
        return self._arrive(command, is_vouched=True)

    def _arrive(self, command: Command, *, is_vouched: bool) -> Dumped:
        session, file = command.session, SystemFile.of_facts(command.request["file"])
        file.require_for(command.position().product.code)
        file.require_recent(command.now)
        found = offline.system_for_update(session, file.system_id)
        if is_vouched and found is None:
            raise SystemNotFound("No such system is known: its organization uploads the file.")
        if found is None:
            file.require_own_id()
        known = _known(found) if found else None
        # In between it may have been another organization's, of which this history knows nothing.
        comes_back = self.is_replaying and known is not None and known.organization_id is None
        result = arrival(known, file, command.organization_id, is_vouched=is_vouched or comes_back)
        if found is None or result is Arrival.REGISTERED:
            before, system = _Before(), _enrolled(command, file)
            self._tell_of(command, system)
        else:
            before, system = _before(session, found), found
        system.name = command.request["name"] or system.name
        if result is not Arrival.UNCHANGED:
            _note(command, system, file)
        return self.done(
            command,
            UploadedSystemFile,
            {
                "result": result,
                "system": current_view(command, system),
                "version": file.version,
                "version_before": before.version,
                "counts": [
                    {
                        "type": code,
                        "count": file.counts.get(code, 0),
                        "before": before.counted.get(code),
                    }
                    for code in sorted({*file.counts, *before.counted})
                ],
            },
            {
                "system_id": str(system.id),
                "name": system.name,
                "result": result.value,
                "sequence": file.sequence,
                "version": file.version,
                "counts": dict(sorted(file.counts.items())),
                **_reason(command),
            },
        )

    def _tell_of(self, command: Command, system: SystemRow) -> None:
        self.announce(
            command.session,
            LicensedSystemRegistered(
                organization_id=command.organization_id,
                product=command.of_product,
                licensed_system_id=system.id,
                kind=system.kind,
                account_id=command.licensee.account_id,
            ),
        )

    @contextmanager
    def _refusals_told(self, action: str, organization_id: UUID, product: str) -> Iterator[None]:
        """The audit says who tried to bring in what is not theirs, or was changed on its way."""
        try:
            yield
        except Refusal as refusal:
            with self.db() as session:
                self.audit(
                    session,
                    action,
                    "product",
                    product,
                    organization_id=organization_id,
                    refused_for=refusal.code,
                )
            raise


@dataclass(frozen=True)
class _Before:
    """What a system said last; nothing where it is new."""

    version: str | None = None
    counted: Mapping[str, int] = field(default_factory=dict)


def _before(session: Session, system: SystemRow) -> _Before:
    used = systems.usage(session, [system.id]).get(system.id, ())
    return _Before(system.version, {row.type: row.counted for row in used})


def _reason(command: Command) -> dict[str, str]:
    return {"reason": command.request["reason"]} if "reason" in command.request else {}


def _bytes_of(file: str) -> bytes:
    try:
        return from_base64(file)
    except ValueError:
        raise FileMalformed("Send the file's bytes as base64.") from None


def _known(system: SystemRow) -> KnownSystem:
    is_registered = system.state == SystemState.REGISTERED.value
    return KnownSystem(
        organization_id=system.organization_id if is_registered else None,
        product=system.product,
        kind=SystemKind(system.kind),
        fingerprint=system.fingerprint,
        public_key=system.public_key,
        sequence=system.sequence,
        digest=system.file_digest,
    )


def _enrolled(command: Command, file: SystemFile) -> SystemRow:
    """A new system, or one that was removed, by whichever organization (D-17)."""
    session, name = command.session, f"Offline system {str(file.system_id)[:8]}"
    before = systems.system(session, command.organization_id, file.system_id)
    try:
        with session.begin_nested():
            if before is None:
                return enrolled(
                    command, system_id=file.system_id, kind=SystemKind.OFFLINE, name=name
                )
            before.name = name
            before.state = SystemState.REGISTERED.value
            before.registered_on = command.today
            before.ended_on = None
            before.command_id = command.id
            session.flush()
    except IntegrityError:
        # Another organization came at the same time with a file of the same system.
        raise SystemAlreadyRegistered(
            "This system is registered to another organization."
        ) from None
    begin_trial_with_system(command)
    return before


def _note(command: Command, system: SystemRow, file: SystemFile) -> None:
    """From now on it is known by this key and hardware, and needs what it says (D-16)."""
    system.public_key = file.public_key
    system.fingerprint = file.fingerprint
    system.version = file.version
    system.file_digest = file.digest
    report = Report(file.sequence, file.created_at, file.counts)
    if _is_new(command.session, system, report):
        note_report(command, system, report)
        return
    # A system that was set up anew counts its reports from the beginning again.
    require_needed(command.position().product, file.counts)
    system.sequence = file.sequence
    system.reported_at = command.now
    count(command, system, file.counts)


def _is_new(session: Session, system: SystemRow, report: Report) -> bool:
    return systems.report(session, system.id, report.sequence) is None
