"""The audit: each act leaves its entries, each of them once, and they stay as they are written."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from contracts.errors import Refusal
from services.identity.domain.audit import Action
from services.identity.models import Audit
from tests.service.identity.town import PASSWORD, STEP, MakeTown, Town

ADA = "ada@example.com"
IP, REQUEST = "203.0.113.77", "00000000-0000-4000-8000-000000000077"
NEW_PASSWORD = "another unusual sentence"
# These name the session they are about, not the one that acts.
OF_SESSIONS = ("session_created", "session_revoked", "mfa_manage_entered")


@dataclass(frozen=True)
class Call:
    operation: str
    token: str | None
    payload: dict[str, Any]


class Scene:
    """Ada, signed in with her authenticator and in the Manage area, with recovery codes."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.ada = town.newcomer(ADA)
        self.key, self.token = town.enrols(self.ada, town.signs_in(self.ada))
        self.manage = town.manages(self.ada, self.token, town.next_code(self.key))
        self.codes = town.issues(self.manage)
        self.account_id = UUID(town.ask("get_account", self.token)["account_id"])
        # Its first session, and the first of the Manage area, end here.
        town.ask("end_other_sessions", self.token)
        self.manage = town.manages(self.ada, self.token, town.next_code(self.key))
        town.clock.advance(STEP)

    def written_by(self, call: Call) -> list[Audit]:
        """What the call adds to the audit, whatever it is answered."""
        known = {entry.id for entry in self.town.audit()}
        with suppress(Refusal):
            self.town.suite.call(
                "identity",
                call.operation,
                call.payload,
                as_=call.token,
                ip=IP,
                request_id=REQUEST,
            )
        return [entry for entry in self.town.audit() if entry.id not in known]

    # Calls, with what they need in advance

    def first_step(self, password: str = PASSWORD, email: str = ADA) -> Call:
        return Call("sign_in", None, {"email": email, "password": password})

    def fifth_guess(self) -> Call:
        for _ in range(4):
            self.town.outcome("sign_in", email=ADA, password="a wrong guess")
        return self.first_step("a wrong guess")

    def guess_while_locked(self) -> Call:
        self.town.outcome("sign_in", email=ADA, password="a wrong guess")
        self.fifth_guess()
        self.town.outcome("sign_in", email=ADA, password="a wrong guess")
        return self.first_step()

    def second_step(self, code: str | None = None, method: str = "totp") -> Call:
        given = {"sign_in": self.town.begins(self.ada), "method": method}
        return Call("complete_sign_in", None, {**given, "code": code or self.town.shown(self.key)})

    def mailed_code(self) -> Call:
        call = self.second_step(method="email")
        self.town.ask("send_sign_in_code", sign_in=call.payload["sign_in"])
        call.payload["code"] = self.town.mails(ADA)[-1].code
        return call

    def code_of_before(self) -> Call:
        code = self.town.next_code(self.key)
        self.town.completes(self.ada, code)
        return self.second_step(code)

    def last_try(self, operation: str, method: str) -> Call:
        """The one that disables the factor: of three in a row."""
        wrong = self.town.wrong(self.key) if method == "totp" else "00000000"
        call = self.second_step(wrong, method)
        for _ in range(2):
            self.town.outcome(operation, **call.payload)
        return Call(operation, None, call.payload)

    def opening(self, code: str | None = None) -> Call:
        call = self.second_step(code or self.codes[0], "recovery_code")
        return Call("open_manage", None, call.payload)

    def opening_with_the_last(self) -> Call:
        for code in self.codes[1:]:
            self.town.clock.advance(timedelta(minutes=20))
            assert self.town.opens(self.ada, code, "recovery_code") == "done"
        return self.opening()

    def opening_with_a_used_one(self) -> Call:
        self.town.opens(self.ada, self.codes[0], "recovery_code")
        return self.opening()

    def again(self, operation: str, password: str = PASSWORD, code: str | None = None) -> Call:
        given = {"password": password, "code": code or self.town.shown(self.key)}
        if operation == "enter_manage":
            given["method"] = "totp"
        return Call(operation, self.token, given)

    def register(self, code: str | None = None) -> Call:
        pending = self.town.ask("register_authenticator", self.manage)
        given = {
            "authenticator_id": pending["authenticator_id"],
            "code": code or self.town.shown(pending["setup_key"]),
        }
        return Call("confirm_authenticator", self.manage, given)

    def first_register(self) -> Call:
        self.town.ask("remove_authenticator", self.manage)
        return self.register()

    def confirm_codes(self) -> Call:
        batch = self.town.ask("create_recovery_codes", self.manage)
        return Call("confirm_recovery_codes", self.manage, {"batch_id": batch["batch_id"]})

    def change_password(self) -> Call:
        given = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
        return Call("change_password", self.token, given)

    def reset_password(self) -> Call:
        self.town.ask("request_password_reset", email=ADA)
        given = {"token": self.town.mails(ADA)[-1].token, "new_password": NEW_PASSWORD}
        return Call("reset_password", None, given)

    def ask_email_change(self) -> Call:
        return Call("request_email_change", self.token, {"email": "lovelace@example.com"})

    def confirm_email_change(self) -> Call:
        self.town.ask("request_email_change", self.token, email="lovelace@example.com")
        link = self.town.mails("lovelace@example.com")[-1].token
        return Call("confirm_email_change", None, {"token": link})

    def create_program(self) -> Call:
        expires_at = (self.town.clock.now() + timedelta(days=1)).isoformat()
        given = {"name": "ci", "scopes": ["folder:read"], "expires_at": expires_at}
        return Call("create_api_token", self.token, given)

    def revoke_program(self) -> Call:
        made = self.town.ask("create_api_token", self.token, **self.create_program().payload)
        return Call("revoke_api_token", self.token, {"api_token_id": made["api_token_id"]})

    def end_another(self) -> Call:
        self.town.signs_in_with(self.ada, self.key)
        items = self.town.ask("list_sessions", self.token)["items"]
        other = next(one for one in items if one["level"] == "aal2" and not one["is_current"])
        return Call("end_session", self.token, {"session_id": other["session_id"]})

    def verify(self) -> Call:
        self.town.ask("register_account", email="bob@example.com", password=PASSWORD)
        link = self.town.mails("bob@example.com")[-1].token
        return Call("verify_email", None, {"token": link, "password": PASSWORD})

    def stale(self) -> Call:
        self.town.clock.advance(timedelta(minutes=11))
        return Call("delete_account", self.token, {})

    def simply(self, operation: str, **payload: Any) -> Call:
        return Call(operation, self.token, payload)


