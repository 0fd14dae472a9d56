"""System files and license files over HTTP."""

from __future__ import annotations

from flask import Response

from contracts.access import Permission
from contracts.license_files import (
    IssuedLicenseFile,
    IssueLicenseFile,
    SigningKeys,
    UploadedSystemFile,
    UploadSystemFile,
)
from contracts.licensed_systems import LicensedSystemRequest
from gateway import rpc
from gateway.conventions import Blueprint, Payload, Reply

PRODUCT = "/organizations/<uuid:organization_id>/products/<product>"
FILE = f"{PRODUCT}/systems/<uuid:licensed_system_id>/license-file"
BYTES = "application/octet-stream"

blueprint = Blueprint(
    "license_files",
    description="Systems without a connection: the files that people carry to and fro.",
)


@blueprint.operation("GET", "/license-signing-keys", gives=SigningKeys, public=True)
def license_signing_keys(payload: Payload) -> Reply:
    """The public keys that license files are verified with.

    Products have them built in. A key that is to sign later is here before, and one that signed
    earlier stays here while its files are valid.
    """
    return rpc.call("licensing", "license_signing_keys", payload, read=True)


@blueprint.operation(
    "POST",
    f"{PRODUCT}/system-files",
    needs=Permission.LICENSE_MANAGE,
    takes=UploadSystemFile,
    gives=UploadedSystemFile,
    idempotent=True,
    problems=(404, 409),
)
def upload_system_file(payload: Payload) -> Reply:
    """Upload the file that describes a system without a connection.

    The first file of a system registers it, and may begin the product's trial; the key and the
    hardware it names are the system's from then on. Each further file brings what the system uses
    by now. Check that it is the right organization.
    """
    return rpc.call("licensing", "upload_system_file", payload)


@blueprint.operation(
    "POST",
    FILE,
    needs=Permission.LICENSE_MANAGE,
    takes=IssueLicenseFile,
    gives=IssuedLicenseFile,
    status=201,
    location="/organizations/{organization_id}/products/{product}/systems/{licensed_system_id}"
    "/license-file",
    idempotent=True,
    problems=(404, 409),
)
def issue_license_file(payload: Payload) -> Reply:
    """Issue a license file for a system, to be downloaded and carried to it.

    Needs a year whose need is covered, or licenses of the system's own. The licenses of the year
    that are in the file are reserved: no other system gets them while it is valid, for a copy cannot
    be called back.
    """
    return rpc.call("licensing", "issue_license_file", payload)


@blueprint.operation(
    "GET",
    FILE,
    needs=Permission.LICENSE_READ,
    takes=LicensedSystemRequest,
    media_type=BYTES,
    problems=(404,),
)
def get_license_file(payload: Payload) -> Reply:
    """Download the newest license file of a system, byte for byte as it was issued."""
    file = rpc.call("licensing", "get_license_file", payload, read=True)
    response = Response(file["content"].encode(), mimetype=BYTES)
    response.headers["Content-Disposition"] = f'attachment; filename="{file["name"]}"'
    return response
