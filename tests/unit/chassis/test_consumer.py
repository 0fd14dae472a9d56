"""What is taken from a queue, when the broker goes away at the very moment it is settled."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from amqp.exceptions import ConnectionForced

from chassis.consumer import DrainingConsumer


def message(settle: Callable[[], None]) -> SimpleNamespace:
    return SimpleNamespace(channel=SimpleNamespace(connection=object()), ack=settle, requeue=settle)


@pytest.mark.parametrize(
    "lost", [ConnectionResetError(104, "reset"), BrokenPipeError(32, "broken"), ConnectionForced()]
)
@pytest.mark.parametrize("settling", ["ack_message", "requeue_message"])
def test_a_connection_lost_while_a_message_is_settled_ends_no_process(
    settling: str, lost: Exception
) -> None:
    """The broker has the message again as soon as the connection is gone."""

    def settle() -> None:
        raise lost

    consumer, taken = DrainingConsumer(), message(settle)
    consumer._unsettled.add(id(taken))
    getattr(consumer, settling)(taken)
    assert not consumer._unsettled


@pytest.mark.parametrize("settling", ["ack_message", "requeue_message"])
def test_a_mistake_while_a_message_is_settled_is_not_hidden(settling: str) -> None:
    def settle() -> None:
        raise ValueError

    with pytest.raises(ValueError):
        getattr(DrainingConsumer(), settling)(message(settle))
