"""What the schemas of several services are made of."""

from __future__ import annotations

from typing import Any

from marshmallow import fields


class Truth(fields.Boolean):
    """JSON's own true and false; marshmallow would take words and numbers for them too."""

    def _deserialize(self, value: Any, *_arguments: Any, **_options: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return value


def said(description: str) -> dict[str, str]:
    """The ``metadata`` of a field that says what its name does not."""
    return {"description": description}
