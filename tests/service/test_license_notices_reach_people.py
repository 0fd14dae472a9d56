"""From licensing's outbox to the mailboxes of those who can do something about it (D-21)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import update

from contracts.access import Role
from contracts.identity import Language
from contracts.license_notices import LicenseNotice, NoticeKind
from services.identity.models import Account
from tests.harness import Suite
from tests.service.organizations.guests import letters, text_of
from tests.service.organizations.world import Home, World


@pytest.fixture
def world(suite: Suite) -> World:
    return World(suite)


@pytest.fixture
def home(world: World) -> Home:
    """With an admin who reads Korean, and a viewer."""
    home = world.home(world.person("ada@example.com"))
    bob = world.joins(home, Role.ADMIN, account=world.person("bob@example.com"))
    world.joins(home, Role.VIEWER, home.root, account=world.person("eve@example.com"))
    with world.suite.databases["identity"]() as session:
        reads_korean = {"language": Language.KOREAN.value}
        session.execute(update(Account).where(Account.id == bob).values(reads_korean))
    world.suite.deliver()
    return home


def announces(suite: Suite, organization_id: UUID, kind: NoticeKind) -> None:
    """As licensing does, with whatever made it do so."""
    notice = LicenseNotice(
        organization_id=organization_id,
        product="camera-manager",
        product_name="Camera Manager",
        kind=kind,
        on=date(2025, 3, 30),
        days=7,
        licenses=12,
        year=0,
    )
    with suite.databases["licensing"]() as session:
        suite.kits["licensing"].announce(session, notice)


def brings_twice(suite: Suite, service: str) -> None:
    """Every announcement of the service, as a bus that lost the acknowledgement does."""
    for row in [each for each in suite._take(service) for _ in range(2)]:
        suite._distribute(service, row)


@pytest.mark.parametrize("kind", NoticeKind)
def test_every_kind_of_notice_reaches_owners_and_admins_in_their_language(
    world: World, home: Home, kind: NoticeKind
) -> None:
    announces(world.suite, home.id, kind)
    world.suite.deliver()
    found = {mail["To"]: mail for mail in letters(world)}
    assert {to: mail["Content-Language"] for to, mail in found.items()} == {
        "ada@example.com": "en",
        "bob@example.com": "ko",
    }
    link = f"http://127.0.0.1:8000/organizations/{home.id}/licenses/camera-manager\n"
    assert all(link in text_of(mail) for mail in found.values())


def test_what_a_bus_brings_twice_is_mailed_once(world: World, home: Home) -> None:
    announces(world.suite, home.id, NoticeKind.GRACE_ENDING)
    for service in ("licensing", "organizations", "identity"):
        brings_twice(world.suite, service)
    assert sorted(mail["To"] for mail in letters(world)) == ["ada@example.com", "bob@example.com"]


def test_nobody_hears_of_an_organization_that_was_archived(world: World, home: Home) -> None:
    """M6 I9: also what licensing announced before."""
    announces(world.suite, home.id, NoticeKind.UNLICENSED)
    world.ask(
        "archive_organization",
        home.owner,
        organization_id=home.id,
        confirm_organization_id=str(home.id),
        understand_risk=True,
    )
    world.suite.deliver()
    assert letters(world) == []
