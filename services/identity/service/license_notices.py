"""License notices: organizations say whom a notice is for, and here is written to them (D-21)."""

from __future__ import annotations

from urllib.parse import quote

from sqlalchemy.orm import Session

from chassis.events import consumes
from contracts.identity import Language
from contracts.license_notices import LicenseNoticeAddressed
from services.identity.domain.license_notice import LIFE, mail_id
from services.identity.mail.license_notices.values import values
from services.identity.mail.texts import Kind
from services.identity.queries import accounts, mails
from services.identity.service.recipes import Recipes


class LicenseNoticeRecipes(Recipes):
    @consumes(LicenseNoticeAddressed)
    def license_notice_addressed(self, session: Session, event: LicenseNoticeAddressed) -> None:
        """In each reader's own language; who is gone, or cannot sign in, is passed over."""
        product = quote(event.product, safe="")
        link = self.page(f"organizations/{event.organization_id}/licenses/{product}")
        for account in accounts.readers_among(session, event.account_ids):
            with mails.once(session):
                self.write_mail(
                    session,
                    Kind(event.kind.value),
                    mail_id=mail_id(event.notice_id, account.id),
                    recipient=account.email,
                    language=account.language,
                    life=LIFE,
                    link=link,
                    **values(event, Language(account.language)),
                )
