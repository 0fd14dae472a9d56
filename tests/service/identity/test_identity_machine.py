"""Second factors as a state machine against the real service (organizations M6: J1–J6)."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.service.identity.machine import Machine
from tests.service.identity.residents import FAILURES_MOST
from tests.service.identity.town import MakeTown

# What a run must have come across, or it has proved less than it seems to.
INTERESTING = {
    "totp accepted",
    "totp replayed",
    "totp out of sync",
    "right totp throttled",
    "old key refused after REGISTER",
    "shown key refused before REGISTER",
    "wrong code at REGISTER",
    "REGISTER replaced",
    "REGISTER too late or elsewhere",
    "authenticator disabled",
    "disabled authenticator replaced",
    "recovery code accepted",
    "recovery code replayed",
    "right recovery code throttled",
    "shown recovery code refused before CONFIRM",
    "old recovery code refused after CONFIRM",
    "CONFIRM replaced",
    "CONFIRM too late or elsewhere",
    "recovery codes disabled",
    "leaving discarded",
    "Manage session over",
    "Manage session refused outside",
    "session refused in the Manage area",
    "other account's code refused",
    "stepped up",
    "authenticator removed",
}


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_second_factors_follow_the_reference_whatever_is_done_in_whatever_order(
    make_town: MakeTown, database: str
) -> None:
    """J1–J6, and every state worth the name was reached."""
    reached: Counter[str] = Counter()

    class Here(Machine):
        pass

    Here.town = make_town(
        postgresql=database == "postgresql",
        totp_failures_most=FAILURES_MOST,
        recovery_failures_most=FAILURES_MOST,
        sessions_most=1_000,
        limit_email_codes_per_account="1000/60",
    )
    Here.reached = reached
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=70,
            stateful_step_count=20,
            deadline=None,
            phases=(Phase.generate,),
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert INTERESTING - set(reached) == set(), reached
