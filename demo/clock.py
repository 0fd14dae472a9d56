"""Moving time in the demo: with an API token, for no session outlives a day."""

from __future__ import annotations

from datetime import datetime, timedelta

import pyotp

from demo.api import Declined, until
from demo.errand import Errand

SCOPE = "installation:operate"
# As long as an API token may live.
LIFE = timedelta(days=365)
DAYS = 30


def moving(errand: Errand) -> str:
    """The command that moves time, as the operator of the errand."""
    now = datetime.fromisoformat(errand.api.get("/v1/test-clock")["now"])
    _step_up(errand)
    until_when = (now + LIFE).isoformat()
    made = errand.api.post(
        "/v1/api-tokens", {"name": "Moves time", "scopes": [SCOPE], "expires_at": until_when}
    )
    return (
        f"curl {errand.around.gateway}/v1/test-clock -H 'Authorization: Bearer {made['token']}'"
        f' -H "Idempotency-Key: $(date +%s%N)" --json \'{{"days": {DAYS}}}\''
    )


def _step_up(errand: Errand) -> None:
    app = pyotp.TOTP(errand.account.setup_key)
    code = app.now()
    try:
        _enter(errand, code)
    except Declined as declined:
        if declined.code != "code-used":
            raise
        fresh = until(
            lambda: found if (found := app.now()) != code else None,
            within=31,
            what="The next code",
        )
        _enter(errand, fresh)


def _enter(errand: Errand, code: str) -> None:
    again = {"password": errand.account.password, "code": code}
    errand.api.token = errand.api.post("/v1/session/step-up", again)["token"]
