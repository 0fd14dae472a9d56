"""Folders: the tree of an organization, and what a deletion takes."""

from __future__ import annotations

from marshmallow import Schema, fields

from contracts.fields import TYPED_NAME, Truth, idempotency_key, next_cursor, said
from contracts.organizations import OfOrganization
from contracts.paging import PageQuery


class CreateFolder(OfOrganization):
    parent_id = fields.UUID(required=True)
    name = fields.String(
        required=True,
        validate=TYPED_NAME,
        metadata=said(
            "1 to 64 characters once normalized and trimmed; differs from its siblings' names in "
            "more than capitals."
        ),
    )
    idempotency_key = idempotency_key()


class ListFolders(PageQuery):
    organization_id = fields.UUID(required=True)
    parent_id = fields.UUID(
        load_default=None,
        allow_none=True,
        metadata=said("Only the folders directly in this one; absent: all the caller may see."),
    )


class FolderRequest(OfOrganization):
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
    next_cursor = next_cursor()


class RenameFolder(FolderRequest):
    name = fields.String(required=True, validate=TYPED_NAME, metadata=said("As at the creation."))


class MoveFolder(FolderRequest):
    parent_id = fields.UUID(
        required=True, metadata=said("The folder to put it in, with everything below it.")
    )


class DeletionPreview(Schema):
    """What goes when a folder is deleted, counted now."""

    subfolders = fields.Integer(required=True, metadata=said("Without the folder itself."))
    grants = fields.Integer(
        required=True, metadata=said("Permissions of members that would be revoked.")
    )
    devices = fields.Integer(
        required=True,
        allow_none=True,
        metadata=said("Null: could not be counted just now."),
    )
    systems = fields.Integer(
        required=True,
        allow_none=True,
        metadata=said("Connected systems; null: could not be counted just now."),
    )


class DeleteFolder(FolderRequest):
    # Left out, it confirms nothing, which is told like false (FLD-7).
    confirm_risk = Truth(load_default=False, metadata=said("True: the box is ticked."))
    idempotency_key = idempotency_key()


class FolderDeletion(DeletionPreview):
    """What went; operators of the installation can undo it for some days by its id."""

    deletion_id = fields.UUID(required=True)
    restorable_until = fields.AwareDateTime(required=True)
