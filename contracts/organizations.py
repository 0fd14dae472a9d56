"""Organizations: where people belong, the folders of each, and who may do what in them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from marshmallow import Schema, fields, validate

from contracts.access import Permission, Role
from contracts.events import Event
from contracts.fields import said
from contracts.paging import PageQuery

# Coarse: a name is measured after normalization, and a decomposed one arrives longer than it is.
_TYPED_NAME = validate.Length(min=1, max=512)


def _idempotency_key() -> fields.String:
    return fields.String(required=True, validate=validate.Regexp(r"^[!-~]{8,128}\Z"))


def _next_cursor() -> fields.String:
    return fields.String(required=True, allow_none=True, metadata=said("Null on the last page."))


class _OfOrganization(Schema):
    organization_id = fields.UUID(required=True)


# Organizations


class CreateOrganization(Schema):
    name = fields.String(
        required=True,
        validate=_TYPED_NAME,
        metadata=said("1 to 100 characters once normalized and trimmed; need not be unique."),
    )
    idempotency_key = _idempotency_key()


class ListOrganizations(PageQuery):
    pass


class OrganizationRequest(_OfOrganization):
    pass


class OrganizationView(Schema):
    id = fields.UUID(required=True)
    name = fields.String(required=True)
    notes = fields.String(required=True)
    role = fields.Enum(Role, by_value=True, required=True, metadata=said("The caller's own role."))
    default_folder_id = fields.UUID(
        required=True,
        allow_none=True,
        metadata=said("The folder that all others are in; null when the caller may not see it."),
    )
    created_at = fields.AwareDateTime(required=True)


class OrganizationPage(Schema):
    items = fields.List(fields.Nested(OrganizationView), required=True)
    next_cursor = _next_cursor()


# Folders


class CreateFolder(_OfOrganization):
    parent_id = fields.UUID(required=True)
    name = fields.String(
        required=True,
        validate=_TYPED_NAME,
        metadata=said(
            "1 to 64 characters once normalized and trimmed; differs from its siblings' names in "
            "more than capitals."
        ),
    )
    idempotency_key = _idempotency_key()


class ListFolders(PageQuery):
    organization_id = fields.UUID(required=True)
    parent_id = fields.UUID(
        load_default=None,
        allow_none=True,
        metadata=said("Only the folders directly in this one; absent: all the caller may see."),
    )


class FolderRequest(_OfOrganization):
    folder_id = fields.UUID(required=True)


class FolderStep(Schema):
    id = fields.UUID(
        required=True,
        allow_none=True,
        metadata=said("Null when the caller may see no more of it than its name."),
    )
    name = fields.String(required=True)


class FolderView(Schema):
    id = fields.UUID(required=True)
    organization_id = fields.UUID(required=True)
    parent_id = fields.UUID(
        required=True,
        allow_none=True,
        metadata=said("Null for the default folder, and when the caller may not see it."),
    )
    name = fields.String(required=True)
    is_default = fields.Boolean(required=True)
    depth = fields.Integer(required=True, metadata=said("0 for the default folder."))
    path = fields.List(
        fields.Nested(FolderStep),
        required=True,
        metadata=said("The folders it is in, from the default folder downwards."),
    )


class FolderPage(Schema):
    items = fields.List(fields.Nested(FolderView), required=True)
    next_cursor = _next_cursor()


# Members


class ListMembers(PageQuery):
    organization_id = fields.UUID(required=True)


class MemberView(Schema):
    account_id = fields.UUID(required=True)
    role = fields.Enum(Role, by_value=True, required=True)
    joined_at = fields.AwareDateTime(required=True)


class MemberPage(Schema):
    items = fields.List(fields.Nested(MemberView), required=True)
    next_cursor = _next_cursor()


# Audit


class AuditResult(StrEnum):
    DONE = "done"
    REFUSED = "refused"


class ListAuditEntries(PageQuery):
    organization_id = fields.UUID(required=True)


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
    next_cursor = _next_cursor()


# What other services ask


class ResolveScope(_OfOrganization):
    permission = fields.Enum(Permission, by_value=True, required=True)


class ScopeView(Schema):
    role = fields.Enum(Role, by_value=True, required=True)
    all_folders = fields.Boolean(required=True)
    folder_ids = fields.List(
        fields.UUID(),
        required=True,
        metadata=said(
            "Every folder of the scope; empty when it is all of them, and for a permission on the "
            "organization as a whole."
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
class FolderCreated(Event):
    source: ClassVar[str] = "organizations"
    name: ClassVar[str] = "folder_created"

    organization_id: UUID
    folder_id: UUID
    parent_id: UUID
    folder_name: str


@dataclass(frozen=True)
class AccessChanged(Event):
    """Something about members, roles, grants, folders or the status of an organization changed."""

    source: ClassVar[str] = "organizations"
    name: ClassVar[str] = "access_changed"

    organization_id: UUID
    epoch: int
