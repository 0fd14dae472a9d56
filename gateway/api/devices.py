"""Devices over HTTP."""

from __future__ import annotations

import hashlib
from contextlib import ExitStack

import fsspec
from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

from contracts.access import INSTALLATION_OPERATE, Permission
from contracts.devices import (
    AddDevice,
    CampaignOne,
    CampaignPage,
    CampaignView,
    DeviceModelList,
    DeviceOne,
    DevicePage,
    DeviceView,
    FirmwareImagePage,
    FirmwareImageView,
    ListCampaigns,
    ListCampaignUpgrades,
    ListDeviceModels,
    ListDevices,
    ListFirmwareImages,
    ListUpgrades,
    MoveDevice,
    MoveDevices,
    MoveReport,
    StartCampaign,
    UpgradeDetail,
    UpgradeOne,
    UpgradePage,
    UploadFirmwareImage,
)
from gateway import rpc
from gateway.conventions import Blueprint, Payload, Reply

ORGANIZATION = "/organizations/<uuid:organization_id>"
DEVICES = f"{ORGANIZATION}/devices"
DEVICE = f"{DEVICES}/<uuid:device_id>"
CAMPAIGNS = f"{ORGANIZATION}/campaigns"
CAMPAIGN = f"{CAMPAIGNS}/<uuid:campaign_id>"
UPGRADES = f"{ORGANIZATION}/upgrades"

# The camera is asked several things while the caller waits.
ADDING_SECONDS = 60.0
# The whole image is read again before it is believed.
CHECKING_SECONDS = 300.0
# A row is made for each device.
STARTING_SECONDS = 60.0

_CHUNK = 256 * 1024

blueprint = Blueprint("devices", description="What is out there, and whether it is up to date.")


@blueprint.operation(
    "POST",
    DEVICES,
    needs=Permission.DEVICE_MANAGE,
    takes=AddDevice,
    gives=DeviceView,
    status=201,
    location="/organizations/{organization_id}/devices/{id}",
    idempotent=True,
    problems=(404, 409),
)
def add_device(payload: Payload) -> Reply:
    """Add a camera to a folder.

    Needs `device:manage` on the folder. The camera is asked who it is first: one with another
    serial number is refused, and no password is sent to it. The password is kept encrypted and
    never shown.
    """
    return rpc.call("devices", "add_device", payload, timeout=ADDING_SECONDS)


@blueprint.operation(
    "GET",
    DEVICES,
    needs=Permission.DEVICE_READ,
    takes=ListDevices,
    gives=DevicePage,
    problems=(404,),
)
def list_devices(payload: Payload) -> Reply:
    """The devices the caller may see, by name."""
    return rpc.call("devices", "list_devices", payload, read=True)


@blueprint.operation(
    "GET", DEVICE, needs=Permission.DEVICE_READ, takes=DeviceOne, gives=DeviceView, problems=(404,)
)
def get_device(payload: Payload) -> Reply:
    """One device."""
    return rpc.call("devices", "get_device", payload, read=True)


@blueprint.operation(
    "DELETE",
    DEVICE,
    needs=Permission.DEVICE_MANAGE,
    takes=DeviceOne,
    status=204,
    problems=(404, 409),
)
def remove_device(payload: Payload) -> Reply:
    """Remove a device; its upgrades stay among the tasks.

    Needs `device:manage` on its folder. Refused while an upgrade of it is under way.
    """
    return rpc.call("devices", "remove_device", payload)


@blueprint.operation(
    "POST",
    f"{DEVICE}/move",
    needs=Permission.DEVICE_MANAGE,
    takes=MoveDevice,
    gives=DeviceView,
    problems=(404,),
)
def move_device(payload: Payload) -> Reply:
    """Put a device into another folder of the organization.

    Needs `device:manage` on the folder it is in and on the one it goes to. Who may see it follows
    the new place at once. Where it is already, nothing happens.
    """
    return rpc.call("devices", "move_device", payload)


@blueprint.operation(
    "POST",
    f"{DEVICES}/move",
    needs=Permission.DEVICE_MANAGE,
    takes=MoveDevices,
    gives=MoveReport,
    problems=(404,),
)
def move_devices(payload: Payload) -> Reply:
    """Put up to 200 devices into another folder of the organization.

    Each is answered for itself: one that is not found, or there already, keeps none of the others
    from moving. Needs `device:manage`, as for one.
    """
    return rpc.call("devices", "move_devices", payload)


@blueprint.operation(
    "GET",
    f"{ORGANIZATION}/device-models",
    needs=Permission.DEVICE_READ,
    takes=ListDeviceModels,
    gives=DeviceModelList,
    problems=(404,),
)
def list_device_models(payload: Payload) -> Reply:
    """How many devices there are of each model and version, and which should be upgraded."""
    return rpc.call("devices", "list_device_models", payload, read=True)


