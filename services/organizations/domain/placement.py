"""Placement: where in the tree a folder may be put (FLD-8)."""

from __future__ import annotations

from dataclasses import dataclass

from contracts.errors import Conflict
from services.organizations.domain.limits import Limits


class FolderNameTaken(Conflict):
    """Another folder in the same folder has this name; capitals make no difference."""

    code = "folder-name-taken"


class FolderTooDeep(Conflict):
    """The folder would be further below the default folder than folders may be."""

    code = "folder-too-deep"


class FolderFull(Conflict):
    """The parent holds as many folders as one folder may."""

    code = "folder-full"


class OrganizationFull(Conflict):
    """The organization has as many folders as one organization may."""

    code = "organization-full"


@dataclass(frozen=True)
class Surroundings:
    """What a new folder would find, counted under the organization's lock."""

    parent_depth: int
    siblings: int
    folders: int
    name_is_taken: bool


def depth_of_new(around: Surroundings, limits: Limits) -> int:
    """How deep a folder added there lies; the default folder has depth 0.

    :raises FolderNameTaken: a sibling has the name.
    :raises FolderTooDeep: below the last level.
    :raises FolderFull: too many siblings.
    :raises OrganizationFull: too many folders altogether.
    """
    if around.name_is_taken:
        raise FolderNameTaken("A folder with this name is there already. Choose another name.")
    depth = around.parent_depth + 1
    if depth > limits.folder_depth:
        raise FolderTooDeep(
            f"Folders go {limits.folder_depth} levels deep at the most.", most=limits.folder_depth
        )
    if around.siblings >= limits.folders_per_folder:
        raise FolderFull(
            f"A folder holds {limits.folders_per_folder} folders at the most.",
            most=limits.folders_per_folder,
        )
    if around.folders >= limits.folders_per_organization:
        raise OrganizationFull(
            f"An organization has {limits.folders_per_organization} folders at the most.",
            most=limits.folders_per_organization,
        )
    return depth
