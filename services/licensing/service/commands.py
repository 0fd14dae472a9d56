"""Commands of an organization: locked, carried out once, and logged with their answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid4

from marshmallow import Schema
from sqlalchemy.orm import Session

from chassis.idempotency import Dumped, Replayed, request_hash
from chassis.service import Service
from contracts.access import Permission, Role
from contracts.caller import Caller
from contracts.errors import IdempotencyMismatch
from services.licensing.domain.books import Books
from services.licensing.domain.history import Entry
from services.licensing.domain.ledger import Posting
from services.licensing.domain.policy import LicensingSettings
from services.licensing.domain.standing import Position, require_open
from services.licensing.domain.wallet import Lot
from services.licensing.queries import history, ledger, standing
from services.licensing.queries.standing import LockedCalendar


@dataclass(frozen=True)
class Licensee:
    """Who acts for which organization, as decided before the transaction."""

    organization_id: UUID
    caller: Caller
    role: Role


@dataclass
class Command:
    """A command under way: the organization is locked, and what was due is posted.

    ``books`` are carried along, so that the answer needs no second look.
    """

    session: Session
    name: str
    product: str
    idempotency_key: str
    request_hash: str
    now: datetime
    today: date
    calendar: LockedCalendar
    books: Books
    licensee: Licensee
    id: UUID = field(default_factory=uuid4)

    @property
    def organization_id(self) -> UUID:
        return self.licensee.organization_id

    def position(self) -> Position:
        """:raises ProductNotRegistered: the organization has not registered the product."""
        return self.books.position(self.product, self.today)

    def post(self, postings: Sequence[Posting], lots: Sequence[Lot] = ()) -> None:
        """:param lots: new ones, which the postings fill."""
        self.books = ledger.post(
            self.session,
            self.books,
            product=self.product,
            command_id=self.id,
            postings=postings,
            lots=lots,
            now=self.now,
        )


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

        :raises OrganizationInArchive:
        :raises Replayed: the command was carried out before; carries its answer.
        :raises IdempotencyMismatch: the key was used for another command.
        """
        organization_id = licensee.organization_id
        digest = request_hash(
            {**request, "command": name, "product": product, "by": licensee.caller.account_id}
        )
        with self.db() as session:
            calendar = standing.calendar_for_update(session, organization_id)
            require_open(is_archived=calendar.is_archived)
            earlier = history.command_by_key(session, organization_id, idempotency_key)
            if earlier is not None:
                if earlier.request_hash != digest:
                    raise IdempotencyMismatch(
                        "This Idempotency-Key came with another request before. Use a new key."
                    )
                raise Replayed(earlier.result)
            books = standing.books_for_update(session, organization_id, calendar)
            now = self.clock.now()
            command = Command(
                session=session,
                name=name,
                product=product,
                idempotency_key=idempotency_key,
                request_hash=digest,
                now=now,
                today=books.today(now),
                calendar=calendar,
                books=books,
                licensee=licensee,
            )
            if due := books.due(command.today):
                command.post(due)
            yield command

    def done(
        self,
        command: Command,
        gives: type[Schema],
        answer: Mapping[str, Any],
        arguments: Mapping[str, Any],
    ) -> Dumped:
        """Ends the command: its answer and what it did become the organization's history."""
        result = _dumper(gives).dump(answer)
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
        values = {
            "id": uuid4(),
            "at": self.clock.now(),
            "account_id": caller.account_id if caller else None,
            "session_id": caller.session_id if caller else None,
            "acting_as": acting_as,
            "organization_id": organization_id,
            "action": action,
            "object_type": object_type,
            "object_id": str(object_id),
            "result": "done" if refused_for is None else "refused",
            "reason": refused_for,
            "ip": self.context.ip,
            "user_agent": self.context.user_agent,
            "request_id": self.context.request_id,
        }
        if after is not None:
            values["after"] = dict(after)
        history.add_audit(session, values)


@lru_cache
def _dumper(gives: type[Schema]) -> Schema:
    return gives()


def _log(command: Command, arguments: dict[str, Any], result: Any) -> None:
    """Adds the command to the organization's chain."""
    licensee, books, end = command.licensee, command.books, command.calendar
    entry = Entry(
        organization_id=command.organization_id,
        number=end.last_number + 1,
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
        previous_hash=end.last_hash,
    )
    sealed = entry.sealed()
    history.add_command(command.session, command.id, entry, sealed)
    standing.keep_calendar(
        command.session,
        command.organization_id,
        LockedCalendar(books.time_zone, books.anchor, entry.number, sealed),
    )
