"""People at the gateway in this process: registering, signing in, and half-way through each step."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyotp
from sqlalchemy import Engine, MetaData
from werkzeug.test import TestResponse

from chassis.config import Config
from contracts.access import Permission
from gateway import openapi
from gateway.app import create_app
from tests.harness import Suite
from tests.in_process import InProcess

PASSWORD = "twelve quiet cameras on a hill"
# No operation of this API asks for it.
NEEDLESS_SCOPE = Permission.VIDEO_LIVE

# Cheap hashes: what they cost is not what these tests are about.
CHEAP = {"argon2_memory_kib": 64, "argon2_passes": 1}

# What a refused request is meant to leave: records and counters of tries, and when one was seen.
TRACES = frozenset({"audit", "throttle"})
COUNTERS = frozenset(
    {
        ("api_token", "last_used_at"),
        ("email_code", "tries"),
        ("recovery_batch", "failures"),
        ("session", "last_seen_at"),
        ("totp_active", "failures"),
    }
)

_LINK = r"[?&#]token=([A-Za-z0-9_-]+)"
_SIX_DIGITS = r"\b(\d{6})\b"


@dataclass(frozen=True)
class Person:
    """Each of these is empty until there is one; ``manage`` is a Manage session's token."""

    email: str
    token: str = field(default="", repr=False)
    manage: str = field(default="", repr=False)
    setup_key: str = field(default="", repr=False)
    recovery_codes: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Invited:
    """An invitation, and the token in its mail."""

    id: str
    token: str = field(repr=False)


@dataclass(frozen=True)
class Shown:
    """What was shown in a Manage session and not confirmed."""

    person: Person
    authenticator_id: str
    setup_key: str = field(repr=False)
    batch_id: str
    recovery_codes: tuple[str, ...] = field(repr=False)


class People:
    """``people.send("POST", "/v1/organizations", body={…}, token=people.ada.token)``."""

    def __init__(
        self,
        folder: Path,
        *,
        databases: Mapping[str, str] | None = None,
        settings: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        self._addresses = 0
        self.suite = Suite(
            folder, databases=databases, settings={"identity": CHEAP, **(settings or {})}
        )
        gateway = {"requests_per_minute_per_ip": 0, "introspection_seconds": 0}
        app = create_app(
            Config({"gateway": gateway}), InProcess(self.suite), clock=self.suite.clock
        )
        self.client = app.test_client()
        self._tables = {
            name: _columns(database.engine) for name, database in self.suite.databases.items()
        }

    # Accounts

    def registration_token(self, email: str) -> str:
        self.done("POST", "/v1/accounts", body={"email": email, "password": PASSWORD})
        return self.mailed(email, _LINK)

    def registered(self, email: str) -> Person:
        token = self.registration_token(email)
        body = {"token": token, "password": PASSWORD}
        self.done("POST", "/v1/email-verifications", body=body)
        return Person(email)

    def begun_sign_in(self, person: Person) -> str:
        body = {"email": person.email, "password": PASSWORD}
        return str(self.done("POST", "/v1/sign-ins", body=body)["sign_in"])

    def with_code(self, person: Person) -> tuple[str, str]:
        """A sign-in, and the code that was mailed for it."""
        begun = self.begun_sign_in(person)
        self.done("POST", "/v1/sign-ins/email-codes", body={"sign_in": begun})
        return begun, self.mailed(person.email, _SIX_DIGITS)

    def signed_in(self, person: Person) -> Person:
        begun, code = self.with_code(person)
        body = {"sign_in": begun, "method": "email", "code": code}
        session = self.done("POST", "/v1/sign-ins/completion", body=body)
        return replace(person, token=session["token"])

    def newcomer(self, name: str = "") -> Person:
        """Registered and signed in."""
        return self.signed_in(self.registered(f"{name or uuid4().hex}@example.com"))

    def reset_token(self, person: Person) -> str:
        self.done("POST", "/v1/password-resets", body={"email": person.email})
        return self.mailed(person.email, _LINK)

    def change_token(self, person: Person, email: str) -> str:
        path = "/v1/account/email-changes"
        self.done("POST", path, body={"email": email}, token=person.token)
        return self.mailed(email, _LINK)

    def api_token(self, person: Person, *scopes: str) -> dict[str, Any]:
        until = self.suite.clock.now() + timedelta(days=300)
        body = {"name": uuid4().hex, "scopes": scopes, "expires_at": until.isoformat()}
        created: dict[str, Any] = self.done("POST", "/v1/api-tokens", body=body, token=person.token)
        return created

    # Invitations

    def invited(self, home: str, email: str, *, by: Person, **wanted: Any) -> Invited:
        """Invited to the organization with this address, and what the mail brought."""
        body = {"email": email, **wanted}
        made = self.done("POST", f"{home}/invitations", body=body, token=by.token)
        return Invited(made["id"], self.invitation_token(email))

    def invitation_token(self, email: str) -> str:
        """From the newest mail."""
        self.suite.run_job("organizations", "hand_over_invitations")
        return self.mailed(email, _LINK)

    def joined(self, home: str, person: Person, *, by: Person, **wanted: Any) -> str:
        """Invited, and accepted; the account's id."""
        token = self.invited(home, person.email, by=by, **wanted).token
        self.done("POST", "/v1/invitations/acceptance", body={"token": token}, token=person.token)
        return str(self.done("GET", "/v1/account", token=person.token)["account_id"])

    # The Manage area

    def managing(self, person: Person) -> Person:
        """In a Manage session; later than the code before if it takes one."""
        factor = {}
        if person.setup_key:
            factor = {"method": "totp", "code": self.next_code(person)}
        body = {"password": PASSWORD, **factor}
        entered = self.done("POST", "/v1/manage/sessions", body=body, token=person.token)
        return replace(person, manage=entered["token"])

    def shown(self, person: Person) -> Shown:
        """A setup key and recovery codes that were not confirmed."""
        authenticator = self.done("POST", "/v1/manage/authenticators", token=person.manage)
        batch = self.done("POST", "/v1/manage/recovery-codes", token=person.manage)
        return Shown(
            person,
            authenticator["authenticator_id"],
            authenticator["setup_key"],
            batch["batch_id"],
            tuple(batch["codes"]),
        )

    def enrolled(self, person: Person) -> Person:
        """With an authenticator, whose code was entered for the session, and recovery codes."""
        found = self.shown(self.managing(person))
        token = found.person.manage
        path = f"/v1/manage/authenticators/{found.authenticator_id}/confirmation"
        self.done("POST", path, body={"code": self.code(found.setup_key)}, token=token)
        path = f"/v1/manage/recovery-codes/{found.batch_id}/confirmation"
        self.done("POST", path, token=token)
        person = replace(
            found.person, setup_key=found.setup_key, recovery_codes=found.recovery_codes
        )
        again = {"password": PASSWORD, "code": self.next_code(person)}
        stepped = self.done("POST", "/v1/session/step-up", body=again, token=person.token)
        return replace(person, token=stepped["token"])

    def code(self, setup_key: str) -> str:
        """What an authenticator app shows now."""
        return pyotp.TOTP(setup_key).at(self.suite.clock.now())

    def next_code(self, person: Person) -> str:
        """What their app shows once the present code is over."""
        self.suite.clock.advance(timedelta(seconds=30))
        return self.code(person.setup_key)

    # Mail

    def mailed(self, to: str, pattern: str) -> str:
        """What the newest mail to an address holds."""
        self.suite.run_job("identity", "send_mail")
        for path in sorted(
            (self.suite.folder / "mail").glob("*.eml"),
            key=lambda path: path.stat().st_mtime_ns,
            reverse=True,
        ):
            message = message_from_bytes(path.read_bytes(), policy=default)
            assert isinstance(message, EmailMessage)
            plain = message.get_body(("plain",))
            found = re.search(pattern, plain.get_content() if plain else "")
            if message["To"] == to and found:
                return found[1]
        raise AssertionError(f"no mail to {to}")

    # How it is asked

    def done(self, method: str, path: str, **options: Any) -> Any:
        answer = self.send(method, path, **options)
        assert answer.status_code < 300, f"{method} {path}: {answer.text}"
        return answer.get_json(silent=True)

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Any = None,
        body: Any = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        token: str | None = None,
    ) -> TestResponse:
        """From an address of its own each time: what is refused is not to be the throttles' doing."""
        self._addresses += 1
        sent = {"Idempotency-Key": str(uuid4())}
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        if content is not None:
            sent["Content-Type"] = "application/octet-stream"
            sent["Content-Length"] = str(len(content))
        answer = self.client.open(
            path,
            method=method,
            query_string=query,
            headers={**sent, **(headers or {})},
            environ_overrides={
                "REMOTE_ADDR": f"198.{18 + self._addresses // 62500}."
                f"{self._addresses // 250 % 250}.{self._addresses % 250 + 1}"
            },
            json=body,
            input_stream=None if content is None else io.BytesIO(content),
        )
        _require_documented(method, path, answer)
        return answer

    def state(self) -> dict[str, list[str]]:
        """Every row of every database but the traces."""
        found = {}
        for name, tables in self._tables.items():
            with self.suite.databases[name].engine.connect() as connection:
                for table, columns in tables.items():
                    rows = connection.exec_driver_sql(f"SELECT {columns} FROM {table}").all()
                    found[f"{name}.{table}"] = sorted(map(repr, rows))
        return found

    def close(self) -> None:
        self.suite.close()


