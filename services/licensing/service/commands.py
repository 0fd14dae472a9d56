"""Commands of an organization: locked, carried out once, and logged with their answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid4, uuid5

from marshmallow import Schema
from sqlalchemy.orm import Session

from chassis.idempotency import Dumped, Replayed, request_hash
from chassis.service import Service
from contracts.access import Permission
from contracts.errors import IdempotencyMismatch
from services.licensing.domain.books import Books, Settled
from services.licensing.domain.history import Entry
from services.licensing.domain.ledger import Posting
from services.licensing.domain.policy import LicensingSettings
from services.licensing.domain.product import ProductNotRegistered
from services.licensing.domain.standing import Position, require_open
from services.licensing.domain.wallet import Lot
from services.licensing.queries import history, ledger, standing
from services.licensing.queries.history import SUITE
from services.licensing.queries.standing import LockedCalendar

SYSTEM = "system"
OPERATOR = "operator"


@dataclass(frozen=True)
class Licensee:
    """Who acts for which organization, as decided before the transaction.

    ``role`` is a member's, or `SUITE`, `SYSTEM` or `OPERATOR` where no account is known.
    """

    organization_id: UUID
    account_id: UUID | None
    role: str

    @property
    def member(self) -> UUID:
        """The account, of a command that only members give."""
        assert self.account_id is not None, "a command of members came from nobody"
        return self.account_id


@dataclass
class Command:
    """A command under way: the organization is locked, and what was due is posted.

    ``books`` and ``calendar`` are carried along, so that the answer needs no second look.
    """

    session: Session
    name: str
    product: str | None
    idempotency_key: str
    request: Mapping[str, Any]
    request_hash: str
    now: datetime
    today: date
    calendar: LockedCalendar
    books: Books
    licensee: Licensee
    _ids: int = field(default=0, init=False)

    @property
    def organization_id(self) -> UUID:
        return self.licensee.organization_id

    @property
    def number(self) -> int:
        """Its place in the history, once it is there."""
        return self.calendar.last_number + 1

    @property
    def id(self) -> UUID:
        return uuid5(self.organization_id, f"command {self.number}")

    def new_id(self) -> UUID:
        """For what the command makes: the same whenever the history is carried out again."""
        self._ids += 1
        return uuid5(self.id, str(self._ids))

    @property
    def of_product(self) -> str:
        assert self.product is not None, "a command on no product asked for its product"
        return self.product

    def position(self) -> Position:
        """:raises ProductNotRegistered: the organization has not registered the product."""
        return self.books.position(self.of_product, self.today)

    def post(self, postings: Sequence[Posting], lots: Sequence[Lot] = ()) -> None:
        """:param lots: new ones, which the postings fill."""
        self.books = ledger.post(
            self.session,
            self.books,
            product=self.product or "",
            command_id=self.id,
            postings=postings,
            lots=lots,
            now=self.now,
        )

    def settle(self, settled: Sequence[Settled]) -> None:
        for one in settled:
            self.books = ledger.settle(
                self.session, self.books, product=one.product, year=one.year, on=one.on
            )

    def count(self, devices: int) -> None:
        """The need follows from now on; see `settle_by_need`."""
        self.calendar = replace(self.calendar, devices=devices)
        self.books = replace(self.books, devices=devices)

    def count_usage(self) -> None:
        """Reads again what systems need, after the command changed it."""
        self.calendar = replace(self.calendar, has_systems=True)
        used = standing.usage(self.session, self.organization_id)
        self.books = replace(self.books, usage=used)

    def settle_by_need(self) -> bool:
        """Whether a year is settled by what is needed now, or growth passed its limit (D-12)."""
        settled = self.books.settling(self.today)
        self.settle(settled)
        return self.note_growth() or bool(settled)

    def note_growth(self) -> bool:
        """Whether a product's growth is above or within its limit for the first time (D-22)."""
        has_changed = False
        for code, exceeds in self.books.exceeding(self.today).items():
            product = self.books.products[code]
            if exceeds != (product.exceeded_since is not None):
                has_changed = True
                changed = replace(product, exceeded_since=self.today if exceeds else None)
                ledger.note_growth(self.session, self.organization_id, changed)
                self.books = self.books.with_product(changed)
        return has_changed


