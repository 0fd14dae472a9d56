"""The errand on real RabbitMQ and PostgreSQL, each service a process of its own."""

from __future__ import annotations

import pytest

from tests.journeys.running import RunningSuite

pytestmark = pytest.mark.broker


def test_a_company_signs_up_licenses_and_upgrades_its_cameras(suite: RunningSuite) -> None:
    for _title, step in suite.errand().steps():
        step()
