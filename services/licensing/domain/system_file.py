"""System files: what an offline system says of itself, and whether it is believed (R8, D-19)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from uuid import UUID

from contracts.errors import Conflict
from services.licensing.domain import signed_file
from services.licensing.domain.claims import Claims
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


class SystemAlreadyRegistered(Conflict):
    """The system belongs to another organization, or is one of another product."""

    code = "system-already-registered"


class SystemKeyChanged(Conflict):
    """It is signed with another key than the one first seen of this system."""

    code = "system-key-changed"


class FingerprintChanged(Conflict):
    """The system says it runs on other hardware than before."""

    code = "fingerprint-changed"


class StaleSystemFile(Conflict):
    """A newer file of the system was uploaded before."""

    code = "stale-system-file"


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


@dataclass(frozen=True)
class KnownSystem:
    """As the last file left it; ``organization_id`` is None once it was removed."""

    organization_id: UUID | None
    product: str
    fingerprint: str
    public_key: str
    sequence: int
    digest: str


class Arrival(Enum):
    """What a file brings: a system, its news, or nothing because it was there before."""

    SYSTEM = "system"
    NEWS = "news"
    NOTHING = "nothing"


def read(content: bytes, now: datetime) -> SystemFile:
    """What a system signed lately with the key it names.

    :raises FileMalformed: it is not a system file, or of a format to come.
    :raises SignatureWrong: the key it names did not sign it.
    :raises SystemFileTooOld: it describes the past.
    :raises SystemFileFromFuture: its clock, or ours, is wrong.
    """
    sealed = signed_file.read(Kind.SYSTEM, content)
    file = _described(sealed)
    sealed.require_signed_by(file.public_key)
    if file.created_at < now - ACCEPTED_FOR:
        raise SystemFileTooOld(
            f"The system created this file more than {SYSTEM_FILE_DAYS} days ago. "
            "Create a new one there.",
            created_at=file.created_at.isoformat(),
        )
    if file.created_at > now + CLOCK_DRIFT:
        raise SystemFileFromFuture(
            "The system created this file at a time to come. "
            "Set its clock right and create a new one.",
            created_at=file.created_at.isoformat(),
        )
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


def arrival(known: KnownSystem | None, file: SystemFile, organization_id: UUID) -> Arrival:
    """Whoever comes first under a system's id is the system: its key and hardware are kept.

    :raises SystemAlreadyRegistered: to another organization, or for another product.
    :raises SystemKeyChanged: whoever holds the first key did not sign.
    :raises FingerprintChanged: it moved to other hardware.
    :raises StaleSystemFile: the last file uploaded is not older than this one.
    """
    if known is None:
        return Arrival.SYSTEM
    _require_same(known, file, organization_id)
    if known.organization_id is not None and file.digest == known.digest:
        return Arrival.NOTHING
    if file.sequence <= known.sequence:
        raise StaleSystemFile(
            "A newer file of this system was uploaded before. Create a new one there.",
            sequence=file.sequence,
            last_sequence=known.sequence,
        )
    return Arrival.SYSTEM if known.organization_id is None else Arrival.NEWS


def _require_same(known: KnownSystem, file: SystemFile, organization_id: UUID) -> None:
    if known.organization_id not in (None, organization_id):
        raise SystemAlreadyRegistered("This system is registered to another organization.")
    if known.public_key != file.public_key:
        raise SystemKeyChanged(
            "This system signed with another key before. "
            "If it was set up anew, an operator of this installation can let it in."
        )
    if known.fingerprint != file.fingerprint:
        raise FingerprintChanged(
            "This system ran on other hardware before. "
            "If it was moved, an operator of this installation can transfer it."
        )
    if known.product != file.product:
        raise SystemAlreadyRegistered(
            f"This system is registered for the product {known.product}.", product=known.product
        )
