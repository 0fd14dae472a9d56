"""A bare nameko echo: what the gateway's reads are measured against."""

import warnings

warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")

import eventlet

eventlet.monkey_patch()

import signal
import sys

from nameko.rpc import rpc
from nameko.runners import ServiceRunner


class Echo:
    name = "echo"

    @rpc
    def echo(self, payload: object) -> object:
        return payload


def main() -> None:
    runner = ServiceRunner({"AMQP_URI": sys.argv[1], "max_workers": 20})
    runner.add_service(Echo)
    signal.signal(signal.SIGTERM, lambda *_: eventlet.spawn_n(runner.stop))
    runner.start()
    print("ready", flush=True)
    runner.wait()


if __name__ == "__main__":
    main()
