"""Tables of the devices service."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    Uuid,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from chassis.columns import Moment
from chassis.tables import Serial
from services.devices.domain.device import Address, Identity, Scheme, Trust
from services.devices.domain.recommendation import Model, Objection
from services.devices.domain.trouble import Cause
from services.devices.domain.upgrade import Outcome, Reason, State, Upgrade
from services.devices.domain.version import Version, track_of

ACTIVE_STATES = "'scheduled', 'waiting', 'preflight', 'uploading', 'rebooting', 'verifying'"
_ENDED_STATES = "'succeeded', 'failed', 'rolled_back', 'cancelled', 'skipped'"


class Base(DeclarativeBase):
    pass


_MANAGED = text("state = 'managed'")
_OF_DELETION = text("deletion_id IS NOT NULL")


class OrganizationRow(Base):
    """What devices heard of an organization; the lock between its commands and such news.

    Commands that add or move something share it, what is heard of deletions and archiving takes it
    alone: so nothing slips into a folder while it goes. ``epoch`` is that of the last news on
    archiving; ``revision`` counts what was announced of deletions, and orders it.
    """

    __tablename__ = "organization"

    organization_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    is_archived: Mapped[bool] = mapped_column(Boolean, default=False)
    epoch: Mapped[int] = mapped_column(BigInteger, default=0)
    revision: Mapped[int] = mapped_column(BigInteger, default=0)


class Deletion(Base):
    """A deletion of folders; once forgotten, what belongs to it is removed for good."""

    __tablename__ = "deletion"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(Uuid)
    is_forgotten: Mapped[bool] = mapped_column(Boolean, default=False)


class DeletedFolder(Base):
    """A folder that went with a deletion; ``is_restored`` also where that was heard first.

    Kept for good: what was done to devices in it is not shown again when the deletion is forgotten.
    """

    __tablename__ = "deleted_folder"
    __table_args__ = (Index("deleted_folder_by_folder", "folder_id"),)

    deletion_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    folder_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    is_restored: Mapped[bool] = mapped_column(Boolean, default=False)


class Device(Base):
    """``version_key`` sorts as the version does.

    A device that was removed is so for good, and its sealed password is gone. One that went with
    its folder keeps it, and ``deletion_id``, for as long as it can come back.
    """

    __tablename__ = "device"
    __table_args__ = (
        CheckConstraint("scheme IN ('http', 'https')", name="device_scheme"),
        CheckConstraint("state IN ('managed', 'removed')", name="device_state"),
        Index(
            "device_one_per_serial",
            "serial",
            unique=True,
            postgresql_where=_MANAGED,
            sqlite_where=_MANAGED,
        ),
        Index(
            "device_by_folder",
            "folder_id",
            "name",
            "id",
            postgresql_where=_MANAGED,
            sqlite_where=_MANAGED,
        ),
        Index(
            "device_of_deletion",
            "deletion_id",
            "folder_id",
            postgresql_where=_OF_DELETION,
            sqlite_where=_OF_DELETION,
        ),
        Index("device_by_name", "organization_id", "state", "name", "id"),
        Index("device_by_model", "organization_id", "state", "model", "version"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(Uuid)
    folder_id: Mapped[UUID] = mapped_column(Uuid)
    serial: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(120))
    host: Mapped[str] = mapped_column(String(253))
    port: Mapped[int] = mapped_column(Integer)
    scheme: Mapped[str] = mapped_column(String(5))
    trust: Mapped[str] = mapped_column(String(10))
    fingerprint: Mapped[str | None] = mapped_column(String(64))
    user: Mapped[str] = mapped_column("user_name", String(64))
    sealed_password: Mapped[str | None] = mapped_column(Text)
    model: Mapped[str] = mapped_column(String(60))
    full_name: Mapped[str] = mapped_column(String(120))
    variant: Mapped[str] = mapped_column(String(60))
    soc: Mapped[str] = mapped_column(String(60))
    hardware_id: Mapped[str] = mapped_column(String(60))
    version: Mapped[str] = mapped_column(String(24))
    version_key: Mapped[str] = mapped_column(String(24))
    track: Mapped[str] = mapped_column(String(40))
    reachability: Mapped[str] = mapped_column(String(24))
    last_seen_at: Mapped[datetime] = mapped_column(Moment)
    state: Mapped[str] = mapped_column(String(10))
    added_at: Mapped[datetime] = mapped_column(Moment)
    removed_at: Mapped[datetime | None] = mapped_column(Moment)
    deletion_id: Mapped[UUID | None] = mapped_column(Uuid)

    def __repr__(self) -> str:
        return f"Device({self.id}, {self.serial})"

    @property
    def address(self) -> Address:
        return Address(
            self.host, self.port, Scheme(self.scheme), Trust(self.trust), self.fingerprint
        )

    @property
    def kind(self) -> Model:
        return Model(self.model, self.hardware_id)

    def runs(self, version: Version) -> None:
        self.version = version.text
        self.version_key = version.sort_key
        self.track = track_of(version)


def described(identity: Identity) -> dict[str, str]:
    """What a camera says of itself, by column."""
    return {
        "model": identity.product,
        "full_name": identity.full_name,
        "variant": identity.variant,
        "soc": identity.soc,
        "hardware_id": identity.hardware_id,
        "version": identity.version.text,
        "version_key": identity.version.sort_key,
        "track": track_of(identity.version),
    }


class ConnectedSystem(Base):
    """A camera station or body worn system; it goes and comes back with its folder (FLD-4)."""

    __tablename__ = "connected_system"
    __table_args__ = (
        CheckConstraint("kind IN ('camera_station', 'body_worn')", name="connected_system_kind"),
        CheckConstraint("state IN ('managed', 'removed')", name="connected_system_state"),
        Index(
            "connected_system_by_name",
            "organization_id",
            "name",
            "id",
            postgresql_where=_MANAGED,
            sqlite_where=_MANAGED,
        ),
        Index(
            "connected_system_by_folder",
            "folder_id",
            "name",
            "id",
            postgresql_where=_MANAGED,
            sqlite_where=_MANAGED,
        ),
        Index(
            "connected_system_of_deletion",
            "deletion_id",
            "folder_id",
            postgresql_where=_OF_DELETION,
            sqlite_where=_OF_DELETION,
        ),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(Uuid)
    folder_id: Mapped[UUID] = mapped_column(Uuid)
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(120))
    address: Mapped[str] = mapped_column(String(260))
    state: Mapped[str] = mapped_column(String(10))
    reported_at: Mapped[datetime | None] = mapped_column(Moment)
    added_at: Mapped[datetime] = mapped_column(Moment)
    removed_at: Mapped[datetime | None] = mapped_column(Moment)
    deletion_id: Mapped[UUID | None] = mapped_column(Uuid)


class FirmwareUpload(Base):
    """An image on its way into the store; the row goes when it has arrived or failed."""

    __tablename__ = "firmware_upload"
    __table_args__ = (Index("firmware_upload_age", "begun_at"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    file_name: Mapped[str] = mapped_column(String(200))
    product: Mapped[str | None] = mapped_column(String(60))
    version: Mapped[str | None] = mapped_column(String(24))
    track: Mapped[str | None] = mapped_column(String(40))
    begun_by: Mapped[UUID] = mapped_column(Uuid)
    begun_at: Mapped[datetime] = mapped_column(Moment)


class FirmwareImage(Base):
    """One file of the store; immutable but for its revocation."""

    __tablename__ = "firmware_image"
    __table_args__ = (Index("firmware_image_by_age", "uploaded_at", "id"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    size: Mapped[int] = mapped_column(BigInteger)
    file_name: Mapped[str] = mapped_column(String(200))
    version: Mapped[str] = mapped_column(String(24))
    track: Mapped[str] = mapped_column(String(40))
    is_preview: Mapped[bool] = mapped_column(Boolean)
    upgradeable_from: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)
    uploaded_by: Mapped[UUID] = mapped_column(Uuid)
    uploaded_at: Mapped[datetime] = mapped_column(Moment)


class FirmwareProduct(Base):
    """A product that an image is for: one image of a version for each."""

    __tablename__ = "firmware_product"

    product: Mapped[str] = mapped_column(String(60), primary_key=True)
    hardware_id: Mapped[str] = mapped_column(String(60), primary_key=True)
    version: Mapped[str] = mapped_column(String(24), primary_key=True)
    image_id: Mapped[UUID] = mapped_column(ForeignKey("firmware_image.id"), index=True)


class Campaign(Base):
    __tablename__ = "campaign"
    __table_args__ = (Index("campaign_by_age", "organization_id", "created_at", "id"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(Uuid)
    model: Mapped[str | None] = mapped_column(String(60))
    target: Mapped[str] = mapped_column(String(24))
    total: Mapped[int] = mapped_column(Integer)
    created_by: Mapped[UUID] = mapped_column(Uuid)
    created_at: Mapped[datetime] = mapped_column(Moment)


class UpgradeRow(Base):
    """One device in a campaign: the truth about it, whatever messages say.

    A step holds the row by ``lease_owner`` until ``lease_until``; an owner whose lease ran out was
    lost. ``announced_until`` keeps the sweep from nudging twice while a nudge waits in the queue.
    """

    __tablename__ = "upgrade"
    __table_args__ = (
        CheckConstraint(f"state IN ({ACTIVE_STATES}, {_ENDED_STATES})", name="upgrade_state"),
        Index(
            "upgrade_one_per_device",
            "device_id",
            unique=True,
            postgresql_where=text(f"state IN ({ACTIVE_STATES})"),
            sqlite_where=text(f"state IN ({ACTIVE_STATES})"),
        ),
        Index(
            "upgrade_due",
            "due_at",
            postgresql_where=text("due_at IS NOT NULL"),
            sqlite_where=text("due_at IS NOT NULL"),
        ),
        Index("upgrade_by_campaign", "campaign_id", "state"),
        Index("upgrade_by_age", "organization_id", "created_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(Uuid)
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    device_id: Mapped[UUID] = mapped_column(ForeignKey("device.id"))
    image_id: Mapped[UUID | None] = mapped_column(ForeignKey("firmware_image.id"))
    state: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str | None] = mapped_column(String(40))
    from_version: Mapped[str] = mapped_column(String(24))
    to_version: Mapped[str | None] = mapped_column(String(24))
    attempt: Mapped[int] = mapped_column(Integer)
    tries: Mapped[int] = mapped_column(Integer)
    boot_id: Mapped[str | None] = mapped_column(String(64))
    uptime: Mapped[int | None] = mapped_column(BigInteger)
    was_down: Mapped[bool] = mapped_column(Boolean)
    is_accepted: Mapped[bool] = mapped_column(Boolean)
    bytes_sent: Mapped[int] = mapped_column(BigInteger)
    bytes_total: Mapped[int] = mapped_column(BigInteger)
    since: Mapped[datetime] = mapped_column(Moment)
    due_at: Mapped[datetime | None] = mapped_column(Moment)
    lease_owner: Mapped[UUID | None] = mapped_column(Uuid)
    lease_until: Mapped[datetime | None] = mapped_column(Moment)
    announced_until: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)
    started_at: Mapped[datetime | None] = mapped_column(Moment)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)

    @property
    def value(self) -> Upgrade:
        assert self.to_version is not None, "a skipped upgrade is never worked on"
        return Upgrade(
            state=State(self.state),
            to_version=Version.parse(self.to_version),
            from_version=Version.parse(self.from_version),
            created_at=self.created_at,
            since=self.since,
            attempt=self.attempt,
            tries=self.tries,
            boot_id=self.boot_id,
            uptime=self.uptime,
            was_down=self.was_down,
            is_accepted=self.is_accepted,
            reason=_reason(self.reason),
        )

    @value.setter
    def value(self, upgrade: Upgrade) -> None:
        self.state = upgrade.state.value
        self.from_version = upgrade.from_version.text
        self.since = upgrade.since
        self.attempt = upgrade.attempt
        self.tries = upgrade.tries
        self.boot_id = upgrade.boot_id
        self.uptime = upgrade.uptime
        self.was_down = upgrade.was_down
        self.is_accepted = upgrade.is_accepted
        self.reason = upgrade.reason.value if upgrade.reason is not None else None


def _reason(text_: str | None) -> Reason | None:
    if text_ is None:
        return None
    kinds: tuple[type[Reason], ...] = (Cause, Outcome, Objection)
    return next(kind(text_) for kind in kinds if text_ in list(kind))


class UpgradeLog(Base):
    __tablename__ = "upgrade_log"
    __table_args__ = (Index("upgrade_log_of", "upgrade_id", "seq"),)

    seq: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=True)
    upgrade_id: Mapped[UUID] = mapped_column(ForeignKey("upgrade.id"))
    at: Mapped[datetime] = mapped_column(Moment)
    state: Mapped[str] = mapped_column(String(12))
    text: Mapped[str] = mapped_column(String(500))


class Audit(Base):
    """Written once and never changed; the database refuses both changing and deleting."""

    __tablename__ = "audit"
    __table_args__ = (Index("audit_by_age", "organization_id", "at", "id"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    account_id: Mapped[UUID | None] = mapped_column(Uuid)
    session_id: Mapped[UUID | None] = mapped_column(Uuid)
    acting_as: Mapped[str | None] = mapped_column(String(40))
    organization_id: Mapped[UUID | None] = mapped_column(Uuid)
    action: Mapped[str] = mapped_column(String(60))
    object_type: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[UUID] = mapped_column(Uuid)
    result: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(60))
    ip: Mapped[str | None] = mapped_column(String(64))
    user_agent: Mapped[str | None] = mapped_column(String(300))
    request_id: Mapped[str] = mapped_column(String(64))
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
