"""Markup: the XML of the older APIs, read while it comes in; it may define nothing of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from services.devices.vapix.envelope import shown
from services.devices.vapix.errors import AnswerUnreadable, ApiRefused

_DEPTH = 16
_PARTS = 2000
_TEXT_LENGTH = 1000
_WAITING_BYTES = 4 * 1024 * 1024


@dataclass
class Element:
    """One that has ended; ``parts`` are those directly in it."""

    name: str
    attributes: Mapping[str, str]
    parts: list[Element] = field(default_factory=list)
    text: str = ""

    def attribute(self, name: str, length: int = 120) -> str:
        return shown(self.attributes.get(name), length)

    def number(self, name: str) -> int | None:
        text = self.attribute(name)
        return int(text) if text.isascii() and text.isdigit() else None


def elements(pieces: Iterable[bytes], root: str, name: str) -> Iterator[Element]:
    """Each element of a name as soon as it has ended; no more than one is held.

    :raises AnswerUnreadable: it is another kind of page, or not all of it.
    :raises ApiRefused: it is the error that some of these APIs answer with status 200.
    """
    reader = _Reader(root, name)
    waiting = 0
    for piece in pieces:
        reader.feed(piece, is_last=False)
        waiting += len(piece)
        for element in reader.taken():
            waiting = 0
            yield element
        if waiting > _WAITING_BYTES:
            raise AnswerUnreadable("The camera's answer cannot be read.")
    reader.feed(b"", is_last=True)
    yield from reader.taken()


class _Reader:
    def __init__(self, root: str, name: str) -> None:
        self._root = root
        self._name = name
        self._depth = 0
        self._open: list[Element] = []
        self._done: list[Element] = []
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = self._defined
        parser.StartElementHandler = self._started
        parser.EndElementHandler = self._ended
        parser.CharacterDataHandler = self._said
        self._parser = parser

    def feed(self, piece: bytes, *, is_last: bool) -> None:
        try:
            self._parser.Parse(piece, is_last)
        except expat.ExpatError:
            raise AnswerUnreadable("The camera's answer cannot be read.") from None

    def taken(self) -> Iterator[Element]:
        done, self._done = self._done, []
        for element in done:
            _refuse(element)
            if element.name == self._name:
                yield element

    def _defined(self, *_: Any) -> None:
        # Entities that name one another become larger than any limit on what is received.
        raise AnswerUnreadable("The camera's answer cannot be read.")

    def _started(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _DEPTH or (self._depth == 1 and name != self._root):
            raise AnswerUnreadable("The camera's answer cannot be read.")
        if self._open or name in (self._name, "GeneralError"):
            self._open.append(Element(name, attributes))

    def _said(self, text: str) -> None:
        if self._open:
            element = self._open[-1]
            element.text = (element.text + text)[:_TEXT_LENGTH]

    def _ended(self, _name: str) -> None:
        self._depth -= 1
        if not self._open:
            return
        element = self._open.pop()
        if self._open:
            self._open[-1].parts.append(element)
            if len(self._open[-1].parts) > _PARTS:
                raise AnswerUnreadable("The camera's answer cannot be read.")
        else:
            self._done.append(element)


def _refuse(element: Element) -> None:
    if element.name != "GeneralError":
        return
    texts = {part.name: part.text.strip() for part in element.parts}
    code = texts.get("ErrorCode", "")
    is_number = code.isascii() and code.isdigit() and len(code) < 16
    raise ApiRefused(int(code) if is_number else 0, shown(texts.get("ErrorDescription"), 200))
