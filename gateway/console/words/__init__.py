"""What the console says, in English, Japanese and Korean; one module for each area."""

from __future__ import annotations

from collections.abc import Mapping

Words = Mapping[str, Mapping[str, str]]

LANGUAGES = ("en", "ja", "ko")


def in_three(table: Mapping[str, tuple[str, str, str]]) -> Words:
    """By language, from a table that has the three of each word side by side."""
    return {
        language: {name: texts[number] for name, texts in table.items()}
        for number, language in enumerate(LANGUAGES)
    }


def joined(*tables: Words) -> Words:
    """The words of several tables; of the same name, the last one's."""
    return {
        language: {name: text for table in tables for name, text in table[language].items()}
        for language in LANGUAGES
    }
