"""Members: who belongs to an organization, as what, and into which folders they may look."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from marshmallow import Schema, ValidationError, fields, validate

from contracts.access import Role
from contracts.fields import next_cursor, said
from contracts.organizations import OfOrganization
from contracts.paging import PageQuery

# As many as are removed in one transaction, and as many folders as are granted in one.
MEMBERS_MOST = 200
FOLDERS_MOST = 1000


def each_once(ids: Sequence[UUID]) -> None:
    if len(set(ids)) != len(ids):
        raise ValidationError("Name each of them once.")


class ListMembers(PageQuery):
    organization_id = fields.UUID(required=True)
    role = fields.Enum(
        Role, by_value=True, load_default=None, allow_none=True, metadata=said("Only this role.")
    )


class MemberView(Schema):
    account_id = fields.UUID(required=True)
    email = fields.String(
        required=True,
        allow_none=True,
        metadata=said("Null while the accounts cannot be asked, and of a deleted account."),
    )
    role = fields.Enum(Role, by_value=True, required=True)
    elevation_pending = fields.Enum(
        Role,
        by_value=True,
        required=True,
        allow_none=True,
        metadata=said("The role asked for at the invitation, while it waits to be given (INV-7)."),
    )
    joined_at = fields.AwareDateTime(required=True)


class MemberPage(Schema):
    items = fields.List(fields.Nested(MemberView), required=True)
    next_cursor = next_cursor()


class MemberRequest(OfOrganization):
    account_id = fields.UUID(required=True)


class SetRole(MemberRequest):
    role = fields.Enum(Role, by_value=True, required=True)


class RemoveMembers(OfOrganization):
    account_ids = fields.List(
        fields.UUID(),
        required=True,
        validate=[validate.Length(min=1, max=MEMBERS_MOST), each_once],
        metadata=said("All of them are removed, or none (USR-5)."),
    )


class MembersRemoved(Schema):
    removed = fields.Integer(required=True)


# Access


class ListGrants(PageQuery):
    organization_id = fields.UUID(required=True)
    account_id = fields.UUID(required=True)


class GrantView(Schema):
    """A folder that is open to a member, with everything below it."""

    folder_id = fields.UUID(required=True)
    folder_name = fields.String(required=True)
    path = fields.List(
        fields.String(),
        required=True,
        metadata=said("Names of the folders it is in, from the default folder downwards."),
    )
    granted_by = fields.UUID(required=True)
    granted_at = fields.AwareDateTime(required=True)


class GrantPage(Schema):
    items = fields.List(fields.Nested(GrantView), required=True)
    next_cursor = next_cursor()


class GrantRequest(MemberRequest):
    folder_id = fields.UUID(required=True)


class SetGrants(MemberRequest):
    folder_ids = fields.List(
        fields.UUID(),
        required=True,
        validate=[validate.Length(max=FOLDERS_MOST), each_once],
        metadata=said("Afterwards exactly these are granted."),
    )


class GrantsSet(Schema):
    granted = fields.Integer(required=True, metadata=said("How many are new."))
    revoked = fields.Integer(required=True)


class ListFolderMembers(PageQuery):
    organization_id = fields.UUID(required=True)
    folder_id = fields.UUID(required=True)


class FolderMemberView(Schema):
    account_id = fields.UUID(required=True)
    email = fields.String(required=True, allow_none=True)
    role = fields.Enum(Role, by_value=True, required=True)
    granted_folder_id = fields.UUID(
        required=True,
        allow_none=True,
        metadata=said("The folder that opens this one; null: the role sees all folders."),
    )


class FolderMemberPage(Schema):
    items = fields.List(fields.Nested(FolderMemberView), required=True)
    next_cursor = next_cursor()
