"""Limits: numbers an installation may choose (FLD-8)."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Limits:
    organization_name_length: int = field(
        default=100, metadata={"help": "Characters an organization's name may have; at most 200."}
    )
    folder_name_length: int = field(
        default=64, metadata={"help": "Characters a folder's name may have; at most 64."}
    )
    folder_depth: int = field(
        default=10, metadata={"help": "Levels of folders below the default folder."}
    )
    folders_per_folder: int = field(
        default=300, metadata={"help": "Folders directly in one folder."}
    )
    folders_per_organization: int = field(
        default=100_000, metadata={"help": "Folders of one organization, the default one included."}
    )
    default_folder_name: str = field(
        default="Default folder",
        metadata={"help": "Name of the folder that each new organization starts with."},
    )

    def __post_init__(self) -> None:
        # The columns, and the index on names, are made for these.
        for value, most in (
            (self.organization_name_length, 200),
            (self.folder_name_length, 64),
            (self.folder_depth, 100),
        ):
            if not 1 <= value <= most:
                raise ValueError(f"A limit of organizations is {value} and may be 1 to {most}.")
