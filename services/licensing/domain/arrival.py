"""Arrival: whether a system file comes from the system it names, and what it brings (D-19)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from contracts.errors import Conflict
from contracts.license_files import Arrival
from services.licensing.domain.system import SystemAlreadyRegistered, SystemKind
from services.licensing.domain.system_file import SystemFile


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
class KnownSystem:
    """As the last file left it; ``organization_id`` is None once it was removed.

    Without a key it was registered otherwise, and no file of it was seen yet.
    """

    organization_id: UUID | None
    product: str
    kind: SystemKind
    fingerprint: str | None
    public_key: str | None
    sequence: int
    digest: str | None


def arrival(
    known: KnownSystem | None,
    file: SystemFile,
    organization_id: UUID,
    *,
    is_vouched: bool = False,
) -> Arrival:
    """Whoever comes first under a system's id is the system: its key and hardware are kept.

    :param is_vouched: an operator says that it is the system, whatever key and hardware it has.
    :raises SystemAlreadyRegistered: to another organization, or for another product.
    :raises SystemKeyChanged: whoever holds the first key did not sign.
    :raises FingerprintChanged: it moved to other hardware.
    :raises StaleSystemFile: the last file uploaded is not older than this one.
    """
    if known is None:
        return Arrival.REGISTERED
    _require_free(known, organization_id)
    if not is_vouched:
        _require_same(known, file)
    if known.product != file.product:
        raise SystemAlreadyRegistered(
            f"This system is registered for the product {known.product}.", product=known.product
        )
    is_removed = known.organization_id is None
    if not is_removed and file.digest == known.digest:
        return Arrival.UNCHANGED
    # Who holds a new key counts anew; files signed with the old one come in no more.
    counts_anew = is_vouched and file.public_key != known.public_key
    if file.sequence <= known.sequence and not counts_anew:
        raise StaleSystemFile(
            "A newer file of this system was uploaded before. Create a new one there.",
            sequence=file.sequence,
            last_sequence=known.sequence,
        )
    return Arrival.REGISTERED if is_removed else Arrival.UPDATED


def _require_free(known: KnownSystem, organization_id: UUID) -> None:
    if known.organization_id not in (None, organization_id):
        raise SystemAlreadyRegistered("This system is registered to another organization.")
    if known.organization_id is None and known.kind is not SystemKind.OFFLINE:
        raise SystemAlreadyRegistered(
            "This system was removed, and has to be registered again as it was before."
        )


def _require_same(known: KnownSystem, file: SystemFile) -> None:
    if known.public_key not in (None, file.public_key):
        raise SystemKeyChanged(
            "This system signed with another key before. "
            "If it was set up anew, an operator of this installation can let it in."
        )
    if known.fingerprint not in (None, file.fingerprint):
        raise FingerprintChanged(
            "This system ran on other hardware before. "
            "If it was moved, an operator of this installation can transfer it."
        )
