"""Organizations, as other processes call it: one mixin per capability."""

from __future__ import annotations

from chassis.service import Kit
from services.organizations.domain.limits import Limits
from services.organizations.service.access import AccessRecipes
from services.organizations.service.accounts import AccountRecipes
from services.organizations.service.audit import AuditRecipes
from services.organizations.service.closing import ClosingRecipes
from services.organizations.service.deletions import DeletionRecipes
from services.organizations.service.folders import FolderRecipes
from services.organizations.service.grants import GrantRecipes
from services.organizations.service.members import MemberRecipes
from services.organizations.service.operating import OperatingRecipes
from services.organizations.service.organizations import OrganizationRecipes


class OrganizationsService(
    AccessRecipes,
    AuditRecipes,
    ClosingRecipes,
    DeletionRecipes,
    OrganizationRecipes,
    FolderRecipes,
    GrantRecipes,
    MemberRecipes,
    AccountRecipes,
    OperatingRecipes,
):
    """Every recipe decides from the tables as they are now; nothing is remembered between calls."""

    name = "organizations"

    @classmethod
    def open(cls, kit: Kit) -> Limits:
        return kit.config.section(Limits, "organizations")
