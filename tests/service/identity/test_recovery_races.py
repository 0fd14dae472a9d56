"""What two terminals may do at once with one account's recovery codes (J3), on PostgreSQL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select

from services.identity.models import OutgoingMail, RecoveryBatch, RecoveryCode, TotpPending
from services.identity.service.hashing import Hasher
from tests.service.identity.test_identity_races import Attempt, at_once, confirming, opening
from tests.service.identity.town import MakeTown, Person, Town

ADA = "ada@example.com"
RUNS = 30
NOT_FOUND = "recovery-codes-not-found"


def crowded(make_town: MakeTown, codes: int, **more: int) -> Town:
    """Where only what is raced for stops anybody."""
    return make_town(
        **more,
        postgresql=True,
        recovery_code_count=codes,
        sessions_most=1_000,
        limit_codes_per_account="100000/60",
        limit_recovery_codes_per_account="100000/60",
    )


@pytest.fixture
def town(make_town: MakeTown) -> Town:
    return crowded(make_town, 4)


@pytest.fixture
def ada(town: Town) -> Person:
    return town.newcomer(ADA)


@pytest.fixture
def manage(town: Town, ada: Person) -> str:
    return town.manages(ada, town.signs_in(ada))


def kept(town: Town) -> dict[str, list[bool]]:
    """By the state of each batch, whether each of its codes was used."""
    with town.suite.databases["identity"].reading() as session:
        batches = {row.id: row.state for row in session.scalars(select(RecoveryBatch))}
        codes = list(session.scalars(select(RecoveryCode)))
    return {
        state: [code.used_at is not None for code in codes if code.batch_id == batch_id]
        for batch_id, state in batches.items()
    }


def asking(town: Town, operation: str, token: str) -> Attempt:
    return lambda: town.outcome(operation, token)


def test_one_code_opens_the_manage_area_from_a_sign_in_or_from_a_session(
    make_town: MakeTown,
) -> None:
    """RC-2, J3: whichever way, it enters once; 30 runs."""
    town = crowded(make_town, RUNS)
    ada = town.newcomer(ADA)
    session = town.signs_in(ada)
    codes = town.issues(town.manages(ada, session))
    before = Counter(town.actions())
    for code in codes:

        def enter(code: str = code) -> str:
            given = {"password": ada.password, "method": "recovery_code", "code": code}
            return town.outcome("enter_manage", session, **given)

        outcomes = at_once(opening(town, ada, code), opening(town, ada, code), enter)
        assert Counter(outcomes) == {"done": 1, "code-used": 2}
    happened = Counter(town.actions()) - before
    assert happened["mfa_recovery_used"] == happened["mfa_manage_entered"] == RUNS
    assert happened["mfa_recovery_exhausted"] == 1
    assert kept(town) == {"active": [True] * RUNS}


def test_an_old_code_is_used_before_confirm_or_not_at_all(
    town: Town, ada: Person, manage: str
) -> None:
    """RC-4: an accepted one was one of a whole batch, and leaves no trace in the next; 30 runs."""
    old = town.issues(manage)
    used = 0
    for _ in range(RUNS):
        batch = town.ask("create_recovery_codes", manage)
        confirmed, opened = at_once(
            confirming(town, manage, batch["batch_id"]), opening(town, ada, old[0])
        )
        assert confirmed == "done"
        assert opened in ("done", "code-refused")
        used += opened == "done"
        assert kept(town) == {"active": [False] * 4}
        assert opening(town, ada, old[1])() == "code-refused"
        old = batch["codes"]
    entries = [entry for entry in town.audit() if entry.action == "mfa_recovery_used"]
    assert [entry.after for entry in entries] == [{"left": 3}] * used
    assert "mfa_recovery_exhausted" not in town.actions()


class Interrupted(Hasher):
    """Does something else between the digest of a code and its use."""

    def __init__(self, meanwhile: Callable[[], None]) -> None:
        super().__init__(memory_kib=64, passes=1, lanes=1)
        self._meanwhile: Callable[[], None] | None = meanwhile

    def salted(self, secret: str, salt: str | None) -> str:
        digest = super().salted(secret, salt)
        meanwhile, self._meanwhile = self._meanwhile, None
        if meanwhile is not None:
            meanwhile()
        return digest


def test_an_old_code_that_is_being_tried_at_confirm_is_refused(
    town: Town, ada: Person, manage: str
) -> None:
    """RC-4: it was right when it was counted, and is not when it would be used up."""
    old = town.issues(manage)
    batch = town.ask("create_recovery_codes", manage)
    attempt = opening(town, ada, old[0])
    kit = town.suite.kits["identity"]

    def confirm() -> None:
        town.ask("confirm_recovery_codes", manage, batch_id=batch["batch_id"])

    kit.own = replace(kit.own, hasher=Interrupted(confirm))
    assert attempt() == "code-refused"
    assert kept(town) == {"active": [False] * 4}
    assert opening(town, ada, batch["codes"][0])() == "done"


def test_a_code_that_is_being_tried_when_all_are_disabled_is_refused(make_town: MakeTown) -> None:
    """63B-4: the last wrong one counts for the right one beside it, too."""
    town = crowded(make_town, 4, recovery_failures_most=2)
    ada = town.newcomer(ADA)
    codes = town.issues(town.manages(ada, town.signs_in(ada)))
    wrong = next(code for code in ("12345678", "87654321") if code not in codes)
    right, guess = opening(town, ada, codes[0]), opening(town, ada, wrong)
    kit = town.suite.kits["identity"]

    def disable() -> None:
        assert guess() == "code-refused"

    kit.own = replace(kit.own, hasher=Interrupted(disable))
    assert right() == "code-refused"
    assert kept(town) == {"active": [False] * 4}
    assert town.actions().count("mfa_recovery_disabled") == 1


def test_of_confirmations_at_once_one_counts(town: Town, ada: Person, manage: str) -> None:
    """RC-4: and one is recorded and told; 30 runs."""
    for _ in range(RUNS):
        batch = town.ask("create_recovery_codes", manage)
        confirm = confirming(town, manage, batch["batch_id"])
        assert Counter(at_once(confirm, confirm)) == {"done": 1, NOT_FOUND: 1}
        assert kept(town) == {"active": [False] * 4}
        assert opening(town, ada, batch["codes"][0])() == "done"
    assert town.actions().count("mfa_recovery_issued") == RUNS
    with town.suite.databases["identity"].reading() as session:
        mails = Counter(session.scalars(select(OutgoingMail.kind)))
    assert mails["recovery_codes_issued"] == mails["recovery_code_used"] == RUNS


def test_leaving_while_confirming_leaves_the_old_batch_or_the_new_one(
    town: Town, ada: Person, manage: str
) -> None:
    """RC-4, RC-5: whole, and nothing pending; 30 runs."""
    valid = town.issues(manage)
    for _ in range(RUNS):
        batch = town.ask("create_recovery_codes", manage)
        confirmed, left = at_once(
            confirming(town, manage, batch["batch_id"]), asking(town, "leave_manage", manage)
        )
        assert (confirmed, left) in (("done", "done"), ("unauthenticated", "done"))
        assert kept(town) == {"active": [False] * 4}
        if confirmed == "done":
            valid = batch["codes"]
        opened = town.ask(
            "open_manage", sign_in=town.begins(ada), method="recovery_code", code=valid[0]
        )
        manage = opened["token"]
        valid = town.issues(manage)


def test_of_sheets_at_once_one_waits_with_both_its_halves(
    town: Town, ada: Person, manage: str
) -> None:
    """TOTP-9, REG-4, RC-5: never the authenticator of one and the codes of another; 30 runs."""
    other = town.manages(ada, town.signs_in(ada))
    manage = town.manages(ada, town.signs_in(ada))
    for _ in range(RUNS):
        outcomes = at_once(
            asking(town, "issue_provisioning_sheet", manage),
            asking(town, "issue_provisioning_sheet", other),
        )
        assert outcomes == ["done", "done"]
        with town.suite.databases["identity"].reading() as session:
            key = session.scalars(select(TotpPending)).one()
            batch = session.scalars(select(RecoveryBatch)).one()
        assert key.session_id == batch.session_id
        assert kept(town) == {"pending": [False] * 4}
