"""`python -m tests.servers run -- pytest ...`: a command with private servers around it."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from types import FrameType

from tests.servers import install, named
from tests.servers.errors import ServerUnavailable
from tests.servers.instance import RUN, Instance

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Ended(BaseException):
    """Somebody asks this process to end before its command runs."""


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.servers", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("install", help="install what the servers need, if it is missing")
    run = verbs.add_parser("run", help="start the servers, run a command, end the servers")
    run.add_argument("command", nargs=argparse.REMAINDER)
    chosen = parser.parse_args(arguments)
    for number in SIGNALS:
        signal.signal(number, _end)
    try:
        named.check()
        install.ensure(RUN / "install.log")
        if chosen.verb == "install":
            return 0
        command = [word for word in chosen.command[:1] if word != "--"] + chosen.command[1:]
        if not command:
            parser.error("Which command?")
        return run_with_servers(command)
    except ServerUnavailable as error:
        install.say(f"\n{error}")
        return 1
    except Ended as ended:
        return 128 + int(ended.args[0])


def run_with_servers(command: Sequence[str]) -> int:
    """The command's exit status; the servers are gone afterwards, however it ended."""
    instance = Instance.new()
    try:
        began = time.monotonic()
        instance.start()
        install.say(f"Servers are up after {time.monotonic() - began:.1f} s.")
        return _run(command, {**os.environ, **instance.variables()})
    finally:
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        instance.discard()


def _run(command: Sequence[str], environment: dict[str, str]) -> int:
    child = subprocess.Popen(command, env=environment)

    def pass_on(number: int, frame: FrameType | None) -> None:
        # Ctrl-C reaches the command by itself: it is of the same terminal.
        if number != signal.SIGINT:
            child.send_signal(number)

    for number in SIGNALS:
        signal.signal(number, pass_on)
    status = child.wait()
    return status if status >= 0 else 128 - status


def _end(number: int, frame: FrameType | None) -> None:
    raise Ended(number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
