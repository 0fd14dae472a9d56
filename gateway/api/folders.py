"""Folders over HTTP."""

from __future__ import annotations

from contracts.access import Permission
from contracts.folders import (
    CreateFolder,
    DeleteFolder,
    DeletionPreview,
    FolderDeletion,
    FolderPage,
    FolderRequest,
    FolderView,
    ListFolders,
    MoveFolder,
    RenameFolder,
)
from contracts.members import FolderMemberPage, ListFolderMembers
from gateway import rpc
from gateway.conventions import Blueprint, Payload, Reply

blueprint = Blueprint("folders", description="The tree that devices lie in and access follows.")

_ALL = "/organizations/<uuid:organization_id>/folders"
_ONE = f"{_ALL}/<uuid:folder_id>"


@blueprint.operation(
    "POST",
    _ALL,
    needs=Permission.FOLDER_MANAGE,
    takes=CreateFolder,
    gives=FolderView,
    status=201,
    location="/organizations/{organization_id}/folders/{id}",
    idempotent=True,
    problems=(404, 409),
)
def create_folder(payload: Payload) -> Reply:
    """Create a folder inside another.

    Needs `folder:manage`. The name must differ from those of its siblings in more than capitals.
    """
    return rpc.call("organizations", "create_folder", payload)


@blueprint.operation("GET", _ALL, needs=Permission.FOLDER_READ, takes=ListFolders, gives=FolderPage)
def list_folders(payload: Payload) -> Reply:
    """List the folders the caller may see, by name.

    All of them, or with `parent_id` those directly in one folder. Owners and admins see every
    folder, operators and viewers those granted to them with everything below; of the folders above
    them they see the names, in `path`.
    """
    return rpc.call("organizations", "list_folders", payload, read=True)


@blueprint.operation(
    "GET",
    _ONE,
    needs=Permission.FOLDER_READ,
    takes=FolderRequest,
    gives=FolderView,
)
def get_folder(payload: Payload) -> Reply:
    """Read a folder with the path to it."""
    return rpc.call("organizations", "get_folder", payload, read=True)


@blueprint.operation(
    "PATCH",
    _ONE,
    needs=Permission.FOLDER_MANAGE,
    takes=RenameFolder,
    gives=FolderView,
    problems=(409,),
)
def rename_folder(payload: Payload) -> Reply:
    """Give a folder another name.

    Needs `folder:manage`. The name must differ from those of its siblings in more than capitals.
    """
    return rpc.call("organizations", "rename_folder", payload)


@blueprint.operation(
    "POST",
    f"{_ONE}/move",
    needs=Permission.FOLDER_MANAGE,
    takes=MoveFolder,
    gives=FolderView,
    problems=(409,),
)
def move_folder(payload: Payload) -> Reply:
    """Put a folder into another one of the organization.

    Needs `folder:manage`. What is below it moves along, and so does what was granted on it; access
    that came from above follows the new place at once. The default folder stays where it is.
    """
    return rpc.call("organizations", "move_folder", payload)


@blueprint.operation(
    "GET",
    f"{_ONE}/deletion-preview",
    needs=Permission.FOLDER_MANAGE,
    takes=FolderRequest,
    gives=DeletionPreview,
    problems=(409,),
)
def preview_deletion(payload: Payload) -> Reply:
    """Count what the deletion of a folder would take.

    Needs `folder:manage`.
    """
    return rpc.call("organizations", "preview_deletion", payload, read=True)


@blueprint.operation(
    "POST",
    f"{_ONE}/deletion",
    needs=Permission.FOLDER_MANAGE,
    takes=DeleteFolder,
    gives=FolderDeletion,
    status=201,
    idempotent=True,
    problems=(409, "risk-not-confirmed"),
)
def delete_folder(payload: Payload) -> Reply:
    """Delete a folder with everything in it.

    Needs `folder:manage`, and `confirm_risk`. Subfolders, devices and connected systems in it go
    too, and grants on them are revoked. While devices or systems are in it, only a person who
    entered their credentials within the last minutes may do it. There is no undo but by the
    operators of the installation, for some days, with `deletion_id`; grants do not come back.
    """
    return rpc.call("organizations", "delete_folder", payload)


@blueprint.operation(
    "GET",
    f"{_ONE}/members",
    needs=Permission.ACCESS_GRANT,
    takes=ListFolderMembers,
    gives=FolderMemberPage,
)
def list_folder_members(payload: Payload) -> Reply:
    """List who may look into a folder, and by which grant.

    Needs `access:grant`.
    """
    return rpc.call("organizations", "list_folder_members", payload, read=True)
