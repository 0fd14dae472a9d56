"""Mails of invitations: handed over once, never lost, and the token nowhere else (INV-3, INV-10)."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from chassis.tables import ChassisBase, OutboxRow
from contracts.errors import ServiceUnavailable
from services.identity.models import Account, Audit, OutgoingMail
from services.organizations.models import AuditEntry, InvitationMail
from tests.service.organizations.guests import (
    BOB,
    PASSWORD,
    hands_over,
    invited,
    letters,
    of,
    resent,
    text_of,
    token_of,
)
from tests.service.organizations.test_races import at_once
from tests.service.organizations.world import Home, World


@pytest.fixture
def home(peopled: World) -> Home:
    return peopled.home(peopled.person("ada@example.com"))


def waiting(world: World) -> list[InvitationMail]:
    with world.database.reading() as session:
        rows = select(InvitationMail).order_by(InvitationMail.created_at)
        return list(session.scalars(rows))


def written(world: World) -> int:
    """Mails that identity has, sent or not."""
    with world.suite.databases["identity"].reading() as session:
        rows = select(OutgoingMail).where(OutgoingMail.kind == "invitation")
        return len(session.scalars(rows).all())


class Between:
    """What a death between a call and its commit does: the call counts, the caller never knows."""

    def __init__(self, world: World) -> None:
        self._bus = world.suite.bus
        self._call = self._bus.call
        self.calls: list[dict[str, Any]] = []
        self.dies = False
        self.is_away = False
        self._bus.call = self.call  # type: ignore[method-assign]

    def call(self, service: str, method: str, payload: Any, *rest: Any, **more: Any) -> Any:
        if method != "write_invitation":
            return self._call(service, method, payload, *rest, **more)
        self.calls.append(dict(payload))
        if self.is_away:
            raise ServiceUnavailable("The identity service is unavailable.", retry_after=2)
        answer = self._call(service, method, payload, *rest, **more)
        if self.dies:
            raise KeyboardInterrupt
        return answer


@pytest.fixture
def between(peopled: World) -> Iterator[Between]:
    found = Between(peopled)
    yield found
    del peopled.suite.bus.call


def test_the_mail_says_who_invites_to_what_and_until_when(peopled: World, home: Home) -> None:
    """INV-3: plain text and HTML alike."""
    sent = invited(peopled, home)
    token = token_of(peopled, sent)
    hands_over(peopled)
    [mail] = letters(peopled)
    assert mail["To"] == BOB
    assert mail["Subject"] == "You are invited to an organization on Freehold"
    for kind in ("plain", "html"):
        text = text_of(mail, kind)
        assert "“Analytical Engines”" in text
        assert f"http://127.0.0.1:8000/invitation?token={token}" in text
        assert "until 2025-03-08 09:00 UTC" in text
        assert "ignore it" in text


def test_nothing_of_it_goes_out_before_the_commit_and_the_token_is_kept_until_then(
    peopled: World, home: Home
) -> None:
    """INV-10: sealed while it waits, dropped once it is handed over."""
    token = token_of(peopled, invited(peopled, home))
    assert token not in repr(peopled.dump())
    assert letters(peopled) == []
    hands_over(peopled)
    [row] = waiting(peopled)
    assert (row.sealed_token, row.due_at) == (None, None)
    hands_over(peopled)
    assert len(letters(peopled)) == 1


def test_a_sealed_token_opens_in_its_own_row_only(peopled: World, home: Home) -> None:
    """One who can write the table cannot have a stranger's link mailed to themselves."""
    invited(peopled, home)
    invited(peopled, home, "eve@example.com")
    bobs, eves = waiting(peopled)
    with peopled.database() as session:
        session.get_one(InvitationMail, eves.id).sealed_token = bobs.sealed_token
    hands_over(peopled)
    assert [mail["To"] for mail in letters(peopled)] == [BOB]
    # Put off, as it may be a key that is missing for the moment.
    kept = next(row for row in waiting(peopled) if row.id == eves.id)
    assert kept.sealed_token == bobs.sealed_token
    assert kept.due_at == peopled.suite.clock.now() + timedelta(seconds=5)


def test_killed_between_the_call_and_the_commit_it_writes_one_mail(
    peopled: World, home: Home, between: Between
) -> None:
    """The mail has the id of the row, however often it is asked for."""
    invited(peopled, home)
    between.dies = True
    with pytest.raises(KeyboardInterrupt):
        hands_over(peopled)
    assert written(peopled) == 1
    between.dies = False
    hands_over(peopled)
    assert len(between.calls) == 1, "the lease of who died is not over"
    peopled.suite.clock.advance(timedelta(minutes=1))
    hands_over(peopled)
    first, second = between.calls
    assert first == second
    assert written(peopled) == 1
    assert len(letters(peopled)) == 1
    assert waiting(peopled)[0].sealed_token is None


