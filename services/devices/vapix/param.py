"""param.cgi: a camera's parameters, as text with one of them on each line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.devices.vapix.envelope import shown
from services.devices.vapix.errors import AnswerUnreadable, ParametersRefused
from services.devices.vapix.session import Session

PATH = "/axis-cgi/param.cgi"
MOST_BYTES = 2 * 1024 * 1024
# What stands in the place of every password.
MASKED = "******"
_ERROR = "# Error:"
_VALUE_LENGTH = 4096
_ROOT = "root."


@dataclass(frozen=True)
class Parameters:
    """Names without ``root.``, whichever form the camera used; ``missing`` it does not have."""

    values: Mapping[str, str]
    missing: tuple[str, ...] = ()


def read(session: Session, groups: Iterable[str]) -> Parameters:
    """Those of the groups that the camera has; one that is missing does not hide the others."""
    wanted = [group.removeprefix(_ROOT) for group in groups]
    query = {"action": "list", "group": ",".join(wanted)}
    text = session.get(PATH, query, most=MOST_BYTES).plain()
    values: dict[str, str] = {}
    for line in text.split("\n"):
        name, is_pair, value = line.partition("=")
        if is_pair and not line.startswith("#"):
            values[name.strip().removeprefix(_ROOT)] = shown(value.rstrip("\r"), _VALUE_LENGTH)
    if not values and _ERROR not in text and text.strip():
        raise AnswerUnreadable("The camera's answer cannot be read.")
    missing = tuple(group for group in wanted if not _has(values, group))
    return Parameters(values, missing)


def update(session: Session, values: Mapping[str, str]) -> None:
    """:raises ParametersRefused: without the camera's words, for they repeat the values."""
    fields = {f"{_ROOT}{name.removeprefix(_ROOT)}": value for name, value in values.items()}
    text = session.form(PATH, {"action": "update", **fields}).strip()
    if text.startswith(_ERROR):
        raise ParametersRefused("The camera did not take all of the parameters.")
    if text != "OK":
        raise AnswerUnreadable("The camera's answer cannot be read.")


def _has(values: Mapping[str, str], group: str) -> bool:
    stem = group.removesuffix("*").removesuffix(".")
    return any(name == stem or name.startswith(f"{stem}.") for name in values)
