"""Guests: people who are invited, and the links that reach them."""

from __future__ import annotations

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any
from uuid import UUID, uuid4

from services.organizations.models import Invitation
from tests.service.organizations.world import Home, World

BOB = "bob@example.com"
PASSWORD = "a very unusual sentence"


def wish(world: World, home: Home, email: str = BOB, **wanted: Any) -> dict[str, Any]:
    """What `invite` takes: a viewer of the default folder, unless something else is wanted."""
    return {
        "organization_id": home.id,
        "email": email,
        "requested_role": "viewer",
        "folder_ids": [str(home.root)],
        "idempotency_key": str(uuid4()),
        **{name: plain(value) for name, value in wanted.items()},
    }


def plain(value: Any) -> Any:
    return [str(each) for each in value] if isinstance(value, list | tuple) else value


def invited(
    world: World, home: Home, email: str = BOB, who: UUID | None = None, **wanted: Any
) -> dict[str, Any]:
    """The invitation as it is answered."""
    sent: dict[str, Any] = world.ask(
        "invite", who or home.owner, **wish(world, home, email, **wanted)
    )
    return sent


def token_of(world: World, invitation: dict[str, Any]) -> str:
    return world.invitation_token(UUID(invitation["id"]))


def link(world: World, home: Home, email: str = BOB, **wanted: Any) -> str:
    """The token of a new invitation."""
    return token_of(world, invited(world, home, email, **wanted))


def of(home: Home, invitation: dict[str, Any]) -> dict[str, Any]:
    """Which one, as every operation on it takes it."""
    return {"organization_id": home.id, "invitation_id": invitation["id"]}


def resent(world: World, home: Home, invitation: dict[str, Any]) -> dict[str, Any]:
    sent: dict[str, Any] = world.ask(
        "resend_invitation", home.owner, **of(home, invitation), idempotency_key=str(uuid4())
    )
    return sent


def row(world: World, invitation: dict[str, Any]) -> Invitation:
    with world.database.reading() as session:
        return session.get_one(Invitation, UUID(invitation["id"]))


def hands_over(world: World) -> None:
    world.suite.run_job("organizations", "hand_over_invitations")


def letters(world: World, to: str | None = None) -> list[EmailMessage]:
    """What identity has sent so far, oldest first."""
    world.suite.run_job("identity", "send_mail")
    found = []
    folder = world.suite.folder / "mail"
    for path in sorted(folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns):
        mail = message_from_bytes(path.read_bytes(), policy=default)
        assert isinstance(mail, EmailMessage)
        found.append(mail)
    return [mail for mail in found if to in (None, mail["To"])]


def text_of(mail: EmailMessage, kind: str = "plain") -> str:
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content())
