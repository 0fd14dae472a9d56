"""How somebody becomes a member and stops being one, over mails, RabbitMQ and several processes."""

from __future__ import annotations

import re
from typing import Any

import pytest
import requests

from demo.api import Api, Declined, until
from demo.errand import Account, Errand
from tests.journeys.running import RunningSuite

pytestmark = pytest.mark.broker

LINK = re.compile(r"(http://\S+/invitation\?token=([A-Za-z0-9_-]{32,}))")


class Company:
    """An organization with a folder in a folder, and another one, which guests are not to see."""

    def __init__(self, suite: RunningSuite, email: str) -> None:
        self.suite = suite
        errand = suite.errand(Account(email=email))
        for step in (errand.register, errand.verify, errand.sign_in):
            step()
        self.owner: Api = errand.api
        made = self.owner.post("/v1/organizations", {"name": "Harbor Works"})
        self.id, self.root = made["id"], made["default_folder_id"]
        self.path = f"/v1/organizations/{self.id}"
        self.site = self._folder("North", self.root)
        self.pier = self._folder("Pier", self.site)
        self.gate = self._folder("Gate", self.pier)
        self._folder("Vault", self.root)

    def _folder(self, name: str, parent: str) -> str:
        body = {"name": name, "parent_id": parent}
        return str(self.owner.post(f"{self.path}/folders", body)["id"])

    def invites(self, email: str, **wanted: Any) -> tuple[str, str]:
        """The link in the mail, and the token in the link."""
        known = {link for link, _token in self._links(email)}
        self.owner.post(f"{self.path}/invitations", {"email": email, **wanted})

        def come() -> tuple[str, str] | None:
            return next((each for each in self._links(email) if each[0] not in known), None)

        return until(come, within=60, what="The invitation")

    def _links(self, email: str) -> list[tuple[str, str]]:
        reply = requests.get(f"{self.suite.mailbox}/messages", params={"to": email}, timeout=10)
        found = (LINK.search(mail["text"]) for mail in reply.json()["items"])
        return [(each[1], each[2]) for each in found if each]

    def actions(self) -> list[str]:
        """What the audit says was done, oldest first."""
        entries = self.owner.get(f"{self.path}/audit-entries", limit=200)["items"]
        return [entry["action"] for entry in reversed(entries) if entry["result"] == "done"]


def declined(ask: Any, *arguments: Any) -> tuple[int, str | None]:
    with pytest.raises(Declined) as refused:
        ask(*arguments)
    return refused.value.status, refused.value.code


def seen_folders(person: Api, company: Company) -> dict[str, list[tuple[str | None, str]]]:
    """By the name of each folder, what is told of those it is in."""
    return {
        folder["name"]: [(step["id"], step["name"]) for step in folder["path"]]
        for folder in person.get(f"{company.path}/folders")["items"]
    }


def registered_by(errand: Errand, token: str) -> Api:
    """With an account of the invited address, signed in; no other mail proves the address."""
    body = {"token": token, "password": errand.account.password}
    errand.api.post("/v1/invitations/registration", body)
    errand.sign_in()
    return errand.api


