"""Placement: where in the tree a folder may be put (FLD-7, FLD-8, FLD-9)."""

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


class DefaultFolderStays(Conflict):
    """The default folder is neither moved nor deleted: everything is in it."""

    code = "default-folder-stays"


class FolderInsideItself(Conflict):
    """A folder was to be put into itself, or into a folder within it."""

    code = "folder-inside-itself"


@dataclass(frozen=True)
class Surroundings:
    """What a folder would find in its parent, counted under the organization's lock."""

    parent_depth: int
    siblings: int
    folders: int
    name_is_taken: bool


@dataclass(frozen=True)
class Subtree:
    """A folder with everything below it.

    ``levels`` counts the folder's own: 1 where nothing is below it.
    """

    depth: int
    levels: int
    folders: int


def depth_of_new(around: Surroundings, limits: Limits) -> int:
    """How deep a folder added there lies; the default folder has depth 0.

    :raises FolderNameTaken: a sibling has the name.
    :raises FolderTooDeep: below the last level.
    :raises FolderFull: too many siblings.
    :raises OrganizationFull: too many folders altogether.
    """
    require_free_name(is_taken=around.name_is_taken)
    _require_place(around, limits, levels=1)
    _require_room(around, limits, folders=1)
    return around.parent_depth + 1


def depth_of_moved(around: Surroundings, limits: Limits, subtree: Subtree) -> int:
    """How deep a folder lies once it is moved there with everything below it (FLD-9).

    :raises FolderNameTaken: one of its new siblings has the name.
    :raises FolderTooDeep: what is deepest in it would lie below the last level.
    :raises FolderFull: too many siblings.
    """
    require_free_name(is_taken=around.name_is_taken)
    _require_place(around, limits, levels=subtree.levels)
    return around.parent_depth + 1


def depth_of_restored(around: Surroundings, limits: Limits, subtree: Subtree) -> int:
    """How deep a deleted folder lies once it is back with everything that went with it (FLD-6).

    :raises FolderTooDeep: the folder it was in has moved down too far.
    :raises FolderFull: others have taken its place meanwhile.
    :raises OrganizationFull: others have been made meanwhile.
    """
    _require_place(around, limits, levels=subtree.levels)
    _require_room(around, limits, folders=subtree.folders)
    return around.parent_depth + 1


def require_free_name(*, is_taken: bool) -> None:
    """:raises FolderNameTaken:"""
    if is_taken:
        raise FolderNameTaken("A folder with this name is there already. Choose another name.")


def require_not_default(*, is_default: bool) -> None:
    """:raises DefaultFolderStays: FLD-7."""
    if is_default:
        raise DefaultFolderStays("The default folder can be renamed; it is not moved or deleted.")


def require_outside(*, is_inside: bool) -> None:
    """:raises FolderInsideItself: FLD-9."""
    if is_inside:
        raise FolderInsideItself("A folder cannot be put into itself or a folder within it.")


def _require_place(around: Surroundings, limits: Limits, *, levels: int) -> None:
    if around.parent_depth + levels > limits.folder_depth:
        raise FolderTooDeep(
            f"Folders go {limits.folder_depth} levels deep at the most.", most=limits.folder_depth
        )
    if around.siblings >= limits.folders_per_folder:
        raise FolderFull(
            f"A folder holds {limits.folders_per_folder} folders at the most.",
            most=limits.folders_per_folder,
        )


def _require_room(around: Surroundings, limits: Limits, *, folders: int) -> None:
    if around.folders + folders > limits.folders_per_organization:
        raise OrganizationFull(
            f"An organization has {limits.folders_per_organization} folders at the most.",
            most=limits.folders_per_organization,
        )
