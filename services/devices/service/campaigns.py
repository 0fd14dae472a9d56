"""Campaigns: bringing devices to a version, and the tasks that show how far they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import chain
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from chassis.idempotency import Dumped, once
from chassis.jobs import every
from chassis.rpc import rpc
from contracts.access import Permission, Scope
from contracts.devices import (
    CampaignOne,
    CampaignPage,
    CampaignView,
    ListCampaigns,
    ListCampaignUpgrades,
    ListUpgrades,
    StartCampaign,
    UpgradeDetail,
    UpgradeOne,
    UpgradePage,
    UpgradeView,
)
from contracts.paging import moment_in, page
from services.devices.domain.device import CampaignNotFound, DeviceNotFound, UpgradeNotFound
from services.devices.domain.recommendation import (
    CampaignUnclear,
    NothingToUpgrade,
    Objection,
    Plan,
    Release,
    plan,
    require_known,
)
from services.devices.domain.upgrade import State
from services.devices.domain.version import Version
from services.devices.equipment import STEPS
from services.devices.models import Campaign, Device, UpgradeRow
from services.devices.queries import campaigns, catalogue, engine
from services.devices.service.capability import Capability

# How long a nudge may wait in the queue before the sweep sends another one.
NUDGE_LIFE = timedelta(seconds=30)


class Campaigns(Capability):
    @rpc(takes=StartCampaign, gives=CampaignView)
    def start_campaign(
        self,
        organization_id: UUID,
        device_ids: list[UUID] | None,
        model: str | None,
        target: str,
        idempotency_key: str,
    ) -> Dumped:
        """One request of a person, one row for each device (DEV-2)."""
        caller = self.caller
        if (device_ids is None) == (model is None):
            raise CampaignUnclear("Give either device_ids or a model.")
        scope = self.access.scope(organization_id, Permission.DEVICE_UPGRADE)
        now = self.clock.now()
        request = {
            "organization_id": organization_id,
            "device_ids": device_ids,
            "model": model,
            "target": target,
        }
        with self.db() as session:
            self.enter(session, organization_id)
            attempt = once(
                session,
                caller.account_id,
                "start_campaign",
                idempotency_key,
                request,
                gives=CampaignView,
                now=now,
            )
            devices = campaigns.devices_to_upgrade(
                session, scope, device_ids=device_ids, model=model
            )
            if device_ids is not None and len(devices) != len(set(device_ids)):
                raise DeviceNotFound("Not all of these devices are in this organization.")
            if not devices:
                raise NothingToUpgrade("There is no device of this model that you may upgrade.")
            campaign = Campaign(
                id=uuid4(),
                organization_id=organization_id,
                model=model,
                target=target,
                total=len(devices),
                created_by=caller.account_id,
                created_at=now,
            )
            session.add(campaign)
            session.flush()
            campaigns.add_upgrades(session, self._upgrades(session, campaign, devices))
            self.note(
                session,
                caller,
                "campaign_started",
                ("campaign", campaign.id),
                organization_id=organization_id,
                after={"model": model, "target": target, "devices": len(devices)},
            )
            states = campaigns.states_of(session, scope, [campaign.id])
            return attempt.answer(_campaign_view(campaign, states[campaign.id]))

    @rpc(takes=ListCampaigns, gives=CampaignPage)
    def list_campaigns(
        self, organization_id: UUID, limit: int, cursor: str | None
    ) -> dict[str, Any]:
        scope = self.access.scope(organization_id, Permission.DEVICE_READ)
        with self.db.reading() as session:
            rows = campaigns.campaigns(session, scope, limit=limit, after=moment_in(cursor))
            found = page(rows, limit=limit, key=lambda row: (row.created_at, row.id))
            states = campaigns.states_of(session, scope, [row.id for row in found.items])
            return {
                "items": [_campaign_view(row, states[row.id]) for row in found.items],
                "next_cursor": found.next_cursor,
            }

    @rpc(takes=CampaignOne, gives=CampaignView)
    def get_campaign(self, organization_id: UUID, campaign_id: UUID) -> dict[str, Any]:
        scope = self.access.scope(organization_id, Permission.DEVICE_READ)
        with self.db.reading() as session:
            campaign = self._campaign(session, scope, campaign_id)
            states = campaigns.states_of(session, scope, [campaign_id])
            return _campaign_view(campaign, states[campaign_id])

    @rpc(takes=ListCampaignUpgrades, gives=UpgradePage)
    def list_campaign_upgrades(
        self, organization_id: UUID, campaign_id: UUID, limit: int, cursor: str | None
    ) -> dict[str, Any]:
        scope = self.access.scope(organization_id, Permission.DEVICE_READ)
        with self.db.reading() as session:
            self._campaign(session, scope, campaign_id)
            rows = campaigns.upgrades(
                session, scope, limit=limit, after=moment_in(cursor), campaign_id=campaign_id
            )
            return _upgrade_page(rows, limit)

    @rpc(takes=ListUpgrades, gives=UpgradePage)
    def list_upgrades(
        self, organization_id: UUID, limit: int, cursor: str | None, status: str | None
    ) -> dict[str, Any]:
        """Tasks: completed and ongoing upgrades of the organization (DEV-3)."""
        scope = self.access.scope(organization_id, Permission.DEVICE_READ)
        with self.db.reading() as session:
            rows = campaigns.upgrades(
                session,
                scope,
                limit=limit,
                after=moment_in(cursor),
                is_ongoing=None if status is None else status == "ongoing",
            )
            return _upgrade_page(rows, limit)

    @rpc(takes=UpgradeOne, gives=UpgradeDetail)
    def get_upgrade(self, organization_id: UUID, upgrade_id: UUID) -> dict[str, Any]:
        """With its log, in which the device has a word too."""
        scope = self.access.scope(organization_id, Permission.DEVICE_READ)
        with self.db.reading() as session:
            found = campaigns.upgrade(session, scope, upgrade_id)
            if found is None:
                raise UpgradeNotFound("There is no such upgrade in this organization.")
            return {**_upgrade_view(*found), "log": campaigns.log_of(session, upgrade_id)}

    @every(1)
    def announce_due(self) -> None:
        """Nudges the workers; the rows stay the truth, so a lost nudge is only sent again."""
        now = self.clock.now()
        with self.db() as session:
            due = engine.announce_due(
                session, now, until=now + NUDGE_LIFE, limit=self.own.settings.sweep_batch
            )
        for upgrade_id in due:
            self.kit.bus.post(STEPS, {"upgrade_id": str(upgrade_id)})

    def _campaign(self, session: Session, scope: Scope, campaign_id: UUID) -> Campaign:
        campaign = campaigns.campaign(session, scope, campaign_id)
        if campaign is None:
            raise CampaignNotFound("There is no such campaign in this organization.")
        return campaign

    def _upgrades(
        self, session: Session, campaign: Campaign, devices: Sequence[Device]
    ) -> list[dict[str, Any]]:
        known = catalogue.releases(session, {device.model for device in devices})
        versions = map(Version.parse, {device.version for device in devices})
        require_known(campaign.target, versions, chain.from_iterable(known.values()))
        busy = campaigns.upgrading(session, campaign.organization_id)
        plans = _Plans(known, campaign.target)
        chosen = [
            Plan(None, Objection.ALREADY_UPGRADING) if device.id in busy else plans.of(device)
            for device in devices
        ]
        sizes = campaigns.image_sizes(
            session, {one.release.image_id for one in chosen if one.release is not None}
        )
        return [
            _row(campaign, device, one, sizes) for device, one in zip(devices, chosen, strict=True)
        ]


class _Plans:
    """Devices of one model and version share a plan."""

    def __init__(self, known: dict[str, list[Release]], target: str) -> None:
        self._known = known
        self._target = target
        self._made: dict[tuple[str, str, str], Plan] = {}

    def of(self, device: Device) -> Plan:
        key = (device.model, device.hardware_id, device.version)
        if key not in self._made:
            releases = self._known.get(device.model, [])
            current = Version.parse(device.version)
            self._made[key] = plan(device.kind, current, releases, self._target)
        return self._made[key]


def _row(
    campaign: Campaign, device: Device, chosen: Plan, sizes: dict[UUID, int]
) -> dict[str, Any]:
    release, now = chosen.release, campaign.created_at
    state = State.SKIPPED if release is None else State.SCHEDULED
    return {
        "id": uuid4(),
        "organization_id": campaign.organization_id,
        "campaign_id": campaign.id,
        "device_id": device.id,
        "image_id": release.image_id if release else None,
        "state": state.value,
        "reason": chosen.objection.value if chosen.objection else None,
        "from_version": device.version,
        "to_version": release.version.text if release else None,
        "attempt": 0,
        "tries": 0,
        "was_down": False,
        "is_accepted": False,
        "bytes_sent": 0,
        "bytes_total": sizes[release.image_id] if release else 0,
        "since": now,
        "due_at": now if release else None,
        "created_at": now,
        "finished_at": None if release else now,
    }


def _campaign_view(campaign: Campaign, states: dict[str, int]) -> dict[str, Any]:
    is_ongoing = any(State(state).is_active for state in states)
    names = ("id", "organization_id", "model", "target", "created_by", "created_at")
    return {
        **{name: getattr(campaign, name) for name in names},
        "status": "ongoing" if is_ongoing else "completed",
        "total": sum(states.values()),
        "states": states,
    }


def _upgrade_page(rows: Sequence[tuple[UpgradeRow, Device]], limit: int) -> dict[str, Any]:
    found = page(rows, limit=limit, key=lambda row: (row[0].created_at, row[0].id))
    return {
        "items": [_upgrade_view(row, device) for row, device in found.items],
        "next_cursor": found.next_cursor,
    }


def _upgrade_view(row: UpgradeRow, device: Device) -> dict[str, Any]:
    of_device = {
        "device_name": device.name,
        "serial": device.serial,
        "model": device.model,
        "folder_id": device.folder_id,
    }
    names: Iterable[str] = UpgradeView().fields.keys() - of_device.keys()
    return {**{name: getattr(row, name) for name in names}, **of_device}