Recipe = Callable[[Any, Command], Dumped]
RECIPES: dict[str, Recipe] = {}


def recipe(carry_out: Recipe) -> Recipe:
    """What a command does, found by its name when the history is carried out again (I11).

    The method is called like the command with an underscore before; it takes all that it is asked
    from ``command.request``, which is kept, and every id from ``command.new_id``.
    """
    RECIPES[carry_out.__name__.removeprefix("_")] = carry_out
    return carry_out


SuiteRecipe = Callable[[Any, Command], None]
SUITE_RECIPES: dict[str, SuiteRecipe] = {}


def suite_recipe(carry_out: SuiteRecipe) -> SuiteRecipe:
    """Like `recipe`, for what the suite itself does with an organization."""
    SUITE_RECIPES[carry_out.__name__.removeprefix("_")] = carry_out
    return carry_out


class Commands(Service):
    """What the mixins of this package share."""

    own: LicensingSettings
    # Whether the history is being carried out again, each entry on its own day.
    is_replaying = False

    def day_of(self, books: Books, now: datetime, /) -> date:
        return books.today(now)

    def licensee(self, organization_id: UUID) -> Licensee:
        """Refuses whoever may not manage the organization's licenses (R7)."""
        caller = self.caller
        role = self.access.require(organization_id, Permission.LICENSE_MANAGE)
        return Licensee(organization_id, caller.account_id, role.value)

    def books_of(self, organization_id: UUID) -> tuple[Books, date]:
        """As they are today, whether or not a command wrote down what time has brought about.

        :raises ProductNotRegistered: the organization has no product.
        """
        with self.db.reading() as session:
            books = standing.books(session, organization_id)
        if books is None:
            raise ProductNotRegistered("Register the product to the organization first.")
        today = books.today(self.clock.now())
        return books.advanced(today), today

    def carry_out(
        self,
        name: str,
        licensee: Licensee,
        product: str | None,
        idempotency_key: str,
        request: Mapping[str, Any],
    ) -> Dumped:
        """Carries out the recipe of a command.

        :param request: plain JSON, without secrets; kept in the history. ``terms`` in it are what
            the installation decides: kept too, but no part of what the caller asked for.
        """
        with self.command(name, licensee, product, idempotency_key, request) as command:
            return RECIPES[name](self, command)

    @contextmanager
    def command(
        self,
        name: str,
        licensee: Licensee,
        product: str | None,
        idempotency_key: str,
        request: Mapping[str, Any],
    ) -> Iterator[Command]:
        """Locks the organization, then looks for the key: its commands come one after another.

        :raises OrganizationInArchive:
        :raises Replayed: the command was carried out before; carries its answer.
        :raises IdempotencyMismatch: the key was used for another command.
        """
        organization_id = licensee.organization_id
        asked = {key: value for key, value in request.items() if key != "terms"}
        digest = request_hash(
            {**asked, "command": name, "product": product, "by": licensee.account_id}
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
                request=request,
                request_hash=digest,
                now=now,
                today=self.day_of(books, now),
                calendar=calendar,
                books=books,
                licensee=licensee,
            )
            self._catch_up(command)
            yield command

    def opened(
        self, session: Session, name: str, organization_id: UUID, request: Mapping[str, Any]
    ) -> Command:
        """What the suite itself does with an organization, archived or not.

        It becomes history if `log` is called; what else changed is kept by `keep`.
        """
        calendar = standing.calendar_for_update(session, organization_id)
        books = standing.books_for_update(session, organization_id, calendar)
        now = self.clock.now()
        command = Command(
            session=session,
            name=name,
            product=None,
            idempotency_key=_suite_key(calendar),
            request=request,
            request_hash="",
            now=now,
            today=self.day_of(books, now),
            calendar=calendar,
            books=books,
            licensee=Licensee(organization_id, None, SUITE),
        )
        if not calendar.is_archived:
            self._catch_up(command)
            command.idempotency_key = _suite_key(command.calendar)
        return command

    def done(
        self,
        command: Command,
        gives: type[Schema] | None,
        answer: Mapping[str, Any],
        arguments: Mapping[str, Any],
    ) -> Dumped:
        """Ends the command: its answer and what it did become the organization's history."""
        command.note_growth()
        result = self.told(_dumper(gives).dump(answer) if gives else dict(answer))
        _log(command, dict(arguments), result)
        self.audit(
            command.session,
            command.name,
            "product" if command.product else "organization",
            command.product or command.organization_id,
            organization_id=command.organization_id,
            acting_as=None if command.licensee.account_id else command.licensee.role,
            after=dict(arguments),
        )
        return Dumped(result)

    def told(self, answer: Any, /) -> Any:
        """What a command is answered with, and the history keeps."""
        return answer

    def log(self, command: Command, arguments: Mapping[str, Any]) -> None:
        """Ends a command of the suite as an entry of the history."""
        _log(command, dict(arguments), {})

    def keep(self, command: Command) -> None:
        """Ends a command of the suite of which the history tells later or never."""
        standing.keep_calendar(command.session, command.organization_id, command.calendar)

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

    def _catch_up(self, command: Command) -> None:
        """Logs the devices counted since, then what time alone has brought about (M3).

        In this order and on the last day swept, for that is how it came about: whoever changed the
        count had caught up before.
        """
        swept_on = command.calendar.swept_on
        is_swept = swept_on is not None and command.today <= swept_on
        is_count = command.name == "devices_counted"
        # Devices that come and go on one day are told of once.
        if command.calendar.devices != command.calendar.devices_logged and not (
            is_swept and is_count
        ):
            on = min(swept_on or command.today, command.today)
            self._log_of_suite(command, "devices_counted", on, {"devices": command.books.devices})
        if is_swept:
            return
        passed = command.books.passed(command.today)
        if passed:
            sweep = _of_suite(command, "time_passed", command.today, {})
            sweep.post(passed.postings)
            sweep.settle(passed.settled)
            sweep.note_growth()
            _log(sweep, _told(passed.settled), {})
            command.books, command.calendar = sweep.books, sweep.calendar
        command.books = replace(command.books, swept_on=command.today)
        command.calendar = replace(command.calendar, swept_on=command.today)

    def _log_of_suite(
        self, command: Command, name: str, on: date, request: Mapping[str, Any]
    ) -> None:
        entry = _of_suite(command, name, on, request)
        _log(entry, dict(request), {})
        command.books, command.calendar = entry.books, entry.calendar


