"""What `make demo` runs: the errand in the embedded mode, on SQLite files and the in-process bus."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_the_demo_runs_the_errand_by_itself_and_says_where_to_look(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "demo", "--once", "--port", "0", "--cameras", "7"]
    done = subprocess.run(
        [*command, "--folder", str(tmp_path / "demo")],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "30. Ask the cameras themselves … 3 report the new version" in done.stdout
    for word in (
        "Freehold",
        "API reference",
        "Captured mail",
        "Account",
        "Setup key",
        "Recovery codes",
        "Move time",
    ):
        assert word in done.stdout
    # Everything was delivered: a demo that leaves failed events behind would be no demo.
    log = (tmp_path / "demo" / "suite.log").read_text()
    assert '"level": "ERROR"' not in log
    assert "Traceback" not in log
