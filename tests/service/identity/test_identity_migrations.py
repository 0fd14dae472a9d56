"""Accounts of an older schema go on as they were."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from alembic import command
from sqlalchemy import text

from chassis import migrations
from chassis.db import Database, engine_for
from services.identity.domain import email_address
from services.identity.queries import accounts
from tests.conftest import NewDatabase

MOMENT = "2025-03-01 09:00:00+00"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'identity.sqlite'}"
    new_database: NewDatabase = request.getfixturevalue("postgres_database")
    return new_database()


@pytest.fixture
def db(url: str) -> Iterator[Database]:
    """Of the schema before domains were compared as they are looked up."""
    command.upgrade(migrations.configuration("identity", url), "0004")
    database = Database(engine_for(url))
    yield database
    database.engine.dispose()


def old_account(db: Database, email: str, email_key: str) -> UUID:
    account_id = uuid4()
    with db() as session:
        session.execute(
            text(
                "INSERT INTO account "
                "(id, email, email_key, language, is_operator, registered_at, verified_at) "
                "VALUES (:id, :email, :email_key, 'en', :no, :at, :at)"
            ),
            {
                "id": account_id if db.is_postgresql else account_id.hex,
                "email": email,
                "email_key": email_key,
                "no": False,
                "at": MOMENT,
            },
        )
    return account_id


def found(db: Database, email: str) -> UUID | None:
    with db.reading() as session:
        account = accounts.account_by_email(session, email_address.key(email))
        return None if account is None else account.id


def test_accounts_are_found_by_the_domain_as_it_is_looked_up(db: Database, url: str) -> None:
    """ACC-2: whoever registered faß.de keeps it, and fass.de is free."""
    sharp = old_account(db, "ada@faß.de", "ada@fass.de")
    books = old_account(db, "eve@Bücher.example", "eve@bücher.example")
    plain = old_account(db, "Bob@Example.com", "bob@example.com")
    migrations.upgrade("identity", url)
    assert found(db, "ada@faß.de") == sharp
    assert found(db, "ada@fass.de") is None
    assert found(db, "eve@xn--bcher-kva.example") == books
    assert found(db, "bob@example.com") == plain


def test_one_address_that_became_two_accounts_stays_two(db: Database, url: str) -> None:
    """The upgrade goes through, and the log names the account that nobody reaches any more."""
    written = old_account(db, "eve@bücher.example", "eve@bücher.example")
    looked_up = old_account(db, "eve@xn--bcher-kva.example", "eve@xn--bcher-kva.example")
    migrations.upgrade("identity", url)
    assert found(db, "eve@bücher.example") == looked_up
    with db.reading() as session:
        kept = accounts.account(session, written)
        assert kept is not None
        assert kept.email_key == "eve@bücher.example"
