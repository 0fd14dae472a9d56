"""Passwords: changed by who knows them, reset by who reads the mail."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy.orm import Session

from chassis.rpc import rpc
from chassis.secrets import token_hash
from chassis.wire import RemoteFailure
from contracts.access import Permission
from contracts.caller import Caller, Level
from contracts.errors import Refusal
from contracts.identity import (
    ChangePassword,
    Language,
    PasswordRuleView,
    RequestPasswordReset,
    ResetPassword,
    SessionToken,
)
from contracts.paging import LIMIT_MOST
from services.identity.domain import email_address
from services.identity.domain.audit import Action
from services.identity.domain.password import PasswordUnchanged, normalized
from services.identity.domain.password_reset import ResetRefused
from services.identity.domain.throttle import Throttled, subject
from services.identity.mail.texts import Kind
from services.identity.models import Account, OutgoingMail, PasswordReset, Registration
from services.identity.queries import accounts, factors, logins, throttles
from services.identity.service.recipes import Charge, new_token, require_fresh
from services.identity.service.registration import RegistrationRecipes

# Names of organizations make a password better, not possible: nobody waits long for them.
NAMES_WITHIN_SECONDS = 2.0
NAME_PAGES_MOST = 5

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Nobody:
    """An address that nobody registered, as somebody typed it."""

    email: str
    language: str


class PasswordRecipes(RegistrationRecipes):
    @rpc(gives=PasswordRuleView)
    def get_password_rule(self) -> dict[str, object]:
        rule = self.own.password_rule
        return {"least": rule.shortest, "most": rule.longest}

    @rpc(takes=ChangePassword, gives=SessionToken)
    def change_password(self, current_password: str, new_password: str) -> dict[str, object]:
        """Ends whatever was signed in with the old one; the caller goes on under a new token."""
        now = self.clock.now()
        caller = self.person
        with self.db.reading() as session:
            has_authenticator = factors.totp_active(session, caller.account_id) is not None
        if has_authenticator:
            self.stepped_up(now)
        found = self.password_again(caller, current_password, now)
        if normalized(new_password) == normalized(current_password):
            raise PasswordUnchanged("Choose a password that you do not use already.")
        names = self._organization_names(self.context.caller)
        digest = self._admitted(new_password, found.account.email, names)
        with self.db() as session:
            account, row = self.live(session, caller, now)
            active = factors.totp_active(session, account.id)
            # One may have been registered meanwhile.
            if active is not None:
                require_fresh(caller, now, has_authenticator=True)
            self._replace_password(session, account, digest, reason="changed")
            authenticated_at = now if active is None else row.authenticated_at
            started = self.start_session(
                session, account, Level(row.level), authenticated_at, is_kept=row.is_kept
            )
        return started.view()

    @rpc(takes=RequestPasswordReset)
    def request_password_reset(self, email: str) -> None:
        """Whether anybody has the address is said in its mail only (security 2.8)."""
        now = self.clock.now()
        settings = self.settings
        key = email_address.key(email)
        self.count_alone(self.per_ip("password-reset", settings.limit_password_resets_per_ip), now)
        with self.db() as session:
            try:
                self.count(
                    session,
                    [
                        Charge(
                            f"password-reset:{subject(key)}",
                            settings.limit_password_resets_per_email,
                        )
                    ],
                    now,
                )
            except Throttled:
                # Nobody's mailbox is flooded, and nobody learns that it was full.
                return
            # Locked, so that no link goes to an address that is being given up.
            account = accounts.account_by_email_for_update(session, key)
            waiting = accounts.last_registration(session, key, now)
            self.record(
                session,
                Action.PASSWORD_RESET_ASKED,
                actor=None,
                about=("account", account.id) if account else ("address", subject(key)),
            )
            if account is not None and account.disabled_at is None:
                self._mail_reset_link(session, account, now)
            elif account is None and waiting is not None:
                self._mail_reset_link(session, waiting, now)
            else:
                # The same work, so that its time tells nothing either.
                nobody = Nobody(email_address.normalized(email), Language.ENGLISH.value)
                self._mail_reset_link(session, nobody, now)
                unsent = [each for each in session.new if isinstance(each, OutgoingMail)]
                session.flush()
                session.delete(unsent[0])

    @rpc(takes=ResetPassword)
    def reset_password(self, token: str, new_password: str) -> None:
        """Keeps the second factors and signs nobody in; a refused password leaves the link good.

        The link that verifies an address does as well: who reads its mail may always choose anew.
        """
        now = self.clock.now()
        with self.db.reading() as session:
            asked = accounts.password_reset(session, token_hash(token), now)
            owner = None if asked is None else accounts.account(session, asked.account_id)
            registered = accounts.registration(session, token_hash(token), now)
        if registered is not None:
            self._choose_password(registered, new_password)
            return
        if asked is None or owner is None or owner.disabled_at is not None:
            raise ResetRefused(_REFUSED)
        names = self._organization_names(self._word_for(owner, asked, now))
        digest = self._admitted(new_password, owner.email, names)
        with self.db() as session:
            account = accounts.account_for_update(session, owner.id)
            if account is None or account.disabled_at is not None:
                raise ResetRefused(_REFUSED)
            if not accounts.use_up_password_reset(session, asked.id):
                raise ResetRefused(_REFUSED)
            # Only this opens again what too many wrong passwords have closed (security 2.2).
            runs = [self.sign_in_run(account.email_key), self.step_up_run(account.id)]
            self._replace_password(session, account, digest, reason="reset")
            throttles.forget(session, runs)

    # Parts of the recipes above

    def _choose_password(self, registered: Registration, new_password: str) -> None:
        """Whatever password the address was registered with comes to nothing."""
        digest = self._admitted(new_password, registered.email, [])
        with self.db() as session:
            if not self.open_account(session, registered, digest):
                raise ResetRefused(_REFUSED)

    def _mail_reset_link(
        self, session: Session, recipient: Account | Registration | Nobody, now: datetime
    ) -> None:
        """To who has an account, registered one and did not verify it, or neither."""
        settings = self.settings
        token = new_token()
        expires_at = now + settings.password_reset_life
        if isinstance(recipient, Account):
            session.add(
                PasswordReset(
                    id=uuid4(),
                    account_id=recipient.id,
                    token_hash=token_hash(token),
                    requested_at=now,
                    expires_at=expires_at,
                )
            )
        elif isinstance(recipient, Registration):
            session.add(
                Registration(
                    id=uuid4(),
                    email=recipient.email,
                    email_key=recipient.email_key,
                    language=recipient.language,
                    token_hash=token_hash(token),
                    registered_at=now,
                    expires_at=expires_at,
                )
            )
        self.write_mail(
            session,
            Kind.PASSWORD_RESET,
            recipient=recipient.email,
            language=recipient.language,
            life=settings.password_reset_life,
            link=self.link("reset-password", token),
            minutes=f"{settings.password_reset_life / timedelta(minutes=1):.0f}",
        )

    def _admitted(self, password: str, email: str, names: Iterable[str]) -> str:
        """:param names: of the owner's organizations.

        :raises contracts.errors.Invalid: the password is not good enough, and why.
        """
        context = [self.settings.service_name, email_address.local_part(email), *names]
        return self.own.hasher.digest(self.own.password_rule.admit(password, context))

    def _organization_names(self, word: str | None) -> Iterator[str]:
        """As many as organizations tells in time; a password is not refused for its absence.

        :param word: the assertion that organizations is asked with.
        """
        headers = replace(self.context, caller=word).headers()
        cursor = None
        for _ in range(NAME_PAGES_MOST):
            try:
                told = self.kit.bus.call(
                    "organizations",
                    "list_organizations",
                    {"limit": LIMIT_MOST, "cursor": cursor},
                    headers,
                    timeout=NAMES_WITHIN_SECONDS,
                    retry=True,
                )
            except (Refusal, RemoteFailure) as error:
                _log.warning("a password was not compared with names of organizations: %s", error)
                return
            yield from (item["name"] for item in told["items"])
            cursor = told["next_cursor"]
            if cursor is None:
                return

    def _word_for(self, account: Account, asked: PasswordReset, now: datetime) -> str:
        """Nobody is signed in: for its owner, and good for reading organizations only."""
        owner = Caller(
            account_id=account.id,
            session_id=asked.id,
            level=Level.TOKEN,
            authenticated_at=now,
            scopes=frozenset({Permission.ORGANIZATION_READ.value}),
        )
        return self.own.signer.assertion(owner, now, until=asked.expires_at)

    def _replace_password(
        self, session: Session, account: Account, digest: str, *, reason: str
    ) -> None:
        """The account is locked. Nothing that was begun or opened with the old one goes on.

        API tokens end too: who knew the old password may have made some.
        """
        accounts.set_password(session, account.id, digest, self.clock.now())
        logins.drop_logins(session, account.id)
        accounts.drop_links(session, account.id)
        self.finish_sessions(session, account.id, reason=f"password {reason}")
        self.finish_api_tokens(session, account.id, reason=f"password {reason}")
        self.record(session, Action.PASSWORD_CHANGED, actor=account.id, reason=reason)
        self.write_mail(
            session,
            Kind.PASSWORD_CHANGED,
            recipient=account.email,
            language=account.language,
            life=self.settings.verification_life,
            at=self.when(),
        )


_REFUSED = "This link does not work any more. Ask for a new one."
