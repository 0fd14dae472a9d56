"""Two people as the machine knows them, and the codes they may come up with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tests.service.identity.reference import (
    APPLICATION,
    Held,
    Reference,
    one_time_password,
    step_of,
)
from tests.service.identity.town import Person, Town

FAILURES_MOST = 7


class Resident:
    """A person with what they hold, and what is expected of their account."""

    def __init__(self, town: Town, email: str) -> None:
        self.person: Person = town.newcomer(email)
        self.expected = Reference(FAILURES_MOST)
        token = town.signs_in(self.person)
        self.session = Held(token, town.clock.now(), APPLICATION)
        self.manages: list[Held] = []
        self.logins: list[Login] = []


@dataclass
class Login:
    """A sign-in whose password was right."""

    secret: str = field(repr=False)
    until: datetime
    is_over: bool = False


def digits_of(residents: Sequence[Resident], who: int, candidate: str, now: datetime) -> str:
    """A one-time password of the kind, or a wrong one where there is none of it."""
    expected = residents[who].expected
    step = step_of(now)
    keys: dict[str, str | None] = {
        "right": expected.setup_key,
        "previous": expected.setup_key,
        "shown": expected.shown_key.secret[0] if expected.shown_key else None,
        "old": expected.old_keys[-1] if expected.old_keys else None,
        "other": residents[1 - who].expected.setup_key,
        "wrong": None,
    }
    key = keys[candidate]
    if key is not None:
        return one_time_password(key, step - 1 if candidate == "previous" else step)
    near = {
        one_time_password(each, number)
        for each in (expected.setup_key, expected.shown_key and expected.shown_key.secret[0])
        if each
        for number in range(step - 10, step + 11)
    }
    return next(text for text in (f"{number:06d}" for number in range(100)) if text not in near)


def recovery_code(residents: Sequence[Resident], who: int, candidate: str) -> str:
    expected = residents[who].expected
    used = [code for code, is_used in expected.codes.items() if is_used]
    unused = [code for code, is_used in expected.codes.items() if not is_used]
    kinds: dict[str, list[str]] = {
        "right": unused,
        "previous": used,
        "shown": expected.shown_codes.secret if expected.shown_codes else [],
        "old": expected.old_codes,
        "other": list(residents[1 - who].expected.codes),
        "wrong": [],
    }
    known = {*expected.codes, *kinds["shown"]}
    wrong = next(text for text in (f"{number:08d}" for number in range(100)) if text not in known)
    return (kinds[candidate] or [wrong])[-1]
