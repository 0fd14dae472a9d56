"""What identity does by itself: sending mail, and dropping what is over."""

from __future__ import annotations

import logging
from datetime import timedelta

from chassis.jobs import every
from chassis.secrets import SecretUnreadable
from contracts.identity import Language
from services.identity.domain.delivery import LEASE, MailState, after_failure
from services.identity.mail.message import Body, message
from services.identity.mail.transport import NotSent
from services.identity.models import OutgoingMail
from services.identity.queries import mails, upkeep
from services.identity.service.recipes import Recipes, mail_place

MAILS_AT_ONCE = 20

_log = logging.getLogger(__name__)


class UpkeepRecipes(Recipes):
    @every(1.0)
    def send_mail(self) -> None:
        """Sends what is due; a mail is sent twice rather than lost.

        One after the other, so that none is held longer than it takes to send it.
        """
        for _ in range(MAILS_AT_ONCE):
            mail = self._taken()
            if mail is None:
                return
            self._send(mail)

    @every(300.0)
    def drop_outdated(self) -> None:
        self.drop_what_is_over()

    def drop_what_is_over(self) -> int:
        """How many rows; none of them could have any effect."""
        now = self.clock.now()
        since = upkeep.Keeping(
            sessions=now - self.settings.session_idle,
            kept_sessions=now - self._kept_idle,
            manage_sessions=now - self.settings.manage_idle,
            windows=now - self.settings.longest_window,
            runs=now - self.settings.password_failures_kept,
            mails=now - self.settings.mails_kept,
            stopped=self.settings.password_failures_most,
        )
        with self.db() as session:
            return upkeep.drop_outdated(session, now, since)

    @property
    def _kept_idle(self) -> timedelta:
        is_on = self.settings.keep_signed_in
        return self.settings.kept_session_idle if is_on else self.settings.session_idle

    def _taken(self) -> OutgoingMail | None:
        """For the time of the lease nobody else sends it."""
        now = self.clock.now()
        with self.db.reading() as session:
            if not mails.any_mail_due(session, now):
                return None
        with self.db() as session:
            mail = mails.mail_due(session, now)
            if mail is not None:
                mail.attempts += 1
                mail.due_at = now + LEASE
            return mail

    def _send(self, mail: OutgoingMail) -> None:
        now = self.clock.now()
        state, due_at, failure = MailState.SENT, now, None
        if now >= mail.expires_at:
            state = MailState.EXPIRED
        elif trouble := self._trouble(mail):
            failure = str(trouble)
            state, due_at = after_failure(
                mail.attempts, now, mail.expires_at, is_permanent=trouble.is_permanent
            )
            _log.warning("mail %s was not sent: %s", mail.id, failure)
        with self.db() as session:
            row = mails.mail_for_update(session, mail.id)
            if row is None or row.attempts != mail.attempts:
                # Its account was deleted, or another replica took it after the lease.
                return
            row.state, row.due_at, row.failure = state.value, due_at, failure
            if state is not MailState.WAITING:
                row.sealed_body = None

    def _trouble(self, mail: OutgoingMail) -> NotSent | None:
        """Whatever is wrong with one mail, the others behind it are sent."""
        try:
            self._hand_over(mail)
        except NotSent as trouble:
            return trouble
        except (SecretUnreadable, ValueError) as error:
            return NotSent(type(error).__name__)
        return None

    def _hand_over(self, mail: OutgoingMail) -> None:
        if mail.sealed_body is None:
            return
        body = Body.from_json(self.kit.box.open(mail.sealed_body, mail_place(mail.id)))
        self.own.transport.send(
            message(
                body,
                mail_id=mail.id,
                sender=self.settings.mail_from,
                recipient=mail.recipient,
                language=Language(mail.language),
                at=mail.written_at,
            )
        )
