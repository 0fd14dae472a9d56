"""License files: what is uploaded from systems without a connection, and carried back to them."""

from __future__ import annotations

from enum import StrEnum

from marshmallow import Schema, fields, validate

from contracts.devices import plain_text
from contracts.fields import idempotency_key, said
from contracts.licensed_systems import LicensedSystemRequest, LicensedSystemView
from contracts.licensing import ProductRequest

MOST_BYTES = 16_384
# Of base64, which takes four characters for three bytes.
_MOST_CHARACTERS = -(-MOST_BYTES // 3) * 4


class Arrival(StrEnum):
    """What a system file brought."""

    REGISTERED = "registered"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


class SigningKeys(Schema):
    keys = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata=said(
            "Ed25519 public keys, hexadecimal, by key id; the first signs. A license file names its own."
        ),
    )
    current = fields.String(required=True, metadata=said("Id of the key that signs."))


class UploadSystemFile(ProductRequest):
    file = fields.String(
        required=True,
        validate=validate.Length(min=1, max=_MOST_CHARACTERS),
        metadata=said("The file's bytes as base64; at most 16 KiB of them."),
    )
    name = fields.String(
        load_default=None,
        allow_none=True,
        validate=plain_text(120),
        metadata=said("What to call the system from now on; null: as before, or by its id."),
    )
    idempotency_key = idempotency_key()


class CountView(Schema):
    type = fields.String(required=True)
    count = fields.Integer(required=True, metadata=said("How many the system uses."))
    before = fields.Integer(
        required=True, allow_none=True, metadata=said("As it counted last; null: never yet.")
    )


class UploadedSystemFile(Schema):
    result = fields.Enum(
        Arrival,
        by_value=True,
        required=True,
        metadata=said("unchanged: the same file came before."),
    )
    system = fields.Nested(LicensedSystemView, required=True)
    version = fields.String(required=True, metadata=said("Of the software, as it says."))
    version_before = fields.String(required=True, allow_none=True)
    counts = fields.List(fields.Nested(CountView), required=True)


class IssueLicenseFile(LicensedSystemRequest):
    idempotency_key = idempotency_key()


class FileSeatsView(Schema):
    type = fields.String(required=True)
    seats = fields.Integer(required=True, metadata=said("Licenses in the file."))
    reserved = fields.Integer(
        required=True,
        metadata=said(
            "Of these, those of the subscription year, which no other system gets while the file is valid."
        ),
    )
    growth_limit = fields.Integer(
        required=True, metadata=said("The most that the system may use with the file.")
    )


class IssuedLicenseFile(Schema):
    """A file without its text, which is downloaded."""

    licensed_system_id = fields.UUID(required=True)
    product = fields.String(required=True)
    serial = fields.Integer(
        required=True, metadata=said("Rises with each file of the system in this organization.")
    )
    seats = fields.List(fields.Nested(FileSeatsView), required=True)
    valid_from = fields.Date(required=True)
    valid_until = fields.Date(required=True, metadata=said("The last day that still counts."))
    issued_at = fields.AwareDateTime(required=True)


class LicenseFile(Schema):
    name = fields.String(required=True, metadata=said("What to call it on a disk."))
    content = fields.String(required=True)
