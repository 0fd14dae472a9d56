"""Mails of invitations: handed over to identity, which writes each once, however often it is asked.

The sealed token is the only place where a token is kept; it is dropped once identity has it.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from chassis.jobs import every
from chassis.secrets import SecretUnreadable, token_hash
from chassis.wire import RemoteFailure
from contracts.delays import delay_after
from contracts.errors import Refusal, TooMany
from services.organizations.domain.invitation import (
    LEASE,
    InvitationOver,
    require_inviter,
    require_pending,
)
from services.organizations.domain.throttle import DAY
from services.organizations.models import InvitationMail
from services.organizations.queries import invitations, throttles
from services.organizations.service.changes import Recipes
from services.organizations.service.invitations import mail_place

MAILS_AT_ONCE = 20
# Those of the last day are counted; throttles are of a minute. Refusals that were only counted, and
# that none followed for a day, are forgotten: the record they belong to stays.
MAILS_KEPT = 2 * DAY
THROTTLES_KEPT = DAY

_log = logging.getLogger(__name__)


class InvitationMailRecipes(Recipes):
    @every(1.0)
    def hand_over_invitations(self) -> None:
        """Killed between the call and the commit, it asks identity for the same mail again."""
        for _ in range(MAILS_AT_ONCE):
            mail = self._taken_mail()
            if mail is None:
                return
            self._hand_mail_over(mail)

    @every(60.0)
    def end_outdated_invitations(self) -> None:
        """Nothing depends on it: an invitation whose time is over is read as expired anyway."""
        now = self.clock.now()
        while self._expire_some(now):
            pass
        with self.db() as session:
            invitations.drop_mails(session, before=now - MAILS_KEPT)
            throttles.drop_throttles(session, before=now - THROTTLES_KEPT)

    def _expire_some(self, now: datetime) -> bool:
        """Whether there may be more to do now."""
        with self.db() as session:
            return invitations.expire_some(session, now) > 0

    def _taken_mail(self) -> InvitationMail | None:
        """For the time of the lease nobody else hands it over."""
        now = self.clock.now()
        with self.db.reading() as session:
            if not invitations.is_any_mail_due(session, now):
                return None
        with self.db() as session:
            mail = invitations.mail_due(session, now)
            if mail is not None:
                mail.tries += 1
                mail.due_at = now + LEASE
            return mail

    def _hand_mail_over(self, mail: InvitationMail) -> None:
        """Whatever is wrong with one mail, the others behind it are handed over."""
        now = self.clock.now()
        try:
            request = self._mail_request(mail, now)
            if request is not None:
                self.call("identity", "write_invitation", request)
        except (Refusal, RemoteFailure, SecretUnreadable) as failure:
            _log.warning("mail %s was not handed over: %s", mail.id, type(failure).__name__)
            until = max(now + delay_after(mail.tries), _asked_to_wait(failure, now))
            self._put_mail_off(mail, until)
            return
        with self.db() as session:
            row = invitations.mail_for_update(session, mail.id)
            if row is not None:
                row.sealed_token = row.due_at = None

    def _put_mail_off(self, mail: InvitationMail, until: datetime) -> None:
        with self.db() as session:
            row = invitations.mail_for_update(session, mail.id)
            # Another replica may have taken it after the lease.
            if row is not None and row.tries == mail.tries and row.sealed_token is not None:
                row.due_at = until

    def _mail_request(self, mail: InvitationMail, now: datetime) -> dict[str, Any] | None:
        """What identity is asked; None where the link would not work."""
        with self.db.reading() as session:
            found = invitations.offered_with(session, mail)
        if found is None or mail.sealed_token is None or not found.is_active:
            return None
        invitation = found.invitation
        try:
            require_pending(invitation.status, invitation.expires_at, now)
            require_inviter(found.inviter_role, invitation.requested_role)
        except InvitationOver:
            return None
        token = self.kit.box.open(mail.sealed_token, mail_place(mail.id))
        if token_hash(token) != invitation.token_hash:
            # Sent again meanwhile, in a mail of its own.
            return None
        return {
            "mail_id": str(mail.id),
            "organization_id": str(invitation.organization_id),
            "email": invitation.email,
            "invited_by": str(invitation.invited_by),
            "organization_name": found.organization_name,
            "token": token,
            "expires_at": invitation.expires_at.isoformat(),
        }


def _asked_to_wait(failure: Exception, now: datetime) -> datetime:
    """Until when: as many mails as may be were written to the address, so none sooner."""
    if not isinstance(failure, TooMany):
        return now
    return now + timedelta(seconds=int(failure.facts.get("retry_after", "0")))
