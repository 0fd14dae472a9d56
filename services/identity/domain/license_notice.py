"""A notice of licensing as mails: one for each account, whatever comes again (D-21)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid5

# Longer than a mail is tried: what comes late still says the day that it is about.
LIFE = timedelta(days=2)


def mail_id(notice_id: UUID, account_id: UUID) -> UUID:
    """The same for the same notice and account, so that there is one mail of them."""
    return uuid5(notice_id, account_id.hex)