def test_from_an_invitation_to_the_last_request_and_back_with_nothing(
    suite: RunningSuite,
) -> None:
    """INV-1 to INV-7, ACS-1 to ACS-3, USR-3 to USR-6, I5."""
    company = Company(suite, "olga@example.com")
    owner, path = company.owner, company.path
    guest = suite.errand(Account(email="gwen@example.com"))
    link, token = company.invites(
        guest.account.email, requested_role="operator", folder_ids=[company.pier]
    )

    # Mail scanners open links, too.
    for _ in range(2):
        shown = requests.get(link, timeout=10)
        assert shown.status_code == 200
        assert "Harbor Works" in shown.text
        assert guest.account.email in shown.text
    looked_up = guest.api.post("/v1/invitations/lookup", {"token": token})
    assert looked_up["organization_name"] == "Harbor Works"
    assert (looked_up["role"], looked_up["requested_role"]) == ("viewer", "operator")

    person = registered_by(guest, token)
    assert person.get("/v1/organizations")["items"] == []
    assert declined(person.get, path) == (404, "organization-not-found")
    assert declined(owner.post, "/v1/invitations/acceptance", {"token": token}) == (
        403,
        "not-invited",
    )
    joined = person.post("/v1/invitations/acceptance", {"token": token})
    assert (joined["id"], joined["role"], joined["default_folder_id"]) == (
        company.id,
        "viewer",
        None,
    )
    assert declined(person.post, "/v1/invitations/acceptance", {"token": token}) == (
        409,
        "invitation-over",
    )

    above = [(None, "Default folder"), (None, "North")]
    assert seen_folders(person, company) == {
        "Pier": above,
        "Gate": [*above, (company.pier, "Pier")],
    }
    for hidden in (company.root, company.site):
        assert declined(person.get, f"{path}/folders/{hidden}") == (404, "folder-not-found")
    assert declined(person.get, f"{path}/systems") == (403, "not-permitted")

    account_id = person.get("/v1/account")["account_id"]
    mate = f"{path}/members/{account_id}"
    assert owner.get(mate)["elevation_pending"] == "operator"
    raised = owner.send("PUT", f"{mate}/role", json={"role": "operator"})
    assert (raised["role"], raised["elevation_pending"]) == ("operator", None)
    assert person.get(f"{path}/systems")["items"] == []
    assert person.get(path)["role"] == "operator"

    owner.send("DELETE", mate)
    for place in ("", "/folders", f"/folders/{company.pier}", "/members", "/devices", "/systems"):
        assert declined(person.get, f"{path}{place}") == (404, "organization-not-found")
    # The account and the session are theirs as before.
    assert person.get("/v1/organizations")["items"] == []

    # Though their role and their folder were others before.
    _link, token = company.invites(
        guest.account.email, requested_role="viewer", folder_ids=[company.gate]
    )
    again = person.post("/v1/invitations/acceptance", {"token": token})
    assert again["role"] == "viewer"
    assert seen_folders(person, company) == {"Gate": [*above, (None, "Pier")]}
    assert declined(person.get, f"{path}/systems") == (403, "not-permitted")
    (grant,) = owner.get(f"{mate}/folders")["items"]
    assert grant["folder_id"] == company.gate
    member = owner.get(mate)
    assert (member["role"], member["elevation_pending"]) == ("viewer", None)

    assert company.actions()[-6:] == [
        "user_invited",
        "user_joined",
        "privilege_permissions_changed",
        "user_removed",
        "user_invited",
        "user_joined",
    ]
    assert token not in suite.logs()


def test_nobody_joins_an_organization_that_was_archived(suite: RunningSuite) -> None:
    """ARC-4, I9."""
    company = Company(suite, "otto@example.com")
    guest = suite.errand(Account(email="gert@example.com"))
    _link, late = company.invites(
        "too-late@example.com", requested_role="viewer", folder_ids=[company.pier]
    )
    link, token = company.invites(
        guest.account.email, requested_role="viewer", folder_ids=[company.pier]
    )
    person = registered_by(guest, token)
    confirmed = {"confirm_organization_id": company.id, "understand_risk": True}
    assert declined(
        company.owner.post, f"{company.path}/archive", {**confirmed, "understand_risk": False}
    ) == (400, "risk-not-confirmed")
    company.owner.post(f"{company.path}/archive", confirmed)

    for asked in (person, Api(suite.gateway)):
        refused = declined(asked.post, "/v1/invitations/lookup", {"token": token})
        assert refused == (409, "invitation-over")
    assert declined(person.post, "/v1/invitations/acceptance", {"token": token}) == (
        409,
        "invitation-over",
    )
    body = {"token": late, "password": guest.account.password}
    refused = declined(Api(suite.gateway).post, "/v1/invitations/registration", body)
    assert refused == (409, "invitation-over")
    assert "Harbor Works" not in requests.get(link, timeout=10).text
    for asked in (person, company.owner):
        assert asked.get("/v1/organizations")["items"] == []
        assert declined(asked.get, company.path) == (404, "organization-not-found")
