"""Registering the address that an invitation was mailed to: its token proves the address (INV-4)."""

from __future__ import annotations

from chassis.rpc import rpc
from contracts.identity import Language
from contracts.invitations import RegisterInvited
from services.identity.domain import email_address
from services.identity.domain.audit import Action
from services.identity.domain.registration import AlreadyRegistered
from services.identity.queries import accounts
from services.identity.service.registration import RegistrationRecipes


class InvitedRecipes(RegistrationRecipes):
    @rpc(takes=RegisterInvited)
    def register_invited(self, token: str, password: str, language: Language) -> None:
        """Nobody is signed in by it. What others registered the address with comes to nothing.

        :raises AlreadyRegistered: said openly, for who has the token reads the address's mail.
        :raises contracts.errors.Refusal: as organizations refuse the token; tries are counted there.
        """
        now = self.clock.now()
        settings = self.settings
        self.count_alone(self.per_ip("register", settings.limit_registrations_per_ip), now)
        invited = self.call("organizations", "invited_address", {"token": token})
        email = email_address.normalized(invited["email"])
        key = email_address.key(email)
        context = [
            settings.service_name,
            email_address.local_part(email),
            invited["organization_name"],
        ]
        digest = self.own.hasher.digest(self.own.password_rule.admit(password, context))
        with self.db() as session:
            # In the order in which a link that verifies the address locks.
            accounts.lock_registrations(session, key)
            account_id = self.new_account(
                session, email=email, language=language.value, digest=digest, registered_at=now
            )
            if account_id is None:
                raise AlreadyRegistered("This address has an account already: sign in with it.")
            self.record(session, Action.USER_CREATED, actor=account_id, reason="invitation")
