"""Worker: carries upgrades out, one short step per nudge; killed at any moment it loses nothing."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from chassis.db import DATABASE_AWAY
from chassis.service import Kit, Service
from chassis.work import works
from contracts.devices import DeviceUpgraded
from services.devices.domain.cancelling import WORDS, called_off, is_cancellable
from services.devices.domain.device import (
    Address,
    Credentials,
    DeviceState,
    Reachability,
    sealed_for,
)
from services.devices.domain.moves import is_healthy
from services.devices.domain.observation import (
    Accepted,
    AnswerLost,
    Confirmed,
    Looked,
    Observation,
    Troubled,
)
from services.devices.domain.recommendation import Model, Release, objection
from services.devices.domain.transitions import after, claimed
from services.devices.domain.trouble import Cause
from services.devices.domain.upgrade import Instant, State, Transition, Upgrade
from services.devices.equipment import STEPS, Equipment, equipment
from services.devices.models import Device, UpgradeLog, UpgradeRow
from services.devices.queries import engine
from services.devices.vapix import errors, firmwaremanagement
from services.devices.vapix.look import look
from services.devices.vapix.session import Session as CameraSession

_PROGRESS_SECONDS = 1.0
_NUDGE_LIFE = timedelta(seconds=30)

_log = logging.getLogger(__name__)


class LeaseLost(Exception):
    """Another worker holds the upgrade now; this step has nothing to say any more."""


@dataclass(frozen=True)
class Step:
    """An upgrade that this worker holds under ``owner`` until its lease runs out."""

    id: UUID
    owner: UUID
    upgrade: Upgrade
    serial: str
    kind: Model
    address: Address
    credentials: Credentials = field(repr=False)
    release: Release
    sha256: str
    size: int


class DevicesWorker(Service):
    name: ClassVar[str] = "devices_worker"
    database: ClassVar[str] = "devices"
    relays: ClassVar[bool] = False

    own: Equipment

    @classmethod
    def open(cls, kit: Kit) -> Equipment:
        return equipment(kit)

    @works(STEPS)
    def step(self, nudge: dict[str, Any]) -> None:
        """Claim, do one thing at the camera, write down what was seen."""
        claim = self._claim(UUID(nudge["upgrade_id"]))
        if claim is None:
            return
        try:
            seen = self._observe(claim)
        except LeaseLost:
            _log.warning("upgrade %s was taken over", claim.id)
            return
        self._record(claim, seen)

    def _claim(self, upgrade_id: UUID) -> Step | None:
        now, owner = self.clock.now(), uuid4()
        with self.db() as session:
            found = engine.claim(session, upgrade_id, owner, now=now, lease=self.own.settings.lease)
            if found is None:
                return None
            row, device = found.row, found.device
            reason = called_off(
                is_managed=device.state == DeviceState.MANAGED, is_archived=found.is_archived
            )
            if reason and is_cancellable(State(row.state), is_held=found.is_orphaned):
                session.flush()
                engine.cancel(session, [row.id], reason, WORDS[reason], now)
                return None
            before = row.value
            row.value = claimed(before, now, is_orphaned=found.is_orphaned)
            row.started_at = row.started_at or now
            if row.value.state is not before.state:
                says = "A worker was lost in the middle of the upload." if found.is_orphaned else ""
                _write(session, row, now, says)
            elif row.value.attempt != before.attempt:
                row.bytes_sent = 0
                _write(session, row, now, f"Upload {row.attempt} begins.")
            password = self.kit.box.open(device.sealed_password or "", sealed_for(device.id))
            return Step(
                id=row.id,
                owner=owner,
                upgrade=row.value,
                serial=device.serial,
                kind=device.kind,
                address=device.address,
                credentials=Credentials(device.user, password),
                release=found.release,
                sha256=found.image.sha256,
                size=found.image.size,
            )

    def _observe(self, step: Step) -> Observation:
        """One thing for each state; whatever goes wrong is an observation too."""
        try:
            with CameraSession(
                step.address, step.serial, step.credentials, self.own.reach
            ) as camera:
                match step.upgrade.state:
                    case State.UPLOADING:
                        return self._upload(step, camera)
                    case State.REBOOTING:
                        return self._watch(step, camera)
                    case State.VERIFYING:
                        return self._verify(step, camera)
                    case _:
                        return self._look(step, camera)
        except errors.AnswerLost:
            return AnswerLost()
        except errors.CameraTrouble as trouble:
            return Troubled(trouble.cause, trouble.words)

    def _look(self, step: Step, camera: CameraSession) -> Looked:
        seen = look(camera)
        if seen.version is None:
            return seen
        stands_against = objection(step.kind, seen.version, step.release)
        return Looked(
            is_ready=seen.is_ready,
            version=seen.version,
            boot_id=seen.boot_id,
            uptime=seen.uptime,
            is_committed=seen.is_committed,
            objection=stands_against,
        )

    def _upload(self, step: Step, camera: CameraSession) -> Accepted:
        try:
            image = self.own.store.open(step.sha256)
        except OSError:
            raise errors.ImageUnavailable("The image store cannot be read.") from None
        with image, self._held(step) as lease:
            firmwaremanagement.upgrade(
                camera,
                image,
                step.size,
                rollback_minutes=self.own.settings.rollback_minutes,
                sent=lease.sent,
            )
        return Accepted()

    def _watch(self, step: Step, camera: CameraSession) -> Looked:
        seen = look(camera)
        is_old = seen.is_ready and not seen.is_new_boot(step.upgrade)
        if is_old and not step.upgrade.is_accepted and not seen.is_on_trial:
            # On a camera without a trial a commit changes nothing, and one that is still
            # receiving or about to restart says that it is busy.
            firmwaremanagement.commit(camera)
        return seen

    def _verify(self, step: Step, camera: CameraSession) -> Looked | Confirmed:
        seen = look(camera)
        if not is_healthy(step.upgrade, seen, self._instant()):
            return seen
        firmwaremanagement.commit(camera)
        return Confirmed()

    def _record(self, step: Step, seen: Observation) -> None:
        with self.db() as session:
            row = engine.held(session, step.id, step.owner)
            if row is None:
                _log.warning("upgrade %s was taken over", step.id)
                return
            instant = self._instant()
            now = instant.now
            transition = after(row.value, seen, instant)
            is_news = transition.upgrade.state is not row.value.state or bool(transition.says)
            row.value = transition.upgrade
            row.lease_owner = row.lease_until = None
            row.due_at = transition.due_at
            is_due = transition.due_at is not None and transition.due_at <= now
            row.announced_until = now + _NUDGE_LIFE if is_due else None
            if isinstance(seen, Accepted | AnswerLost):
                row.bytes_sent = row.bytes_total
            if is_news:
                _write(session, row, now, transition.says)
            self._tell_device(session, row, seen, transition)
        if is_due:
            self.kit.bus.post(STEPS, {"upgrade_id": str(step.id)})

    def _tell_device(
        self, session: Session, row: UpgradeRow, seen: Observation, transition: Transition
    ) -> None:
        """What the step taught about the device; its row is touched only when that is news."""
        now = self.clock.now()
        state = transition.upgrade.state
        if state.is_active and not isinstance(seen, Looked | Troubled):
            return
        device = session.get_one(Device, row.device_id)
        reachability = _reachability(seen)
        if reachability is not None and device.reachability != reachability.value:
            device.reachability = reachability.value
        version = seen.version if isinstance(seen, Looked) else None
        if version is not None and version.text != device.version:
            device.runs(version)
        if state.is_active:
            return
        row.finished_at = now
        if not isinstance(seen, Troubled):
            device.last_seen_at = now
        if state is State.SUCCEEDED:
            device.runs(transition.upgrade.to_version)
            self.announce(
                session,
                DeviceUpgraded(
                    device.id,
                    device.organization_id,
                    row.from_version,
                    transition.upgrade.to_version.text,
                    row.campaign_id,
                ),
            )

    def _instant(self) -> Instant:
        return Instant(self.clock.now(), self.own.settings.pace, secrets.randbelow(1000) / 1000)

    @contextmanager
    def _held(self, step: Step) -> Iterator[_Lease]:
        """Keeps the lease alive while an upload lasts, whatever the camera takes its time for."""
        lease = _Lease(self, step)
        keeping = threading.Thread(target=lease.keep, name=f"lease-{step.id}", daemon=True)
        keeping.start()
        try:
            yield lease
        finally:
            lease.ended.set()
            keeping.join()


class _Lease:
    def __init__(self, worker: DevicesWorker, step: Step) -> None:
        self.ended = threading.Event()
        self._worker = worker
        self._step = step
        self._bytes = 0
        self._is_lost = False

    def sent(self, size: int) -> None:
        """:raises LeaseLost: the upload must stop, for somebody else looks after the camera."""
        self._bytes = size
        if self._is_lost:
            raise LeaseLost

    def keep(self) -> None:
        written = 0
        life = self._worker.own.settings.lease
        turns, every = 0, max(int(life.total_seconds() / 3 / _PROGRESS_SECONDS), 1)
        while not self.ended.wait(_PROGRESS_SECONDS):
            turns += 1
            if self._bytes == written and turns % every:
                continue
            written = self._bytes
            try:
                self._extend(life, written)
            except DATABASE_AWAY:
                # The database is away: nobody else can take the lease either.
                _log.warning("the lease of upgrade %s was not extended", self._step.id)

    def _extend(self, life: timedelta, written: int) -> None:
        worker, step = self._worker, self._step
        with worker.db() as session:
            self._is_lost = not engine.extend_lease(
                session,
                step.id,
                step.owner,
                until=worker.clock.now() + life,
                bytes_sent=written,
            )


def _write(session: Session, row: UpgradeRow, now: Any, says: str) -> None:
    session.add(UpgradeLog(upgrade_id=row.id, at=now, state=row.state, text=says[:500]))


_SIGNS = {
    Cause.UNREACHABLE: Reachability.OFFLINE,
    Cause.NO_ANSWER: Reachability.OFFLINE,
    Cause.CREDENTIALS_REFUSED: Reachability.CREDENTIALS_REFUSED,
    Cause.CERTIFICATE_CHANGED: Reachability.CERTIFICATE_CHANGED,
    Cause.WRONG_SERIAL: Reachability.WRONG_SERIAL,
}


def _reachability(seen: Observation) -> Reachability | None:
    if isinstance(seen, Troubled):
        return _SIGNS.get(seen.cause)
    return Reachability.ONLINE
