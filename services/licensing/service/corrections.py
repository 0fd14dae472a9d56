"""What operators correct: entries of the history that should not be, and keys that got lost (D-15)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from chassis.idempotency import Dumped, Replayed
from contracts.errors import IdempotencyMismatch
from contracts.licensing import KeyStatus
from services.licensing.domain.correction import (
    CannotBeReversed,
    Made,
    Undoing,
    undo_allocation,
    undo_whole,
    unsettles,
)
from services.licensing.domain.ledger import AccountKind, AccountName, Reason
from services.licensing.domain.license_key import KeyAlreadyRedeemed
from services.licensing.domain.seats import SeatsMoved, counting
from services.licensing.domain.supplier import LicenseKeyNotFound
from services.licensing.models import CommandRow, LicenseKeyRow
from services.licensing.queries import corrections, seats, suppliers, systems
from services.licensing.service.commands import OPERATOR, Command, Commands, Licensee, recipe
from services.licensing.service.usage import keep_held


class Corrections(Commands):
    """No operation of the interface: operators call them at the shell."""

    def reverse(self, organization_id: UUID, number: int, *, why: str) -> dict[str, Any]:
        """Undoes a redemption or an allocation; the same again is answered as before.

        :raises CannotBeReversed: says what stands in the way.
        """
        with self.db.reading() as session:
            entry = _entry(session, organization_id, number)
        request = {"number": number, "reason": why}
        # With a blank, so that it is no key of a caller's.
        key = f"reverse {number}"
        operator = Licensee(organization_id, None, OPERATOR)
        try:
            done = self.carry_out("reverse", operator, entry.product, key, request).answer
        except Replayed as earlier:
            done = earlier.answer
        except IdempotencyMismatch:
            raise CannotBeReversed(
                f"Entry {number} was reversed before, and for another reason."
            ) from None
        answer: dict[str, Any] = done
        return answer

    @recipe
    def _reverse(self, command: Command) -> Dumped:
        session, organization_id = command.session, command.organization_id
        entry = _entry(session, organization_id, command.request["number"])
        posted = corrections.postings(session, entry.id)
        touched = {name for each in posted for name in (each.debit, each.credit)}
        made = Made(
            entry.number,
            posted,
            corrections.takers(session, organization_id, touched, entry.number),
        )
        command.books = corrections.with_used_up(session, command.books, touched)
        if made.reason is Reason.ALLOCATED:
            undoing = undo_allocation(
                command.books, made, _counting(command, touched), command.today
            )
        else:
            undoing = undo_whole(command.books, made, command.today)
        _carry_out(command, entry, undoing)
        if made.reason is Reason.REDEEMED and "key_id" in entry.arguments:
            corrections.end_key(session, UUID(entry.arguments["key_id"]))
        if made.reason is Reason.EXTENDED:
            _follow_systems(command, touched)
        done = {
            "number": entry.number,
            "name": entry.name,
            "reason": command.request["reason"],
            "withdrawn": {year.type: part.seats for year, part in undoing.left.items()},
            "taken_back": dict(undoing.taken_back),
        }
        return self.done(command, None, {**done, "by_entry": command.number}, done)

    def take_back_key(self, wanted: UUID | str, *, why: str) -> LicenseKeyRow:
        """Ends a key that nobody has redeemed.

        :param wanted: its id, or the five symbols it ends with.
        :raises LicenseKeyNotFound: there is none, or several.
        :raises KeyAlreadyRedeemed:
        """
        with self.db() as session:
            key = _key(session, wanted)
            if not suppliers.revoke_key(session, key.id):
                session.refresh(key)
                if key.status == KeyStatus.REDEEMED.value:
                    raise KeyAlreadyRedeemed(
                        f"This key was redeemed by organization {key.redeemed_organization_id} "
                        f"on {key.redeemed_on}: reverse that entry of its history."
                    )
                return key
            self.audit(
                session,
                "revoke_license_key",
                "license_key",
                key.id,
                acting_as=OPERATOR,
                after={"reason": why},
            )
            return key


def _carry_out(command: Command, entry: CommandRow, undoing: Undoing) -> None:
    session, organization_id = command.session, command.organization_id
    for year, part in undoing.left.items():
        seats.withdraw(
            session, organization_id, year, [part], command_id=command.id, now=command.now
        )
    command.post(undoing.postings)
    # What comes back to a lot after its last day expires at once.
    command.post(command.books.passed(command.today).postings)
    for index in {int(year.ref) for year in undoing.left}:
        if unsettles(command.position(), index, entry.on_date):
            command.books = corrections.unsettle(
                session, command.books, product=command.of_product, year=index
            )


def _counting(command: Command, touched: set[AccountName]) -> dict[AccountName, list[SeatsMoved]]:
    session, organization_id = command.session, command.organization_id
    return {
        name: list(
            counting(
                seats.moved(session, organization_id, name),
                seats.ended(session, organization_id, name),
            )
        )
        for name in touched
        if name.kind is AccountKind.YEAR
    }


def _follow_systems(command: Command, touched: set[AccountName]) -> None:
    for system_id in sorted({n.ref for n in touched if n.kind is AccountKind.SYSTEM}):
        system = systems.registered(command.session, command.organization_id, UUID(system_id))
        # Of one that was removed nothing counts.
        if system is not None:
            keep_held(command, system)


def _entry(session: Session, organization_id: UUID, number: int) -> CommandRow:
    entry = corrections.entry(session, organization_id, number)
    if entry is None:
        raise CannotBeReversed(f"There is no entry {number} in this organization's history.")
    return entry


def _key(session: Session, wanted: UUID | str) -> LicenseKeyRow:
    if isinstance(wanted, UUID):
        found = corrections.key(session, wanted)
        if found is None:
            raise LicenseKeyNotFound("There is no license key with this id.")
        return found[0]
    ending = corrections.keys_ending_with(session, wanted)
    if len(ending) > 1:
        said = ", ".join(f"{key.id} of order {order.order_ref}" for key, order in ending)
        raise LicenseKeyNotFound(f"Several keys end with {wanted}; name one by its id: {said}.")
    if not ending:
        raise LicenseKeyNotFound(f"No license key ends with {wanted}.")
    return ending[0][0]
