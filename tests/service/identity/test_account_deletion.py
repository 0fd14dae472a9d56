"""Deleting an account: its memberships first, then everything identity keeps of it (OWN-4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from chassis.config import Config
from chassis.rpc import ServiceFailed
from contracts.access import Role
from contracts.errors import Refusal
from gateway.api import identity
from gateway.app import create_app
from services.identity.models import Base
from tests.harness import Suite
from tests.in_process import InProcess
from tests.service.identity.conftest import CHEAP
from tests.service.identity.test_identity_races import at_once
from tests.service.identity.town import PASSWORD, MakeTown, Person, Town
from tests.service.organizations.world import Home, World

ADA = "ada@example.com"
ELEVEN_MINUTES = timedelta(minutes=11)


class Country(Town):
    """Identity, organizations and devices, with people who belong somewhere."""

    def __init__(self, suite: Suite) -> None:
        super().__init__(suite)
        self.world = World(suite)

    def account_id(self, token: str) -> UUID:
        return UUID(self.ask("get_account", token)["account_id"])

    def deletes(self, token: str) -> str:
        return self.outcome("delete_account", token)

    def devices(self, home: Home, as_: str | UUID) -> str:
        """What the devices service answers to who asks for those of an organization."""
        try:
            self.suite.call("devices", "list_devices", {"organization_id": str(home.id)}, as_=as_)
        except Refusal as refusal:
            return refusal.code
        return "done"

    def rows(self, *needles: str) -> Counter[str]:
        """By table of identity, the rows in which one of the texts occurs."""
        found: Counter[str] = Counter()
        with self.suite.databases["identity"].reading() as session:
            for table in Base.metadata.sorted_tables:
                for row in session.execute(select(table)):
                    text = " ".join(str(value) for value in row)
                    found[table.name] += any(needle in text for needle in needles)
        return +found


@pytest.fixture(params=["sqlite", "postgresql"])
def country(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Country]:
    databases = {}
    if request.param == "postgresql":
        new_database = request.getfixturevalue("postgres_database")
        databases = {name: new_database(name) for name in ("identity", "organizations")}
    suite = Suite(
        tmp_path,
        services=("identity", "organizations", "devices"),
        databases=databases,
        settings={"identity": CHEAP},
    )
    yield Country(suite)
    suite.close()


@pytest.fixture
def ada(country: Country) -> Person:
    return country.newcomer(ADA)


def everything(country: Country, ada: Person) -> str:
    """A token of an account that has a row in every table that may hold one."""
    key, token = country.enrols(ada, country.signs_in(ada))
    manage = country.manages(ada, token, country.next_code(key))
    country.issues(manage)
    country.ask("create_recovery_codes", manage)
    country.ask("register_authenticator", manage)
    expires_at = (country.clock.now() + timedelta(days=30)).isoformat()
    scopes = ["organization:read"]
    country.ask("create_api_token", token, name="ci", scopes=scopes, expires_at=expires_at)
    country.ask("request_password_reset", email=ADA)
    country.ask("request_email_change", token, email="lovelace@example.com")
    country.ask("send_sign_in_code", sign_in=country.begins(ada))
    country.outcome("sign_in", email=ADA, password="a wrong guess")
    country.outcome("step_up", token, password="a wrong guess")
    return token


def test_nothing_is_left_but_the_audit_and_a_farewell(country: Country, ada: Person) -> None:
    """Security 2.10: the audit names the account, not its address."""
    token = everything(country, ada)
    account = country.account_id(token)
    # Each kind of row is there, or the rest of this test would prove nothing.
    belongings = country.rows(str(account), account.hex, ADA)
    assert set(belongings) == {
        *("account", "password_credential", "session", "audit", "outgoing_mail", "throttle"),
        *("totp_active", "totp_pending", "totp_step", "recovery_batch", "login_transaction"),
        *("api_token", "password_reset", "email_change"),
    }
    assert country.deletes(token) == "done"
    assert set(country.rows(str(account), account.hex)) == {"audit"}
    assert country.rows(ADA) == {"outgoing_mail": 1}
    assert set(country.rows("")) == {"audit", "outgoing_mail", "throttle"}
    last = country.mails(ADA)[-1]
    assert "was deleted" in last.subject
    entry = next(one for one in country.audit() if one.action == "user_deleted")
    assert (entry.actor_account_id, entry.object_id) == (account, str(account))
    assert entry.session_id is not None
    assert (entry.before, entry.after) == (None, None)


def test_what_was_not_sent_yet_never_is(country: Country, ada: Person) -> None:
    """A link or code that leads nowhere would only alarm its reader."""
    token = country.signs_in(ada)
    sent = len(country.mails(ADA))
    country.ask("request_password_reset", email=ADA)
    country.ask("request_email_change", token, email="lovelace@example.com")
    country.deletes(token)
    assert [mail.subject for mail in country.mails(ADA)[sent:]] == [
        "Your account of Freehold was deleted"
    ]


def test_everything_it_was_signed_in_with_ends_and_is_announced(
    country: Country, ada: Person
) -> None:
    other = country.signs_in(ada)
    token = country.signs_in(ada)
    expires_at = (country.clock.now() + timedelta(days=1)).isoformat()
    program = country.ask(
        "create_api_token", token, name="x", scopes=["folder:read"], expires_at=expires_at
    )["token"]
    account = country.account_id(token)
    country.deletes(token)
    for held in (token, other, program):
        assert country.outcome("introspect", token=held) == "unauthenticated"
    announced = [name for name, _data in country.suite.waiting("identity")]
    assert announced[-4:] == ["session_ended"] * 3 + ["account_deleted"]
    assert country.suite.waiting("identity")[-1][1] == {"account_id": str(account)}


def test_a_deleted_member_is_refused_at_the_very_next_request(
    country: Country, ada: Person
) -> None:
    """I10: even with an assertion that is good for another minute."""
    token = country.signs_in(ada)
    account = country.account_id(token)
    world = country.world
    home = world.home()
    world.joins(home, Role.ADMIN, account=account)
    assert country.devices(home, token) == "done"
    context = country.suite.context(token).headers()
    assert country.deletes(token) == "done"

    def with_old_assertion(service: str, method: str, **payload: Any) -> str:
        try:
            country.suite.bus.call(service, method, payload, context)
        except Refusal as refusal:
            return refusal.code
        return "done"

    asked = {"organization_id": str(home.id)}
    not_found = "organization-not-found"
    assert with_old_assertion("organizations", "get_organization", **asked) == not_found
    assert with_old_assertion("organizations", "list_folders", **asked) == not_found
    assert with_old_assertion("devices", "list_devices", **asked) == not_found
    for method in ("get_account", "get_session", "delete_account", "list_sessions"):
        assert with_old_assertion("identity", method) == "unauthenticated"


def test_the_last_owner_stays_until_somebody_else_owns(country: Country, ada: Person) -> None:
    """OWN-4."""
    token = country.signs_in(ada)
    world = country.world
    home = world.home(country.account_id(token))
    guest = world.joins(home, Role.VIEWER)
    before = world.dump()
    with pytest.raises(Refusal) as refused:
        country.ask("delete_account", token)
    assert refused.value.code == "last-owner"
    assert refused.value.facts["organization_ids"] == str(home.id)
    assert world.dump() == before
    assert country.outcome("get_account", token) == "done"
    assert "user_deleted" not in country.actions()
    world.sets_role(home, guest, Role.OWNER)
    assert country.deletes(token) == "done"
    assert world.outcome("get_organization", guest, organization_id=home.id) == "done"


def test_it_needs_fresh_credentials_and_says_so_in_the_audit(country: Country, ada: Person) -> None:
    """Security 2.7, 2.10."""
    token = country.signs_in(ada)
    home = country.world.home()
    country.world.joins(home, Role.VIEWER, account=country.account_id(token))
    country.clock.advance(ELEVEN_MINUTES)
    before = country.world.dump()
    assert country.deletes(token) == "step-up-required"
    assert country.world.dump() == before
    entry = country.audit()[-1]
    assert (entry.action, entry.result, entry.reason) == (
        "authz_fail",
        "refused",
        "step-up-required",
    )
    fresh = country.ask("step_up", token, password=PASSWORD)["token"]
    assert country.deletes(fresh) == "done"


def test_no_program_and_no_manage_session_deletes(country: Country, ada: Person) -> None:
    """J4."""
    token = country.signs_in(ada)
    expires_at = (country.clock.now() + timedelta(days=1)).isoformat()
    program = country.ask(
        "create_api_token", token, name="x", scopes=["member:remove"], expires_at=expires_at
    )["token"]
    assert country.deletes(program) == "person-required"
    assert country.deletes(country.manages(ada, token)) == "manage-session"
    assert country.outcome("delete_account") == "unauthenticated"
    assert country.outcome("get_account", token) == "done"


def test_an_ended_session_gives_nothing_up(country: Country, ada: Person) -> None:
    """Its assertion outlives it by a minute."""
    token = country.signs_in(ada)
    home = country.world.home()
    account = country.account_id(token)
    country.world.joins(home, Role.VIEWER, account=account)
    context = country.suite.context(token).headers()
    country.ask("sign_out", token)
    with pytest.raises(Refusal) as refused:
        country.suite.bus.call("identity", "delete_account", {}, context)
    assert refused.value.code == "unauthenticated"
    assert country.world.outcome("get_organization", account, organization_id=home.id) == "done"


def test_a_failure_in_between_is_finished_by_repeating_the_request(
    country: Country, ada: Person
) -> None:
    """Decision 0010: memberships are gone, the account is whole, and then it is gone too."""
    token = country.signs_in(ada)
    account = country.account_id(token)
    home = country.world.home()
    country.world.joins(home, Role.OPERATOR, account=account)
    before = country.rows(str(account), account.hex, ADA)
    with country.failing("DELETE FROM account"), pytest.raises(ServiceFailed):
        country.ask("delete_account", token)
    assert country.rows(str(account), account.hex, ADA) == before
    assert country.suite.waiting("identity") == []
    assert country.world.outcome("get_organization", account, organization_id=home.id) != "done"
    assert country.deletes(token) == "done"
    assert set(country.rows(str(account), account.hex)) == {"audit"}


def test_an_account_that_was_released_before_is_deleted(country: Country, ada: Person) -> None:
    token = country.signs_in(ada)
    country.suite.call("organizations", "release_account", as_=token)
    country.suite.call("organizations", "release_account", as_=token)
    assert country.deletes(token) == "done"


def test_nothing_is_deleted_while_organizations_is_away(make_town: MakeTown) -> None:
    town = make_town()
    token = town.signs_in(town.newcomer(ADA))
    assert town.outcome("delete_account", token) == "service-unavailable"
    assert town.outcome("get_account", token) == "done"


def test_who_registers_the_address_anew_has_nothing_of_the_old_account(
    country: Country, ada: Person
) -> None:
    """Neither rights, nor factors, nor the waits that its guesses earned."""
    key, token = country.enrols(ada, country.signs_in(ada))
    country.issues(country.manages(ada, token, country.next_code(key)))
    old = country.account_id(token)
    home = country.world.home()
    country.world.joins(home, Role.ADMIN, account=old)
    for _ in range(5):
        country.outcome("sign_in", email=ADA, password="a wrong guess")
    assert country.deletes(token) == "done"
    country.suite.deliver()
    assert country.outcome("sign_in", email=ADA, password=PASSWORD) == "sign-in-refused"

    fresh = country.signs_in(country.newcomer(ADA))
    seen = country.ask("get_account", fresh)
    assert UUID(seen["account_id"]) != old
    assert (seen["authenticator_id"], seen["recovery_codes_left"]) == (None, None)
    assert not seen["is_operator"]
    assert country.suite.call("organizations", "list_organizations", as_=fresh)["items"] == []
    assert country.devices(home, fresh) == "organization-not-found"


def test_what_is_founded_in_the_last_moment_is_archived(country: Country, ada: Person) -> None:
    """Decision 0010: an assertion lives for a minute, whatever becomes of its account."""
    token = country.signs_in(ada)
    context = country.suite.context(token).headers()

    def found() -> str:
        payload = {"name": "Late", "idempotency_key": str(uuid4())}
        made = country.suite.bus.call("organizations", "create_organization", payload, context)
        return str(made["id"])

    account = country.account_id(token)
    country.deletes(token)
    early = found()
    country.suite.deliver()
    late = found()
    country.clock.advance(timedelta(minutes=2))
    country.suite.run_job("organizations", "sweep_deleted_accounts")
    for made in (early, late):
        outcome = country.world.outcome("get_organization", account, organization_id=UUID(made))
        assert outcome == "organization-not-found"
    assert country.world.all("list_organizations", account) == []


def test_of_two_deletions_at_once_one_does_it(country: Country) -> None:
    for number in range(8):
        person = country.newcomer(f"{number}@example.com")
        tokens = [country.signs_in(person) for _ in range(2)]
        outcomes = at_once(*(deleting(country, token) for token in tokens))
        assert Counter(outcomes) == {"done": 1, "unauthenticated": 1}
        farewells = [m for m in country.mails(person.email) if "was deleted" in m.subject]
        assert len(farewells) == 1


def test_a_sign_in_at_the_same_time_comes_first_or_not_at_all(country: Country) -> None:
    for number in range(8):
        person = country.newcomer(f"{number}@example.com")
        token = country.signs_in(person)
        country.clock.advance(timedelta(minutes=2))
        sign_in = country.begins(person)
        country.ask("send_sign_in_code", sign_in=sign_in)
        code = country.mails(person.email)[-1].code
        given = {"sign_in": sign_in, "method": "email", "code": code}
        opened: list[str] = []

        def complete(given: dict[str, str] = given, opened: list[str] = opened) -> str:
            try:
                opened.append(country.ask("complete_sign_in", **given)["token"])
            except Refusal as refusal:
                return refusal.code
            return "done"

        def begin(person: Person = person) -> str:
            return country.outcome("sign_in", email=person.email, password=PASSWORD)

        deleted, completed, begun = at_once(deleting(country, token), complete, begin)
        assert deleted == "done"
        # The code may go between being counted and being compared.
        assert completed in ("done", "sign-in-over", "code-refused")
        assert begun in ("done", "sign-in-refused")
        for held in opened:
            assert country.outcome("introspect", token=held) == "unauthenticated"
        assert set(country.rows(person.email)) == {"outgoing_mail"}


def deleting(country: Country, token: str) -> Callable[[], str]:
    return lambda: country.deletes(token)


def test_a_mail_that_is_on_its_way_may_lose_its_account(country: Country, ada: Person) -> None:
    """Sending is not in the transaction that took the mail."""
    token = country.signs_in(ada)
    country.ask("request_password_reset", email=ADA)
    identity_service = country.suite.instance("identity")
    mail = identity_service._taken()
    assert country.deletes(token) == "done"
    identity_service._send(mail)
    assert ["password" in mail.subject for mail in country.mails(ADA)[-2:]] == [True, False]
    assert country.rows(ADA) == {"outgoing_mail": 1}


def test_over_http(country: Country, ada: Person) -> None:
    app = create_app(
        Config({"gateway": {"introspection_seconds": 0}}),
        InProcess(country.suite),
        clock=country.clock,
        blueprints=[identity.blueprint],
    )
    client = app.test_client()
    token = country.signs_in(ada)
    headers = {"Authorization": f"Bearer {token}"}
    home = country.world.home(country.account_id(token))
    refused = client.delete("/v1/account", headers=headers)
    assert refused.status_code == 409
    assert refused.json is not None
    assert refused.json["code"] == "last-owner"
    assert refused.json["organization_ids"] == str(home.id)
    country.world.archived(home)
    done = client.delete("/v1/account", headers=headers)
    assert (done.status_code, done.data) == (204, b"")
    assert client.delete("/v1/account", headers=headers).status_code == 401
