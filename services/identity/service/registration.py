"""Registering an address, and verifying it."""

from __future__ import annotations

from uuid import uuid4

from chassis.rpc import rpc
from contracts.identity import Language, RegisterAccount, VerifyEmail
from services.identity.domain import email_address
from services.identity.domain.audit import Action
from services.identity.domain.registration import VerificationRefused
from services.identity.domain.throttle import Throttled, subject
from services.identity.mail.texts import Kind
from services.identity.models import PasswordCredential, Registration, TotpStep
from services.identity.queries import accounts, throttles
from services.identity.service.recipes import Charge, Recipes, new_token, token_hash


class RegistrationRecipes(Recipes):
    @rpc(takes=RegisterAccount)
    def register_account(self, email: str, password: str, language: Language) -> None:
        """Whether the address is registered already is said in its mail only (security 2.8)."""
        now = self.clock.now()
        settings = self.settings
        self.count_alone(self.per_ip("register", settings.limit_registrations_per_ip), now)
        plain = self.own.password_rule.admit(
            password, [settings.service_name, email_address.local_part(email)]
        )
        # Also where there is an account already, so that both take as long.
        digest = self.own.hasher.digest(plain)
        address, key = email_address.normalized(email), email_address.key(email)
        with self.db() as session:
            try:
                self.count(
                    session,
                    [Charge(f"register:{subject(key)}", settings.limit_registrations_per_email)],
                    now,
                )
            except Throttled:
                # Nobody's mailbox is flooded, and nobody learns that it was full.
                return
            account = accounts.account_by_email(session, key)
            if account is not None:
                self.write_mail(
                    session,
                    Kind.ALREADY_REGISTERED,
                    recipient=account.email,
                    language=account.language,
                    life=settings.verification_life,
                    link=settings.link_base_url.rstrip("/") + "/",
                )
                return
            token = new_token()
            session.add(
                Registration(
                    id=uuid4(),
                    email=address,
                    email_key=key,
                    language=language.value,
                    password_digest=digest,
                    token_hash=token_hash(token),
                    registered_at=now,
                    expires_at=now + settings.verification_life,
                )
            )
            self.write_mail(
                session,
                Kind.VERIFY_EMAIL,
                recipient=address,
                language=language.value,
                life=settings.verification_life,
                link=self.link("verify-email", token),
                hours=f"{settings.verification_life.total_seconds() / 3600:.0f}",
            )

    @rpc(takes=VerifyEmail)
    def verify_email(self, token: str) -> None:
        """The registration whose link is followed becomes the account; it works once."""
        now = self.clock.now()
        with self.db() as session:
            registration = accounts.registration_for_update(session, token_hash(token))
            if registration is None or registration.expires_at <= now:
                raise VerificationRefused("This link does not work any more. Register again.")
            account_id = uuid4()
            is_first = accounts.claim_email(
                session,
                {
                    "id": account_id,
                    "email": registration.email,
                    "email_key": registration.email_key,
                    "language": registration.language,
                    "is_operator": False,
                    "registered_at": registration.registered_at,
                    "verified_at": now,
                },
            )
            if not is_first:
                raise VerificationRefused("This link does not work any more. Sign in.")
            session.add(
                PasswordCredential(
                    account_id=account_id, digest=registration.password_digest, changed_at=now
                )
            )
            session.add(TotpStep(account_id=account_id, last_used_step=0))
            accounts.drop_registrations(session, registration.email_key)
            # What strangers guessed before there was an account locks nobody out of it.
            throttles.forget(session, [self.sign_in_run(registration.email_key)])
            self.record(session, Action.USER_CREATED, actor=account_id)
