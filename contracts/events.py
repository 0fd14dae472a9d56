"""Events: facts in the past tense, and how they become JSON and values again."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any, ClassVar, TypeVar
from uuid import UUID

Known = TypeVar("Known", bound="Event")


@dataclass(frozen=True)
class Event:
    """Subclasses are frozen dataclasses that carry all that their consumers need.

    ``source`` is the announcing service, ``name`` the fact in snake_case. Fields may be str, int,
    bool, UUID, date, aware datetime, a StrEnum, a tuple of these, or one of these or None. A field
    may be added with a default, never renamed: events of older releases are still in queues.
    """

    source: ClassVar[str]
    name: ClassVar[str]

    def to_json(self) -> dict[str, Any]:
        return {field.name: _plain(getattr(self, field.name)) for field in dataclasses.fields(self)}

    @classmethod
    def from_json(cls: type[Known], data: Mapping[str, Any]) -> Known:
        """Rebuilds the event; unknown fields of newer releases are passed over.

        :raises KeyError: a field without default is absent.
        :raises ValueError: a value does not read as its field's type.
        """
        hints = typing.get_type_hints(cls)
        values = {}
        for field in dataclasses.fields(cls):
            if field.name in data:
                values[field.name] = _typed(hints[field.name], data[field.name])
            elif field.default is dataclasses.MISSING:
                raise KeyError(field.name)
        return cls(**values)


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return value


def _typed(hint: Any, value: Any) -> Any:
    origin = typing.get_origin(hint)
    if origin in (types.UnionType, typing.Union):
        if value is None:
            return None
        inner = next(part for part in typing.get_args(hint) if part is not type(None))
        return _typed(inner, value)
    if origin is tuple:
        return tuple(_typed(typing.get_args(hint)[0], part) for part in value)
    if hint in (datetime, date):
        return hint.fromisoformat(value)
    if hint is UUID or (isinstance(hint, type) and issubclass(hint, Enum)):
        return hint(value)
    if not isinstance(value, hint):
        raise ValueError(f"Expected {hint.__name__}, found {type(value).__name__}.")
    return value
