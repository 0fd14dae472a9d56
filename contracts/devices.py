"""What devices is asked, what it answers, and what it announces."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from marshmallow import Schema, fields, validate

from contracts.events import Event
from contracts.paging import PageQuery

_TEXT = re.compile(r"[^\x00-\x1f\x7f]*\Z")
_VERSION = r"[0-9]{1,5}(\.[0-9]{1,5}){2,3}\Z"
_HOST = r"[A-Za-z0-9]([A-Za-z0-9.:_-]{0,251}[A-Za-z0-9:])?\Z|::[A-Fa-f0-9:.]*\Z"

STATES = (
    "scheduled",
    "waiting",
    "preflight",
    "uploading",
    "rebooting",
    "verifying",
    "succeeded",
    "failed",
    "rolled_back",
    "cancelled",
    "skipped",
)


def _version() -> validate.Regexp:
    return validate.Regexp(_VERSION, error="A version such as 11.11.192.")


def plain_text(most: int, least: int = 1) -> list[validate.Validator]:
    return [
        validate.Length(min=least, max=most),
        validate.Regexp(_TEXT, error="Control characters are not allowed."),
    ]


# Events


@dataclass(frozen=True)
class DeviceAdded(Event):
    source: ClassVar[str] = "devices"
    name: ClassVar[str] = "device_added"

    device_id: UUID
    organization_id: UUID
    folder_id: UUID
    model: str
    serial: str


@dataclass(frozen=True)
class DeviceRemoved(Event):
    """For good: nothing brings it back."""

    source: ClassVar[str] = "devices"
    name: ClassVar[str] = "device_removed"

    device_id: UUID
    organization_id: UUID


@dataclass(frozen=True)
class DevicesDeleted(Event):
    """Devices went with their folders, in parts of at most 500; they may come back."""

    source: ClassVar[str] = "devices"
    name: ClassVar[str] = "devices_deleted"

    organization_id: UUID
    device_ids: tuple[UUID, ...]
    revision: int


@dataclass(frozen=True)
class FoldersEmptied(Event):
    """What was in so many more folders of a deletion is gone, if anything was."""

    source: ClassVar[str] = "devices"
    name: ClassVar[str] = "folders_emptied"

    organization_id: UUID
    deletion_id: UUID
    folders: int


@dataclass(frozen=True)
class DevicesRestored(Event):
    """Devices came back with their folders; ``revision`` says what was heard last of each."""

    source: ClassVar[str] = "devices"
    name: ClassVar[str] = "devices_restored"

    organization_id: UUID
    device_ids: tuple[UUID, ...]
    revision: int


@dataclass(frozen=True)
class DeviceUpgraded(Event):
    source: ClassVar[str] = "devices"
    name: ClassVar[str] = "device_upgraded"

    device_id: UUID
    organization_id: UUID
    from_version: str
    to_version: str
    campaign_id: UUID


# What organizations asks


class CountContent(Schema):
    organization_id = fields.UUID(required=True)
    folder_ids = fields.List(fields.UUID(), required=True)


class ContentCount(Schema):
    devices = fields.Integer(required=True)
    systems = fields.Integer(required=True)


# Inventory


class AddDevice(Schema):
    organization_id = fields.UUID(required=True)
    folder_id = fields.UUID(required=True)
    name = fields.String(required=True, validate=plain_text(120))
    serial = fields.String(
        required=True,
        validate=validate.Regexp(
            r"[0-9A-Fa-f]{12}\Z", error="A serial number is 12 hexadecimal digits."
        ),
        metadata={"description": "Checked against the camera before any password is sent."},
    )
    host = fields.String(
        required=True,
        validate=validate.Regexp(_HOST, error="A host name or an IP address."),
        metadata={"description": "Name or IP address, in a network that cameras may be in."},
    )
    port = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(min=1, max=65535),
        metadata={"description": "443 for HTTPS and 80 for HTTP unless given."},
    )
    scheme = fields.String(
        load_default="https",
        validate=validate.OneOf(("https", "http")),
        metadata={"description": "Plain HTTP is used only where it is chosen here."},
    )
    trust = fields.String(
        load_default="pin",
        validate=validate.OneOf(("pin", "ca")),
        metadata={
            "description": "`pin`: the certificate seen now is the only one accepted from now on; "
            "`ca`: verified against this installation's bundle."
        },
    )
    user = fields.String(required=True, validate=plain_text(64))
    password = fields.String(required=True, load_only=True, validate=plain_text(64))
    idempotency_key = fields.String(required=True, validate=validate.Length(min=8, max=128))


class DeviceView(Schema):
    id = fields.UUID(required=True)
    organization_id = fields.UUID(required=True)
    folder_id = fields.UUID(required=True)
    name = fields.String(required=True)
    serial = fields.String(required=True)
    host = fields.String(required=True)
    port = fields.Integer(required=True)
    scheme = fields.String(required=True)
    trust = fields.String(required=True)
    fingerprint = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "SHA-256 of the pinned certificate."},
    )
    model = fields.String(required=True)
    full_name = fields.String(required=True)
    variant = fields.String(required=True)
    soc = fields.String(required=True)
    hardware_id = fields.String(required=True)
    version = fields.String(required=True)
    track = fields.String(required=True)
    recommended_version = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "null: none is newer than what the device runs."},
    )
    reachability = fields.String(required=True)
    last_seen_at = fields.AwareDateTime(required=True, format="iso")
    state = fields.String(required=True)
    added_at = fields.AwareDateTime(required=True, format="iso")


class DevicePage(Schema):
    items = fields.List(fields.Nested(DeviceView), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class ListDevices(PageQuery):
    organization_id = fields.UUID(required=True)
    folder_id = fields.UUID(load_default=None, allow_none=True)
    model = fields.String(load_default=None, allow_none=True, validate=plain_text(60))
    version = fields.String(load_default=None, allow_none=True, validate=_version())
    text = fields.String(
        load_default=None,
        allow_none=True,
        validate=plain_text(120),
        metadata={"description": "Part of the name, serial number, host or model."},
    )


class DeviceOne(Schema):
    organization_id = fields.UUID(required=True)
    device_id = fields.UUID(required=True)


class MoveDevice(DeviceOne):
    folder_id = fields.UUID(required=True)


class MoveItems(Schema):
    organization_id = fields.UUID(required=True)
    folder_id = fields.UUID(required=True)


class MoveDevices(MoveItems):
    device_ids = fields.List(fields.UUID(), required=True, validate=validate.Length(min=1, max=200))


class MoveResult(StrEnum):
    MOVED = "moved"
    ALREADY_THERE = "already_there"
    NOT_FOUND = "not_found"


class MovedItem(Schema):
    id = fields.UUID(required=True)
    result = fields.Enum(MoveResult, by_value=True, required=True)


class MoveReport(Schema):
    """One answer for each id, in the order they came in; an id that came twice is answered once."""

    items = fields.List(fields.Nested(MovedItem), required=True)


class ListDeviceModels(Schema):
    organization_id = fields.UUID(required=True)


class DeviceModelView(Schema):
    model = fields.String(required=True)
    version = fields.String(required=True)
    count = fields.Integer(required=True)
    recommended_version = fields.String(required=True, allow_none=True)
    upgrade_recommended = fields.Boolean(required=True)


class DeviceModelList(Schema):
    items = fields.List(fields.Nested(DeviceModelView), required=True)


# Catalogue


class UploadFirmwareImage(Schema):
    """The query of an upload, whose body is the image."""

    sha256 = fields.String(
        required=True,
        validate=validate.Regexp(r"[0-9a-fA-F]{64}\Z", error="64 hexadecimal digits."),
        metadata={"description": "Of the image, in hex; what arrives is compared with it."},
    )
    file_name = fields.String(
        required=True,
        validate=validate.Regexp(
            r"[A-Za-z0-9][\w .()+-]{0,199}\Z",
            error="A name of at most 200 letters, digits, blanks and _ . ( ) + - without a path.",
        ),
    )
    product = fields.String(
        load_default=None,
        allow_none=True,
        validate=plain_text(60),
        metadata={"description": "Needed only where the image does not say it."},
    )
    version = fields.String(
        load_default=None,
        allow_none=True,
        validate=_version(),
        metadata={"description": "Needed only where the image does not say it."},
    )
    track = fields.String(load_default=None, allow_none=True, validate=plain_text(40))


class BeginFirmwareUpload(UploadFirmwareImage):
    size = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.Range(min=1)
    )


class FirmwareUploadView(Schema):
    """Where the gateway writes the image; absent when the catalogue holds it already."""

    upload_id = fields.UUID(required=True)
    url = fields.String(required=True)
    largest_bytes = fields.Integer(required=True)


class FinishFirmwareUpload(Schema):
    upload_id = fields.UUID(required=True)
    sha256 = fields.String(required=True, validate=validate.Regexp(r"[0-9a-f]{64}\Z"))
    size = fields.Integer(required=True, strict=True, validate=validate.Range(min=0))


class CancelFirmwareUpload(Schema):
    upload_id = fields.UUID(required=True)


class FirmwareProductView(Schema):
    product = fields.String(required=True)
    hardware_id = fields.String(required=True)


class FirmwareImageView(Schema):
    id = fields.UUID(required=True)
    version = fields.String(required=True)
    track = fields.String(required=True)
    products = fields.List(fields.Nested(FirmwareProductView), required=True)
    upgradeable_from = fields.List(fields.String(), required=True, allow_none=True)
    sha256 = fields.String(required=True)
    size = fields.Integer(required=True)
    file_name = fields.String(required=True)
    revoked = fields.Boolean(required=True)
    uploaded_at = fields.AwareDateTime(required=True, format="iso")


class FirmwareImagePage(Schema):
    items = fields.List(fields.Nested(FirmwareImageView), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class ListFirmwareImages(PageQuery):
    pass


# Campaigns


class StartCampaign(Schema):
    organization_id = fields.UUID(required=True)
    device_ids = fields.List(
        fields.UUID(),
        load_default=None,
        allow_none=True,
        validate=validate.Length(min=1, max=10_000),
        metadata={"description": "Either these devices,"},
    )
    model = fields.String(
        load_default=None,
        allow_none=True,
        validate=plain_text(60),
        metadata={"description": "or every device of this model that the caller may upgrade."},
    )
    target = fields.String(
        load_default="recommended",
        validate=validate.Regexp(
            rf"recommended\Z|{_VERSION}", error="`recommended`, or a version such as 11.11.192."
        ),
        metadata={"description": "`recommended`, or a version of the catalogue."},
    )
    idempotency_key = fields.String(required=True, validate=validate.Length(min=8, max=128))


class CampaignView(Schema):
    id = fields.UUID(required=True)
    organization_id = fields.UUID(required=True)
    model = fields.String(required=True, allow_none=True)
    target = fields.String(required=True)
    status = fields.String(required=True, validate=validate.OneOf(("ongoing", "completed")))
    total = fields.Integer(required=True)
    states = fields.Dict(
        keys=fields.String(validate=validate.OneOf(STATES)),
        values=fields.Integer(),
        required=True,
        metadata={"description": "How many of its upgrades are in each state."},
    )
    created_by = fields.UUID(required=True)
    created_at = fields.AwareDateTime(required=True, format="iso")


class CampaignPage(Schema):
    items = fields.List(fields.Nested(CampaignView), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class ListCampaigns(PageQuery):
    organization_id = fields.UUID(required=True)


class CampaignOne(Schema):
    organization_id = fields.UUID(required=True)
    campaign_id = fields.UUID(required=True)


class UpgradeLogLine(Schema):
    at = fields.AwareDateTime(required=True, format="iso")
    state = fields.String(required=True)
    text = fields.String(required=True)


class UpgradeView(Schema):
    id = fields.UUID(required=True)
    campaign_id = fields.UUID(required=True)
    device_id = fields.UUID(required=True)
    device_name = fields.String(required=True)
    serial = fields.String(required=True)
    model = fields.String(required=True)
    folder_id = fields.UUID(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    reason = fields.String(required=True, allow_none=True)
    from_version = fields.String(required=True)
    to_version = fields.String(required=True, allow_none=True)
    attempt = fields.Integer(
        required=True, metadata={"description": "How many uploads were begun."}
    )
    bytes_sent = fields.Integer(required=True)
    bytes_total = fields.Integer(required=True)
    due_at = fields.AwareDateTime(required=True, format="iso", allow_none=True)
    created_at = fields.AwareDateTime(required=True, format="iso")
    started_at = fields.AwareDateTime(required=True, format="iso", allow_none=True)
    finished_at = fields.AwareDateTime(required=True, format="iso", allow_none=True)


class UpgradeDetail(UpgradeView):
    log = fields.List(fields.Nested(UpgradeLogLine), required=True)


class UpgradePage(Schema):
    items = fields.List(fields.Nested(UpgradeView), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class ListUpgrades(PageQuery):
    organization_id = fields.UUID(required=True)
    status = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.OneOf(("ongoing", "completed")),
        metadata={"description": "Absent: both."},
    )


class ListCampaignUpgrades(PageQuery):
    organization_id = fields.UUID(required=True)
    campaign_id = fields.UUID(required=True)


class UpgradeOne(Schema):
    organization_id = fields.UUID(required=True)
    upgrade_id = fields.UUID(required=True)
