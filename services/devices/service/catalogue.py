"""Catalogue: AXIS OS images, brought in by the operators of the installation."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from chassis.jobs import every
from chassis.rpc import rpc
from contracts.devices import (
    BeginFirmwareUpload,
    CancelFirmwareUpload,
    FinishFirmwareUpload,
    FirmwareImagePage,
    FirmwareImageView,
    FirmwareUploadView,
    ListFirmwareImages,
)
from contracts.paging import moment_in, page
from services.devices.domain.image import (
    HEAD_BYTES,
    ImageDamaged,
    ImageInfo,
    ImageTooLarge,
    ReleaseExists,
    UploadNotFound,
    identified,
)
from services.devices.domain.version import track_of
from services.devices.models import FirmwareImage, FirmwareProduct, FirmwareUpload
from services.devices.queries import catalogue
from services.devices.service.capability import Capability
from services.devices.store import Received

_UPLOAD_LIFE = timedelta(hours=24)
_CLEANED_AT_ONCE = 100


class Catalogue(Capability):
    @rpc(takes=BeginFirmwareUpload, gives=FirmwareUploadView)
    def begin_firmware_upload(
        self,
        sha256: str,
        file_name: str,
        size: int | None,
        product: str | None,
        version: str | None,
        track: str | None,
    ) -> dict[str, Any]:
        """Says where the gateway writes what an operator sends."""
        caller = self.caller
        self.access.require_operator()
        self._require_size(size or 0)
        with self.db() as session:
            upload = FirmwareUpload(
                id=uuid4(),
                sha256=sha256.lower(),
                file_name=file_name,
                product=product,
                version=version,
                track=track,
                begun_by=caller.account_id,
                begun_at=self.clock.now(),
            )
            session.add(upload)
        return {
            "upload_id": upload.id,
            "url": self.own.store.incoming_url(upload.id),
            "largest_bytes": self.own.settings.largest_image_bytes,
        }

    @rpc(takes=FinishFirmwareUpload, gives=FirmwareImageView)
    def finish_firmware_upload(self, upload_id: UUID, sha256: str, size: int) -> dict[str, Any]:
        """Believes the stored bytes only; what is refused leaves nothing behind."""
        caller = self.caller
        self.access.require_operator()
        with self.db.reading() as session:
            upload = catalogue.upload(session, upload_id)
        if upload is None:
            raise UploadNotFound("There is no such upload.")
        with ExitStack() as cleaning:
            cleaning.callback(self._forget, upload_id)
            received = self._received(upload, sha256, size)
            info = identified(
                received.head,
                file_name=upload.file_name,
                product=upload.product,
                version=upload.version,
            )
            with self.db() as session:
                image, is_new = self._added(session, upload, received, info)
                if is_new:
                    # Kept before the commit: a row without its image would be worse than an
                    # image without its row, which the next upload of the same bytes replaces.
                    self.own.store.keep(upload_id, received.sha256)
                    self.note(
                        session,
                        caller,
                        "firmware_image_added",
                        ("firmware_image", image.id),
                        after={"version": image.version, "sha256": image.sha256},
                    )
                products = catalogue.products_of(session, [image.id])
        return _view(image, products[image.id])

    @rpc(takes=CancelFirmwareUpload)
    def cancel_firmware_upload(self, upload_id: UUID) -> None:
        """For the gateway, where a client went away in the middle."""
        self.access.require_operator()
        self._forget(upload_id)

    @rpc(takes=ListFirmwareImages, gives=FirmwareImagePage)
    def list_firmware_images(self, limit: int, cursor: str | None) -> dict[str, Any]:
        self.access.require_operator()
        with self.db.reading() as session:
            rows = catalogue.images(session, limit=limit, after=moment_in(cursor))
            found = page(rows, limit=limit, key=lambda row: (row.uploaded_at, row.id))
            products = catalogue.products_of(session, [row.id for row in found.items])
            return {
                "items": [_view(row, products[row.id]) for row in found.items],
                "next_cursor": found.next_cursor,
            }

    @every(600)
    def clean_uploads(self) -> None:
        """Uploads whose gateway was lost in the middle."""
        with self.db.reading() as session:
            stale = catalogue.stale_uploads(
                session, self.clock.now() - _UPLOAD_LIFE, _CLEANED_AT_ONCE
            )
        for upload in stale:
            self._forget(upload.id)

    def _require_size(self, size: int) -> None:
        most = self.own.settings.largest_image_bytes
        if size > most:
            raise ImageTooLarge(f"An image may have {most} bytes.", largest_bytes=most)

    def _received(self, upload: FirmwareUpload, sha256: str, size: int) -> Received:
        received = self.own.store.received(upload.id, HEAD_BYTES)
        if received is None:
            raise ImageDamaged("Nothing arrived.")
        self._require_size(received.size)
        if (received.size, received.sha256, received.sha256) != (size, sha256, upload.sha256):
            raise ImageDamaged("What arrived is not what was announced: the SHA-256 differs.")
        return received

    def _added(
        self, session: Session, upload: FirmwareUpload, received: Received, info: ImageInfo
    ) -> tuple[FirmwareImage, bool]:
        """The image of the catalogue, and whether it is a new one."""
        image_id = uuid4()
        is_new = catalogue.add_image(
            session,
            {
                "id": image_id,
                "sha256": received.sha256,
                "size": received.size,
                "file_name": upload.file_name,
                "version": info.version.text,
                "track": upload.track or info.track or track_of(info.version),
                "is_preview": info.is_preview,
                "upgradeable_from": info.upgradeable_from and list(info.upgradeable_from),
                "uploaded_by": upload.begun_by,
                "uploaded_at": self.clock.now(),
            },
        )
        image = catalogue.image_by_sha256(session, received.sha256)
        if not is_new:
            return image, False
        for model in info.models:
            values = {
                "product": model.product,
                "hardware_id": model.hardware_id,
                "version": info.version.text,
                "image_id": image_id,
            }
            if not catalogue.add_product(session, values):
                raise ReleaseExists(
                    f"The catalogue holds another image of {info.version} for {model.product}."
                )
        return image, True

    def _forget(self, upload_id: UUID) -> None:
        self.own.store.discard(upload_id)
        with self.db() as session:
            upload = catalogue.upload_for_update(session, upload_id)
            if upload is not None:
                session.delete(upload)


def _view(image: FirmwareImage, products: list[FirmwareProduct]) -> dict[str, Any]:
    names = FirmwareImageView().fields.keys() - {"products", "revoked"}
    return {
        **{name: getattr(image, name) for name in names},
        "products": [
            {"product": product.product, "hardware_id": product.hardware_id} for product in products
        ],
        "revoked": image.revoked_at is not None,
    }
