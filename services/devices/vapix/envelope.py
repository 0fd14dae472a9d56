"""Envelope: the JSON around the requests and answers of most device APIs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.devices.domain.trouble import Cause
from services.devices.domain.version import Version, VersionUnreadable
from services.devices.vapix.errors import AnswerUnreadable, ApiRefused

# Cameras answer with their own version; asking for the first one works on all of them.
API_VERSION = "1.0"


def request(method: str, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
    content: dict[str, Any] = {"apiVersion": API_VERSION, "method": method}
    if params is not None:
        content["params"] = dict(params)
    return content


def data(answer: Mapping[str, Any]) -> dict[str, Any]:
    """:raises ApiRefused: with the camera's code; its text is for people only."""
    error = answer.get("error")
    if isinstance(error, dict):
        code = error.get("code")
        raise ApiRefused(
            code if isinstance(code, int) else 0,
            str(error.get("message", "")),
            Cause.REQUEST_REFUSED,
        )
    found = answer.get("data")
    if not isinstance(found, dict):
        raise AnswerUnreadable("The camera's answer holds no data.")
    return found


def text(values: Mapping[str, Any], name: str) -> str:
    """A short text, empty where it is absent, without what cannot be stored or shown."""
    value = values.get(name, "")
    if not isinstance(value, str):
        return ""
    return "".join(each for each in value[:120] if each.isprintable())


def version(values: Mapping[str, Any], name: str) -> Version:
    try:
        return Version.parse(text(values, name))
    except VersionUnreadable:
        raise AnswerUnreadable("The camera does not say what version it runs.") from None
