"""Starts the simulated cameras and their control API."""

import argparse
import asyncio
import contextlib
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path
from typing import Final

from aiohttp import web

from simulator.camera import Timing
from simulator.control import Control
from simulator.faults import UnknownFault
from simulator.fleet import LAST_PORT, BadFleet, Fleet, Placement, Wanted, read_wanted

# Who draws live pictures: more of them than there are processors are not faster.
PAINTERS: Final = 2
# For each camera two ports that are held, two that listen, and some connections.
FILES_PER_CAMERA: Final = 10


def wall_clock() -> datetime:
    """The only place where the simulator asks what time it is."""
    return datetime.fromtimestamp(time.time_ns() / 1e9, UTC)


def port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= LAST_PORT:
        raise argparse.ArgumentTypeError(f"{text} is not a port.")
    return number


def seconds(text: str) -> float:
    number = float(text)
    if not (isfinite(number) and number >= 0):
        raise argparse.ArgumentTypeError(f"{text} is not a number of seconds.")
    return number


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("simulator", description="Simulated Axis cameras.")
    parser.add_argument("--cameras", type=int, default=None, metavar="N", help="12 unless told")
    parser.add_argument("--bind", default="127.0.0.1", metavar="ADDRESS")
    parser.add_argument(
        "--port-base",
        type=port,
        default=0,
        metavar="N",
        help="camera i gets N+2i for HTTP and N+2i+1 for HTTPS; 0: any free ports",
    )
    parser.add_argument(
        "--control-port", type=port, default=0, metavar="N", help="0: any free port"
    )
    parser.add_argument("--seed", default="1", help="the same seed makes the same fleet")
    parser.add_argument("--fleet", type=Path, metavar="FILE", help="JSON: {cameras: [{model, …}]}")
    parser.add_argument("--user", default="root", help="the administrator of every camera")
    parser.add_argument("--password", help="one for all; made from the seed unless told")
    parser.add_argument("--boot-seconds", type=seconds, default=10.0, metavar="S")
    parser.add_argument("--linger-seconds", type=seconds, default=2.0, metavar="S")
    parser.add_argument(
        "--minute-seconds",
        type=seconds,
        default=60.0,
        metavar="S",
        help="how long a minute of the rollback timer lasts",
    )
    parser.add_argument(
        "--slow-bytes-per-second", type=int, metavar="N", help="how fast cameras take an image"
    )
    parser.add_argument("--json", action="store_true", help="no table, only the line of JSON")
    return parser


def wanted_cameras(options: argparse.Namespace) -> list[Wanted]:
    """Those of the file, and as many more as were asked for."""
    wanted: list[Wanted] = []
    if options.fleet is not None:
        try:
            content = json.loads(options.fleet.read_text())
        except (OSError, ValueError) as error:
            raise BadFleet(f"{options.fleet} cannot be read: {error}") from error
        cameras = content.get("cameras") if isinstance(content, dict) else None
        if not isinstance(cameras, list):
            raise BadFleet(f"{options.fleet} has no list of cameras.")
        wanted += [read_wanted(entry) for entry in cameras]
    number = options.cameras
    if number is None:
        number = 0 if options.fleet is not None else 12
    if number:
        wanted.append(read_wanted({"count": number}))
    return wanted


def table(fleet: Fleet) -> str:
    """For a person."""
    rows = [("model", "serial", "version", "http", "https", "user", "password")]
    for face in fleet.faces.values():
        told = fleet.describe(face)
        rows.append(
            (
                told["model"],
                told["serial"],
                told["version"],
                str(told["http_port"]),
                str(told["https_port"]),
                told["user"] or "(to be set up)",
                told["password"] or "",
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines) + "\n"


def allow_files(cameras: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = 256 + FILES_PER_CAMERA * cameras
    if soft < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(needed, hard), hard))


async def run(options: argparse.Namespace, wanted: list[Wanted]) -> None:
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(PAINTERS, "painter"))
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    fleet = Fleet(
        seed=options.seed,
        placement=Placement(host=options.bind, port_base=options.port_base),
        timing=Timing(
            boot_seconds=options.boot_seconds,
            linger_seconds=options.linger_seconds,
            minute_seconds=options.minute_seconds,
        ),
        loop=loop,
        wall_clock=wall_clock,
        user=options.user,
        password=options.password,
    )
    runner = web.AppRunner(Control(fleet).app(), access_log=None, shutdown_timeout=1.0)
    try:
        fleet.add_all(wanted)
        if options.slow_bytes_per_second is not None:
            fleet.set_faults(
                {"slow_bytes_per_second": options.slow_bytes_per_second}, list(fleet.faces)
            )
        await runner.setup()
        site = web.TCPSite(runner, options.bind, options.control_port)
        await site.start()
        host, number = runner.addresses[0][:2]
        address = f"[{host}]:{number}" if ":" in host else f"{host}:{number}"
        told = {"control": f"http://{address}", "cameras": len(fleet.faces), "pid": os.getpid()}
        sys.stdout.write(json.dumps(told) + "\n")
        if not options.json:
            sys.stdout.write(table(fleet))
        sys.stdout.flush()
        await stop.wait()
    finally:
        await runner.cleanup()
        await fleet.close()


def main(given: Sequence[str] | None = None) -> int:
    parser = arguments()
    options = parser.parse_args(given)
    try:
        wanted = wanted_cameras(options)
        allow_files(sum(some.count for some in wanted))
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(run(options, wanted))
    except (BadFleet, UnknownFault, OSError) as error:
        parser.exit(1, f"simulator: {error}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