Act = Callable[[Scene], Call]
# By what is done, the entries it leaves; with "!" where it was refused.
ACTS: list[tuple[str, Act, list[str]]] = [
    # Signing in
    ("the right password", Scene.first_step, []),
    ("a wrong password", lambda s: s.first_step("a wrong guess"), ["authn_login_fail!"]),
    ("nobody's address", lambda s: s.first_step(email="x@example.com"), ["authn_login_fail!"]),
    ("the fifth wrong password", Scene.fifth_guess, ["authn_login_fail!", "authn_login_lock!"]),
    ("a password while locked", Scene.guess_while_locked, ["authn_login_fail!"]),
    ("a one-time password", Scene.second_step, ["session_created", "authn_login_success"]),
    ("a mailed code", Scene.mailed_code, ["session_created", "authn_login_success"]),
    ("a wrong code", lambda s: s.second_step(s.town.wrong(s.key)), ["authn_login_fail!"]),
    ("a used one-time password", Scene.code_of_before, ["authn_token_reuse!"]),
    (
        "the last wrong one-time password",
        lambda s: s.last_try("complete_sign_in", "totp"),
        ["authn_login_fail!", "mfa_totp_disabled"],
    ),
    # Sessions
    # With the Manage session that was open.
    ("signing out", lambda s: s.simply("sign_out"), ["session_revoked"] * 2),
    ("ending another session", Scene.end_another, ["session_revoked"]),
    ("ending the others", lambda s: s.simply("end_other_sessions"), ["session_revoked"]),
    ("leaving the Manage area", lambda s: Call("leave_manage", s.manage, {}), ["session_revoked"]),
    ("looking around", lambda s: s.simply("list_sessions"), []),
    # Credentials entered again
    ("stepping up", lambda s: s.again("step_up"), ["session_revoked", "session_created"]),
    (
        "stepping up with a wrong password",
        lambda s: s.again("step_up", "a wrong guess"),
        ["authn_step_up_fail!"],
    ),
    (
        "stepping up with a wrong code",
        lambda s: s.again("step_up", code=s.town.wrong(s.key)),
        ["authn_step_up_fail!"],
    ),
    ("without fresh credentials", Scene.stale, ["authz_fail!"]),
    # The Manage area
    (
        "entering it",
        lambda s: s.again("enter_manage"),
        ["session_created", "mfa_manage_entered"],
    ),
    (
        "a recovery code",
        Scene.opening,
        ["mfa_recovery_used", "session_created", "mfa_manage_entered"],
    ),
    (
        "the last recovery code",
        Scene.opening_with_the_last,
        [
            *("mfa_recovery_used", "mfa_recovery_exhausted"),
            *("session_created", "mfa_manage_entered"),
        ],
    ),
    ("a used recovery code", Scene.opening_with_a_used_one, ["authn_token_reuse!"]),
    ("a wrong recovery code", lambda s: s.opening("00000000"), ["authn_login_fail!"]),
    (
        "the last wrong recovery code",
        lambda s: s.last_try("open_manage", "recovery_code"),
        ["authn_login_fail!", "mfa_recovery_disabled"],
    ),
    ("showing an authenticator", lambda s: Call("register_authenticator", s.manage, {}), []),
    ("the first REGISTER", Scene.first_register, ["mfa_totp_registered"]),
    ("REGISTER", Scene.register, ["mfa_totp_replaced"]),
    (
        "REGISTER with a wrong code",
        lambda s: s.register(s.town.wrong(s.key)),
        ["authn_step_up_fail!"],
    ),
    (
        "removing the authenticator",
        lambda s: Call("remove_authenticator", s.manage, {}),
        ["mfa_totp_disabled"],
    ),
    ("showing recovery codes", lambda s: Call("create_recovery_codes", s.manage, {}), []),
    ("CONFIRM", Scene.confirm_codes, ["mfa_recovery_issued"]),
    # The account
    ("verifying an address", Scene.verify, ["user_created"]),
    ("another language", lambda s: s.simply("update_account", language="ko"), ["user_updated"]),
    (
        "another password",
        Scene.change_password,
        ["session_revoked", "session_revoked", "authn_password_change", "session_created"],
    ),
    (
        "asking for a reset",
        lambda s: Call("request_password_reset", None, {"email": ADA}),
        ["authn_password_reset"],
    ),
    (
        "resetting the password",
        Scene.reset_password,
        ["session_revoked", "session_revoked", "authn_password_change"],
    ),
    ("asking for another address", Scene.ask_email_change, ["user_email_change_asked"]),
    ("taking over another address", Scene.confirm_email_change, ["user_email_changed"]),
    ("creating an API token", Scene.create_program, ["api_token_created"]),
    ("revoking an API token", Scene.revoke_program, ["api_token_revoked"]),
]


