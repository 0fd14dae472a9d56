"""Licensed systems over HTTP: for their organization, their suppliers and themselves."""

from __future__ import annotations

from flask import request

from contracts.access import Permission
from contracts.license_suppliers import (
    HardwareOrder,
    HardwareOrderView,
    HardwareQuery,
    NewHardwareOrder,
)
from contracts.licensed_systems import (
    AllocateToSystem,
    EntitlementView,
    LicensedSystemDetails,
    LicensedSystemPage,
    LicensedSystemRequest,
    LicensedSystemView,
    ListLicensedSystems,
    RegisterLicensedSystem,
    RenameLicensedSystem,
    SystemCredential,
    UsageReport,
    UsageReportView,
)
from gateway import rpc
from gateway.caller import bearer_token
from gateway.conventions import Blueprint, Payload, Reply

SYSTEMS = "/organizations/<uuid:organization_id>/products/<product>/systems"
SYSTEM = f"{SYSTEMS}/<uuid:licensed_system_id>"

blueprint = Blueprint(
    "licensed_systems",
    description="Installed systems of a product: their licenses, their reports and their hardware.",
)


@blueprint.operation(
    "POST",
    "/hardware",
    takes=HardwareOrder,
    gives=NewHardwareOrder,
    status=201,
    public=True,
    problems=(401, 404, 409),
)
def issue_hardware(payload: Payload) -> Reply:
    """Send out hardware with licenses tied to it, as a supplier.

    Send the supplier's credential as `Authorization: Bearer`. Each unit gets an ownership proof,
    which its buyer registers it with. An `order_ref` is carried out once: the same order again is
    answered without the proofs.
    """
    return rpc.call("licensing", "issue_hardware", _with_credential(payload))


@blueprint.operation(
    "GET",
    "/hardware",
    takes=HardwareQuery,
    gives=HardwareOrderView,
    public=True,
    problems=(401, 404),
)
def list_hardware(payload: Payload) -> Reply:
    """What became of an order's units, as its supplier; the proofs themselves are not kept."""
    return rpc.call("licensing", "list_hardware", _with_credential(payload), read=True)


@blueprint.operation(
    "POST",
    SYSTEMS,
    needs=Permission.LICENSE_MANAGE,
    takes=RegisterLicensedSystem,
    gives=LicensedSystemView,
    status=201,
    location="/organizations/{organization_id}/products/{product}/systems/{id}",
    idempotent=True,
    problems=(404, 409),
)
def register_licensed_system(payload: Payload) -> Reply:
    """Register an installed system of a product.

    Hardware that came with licenses is registered with its serial number and ownership proof, and
    its licenses become active at once. The first system of a product begins its trial where there
    is one. Check that it is the right organization.
    """
    return rpc.call("licensing", "register_licensed_system", payload)


@blueprint.operation(
    "GET",
    SYSTEMS,
    needs=Permission.LICENSE_READ,
    takes=ListLicensedSystems,
    gives=LicensedSystemPage,
    problems=(404,),
)
def list_licensed_systems(payload: Payload) -> Reply:
    """The systems of a product by name, with the licenses they hold and those they need."""
    return rpc.call("licensing", "list_licensed_systems", payload, read=True)


@blueprint.operation(
    "GET",
    SYSTEM,
    needs=Permission.LICENSE_READ,
    takes=LicensedSystemRequest,
    gives=LicensedSystemDetails,
    problems=(404,),
)
def get_licensed_system(payload: Payload) -> Reply:
    """One system, also one that was removed."""
    return rpc.call("licensing", "get_licensed_system", payload, read=True)


@blueprint.operation(
    "PATCH",
    SYSTEM,
    needs=Permission.LICENSE_MANAGE,
    takes=RenameLicensedSystem,
    gives=LicensedSystemView,
    problems=(404, 409),
)
def rename_licensed_system(payload: Payload) -> Reply:
    """Give a system another name."""
    return rpc.call("licensing", "rename_licensed_system", payload)


@blueprint.operation(
    "DELETE",
    SYSTEM,
    needs=Permission.LICENSE_MANAGE,
    takes=LicensedSystemRequest,
    status=204,
    problems=(404, 409),
)
def remove_licensed_system(payload: Payload) -> Reply:
    """Remove a system from the organization.

    It needs no licenses any more, and its credential ends. Licenses tied to the hardware go to
    whoever registers it next; extension licenses stay with the organization, and count again if the
    same hardware comes back to it.
    """
    return rpc.call("licensing", "remove_licensed_system", payload)


@blueprint.operation(
    "POST",
    f"{SYSTEM}/credential",
    needs=Permission.LICENSE_MANAGE,
    takes=LicensedSystemRequest,
    gives=SystemCredential,
    status=201,
    problems=(404, 409),
)
def issue_system_credential(payload: Payload) -> Reply:
    """Issue what a system reports with; one that was issued before ends.

    It is shown this once. A request that got no answer is sent again: the last credential counts.
    """
    return rpc.call("licensing", "issue_system_credential", payload)


@blueprint.operation(
    "POST",
    f"{SYSTEM}/allocations",
    needs=Permission.LICENSE_MANAGE,
    takes=AllocateToSystem,
    gives=LicensedSystemView,
    status=201,
    idempotent=True,
    problems=(404, 409),
)
def allocate_to_system(payload: Payload) -> Reply:
    """Allocate extension licenses from the wallet to a system.

    All lines or none. They are the system's for its lifetime and do not come back to the wallet.
    """
    return rpc.call("licensing", "allocate_to_system", payload)


@blueprint.operation(
    "POST",
    "/usage-reports",
    takes=UsageReport,
    gives=UsageReportView,
    public=True,
    problems=(401, 409),
)
def report_usage(payload: Payload) -> Reply:
    """Report what a system uses, as the system.

    Send its credential as `Authorization: Bearer`. The same report under the same number is counted
    once, and one with a lower number than the last is ignored. Figures that change what is needed are
    taken once a minute; those refused come again under their number, or newer ones instead of them.
    """
    return rpc.call("licensing", "report_usage", _with_credential(payload))


@blueprint.operation("GET", "/entitlement", gives=EntitlementView, public=True, problems=(401,))
def get_entitlement(payload: Payload) -> Reply:
    """What a system may do, as the system, and until when to go by it.

    Send its credential as `Authorization: Bearer`. Whatever the answer, it goes on recording.
    """
    return rpc.call("licensing", "get_entitlement", _with_credential(payload), read=True)


def _with_credential(payload: Payload) -> Payload:
    credential = bearer_token(request.headers.get("Authorization"))
    return {**payload, "credential": credential}
