"""System files: what an offline system says of itself (R8, D-19)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from contracts.errors import Conflict
from services.licensing.domain import signed_file
from services.licensing.domain.claims import Claims, written_moment
from services.licensing.domain.policy import CLOCK_DRIFT_HOURS, SYSTEM_FILE_DAYS
from services.licensing.domain.signed_file import FileMalformed, Kind, Sealed

FORMAT = 1
ACCEPTED_FOR = timedelta(days=SYSTEM_FILE_DAYS)
CLOCK_DRIFT = timedelta(hours=CLOCK_DRIFT_HOURS)

_NAMES = frozenset(
    [
        "format",
        "system_id",
        "fingerprint",
        "product",
        "version",
        "counts",
        "sequence",
        "created_at",
        "nonce",
        "public_key",
    ]
)
_HEX_32 = re.compile(r"[0-9a-f]{64}")
_HEX_16 = re.compile(r"[0-9a-f]{32}")
_VERSION = re.compile(r"[!-~]([ -~]{0,58}[!-~])?")


class SystemFileTooOld(Conflict):
    """It was created longer ago than what it says can be taken for the present."""

    code = "system-file-too-old"


class SystemFileFromFuture(Conflict):
    """It was created at a time that is still to come."""

    code = "system-file-from-future"


class SystemFileWrongProduct(Conflict):
    """It is of an installation of another product."""

    code = "system-file-wrong-product"


@dataclass(frozen=True)
class SystemFile:
    """``digest`` tells a file from every other of the same system."""

    system_id: UUID
    fingerprint: str
    product: str
    version: str
    counts: Mapping[str, int]
    sequence: int
    created_at: datetime
    public_key: str
    digest: str

    def facts(self) -> dict[str, Any]:
        """All of it as plain JSON; there is no secret in it."""
        return {
            **vars(self),
            "system_id": str(self.system_id),
            "counts": dict(self.counts),
            "created_at": written_moment(self.created_at),
        }

    @classmethod
    def of_facts(cls, facts: Mapping[str, Any]) -> SystemFile:
        """The file that `facts` told of."""
        return cls(
            **{
                **facts,
                "system_id": UUID(facts["system_id"]),
                "created_at": datetime.fromisoformat(facts["created_at"]),
            }
        )

    def require_for(self, product: str) -> None:
        """:raises SystemFileWrongProduct: somebody chose another product's page."""
        if self.product != product:
            raise SystemFileWrongProduct(
                f"This file is of a system of the product {self.product}.", product=self.product
            )

    def require_own_id(self) -> None:
        """Of a system not known yet: others are made here, and anybody could be there before.

        :raises FileMalformed: its id is not a random one.
        """
        if self.system_id.version != 4:
            raise FileMalformed(
                "The id of a new system has to be random, a UUID of version 4. "
                "Where the system is registered already, choose its organization."
            )

    def require_recent(self, now: datetime) -> None:
        """Refuses what cannot be taken for the present, however it came about.

        :raises SystemFileTooOld: it describes the past.
        :raises SystemFileFromFuture: its clock, or ours, is wrong.
        """
        if self.created_at < now - ACCEPTED_FOR:
            raise SystemFileTooOld(
                f"The system created this file more than {SYSTEM_FILE_DAYS} days ago. "
                "Create a new one there.",
                created_at=self.created_at.isoformat(),
            )
        if self.created_at > now + CLOCK_DRIFT:
            raise SystemFileFromFuture(
                "The system created this file at a time to come. "
                "Set its clock right and create a new one.",
                created_at=self.created_at.isoformat(),
            )


def read(content: bytes) -> SystemFile:
    """What a system signed with the key it names.

    :raises FileMalformed: it is not a system file, or of a format to come.
    :raises SignatureWrong: the key it names did not sign it.
    """
    sealed = signed_file.read(Kind.SYSTEM, content)
    file = _described(sealed)
    sealed.require_signed_by(file.public_key)
    return file


def _described(sealed: Sealed) -> SystemFile:
    if sealed.claims.get("format", FORMAT) != FORMAT:
        raise FileMalformed("This system file is of a format that is not known here.")
    try:
        claims = Claims(sealed.claims, _NAMES)
        claims.number("format", FORMAT, FORMAT)
        claims.text("nonce", _HEX_16)
        return SystemFile(
            system_id=claims.id("system_id"),
            fingerprint=claims.text("fingerprint", _HEX_32),
            product=claims.code("product"),
            version=claims.text("version", _VERSION),
            counts=claims.counts("counts", least=0),
            sequence=claims.number("sequence", least=1),
            created_at=claims.moment("created_at"),
            public_key=claims.text("public_key", _HEX_32),
            digest=hashlib.sha256(sealed.enc.encode()).hexdigest(),
        )
    except ValueError as fault:
        raise FileMalformed(f"This system file does not say what one has to: {fault}") from None
