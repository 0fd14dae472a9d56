"""License files: issued for a system, downloaded, and checked with keys that are published (D-19)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from chassis.idempotency import Dumped
from chassis.rpc import rpc
from contracts.access import Permission
from contracts.license_files import IssuedLicenseFile, IssueLicenseFile, LicenseFile, SigningKeys
from contracts.licensed_systems import LicensedSystemRequest
from services.licensing.domain import license_file
from services.licensing.domain.license_file import (
    Contents,
    LicenseFileNotFound,
    SystemFileMissing,
)
from services.licensing.domain.reservation import reserved_by_others
from services.licensing.domain.standing import running
from services.licensing.models import LicenseFileRow, SystemRow
from services.licensing.queries import offline, systems
from services.licensing.service.commands import Command, Commands, recipe
from services.licensing.service.signing import Own
from services.licensing.service.systems import registered


class LicenseFiles(Commands):
    own: Own

    @rpc(gives=SigningKeys)
    def license_signing_keys(self) -> dict[str, Any]:
        """For everybody: products have them built in."""
        signer = self.own.signer
        return {"current": signer.current, "keys": signer.public_keys()}

    @rpc(takes=IssueLicenseFile, gives=IssuedLicenseFile)
    def issue_license_file(
        self,
        organization_id: UUID,
        product: str,
        licensed_system_id: UUID,
        idempotency_key: str,
    ) -> Dumped:
        """What the system may use, and nobody else from now on until the file ends."""
        licensee = self.licensee(organization_id)
        request = {"system_id": str(licensed_system_id)}
        return self.carry_out("issue_license_file", licensee, product, idempotency_key, request)

    @recipe
    def _issue_license_file(self, command: Command) -> Dumped:
        system = registered(command)
        made = _contents(command, system)
        row = self._written(command, system, made)
        offline.add_file(command.session, row, today=command.today)
        command.count_usage()
        command.settle_by_need()
        return self.done(
            command,
            IssuedLicenseFile,
            {
                "licensed_system_id": system.id,
                "product": row.product,
                "serial": row.serial,
                "seats": [
                    {
                        "type": code,
                        "seats": seats,
                        "reserved": made.reserved.get(code, 0),
                        "growth_limit": made.growth_limit[code],
                    }
                    for code, seats in sorted(made.seats.items())
                ],
                "valid_from": row.valid_from,
                "valid_until": row.valid_until,
                "issued_at": row.issued_at,
            },
            {
                "system_id": str(system.id),
                "name": system.name,
                "serial": row.serial,
                "seats": dict(sorted(made.seats.items())),
                "valid_until": str(row.valid_until),
            },
        )

    @rpc(takes=LicensedSystemRequest, gives=LicenseFile)
    def get_license_file(
        self, organization_id: UUID, product: str, licensed_system_id: UUID
    ) -> dict[str, Any]:
        """The newest, also of a system that was removed."""
        self.access.require(organization_id, Permission.LICENSE_READ)
        with self.db.reading() as session:
            row = offline.newest_file(session, organization_id, product, licensed_system_id)
        if row is None:
            raise LicenseFileNotFound("This system has no license file. Issue one first.")
        return {"name": f"license-{row.system_id}-{row.serial}.txt", "content": row.container}

    def _written(self, command: Command, system: SystemRow, made: Contents) -> LicenseFileRow:
        now = running(command.position())
        valid_from, valid_until = license_file.validity(
            now.year if now and made.reserved else None, command.today
        )
        assert system.fingerprint is not None
        file = license_file.LicenseFile(
            organization_id=command.organization_id,
            product=command.of_product,
            system_id=system.id,
            fingerprint=system.fingerprint,
            contents=made,
            valid_from=valid_from,
            valid_until=valid_until,
            issued=command.now,
            serial=offline.next_serial(command.session, command.organization_id, system.id),
        )
        signer = self.own.signer
        return LicenseFileRow(
            id=command.new_id(),
            organization_id=file.organization_id,
            product=file.product,
            system_id=file.system_id,
            serial=file.serial,
            key_id=signer.current,
            container=signer.signed(file),
            seats=dict(made.seats),
            reserved=dict(made.reserved),
            valid_from=file.valid_from,
            valid_until=file.valid_until,
            issued_at=file.issued,
            command_id=command.id,
        )


def _contents(command: Command, system: SystemRow) -> Contents:
    """:raises SystemFileMissing:
    :raises NotLicensed:
    """
    session, position = command.session, command.position()
    if system.fingerprint is None:
        raise SystemFileMissing("Upload a system file of this system first.")
    now, product = running(position), position.product
    used = systems.usage(session, [system.id]).get(system.id, ())
    return license_file.contents(
        counts={row.type: row.counted for row in used},
        held={row.type: row.held for row in used},
        year_seats=position.seats_in(now.year.index if now else None)
        if product.is_subscribed_to
        else None,
        reserved=reserved_by_others(
            offline.reservations(session, command.organization_id, product.code),
            system.id,
            command.today,
        ),
        is_settled=now is not None and now.is_settled,
    )
