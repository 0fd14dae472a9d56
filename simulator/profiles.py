"""The camera models of the simulator; the values are made up in the shape of real ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from simulator.head import Limits

SMALLER: Final = (1280, 960, 800, 640, 480, 320)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One model; `versions` are those that a made-up fleet is found with."""

    prod_nbr: str
    prod_type: str
    soc: str
    architecture: str
    hardware_id: str
    versions: tuple[str, ...]
    prod_variant: str = ""
    revoked: tuple[str, ...] = ()
    resolution: str = "1920x1080"
    ptz: Limits | None = None

    @property
    def prod_short_name(self) -> str:
        return f"AXIS {self.prod_nbr}"

    @property
    def prod_full_name(self) -> str:
        return f"AXIS {self.prod_nbr} {self.prod_type}"

    @property
    def resolutions(self) -> tuple[str, ...]:
        """The largest picture and the smaller ones of the same shape."""
        width, height = (int(number) for number in self.resolution.split("x"))
        smaller = [some for some in SMALLER if some < width and some * height % width == 0]
        return (self.resolution, *(f"{some}x{some * height // width}" for some in smaller))


ALL: Final = (
    Profile(
        prod_nbr="P3245-LV",
        prod_type="Network Camera",
        soc="Axis Artpec-7",
        architecture="armv7hf",
        hardware_id="793.2",
        versions=("11.11.148", "10.12.240"),
        revoked=("11.11.116",),
    ),
    Profile(
        prod_nbr="M3106-L",
        prod_type="Fixed Dome Network Camera",
        soc="Ambarella S5L",
        architecture="armv7hf",
        hardware_id="7C1.4",
        versions=("10.12.240", "11.11.148"),
        resolution="2304x1728",
    ),
    Profile(
        prod_nbr="Q6135-LE",
        prod_type="PTZ Network Camera",
        soc="Axis Artpec-7",
        architecture="armv7hf",
        hardware_id="7A6.1",
        versions=("11.11.160", "12.9.57"),
        ptz=Limits(),
    ),
    Profile(
        prod_nbr="P3265-V",
        prod_type="Dome Camera",
        prod_variant="22mm",
        soc="Axis Artpec-8",
        architecture="aarch64",
        hardware_id="8F0.3",
        versions=("12.9.57", "11.11.192"),
        revoked=("12.1.60",),
    ),
    Profile(
        prod_nbr="M1137 Mk II",
        prod_type="Network Camera",
        soc="Axis Artpec-8",
        architecture="aarch64",
        hardware_id="931.11",
        versions=("12.11.77", "12.9.57"),
        resolution="2592x1944",
    ),
    Profile(
        prod_nbr="P1467-LE",
        prod_type="Bullet Camera",
        soc="Axis Artpec-8",
        architecture="aarch64",
        hardware_id="8E2.5",
        versions=("13.0.41", "12.11.77"),
        resolution="2592x1944",
    ),
    Profile(
        prod_nbr="P3375-LV",
        prod_type="Network Camera",
        soc="Axis Artpec-6",
        architecture="armv7hf",
        hardware_id="74B.1",
        versions=("9.80.3.9", "10.12.213"),
    ),
)

BY_PROD_NBR: Final[Mapping[str, Profile]] = MappingProxyType(
    {profile.prod_nbr: profile for profile in ALL}
)