def test_while_identity_is_away_it_is_tried_again_later_and_later(
    peopled: World, home: Home, between: Between, caplog: pytest.LogCaptureFixture
) -> None:
    invited(peopled, home)
    between.is_away = True
    delays = []
    for _ in range(12):
        hands_over(peopled)
        [row] = waiting(peopled)
        assert row.due_at is not None
        delays.append((row.due_at - peopled.suite.clock.now()).total_seconds())
        peopled.suite.clock.advance(timedelta(seconds=delays[-1] - 1))
        hands_over(peopled)
        peopled.suite.clock.advance(timedelta(seconds=1))
    assert delays == [5, 10, 20, 40, 80, 160, 320, 640, 1280, 1800, 1800, 1800]
    assert len(between.calls) == 12
    between.is_away = False
    hands_over(peopled)
    assert len(letters(peopled)) == 1
    assert between.calls[0]["token"] not in caplog.text


def test_a_full_mailbox_delays_a_mail_and_loses_none(peopled: World, home: Home) -> None:
    """INV-3: whoever invites sees no difference, and the link that comes late works."""
    strangers = [peopled.home(peopled.person()) for _ in range(10)]
    for stranger in strangers:
        invited(peopled, stranger)
    hands_over(peopled)
    assert written(peopled) == 10
    sent = invited(peopled, home)
    token = token_of(peopled, sent)
    hands_over(peopled)
    assert written(peopled) == 10
    assert sent.keys() == invited(peopled, home, "eve@example.com").keys()
    kept = next(row for row in waiting(peopled) if str(row.invitation_id) == sent["id"])
    assert kept.sealed_token is not None
    assert kept.due_at == peopled.suite.clock.now() + timedelta(hours=1)
    peopled.suite.clock.advance(timedelta(hours=1))
    hands_over(peopled)
    assert any(token in text_of(mail) for mail in letters(peopled))
    assert all(row.sealed_token is None for row in waiting(peopled))


@pytest.mark.parametrize("end", ["expired", "revoked", "superseded", "accepted"])
def test_it_is_given_up_when_the_invitation_is_over(
    peopled: World, home: Home, between: Between, end: str
) -> None:
    """A link that does not work is not mailed, and its token not kept."""
    sent = invited(peopled, home)
    token = token_of(peopled, sent)
    between.is_away = True
    hands_over(peopled)
    if end == "expired":
        peopled.suite.clock.advance(timedelta(days=7))
    if end == "revoked":
        peopled.ask("revoke_invitation", home.owner, **of(home, sent))
    if end == "accepted":
        peopled.ask("accept_invitation", peopled.person(BOB), token=token)
    if end == "superseded":
        invited(peopled, home)
    between.is_away = False
    peopled.suite.clock.advance(timedelta(minutes=2))
    hands_over(peopled)
    assert all(row.sealed_token is None and row.due_at is None for row in waiting(peopled))
    assert written(peopled) == (1 if end == "superseded" else 0)
    assert all(token not in text_of(mail) for mail in letters(peopled))


def test_of_two_mails_of_one_invitation_the_one_whose_link_works_goes_out(
    peopled: World, home: Home
) -> None:
    """Security 2.9: sent again before the first was handed over."""
    sent = invited(peopled, home)
    peopled.suite.clock.advance(timedelta(seconds=1))
    resent(peopled, home, sent)
    token = token_of(peopled, sent)
    hands_over(peopled)
    [mail] = letters(peopled)
    assert token in text_of(mail)


def test_replicas_hand_each_mail_over_once(peopled: World, home: Home, between: Between) -> None:
    for number in range(8):
        invited(peopled, home, f"guest{number}@example.com")
    at_once(*[lambda: hands_over(peopled)] * 3)
    hands_over(peopled)
    assert sorted(call["email"] for call in between.calls) == [
        f"guest{number}@example.com" for number in range(8)
    ]


def test_one_mail_asked_for_twice_at_once_is_written_once(peopled: World, home: Home) -> None:
    """By a replica whose lease was over, and by the next."""
    for number in range(30):
        request = {
            "mail_id": str(uuid4()),
            "organization_id": str(home.id),
            "email": f"guest{number}@example.com",
            "invited_by": str(home.owner),
            "organization_name": "Analytical Engines",
            "token": "x" * 43,
            "expires_at": (peopled.suite.clock.now() + timedelta(days=7)).isoformat(),
        }

        def write(request: dict[str, str] = request) -> None:
            peopled.suite.call("identity", "write_invitation", request)

        at_once(write, write)
        assert written(peopled) == number + 1


@pytest.mark.parametrize("has_account", [True, False])
def test_it_is_in_the_readers_language_or_else_in_the_inviters(
    peopled: World, home: Home, has_account: bool
) -> None:
    languages = {home.owner: "ko"}
    if has_account:
        languages[peopled.person(BOB)] = "ja"
    with peopled.suite.databases["identity"]() as session:
        for account, language in languages.items():
            session.get_one(Account, account).language = language
    invited(peopled, home)
    hands_over(peopled)
    [mail] = letters(peopled)
    assert mail["Content-Language"] == ("ja" if has_account else "ko")
    assert ("招待" if has_account else "초대") in mail["Subject"]


