"""The errand against a suite that is already running: `python -m demo.composed`.

    docker compose --profile demo up --build --wait
    python -m demo.composed

Without options it expects what the compose file's demo profile publishes on this machine. A camera
belongs to one organization: for another round there must be others, of another seed.

    SIMULATOR_SEED=2 docker compose --profile demo up --wait
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit
from uuid import uuid4

import requests

from demo.api import Declined
from demo.cameras import cameras_of, images, version_of
from demo.errand import Account, Camera, Errand, Surroundings
from demo.operator import granting

_GRANT = "docker compose exec -T identity python -m services.identity.operate grant-operator"


def seen_from_here(simulator: str) -> Callable[[Camera], str]:
    """Asks a camera where its simulator's ports are published; the suite knows it by another name."""
    host = urlsplit(simulator).hostname or "127.0.0.1"
    return lambda camera: version_of(replace(camera, host=host))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m demo.composed",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--gateway", default="http://127.0.0.1:8000", metavar="URL")
    parser.add_argument("--mailbox", default="http://127.0.0.1:8025", metavar="URL")
    parser.add_argument(
        "--simulator",
        default="http://127.0.0.1:9000",
        metavar="URL",
        help="its control address; its cameras' ports must be reachable on the same host",
    )
    parser.add_argument(
        "--camera-host", default="simulator", help="the cameras' host, as the suite reaches it"
    )
    parser.add_argument(
        "--operator-command",
        default=_GRANT,
        metavar="COMMAND",
        help="makes an account an operator; its address is added at the end (default: %(default)s)",
    )
    parser.add_argument("--email", help="of the new account; a fresh one unless told")
    chosen = parser.parse_args(arguments)

    with TemporaryDirectory(prefix="freehold-images-") as folder:
        cameras = cameras_of(chosen.simulator, chosen.camera_host)
        errand = Errand(
            Surroundings(
                gateway=chosen.gateway,
                mailbox=chosen.mailbox,
                cameras=cameras,
                images=images(cameras, Path(folder)),
                camera_version=seen_from_here(chosen.simulator),
                grant_operator=granting(shlex.split(chosen.operator_command)),
            ),
            Account(email=chosen.email or f"ada-{uuid4().hex[:8]}@example.com"),
        )
        for number, (title, step) in enumerate(errand.steps(), start=1):
            print(f"{number:2}. {title} … ", end="", flush=True)
            print(step(), flush=True)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (AssertionError, Declined, TimeoutError, requests.RequestException) as error:
        print(f"\nThe errand ended here: {error}", file=sys.stderr)
        sys.exit(1)
