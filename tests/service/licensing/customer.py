"""An organization that buys licenses, and the supplier it buys them from."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, Self
from uuid import UUID, uuid4

from sqlalchemy import func, select

from services.licensing.domain.history import Entry, is_intact
from services.licensing.domain.license_key import shown
from services.licensing.models import (
    AccountRow,
    AllocationRow,
    EntryRow,
    SupplierRow,
    WithdrawalRow,
)
from services.licensing.queries.history import chain
from services.licensing.service.suppliers import CREDENTIAL_DIGEST
from tests.harness import Suite

PRODUCT = "camera-manager"


class Supplier:
    """One that an operator created; identity, which knows operators, need not run for it."""

    def __init__(self, suite: Suite, *, keys_per_day: int = 1_000) -> None:
        self._suite = suite
        self.id = uuid4()
        self.credential = secrets.token_urlsafe(32)
        kit = suite.kits["licensing"]
        with kit.db() as session:
            session.add(
                SupplierRow(
                    id=self.id,
                    name=f"Supplier {self.id}",
                    credential_digest=kit.pepper.digest(CREDENTIAL_DIGEST, self.credential),
                    keys_per_day=keys_per_day,
                    created_at=suite.clock.now(),
                )
            )

    def order(self, **values: Any) -> dict[str, Any]:
        """The order's request without its credential."""
        return {
            "order_ref": uuid4().hex,
            "product": PRODUCT,
            "lines": [{"type": "core", "quantity": 12}],
            "term_years": 1,
            "count": 1,
            **values,
        }

    def call(self, method: str, **values: Any) -> Any:
        return self._suite.call("licensing", method, {"credential": self.credential, **values})

    def issue(self, **values: Any) -> Any:
        return self.call("issue_license_keys", **self.order(**values))

    def key(self, licenses: int = 12, **values: Any) -> str:
        lines = [{"type": "core", "quantity": licenses}]
        key: str = self.issue(lines=lines, **values)["keys"][0]["key"]
        return key


