"""What the schemas of several services are made of."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

# Coarse: a name is measured after normalization, and a decomposed one arrives longer than it is.
TYPED_NAME = validate.Length(min=1, max=512)


class Truth(fields.Boolean):
    """JSON's own true and false; marshmallow would take words and numbers for them too."""

    def _deserialize(self, value: Any, *_arguments: Any, **_options: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return value


def said(description: str) -> dict[str, str]:
    """The ``metadata`` of a field that says what its name does not."""
    return {"description": description}


def idempotency_key() -> fields.String:
    return fields.String(required=True, validate=validate.Regexp(r"^[!-~]{8,128}\Z"))


def next_cursor() -> fields.String:
    return fields.String(required=True, allow_none=True, metadata=said("Null on the last page."))
