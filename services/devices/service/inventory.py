"""Inventory: adding, listing and removing devices."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID, uuid4

from chassis.idempotency import Dumped, once, recall
from chassis.rpc import rpc
from contracts.access import Permission
from contracts.devices import (
    AddDevice,
    DeviceAdded,
    DeviceModelList,
    DeviceOne,
    DevicePage,
    DeviceRemoved,
    DeviceView,
    ListDeviceModels,
    ListDevices,
)
from contracts.paging import name_in, page
from services.devices.domain.device import (
    Address,
    Credentials,
    DeviceExists,
    DeviceNotFound,
    DeviceState,
    DeviceUpgrading,
    Identity,
    Reachability,
    Scheme,
    Trust,
    sealed_for,
)
from services.devices.domain.network import AddressNotAllowed
from services.devices.domain.recommendation import Model, Release, recommended
from services.devices.domain.trouble import Cause, refusal
from services.devices.domain.version import Version
from services.devices.models import Device, described
from services.devices.queries import catalogue, inventory
from services.devices.service.capability import Capability
from services.devices.vapix import basicdeviceinfo
from services.devices.vapix.connection import checked_ip, fingerprint_of
from services.devices.vapix.errors import CameraTrouble
from services.devices.vapix.session import Session as CameraSession

_PORTS = {Scheme.HTTP: 80, Scheme.HTTPS: 443}


class Inventory(Capability):
    @rpc(takes=AddDevice, gives=DeviceView)
    def add_device(
        self,
        organization_id: UUID,
        folder_id: UUID,
        name: str,
        serial: str,
        host: str,
        port: int | None,
        scheme: str,
        trust: str,
        user: str,
        password: str,
        idempotency_key: str,
    ) -> Dumped:
        """The camera is read before the transaction, and before anything is believed of it."""
        caller = self.caller
        self.access.require_folder(organization_id, Permission.DEVICE_MANAGE, folder_id)
        way = Scheme(scheme)
        wanted = Address(host, port or _PORTS[way], way, Trust(trust))
        request = {
            "organization_id": organization_id,
            "folder_id": folder_id,
            "name": name,
            "serial": serial.upper(),
            "address": f"{scheme}://{host}:{wanted.port} {trust}",
            "user": user,
            # What is stored of a request must not allow guessing the password in it.
            "password": self.kit.pepper.digest("device-password", password),
        }
        with self.db.reading() as session:
            # The camera may be away by the time its addition is repeated.
            recall(session, caller.account_id, "add_device", idempotency_key, request)
        address, identity = self._read(wanted, serial.upper(), Credentials(user, password))
        now = self.clock.now()
        with self.db() as session:
            self.enter(session, organization_id)
            attempt = once(
                session,
                caller.account_id,
                "add_device",
                idempotency_key,
                request,
                gives=DeviceView,
                now=now,
            )
            self.require_live(session, folder_id)
            device_id = uuid4()
            is_new = inventory.add_device(
                session,
                {
                    "id": device_id,
                    "organization_id": organization_id,
                    "folder_id": folder_id,
                    "serial": identity.serial,
                    "name": name,
                    "host": host,
                    "port": address.port,
                    "scheme": scheme,
                    "trust": trust,
                    "fingerprint": address.fingerprint,
                    "user": user,
                    "sealed_password": self.kit.box.seal(password, sealed_for(device_id)),
                    **described(identity),
                    "reachability": Reachability.ONLINE.value,
                    "last_seen_at": now,
                    "state": DeviceState.MANAGED.value,
                    "added_at": now,
                },
            )
            if not is_new:
                raise DeviceExists("A device with this serial number is managed already.")
            device = session.get_one(Device, device_id)
            self.note(
                session,
                caller,
                "device_added",
                ("device", device_id),
                organization_id=organization_id,
                after={"serial": device.serial, "folder_id": str(folder_id), "host": host},
            )
            self.announce(
                session,
                DeviceAdded(device_id, organization_id, folder_id, device.model, device.serial),
            )
            known = catalogue.releases(session, [device.model])
            return attempt.answer(device_view(device, known))

    @rpc(takes=ListDevices, gives=DevicePage)
    def list_devices(
        self,
        organization_id: UUID,
        limit: int,
        cursor: str | None,
        folder_id: UUID | None,
        model: str | None,
        version: str | None,
        text: str | None,
    ) -> dict[str, Any]:
        """The devices the caller may see, by name."""
        scope = self.access.scope(organization_id, Permission.DEVICE_READ)
        with self.db.reading() as session:
            rows = inventory.devices(
                session,
                scope,
                limit=limit,
                after=name_in(cursor),
                folder_id=folder_id,
                model=model,
                version=version,
                text=text,
            )
            known = catalogue.releases(session, {row.model for row in rows})
            found = page(rows, limit=limit, key=lambda row: (row.name, row.id))
            return {
                "items": [device_view(row, known) for row in found.items],
                "next_cursor": found.next_cursor,
            }

    @rpc(takes=DeviceOne, gives=DeviceView)
    def get_device(self, organization_id: UUID, device_id: UUID) -> dict[str, Any]:
        scope = self.access.scope(organization_id, Permission.DEVICE_READ)
        with self.db.reading() as session:
            device = inventory.device(session, scope, device_id)
            if device is None:
                raise DeviceNotFound("There is no such device in this organization.")
            return device_view(device, catalogue.releases(session, [device.model]))

    @rpc(takes=DeviceOne)
    def remove_device(self, organization_id: UUID, device_id: UUID) -> None:
        """Its history stays; its password does not."""
        caller = self.caller
        scope = self.access.scope(organization_id, Permission.DEVICE_MANAGE)
        with self.db() as session:
            self.enter(session, organization_id)
            device = inventory.device_for_update(session, scope, device_id)
            if device is None:
                raise DeviceNotFound("There is no such device in this organization.")
            if inventory.has_active_upgrade(session, device_id):
                raise DeviceUpgrading("An upgrade of this device is under way.")
            device.state = DeviceState.REMOVED.value
            device.removed_at = self.clock.now()
            device.sealed_password = None
            self.note(
                session,
                caller,
                "device_removed",
                ("device", device_id),
                organization_id=organization_id,
                before={"serial": device.serial, "folder_id": str(device.folder_id)},
            )
            self.announce(session, DeviceRemoved(device_id, organization_id))

    @rpc(takes=ListDeviceModels, gives=DeviceModelList)
    def list_device_models(self, organization_id: UUID) -> dict[str, Any]:
        """Counts by model and version, and where an upgrade is recommended (DEV-2)."""
        scope = self.access.scope(organization_id, Permission.DEVICE_READ)
        with self.db.reading() as session:
            counts = inventory.counts_by_model(session, scope)
            known = catalogue.releases(session, {model.product for model, _, _ in counts})
        return {"items": _by_model(counts, known)}

    def _read(
        self, wanted: Address, serial: str, credentials: Credentials
    ) -> tuple[Address, Identity]:
        """Asks the camera who it is; a certificate seen now is pinned.

        :raises contracts.errors.Refusal: the camera is not there, or is not the one expected.
        """
        reach = self.own.reach
        try:
            address = wanted
            if wanted.is_secure and wanted.trust is Trust.PIN:
                ip = checked_ip(wanted.host, wanted.port, reach.networks)
                pinned = fingerprint_of(ip, wanted.port, reach.connect_seconds)
                address = Address(wanted.host, wanted.port, wanted.scheme, wanted.trust, pinned)
            with CameraSession(address, serial, credentials, reach) as camera:
                return address, basicdeviceinfo.read(camera)
        except CameraTrouble as trouble:
            if trouble.cause is Cause.ADDRESS_NOT_ALLOWED:
                raise AddressNotAllowed(trouble.words) from None
            raise refusal(trouble.cause, trouble.words) from None


def device_view(device: Device, known: dict[str, list[Release]]) -> dict[str, Any]:
    newest = recommended(device.kind, Version.parse(device.version), known.get(device.model, ()))
    names = DeviceView().fields.keys() - {"recommended_version"}
    return {
        **{name: getattr(device, name) for name in names},
        "recommended_version": newest.version.text if newest else None,
    }


def _by_model(
    counts: list[tuple[Model, str, int]], known: dict[str, list[Release]]
) -> list[dict[str, Any]]:
    """One row per model and version; revisions of the hardware are one model to people."""
    totals: Counter[tuple[str, str]] = Counter()
    newest: dict[tuple[str, str], Version] = {}
    for model, version, count in counts:
        key = (model.product, version)
        totals[key] += count
        found = recommended(model, Version.parse(version), known.get(model.product, ()))
        if found is not None:
            newest[key] = max(newest.get(key, found.version), found.version)
    return [
        {
            "model": product,
            "version": version,
            "count": totals[product, version],
            "recommended_version": newest[product, version].text
            if (product, version) in newest
            else None,
            "upgrade_recommended": (product, version) in newest,
        }
        for product, version in sorted(totals, key=lambda key: (key[0], Version.parse(key[1])))
    ]
