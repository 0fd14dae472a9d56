"""Notices of licensing carry what their mails tell (D-21)."""

from __future__ import annotations

import json
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from contracts.license_notices import TOLD, LicenseNotice, LicenseNoticeAddressed, NoticeKind

FACTS: dict[str, Any] = {"on": date(2026, 3, 1), "days": 30, "licenses": 12}


def notice(kind: NoticeKind, **facts: Any) -> LicenseNotice:
    return LicenseNotice(
        organization_id=uuid4(), product="station", product_name="Station", kind=kind, **facts
    )


@pytest.mark.parametrize("kind", NoticeKind)
def test_a_notice_that_says_what_it_has_to_is_the_same_after_json(kind: NoticeKind) -> None:
    for facts in (FACTS, {name: FACTS[name] for name in TOLD[kind]}):
        said = notice(kind, **facts)
        assert LicenseNotice.from_json(json.loads(json.dumps(said.to_json()))) == said


@pytest.mark.parametrize(
    ("kind", "fact"), [(kind, fact) for kind in NoticeKind for fact in sorted(TOLD[kind])]
)
def test_a_notice_that_does_not_say_what_it_has_to_is_refused(kind: NoticeKind, fact: str) -> None:
    """Where it is announced, not where its mail is written."""
    with pytest.raises(ValueError, match=rf"A notice of {kind} has to say: {fact}\."):
        notice(kind, **{**FACTS, fact: None})


@pytest.mark.parametrize("kind", NoticeKind)
def test_an_addressed_notice_is_the_same_after_json(kind: NoticeKind) -> None:
    for on, days, licenses in ((date(2026, 3, 1), 30, 12), (None, None, None)):
        addressed = LicenseNoticeAddressed(
            notice_id=uuid4(),
            organization_id=uuid4(),
            organization_name="Analytical Engines",
            account_ids=(uuid4(), uuid4()),
            product="station",
            product_name="Station",
            kind=kind,
            on=on,
            days=days,
            licenses=licenses,
        )
        read = LicenseNoticeAddressed.from_json(json.loads(json.dumps(addressed.to_json())))
        assert read == addressed
