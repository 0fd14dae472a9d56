"""Organizations, as other processes call it: one mixin per capability."""

from __future__ import annotations

from chassis.rotation import Sealed
from chassis.service import Kit
from services.organizations.domain.limits import Limits
from services.organizations.models import InvitationMail
from services.organizations.service.acceptance import AcceptanceRecipes
from services.organizations.service.access import AccessRecipes
from services.organizations.service.accounts import AccountRecipes
from services.organizations.service.audit import AuditRecipes
from services.organizations.service.closing import ClosingRecipes
from services.organizations.service.deletions import DeletionRecipes
from services.organizations.service.folders import FolderRecipes
from services.organizations.service.grants import GrantRecipes
from services.organizations.service.invitation_mails import InvitationMailRecipes
from services.organizations.service.invitations import InvitationRecipes, mail_place
from services.organizations.service.license_notices import LicenseNoticeRecipes
from services.organizations.service.members import MemberRecipes
from services.organizations.service.operating import OperatingRecipes
from services.organizations.service.organizations import OrganizationRecipes
from services.organizations.service.restoring import RestoringRecipes


class OrganizationsService(
    AcceptanceRecipes,
    AccessRecipes,
    AccountRecipes,
    AuditRecipes,
    ClosingRecipes,
    DeletionRecipes,
    FolderRecipes,
    GrantRecipes,
    InvitationMailRecipes,
    InvitationRecipes,
    LicenseNoticeRecipes,
    MemberRecipes,
    OperatingRecipes,
    OrganizationRecipes,
    RestoringRecipes,
):
    """Every recipe decides from the tables as they are now; nothing is remembered between calls."""

    name = "organizations"
    sealed = (Sealed(InvitationMail.sealed_token, lambda row: mail_place(row.id)),)

    @classmethod
    def open(cls, kit: Kit) -> Limits:
        # A missing key is met when the process starts, not by the first person who is invited.
        assert kit.box
        assert kit.pepper
        return kit.config.section(Limits, "organizations")
