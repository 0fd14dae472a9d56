"""What was changed holds for the very next request of a session that is open: nothing is waited for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.neighborhood import Neighborhood

HOME = "/v1/organizations/{organization_id}"
# Of organizations, of devices and of licensing: each asks for itself.
LOOKS = (f"{HOME}/folders/{{folder_id}}", f"{HOME}/devices/{{device_id}}")
MANAGES = (f"{HOME}/invitations", f"{HOME}/products", f"{HOME}/audit-entries")


@pytest.fixture(scope="module")
def neighborhood(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neighborhood]:
    made = Neighborhood(tmp_path_factory.mktemp("suite"), introspection_seconds=5)
    yield made
    made.close()


@pytest.fixture
def place(neighborhood: Neighborhood) -> Neighborhood:
    neighborhood.restore()
    return neighborhood


def statuses(place: Neighborhood, actor: str, paths: tuple[str, ...]) -> set[int]:
    return {place.send(actor, "GET", path).status_code for path in paths}


def member(place: Neighborhood, actor: str) -> str:
    return f"{HOME}/members/{place.actors[actor]}"


def test_a_role_that_was_taken(place: Neighborhood) -> None:
    """USR-3, I10: and the folders that were granted before count again (USR-8)."""
    assert statuses(place, "admin", MANAGES) == {200}
    folder = f"{member(place, 'admin')}/folders/{{folder_id}}"
    assert place.send("owner", "PUT", folder).status_code == 200
    for role, looked, managed in (
        ("viewer", 200, 403),
        ("admin", 200, 200),
        ("operator", 200, 403),
    ):
        answer = place.send("owner", "PUT", f"{member(place, 'admin')}/role", {"role": role})
        assert answer.status_code == 200, answer.text
        assert statuses(place, "admin", LOOKS) == {looked}
        assert statuses(place, "admin", MANAGES) == {managed}


def test_a_role_that_was_given(place: Neighborhood) -> None:
    """USR-3."""
    assert statuses(place, "viewer", MANAGES) == {403}
    place.send("owner", "PUT", f"{member(place, 'viewer')}/role", {"role": "admin"})
    assert statuses(place, "viewer", MANAGES) == {200}


def test_a_grant_that_was_given_and_taken(place: Neighborhood) -> None:
    """ACS-3, I6."""
    folder = f"{member(place, 'ungranted viewer')}/folders/{{folder_id}}"
    for method, seen in (("PUT", 200), ("DELETE", 404), ("PUT", 200)):
        assert place.send("owner", method, folder).status_code in (200, 204)
        assert statuses(place, "ungranted viewer", LOOKS) == {seen}


def test_a_member_who_was_removed(place: Neighborhood) -> None:
    """USR-6, I10: also with what was granted to them."""
    assert statuses(place, "operator", LOOKS) == {200}
    assert place.send("owner", "DELETE", member(place, "operator")).status_code == 204
    assert statuses(place, "operator", (*LOOKS, *MANAGES)) == {404}
    assert place.send("operator", "GET", "/v1/organizations").get_json()["items"] == []


def test_a_folder_that_was_deleted(place: Neighborhood) -> None:
    """FLD-4, M5.5: before devices have heard of it."""
    assert statuses(place, "owner", LOOKS) == {200}
    answer = place.send("owner", "POST", f"{HOME}/folders/{{folder_id}}/deletion", {"confirm_risk": True})  # fmt: skip
    assert answer.status_code == 201, answer.text
    for actor in ("owner", "operator", "viewer"):
        assert statuses(place, actor, LOOKS) == {404}
    listed = place.send("owner", "GET", f"{HOME}/devices").get_json()["items"]
    assert [each["id"] for each in listed] == []


def test_a_folder_that_was_moved_out_of_reach(place: Neighborhood) -> None:
    """FLD-9, M5.4."""
    inner = place.send(
        "owner", "POST", f"{HOME}/folders", {"name": "Roof", "parent_id": "{folder_id}"}
    ).get_json()["id"]
    assert statuses(place, "viewer", (f"{HOME}/folders/{inner}",)) == {200}
    moved = place.send(
        "owner", "POST", f"{HOME}/folders/{inner}/move", {"parent_id": "{other_folder_id}"}
    )
    assert moved.status_code == 200
    assert statuses(place, "viewer", (f"{HOME}/folders/{inner}",)) == {404}


def test_an_organization_that_was_archived(place: Neighborhood) -> None:
    """ARC-4, I9: before licensing and devices have heard of it; the other one stays as it is."""
    body = {"confirm_organization_id": "{organization_id}", "understand_risk": True}
    assert place.send("owner", "POST", f"{HOME}/archive", body).status_code == 204
    for actor in ("owner", "admin", "operator", "viewer"):
        assert statuses(place, actor, (*LOOKS, *MANAGES)) == {404}
        assert place.send(actor, "GET", "/v1/organizations").get_json()["items"] == []
    for path in (*LOOKS, *MANAGES):
        answer = place.send("foreign owner", "GET", path, ids=place.foreign)
        assert answer.status_code == 200, answer.text
