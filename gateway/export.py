"""Lists as CSV, written while they are read: no more of one is held than a page."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from flask import Response, stream_with_context

# What begins so is a formula to a spreadsheet. Some split lines at semicolons, and then take no heed
# of quotation marks within what they split: there a cell can begin anywhere in ours.
_FORMULA = re.compile(r'(^|[;\r\n][\s"]*+)(?=[=+\-@\t\r＝＋－＠])')


def csv_answer(
    file_name: str, columns: Sequence[str], pages: Iterable[Sequence[Mapping[str, Any]]]
) -> Response:
    """RFC 4180 in UTF-8 with a byte order mark, which spreadsheets need to read it as that.

    :param pages: read as the client takes the answer; what it refuses at its first page becomes a
        problem, so its first page is read now.
    """
    iterator = iter(pages)
    first = next(iterator, ())
    response = Response(
        stream_with_context(_lines(columns, first, iterator)), mimetype="text/csv; charset=utf-8"
    )
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
    return response


def _lines(
    columns: Sequence[str],
    first: Sequence[Mapping[str, Any]],
    rest: Iterator[Sequence[Mapping[str, Any]]],
) -> Iterator[str]:
    yield "\ufeff" + _written([columns])
    yield _written([_cell(item[name]) for name in columns] for item in first)
    for page in rest:
        yield _written([_cell(item[name]) for name in columns] for item in page)


def _written(rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(rows)
    return text.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict | list):
        text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    else:
        text = str(value)
    return _FORMULA.sub(r"\1'", text)
