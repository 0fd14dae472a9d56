"""Queries on the catalogue of AXIS OS images."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.idempotency import insert_or_nothing
from services.devices.domain.recommendation import Model, Release
from services.devices.domain.version import Version
from services.devices.models import (
    FirmwareImage,
    FirmwareProduct,
    FirmwareUpload,
)
from services.devices.queries.parts import (
    Position,
    batches,
    older,
)


def releases(session: Session, products: Iterable[str]) -> dict[str, list[Release]]:
    """What the catalogue holds for these products, by product."""
    found: dict[str, list[Release]] = defaultdict(list)
    for batch in batches(sorted(set(products))):
        rows = session.execute(
            select(FirmwareProduct, FirmwareImage)
            .join(FirmwareImage, FirmwareImage.id == FirmwareProduct.image_id)
            .where(FirmwareProduct.product.in_(batch))
        )
        for product, image in rows:
            found[product.product].append(release(product, image))
    return found


def release(product: FirmwareProduct, image: FirmwareImage) -> Release:
    follows = image.upgradeable_from
    return Release(
        image_id=image.id,
        model=Model(product.product, product.hardware_id),
        version=Version.parse(image.version),
        upgradeable_from=None if follows is None else tuple(follows),
        is_preview=image.is_preview,
        is_revoked=image.revoked_at is not None,
    )


def upload_for_update(session: Session, upload_id: UUID) -> FirmwareUpload | None:
    return session.scalars(
        select(FirmwareUpload).where(FirmwareUpload.id == upload_id).with_for_update()
    ).one_or_none()


def upload(session: Session, upload_id: UUID) -> FirmwareUpload | None:
    return session.get(FirmwareUpload, upload_id)


def stale_uploads(session: Session, before: datetime, limit: int) -> list[FirmwareUpload]:
    return list(
        session.scalars(
            select(FirmwareUpload)
            .where(FirmwareUpload.begun_at < before)
            .order_by(FirmwareUpload.begun_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    )


def image_by_sha256(session: Session, sha256: str) -> FirmwareImage:
    return session.scalars(select(FirmwareImage).where(FirmwareImage.sha256 == sha256)).one()


def add_image(session: Session, values: dict[str, Any]) -> bool:
    """False where the catalogue holds the same bytes already."""
    return bool(
        session.connection().execute(insert_or_nothing(session, FirmwareImage, values)).rowcount
    )


def add_product(session: Session, values: dict[str, Any]) -> bool:
    """False where there is another image of this product and version."""
    return bool(
        session.connection().execute(insert_or_nothing(session, FirmwareProduct, values)).rowcount
    )


def images(session: Session, *, limit: int, after: Position | None) -> list[FirmwareImage]:
    statement = select(FirmwareImage)
    if after is not None:
        statement = statement.where(older(FirmwareImage.uploaded_at, FirmwareImage.id, after))
    return list(
        session.scalars(
            statement.order_by(FirmwareImage.uploaded_at.desc(), FirmwareImage.id.desc()).limit(
                limit + 1
            )
        )
    )


def products_of(session: Session, image_ids: Sequence[UUID]) -> dict[UUID, list[FirmwareProduct]]:
    found: dict[UUID, list[FirmwareProduct]] = defaultdict(list)
    rows = session.scalars(
        select(FirmwareProduct)
        .where(FirmwareProduct.image_id.in_(image_ids))
        .order_by(FirmwareProduct.product, FirmwareProduct.hardware_id)
    )
    for row in rows:
        found[row.image_id].append(row)
    return found