@blueprint.operation(
    "POST",
    "/firmware-images",
    needs=INSTALLATION_OPERATE,
    takes=UploadFirmwareImage,
    gives=FirmwareImageView,
    status=201,
    upload="application/octet-stream",
    problems=(409,),
)
def upload_firmware_image(payload: Payload) -> Reply:
    """Bring an AXIS OS image into the catalogue.

    For operators of the installation. The body is the image. What it is for is read from itself;
    where it does not say, from `product` and `version`, else from the file name.
    """
    begun = rpc.call(
        "devices", "begin_firmware_upload", {**payload, "size": request.content_length}
    )
    upload = {"upload_id": begun["upload_id"]}
    with ExitStack() as cleaning:
        cleaning.callback(rpc.call, "devices", "cancel_firmware_upload", upload)
        sha256, size = _stored(begun["url"], begun["largest_bytes"])
        cleaning.pop_all()
    return rpc.call(
        "devices",
        "finish_firmware_upload",
        {**upload, "sha256": sha256, "size": size},
        timeout=CHECKING_SECONDS,
    )


@blueprint.operation(
    "GET",
    "/firmware-images",
    needs=INSTALLATION_OPERATE,
    takes=ListFirmwareImages,
    gives=FirmwareImagePage,
)
def list_firmware_images(payload: Payload) -> Reply:
    """The catalogue of AXIS OS images, newest first, for operators of the installation."""
    return rpc.call("devices", "list_firmware_images", payload, read=True)


@blueprint.operation(
    "POST",
    CAMPAIGNS,
    needs=Permission.DEVICE_UPGRADE,
    takes=StartCampaign,
    gives=CampaignView,
    status=201,
    location="/organizations/{organization_id}/campaigns/{id}",
    idempotent=True,
    problems=(404, 409),
)
def start_campaign(payload: Payload) -> Reply:
    """Upgrade the software of devices.

    Of certain devices, or of every device of a model where the caller holds `device:upgrade`. A
    device that has the version already, or cannot be brought to it, is skipped with the reason.
    """
    return rpc.call("devices", "start_campaign", payload, timeout=STARTING_SECONDS)


@blueprint.operation(
    "GET",
    CAMPAIGNS,
    needs=Permission.DEVICE_READ,
    takes=ListCampaigns,
    gives=CampaignPage,
    problems=(404,),
)
def list_campaigns(payload: Payload) -> Reply:
    """Campaigns, newest first."""
    return rpc.call("devices", "list_campaigns", payload, read=True)


@blueprint.operation(
    "GET",
    CAMPAIGN,
    needs=Permission.DEVICE_READ,
    takes=CampaignOne,
    gives=CampaignView,
    problems=(404,),
)
def get_campaign(payload: Payload) -> Reply:
    """One campaign, with how many of its upgrades are in each state."""
    return rpc.call("devices", "get_campaign", payload, read=True)


@blueprint.operation(
    "GET",
    f"{CAMPAIGN}/upgrades",
    needs=Permission.DEVICE_READ,
    takes=ListCampaignUpgrades,
    gives=UpgradePage,
    problems=(404,),
)
def list_campaign_upgrades(payload: Payload) -> Reply:
    """The upgrades of one campaign, one for each device."""
    return rpc.call("devices", "list_campaign_upgrades", payload, read=True)


@blueprint.operation(
    "GET",
    UPGRADES,
    needs=Permission.DEVICE_READ,
    takes=ListUpgrades,
    gives=UpgradePage,
    problems=(404,),
)
def list_upgrades(payload: Payload) -> Reply:
    """Tasks: the completed and ongoing upgrades of an organization, newest first."""
    return rpc.call("devices", "list_upgrades", payload, read=True)


@blueprint.operation(
    "GET",
    f"{UPGRADES}/<uuid:upgrade_id>",
    needs=Permission.DEVICE_READ,
    takes=UpgradeOne,
    gives=UpgradeDetail,
    problems=(404,),
)
def get_upgrade(payload: Payload) -> Reply:
    """One upgrade with its log."""
    return rpc.call("devices", "get_upgrade", payload, read=True)


def _stored(url: str, most: int) -> tuple[str, int]:
    """Writes the request's body into the store, a chunk in memory at a time; SHA-256 and size."""
    digest, size = hashlib.sha256(), 0
    with fsspec.open(url, "wb") as file:
        while chunk := request.stream.read(_CHUNK):
            size += len(chunk)
            if size > most:
                raise RequestEntityTooLarge(f"An image may have {most} bytes.")
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest(), size
