"""The audit as owners and admins read it: filtered in SQL, and exported as CSV."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from contracts.access import Role
from gateway.api.organizations import AUDIT_COLUMNS, blueprint
from gateway.app import create_app
from tests.in_process import InProcess, account_named
from tests.service.organizations.world import Home, World


@pytest.fixture
def http(world: World) -> FlaskClient:
    services = InProcess(world.suite, account_named)
    app = create_app(world.suite.config, services, clock=world.suite.clock, blueprints=[blueprint])
    return app.test_client()


def entries(world: World, home: Home, **chosen: Any) -> list[dict[str, Any]]:
    return world.all("list_audit_entries", home.owner, organization_id=home.id, **chosen)


def test_an_act_an_account_and_a_time_choose_entries(world: World) -> None:
    """Chapter 13: the audit log of the organization."""
    home = world.home()
    viewer = world.joins(home, Role.VIEWER)
    started = world.suite.clock.now()
    world.folder(home, "Site")
    world.suite.clock.advance(timedelta(hours=1))
    later = world.suite.clock.now()
    world.folder(home, "Roof")
    assert world.outcome(
        "create_folder",
        viewer,
        organization_id=home.id,
        parent_id=home.root,
        name="Cellar",
        idempotency_key=str(uuid4()),
    ) == "not-permitted"  # fmt: skip
    names = [entry["after"]["name"] for entry in entries(world, home, action="folder_created")]
    assert names == ["Roof", "Site"]
    (refused,) = entries(world, home, account_id=str(viewer))
    assert (refused["action"], refused["result"]) == ("authz_fail", "refused")
    assert len(entries(world, home, since=later.isoformat())) == 2
    assert len(entries(world, home, until=later.isoformat())) == 2
    assert entries(world, home, since=later.isoformat(), until=later.isoformat()) == []
    assert entries(world, home, until=started.isoformat()) == []
    assert len(entries(world, home)) == 4


def test_what_was_refused_is_found_among_what_was_done(http: FlaskClient, world: World) -> None:
    """Both as a list and as CSV."""
    home = world.home()
    viewer = world.joins(home, Role.VIEWER)
    world.outcome("list_audit_entries", viewer, organization_id=home.id)
    world.folder(home, "Site")
    assert [each["action"] for each in entries(world, home, result="refused")] == ["authz_fail"]
    done = ["folder_created", "organization_created"]
    assert [each["action"] for each in entries(world, home, result="done")] == done
    assert entries(world, home, result="refused", action="folder_created") == []
    told = exported(http, home, home.owner, "?result=refused").get_data().decode("utf-8-sig")
    assert [row["reason"] for row in csv.DictReader(io.StringIO(told))] == ["audit:read"]
    assert exported(http, home, home.owner, "?result=perhaps").status_code == 422


def test_nobody_empties_the_audit(world: World) -> None:
    """Security 2.10: it is only added to."""
    home = world.home()
    ways = ["DELETE FROM audit", "UPDATE audit SET action = 'x'"]
    if world.database.engine.dialect.name == "postgresql":
        ways += ["TRUNCATE audit", "TRUNCATE organization, audit CASCADE"]
    for way in ways:
        with pytest.raises(DBAPIError, match="never changed"), world.database() as session:
            session.execute(text(way))
    assert len(entries(world, home)) == 1


def test_pages_of_chosen_entries_are_the_list(world: World) -> None:
    home = world.home()
    for number in range(7):
        world.folder(home, f"Site {number}")
    whole = entries(world, home, action="folder_created")
    for limit in (1, 3, 7):
        parts = world.pages(
            "list_audit_entries",
            home.owner,
            limit=limit,
            organization_id=home.id,
            action="folder_created",
        )
        assert [entry for part in parts for entry in part] == whole


def exported(http: FlaskClient, home: Home, account: UUID, query: str = "") -> Any:
    return http.get(
        f"/v1/organizations/{home.id}/audit-entries.csv{query}",
        headers={"Authorization": f"Bearer {account}"},
    )


def test_the_export_holds_every_entry_of_every_page(http: FlaskClient, world: World) -> None:
    """Chapter 13: for owners and admins; a page of the list holds 200."""
    home = world.home()
    for number in range(205):
        world.folder(home, f"Site {number}")
    answer = exported(http, home, home.owner)
    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    assert "audit-entries.csv" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert tuple(rows[0]) == AUDIT_COLUMNS
    assert [row["id"] for row in rows] == [entry["id"] for entry in entries(world, home)]
    chosen = exported(http, home, home.owner, "?action=organization_created")
    assert len(chosen.get_data().decode().splitlines()) == 2


def test_an_exported_cell_is_never_a_formula(http: FlaskClient, world: World) -> None:
    """A user agent is a stranger's text, and a spreadsheet would carry it out."""
    home = world.home()
    viewer = world.joins(home, Role.VIEWER)
    agent = '=HYPERLINK("http://192.0.2.1")'
    http.get(
        f"/v1/organizations/{home.id}/audit-entries",
        headers={"Authorization": f"Bearer {viewer}", "User-Agent": agent},
    )
    told = exported(http, home, home.owner, "?action=authz_fail").get_data().decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(told))
    assert row["user_agent"] == f"'{agent}"


def test_who_may_not_read_the_audit_gets_a_problem_and_no_file(
    http: FlaskClient, world: World
) -> None:
    """The first page is asked for before the answer begins."""
    home = world.home()
    for account, status in ((world.joins(home, Role.OPERATOR), 403), (uuid4(), 404)):
        answer = exported(http, home, account)
        assert answer.status_code == status
        assert answer.mimetype == "application/problem+json"
    assert exported(http, home, home.owner, "?limit=5").status_code == 422
