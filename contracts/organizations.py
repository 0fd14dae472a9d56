"""Organizations: where people belong, what is kept of it, and what other services ask."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from marshmallow import Schema, fields, validate

from contracts.access import Permission, Role
from contracts.events import Event
from contracts.fields import TYPED_NAME, Truth, idempotency_key, next_cursor, said
from contracts.paging import PageQuery


class OfOrganization(Schema):
    organization_id = fields.UUID(required=True)


# Organizations


class CreateOrganization(Schema):
    name = fields.String(
        required=True,
        validate=TYPED_NAME,
        metadata=said("1 to 100 characters once normalized and trimmed; need not be unique."),
    )
    idempotency_key = idempotency_key()


class ListOrganizations(PageQuery):
    pass


class OrganizationRequest(OfOrganization):
    pass


class OrganizationView(Schema):
    id = fields.UUID(required=True)
    name = fields.String(required=True)
    notes = fields.String(
        required=True,
        metadata=said("Empty for who has not signed in as strongly as the organization asks."),
    )
    role = fields.Enum(Role, by_value=True, required=True, metadata=said("The caller's own role."))
    default_folder_id = fields.UUID(
        required=True,
        allow_none=True,
        metadata=said(
            "The folder that all others are in; null when the caller may not see it, as for who "
            "has not signed in as strongly as the organization asks."
        ),
    )
    members_need_authenticator = fields.Boolean(
        required=True,
        metadata=said("Whether only those get in who signed in with an authenticator."),
    )
    created_at = fields.AwareDateTime(required=True)


class OrganizationPage(Schema):
    items = fields.List(fields.Nested(OrganizationView), required=True)
    next_cursor = next_cursor()


class UpdateOrganization(OfOrganization):
    name = fields.String(
        validate=TYPED_NAME, metadata=said("As at the creation; absent: stays as it is.")
    )
    notes = fields.String(
        validate=validate.Length(max=4000),
        metadata=said("A description; empty removes it, absent: stays as it is."),
    )


class SetPolicy(OfOrganization):
    members_need_authenticator = Truth(required=True)


class ArchiveOrganization(OfOrganization):
    # Left out, they confirm nothing, which is told like a wrong confirmation (ARC-4).
    confirm_organization_id = fields.String(
        load_default="",
        metadata=said("The organization's id, copied: it cannot be looked up afterwards."),
    )
    understand_risk = Truth(load_default=False, metadata=said("True: the box is ticked."))


# Audit


class AuditResult(StrEnum):
    DONE = "done"
    REFUSED = "refused"


class ExportAuditEntries(OfOrganization):
    action = fields.String(
        load_default=None, allow_none=True, validate=validate.Length(min=1, max=80)
    )
    account_id = fields.UUID(
        load_default=None, allow_none=True, metadata=said("Only what this account did.")
    )
    result = fields.Enum(
        AuditResult,
        by_value=True,
        load_default=None,
        allow_none=True,
        metadata=said("Only what was done, or only what was refused."),
    )
    since = fields.AwareDateTime(
        load_default=None, allow_none=True, metadata=said("Only from this moment on.")
    )
    until = fields.AwareDateTime(
        load_default=None, allow_none=True, metadata=said("Only before this moment.")
    )


class ListAuditEntries(ExportAuditEntries, PageQuery):
    pass


class AuditEntryView(Schema):
    id = fields.UUID(required=True)
    at = fields.AwareDateTime(required=True)
    account_id = fields.UUID(
        required=True,
        allow_none=True,
        metadata=said("Who did it; null: the installation itself."),
    )
    acting_as = fields.String(
        required=True,
        allow_none=True,
        metadata=said("The service or command that did it where no account did."),
    )
    action = fields.String(required=True)
    object_type = fields.String(required=True)
    object_id = fields.UUID(required=True, allow_none=True)
    result = fields.Enum(AuditResult, by_value=True, required=True)
    reason = fields.String(required=True, allow_none=True)
    ip = fields.String(required=True, allow_none=True)
    user_agent = fields.String(required=True, allow_none=True)
    request_id = fields.String(required=True)
    before = fields.Dict(keys=fields.String(), required=True, allow_none=True)
    after = fields.Dict(keys=fields.String(), required=True, allow_none=True)


class AuditPage(Schema):
    items = fields.List(fields.Nested(AuditEntryView), required=True)
    next_cursor = next_cursor()


# What other services ask


class ResolveScope(OfOrganization):
    permission = fields.Enum(Permission, by_value=True, required=True)


class ScopeView(Schema):
    role = fields.Enum(Role, by_value=True, required=True)
    all_folders = fields.Boolean(required=True)
    # Written as text already: there may be thousands.
    folder_ids = fields.Raw(
        required=True,
        metadata=said(
            "Every folder of the scope; empty when it is all of them, and for a permission on the "
            "organization as a whole."
        ),
    )
    without_folder_ids = fields.Raw(
        required=True,
        metadata=said(
            "Of all folders, those that were deleted a moment ago: what is in them may still be "
            "there, and nobody reads it."
        ),
    )
    epoch = fields.Integer(required=True)


class Check(ResolveScope):
    folder_id = fields.UUID(required=True)


class CheckView(Schema):
    allowed = fields.Boolean(required=True)
    role = fields.Enum(Role, by_value=True, required=True)
    epoch = fields.Integer(required=True)


# Events


@dataclass(frozen=True)
class OrganizationCreated(Event):
    source: ClassVar[str] = "organizations"
    name: ClassVar[str] = "organization_created"

    organization_id: UUID
    organization_name: str
    owner_account_id: UUID
    default_folder_id: UUID


@dataclass(frozen=True)
class OrganizationArchived(Event):
    """Nobody enters it any more; its licenses cannot be used (ARC-1)."""

    source: ClassVar[str] = "organizations"
    name: ClassVar[str] = "organization_archived"

    organization_id: UUID
    archived_at: datetime
    epoch: int


@dataclass(frozen=True)
class OrganizationRestored(Event):
    """Operators undid an archiving; licenses and invitations stay as they are (ARC-4)."""

    source: ClassVar[str] = "organizations"
    name: ClassVar[str] = "organization_restored"

    organization_id: UUID
    epoch: int


@dataclass(frozen=True)
class FolderCreated(Event):
    source: ClassVar[str] = "organizations"
    name: ClassVar[str] = "folder_created"

    organization_id: UUID
    folder_id: UUID
    parent_id: UUID
    folder_name: str


@dataclass(frozen=True)
class FoldersDeleted(Event):
    """Folders went with everything in them; one deletion is announced in several parts."""

    source: ClassVar[str] = "organizations"
    name: ClassVar[str] = "folders_deleted"

    organization_id: UUID
    deletion_id: UUID
    folder_ids: tuple[UUID, ...]
    deleted_at: datetime


@dataclass(frozen=True)
class FoldersRestored(Event):
    """Operators undid a deletion: what went with it comes back, grants do not (FLD-6)."""

    source: ClassVar[str] = "organizations"
    name: ClassVar[str] = "folders_restored"

    organization_id: UUID
    deletion_id: UUID
    folder_ids: tuple[UUID, ...]


@dataclass(frozen=True)
class DeletionForgotten(Event):
    """The days in which operators could undo a deletion are over."""

    source: ClassVar[str] = "organizations"
    name: ClassVar[str] = "deletion_forgotten"

    organization_id: UUID
    deletion_id: UUID


@dataclass(frozen=True)
class AccessChanged(Event):
    """Something about members, roles, grants, folders or the status of an organization changed."""

    source: ClassVar[str] = "organizations"
    name: ClassVar[str] = "access_changed"

    organization_id: UUID
    epoch: int