def _require_documented(method: str, path: str, answer: TestResponse) -> None:
    """Fails on a status that the OpenAPI document does not foresee for the operation."""
    for pattern, statuses in _foreseen().get(method, ()):
        if pattern.fullmatch(path):
            assert answer.status_code in statuses, f"{method} {path}: {answer.text}"


@cache
def _foreseen() -> Mapping[str, list[tuple[re.Pattern[str], frozenset[int]]]]:
    """By method: how the path of each operation looks, and how it may be answered."""
    found: dict[str, list[tuple[re.Pattern[str], frozenset[int]]]] = {}
    paths = openapi.document()["paths"]
    for path, item in paths.items():
        pattern = re.compile("/".join(_looks(path.split("/"), paths)))
        for method, told in item.items():
            if "responses" in told:
                statuses = frozenset(map(int, told["responses"]))
                found.setdefault(method.upper(), []).append((pattern, statuses))
    return found


def _looks(parts: list[str], paths: Iterable[str]) -> Iterator[str]:
    """Each part of a path; where another path has a word, a variable is something else."""
    for number, part in enumerate(parts):
        if not part.startswith("{"):
            yield re.escape(part)
            continue
        others = [path.split("/") for path in paths]
        words = {
            other[number]
            for other in others
            if len(other) > number
            and other[:number] == parts[:number]
            and not other[number].startswith("{")
        }
        yield f"(?!(?:{'|'.join(map(re.escape, sorted(words)))})(?:/|$))[^/]+" if words else "[^/]+"


def _columns(engine: Engine) -> dict[str, str]:
    """What to select of each table."""
    found = MetaData()
    found.reflect(engine)
    return {
        table.name: ", ".join(
            f'"{column.name}"'
            for column in table.columns
            if (table.name, column.name) not in COUNTERS
        )
        for table in found.sorted_tables
        if table.name not in TRACES
    }
