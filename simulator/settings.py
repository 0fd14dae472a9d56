"""Accounts and parameters of a camera: what a rollback restores and a factory default removes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum, StrEnum
from typing import Final

FRIENDLY_NAME: Final = "Network.Bonjour.FriendlyName"

# Groups of parameters that a soft factory default leaves alone, or nobody would find the camera.
KEPT_BY_SOFT_DEFAULT: Final = (
    "Network.BootProto",
    "Network.IPAddress",
    "Network.SubnetMask",
    "Network.Broadcast",
    "Network.DefaultRouter",
    "Network.Interface.I0.dot1x.",
)


class Role(IntEnum):
    """What an account may do; each includes the ones below."""

    VIEWER = 1
    OPERATOR = 2
    ADMIN = 3


class Policy(StrEnum):
    """What the passwords of a camera have to be like."""

    NONE = "none"
    LENGTH = "length"
    COMPLEX = "complex"


@dataclass(frozen=True, slots=True)
class User:
    name: str
    password: str = field(repr=False)
    role: Role
    has_ptz: bool = False
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """An unchanging value, so that keeping the old ones for a rollback costs nothing."""

    users: Mapping[str, User] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    application_switches: Mapping[str, bool] = field(default_factory=dict)

    @property
    def needs_setup(self) -> bool:
        return not self.users

    def with_user(self, user: User) -> "Settings":
        return replace(self, users={**self.users, user.name: user})

    def without_user(self, name: str) -> "Settings":
        return replace(self, users={key: user for key, user in self.users.items() if key != name})

    def with_parameters(self, changed: Mapping[str, str]) -> "Settings":
        return replace(self, parameters={**self.parameters, **changed})

    def with_application_switch(self, name: str, *, on: bool) -> "Settings":
        return replace(self, application_switches={**self.application_switches, name: on})

    def defaulted(self, *, hard: bool) -> "Settings":
        """As from the factory: the first account is to be created again."""
        if hard:
            return Settings()
        kept = {
            name: value
            for name, value in self.parameters.items()
            if name.startswith(KEPT_BY_SOFT_DEFAULT)
        }
        return Settings(parameters=kept)
