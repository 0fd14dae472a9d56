"""Systems of an organization: registered, named, removed, and given a credential (R32, D-17)."""

from __future__ import annotations

import secrets
from typing import Any
from uuid import UUID, uuid4

from chassis.idempotency import Dumped, Replayed
from chassis.rpc import rpc
from contracts.access import Permission
from contracts.errors import Refusal
from contracts.licensed_systems import (
    LicensedSystemDetails,
    LicensedSystemPage,
    LicensedSystemRegistered,
    LicensedSystemRemoved,
    LicensedSystemRequest,
    LicensedSystemView,
    ListLicensedSystems,
    RegisterLicensedSystem,
    RenameLicensedSystem,
    SystemCredential,
)
from contracts.licensing import LicenseKind
from contracts.paging import name_in, page
from contracts.systems import SystemNotFound
from services.licensing.domain.hardware import (
    OwnershipProofMalformed,
    OwnershipProofWrong,
    held_by,
    of_kind,
    preloaded,
    read_proof,
    released,
)
from services.licensing.domain.supplier import new_credential
from services.licensing.domain.system import SystemAlreadyRegistered, SystemKind, SystemState
from services.licensing.models import HardwareUnitRow, SystemRow
from services.licensing.queries import hardware, systems
from services.licensing.service.attempts import Attempts
from services.licensing.service.commands import Command, recipe
from services.licensing.service.hardware import PROOF_DIGEST
from services.licensing.service.system_views import current_view, details
from services.licensing.service.trials import begin_trial_with_system
from services.licensing.service.usage import CREDENTIAL_DIGEST, count


