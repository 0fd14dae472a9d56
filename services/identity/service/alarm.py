"""The alarm over all accounts: guesses that are spread too thin for any one throttle."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime

from prometheus_client import Counter
from sqlalchemy.orm import Session

from services.identity.domain.throttle import Tally, Throttled, limits
from services.identity.queries import throttles
from services.identity.service.recipes import Charge, Recipes

ALARMS = Counter(
    "freehold_sign_in_alarms", "Windows in which all accounts together failed to sign in too often."
)

_log = logging.getLogger(__name__)


class AlarmRecipes(Recipes):
    def heed_failed_sign_in(self, session: Session, now: datetime) -> None:
        """Raises the alarm once a window; refuses nobody (security 2.2).

        The last of a transaction: everybody's failures wait for this one row.
        """
        charge = Charge("failed-sign-ins", self.settings.alarm_failed_sign_ins)
        for key, limit in zip(charge.keys, limits(charge.limits), strict=True):
            kept = throttles.lock(session, [key], now)[key]
            try:
                tally = Tally(kept.count, kept.started_at).one_more(limit, now)
            except Throttled:
                continue
            changed = replace(kept, count=tally.count, started_at=tally.started_at)
            throttles.keep(session, [changed], now)
            if tally.count == limit.most:
                ALARMS.inc()
                _log.error(
                    "%d sign-ins failed within %d seconds",
                    limit.most,
                    limit.within.total_seconds(),
                )
