"""Everything people do with second factors, in any order, held against `reference`."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
)
from sqlalchemy import select

from chassis.tables import OutboxRow
from contracts.errors import Refusal
from services.identity.models import Account, Audit, TotpStep
from tests.service.identity.reference import (
    APPLICATION,
    LOGIN_LIFE,
    MANAGE,
    PENDING_LIFE,
    Held,
    Shown,
    one_time_password,
    step_of,
)
from tests.service.identity.residents import Login, Resident, digits_of, recovery_code
from tests.service.identity.town import Person, Town

CANDIDATES = ("right", "right", "shown", "old", "previous", "other", "wrong")


RESIDENT = st.integers(0, 1)
CANDIDATE = st.sampled_from(CANDIDATES)
# Mostly the newest, now and then one from before.
WHICH = st.sampled_from([-1, -1, -1, -1, -2, 0])


class Machine(RuleBasedStateMachine):
    town: Town
    reached: Counter[str]
    made = 0

    @initialize(starts=st.tuples(*[st.sampled_from(["bare", "app", "codes", "both", "both"])] * 2))
    def move_in(self, starts: tuple[str, str]) -> None:
        Machine.made += 1
        for read in (self.town.suite.folder / "mail").glob("*.eml"):
            read.unlink()
        self.secrets: set[str] = set()
        self.residents = [
            Resident(self.town, f"{name}{Machine.made}@example.com") for name in ("ada", "ben")
        ]
        for who, start in enumerate(starts):
            if start != "bare":
                self.enter_from_a_session(who, "right")
            if start in ("app", "both"):
                self.show_a_key(who, -1)
                self.register(who, -1, "shown")
            if start in ("codes", "both"):
                self.create_recovery_codes(who, -1)
                self.confirm_recovery_codes(who, -1)

    # Steps

    @rule(seconds=st.sampled_from([1, 30, 30, 30, 61, 301, 301, 601, 901, 3_601, 86_401]))
    def time_passes(self, seconds: int) -> None:
        self.town.clock.advance(timedelta(seconds=seconds))
        self.state_is_as_expected()

    @rule(who=RESIDENT, candidate=CANDIDATE, to_manage=st.booleans(), which=WHICH)
    def use_the_app(self, who: int, candidate: str, which: int, *, to_manage: bool) -> None:
        expected, login = self.residents[who].expected, self.login(who, which)
        digits = digits_of(self.residents, who, candidate, self.now)
        outcome, token = self.complete(login, "totp", digits, to_manage=to_manage)
        if login.is_over or self.now >= login.until:
            assert outcome == "sign-in-over"
            return
        if expected.setup_key is None or (expected.is_disabled and not to_manage):
            assert outcome == "method-not-offered"
            return
        was_disabled = expected.is_disabled
        is_right = digits == one_time_password(expected.setup_key, step_of(self.now))
        wanted = expected.try_totp(digits, self.now)
        if wanted == "authenticator-disabled" and not to_manage:
            wanted = "method-not-offered"
        assert outcome == wanted, candidate
        refused = outcome == "code-refused"
        self.note(outcome == "done", "totp accepted")
        self.note(outcome == "code-used", "totp replayed")
        self.note(outcome == "totp-out-of-sync", "totp out of sync")
        self.note(outcome == "throttled" and is_right, "right totp throttled")
        self.note(refused and candidate == "old", "old key refused after REGISTER")
        self.note(refused and candidate == "shown", "shown key refused before REGISTER")
        self.note(refused and candidate == "other", "other account's code refused")
        self.note(expected.is_disabled and not was_disabled, "authenticator disabled")
        self.enter(who, login, token, to_manage=to_manage)

    @rule(who=RESIDENT, candidate=CANDIDATE, which=WHICH)
    def use_a_recovery_code(self, who: int, candidate: str, which: int) -> None:
        expected, login = self.residents[who].expected, self.login(who, which)
        code = recovery_code(self.residents, who, candidate)
        outcome, token = self.complete(login, "recovery_code", code, to_manage=True)
        if login.is_over or self.now >= login.until:
            assert outcome == "sign-in-over"
            return
        if not expected.codes:
            assert outcome == "method-not-offered"
            return
        is_right = expected.codes.get(code) is False
        was_disabled = expected.is_batch_disabled
        assert outcome == expected.try_recovery_code(code, self.now), candidate
        refused = outcome == "code-refused"
        self.note(outcome == "done", "recovery code accepted")
        self.note(outcome == "code-used", "recovery code replayed")
        self.note(outcome == "throttled" and is_right, "right recovery code throttled")
        self.note(refused and candidate == "shown", "shown recovery code refused before CONFIRM")
        self.note(refused and candidate == "old", "old recovery code refused after CONFIRM")
        self.note(expected.is_batch_disabled and not was_disabled, "recovery codes disabled")
        self.enter(who, login, token, to_manage=True)

    @rule(who=RESIDENT, times=st.integers(2, 6), app=st.booleans())
    def guess(self, who: int, times: int, *, app: bool) -> None:
        """J5: and then the right one, which is refused like the wrong ones."""
        for _ in range(times):
            if app:
                self.use_the_app(who, "wrong", -1, to_manage=True)
            else:
                self.use_a_recovery_code(who, "wrong", -1)
        if app:
            self.use_the_app(who, "right", -1, to_manage=True)
        else:
            self.use_a_recovery_code(who, "right", -1)
        self.wait(901)

    @rule(who=RESIDENT, candidate=CANDIDATE)
    def enter_from_a_session(self, who: int, candidate: str) -> None:
        """ACC-8, MAN-8."""
        resident = self.residents[who]
        expected = resident.expected
        given: dict[str, Any] = {"password": resident.person.password}
        if expected.setup_key is not None:
            given.update(method="totp", code=digits_of(self.residents, who, candidate, self.now))
        outcome, answer = self.call("enter_manage", resident.session, **given)
        if outcome == "unauthenticated":
            return
        if expected.setup_key is None:
            assert outcome == "done"
        else:
            assert outcome == expected.try_totp(given["code"], self.now), candidate
        if answer is not None:
            resident.manages.append(self.held(answer["token"], MANAGE))

    @rule(who=RESIDENT, which=WHICH)
    def show_a_key(self, who: int, which: int) -> None:
        expected, held = self.residents[who].expected, self.manage(who, which)
        if held is None:
            return
        outcome, answer = self.call("register_authenticator", held)
        if outcome == "unauthenticated":
            return
        assert outcome == "done"
        self.secrets.add(answer["setup_key"])
        expected.shown_key = Shown(
            answer["authenticator_id"], [answer["setup_key"]], held, self.until_shown(held)
        )

    @rule(
        who=RESIDENT,
        which=WHICH,
        candidate=st.sampled_from(["shown", "shown", "shown", "right", "wrong"]),
    )
    def register(self, who: int, which: int, candidate: str) -> None:
        """REG-3, REG-4, REG-5."""
        expected, held = self.residents[who].expected, self.manage(who, which)
        if held is None or expected.shown_key is None:
            return
        shown, before = expected.shown_key, expected.setup_key
        was_disabled = expected.is_disabled
        digits = digits_of(self.residents, who, candidate, self.now)
        outcome, _ = self.call(
            "confirm_authenticator", held, authenticator_id=shown.shown_id, code=digits
        )
        if outcome == "unauthenticated":
            return
        assert outcome == expected.register(shown.shown_id, held, digits, self.now), candidate
        self.end_others(who, held, outcome)
        self.note(outcome == "done" and before is not None, "REGISTER replaced")
        self.note(outcome == "done" and was_disabled, "disabled authenticator replaced")
        self.note(outcome == "code-refused", "wrong code at REGISTER")
        self.note(outcome == "authenticator-not-found", "REGISTER too late or elsewhere")

    @rule(who=RESIDENT, minutes=st.sampled_from([0, 0, 0, 6, 11, 16]), candidate=CANDIDATE)
    def register_anew(self, who: int, minutes: int, candidate: str) -> None:
        """REG-2, from the beginning to the end, with a break before REGISTER and tries in it."""
        self.wait(30)
        way = "right" if self.residents[who].expected.setup_key else "wrong"
        self.enter_from_a_session(who, way)
        self.show_a_key(who, -1)
        self.wait(30)
        self.use_the_app(who, candidate, -1, to_manage=False)
        self.use_a_recovery_code(who, "right", -1)
        self.register(who, -1, "shown")
        self.wait(30 + 60 * minutes)
        self.register(who, -2, "wrong")
        self.register(who, -2, "shown")
        self.use_the_app(who, "old", -1, to_manage=False)

    @rule(who=RESIDENT, app=st.booleans())
    def lose_a_factor(self, who: int, *, app: bool) -> None:
        """Security 2.2: too many wrong codes disable it; the other factor helps (MAN-5)."""
        for _ in range(2):
            self.wait(86_401)
            self.guess(who, 5, app=app)
        self.wait(86_401)
        if app:
            self.use_a_recovery_code(who, "right", -1)
            self.show_a_key(who, -1)
            self.register(who, -1, "shown")
        else:
            self.use_the_app(who, "right", -1, to_manage=True)
            self.create_recovery_codes(who, -1)
            self.confirm_recovery_codes(who, -1)

    @rule(who=RESIDENT, minutes=st.sampled_from([0, 0, 0, 6, 11, 16]), candidate=CANDIDATE)
    def issue_anew(self, who: int, minutes: int, candidate: str) -> None:
        """RC-3, from the beginning to the end, with a break before CONFIRM and tries in it."""
        self.use_a_recovery_code(who, candidate, -1)
        self.use_a_recovery_code(who, "previous", -1)
        self.create_recovery_codes(who, -1)
        self.use_a_recovery_code(who, "shown", -1)
        self.use_a_recovery_code(who, "right", -1)
        self.confirm_recovery_codes(who, -1)
        self.wait(30 + 60 * minutes)
        if candidate in ("shown", "other"):
            self.leave(who, -2)
        self.confirm_recovery_codes(who, -2)
        self.use_a_recovery_code(who, "old", -1)

    @rule(who=RESIDENT, first=st.booleans(), second=st.booleans())
    def sign_in_twice(self, who: int, *, first: bool, second: bool) -> None:
        """TOTP-3: on another terminal, right after."""
        self.wait(30)
        self.use_the_app(who, "right", -1, to_manage=first)
        self.use_the_app(who, "right", -1, to_manage=second)
        self.use_the_app(who, "previous", -1, to_manage=second)
        self.use_the_app(who, "other", -1, to_manage=second)

    @rule(who=RESIDENT, which=WHICH)
    def create_recovery_codes(self, who: int, which: int) -> None:
        expected, held = self.residents[who].expected, self.manage(who, which)
        if held is None:
            return
        outcome, answer = self.call("create_recovery_codes", held)
        if outcome == "unauthenticated":
            return
        assert outcome == "done"
        assert len(set(answer["codes"])) == 10
        self.secrets.update(answer["codes"])
        expected.shown_codes = Shown(
            answer["batch_id"], answer["codes"], held, self.until_shown(held)
        )

    @rule(who=RESIDENT, which=WHICH)
    def confirm_recovery_codes(self, who: int, which: int) -> None:
        """RC-4, RC-5."""
        expected, held = self.residents[who].expected, self.manage(who, which)
        if held is None:
            return
        if expected.shown_codes is None:
            return
        batch_id, before = expected.shown_codes.shown_id, len(expected.codes)
        outcome, _ = self.call("confirm_recovery_codes", held, batch_id=batch_id)
        if outcome == "unauthenticated":
            return
        assert outcome == expected.confirm(batch_id, held, self.now)
        self.end_others(who, held, outcome)
        self.note(outcome == "done" and before > 0, "CONFIRM replaced")
        self.note(outcome == "recovery-codes-not-found", "CONFIRM too late or elsewhere")

    @rule(who=RESIDENT, candidate=CANDIDATE)
    def step_up(self, who: int, candidate: str) -> None:
        """J1: one more purpose; under a new token."""
        resident = self.residents[who]
        expected = resident.expected
        given: dict[str, Any] = {"password": resident.person.password}
        if expected.setup_key is not None:
            given["code"] = digits_of(self.residents, who, candidate, self.now)
        outcome, answer = self.call("step_up", resident.session, **given)
        if outcome == "unauthenticated":
            return
        if expected.setup_key is None:
            assert outcome == "done"
        else:
            assert outcome == expected.try_totp(given["code"], self.now), candidate
            self.note(outcome == "done", "stepped up")
        if answer is not None:
            resident.session = self.held(answer["token"], APPLICATION)

    @rule(who=RESIDENT, which=WHICH)
    def remove(self, who: int, which: int) -> None:
        expected, held = self.residents[who].expected, self.manage(who, which)
        if held is None:
            return
        outcome, _ = self.call("remove_authenticator", held)
        if outcome == "unauthenticated":
            return
        assert outcome == expected.remove()
        self.end_others(who, held, outcome)
        self.note(outcome == "done", "authenticator removed")

    @rule(who=RESIDENT, which=WHICH)
    def leave(self, who: int, which: int) -> None:
        expected, held = self.residents[who].expected, self.manage(who, which)
        if held is None:
            return
        had = expected.shown_key is not None or expected.shown_codes is not None
        outcome, _ = self.call("leave_manage", held)
        if outcome == "done":
            expected.end(held)
            has = expected.shown_key is not None or expected.shown_codes is not None
            self.note(had and not has, "leaving discarded")

    @rule(
        who=RESIDENT,
        which=WHICH,
        operation=st.sampled_from(["get_account", "list_sessions", "step_up"]),
    )
    def manage_session_elsewhere(self, who: int, which: int, operation: str) -> None:
        """J4."""
        held = self.manage(who, which)
        if held is None:
            return
        given = {"password": "any"} if operation == "step_up" else {}
        outcome, _ = self.call(operation, held, **given)
        if outcome != "unauthenticated":
            assert outcome == "manage-session"
            self.note(True, "Manage session refused outside")

    @rule(
        who=st.integers(0, 1),
        operation=st.sampled_from(
            ["get_manage", "register_authenticator", "create_recovery_codes", "leave_manage"]
        ),
    )
    def session_in_the_manage_area(self, who: int, operation: str) -> None:
        """J4."""
        outcome, _ = self.call(operation, self.residents[who].session)
        if outcome != "unauthenticated":
            assert outcome == "manage-required"
            self.note(True, "session refused in the Manage area")

    # What always holds

    def state_is_as_expected(self) -> None:
        """J1, J2, J3."""
        for resident in self.residents:
            expected = resident.expected
            assert self.last_step(resident) == expected.last_step
            outcome, answer = self.call("get_account", resident.session)
            if outcome == "unauthenticated":
                # Idle or too old: sign in anew without touching what is expected.
                resident.session = Held(
                    self.mailed_in(resident.person), self.town.clock.now(), APPLICATION
                )
                continue
            has_key = expected.setup_key is not None and not expected.is_disabled
            assert (answer["authenticator_id"] is not None) == has_key
            unused = [code for code, used in expected.codes.items() if not used]
            assert answer["recovery_codes_left"] == (len(unused) if expected.codes else None)

    def teardown(self) -> None:
        """J6."""
        if not hasattr(self, "residents"):
            return
        self.state_is_as_expected()
        database = self.town.suite.databases["identity"]
        with database.reading() as session:
            told = [json.dumps(row.data) for row in session.scalars(select(OutboxRow))]
            for entry in session.scalars(select(Audit)):
                told.append(json.dumps([entry.reason, entry.before, entry.after, entry.user_agent]))
        everything = "\n".join(told)
        for secret in self.secrets:
            assert re.search(rf"(?<!\w){secret}(?!\w)", everything) is None

    # Helpers

    def last_step(self, resident: Resident) -> int:
        """The newest time step that the service took anything for."""
        with self.town.suite.databases["identity"].reading() as session:
            return session.scalars(
                select(TotpStep.last_used_step)
                .join(Account, Account.id == TotpStep.account_id)
                .where(Account.email == resident.person.email)
            ).one()

    def wait(self, seconds: int) -> None:
        self.town.clock.advance(timedelta(seconds=seconds))

    @property
    def now(self) -> Any:
        return self.town.clock.now()

    def note(self, is_so: bool, what: str) -> None:
        if is_so:
            self.reached[what] += 1

    def call(self, operation: str, held: Held, **payload: Any) -> tuple[str, Any]:
        """The outcome and the answer; asserts that a session ends exactly when it should."""
        is_live = held.is_live(self.now)
        outcome, answer = self.outcome(operation, held.token, **payload)
        assert (outcome != "unauthenticated") == is_live
        if is_live:
            held.see(self.now)
        else:
            self.note(held.life == MANAGE and not held.is_ended, "Manage session over")
        return outcome, answer

    def outcome(self, operation: str, as_: str | None, **payload: Any) -> tuple[str, Any]:
        try:
            return "done", self.town.ask(operation, as_, **payload)
        except Refusal as refusal:
            return refusal.code, None

    def complete(
        self, login: Login, method: str, code: str, *, to_manage: bool
    ) -> tuple[str, str | None]:
        operation = "open_manage" if to_manage else "complete_sign_in"
        outcome, answer = self.outcome(
            operation, None, sign_in=login.secret, method=method, code=code
        )
        return outcome, None if answer is None else answer["token"]

    def login(self, who: int, which: int) -> Login:
        """The newest is a fresh one; the others may be over."""
        resident = self.residents[who]
        if which == -1 or len(resident.logins) < 2:
            begun = self.town.begins(resident.person)
            resident.logins.append(Login(begun, self.now + LOGIN_LIFE))
        return resident.logins[max(which, -len(resident.logins))]

    def manage(self, who: int, which: int) -> Held | None:
        manages = self.residents[who].manages
        return manages[max(which, -len(manages))] if manages else None

    def enter(self, who: int, login: Login, token: str | None, *, to_manage: bool) -> None:
        if token is None:
            return
        login.is_over = True
        if to_manage:
            self.residents[who].manages.append(self.held(token, MANAGE))
        else:
            self.residents[who].session = self.held(token, APPLICATION)

    def end_others(self, who: int, held: Held, outcome: str) -> None:
        """A change of factors ends every other Manage session of the account."""
        for other in self.residents[who].manages:
            if outcome == "done" and other is not held:
                self.residents[who].expected.end(other)

    def held(self, token: str, life: tuple[timedelta, timedelta]) -> Held:
        self.secrets.add(token)
        return Held(token, self.now, life)

    def until_shown(self, held: Held) -> Any:
        return min(self.now + PENDING_LIFE, held.started_at + held.life[1])

    def mailed_in(self, person: Person) -> str:
        return self.town.signs_in(person)
