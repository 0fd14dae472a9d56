"""What the compose file and the Kubernetes folder say, read once for their tests."""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
KUBERNETES = ROOT / "deploy" / "kubernetes"
BASE = KUBERNETES / "base"
# A service of the compose file that is no process of the suite.
SERVERS = frozenset({"postgres", "rabbitmq"})
VARIABLE = re.compile(r"\bFREEHOLD_[A-Z0-9_]+\b")

Manifest = dict[str, Any]


@functools.cache
def manifests(folder: Path = KUBERNETES) -> tuple[tuple[Path, Manifest], ...]:
    """Each document of each file, kustomizations included."""
    return tuple(
        (path, document)
        for path in sorted(folder.rglob("*.yaml"))
        for document in yaml.load_all(path.read_text(), Loader=yaml.CSafeLoader)
    )


def of_kind(kind: str, folder: Path = KUBERNETES) -> dict[str, Manifest]:
    """By name."""
    return {
        document["metadata"]["name"]: document
        for _path, document in manifests(folder)
        if document["kind"] == kind
    }


def pods() -> dict[str, Manifest]:
    """The pod of everything that runs one, by name."""
    return {
        name: document["spec"]["template"]["spec"]
        for kind in ("Deployment", "Job", "StatefulSet")
        for name, document in of_kind(kind).items()
    }


@functools.cache
def composed() -> dict[str, Manifest]:
    """The compose file's services, anchors and merges resolved."""
    document = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    services: dict[str, Manifest] = document["services"]
    return services


def env_file(text: str) -> dict[str, str]:
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return dict(line.split("=", 1) for line in lines)
