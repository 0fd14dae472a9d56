"""A program's API token, from its owner's step-up to its end, over RabbitMQ and several processes."""

from __future__ import annotations

import time

import pytest

from demo.api import Api, Declined
from demo.errand import Account
from tests.journeys.running import RunningSuite

pytestmark = pytest.mark.broker

# What a gateway process keeps of identity's word, and the request that is under way meanwhile.
HOLD_SECONDS = 5.0
SLACK_SECONDS = 1.0


def is_taken(program: Api) -> bool:
    try:
        program.get("/v1/organizations")
    except Declined as declined:
        if declined.code != "unauthenticated":
            raise
        return False
    return True


def test_a_revoked_token_is_refused_by_every_gateway_process_within_five_seconds(
    suite: RunningSuite,
) -> None:
    """Security 2.6."""
    errand = suite.errand(Account(email="grace@example.com"))
    for step in (errand.register, errand.verify, errand.sign_in):
        step()
    person = errand.api
    created = person.post(
        "/v1/api-tokens",
        {
            "name": "nightly",
            "scopes": ["organization:read"],
            "expires_at": person.get("/v1/session")["expires_at"],
        },
    )
    program = Api(suite.gateway)
    program.token = created["token"]
    for _ in range(40):
        assert is_taken(program)
    with pytest.raises(Declined) as refused:
        program.get("/v1/products")
    assert refused.value.code == "token-scope-missing"

    person.send("DELETE", f"/v1/api-tokens/{created['api_token_id']}")
    revoked_at = time.monotonic()
    taken = [0.0]
    while (after := time.monotonic() - revoked_at) < HOLD_SECONDS + 2 * SLACK_SECONDS:
        if is_taken(program):
            taken.append(after)
    assert taken[-1] < HOLD_SECONDS + SLACK_SECONDS
    assert not is_taken(program)
    assert person.get("/v1/api-tokens") == {"items": []}
    assert created["token"] not in suite.logs()