class Systems(Attempts):
    @rpc(takes=RegisterLicensedSystem, gives=LicensedSystemView)
    def register_licensed_system(
        self,
        organization_id: UUID,
        product: str,
        name: str,
        serial: str | None,
        ownership_proof: str | None,
        idempotency_key: str,
    ) -> Dumped:
        """Hardware proves that it is one's own, and brings its licenses with it, once."""
        licensee = self.licensee(organization_id)
        request = {"name": name, "serial": serial and serial.upper(), "proof": None}
        command = "register_licensed_system"
        if ownership_proof is None:
            return self.carry_out(command, licensee, product, idempotency_key, request)
        try:
            request["proof"] = self._digest(ownership_proof)
            self.count_attempt(licensee, product, idempotency_key)
            return self.carry_out(command, licensee, product, idempotency_key, request)
        except Refusal as refusal:
            with self.db() as session:
                self.audit(
                    session,
                    command,
                    "product",
                    product,
                    organization_id=organization_id,
                    refused_for=refusal.code,
                    after={"serial": request["serial"]},
                )
                self.tell_of_lock(session, organization_id, product)
            raise

    @recipe
    def _register_licensed_system(self, command: Command) -> Dumped:
        asked, session = command.request, command.session
        unit = self._proven(command) if asked["proof"] is not None else None
        if asked["serial"] is not None:
            _require_free(command, asked["serial"])
        kind = SystemKind.ONLINE if unit is None else SystemKind.HARDWARE
        system = returned(command, kind, asked["serial"], asked["name"]) or enrolled(
            command,
            system_id=command.new_id(),
            kind=kind,
            name=asked["name"],
            serial=asked["serial"],
        )
        if unit is not None:
            self._bring(command, unit, system)
        last = systems.last_report(session, system.id)
        count(command, system, last.counts if last else {})
        self.announce(
            session,
            LicensedSystemRegistered(
                organization_id=command.organization_id,
                product=command.of_product,
                licensed_system_id=system.id,
                kind=kind.value,
                account_id=command.licensee.member,
            ),
        )
        answer = current_view(command, system)
        return self.done(
            command,
            LicensedSystemView,
            answer,
            {
                "system_id": str(system.id),
                "name": system.name,
                "serial": system.serial,
                "licenses": {line["type"]: line["licenses"] for line in answer["licenses"]},
            },
        )

    @rpc(takes=ListLicensedSystems, gives=LicensedSystemPage)
    def list_licensed_systems(
        self, organization_id: UUID, product: str, removed: bool, limit: int, cursor: str | None
    ) -> dict[str, Any]:
        """By name."""
        self.access.require(organization_id, Permission.LICENSE_READ)
        after = name_in(cursor)
        books, today = self.books_of(organization_id)
        known = books.position(product, today).product
        with self.db.reading() as session:
            rows = systems.systems(
                session, organization_id, product, removed=removed, after=after, limit=limit
            )
            found = page(rows, limit=limit, key=lambda row: (row.name, row.id))
            items = details(session, books, known, found.items, today)
        return {"items": items, "next_cursor": found.next_cursor}

    @rpc(takes=LicensedSystemRequest, gives=LicensedSystemDetails)
    def get_licensed_system(
        self, organization_id: UUID, product: str, licensed_system_id: UUID
    ) -> dict[str, Any]:
        """Also of one that was removed, for its extension licenses are still there."""
        self.access.require(organization_id, Permission.LICENSE_READ)
        books, today = self.books_of(organization_id)
        known = books.position(product, today).product
        with self.db.reading() as session:
            system = _of(product, systems.system(session, organization_id, licensed_system_id))
            (found,) = details(session, books, known, [system], today)
        return found

    @rpc(takes=RenameLicensedSystem, gives=LicensedSystemView)
    def rename_licensed_system(
        self, organization_id: UUID, product: str, licensed_system_id: UUID, name: str
    ) -> Dumped:
        return self.carry_out(
            "rename_licensed_system",
            self.licensee(organization_id),
            product,
            _own_key("rename"),
            {"system_id": str(licensed_system_id), "name": name},
        )

    @recipe
    def _rename_licensed_system(self, command: Command) -> Dumped:
        system = registered(command)
        system.name = command.request["name"]
        command.session.flush()
        return self.done(
            command, LicensedSystemView, current_view(command, system), command.request
        )

    @rpc(takes=LicensedSystemRequest)
    def remove_licensed_system(
        self, organization_id: UUID, product: str, licensed_system_id: UUID
    ) -> None:
        """What was tied to it leaves with it; what it was extended by stays, suspended (D-17)."""
        self.carry_out(
            "remove_licensed_system",
            self.licensee(organization_id),
            product,
            _own_key("remove"),
            {"system_id": str(licensed_system_id)},
        )

    @recipe
    def _remove_licensed_system(self, command: Command) -> Dumped:
        session = command.session
        system = _asked(command)
        if system.state != SystemState.REGISTERED.value:
            # Whoever sends it again is answered as before.
            raise Replayed(None)
        _release(command, system)
        systems.drop_usage(session, system)
        systems.end(session, system, SystemState.REMOVED, command.today)
        command.count_usage()
        command.settle_by_need()
        self.announce(
            session,
            LicensedSystemRemoved(
                organization_id=command.organization_id,
                product=command.of_product,
                licensed_system_id=system.id,
                account_id=command.licensee.member,
            ),
        )
        return self.done(command, None, {}, {**command.request, "name": system.name})

    @rpc(takes=LicensedSystemRequest, gives=SystemCredential)
    def issue_system_credential(
        self, organization_id: UUID, product: str, licensed_system_id: UUID
    ) -> dict[str, Any]:
        """Ends the one before; sent twice there are two, and the last one counts."""
        licensee = self.licensee(organization_id)
        credential = new_credential(secrets.token_urlsafe)
        digest = self.kit.pepper.digest(CREDENTIAL_DIGEST, credential)
        self.carry_out(
            "issue_system_credential",
            licensee,
            product,
            _own_key("credential"),
            {"system_id": str(licensed_system_id), "credential": digest},
        )
        return {"licensed_system_id": licensed_system_id, "credential": credential}

    @recipe
    def _issue_system_credential(self, command: Command) -> Dumped:
        system = registered(command)
        system.credential_digest = command.request["credential"]
        command.session.flush()
        return self.done(command, None, {}, {"system_id": str(system.id), "name": system.name})

    def _digest(self, ownership_proof: str) -> str:
        try:
            return self.kit.pepper.digest(PROOF_DIGEST, read_proof(ownership_proof))
        except OwnershipProofMalformed:
            self.count_mistyped()
            raise

    def _proven(self, command: Command) -> HardwareUnitRow:
        """:raises OwnershipProofWrong: in the same words whether or not the serial is known."""
        asked = command.request
        unit = hardware.unit(command.session, command.position().product.code, asked["serial"])
        if unit is None or not secrets.compare_digest(unit.proof_digest, asked["proof"]):
            raise OwnershipProofWrong(
                "This proof does not belong to hardware of this product and serial number."
            )
        return unit

    def _bring(self, command: Command, unit: HardwareUnitRow, system: SystemRow) -> None:
        """The preloaded licenses become active, whoever had them before (R32)."""
        session = command.session
        if not hardware.claim(session, unit.id, system.id):
            raise SystemAlreadyRegistered(
                "This hardware is registered already. Whoever registered it can remove it."
            )
        known_until = command.now if self.is_replaying else None
        tied = hardware.tied_to(session, unit, until=known_until)
        command.post(preloaded(command.of_product, system.id, tied, command.today))
        self.forgive(session, command.licensee)


