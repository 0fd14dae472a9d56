"""Making an account an operator, as whoever runs the installation does it from a shell."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence

GRANT = (sys.executable, "-m", "services.identity.operate", "grant-operator")


def granting(
    command: Sequence[str] = GRANT, environment: Mapping[str, str] | None = None
) -> Callable[[str], None]:
    """What makes an account an operator, with a command that ends in its address.

    :param environment: beside this process's own.
    """

    def grant(email: str) -> None:
        done = subprocess.run(
            [*command, email],
            env={**os.environ, **(environment or {})},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise AssertionError(f"{' '.join(command)} failed: {done.stderr.strip()}")

    return grant
