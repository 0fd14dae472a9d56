"""Key rotation: what is sealed under an older key is sealed again under the current one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import inspect, select, update

from chassis.db import Database
from chassis.secrets import SecretBox

BATCH = 200


@dataclass(frozen=True)
class Sealed:
    """A column of sealed texts, and the place each row's text is bound to."""

    column: Any
    place: Callable[[Any], str]


def reseal(db: Database, box: SecretBox, sealed: Sealed) -> int:
    """How many texts now stand under the current key; may be stopped and begun again at any time.

    A row that changes meanwhile is left to its writer, who seals under the current key anyway.

    :raises chassis.secrets.SecretUnreadable: a text's key is not configured any more.
    """
    table = sealed.column.class_
    key = inspect(table).primary_key
    old = sealed.column.not_like(f"{box.current}.%")
    resealed = 0
    after: tuple[Any, ...] | None = None
    while True:
        statement = select(table).where(sealed.column.is_not(None), old).order_by(*key).limit(BATCH)
        if after is not None:
            statement = statement.where(key[0] > after[0])
        with db.reading() as session:
            rows = session.scalars(statement).all()
        if not rows:
            return resealed
        for row in rows:
            before = getattr(row, sealed.column.key)
            place = sealed.place(row)
            identity = inspect(row).identity
            with db() as session:
                changed = session.connection().execute(
                    update(table)
                    .where(
                        *(column == value for column, value in zip(key, identity, strict=True)),
                        sealed.column == before,
                    )
                    .values({sealed.column: box.resealed(before, place)})
                )
                resealed += changed.rowcount
        after = inspect(rows[-1]).identity
