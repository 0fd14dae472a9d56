"""The shell of licensing's operators, as tests sit at it."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.config import Config
from services.licensing.operate import main
from tests.service.licensing import invariants
from tests.service.licensing.customer import Customer

WHY = "ticket 7"


class Operator:
    """At the shell of licensing."""

    def __init__(
        self,
        customer: Customer,
        spoken: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        self._customer = customer
        self._spoken = spoken
        suite = customer.suite
        monkeypatch.setattr(Config, "load", lambda: suite.config)
        monkeypatch.setattr(
            "services.licensing.operate.Kit", lambda *_arguments: suite.kits["licensing"]
        )

    def tries(self, *words: object) -> tuple[int, str]:
        """The exit status, and what was said."""
        code = main([str(word) for word in words])
        spoken = self._spoken.readouterr()
        return code, spoken.out + spoken.err

    def does(self, *words: object) -> str:
        code, said = self.tries(*words)
        assert code == 0, said
        return said

    def reverses(self, number: int, reason: str = WHY) -> str:
        said = self.does("reverse", self._customer.id, number, "--reason", reason)
        invariants.hold(self._customer)
        return said

    def cannot_reverse(self, number: int) -> str:
        before = stands(self._customer)
        code, said = self.tries("reverse", self._customer.id, number, "--reason", WHY)
        assert code == 1, said
        assert stands(self._customer) == before
        return said


def stands(customer: Customer) -> Any:
    return customer.balances(), len(customer.entries()), len(customer.log())
