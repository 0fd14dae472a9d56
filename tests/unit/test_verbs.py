"""The commands a person types first: `make`, and what sets up their environment."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
INTERNAL = {"static"}


def run(*command: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=inherited | {"PYTHON": sys.executable} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def a_project(folder: Path) -> Path:
    """As after a clone: the setup and a lock, no environment."""
    (folder / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "setup", folder / ".ci" / "setup")
    (folder / "requirements.lock").write_text("")
    return folder / ".ci" / "setup"


def test_make_alone_lists_every_verb() -> None:
    verbs = set(re.findall(r"^\.PHONY: (\w+)$", (ROOT / "Makefile").read_text(), re.MULTILINE))

    listed = run("make", cwd=ROOT)

    assert listed.returncode == 0
    assert set(re.findall(r"^  make (\w+) ", listed.stdout, re.MULTILINE)) == verbs - INTERNAL


def test_a_python_that_does_not_do_is_refused_in_words(tmp_path: Path) -> None:
    setup = a_project(tmp_path)

    refused = run(setup, "requirements.lock", cwd=tmp_path, PYTHON="false")

    assert refused.returncode == 1
    assert "PYTHON=false is not a Python 3.11 or newer" in refused.stderr
    assert "make setup PYTHON=" in refused.stderr
    assert not (tmp_path / ".venv").exists()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With an environment for development."""
    folder = tmp_path_factory.mktemp("project")
    setup = a_project(folder)
    (folder / "requirements-dev.lock").write_text("# the same and more\n")
    made = run(setup, "requirements-dev.lock", cwd=folder)
    assert made.returncode == 0, made.stderr
    return folder


def test_an_environment_is_made_anew_only_when_the_lock_has_changed(project: Path) -> None:
    again = run(".ci/setup", "requirements-dev.lock", cwd=project)
    (project / "requirements-dev.lock").write_text("# another\n")
    changed = run(".ci/setup", "requirements-dev.lock", cwd=project)

    assert (again.returncode, again.stderr) == (0, "")
    assert changed.returncode == 0
    assert "Installing what requirements-dev.lock names" in changed.stderr


def test_an_environment_for_development_serves_the_demo_too(project: Path) -> None:
    assert run(".ci/setup", "requirements.lock", cwd=project).stderr == ""


def test_the_project_is_importable_from_its_environment(project: Path) -> None:
    (project / "wallet.py").write_text("balance = 7\n")

    told = run(project / ".venv/bin/python", "-c", "import wallet; print(wallet.balance)", cwd=ROOT)

    assert told.stdout == "7\n"
