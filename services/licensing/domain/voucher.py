"""Vouchers: licenses signed by a supplier without a connection, ``LIC1.<claims>.<signature>`` (M6)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from contracts.errors import Invalid
from services.licensing.domain.claims import Claims, from_base64, loaded
from services.licensing.domain.signed_file import Kind, Sealed

PREFIX = "LIC1."
TERM_YEARS_MOST = 5

_NAMES = frozenset(["supplier_id", "serial", "product", "lines", "term_years", "redeem_before"])
_SERIAL = re.compile(r"[!-~]{1,64}")
_FORM = re.compile(r"LIC1\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
_STANDARD = str.maketrans("-_", "+/")


class VoucherMalformed(Invalid):
    """It is not a voucher, or not all of one."""

    code = "voucher-malformed"


@dataclass(frozen=True)
class VoucherTerms:
    """It is redeemed once by ``supplier_id`` and ``serial``, whatever else a second one says."""

    supplier_id: UUID
    serial: str
    product: str
    lines: Mapping[str, int]
    term_years: int
    redeem_before: date | None

    @classmethod
    def of_claims(cls, values: Mapping[str, Any]) -> VoucherTerms:
        """:raises ValueError: a claim is missing, unknown or out of its form."""
        claims = Claims(values, _NAMES)
        return cls(
            supplier_id=claims.id("supplier_id"),
            serial=claims.text("serial", _SERIAL),
            product=claims.code("product"),
            lines=claims.counts("lines", least=1),
            term_years=claims.number("term_years", 1, TERM_YEARS_MOST),
            redeem_before=claims.day_or_none("redeem_before"),
        )

    @property
    def id(self) -> UUID:
        """Of the voucher, as a license key has one."""
        return uuid5(self.supplier_id, f"voucher {self.serial}")


@dataclass(frozen=True)
class Voucher(VoucherTerms):
    """What it says; nobody vouches for it before ``require_signed_by``."""

    sealed: Sealed

    def claims(self) -> dict[str, Any]:
        """All that it says, as plain JSON and without the signature."""
        return dict(self.sealed.claims)

    def require_signed_by(self, public_key: str) -> None:
        """:param public_key: the supplier's, hexadecimal.

        :raises SignatureWrong: the supplier did not sign this voucher.
        """
        self.sealed.require_signed_by(public_key)


def is_meant(text: str) -> bool:
    """Whether somebody pasted a voucher where license keys are typed."""
    return text.strip().startswith(PREFIX)


def read(text: str) -> Voucher:
    """The voucher somebody pasted, blanks around it aside.

    :raises VoucherMalformed: it was cut, or nobody's program wrote it.
    """
    form = _FORM.fullmatch(text.strip())
    if form is None:
        raise _malformed()
    enc, sig = form.groups()
    try:
        values = loaded(_from_base64url(enc))
        sealed = Sealed(Kind.VOUCHER, enc, _from_base64url(sig), values)
        return Voucher(**vars(VoucherTerms.of_claims(values)), sealed=sealed)
    except ValueError:
        raise _malformed() from None


def _from_base64url(text: str) -> bytes:
    return from_base64(text.translate(_STANDARD) + "=" * (-len(text) % 4))


def _malformed() -> VoucherMalformed:
    return VoucherMalformed("This is not a voucher: copy all of it, from LIC1 to its end.")
