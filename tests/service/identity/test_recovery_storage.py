"""How recovery codes are kept: as digests that say nothing without a key from elsewhere."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest
from sqlalchemy import MetaData, select

from chassis.db import Database
from chassis.secrets import Pepper
from services.identity.models import RecoveryBatch, RecoveryCode
from services.identity.service.hashing import Hasher
from tests.service.identity.town import MakeTown, Person, Town

ADA = "ada@example.com"


class WatchingHasher(Hasher):
    """Hashes as ever; notes each salt, and how many connections were in use."""

    def __init__(self, database: Database) -> None:
        self.salts: list[str | None] = []
        self.in_use: set[int] = set()
        self._database = database
        super().__init__(memory_kib=64, passes=1, lanes=1)

    def salted(self, secret: str, salt: str | None) -> str:
        self.salts.append(salt)
        self.in_use.add(self._database.engine.pool.checkedout())  # type: ignore[attr-defined]
        return super().salted(secret, salt)


def watched(town: Town) -> WatchingHasher:
    kit = town.suite.kits["identity"]
    hasher = WatchingHasher(kit.db)
    kit.own = replace(kit.own, hasher=hasher)
    return hasher


def kept(town: Town) -> tuple[RecoveryBatch, list[RecoveryCode]]:
    with town.suite.databases["identity"].reading() as session:
        batch = session.scalars(select(RecoveryBatch)).one()
        return batch, list(session.scalars(select(RecoveryCode)))


def use(town: Town, person: Person, code: str) -> str:
    sign_in = town.begins(person)
    return town.outcome("open_manage", sign_in=sign_in, method="recovery_code", code=code)


def test_a_batch_has_a_salt_of_its_own_for_all_its_codes(town: Town) -> None:
    """Security 2.4: ten runs to issue them, one to try any of them."""
    ada = town.newcomer(ADA)
    manage = town.manages(ada, town.signs_in(ada))
    hasher = watched(town)
    codes = town.issues(manage)
    batch, rows = kept(town)
    assert len(bytes.fromhex(batch.salt)) == 16
    assert hasher.salts == [batch.salt] * 10
    assert len({row.digest for row in rows}) == 10
    assert use(town, ada, codes[9]) == "done"
    assert use(town, ada, codes[9]) == "code-used"
    assert hasher.salts == [batch.salt] * 12
    town.issues(manage)
    assert hasher.salts[-1] != batch.salt


@pytest.mark.parametrize("postgresql", [False, True])
def test_no_transaction_waits_for_a_digest(make_town: MakeTown, *, postgresql: bool) -> None:
    """Security 2.11: neither while codes are issued, nor while one is tried."""
    town = make_town(postgresql=postgresql)
    ada = town.newcomer(ADA)
    manage = town.manages(ada, town.signs_in(ada))
    hasher = watched(town)
    codes = town.issues(manage)
    town.ask("issue_provisioning_sheet", manage)
    assert use(town, ada, codes[0]) == "done"
    assert len(hasher.salts) == 21
    assert hasher.in_use == {0}


def test_who_has_no_codes_waits_as_long_as_who_has(town: Town) -> None:
    """Security 2.8: from a session, where a code may be entered whether or not there are any."""
    ada = town.newcomer(ADA)
    session = town.signs_in(ada)
    hasher = watched(town)
    given = {"password": ada.password, "method": "recovery_code", "code": "12345678"}
    assert town.outcome("enter_manage", session, **given) == "code-refused"
    assert hasher.salts == [None]


def test_a_digest_is_worth_nothing_without_the_key(town: Town) -> None:
    """Security 2.4: same code, same salt, another pepper or another account: another digest."""
    ada = town.newcomer(ADA)
    codes = town.issues(town.manages(ada, town.signs_in(ada)))
    batch, rows = kept(town)
    instance = town.suite.instance("identity")
    digest = instance.recovery_digest(batch.account_id, codes[0], batch.salt)
    assert digest in {row.digest for row in rows}
    assert instance.recovery_digest(batch.id, codes[0], batch.salt) != digest
    town.suite.kits["identity"]._pepper = Pepper(b"another key than before, 32 byte")
    assert instance.recovery_digest(batch.account_id, codes[0], batch.salt) != digest
    assert use(town, ada, codes[0]) == "code-refused"


def test_no_code_is_written_down_anywhere(
    make_town: MakeTown, caplog: pytest.LogCaptureFixture
) -> None:
    """J6: not in a table, the audit, an event, a mail, a file of the database, or a log."""
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "sqlalchemy.engine")
    town = make_town(recovery_code_count=4)
    ada = town.newcomer(ADA)
    manage = town.manages(ada, town.signs_in(ada))
    codes = town.issues(manage)
    for code in codes:
        assert use(town, ada, code) == "done"
    assert use(town, ada, codes[0]) == "code-used"
    pending = town.ask("create_recovery_codes", manage)["codes"]
    sheet = town.ask("issue_provisioning_sheet", manage)
    pending += sheet["recovery_codes"]["codes"]
    mails = "".join(mail.subject + mail.text for mail in town.mails())

    database = town.suite.databases["identity"]
    tables = MetaData()
    tables.reflect(database.engine)
    with database.reading() as session:
        rows = [
            str(row) for table in tables.sorted_tables for row in session.execute(select(table))
        ]
    files = b"".join(
        path.read_bytes() for path in sorted(town.suite.folder.rglob("*")) if path.is_file()
    )
    assert len(rows) > 20
    assert len(caplog.text) > 1000
    assert ADA in files.decode(errors="replace")
    for secret in (*codes, *pending, sheet["authenticator"]["setup_key"]):
        assert secret not in "".join(rows)
        assert secret not in mails
        assert secret.encode() not in files
        assert secret not in caplog.text
