"""License notices: licensing knows the occasion, and here is known whom it concerns (D-21)."""

from __future__ import annotations

from uuid import uuid4

from sqlalchemy.orm import Session

from chassis.events import consumes
from contracts.license_notices import LicenseNotice, LicenseNoticeAddressed
from services.organizations.domain.deletion import parts
from services.organizations.domain.license_notices import ADDRESSED, ADDRESSED_AT_ONCE
from services.organizations.queries import license_notices
from services.organizations.service.changes import Recipes


class LicenseNoticeRecipes(Recipes):
    @consumes(LicenseNotice)
    def license_notice(self, session: Session, event: LicenseNotice) -> None:
        """To those who hold the role now: who lost it a moment ago learns nothing more (M6 I10)."""
        name, account_ids = license_notices.addressees(session, event.organization_id, ADDRESSED)
        notice_id = uuid4()
        for part in parts(account_ids, most=ADDRESSED_AT_ONCE):
            self.announce(
                session,
                LicenseNoticeAddressed(
                    notice_id=notice_id,
                    organization_id=event.organization_id,
                    organization_name=name,
                    account_ids=tuple(part),
                    product=event.product,
                    product_name=event.product_name,
                    kind=event.kind,
                    on=event.on,
                    days=event.days,
                    licenses=event.licenses,
                ),
            )
