"""A new secret key takes over what was sealed under the old one."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select

from chassis.rotation import reseal
from chassis.secrets import SecretBox, SecretUnreadable, keys_from, new_key
from services.devices.domain.device import sealed_for
from services.identity.models import Account, TotpActive
from services.identity.service import IdentityService
from tests.harness import START, Suite

OLD, NEW = keys_from(new_key("old")), keys_from(new_key("new"))


def test_every_seed_is_sealed_again_and_opens_with_the_new_key_alone(tmp_path: Path) -> None:
    suite = Suite(tmp_path, services=("identity",))
    db, old = suite.databases["identity"], SecretBox(OLD)
    column = next(s for s in IdentityService.sealed if s.column.class_ is TotpActive)
    seeds = {uuid4(): f"SEED{number:028}" for number in range(5)}
    with db() as session:
        for number, (account_id, seed) in enumerate(seeds.items()):
            session.add(
                Account(
                    id=account_id,
                    email=f"person{number}@example.com",
                    email_key=f"person{number}@example.com",
                    language="en",
                    registered_at=START,
                    verified_at=START,
                )
            )
            session.flush()
            session.add(
                TotpActive(
                    account_id=account_id,
                    id=uuid4(),
                    sealed_key=old.seal(seed, f"{account_id}|totp"),
                    registered_at=START,
                )
            )
    assert reseal(db, SecretBox({**NEW, **OLD}), column) == 5
    assert reseal(db, SecretBox({**NEW, **OLD}), column) == 0
    alone = SecretBox(NEW)
    with db.reading() as session:
        for row in session.scalars(select(TotpActive)):
            assert alone.open(row.sealed_key, f"{row.account_id}|totp") == seeds[row.account_id]
    suite.close()


def test_a_key_that_is_gone_is_named(tmp_path: Path) -> None:
    sealed = SecretBox(OLD).seal("camera password", sealed_for(uuid4()))
    with pytest.raises(SecretUnreadable, match="'old'"):
        SecretBox(NEW).resealed(sealed, "anywhere")
