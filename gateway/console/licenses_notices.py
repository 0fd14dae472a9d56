"""LICENSE MANAGER > Notices: what owners and admins were told about licenses (D-21)."""

from __future__ import annotations

from flask import Response

from contracts.access import Permission
from gateway.console import licenses_of_product as shared
from gateway.console import panel
from gateway.console.area import area
from gateway.console.frame import language
from gateway.console.panel import inside
from gateway.console.words import joined
from gateway.console.words.licenses import LICENSES
from gateway.console.words.licenses_notices import NOTICES_PAGE, NOTICES_TOLD
from gateway.payload import Payload

blueprint = area("licenses_notices", "/organizations/<uuid:organization_id>/license-notices")


@blueprint.get("")
@inside(Permission.LICENSE_READ)
def show() -> Response:
    return panel.page(
        "licenses/notices.html",
        joined(LICENSES, NOTICES_PAGE),
        listing=panel.listing("list_license_notices", service="licensing"),
        names={each["code"]: each["name"] for each in shared.catalogue()},
        told=_told,
        in_days=shared.in_days,
    )


def _told(notice: Payload) -> str:
    return NOTICES_TOLD[language()][notice["kind"]].format_map(notice)
