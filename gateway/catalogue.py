"""The catalogue of problems, as docs/problems.md lists it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).resolve().parent.parent / "docs" / "problems.md"


@dataclass(frozen=True)
class Entry:
    code: str
    status: int
    meaning: str
    advice: str


def entries(file: Path = FILE) -> list[Entry]:
    """The rows of the table, in its order."""
    rows = [line for line in file.read_text().splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[1:]]
    return [Entry(code, int(status), meaning, advice) for code, status, meaning, advice in cells]
