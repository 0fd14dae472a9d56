"""What the mails about licenses say, in three languages, and what they are given to tell."""

from __future__ import annotations

from collections.abc import Mapping

from contracts.identity import Language
from services.identity.mail.license_notices import english, japanese, korean
from services.identity.mail.texts import Kind, Text

TEXTS: Mapping[Language, Mapping[Kind, Text]] = {
    Language.ENGLISH: english.TEXTS,
    Language.JAPANESE: japanese.TEXTS,
    Language.KOREAN: korean.TEXTS,
}
