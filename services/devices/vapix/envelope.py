"""Envelope: the JSON around the requests and answers of most device APIs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.devices.domain.version import Version, VersionUnreadable
from services.devices.vapix.errors import AnswerUnreadable, ApiRefused

# Cameras answer with their own version; asking for the first one works on all of them.
API_VERSION = "1.0"
_MESSAGE_LENGTH = 200


def request(method: str, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
    content: dict[str, Any] = {"apiVersion": API_VERSION, "method": method}
    if params is not None:
        content["params"] = dict(params)
    return content


def versions_request() -> dict[str, Any]:
    """The one request that names no version, as it asks for them."""
    return {"method": "getSupportedVersions"}


def data(answer: Mapping[str, Any]) -> dict[str, Any]:
    """:raises ApiRefused: with the camera's code; its text is for people only."""
    refuse(answer)
    found = answer.get("data")
    if not isinstance(found, dict):
        raise AnswerUnreadable("The camera's answer holds no data.")
    return found


def kept(answer: Mapping[str, Any]) -> Any:
    """What an answer of the newer APIs holds; their envelope is another one.

    :raises ApiRefused: with the camera's code.
    """
    refuse(answer)
    if answer.get("status") != "success":
        raise AnswerUnreadable("The camera's answer holds no data.")
    return answer.get("data")


def refuse(answer: Mapping[str, Any]) -> None:
    """:raises ApiRefused: the answer is an error, whatever its HTTP status was."""
    error = answer.get("error")
    if isinstance(error, dict):
        raise ApiRefused(number(error, "code") or 0, text(error, "message", _MESSAGE_LENGTH))


def versions(answer: Mapping[str, Any]) -> tuple[str, ...]:
    """The newest version of each major one that an API serves."""
    return tuple(each for each in items(data(answer), "apiVersions") if isinstance(each, str))


def text(values: Mapping[str, Any], name: str, length: int = 120) -> str:
    """A short text, empty where it is absent, without what cannot be stored or shown."""
    return shown(values.get(name), length)


def shown(value: object, length: int = 120) -> str:
    if not isinstance(value, str):
        return ""
    return "".join(each for each in value[:length] if each.isprintable())


def number(values: Mapping[str, Any], name: str) -> int | None:
    """A number that is not negative; some releases write it as text."""
    value = values.get(name)
    if isinstance(value, str) and len(value) < 16 and value.isascii() and value.isdigit():
        return int(value)
    return value if type(value) is int and 0 <= value < 10**15 else None


def flag(values: Mapping[str, Any], name: str) -> bool | None:
    value = values.get(name)
    return value if isinstance(value, bool) else None


def items(values: Mapping[str, Any], name: str) -> list[Any]:
    found = values.get(name)
    return found if isinstance(found, list) else []


def part(values: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = values.get(name)
    return found if isinstance(found, dict) else {}


def version(values: Mapping[str, Any], name: str) -> Version:
    found = version_or_none(values, name)
    if found is None:
        raise AnswerUnreadable("The camera does not say what version it runs.")
    return found


def version_or_none(values: Mapping[str, Any], name: str) -> Version | None:
    try:
        return Version.parse(text(values, name))
    except VersionUnreadable:
        return None
