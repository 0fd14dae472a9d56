"""Limits: what an installation may choose (FLD-8, INV-8, INV-10)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from services.organizations.domain.throttle import Limit


class InvitationRolePolicy(StrEnum):
    """What accepting an invitation gives (INV-7, INV-8)."""

    VIEWER_THEN_ELEVATE = "viewer_then_elevate"
    AS_CHOSEN = "as_chosen"


@dataclass(frozen=True)
class Limits:
    organization_name_length: int = field(
        default=100, metadata={"help": "Characters an organization's name may have; at most 200."}
    )
    organizations_per_account: int = field(
        default=1000,
        metadata={"help": "Organizations one account may have created and be a member of."},
    )
    organizations_per_account_per_day: int = field(
        default=50,
        metadata={
            "help": "Organizations one account may create within 24 hours, archived ones included."
        },
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
    restore_days: int = field(
        default=30, metadata={"help": "Days in which operators can undo the deletion of a folder."}
    )
    invitation_role_policy: InvitationRolePolicy = field(
        default=InvitationRolePolicy.VIEWER_THEN_ELEVATE,
        metadata={
            "help": "What accepting an invitation gives: `viewer_then_elevate` the role viewer, "
            "which an owner or admin raises; `as_chosen` the role asked for."
        },
    )
    invitation_days: int = field(
        default=7, metadata={"help": "Days an invitation can be accepted; 1 to 30."}
    )
    invitations_per_day: int = field(
        default=50, metadata={"help": "Invitation mails of one organization within 24 hours."}
    )
    invitations_per_account_per_day: int = field(
        default=200,
        metadata={
            "help": "Invitation mails that one account may send within 24 hours, whatever the "
            "organizations."
        },
    )
    invitation_tokens_per_ip: str = field(
        default="20/60",
        metadata={"help": "Tokens of invitations that one IP address may try, per seconds."},
    )

    def __post_init__(self) -> None:
        # The columns, and the index on names, are made for these.
        for value, most in (
            (self.organization_name_length, 200),
            (self.folder_name_length, 64),
            (self.folder_depth, 100),
            (self.restore_days, 3650),
        ):
            if not 1 <= value <= most:
                raise ValueError(f"A limit of organizations is {value} and may be 1 to {most}.")
        Limit.read(self.invitation_tokens_per_ip)
        if not 1 <= self.invitation_days <= 30:
            raise ValueError("invitation_days may be 1 to 30.")