class Customer:
    """Its owner's commands; each with a fresh Idempotency-Key unless told otherwise."""

    def __init__(
        self,
        suite: Suite,
        supplier: Supplier | None = None,
        *,
        owner: UUID | None = None,
        name: str = "Nordic Retail",
    ) -> None:
        self.suite = suite
        self.supplier = supplier or Supplier(suite)
        self.owner = owner or uuid4()
        created = suite.call(
            "organizations",
            "create_organization",
            {"name": name, "idempotency_key": uuid4().hex},
            as_=self.owner,
        )
        self.id = UUID(created["id"])
        self.devices: list[UUID] = []

    def ask(self, method: str, *, product: str = PRODUCT, **values: Any) -> Any:
        return self.suite.call(
            "licensing",
            method,
            {"organization_id": str(self.id), "product": product, **values},
            as_=self.owner,
        )

    def command(self, method: str, **values: Any) -> Any:
        return self.ask(method, **{"idempotency_key": uuid4().hex, **values})

    def register(self, **values: Any) -> Any:
        return self.command("register_product", **values)

    def start(self, **values: Any) -> Any:
        return self.command("start_subscription", **values)

    def redeem(self, key: str, **values: Any) -> Any:
        return self.command("redeem_license_key", key=key, **values)

    def buy(self, licenses: int, *, product: str = PRODUCT) -> Any:
        return self.redeem(self.supplier.key(licenses, product=product), product=product)

    def buy_types(self, product: str, licenses: Mapping[str, int]) -> Any:
        """All with one key."""
        lines = [{"type": code, "quantity": n} for code, n in licenses.items()]
        issued = self.supplier.issue(product=product, lines=lines)
        return self.redeem(issued["keys"][0]["key"], product=product)

    def allocate(self, seats: int, **values: Any) -> Any:
        return self.command(
            "allocate_licenses", **{"lines": [{"type": "core", "seats": seats}], **values}
        )

    def preview(self, seats: int, **values: Any) -> Any:
        return self.ask(
            "preview_allocation", **{"lines": [{"type": "core", "seats": seats}], **values}
        )

    def overview(self, **values: Any) -> Any:
        return self.ask("get_product_overview", **values)

    def forecast(self, **values: Any) -> Any:
        return self.ask("get_forecast", **values)

    def wallet(self, **values: Any) -> Any:
        return self.ask("get_wallet", **values)

    def history(self, **values: Any) -> Any:
        return self.suite.call(
            "licensing",
            "list_license_history",
            {"organization_id": str(self.id), **values},
            as_=self.owner,
        )

    def started(self) -> Customer:
        self.register()
        self.start()
        return self

    def manage(self, count: int) -> None:
        """Adds devices until there are as many, or removes the last ones."""
        while len(self.devices) < count:
            self.devices.append(uuid4())
            self.hear(
                "device_added",
                device_id=self.devices[-1],
                folder_id=uuid4(),
                model="P3265-LVE",
                serial=f"B8A44F{len(self.devices):06X}",
            )
        while len(self.devices) > count:
            self.hear("device_removed", device_id=self.devices.pop())

    def hear(self, name: str, event_id: UUID | None = None, **data: object) -> None:
        """What devices and organizations announce, as it comes out of its queue."""
        facts = {
            field: value if isinstance(value, int | list) else str(value)
            for field, value in data.items()
        }
        body = {
            "event_id": str(event_id or uuid4()),
            "data": {"organization_id": str(self.id), **facts},
        }
        getattr(self.suite.instance("licensing"), name)(body)

    def on(self, day: str) -> Self:
        """Moves the clock to nine in the morning of a day, in UTC."""
        now: datetime = self.suite.clock.now()
        self.suite.clock.advance(
            datetime.combine(date.fromisoformat(day), time(9), now.tzinfo) - now
        )
        return self

    def at(self, moment: str) -> Customer:
        """Moves the clock to a moment, ``2025-03-01T23:30Z``."""
        self.suite.clock.advance(datetime.fromisoformat(moment) - self.suite.clock.now())
        return self

    def balances(self) -> dict[str, int]:
        """Ticks by kind of account."""
        with self.suite.kits["licensing"].db.reading() as session:
            rows = session.execute(
                select(AccountRow.kind, func.sum(AccountRow.balance))
                .where(AccountRow.organization_id == self.id)
                .group_by(AccountRow.kind)
            )
            return {kind: int(total) for kind, total in rows}

    def entries(self) -> Sequence[EntryRow]:
        with self.suite.kits["licensing"].db.reading() as session:
            return session.scalars(
                select(EntryRow)
                .join(AccountRow, AccountRow.id == EntryRow.debit_id)
                .where(AccountRow.organization_id == self.id)
            ).all()

    def log(self) -> Sequence[Entry]:
        with self.suite.kits["licensing"].db.reading() as session:
            return [entry for entry, _hash in chain(session, self.id)]

    def has_intact_history(self) -> bool:
        with self.suite.kits["licensing"].db.reading() as session:
            return is_intact(chain(session, self.id))

    def seats_are_what_was_allocated(self) -> bool:
        """The accounts of years, which nobody sums up for an answer, against what came and left."""
        allocated: Counter[tuple[str, str, str]] = Counter()
        with self.suite.kits["licensing"].db.reading() as session:
            for row in session.scalars(
                select(AllocationRow).where(AllocationRow.organization_id == self.id)
            ):
                allocated[row.product, row.type, str(row.year)] += row.seats
            for left in session.scalars(
                select(WithdrawalRow).where(WithdrawalRow.organization_id == self.id)
            ):
                allocated[left.product, left.type, str(left.year)] -= left.seats
            accounts = session.scalars(
                select(AccountRow).where(AccountRow.organization_id == self.id)
            ).all()
        return {name: seats for name, seats in allocated.items() if seats} == {
            (account.product, account.type, account.ref): account.seats
            for account in accounts
            if account.seats
        } and all(account.kind == "year" for account in accounts if account.seats)

    def books_balance(self) -> bool:
        """I1, I2, I8: sums are zero, nothing is overdrawn, balances are what entries say."""
        moved: dict[UUID, int] = {}
        for entry in self.entries():
            moved[entry.debit_id] = moved.get(entry.debit_id, 0) - entry.ticks
            moved[entry.credit_id] = moved.get(entry.credit_id, 0) + entry.ticks
        with self.suite.kits["licensing"].db.reading() as session:
            accounts = session.scalars(
                select(AccountRow).where(AccountRow.organization_id == self.id)
            ).all()
        return (
            sum(account.balance for account in accounts) == 0
            and all(
                account.balance >= 0 or account.kind.startswith("external") for account in accounts
            )
            and {account.id: account.balance for account in accounts if account.balance}
            == {account: ticks for account, ticks in moved.items() if ticks}
        )


def written(key: str) -> str:
    """The same key as people type it."""
    return f" {shown(key.replace('-', '')).lower()} "
