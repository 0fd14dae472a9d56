"""Attempts at what can be guessed: license keys, and proofs that hardware is one's own (M6)."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from services.licensing.domain import throttle
from services.licensing.domain.notices import locked
from services.licensing.domain.product import ProductNotRegistered
from services.licensing.domain.throttle import Counter
from services.licensing.queries import history, notices, standing
from services.licensing.service.commands import Licensee
from services.licensing.service.notices import Telling


class Attempts(Telling):
    def count_attempt(self, licensee: Licensee, product: str, idempotency_key: str) -> None:
        """Commits the count before anything is looked at, so that parallel guesses count too."""
        with self.db() as session:
            if not standing.is_registered(session, licensee.organization_id, product):
                raise ProductNotRegistered("Register the product to the organization first.")
            if history.command_by_key(session, licensee.organization_id, idempotency_key):
                # A repetition gets the earlier answer and looks at nothing.
                return
            for counter, subject in self._counted(licensee):
                self._count_failure(session, counter, subject)

    def count_mistyped(self) -> None:
        """What was mistyped is no guess, but one address may not mistype forever."""
        with self.db() as session:
            self._count_failure(session, Counter.MALFORMED, self._address())

    def forgive(self, session: Session, licensee: Licensee) -> None:
        for counter, subject in self._counted(licensee):
            if subject is not None:
                failures = history.failures_for_update(session, counter, subject)
                history.keep_failures(session, subject, throttle.succeeded(failures))

    def tell_of_lock(self, session: Session, organization_id: UUID, product: str) -> None:
        """Once for all failures in a row, whichever of them is the first to find it (M6)."""
        most = throttle.limit_of(Counter.ORGANIZATION, self.own)
        since = notices.locked_since(session, organization_id, most)
        known = None if since is None else standing.product(session, product)
        if since is None or known is None:
            return
        notice = locked(known.code, known.name, since)
        if not notices.is_told(session, organization_id, notice.kind, notice.subject):
            self.tell(session, organization_id, [notice])

    def _count_failure(self, session: Session, counter: Counter, subject: str | None) -> None:
        if subject is None:
            return
        failures = history.failures_for_update(session, counter, subject)
        limit = throttle.limit_of(counter, self.own)
        history.keep_failures(session, subject, throttle.counted(failures, limit, self.clock.now()))

    def _counted(self, licensee: Licensee) -> list[tuple[Counter, str | None]]:
        return [
            (Counter.ACCOUNT, str(licensee.account_id)),
            (Counter.ADDRESS, self._address()),
            (Counter.ORGANIZATION, str(licensee.organization_id)),
        ]

    def _address(self) -> str | None:
        return throttle.address_of(self.context.ip) if self.context.ip else None
