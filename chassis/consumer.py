"""A queue consumer that lets running work end, and be acknowledged, before it lets go of the broker.

nameko's own closes the connection as soon as its consumers are cancelled: the acknowledgement of
what still runs is lost, and the next start carries it out again.
"""

from __future__ import annotations

from typing import Any

from nameko.messaging import QueueConsumer


class DrainingConsumer(QueueConsumer):
    def __init__(self) -> None:
        super().__init__()
        self._unsettled: set[int] = set()

    def handle_message(self, provider: Any, body: Any, message: Any) -> None:
        self._unsettled.add(id(message))
        super().handle_message(provider, body, message)

    def ack_message(self, message: Any) -> None:
        super().ack_message(message)
        self._unsettled.discard(id(message))

    def requeue_message(self, message: Any) -> None:
        super().requeue_message(message)
        self._unsettled.discard(id(message))

    def get_consumers(self, consumer_cls: Any, channel: Any) -> Any:
        # After a reconnection the broker redelivers: what was taken before cannot be settled.
        self._unsettled.clear()
        return super().get_consumers(consumer_cls, channel)

    def on_iteration(self) -> None:
        self._cancel_consumers_if_requested()
        if not self._consumers and not self._unsettled:
            self.should_stop = True
