"""What licensing's tables share."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Uuid
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """Metadata of licensing's own tables."""


def type_of_product() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["product", "type"], ["license_type.product", "license_type.code"])


def of_command() -> Mapped[UUID]:
    # A command is logged last, with its result; the rows it made are there before.
    return mapped_column(
        Uuid, ForeignKey("command_log.id", deferrable=True, initially="DEFERRED"), index=True
    )
