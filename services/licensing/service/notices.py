"""Notices: what owners and admins have to know, announced with its cause, once (D-21)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from chassis.rpc import rpc
from contracts.access import Permission
from contracts.license_notices import (
    LicenseNotice,
    LicenseNoticePage,
    ListLicenseNotices,
    NoticeKind,
)
from contracts.paging import moment_in, page
from services.licensing.domain.notices import Notice
from services.licensing.queries import notices
from services.licensing.service.commands import Commands


class Telling(Commands):
    """For the mixins that have something to tell."""

    def tell(self, session: Session, organization_id: UUID, told: Iterable[Notice]) -> int:
        """Announces those of them that nobody announced before; how many they are."""
        new = notices.add(session, organization_id, told, self.clock.now())
        for notice in new:
            self.announce(
                session,
                LicenseNotice(
                    organization_id=organization_id,
                    product=notice.product,
                    product_name=notice.product_name,
                    kind=notice.kind,
                    on=notice.on,
                    days=notice.days,
                    licenses=notice.licenses,
                    year=notice.year,
                ),
            )
        return len(new)


class Notices(Telling):
    @rpc(takes=ListLicenseNotices, gives=LicenseNoticePage)
    def list_license_notices(
        self, organization_id: UUID, limit: int, cursor: str | None
    ) -> dict[str, Any]:
        """The newest first, whoever was written to."""
        self.access.require(organization_id, Permission.LICENSE_READ)
        before = moment_in(cursor)
        with self.db.reading() as session:
            rows = notices.notices(session, organization_id, before=before, limit=limit)
        found = page(rows, limit=limit, key=lambda row: [row.announced_at.isoformat(), row.id])
        return {
            "items": [
                {
                    "id": row.id,
                    "product": row.product,
                    "kind": NoticeKind(row.kind),
                    "on": row.on_date,
                    "days": row.days,
                    "licenses": row.licenses,
                    "year": row.year,
                    "announced_at": row.announced_at,
                }
                for row in found.items
            ],
            "next_cursor": found.next_cursor,
        }
