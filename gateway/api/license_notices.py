"""Notices about licenses over HTTP."""

from __future__ import annotations

from contracts.access import Permission
from contracts.license_notices import LicenseNoticePage, ListLicenseNotices
from gateway import rpc
from gateway.conventions import Blueprint, Payload, Reply

blueprint = Blueprint(
    "license_notices", description="What owners and admins were told about their licenses."
)


@blueprint.operation(
    "GET",
    "/organizations/<uuid:organization_id>/license-notices",
    needs=Permission.LICENSE_READ,
    takes=ListLicenseNotices,
    gives=LicenseNoticePage,
    problems=(404,),
)
def list_license_notices(payload: Payload) -> Reply:
    """What was announced about the organization's licenses, the newest first.

    Each occasion once: owners and admins got a mail about it, too.
    """
    return rpc.call("licensing", "list_license_notices", payload, read=True)
