"""Accounts and parameters of a camera: what a rollback restores and a factory default removes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum


class Role(IntEnum):
    """What an account may do; each includes the ones below."""

    VIEWER = 1
    OPERATOR = 2
    ADMIN = 3


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

    @property
    def needs_setup(self) -> bool:
        return not self.users

    def with_user(self, user: User) -> "Settings":
        return replace(self, users={**self.users, user.name: user})

    def without_user(self, name: str) -> "Settings":
        return replace(self, users={key: user for key, user in self.users.items() if key != name})

    def with_parameters(self, changed: Mapping[str, str]) -> "Settings":
        return replace(self, parameters={**self.parameters, **changed})

    def defaulted(self) -> "Settings":
        """As from the factory: the first account is to be created again."""
        return Settings()
