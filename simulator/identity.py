"""Who a camera says it is."""

from simulator.camera import Camera
from simulator.releases import is_basic_over_tls


def properties(camera: Camera) -> dict[str, str]:
    """All properties of the camera, as `basicdeviceinfo.cgi` names them."""
    profile = camera.profile
    scheme = "https" if is_basic_over_tls(camera.version) else "http"
    return {
        "Architecture": profile.architecture,
        "Brand": "AXIS",
        "BuildDate": "Jan 01 2026 00:00",
        "HardwareID": profile.hardware_id,
        "ProdFullName": profile.prod_full_name,
        "ProdNbr": profile.prod_nbr,
        "ProdShortName": profile.prod_short_name,
        "ProdType": profile.prod_type,
        "ProdVariant": profile.prod_variant,
        "SerialNumber": camera.shown_serial,
        "Soc": profile.soc,
        "SocSerialNumber": f"0000{camera.shown_serial}",
        "Version": camera.version,
        "WebURL": f"{scheme}://www.axis.com",
    }
