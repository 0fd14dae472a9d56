"""Choosing folders in a form: the whole tree where it fits on a page, else one folder at a time.

In a large organization the form opens one folder after another and carries what was chosen along;
nothing of it is kept between the pages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import g, request

from contracts.errors import NotFound
from gateway import rpc
from gateway.console import panel
from gateway.payload import Payload

# Folders of a tree that is shown whole.
WHOLE_MOST = 600
# Chosen folders whose paths one page asks for, each with a call; further ones show their ids.
_NAMED_MOST = 100
_OPEN = "open"
_LABELS = "label"


@dataclass
class Node:
    """A folder with those directly in it."""

    id: str
    name: str
    children: list[Node] = field(default_factory=list)


@dataclass(frozen=True)
class Choice:
    """Folders to choose from.

    :param tree: of all folders; empty in a large organization, which has the rest instead.
    :param carried: chosen folders that lie elsewhere, with their paths.
    :param steps: the way to the opened folder, itself last.
    """

    chosen: frozenset[str]
    tree: Sequence[Node] = ()
    carried: Mapping[str, str] = field(default_factory=dict)
    steps: Sequence[Payload] = ()
    inside: Sequence[Payload] = ()

    @property
    def is_whole(self) -> bool:
        return not self.steps

    def label(self, name: str = "") -> str:
        """Where a folder of the opened one lies."""
        names = [step["name"] for step in self.steps]
        return " / ".join([*names, name] if name else names)


def choice(chosen: Mapping[str, str], without: str | None = None) -> Choice:
    """:param chosen: ids of folders, with the paths that are shown where they lie elsewhere; empty
        where nobody said them yet.
    :param without: a folder that is left out with everything below it."""
    ids = frozenset(chosen)
    found = _all()
    if found is not None:
        return Choice(ids, tree=grown(found, without))
    folder = panel.ask("get_folder", folder_id=_opened())
    inside = [each for each in _inside(folder["id"]) if each["id"] != without]
    here = {folder["id"], *(each["id"] for each in inside)}
    elsewhere = {key: label for key, label in chosen.items() if key not in here}
    nameless = [key for key, label in elsewhere.items() if not label]
    elsewhere |= {key: key for key in nameless}
    elsewhere |= {key: _path(key) for key in nameless[:_NAMED_MOST]}
    return Choice(
        ids,
        carried=elsewhere,
        steps=[*folder["path"], folder],
        inside=inside,
    )


def is_opening() -> bool:
    """The form was sent to look into another folder, not to be carried out."""
    return _OPEN in request.form


def sent(name: str) -> dict[str, str]:
    """What is chosen in the form that was sent, each with its path where the form said it."""
    labels = dict(text.partition(" ")[::2] for text in request.form.getlist(_LABELS) if " " in text)
    return {key: labels.get(key, key) for key in request.form.getlist(name)}


def grown(folders: Sequence[Payload], without: str | None = None) -> list[Node]:
    """The tree of folders that are listed by name."""
    nodes = {each["id"]: Node(each["id"], each["name"]) for each in folders}
    tops: list[Node] = []
    for each in folders:
        if each["id"] == without:
            continue
        above = nodes.get(each["parent_id"])
        (tops if above is None else above.children).append(nodes[each["id"]])
    return tops


def _all() -> list[Payload] | None:
    """Every folder; None where there are more than fit."""
    found: list[Payload] = []
    for page in rpc.pages("organizations", "list_folders", _organization()):
        found.extend(page)
        if len(found) > WHOLE_MOST:
            return None
    return found


def _inside(folder_id: str) -> list[Payload]:
    asked = {**_organization(), "parent_id": folder_id}
    return [each for page in rpc.pages("organizations", "list_folders", asked) for each in page]


def _path(folder_id: str) -> str:
    """Or the id: deleted meanwhile."""
    try:
        folder = panel.ask("get_folder", folder_id=folder_id)
    except NotFound:
        return folder_id
    return " / ".join(step["name"] for step in [*folder["path"], folder])


def _opened() -> Any:
    return request.form.get(_OPEN) or request.form.get("at") or g.organization["default_folder_id"]


def _organization() -> Payload:
    return {"organization_id": g.organization["id"]}
