"""Payloads: what a client sends, read strictly and checked against a contract's schema."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

from flask import request
from marshmallow import RAISE, Schema, ValidationError, fields
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from contracts.fields import Truth
from gateway.problems import invalid_request

JSON = "application/json"
# Beyond these a number changes when a client reads it as a double (RFC 7493, I-JSON).
_INTEGER_MOST = 2**53 - 1
_TRUTHS = {"true": True, "false": False}

Payload = dict[str, Any]


def body_of(schema: Schema) -> Payload:
    """The JSON body as it was sent, once it satisfies the schema.

    The service reads it through the same contract, so its values are not converted twice.
    """
    if request.mimetype != JSON:
        raise UnsupportedMediaType(f"Send the body as {JSON}.")
    text = request.get_data(cache=False)
    if request.content_length is None:
        # A body without a length ends at the limit without a word; asking for more says 413.
        request.stream.read(1)
    body = strict_json(text)
    _loaded(schema, body)
    assert isinstance(body, dict)
    return body


def query_of(schema: Schema) -> Payload:
    """The query as JSON values, defaults included."""
    values: Payload = {}
    repeated = {}
    for name, given in request.args.lists():
        field = schema.fields.get(name)
        if isinstance(field, fields.List):
            values[name] = given
        elif len(given) > 1:
            repeated[name] = "Given more than once."
        else:
            # A query knows texts alone: these two stand for JSON's own words.
            is_truth = isinstance(field, Truth) and given[0] in _TRUTHS
            values[name] = _TRUTHS[given[0]] if is_truth else given[0]
    if repeated:
        raise invalid_request(repeated)
    for text in _texts(values):
        _refuse_unstorable(text)
    dumped: Payload = schema.dump(_loaded(schema, values))
    return dumped


def strict_json(text: bytes) -> Any:
    """RFC 8259 without its latitude: one meaning for every reader, and nothing unstorable.

    :raises BadRequest: it is not JSON, a key is doubled, a number is out of range, or a text holds
        a NUL or half a surrogate pair.
    """
    try:
        value = json.loads(
            text.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_refuse_constant,
            parse_int=_integer,
            parse_float=_number,
        )
    except RecursionError:
        raise BadRequest("The JSON body is nested too deeply.") from None
    except UnicodeDecodeError:
        raise BadRequest("The body is not UTF-8.") from None
    except ValueError as error:
        position = f" at character {error.pos}" if isinstance(error, json.JSONDecodeError) else ""
        raise BadRequest(f"The body is not valid JSON{position}.") from None
    # Only an escape can bring in what UTF-8 or the parser would not have let through.
    if b"\\u" in text:
        for part in _texts(value):
            _refuse_unstorable(part)
    return value


def _loaded(schema: Schema, values: Any) -> Any:
    try:
        return schema.load(values, unknown=RAISE)
    except ValidationError as error:
        raise invalid_request(error.messages) from None


def _object(pairs: list[tuple[str, Any]]) -> Payload:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise BadRequest("An object of the JSON body names the same key twice.")
    return value


def _integer(digits: str) -> int:
    value = int(digits)
    if abs(value) > _INTEGER_MOST:
        raise BadRequest("A number of the JSON body is out of range.")
    return value


def _number(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise BadRequest("A number of the JSON body is out of range.")
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise BadRequest(f"{name} is not a JSON value.")


def _texts(value: Any) -> list[str]:
    found: list[str] = []
    pending = [value]
    while pending:
        part = pending.pop()
        if isinstance(part, str):
            found.append(part)
        elif isinstance(part, dict):
            pending.extend(part)
            pending.extend(part.values())
        elif isinstance(part, list):
            pending.extend(part)
    return found


def _refuse_unstorable(text: str) -> None:
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise BadRequest("A text holds a character that cannot be stored.")