HOSTILE = [
    "Win https://evil.example/now?x=1 www.evil.example evil@evil.example",
    # What IDNA takes for a dot.
    *(f"Win www{dot}evil{dot}example evil@evil{dot}example" for dot in "\u3002\uff0e\uff61\u2024"),
    '</p><a href="//evil.example">Freehold</a><script>alert(1)</script>',
    "{link} {0.__class__} %(token)s",
    "=?utf-8?q?Bcc=3A_eve?=",
    "Bcc: eve@example.org",
    "あ" * 100,
]


@pytest.mark.parametrize("name", HOSTILE)
def test_an_organizations_name_is_text_in_its_mail(peopled: World, name: str) -> None:
    """Whoever makes an organization chooses its name, and who gets a mail about it."""
    home = peopled.home(peopled.person(), name=name)
    token = token_of(peopled, invited(peopled, home))
    hands_over(peopled)
    [mail] = letters(peopled)
    assert mail["Subject"] == "You are invited to an organization on Freehold"
    assert mail["Bcc"] is None
    assert mail["To"] == BOB
    plain, page = text_of(mail), text_of(mail, "html")
    own = f"http://127.0.0.1:8000/invitation?token={token}"
    assert page.count("<a ") == 1
    assert f'<a href="{own}">' in page
    assert "<script" not in page
    # The only address that a mail program makes a link of is ours.
    for text in (plain, page.replace(f'"{own}"', "")):
        assert text.count("://") == 1
        assert not re.search(r"evil[.\u3002\uff0e\uff61\u2024]example", text)
        assert token in text


def test_the_token_is_in_the_mail_and_nowhere_else(
    peopled: World, home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    """INV-10, J6: no answer, log line, event, record or table holds it."""
    places: dict[str, str] = {}

    def ask(method: str, who: UUID | None, **payload: Any) -> Any:
        try:
            answer = peopled.ask(method, who, **payload)
        except Exception as refusal:
            answer = [str(refusal), repr(refusal), vars(refusal)]
        places[f"answer {len(places)} of {method}"] = repr(answer)
        return answer

    with caplog.at_level(logging.DEBUG):
        sent = invited(peopled, home)
        places["answer of invite"] = repr(sent)
        tokens = [token_of(peopled, sent)]
        hands_over(peopled)
        peopled.suite.clock.advance(timedelta(seconds=1))
        places["answer of resend_invitation"] = repr(resent(peopled, home, sent))
        tokens.append(token_of(peopled, sent))
        hands_over(peopled)
        ask("get_invitation", home.owner, **of(home, sent))
        ask("list_invitations", home.owner, organization_id=home.id)
        for token in tokens:
            ask("look_up_invitation", None, token=token)
            ask("accept_invitation", home.owner, token=token)
            for _ in range(2):
                registration = {"token": token, "password": PASSWORD}
                try:
                    peopled.suite.call("identity", "register_invited", registration)
                except Exception as refusal:
                    places[f"refusal {len(places)}"] = repr([refusal, vars(refusal)])
        bob = peopled.suite.call("identity", "identify_address", {"email": BOB})["account_id"]
        ask("accept_invitation", UUID(bob), token=tokens[1])
        ask("accept_invitation", UUID(bob), token=tokens[1])
        ask("list_audit_entries", home.owner, organization_id=home.id)
        letters(peopled)
    places["tables of organizations"] = repr(peopled.dump())
    for service, audit in (("organizations", AuditEntry), ("identity", Audit)):
        with peopled.suite.databases[service].reading() as session:
            for entry in session.scalars(select(audit)):
                places[f"record {service} {len(places)}"] = repr(vars(entry))
            for event in session.scalars(select(OutboxRow)):
                places[f"event {service} {event.seq}"] = json.dumps(event.data)
            for table in (
                *OutgoingMail.metadata.sorted_tables,
                *ChassisBase.metadata.sorted_tables,
            ):
                if service == "identity":
                    rows = session.execute(select(table)).all()
                    places[f"table {table.name}"] = "\n".join(repr(tuple(row)) for row in rows)
    for number, record in enumerate(caplog.records):
        places[f"log {number}"] = f"{record.getMessage()} {vars(record)}"
    assert len(places) > 25
    leaks = [
        place for secret in (*tokens, PASSWORD) for place, text in places.items() if secret in text
    ]
    assert leaks == []


def test_what_is_handed_over_is_kept_for_the_count_and_then_dropped(
    peopled: World, home: Home
) -> None:
    invited(peopled, home)
    hands_over(peopled)
    peopled.suite.clock.advance(timedelta(days=2))
    peopled.suite.run_job("organizations", "end_outdated_invitations")
    assert len(waiting(peopled)) == 1
    peopled.suite.clock.advance(timedelta(seconds=1))
    peopled.suite.run_job("organizations", "end_outdated_invitations")
    assert waiting(peopled) == []
