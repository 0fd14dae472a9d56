"""Registering an address, and verifying it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from chassis.rpc import rpc
from chassis.secrets import token_hash
from contracts.identity import Language, RegisterAccount, VerifyEmail
from services.identity.domain import email_address
from services.identity.domain.audit import Action, Result
from services.identity.domain.password import normalized
from services.identity.domain.registration import VerificationPasswordRefused, VerificationRefused
from services.identity.domain.throttle import Throttled, subject
from services.identity.mail.texts import Kind
from services.identity.models import PasswordCredential, Registration, TotpStep
from services.identity.queries import accounts, throttles
from services.identity.service.factors import FactorRecipes
from services.identity.service.recipes import Charge, new_token


class RegistrationRecipes(FactorRecipes):
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
                    link=self.page(),
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
    def verify_email(self, token: str, password: str) -> None:
        """Who follows the link proves the mailbox, and with the password that it was they who chose it.

        Else whoever registers a stranger's address would choose the password of the stranger's account.
        """
        now = self.clock.now()
        with self.db.reading() as session:
            found = accounts.registration(session, token_hash(token), now)
        if found is None:
            raise VerificationRefused(_OVER)
        run_key = self.verification_run(found.email_key)
        charges = self.per_ip("password", self.settings.limit_passwords_per_ip)
        with self.db() as session:
            counted, run = self.count_sign_in(session, run_key, charges, now)
        tried = None if run is None else found.password_digest
        if not self.own.hasher.matches(tried, normalized(password)) or tried is None:
            with self.db() as session:
                self.record(
                    session,
                    Action.LOGIN_FAIL,
                    actor=None,
                    about=("address", subject(found.email_key)),
                    result=Result.REFUSED,
                    reason="locked" if run is None else "verification",
                )
            raise VerificationPasswordRefused(
                "This is not the password that the address was registered with. "
                "If you do not know it, choose a new one."
            )
        with self.db() as session:
            if not self.open_account(session, found, tried):
                raise VerificationRefused(_OVER)
            self.take_back(session, counted, "password")

    # Parts of the recipes above

    def open_account(self, session: Session, found: Registration, digest: str) -> bool:
        """The registered address becomes an account with this password, and its other links die.

        False where the link was used meanwhile, or the address has become an account.
        """
        registration = accounts.registration_for_update(session, found.token_hash)
        if registration is None:
            return False
        account_id = self.new_account(
            session,
            email=registration.email,
            language=registration.language,
            digest=digest,
            registered_at=registration.registered_at,
        )
        if account_id is None:
            return False
        self.record(
            session,
            Action.USER_CREATED,
            actor=account_id,
            reason=None if digest == registration.password_digest else "new password",
        )
        return True

    def new_account(
        self, session: Session, *, email: str, language: str, digest: str, registered_at: datetime
    ) -> UUID | None:
        """A verified account; every registration of its address ends.

        None where the address is an account's already.
        """
        now = self.clock.now()
        account_id = uuid4()
        email_key = email_address.key(email)
        is_first = accounts.claim_email(
            session,
            {
                "id": account_id,
                "email": email,
                "email_key": email_key,
                "language": language,
                "is_operator": False,
                "registered_at": registered_at,
                "verified_at": now,
            },
        )
        if not is_first:
            return None
        session.add(PasswordCredential(account_id=account_id, digest=digest, changed_at=now))
        session.add(TotpStep(account_id=account_id, last_used_step=0))
        accounts.drop_registrations(session, email_key)
        # What strangers guessed before there was an account locks nobody out of it.
        throttles.forget(session, [self.sign_in_run(email_key), self.verification_run(email_key)])
        return account_id

    @staticmethod
    def verification_run(email_key: str) -> str:
        """Counted by who has a link of the address only, so nobody else can make its owner wait."""
        return f"verification:{subject(email_key)}"


_OVER = "This link does not work any more. Register again."
