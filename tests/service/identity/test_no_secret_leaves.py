"""J6: what is secret appears where it is shown once, and nowhere else."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import MetaData, select
from sqlalchemy.exc import SQLAlchemyError

from chassis.config import Config
from chassis.tables import OutboxRow
from gateway.app import create_app
from services.identity.models import Audit
from tests.in_process import InProcess
from tests.service.identity.town import PASSWORD, MakeTown, Town

ADA = "ada@example.com"
NEW_PASSWORD = "another unusual sentence"
RESET_PASSWORD = "a third unusual sentence"


class Watched:
    """Every answer of the gateway, with the secrets that were shown or typed on the way."""

    def __init__(self, town: Town) -> None:
        config = Config({"gateway": {"introspection_seconds": 0}})
        self._client: FlaskClient = create_app(
            config, InProcess(town.suite), clock=town.clock
        ).test_client()
        self.town = town
        self.secrets: dict[str, str] = {}
        self.answers: list[tuple[str, str]] = []

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        token: str | None = None,
        shows: Iterable[str] = (),
    ) -> Any:
        """``shows`` names the fields of the answer that are secret and belong there."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = self._client.open(f"/v1{path}", method=method, json=body, headers=headers)
        found = answer.get_json(silent=True)
        hidden = dict(found) if isinstance(found, dict) else {}
        for name in shows:
            shown = hidden.pop(name)
            for number, secret in enumerate(shown if isinstance(shown, list) else [shown]):
                self.secrets[f"{name} {number} of {method} {path}"] = secret
        rest = json.dumps(hidden) if hidden else answer.get_data(as_text=True) if not found else ""
        self.answers.append((f"{method} {path}", f"{rest}\n{answer.headers}"))
        return found

    def types(self, name: str, secret: str) -> str:
        self.secrets[name] = secret
        return secret

    def mailed(self, what: str) -> str:
        mail = self.town.mails(ADA)[-1]
        return self.types(f"mailed {what}", mail.code if what == "code" else mail.token)


@pytest.fixture(params=["sqlite", "postgresql"])
def watched(request: pytest.FixtureRequest, make_town: MakeTown) -> Watched:
    return Watched(make_town(postgresql=request.param == "postgresql"))


