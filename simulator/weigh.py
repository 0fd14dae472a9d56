"""How much memory a fleet takes: starts one, visits every camera, and reads it off the system.

`python -m simulator.weigh --cameras 2000`
"""

import argparse
import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import aiohttp

ALLOWED_MIB: Final = 1024
VISITS_AT_ONCE: Final = 20
STREAMS: Final = 20
READY: Final = {"apiVersion": "1.0", "method": "systemready"}


def memory(pid: int, name: str) -> float:
    """`VmRSS` is what is resident now, `VmHWM` the most that ever was; in MiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(rf"^{name}:\s+(\d+) kB$", status, re.MULTILINE)
    assert found is not None
    return int(found[1]) / 1024


async def visit(camera: dict[str, Any]) -> None:
    """As an operator would: is it up, over both protocols, what it is, and what it sees."""
    http = f"http://{camera['host']}:{camera['http_port']}/axis-cgi"
    https = f"https://{camera['host']}:{camera['https_port']}/axis-cgi"
    digest = aiohttp.DigestAuthMiddleware(camera["user"], camera["password"])
    async with aiohttp.ClientSession(middlewares=[digest], raise_for_status=True) as session:
        for base in (http, https):
            async with session.post(f"{base}/systemready.cgi", json=READY, ssl=False) as answered:
                await answered.read()
        for path in ("param.cgi?action=list", "jpg/image.cgi", "record/list.cgi?recordingid=all"):
            async with session.get(f"{http}/{path}") as answered:
                await answered.read()


async def watch(camera: dict[str, Any], seen: asyncio.Barrier) -> None:
    """A live stream that stays open until all are."""
    digest = aiohttp.DigestAuthMiddleware(camera["user"], camera["password"])
    url = f"http://{camera['host']}:{camera['http_port']}/axis-cgi/mjpg/video.cgi"
    async with (
        aiohttp.ClientSession(middlewares=[digest], raise_for_status=True) as session,
        session.get(url) as answered,
    ):
        await answered.content.readany()
        await seen.wait()
        await answered.content.readany()


async def weigh(told: dict[str, Any]) -> dict[str, Any]:
    pid = told["pid"]
    weight: dict[str, Any] = {"cameras": told["cameras"], "idle": memory(pid, "VmRSS")}
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{told['control']}/cameras") as all_,
    ):
        cameras = (await all_.json())["cameras"]
    turn = asyncio.Semaphore(VISITS_AT_ONCE)

    async def visited(camera: dict[str, Any]) -> None:
        async with turn:
            await visit(camera)

    await asyncio.gather(*(visited(camera) for camera in cameras))
    weight["visited"] = memory(pid, "VmRSS")
    watched = cameras[:STREAMS]
    seen = asyncio.Barrier(len(watched))
    await asyncio.gather(*(watch(camera, seen) for camera in watched))
    return weight | {"streams": len(watched), "most": memory(pid, "VmHWM")}


def main(given: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser("simulator.weigh", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--cameras", type=int, default=2000, metavar="N")
    options = parser.parse_args(given)
    command = [sys.executable, "-m", "simulator", "--cameras", str(options.cameras), "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        try:
            assert process.stdout is not None
            weight = asyncio.run(weigh(json.loads(process.stdout.readline())))
        finally:
            process.terminate()
    in_mib = {name: round(value, 1) for name, value in weight.items()}
    sys.stdout.write(json.dumps({**in_mib, "allowed": ALLOWED_MIB, "unit": "MiB"}) + "\n")
    return 0 if weight["most"] <= ALLOWED_MIB else 1


if __name__ == "__main__":
    sys.exit(main())
