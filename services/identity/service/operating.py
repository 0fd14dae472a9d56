"""What operators of the installation do to accounts, from a shell on it; never over the bus."""

from __future__ import annotations

from sqlalchemy.orm import Session

from contracts.errors import NotFound
from services.identity import queries
from services.identity.domain import email_address
from services.identity.domain.audit import Action
from services.identity.mail.texts import Kind
from services.identity.models import Account
from services.identity.service.recipes import Recipes

_ACTING_AS = "operator"


class AccountNotFound(NotFound):
    """No verified account has the address."""

    code = "account-not-found"


class OperatingRecipes(Recipes):
    def set_operator(self, email: str, *, is_operator: bool, by: str) -> bool:
        """Whether that changed anything.

        :param by: who does it, as the shell knows them.
        :raises AccountNotFound:
        """
        with self.db() as session:
            account = _account(session, email)
            if account.is_operator is is_operator:
                return False
            account.is_operator = is_operator
            self.record(
                session,
                Action.PERMISSIONS_CHANGED,
                actor=None,
                about=("account", account.id),
                reason=f"by {by}",
                before={"is_operator": not is_operator},
                after={"is_operator": is_operator},
                acting_as=_ACTING_AS,
            )
            return True

    def remove_authenticator(self, email: str, *, by: str) -> bool:
        """For a person who has lost theirs; whether there was one. Ends all their sessions.

        :raises AccountNotFound:
        """
        with self.db() as session:
            account = _account(session, email)
            queries.drop_pending(session, account.id)
            if not queries.drop_totp(session, account.id):
                return False
            for row in queries.sessions_least_seen_first(session, account.id):
                self.finish_session(session, row, reason="authenticator removed")
            self.record(
                session,
                Action.TOTP_DISABLED,
                actor=None,
                about=("account", account.id),
                reason=f"by {by}",
                acting_as=_ACTING_AS,
            )
            self.write_mail(
                session,
                Kind.AUTHENTICATOR_REMOVED,
                recipient=account.email,
                language=account.language,
                life=self.settings.verification_life,
                at=f"{self.clock.now():%Y-%m-%d %H:%M} UTC",
            )
            return True


def _account(session: Session, email: str) -> Account:
    account = queries.account_by_email_for_update(session, email_address.key(email))
    if account is None:
        raise AccountNotFound("No verified account has this address.")
    return account
