"""The test clock over HTTP; in production these addresses lead nowhere."""

from __future__ import annotations

from contracts.access import INSTALLATION_OPERATE
from contracts.test_clock import AdvanceTestClock, ClockView
from gateway import rpc
from gateway.conventions import Blueprint, Payload, Reply

# Each day of each organization is gone through.
PATIENCE_SECONDS = 300.0

blueprint = Blueprint(
    "test_clock", description="Time in an installation for tests or a demo.", is_for_tests=True
)


@blueprint.operation(
    "GET", "/test-clock", needs=INSTALLATION_OPERATE, gives=ClockView, problems=(404,)
)
def get_test_clock(payload: Payload) -> Reply:
    """Where time stands in an installation for tests or a demo."""
    return rpc.call("licensing", "get_test_clock", payload, read=True)


@blueprint.operation(
    "POST",
    "/test-clock",
    needs=INSTALLATION_OPERATE,
    takes=AdvanceTestClock,
    gives=ClockView,
    idempotent=True,
    problems=(404,),
)
def advance_test_clock(payload: Payload) -> Reply:
    """Move time forward, day by day, for everything in the installation.

    Licensing goes through each of the days as if it had come by itself: grace periods end, years
    begin, notices are announced. Sessions and tokens may end on the way, this one too.
    """
    return rpc.call("licensing", "advance_test_clock", payload, timeout=PATIENCE_SECONDS)