def _of_suite(command: Command, name: str, on: date, request: Mapping[str, Any]) -> Command:
    """An entry of its own, before the one of the command that met it."""
    return Command(
        session=command.session,
        name=name,
        product=None,
        idempotency_key=_suite_key(command.calendar),
        request=request,
        request_hash="",
        now=command.now,
        today=on,
        calendar=command.calendar,
        books=command.books,
        licensee=Licensee(command.organization_id, None, SUITE),
    )


def _suite_key(calendar: LockedCalendar) -> str:
    # Those of callers have eight characters at least, and so never are one of these.
    return f"#{calendar.last_number + 1:x}"


def _told(settled: Sequence[Settled]) -> dict[str, Any]:
    return {
        "settled": [
            {"product": one.product, "year": one.year, "on": str(one.on)} for one in settled
        ]
    }


@lru_cache
def _dumper(gives: type[Schema]) -> Schema:
    return gives()


def _log(command: Command, arguments: dict[str, Any], result: Any) -> None:
    """Adds the command to the organization's chain."""
    licensee, books, end = command.licensee, command.books, command.calendar
    entry = Entry(
        organization_id=command.organization_id,
        number=command.number,
        idempotency_key=command.idempotency_key,
        # Nobody asks twice for what the suite does.
        request_hash=command.request_hash or request_hash(command.request),
        account_id=licensee.account_id,
        role=licensee.role,
        name=command.name,
        product=command.product,
        on_date=command.today,
        recorded_at=command.now,
        arguments=arguments,
        result=result,
        previous_hash=end.last_hash,
        request=dict(command.request),
    )
    sealed = entry.sealed()
    history.add_command(command.session, command.id, entry, sealed)
    command.calendar = replace(
        end,
        time_zone=books.time_zone,
        anchor=books.anchor,
        last_number=entry.number,
        last_hash=sealed,
        devices_logged=end.devices,
    )
    standing.keep_calendar(command.session, command.organization_id, command.calendar)
