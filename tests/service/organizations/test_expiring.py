"""Invitations whose time is over are ended beside whatever else happens to them."""

from __future__ import annotations

import threading
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from services.organizations.models import Invitation
from services.organizations.queries import invitations
from tests.service.organizations.guests import invited, row
from tests.service.organizations.world import World

JOB = ("organizations", "end_outdated_invitations")


def test_one_that_somebody_holds_is_left_for_the_next_time(
    peopled: World, request: pytest.FixtureRequest
) -> None:
    """The job has no organization's lock, so it waits for nobody who has one."""
    if peopled.database.engine.dialect.name == "sqlite":
        # One writer: nobody holds a row while the job runs.
        return
    home = peopled.home()
    held, free = (invited(peopled, home, f"{name}@example.com") for name in ("held", "free"))
    peopled.suite.clock.advance(timedelta(days=8))
    job = threading.Thread(target=peopled.suite.run_job, args=JOB)
    with peopled.database() as session:
        wanted = select(Invitation).where(Invitation.id == UUID(held["id"]))
        session.scalars(wanted.with_for_update()).one()
        job.start()
        job.join(timeout=10)
        is_waiting = job.is_alive()
    job.join()
    assert not is_waiting
    assert [row(peopled, each).status.value for each in (held, free)] == ["pending", "expired"]
    peopled.suite.run_job(*JOB)
    assert row(peopled, held).status.value == "expired"


def test_all_are_ended_however_many_they_are(
    peopled: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invitations, "_EXPIRED_AT_ONCE", 2)
    home = peopled.home()
    sent = [invited(peopled, home, f"guest{number}@example.com") for number in range(5)]
    peopled.suite.clock.advance(timedelta(days=6))
    late = invited(peopled, home, "late@example.com")
    peopled.suite.clock.advance(timedelta(days=1))
    peopled.suite.run_job(*JOB)
    for each in sent:
        ended = row(peopled, each)
        assert (ended.status.value, ended.ended_at) == ("expired", ended.expires_at)
    assert row(peopled, late).status.value == "pending"
