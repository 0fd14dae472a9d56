"""What other services ask of identity: whose an address is, who accounts are, a mail to somebody.

They ask for themselves and not for a caller, and no operation of the gateway leads here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.rpc import rpc
from contracts.identity import Language
from contracts.invitations import (
    AccountDescriptions,
    AddressIdentified,
    DescribeAccounts,
    IdentifyAddress,
    WriteInvitation,
)
from services.identity.domain import email_address
from services.identity.domain.chosen_name import shown
from services.identity.domain.throttle import subject
from services.identity.mail.texts import Kind
from services.identity.queries import accounts, mails
from services.identity.service.recipes import Charge, Recipes


class NeighborRecipes(Recipes):
    @rpc(takes=IdentifyAddress, gives=AddressIdentified)
    def identify_address(self, email: str) -> dict[str, Any]:
        key = email_address.key(email)
        with self.db.reading() as session:
            account = accounts.account_by_email(session, key)
        return {
            "email": email_address.normalized(email),
            "email_key": key,
            "account_id": account and account.id,
        }

    @rpc(takes=DescribeAccounts, gives=AccountDescriptions)
    def describe_accounts(self, account_ids: Sequence[UUID]) -> dict[str, Any]:
        with self.db.reading() as session:
            found = accounts.accounts_among(session, account_ids)
        return {
            "items": [
                {
                    "account_id": account.id,
                    "email": account.email,
                    "is_verified": account.verified_at is not None,
                }
                for account in found
            ]
        }

    @rpc(takes=WriteInvitation)
    def write_invitation(
        self,
        mail_id: UUID,
        organization_id: UUID,
        email: str,
        invited_by: UUID,
        organization_name: str,
        token: str,
        expires_at: datetime,
    ) -> None:
        """In the language of who has the address, else of who invites.

        Nobody's mailbox is flooded. One organization alone cannot keep the others from writing, for
        its own limit is reached before the one that they share.

        :raises Throttled: the mail may be asked for again; who invites never learns of it.
        """
        now = self.clock.now()
        key = email_address.key(email)
        if expires_at <= now:
            return
        with self.db() as session:
            if mails.mail_for_update(session, mail_id) is not None:
                return
            own = f"invitation:{organization_id.hex}:{subject(key)}"
            charges = [
                Charge(own, self.settings.limit_invitations_per_organization),
                Charge(f"invitation:{subject(key)}", self.settings.limit_invitations_per_email),
            ]
            self.count(session, charges, now)
            reader = accounts.account_by_email(session, key)
            reader = reader or accounts.account(session, invited_by)
            with mails.once(session):
                self.write_mail(
                    session,
                    Kind.INVITATION,
                    mail_id=mail_id,
                    recipient=email_address.normalized(email),
                    language=reader.language if reader else Language.ENGLISH.value,
                    life=expires_at - now,
                    link=self.link("invitation", token),
                    organization=shown(organization_name),
                    until=f"{expires_at:%Y-%m-%d %H:%M} UTC",
                )