def enrolled(
    command: Command,
    *,
    system_id: UUID,
    kind: SystemKind,
    name: str,
    serial: str | None = None,
    fingerprint: str | None = None,
    public_key: str | None = None,
    version: str | None = None,
) -> SystemRow:
    """A new system of the command's product; the first one may begin a trial (R43).

    Its need counts from `services.licensing.service.usage.count` on.
    """
    system = SystemRow(
        id=system_id,
        organization_id=command.organization_id,
        product=command.position().product.code,
        kind=kind.value,
        name=name,
        serial=serial,
        fingerprint=fingerprint,
        public_key=public_key,
        version=version,
        state=SystemState.REGISTERED.value,
        sequence=0,
        registered_on=command.today,
        command_id=command.id,
    )
    command.session.add(system)
    command.session.flush()
    begin_trial_with_system(command)
    return system


def returned(command: Command, kind: SystemKind, serial: str | None, name: str) -> SystemRow | None:
    """A machine that comes back to its organization finds its extension licenses again (D-17)."""
    if serial is None:
        return None
    system = systems.once_removed(
        command.session, command.organization_id, command.of_product, serial, kind
    )
    if system is not None:
        system.state = SystemState.REGISTERED.value
        system.name = name
        system.registered_on = command.today
        system.ended_on = None
        command.session.flush()
    return system


def registered(command: Command) -> SystemRow:
    """The one that ``system_id`` of the request names.

    :raises SystemNotFound: or it was removed.
    """
    system = _asked(command)
    if system.state != SystemState.REGISTERED.value:
        raise SystemNotFound("This system was removed from the organization.")
    return system


def _asked(command: Command) -> SystemRow:
    product = command.position().product.code
    system_id = UUID(command.request["system_id"])
    return _of(product, systems.system(command.session, command.organization_id, system_id))


def _of(product: str, system: SystemRow | None) -> SystemRow:
    if system is None or system.product != product:
        raise SystemNotFound("There is no such system of this product in this organization.")
    return system


def _require_free(command: Command, serial: str) -> None:
    product = command.position().product.code
    system = systems.with_serial(command.session, command.organization_id, product, serial)
    if system is not None:
        raise SystemAlreadyRegistered(
            f"A system with this serial number is registered already: {system.name}.",
            system_id=system.id,
        )


def _release(command: Command, system: SystemRow) -> None:
    product = command.position().product
    held = held_by(command.books, product.code, system.id)
    tied = of_kind(product, held, LicenseKind.TIED)
    command.post(released(product.code, system.id, tied, command.today))
    unit = hardware.unit_of(command.session, system.id)
    if unit is not None:
        hardware.note_left(command.session, unit, command.organization_id, tied, command.now)
        hardware.free(command.session, unit.id)


def _own_key(errand: str) -> str:
    """Of a command that is the same sent twice; with a blank, so that it is no key of a caller's."""
    return f"{errand} {uuid4()}"
