"""Commands of an organization: locked, carried out once, and logged with their answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from marshmallow import Schema
from sqlalchemy.orm import Session

from chassis.idempotency import Dumped, Replayed, request_hash
from chassis.service import Service
from contracts.access import Permission, Role
from contracts.caller import Caller
from contracts.errors import IdempotencyMismatch
from services.licensing.domain.allocation import ProductNotRegistered
from services.licensing.domain.calendar import Calendar, civil_day
from services.licensing.domain.history import Entry
from services.licensing.domain.ledger import Posting, due
from services.licensing.domain.policy import LicensingSettings
from services.licensing.domain.standing import Position
from services.licensing.models import AuditRow, CalendarRow, CommandRow
from services.licensing.queries import history, ledger, standing


@dataclass(frozen=True)
class Licensee:
    """Who acts for which organization, as decided before the transaction."""

    organization_id: UUID
    caller: Caller
    role: Role


@dataclass(frozen=True)
class Command:
    """A command under way: the organization is locked, and what was due is posted."""

    session: Session
    name: str
    organization_id: UUID
    product: str
    idempotency_key: str
    request_hash: str
    now: datetime
    today: date
    book: CalendarRow
    licensee: Licensee
    id: UUID = field(default_factory=uuid4)

    def position(self) -> Position:
        """:raises ProductNotRegistered: the organization has not registered the product."""
        return position_of(self.session, self.book, self.today, self.product)

    def post(self, postings: list[Posting]) -> None:
        ledger.post(
            self.session,
            organization_id=self.organization_id,
            command_id=self.id,
            postings=postings,
            now=self.now,
        )


def position_of(session: Session, book: CalendarRow | None, today: date, product: str) -> Position:
    found = standing.positions(session, book, today, only=product) if book else []
    if not found:
        raise ProductNotRegistered("Register the product to the organization first.")
    return found[0]


class Commands(Service):
    """What the mixins of this package share."""

    own: LicensingSettings

    def licensee(self, organization_id: UUID) -> Licensee:
        """Refuses whoever may not manage the organization's licenses (R7)."""
        caller = self.caller
        role = self.access.require(organization_id, Permission.LICENSE_MANAGE)
        return Licensee(organization_id, caller, role)

    @contextmanager
    def command(
        self,
        name: str,
        licensee: Licensee,
        product: str,
        idempotency_key: str,
        request: Mapping[str, object],
    ) -> Iterator[Command]:
        """Locks the organization, then looks for the key: its commands come one after another.

        :raises Replayed: the command was carried out before; carries its answer.
        :raises IdempotencyMismatch: the key was used for another command.
        """
        organization_id = licensee.organization_id
        digest = request_hash(
            {**request, "command": name, "product": product, "by": licensee.caller.account_id}
        )
        with self.db() as session:
            book = standing.calendar_for_update(session, organization_id)
            earlier = history.command_by_key(session, organization_id, idempotency_key)
            if earlier is not None:
                if earlier.request_hash != digest:
                    raise IdempotencyMismatch(
                        "This Idempotency-Key came with another request before. Use a new key."
                    )
                raise Replayed(earlier.result)
            standing.products_for_update(session, organization_id)
            now = self.clock.now()
            command = Command(
                session=session,
                name=name,
                organization_id=organization_id,
                product=product,
                idempotency_key=idempotency_key,
                request_hash=digest,
                now=now,
                today=civil_day(now, book.time_zone),
                book=book,
                licensee=licensee,
            )
            _post_due(command)
            yield command

    def done(
        self,
        command: Command,
        gives: type[Schema],
        answer: Mapping[str, Any],
        arguments: Mapping[str, Any],
    ) -> Dumped:
        """Ends the command: its answer and what it did become the organization's history."""
        result = gives().dump(answer)
        _log(command, dict(arguments), result)
        self.audit(
            command.session,
            command.name,
            "product",
            command.product,
            organization_id=command.organization_id,
            after=dict(arguments),
        )
        return Dumped(result)

    def audit(
        self,
        session: Session,
        action: str,
        object_type: str,
        object_id: object,
        *,
        organization_id: UUID | None = None,
        acting_as: str | None = None,
        refused_for: str | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        caller = self.caller if self.context.caller is not None else None
        session.add(
            AuditRow(
                id=uuid4(),
                at=self.clock.now(),
                account_id=caller.account_id if caller else None,
                session_id=caller.session_id if caller else None,
                acting_as=acting_as,
                organization_id=organization_id,
                action=action,
                object_type=object_type,
                object_id=str(object_id),
                result="done" if refused_for is None else "refused",
                reason=refused_for,
                ip=self.context.ip,
                user_agent=self.context.user_agent,
                request_id=self.context.request_id,
                before=None,
                after=None if after is None else dict(after),
            )
        )


def _post_due(command: Command) -> None:
    session, book = command.session, command.book
    postings = due(
        standing.positions(session, book, command.today),
        ledger.open_years(session, command.organization_id),
        Calendar(book.anchor) if book.anchor else None,
        command.today,
    )
    if postings:
        command.post(list(postings))


def _log(command: Command, arguments: dict[str, Any], result: Any) -> None:
    """Adds the command to the organization's chain."""
    licensee, book = command.licensee, command.book
    entry = Entry(
        organization_id=command.organization_id,
        number=book.last_number + 1,
        idempotency_key=command.idempotency_key,
        request_hash=command.request_hash,
        account_id=licensee.caller.account_id,
        role=licensee.role.value,
        name=command.name,
        product=command.product,
        on_date=command.today,
        recorded_at=command.now,
        arguments=arguments,
        result=result,
        previous_hash=book.last_hash,
    )
    sealed = entry.sealed()
    command.session.add(CommandRow(id=command.id, hash=sealed, **vars(entry)))
    book.last_number, book.last_hash = entry.number, sealed