def walk(web: Watched) -> None:
    """Through all that identity does with secrets, and back out with refusals on the way."""
    town = web.town
    password = web.types("password", PASSWORD)
    web.send("POST", "/accounts", {"email": ADA, "password": password})
    verification = {"token": web.mailed("verification"), "password": password}
    web.send("POST", "/password-strength", {"password": password})
    mistyped = {**verification, "password": web.types("mistyped password", "a mistyped password")}
    for given in (mistyped, verification, verification):
        web.send("POST", "/email-verifications", given)
    web.send("POST", "/sign-ins", {"email": ADA, "password": web.types("guess", "a wrong guess")})

    def begins(secret: str) -> str:
        begun = web.send("POST", "/sign-ins", {"email": ADA, "password": secret}, shows=["sign_in"])
        return str(begun["sign_in"])

    sign_in = begins(password)
    web.send("POST", "/sign-ins/email-codes", {"sign_in": sign_in})
    given = {"sign_in": sign_in, "method": "email"}
    web.send("POST", "/sign-ins/completion", {**given, "code": web.types("wrong", "918273")})
    done = {**given, "code": web.mailed("code")}
    token = web.send("POST", "/sign-ins/completion", done, shows=["token"])["token"]
    web.send("POST", "/sign-ins/completion", done)

    manage = web.send("POST", "/manage/sessions", {"password": password}, token, shows=["token"])
    manage = manage["token"]
    secret_parts = ["setup_key", "otpauth_uri", "qr_svg"]
    pending = web.send("POST", "/manage/authenticators", None, manage, shows=secret_parts)
    path = f"/manage/authenticators/{pending['authenticator_id']}"
    web.send("GET", path, None, manage, shows=secret_parts)
    key = pending["setup_key"]
    code = {"code": web.types("first code", town.shown(key))}
    web.send("POST", f"{path}/confirmation", {"code": web.types("no code", "564738")}, manage)
    web.send("POST", f"{path}/confirmation", code, manage)
    batch = web.send("POST", "/manage/recovery-codes", None, manage, shows=["codes"])
    web.send("POST", f"/manage/recovery-codes/{batch['batch_id']}/confirmation", None, manage)
    sheet = web.send(
        "POST",
        "/manage/provisioning-sheets",
        None,
        manage,
        shows=["html", "authenticator", "recovery_codes"],
    )
    for name in ("html", "authenticator", "recovery_codes"):
        web.secrets.pop(f"{name} 0 of POST /manage/provisioning-sheets")
    web.types("setup key of the sheet", sheet["authenticator"]["setup_key"])
    for number, each in enumerate(sheet["recovery_codes"]["codes"]):
        web.types(f"recovery code {number} of the sheet", each)

    recovery = {"sign_in": begins(password), "method": "recovery_code", "code": batch["codes"][0]}
    web.send("POST", "/sign-ins/manage", recovery, shows=["token"])
    recovery["sign_in"] = begins(password)
    web.send("POST", "/sign-ins/manage", recovery)

    stepped = {"password": password, "code": web.types("second code", town.next_code(key))}
    token = web.send("POST", "/session/step-up", stepped, token, shows=["token"])["token"]
    wish = {
        "name": "backup",
        "scopes": ["device:read"],
        "expires_at": (town.clock.now() + timedelta(days=30)).isoformat(),
    }
    web.send("POST", "/api-tokens", wish, token, shows=["token"])
    for method, path in (
        ("GET", "/api-tokens"),
        ("GET", "/sessions"),
        ("GET", "/account"),
        ("GET", "/session"),
    ):
        web.send(method, path, None, token)
    changed = {
        "current_password": password,
        "new_password": web.types("new password", NEW_PASSWORD),
    }
    token = web.send("PUT", "/account/password", changed, token, shows=["token"])["token"]
    web.send("POST", "/account/email-changes", {"email": "ada@new.example"}, token)
    link = town.mails("ada@new.example")[-1].token
    web.send("POST", "/email-changes/confirmation", {"token": web.types("change", link)})
    web.send("POST", "/password-resets", {"email": "ada@new.example"})
    link = town.mails("ada@new.example")[-1].token
    reset = {
        "token": web.types("reset", link),
        "new_password": web.types("reset password", RESET_PASSWORD),
    }
    web.send("POST", "/password-resets/completion", reset)
    web.send("POST", "/password-resets/completion", reset)


def test_nothing_secret_is_in_an_answer_an_event_a_log_line_or_a_table(
    watched: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    """J6, ACC, security 2.3, 2.4, 2.10."""
    with caplog.at_level(logging.DEBUG):
        walk(watched)
    places = dict(watched.answers)
    database = watched.town.suite.databases["identity"]
    with database.reading() as session:
        for row in session.scalars(select(OutboxRow)):
            places[f"event {row.name} {row.seq}"] = json.dumps(row.data)
        for number, entry in enumerate(session.scalars(select(Audit))):
            values = [entry.reason, entry.before, entry.after, entry.object_id, entry.user_agent]
            places[f"audit {entry.action} {number}"] = json.dumps(values)
        tables = MetaData()
        tables.reflect(session.connection())
        for name, table in tables.tables.items():
            rows = session.execute(select(table)).all()
            places[f"table {name}"] = "\n".join(repr(tuple(row)) for row in rows)
    for number, record in enumerate(caplog.records):
        # What a log line is made from, formatted as ours and as Python's own would.
        places[f"log {record.name} {number}"] = f"{record.getMessage()} {vars(record)}"
    assert len(watched.secrets) > 40
    assert {name.split()[0] for name in places} > {"event", "audit", "table", "log"}
    leaks = [
        (what, place)
        for what, secret in watched.secrets.items()
        for place, text in places.items()
        if re.search(rf"(?<![\w-]){re.escape(secret)}(?![\w-])", text)
    ]
    assert leaks == []


def test_a_database_that_fails_does_not_repeat_what_it_was_given(town: Town) -> None:
    """J6: the text of the error goes to the log."""
    secret = uuid4().hex
    with (
        pytest.raises(SQLAlchemyError) as failed,
        town.suite.databases["identity"]() as session,
    ):
        session.connection().exec_driver_sql(
            "INSERT INTO account (id, email) VALUES (?, ?)", (secret, secret)
        )
    assert secret not in f"{failed.value} {failed.value!r}"
