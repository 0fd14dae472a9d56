"""Attempts at what can be guessed: license keys, and proofs that hardware is one's own (M6)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.licensing.domain import throttle
from services.licensing.domain.product import ProductNotRegistered
from services.licensing.domain.throttle import Counter
from services.licensing.queries import history, standing
from services.licensing.service.commands import Commands, Licensee


class Attempts(Commands):
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
