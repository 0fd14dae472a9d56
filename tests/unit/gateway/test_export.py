"""Lists as CSV: a stranger's text stays text, whichever spreadsheet opens it."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from flask import Flask

from gateway.export import csv_answer


def written(columns: list[str], item: dict[str, Any]) -> str:
    with Flask(__name__).test_request_context():
        return csv_answer("entries.csv", columns, [[item]]).get_data().decode("utf-8-sig")


@pytest.mark.parametrize("sign", "=+-@＝")
@pytest.mark.parametrize("before", ["", "a;", "a; ", 'a;"', "a\n", 'a";";"'])
def test_no_cell_is_a_formula_where_lines_are_split_at_semicolons_either(
    before: str, sign: str
) -> None:
    """Also in what a cell holds as JSON, and whatever the other cells of the line are."""
    evil = f"{before}{sign}1+1"
    told = written(["id", "note", "after"], {"id": 7, "note": evil, "after": {"name": evil}})
    for delimiter in ",;":
        for row in csv.reader(io.StringIO(told), delimiter=delimiter):
            for cell in row:
                assert not cell.lstrip(' "').startswith(tuple("=+-@＝")), row
    (read,) = csv.DictReader(io.StringIO(told))
    assert read["note"] == f"{before}'{sign}1+1"
    assert set(json.loads(read["after"])) == {"name"}


def test_every_exported_cell_is_quoted() -> None:
    assert written(["id", "note"], {"id": 7, "note": None}) == '"id","note"\r\n"7",""\r\n'


@pytest.mark.parametrize("text", ["a-b; c", "2025-03-01T09:00:00+00:00", "a@example.com", "1 = 1"])
def test_what_is_no_formula_is_exported_as_it_is(text: str) -> None:
    (row,) = csv.DictReader(io.StringIO(written(["note"], {"note": text})))
    assert row == {"note": text}
