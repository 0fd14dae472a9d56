"""People who register, sign in and enrol authenticators, as the tests of identity need them."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pyotp
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from contracts.errors import Refusal
from services.identity.models import Account, Audit
from tests.harness import Suite

PASSWORD = "a very unusual sentence"
STEP = timedelta(seconds=30)


@dataclass(frozen=True)
class Person:
    email: str
    password: str = PASSWORD


@dataclass(frozen=True)
class Mail:
    to: str
    subject: str
    text: str

    @property
    def token(self) -> str:
        found = re.search(r"[?]token=([A-Za-z0-9_-]+)", self.text)
        assert found, "no link in the mail"
        return found[1]

    @property
    def code(self) -> str:
        found = re.search(r"\b(\d{6})\b", self.text)
        assert found, "no code in the mail"
        return found[1]


class Town:
    """Identity alone, with its mail captured."""

    def __init__(self, suite: Suite) -> None:
        self.suite = suite
        self.clock = suite.clock
        self._addresses = 0

    def ask(self, operation: str, as_: str | None = None, **payload: Any) -> Any:
        """From an address of its own each time, unless ``ip`` is given."""
        ip = payload.pop("ip", None)
        if ip is None:
            self._addresses += 1
            ip = f"198.18.{self._addresses // 250}.{self._addresses % 250 + 1}"
        return self.suite.call("identity", operation, payload, as_=as_, ip=ip)

    def outcome(self, operation: str, as_: str | None = None, **payload: Any) -> str:
        """``done`` or the code of the refusal."""
        try:
            self.ask(operation, as_, **payload)
        except Refusal as refusal:
            return refusal.code
        return "done"

    def mails(self, to: str | None = None) -> list[Mail]:
        """What was sent so far, oldest first."""
        self.suite.run_job("identity", "send_mail")
        folder = self.suite.folder / "mail"
        found = []
        for path in sorted(folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns):
            message = message_from_bytes(path.read_bytes(), policy=default)
            assert isinstance(message, EmailMessage)
            plain = message.get_body(("plain",))
            assert plain is not None
            found.append(Mail(message["To"], message["Subject"], plain.get_content()))
        return [mail for mail in found if to in (None, mail.to)]

    def newcomer(self, email: str = "ada@example.com", **more: str) -> Person:
        """Registered and verified."""
        person = Person(email)
        self.ask("register_account", email=email, password=person.password, **more)
        self.ask("verify_email", token=self.mails(email)[-1].token, password=person.password)
        return person

    def begins(self, person: Person) -> str:
        """The secret of a sign-in whose password was right."""
        begun = self.ask("sign_in", email=person.email, password=person.password)
        return str(begun["sign_in"])

    def signs_in(self, person: Person) -> str:
        """A token after an e-mail code, if one is asked for; later than an earlier one by a minute."""
        self.clock.advance(timedelta(minutes=6))
        begun = self.ask("sign_in", email=person.email, password=person.password)
        sign_in = begun["sign_in"]
        if not begun["methods"]:
            return str(self.ask("complete_sign_in", sign_in=sign_in)["token"])
        self.ask("send_sign_in_code", sign_in=sign_in)
        code = self.mails(person.email)[-1].code
        done = self.ask("complete_sign_in", sign_in=sign_in, method="email", code=code)
        return str(done["token"])

    def shown(self, key: str) -> str:
        """What the authenticator app shows now."""
        return pyotp.TOTP(key).at(self.clock.now())

    def next_code(self, key: str) -> str:
        """What it shows once the present step is over."""
        self.clock.advance(STEP)
        return self.shown(key)

    def wrong(self, key: str) -> str:
        """Six digits that the app shows neither now nor around this time."""
        password, now = pyotp.TOTP(key), self.clock.now()
        near = {password.at(now + STEP * away) for away in range(-15, 16)}
        return next(code for code in map("{:06d}".format, range(100)) if code not in near)

    def completes(self, person: Person, code: str, method: str = "totp", **more: str) -> str:
        """A sign-in begun and completed with a code: ``done`` or the code of the refusal."""
        sign_in = self.begins(person)
        return self.outcome("complete_sign_in", sign_in=sign_in, method=method, code=code, **more)

    def opens(self, person: Person, code: str, method: str = "totp", **more: str) -> str:
        """The Manage area from a sign-in: ``done`` or the code of the refusal."""
        sign_in = self.begins(person)
        return self.outcome("open_manage", sign_in=sign_in, method=method, code=code, **more)

    def manages_from_sign_in(self, person: Person, code: str, method: str = "totp") -> str:
        """The token of a Manage session, entered from a sign-in."""
        sign_in = self.begins(person)
        opened = self.ask("open_manage", sign_in=sign_in, method=method, code=code)
        return str(opened["token"])

    def manages(self, person: Person, token: str, code: str | None = None) -> str:
        """The token of a Manage session, entered from a session."""
        method = None if code is None else "totp"
        entered = self.ask(
            "enter_manage", token, password=person.password, method=method, code=code
        )
        return str(entered["token"])

    def registers(self, manage: str) -> str:
        """The setup key of an authenticator registered in a Manage session."""
        pending = self.ask("register_authenticator", manage)
        self.ask(
            "confirm_authenticator",
            manage,
            authenticator_id=pending["authenticator_id"],
            code=self.shown(pending["setup_key"]),
        )
        return str(pending["setup_key"])

    def issues(self, manage: str) -> list[str]:
        """Recovery codes created and confirmed in a Manage session."""
        batch = self.ask("create_recovery_codes", manage)
        self.ask("confirm_recovery_codes", manage, batch_id=batch["batch_id"])
        return list(batch["codes"])

    def enrols(self, person: Person, token: str) -> tuple[str, str]:
        """Setup key of a first authenticator, and the token of a sign-in with it (aal2)."""
        key = self.registers(self.manages(person, token))
        return key, self.signs_in_with(person, key)

    def signs_in_with(self, person: Person, key: str) -> str:
        """A token after a code of the app, the next one that it shows."""
        code = self.next_code(key)
        done = self.ask("complete_sign_in", sign_in=self.begins(person), method="totp", code=code)
        return str(done["token"])

    def disables(self, email: str) -> None:
        """As an operator would, but without ending what is under way."""
        with self.suite.databases["identity"]() as session:
            account = session.scalars(select(Account).where(Account.email == email)).one()
            account.disabled_at = self.clock.now()

    @contextmanager
    def failing(self, statement: str) -> Iterator[None]:
        """The database fails at statements that begin so."""
        engine = self.suite.databases["identity"].engine

        def fail(_c: object, _cursor: object, running: str, *_rest: object) -> None:
            if running.startswith(statement):
                raise OperationalError(running, {}, sqlite3.OperationalError("disk I/O error"))

        event.listen(engine, "before_cursor_execute", fail)
        try:
            yield
        finally:
            event.remove(engine, "before_cursor_execute", fail)

    def audit(self) -> list[Audit]:
        with self.suite.databases["identity"].reading() as session:
            return list(session.scalars(select(Audit).order_by(Audit.at)))

    def actions(self) -> list[str]:
        return [entry.action for entry in self.audit()]


MakeTown = Callable[..., Town]
