"""Fields that several areas of licensing share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates

from contracts.fields import said

MANY = 1_000_000
_CODE = [
    validate.Length(max=60),
    validate.Regexp(
        r"^[a-z0-9]+(-[a-z0-9]+)*\Z", error="Lower-case letters, digits and single hyphens."
    ),
]


def product_code() -> fields.String:
    return fields.String(
        required=True, validate=_CODE, metadata=said("Code of a product of the catalogue.")
    )


def type_code() -> fields.String:
    return fields.String(
        required=True,
        validate=_CODE,
        metadata=said("Code of one of the product's license types."),
    )


def count(description: str, *, least: int = 1) -> fields.Integer:
    return fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(min=least, max=MANY),
        metadata=said(description),
    )


def order_ref() -> fields.String:
    return fields.String(
        required=True,
        validate=validate.Regexp(
            r"^[!-~]{1,80}\Z", error="1 to 80 printable ASCII characters without spaces."
        ),
        metadata=said("The supplier's own number: the same order is carried out once."),
    )


def credential() -> fields.String:
    """Of a supplier or a system; over HTTP it comes as the bearer token."""
    return fields.String(required=True, validate=validate.Length(min=1, max=512))


def require_once(lines: Sequence[Mapping[str, Any]]) -> None:
    """Each license type at most once."""
    # A line whose own fields are at fault comes here too, without them.
    types = [line["type"] for line in lines if "type" in line]
    if len(types) != len(set(types)):
        raise ValidationError("Name each license type once.")


class Lines(Schema):
    @validates("lines")
    def _types_differ(self, lines: Sequence[dict[str, Any]], **_: Any) -> None:
        require_once(lines)
