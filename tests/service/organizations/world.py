"""Builders: organizations, folders, members and grants, with what does not matter left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from chassis import caller as assertions
from chassis.tables import ChassisBase, IdempotencyRow, OutboxRow
from contracts.access import TOKEN_SCOPES, Role
from contracts.caller import Caller, Level
from contracts.errors import Refusal
from contracts.organizations import AuditResult
from services.identity.domain import email_address
from services.identity.models import Account
from services.organizations.domain import names
from services.organizations.domain.access import Status
from services.organizations.models import (
    AuditEntry,
    Base,
    Folder,
    FolderGrant,
    InvitationMail,
    Membership,
    Organization,
)
from services.organizations.service.invitations import mail_place
from tests.harness import Suite


@dataclass(frozen=True)
class Home:
    """An organization with its owner."""

    id: UUID
    root: UUID
    owner: UUID


class World:
    """``world.ask("get_folder", account, organization_id=…)``, and rows set up without the API."""

    def __init__(self, suite: Suite) -> None:
        self.suite = suite
        self.database = suite.databases["organizations"]

    def ask(self, method: str, who: UUID | str | Caller | None, /, **payload: Any) -> Any:
        plain = {
            name: str(value) if isinstance(value, UUID) else value
            for name, value in payload.items()
        }
        if not isinstance(who, Caller):
            return self.suite.call("organizations", method, plain, as_=who)
        suite = self.suite
        assertion = assertions.issue(suite._signing, suite.key_id, who, suite.clock.now())
        headers = {"request_id": str(uuid4()), "caller": assertion}
        return suite.bus.call("organizations", method, plain, headers)

    def session(self, account: UUID, level: Level = Level.AAL2, *, minutes: int = 0) -> Caller:
        """Whose credentials were entered so long ago."""
        at = self.suite.clock.now() - timedelta(minutes=minutes)
        return Caller(account, uuid4(), level, at)

    def program(self, account: UUID, *, has_authenticator: bool = False) -> Caller:
        """An API token of the account with all scopes there are."""
        at, scopes = self.suite.clock.now(), frozenset(TOKEN_SCOPES)
        return Caller(account, uuid4(), Level.TOKEN, at, scopes, has_authenticator)

    def refused(self, method: str, who: UUID | str | Caller | None, /, **payload: Any) -> str:
        """The code of the refusal; fails when there is none."""
        try:
            answer = self.ask(method, who, **payload)
        except Refusal as refusal:
            return refusal.code
        raise AssertionError(f"{method} was answered: {answer}")

    def outcome(self, method: str, who: UUID | str | Caller | None, /, **payload: Any) -> str:
        """ "done", or the code of the refusal."""
        try:
            self.ask(method, who, **payload)
        except Refusal as refusal:
            return refusal.code
        return "done"

    def refused_scope(self, home: Home, who: UUID, permission: str) -> str:
        return self.refused("resolve_scope", who, organization_id=home.id, permission=permission)

    # Through the API

    def home(self, owner: UUID | None = None, name: str = "Analytical Engines") -> Home:
        owner = owner or uuid4()
        made = self.ask("create_organization", owner, name=name, idempotency_key=str(uuid4()))
        return Home(UUID(made["id"]), UUID(made["default_folder_id"]), owner)

    def folder(self, home: Home, name: str, parent: UUID | None = None) -> UUID:
        made = self.ask(
            "create_folder",
            home.owner,
            organization_id=home.id,
            parent_id=parent or home.root,
            name=name,
            idempotency_key=str(uuid4()),
        )
        return UUID(made["id"])

    def pages(
        self, method: str, who: UUID | str | Caller, /, *, limit: int, **payload: Any
    ) -> Iterator[list[dict[str, Any]]]:
        cursor = None
        while True:
            page = self.ask(method, who, limit=limit, cursor=cursor, **payload)
            yield page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def all(
        self, method: str, who: UUID | str | Caller, /, *, limit: int = 200, **payload: Any
    ) -> list[Any]:
        return [each for page in self.pages(method, who, limit=limit, **payload) for each in page]

    # Through the tables

    def person(self, email: str | None = None) -> UUID:
        """The id of a new account in identity, which knows none without a verified address."""
        account_id, now = uuid4(), self.suite.clock.now()
        email = email or f"{account_id.hex}@example.com"
        with self.suite.databases["identity"]() as session:
            session.add(
                Account(
                    id=account_id,
                    email=email,
                    email_key=email_address.key(email),
                    language="en",
                    registered_at=now,
                    verified_at=now,
                )
            )
        return account_id

    def joins(self, home: Home, role: Role, *grants: UUID, account: UUID | None = None) -> UUID:
        """A new member's account id."""
        account = account or uuid4()
        membership = Membership(
            id=uuid4(),
            organization_id=home.id,
            account_id=account,
            role=role,
            joined_at=self.suite.clock.now(),
        )
        with self.database() as session:
            session.add(membership)
        for folder in grants:
            self.grant(home, account, folder)
        return account

    def grant(self, home: Home, account: UUID, folder: UUID) -> None:
        with self.database() as session:
            session.add(
                FolderGrant(
                    membership_id=self._membership(session, home, account).id,
                    folder_id=folder,
                    organization_id=home.id,
                    granted_by=home.owner,
                    granted_at=self.suite.clock.now(),
                )
            )

    def revoke(self, home: Home, account: UUID, folder: UUID) -> None:
        with self.database() as session:
            membership = self._membership(session, home, account)
            session.delete(session.get_one(FolderGrant, (membership.id, folder)))

    def sets_role(self, home: Home, account: UUID, role: Role) -> None:
        with self.database() as session:
            self.change_role(session, home, account, role)

    def change_role(self, session: Session, home: Home, account: UUID, role: Role) -> None:
        """Inside a transaction of the caller's own."""
        self._membership(session, home, account).role = role

    def leaves(self, home: Home, account: UUID) -> None:
        with self.database() as session:
            self.end_membership(session, home, account)

    def end_membership(self, session: Session, home: Home, account: UUID) -> None:
        """Inside a transaction of the caller's own."""
        session.delete(self._membership(session, home, account))

    def archived(self, home: Home) -> Home:
        with self.database() as session:
            self.archive(session, home)
        return home

    def archive(self, session: Session, home: Home) -> None:
        """Inside a transaction of the caller's own."""
        session.get_one(Organization, home.id).status = Status.ARCHIVED

    def deletes(self, *folders: UUID) -> None:
        with self.database() as session:
            session.execute(
                update(Folder)
                .where(Folder.id.in_(folders))
                .values(deleted_at=self.suite.clock.now(), deletion_id=uuid4())
            )

    def plants(self, home: Home, parents: list[int | None]) -> list[UUID]:
        """Folders whose parent is another of the list, or the default folder for None."""
        ids = [uuid4() for _ in parents]
        depths: list[int] = []
        with self.database() as session:
            for number, parent in enumerate(parents):
                depths.append(1 if parent is None else depths[parent] + 1)
                name = f"Folder {number}"
                session.add(
                    Folder(
                        id=ids[number],
                        organization_id=home.id,
                        parent_id=home.root if parent is None else ids[parent],
                        name=name,
                        name_key=names.key(name),
                        depth=depths[number],
                    )
                )
                session.flush()
        return ids

    def dump(self, *, without: tuple[str, ...] = ()) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table; who leaves out the audit leaves out how refusals are counted."""
        if "audit" in without:
            without = (*without, "throttle")
        with self.database.reading() as session:
            return {
                table.name: sorted((tuple(row) for row in session.execute(select(table))), key=repr)
                for table in [*Base.metadata.sorted_tables, *ChassisBase.metadata.sorted_tables]
                if table.name not in without
            }

    # Looking into the tables

    @staticmethod
    def as_home(organization_id: UUID, root: UUID, owner: UUID) -> Home:
        return Home(organization_id, root, owner)

    def changes(self, organization_id: UUID) -> tuple[int, int]:
        """The access epoch, and how many acts are recorded as done."""
        with self.database.reading() as session:
            epoch = session.scalar(
                select(Organization.access_epoch).where(Organization.id == organization_id)
            )
            entries = session.scalar(
                select(func.count())
                .select_from(AuditEntry)
                .where(
                    AuditEntry.organization_id == organization_id,
                    AuditEntry.result == AuditResult.DONE,
                )
            )
        return epoch or 0, entries or 0

    def tree(self, organization_id: UUID) -> dict[UUID, UUID | None]:
        """Each live folder with the one it is in."""
        with self.database.reading() as session:
            rows = session.execute(
                select(Folder.id, Folder.parent_id).where(
                    Folder.organization_id == organization_id, Folder.deleted_at.is_(None)
                )
            )
            return {row.id: row.parent_id for row in rows}

    def invitation_token(self, invitation_id: UUID) -> str:
        """Of the mail that waits to be handed over; of the newest, where it was sent again."""
        with self.database.reading() as session:
            mail_id, sealed = session.execute(
                select(InvitationMail.id, InvitationMail.sealed_token)
                .where(InvitationMail.invitation_id == invitation_id)
                .order_by(InvitationMail.created_at.desc())
                .limit(1)
            ).one()
        assert sealed is not None
        return self.suite.kits["organizations"].box.open(sealed, mail_place(mail_id))

    def owners(self, organization_id: UUID) -> int:
        with self.database.reading() as session:
            found = session.scalar(
                select(func.count())
                .select_from(Membership)
                .where(Membership.organization_id == organization_id, Membership.role == Role.OWNER)
            )
        return found or 0

    def state_of(self, *organization_ids: UUID) -> dict[str, list[tuple[Any, ...]]]:
        """Every row about these organizations but for their audit, and how much was announced."""
        found = {}
        with self.database.reading() as session:
            for table in Base.metadata.sorted_tables:
                column = table.c.get(
                    "organization_id", table.c.id if table.name == "organization" else None
                )
                if column is not None and table.name != "audit":
                    rows = session.execute(select(table).where(column.in_(organization_ids)))
                    found[table.name] = sorted((tuple(row) for row in rows), key=repr)
            for kept in (OutboxRow, IdempotencyRow):
                count = session.scalar(select(func.count()).select_from(kept))
                found[kept.__tablename__] = [(count,)]
        return found

    def _membership(self, session: Session, home: Home, account: UUID) -> Membership:
        found: Membership = session.scalars(
            select(Membership).where(
                Membership.organization_id == home.id, Membership.account_id == account
            )
        ).one()
        return found


MakeWorld = Callable[..., World]
