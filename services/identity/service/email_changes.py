"""E-mail addresses: changed once the link mailed to the new one is followed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from chassis.rpc import rpc
from chassis.secrets import token_hash
from contracts.identity import ConfirmEmailChange, RequestEmailChange
from services.identity.domain import email_address
from services.identity.domain.audit import Action
from services.identity.domain.email_change import EmailChangeRefused, EmailUnchanged
from services.identity.domain.throttle import Throttled, subject
from services.identity.mail.texts import Kind
from services.identity.models import Account, EmailChange
from services.identity.queries import accounts, logins, throttles
from services.identity.service.factors import FactorRecipes
from services.identity.service.recipes import Charge, new_token


class EmailChangeRecipes(FactorRecipes):
    @rpc(takes=RequestEmailChange)
    def request_email_change(self, email: str) -> None:
        """Whether somebody has the new address is said in its mail only (security 2.8)."""
        now = self.clock.now()
        caller = self.stepped_up(now)
        settings = self.settings
        address, key = email_address.normalized(email), email_address.key(email)
        name = f"email-change:{caller.account_id.hex}"
        self.count_alone([Charge(name, settings.limit_email_changes_per_account)], now)
        with self.db() as session:
            account, _row = self.live(session, caller, now)
            if key == account.email_key:
                raise EmailUnchanged("The account has this address already.")
            accounts.drop_email_change(session, account.id)
            if self._is_mailed_to(session, key, now):
                self._mail_new_address(session, account, address, key, now)
            self.write_mail(
                session,
                Kind.EMAIL_CHANGE_ASKED,
                recipient=account.email,
                language=account.language,
                life=settings.verification_life,
                at=self.when(),
                email=address,
            )
            self.record(
                session,
                Action.EMAIL_CHANGE_ASKED,
                actor=account.id,
                after={"email": subject(key)},
            )

    @rpc(takes=ConfirmEmailChange)
    def confirm_email_change(self, token: str) -> None:
        """Works once; of accounts that want one address the first gets it."""
        now = self.clock.now()
        with self.db.reading() as session:
            asked = accounts.email_change(session, token_hash(token), now)
        if asked is None:
            raise EmailChangeRefused(_REFUSED)
        with self.db() as session:
            account = accounts.account_for_update(session, asked.account_id)
            if account is None or account.disabled_at is not None:
                raise EmailChangeRefused(_REFUSED)
            old, old_key = account.email, account.email_key
            # Before the address is taken: whoever verifies a registration does it in this order.
            accounts.drop_registrations(session, asked.email_key)
            if not accounts.move_account(session, asked):
                raise EmailChangeRefused(_REFUSED)
            self._carry_run(session, old_key, asked.email_key, now)
            # What was mailed to the old address is worth nothing at the new one.
            logins.drop_logins(session, account.id)
            accounts.drop_links(session, account.id)
            self.record(
                session,
                Action.EMAIL_CHANGED,
                actor=account.id,
                before={"email": subject(old_key)},
                after={"email": subject(asked.email_key)},
            )
            for recipient in (old, asked.email):
                self.write_mail(
                    session,
                    Kind.EMAIL_CHANGED,
                    recipient=recipient,
                    language=account.language,
                    life=self.settings.verification_life,
                    at=self.when(),
                    email=asked.email,
                )

    # Parts of the recipes above

    def _carry_run(self, session: Session, old_key: str, new_key: str, now: datetime) -> None:
        """Wrong passwords are counted by address; the account takes its own along (2.2)."""
        old, new = self.sign_in_run(old_key), self.sign_in_run(new_key)
        kept = throttles.lock(session, [old, new], now)
        throttles.keep(session, [replace(kept[old], key=new)], now)
        if old != new:
            throttles.forget(session, [old])

    def _is_mailed_to(self, session: Session, key: str, now: datetime) -> bool:
        """Nobody's mailbox is flooded by many accounts, and nobody learns that it was full."""
        name = f"email-change-to:{subject(key)}"
        try:
            self.count(session, [Charge(name, self.settings.limit_registrations_per_email)], now)
        except Throttled:
            return False
        return True

    def _mail_new_address(
        self, session: Session, account: Account, address: str, key: str, now: datetime
    ) -> None:
        """A link, or to its owner that somebody wants an address that is taken."""
        settings = self.settings
        other = accounts.account_by_email(session, key)
        if other is not None:
            self.write_mail(
                session,
                Kind.ADDRESS_TAKEN,
                recipient=other.email,
                language=other.language,
                life=settings.email_change_life,
            )
            return
        token = new_token()
        session.add(
            EmailChange(
                account_id=account.id,
                email=address,
                email_key=key,
                token_hash=token_hash(token),
                requested_at=now,
                expires_at=now + settings.email_change_life,
            )
        )
        self.write_mail(
            session,
            Kind.CONFIRM_EMAIL_CHANGE,
            recipient=address,
            language=account.language,
            life=settings.email_change_life,
            link=self.link("confirm-email", token),
            minutes=f"{settings.email_change_life / timedelta(minutes=1):.0f}",
        )


_REFUSED = "This link does not work any more. Ask for a new one."