@pytest.mark.parametrize(
    ("act", "expected"), [each[1:] for each in ACTS], ids=[each[0] for each in ACTS]
)
def test_each_act_leaves_its_entries_once(
    make_town: MakeTown, act: Act, expected: list[str]
) -> None:
    """Security 2.10: who, in which session, from where, in which request, with what result."""
    scene = Scene(make_town(totp_failures_most=3, recovery_failures_most=3))
    call = act(scene)
    acting = None
    if call.token is not None:
        acting = UUID(scene.town.ask("introspect", token=call.token)["session_id"])
    now = scene.town.clock.now()
    written = scene.written_by(call)
    marked = [one.action + ("!" if one.result == "refused" else "") for one in written]
    assert sorted(marked) == sorted(expected)
    for one in written:
        assert (one.ip, one.user_agent, one.request_id) == (IP, "tests", REQUEST)
        assert (one.at, one.acting_as) == (now, "identity")
        assert one.result in ("done", "refused")
        if call.payload.get("email") == "x@example.com" or one.action == "authn_password_reset":
            assert one.actor_account_id is None
        elif one.action != "user_created":
            assert one.actor_account_id == scene.account_id
        if acting is not None and one.action not in OF_SESSIONS:
            assert one.session_id == acting
        if one.object_type == "session":
            assert one.object_id == str(one.session_id)
        if one.action == "authn_login_success":
            assert one.session_id is not None


def test_every_kind_of_entry_is_walked_through() -> None:
    """Those of operators and of deletion have their own tests."""
    elsewhere = {
        *("user_disabled", "user_enabled", "user_deleted", "user_shown", "mfa_factors_reset"),
        *("privilege_permissions_changed", "secrets_resealed", "outdated_purged"),
        "authn_failures_forgotten",
    }
    walked = {name.rstrip("!") for _, _, expected in ACTS for name in expected}
    assert walked | elsewhere == {action.value for action in Action}


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_the_audit_stays_as_it_was_written(make_town: MakeTown, database: str) -> None:
    """Security 2.10: the database itself refuses, whoever asks."""
    town = make_town(postgresql=database == "postgresql")
    town.newcomer(ADA)
    town.outcome("sign_in", email=ADA, password="a wrong guess")
    before = [(one.id, one.action) for one in town.audit()]
    changes = ["UPDATE audit SET action = 'nothing'", "DELETE FROM audit"]
    if database == "postgresql":
        changes.append("TRUNCATE audit")
    for change in changes:
        with (
            pytest.raises(DBAPIError, match="append-only"),
            town.suite.databases["identity"]() as session,
        ):
            session.execute(text(change))
    assert [(one.id, one.action) for one in town.audit()] == before
    assert len(before) == 2
