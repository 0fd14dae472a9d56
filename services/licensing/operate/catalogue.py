"""The catalogue from a file: products and license types are added, and never taken away (R2, R45)."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from contracts.license_fields import product_code, type_code
from contracts.licensing import LicenseKind
from services.licensing.domain.catalogue import (
    CatalogueInvalid,
    Product,
    changes,
    extended,
    require_kept,
    require_sound,
)
from services.licensing.domain.product import Coterm, LicenseType
from services.licensing.queries import catalogue
from services.licensing.service import LicensingService
from services.licensing.service.commands import OPERATOR


def _optional_code() -> fields.String:
    return fields.String(load_default=None, allow_none=True, validate=validate.Length(max=60))


class _Attribute(fields.Field[Any]):
    """A word, a number, or yes and no."""

    def _deserialize(self, value: Any, *_arguments: Any, **_options: Any) -> Any:
        if not isinstance(value, str | int | bool) or len(str(value)) > 200:
            raise ValidationError("A text, a whole number, or true or false.")
        return value


class _Type(Schema):
    code = type_code()
    kind = fields.Enum(LicenseKind, by_value=True, required=True)
    covers = _optional_code()
    upgrade_from = _optional_code()
    upgrade_to = _optional_code()
    attributes = fields.Dict(
        keys=fields.String(validate=validate.Regexp(r"^[a-z][a-z0-9_]{0,59}\Z")),
        values=_Attribute(),
        load_default=dict,
    )


class _Product(Schema):
    code = product_code()
    name = fields.String(required=True, validate=validate.Length(min=1, max=100))
    trial_days = fields.Integer(
        required=True, strict=True, validate=validate.Range(min=0, max=3660)
    )
    counts_devices_as = _optional_code()
    coterm = fields.Enum(Coterm, by_value=True, load_default=Coterm.ORGANIZATION)
    types = fields.List(
        fields.Nested(_Type), required=True, validate=validate.Length(min=1, max=100)
    )


class CatalogueFile(Schema):
    products = fields.List(
        fields.Nested(_Product), required=True, validate=validate.Length(min=1, max=500)
    )


def read(path: Path) -> Sequence[Product]:
    """:raises CatalogueInvalid: it cannot be read, or is not written as it has to be."""
    try:
        written = CatalogueFile().load(json.loads(path.read_text()))
    except (OSError, ValueError, ValidationError) as failed:
        raise CatalogueInvalid(f"{path}: {failed}") from None
    found = [
        Product(**{**said, "types": {each["code"]: LicenseType(**each) for each in said["types"]}})
        for said in written["products"]
    ]
    codes = [product.code for product in found]
    if len(codes) != len(set(codes)) or any(
        len(said["types"]) != len(product.types)
        for said, product in zip(written["products"], found, strict=True)
    ):
        raise CatalogueInvalid(f"{path}: name each product once, and each of its types once.")
    return found


def extend_catalogue(licensing: LicensingService, path: Path, *, is_rehearsal: bool) -> int:
    """All of the file or nothing; what is there already changes nothing."""
    wanted = read(path)
    said: list[str] = []
    with licensing.db() as session:
        held = {product.code: product for product in catalogue.products_for_update(session)}
        after = dict(held)
        for product in wanted:
            before = held.get(product.code)
            after[product.code] = extended(before, product)
            if before is not None and catalogue.is_in_use(session, product.code):
                require_kept(before, after[product.code])
            require_sound(after[product.code])
            said += changes(before, after[product.code])
        if said and not is_rehearsal:
            for product in wanted:
                catalogue.keep(session, held.get(product.code), after[product.code])
            number = catalogue.add_version(
                session, list(held.values()), list(after.values()), licensing.clock.now()
            )
            licensing.audit(
                session,
                "extend_catalogue",
                "catalogue",
                number,
                acting_as=OPERATOR,
                after={"changes": said},
            )
    for line in said or ["nothing changes"]:
        sys.stdout.write(f"{line}\n")
    if said and is_rehearsal:
        sys.stdout.write("nothing was changed: this was a rehearsal\n")
    return 0
