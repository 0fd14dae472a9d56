"""The page that the link of an invitation opens, with a browser and without a script (INV-3, INV-4)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.access import Role
from gateway.console.words import LANGUAGES
from gateway.console.words.invitation import INVITATION
from tests.service.identity.surfer import Page, Surfer
from tests.service.identity.town import PASSWORD
from tests.service.organizations import inside
from tests.service.organizations.office import Office, Visitor
from tests.service.organizations.world import Home

BOB = "bob@example.com"
LONG_ENOUGH = timedelta(minutes=2)


@pytest.fixture
def ada(office: Office) -> Visitor:
    return office.visitor()


@pytest.fixture
def home(ada: Visitor) -> Home:
    return ada.home()


def invited(office: Office, home: Home, email: str = BOB, **wanted: Any) -> str:
    """The address of the link that was mailed."""
    office.world.ask(
        "invite",
        home.owner,
        organization_id=home.id,
        email=email,
        idempotency_key=str(uuid4()),
        **{"requested_role": "viewer", "folder_ids": [str(home.root)], **wanted},
    )
    return mailed(office, email)


def mailed(office: Office, email: str = BOB) -> str:
    office.suite.run_job("organizations", "hand_over_invitations")
    return f"/invitation?token={office.town.mails(email)[-1].token}"


def stranger(office: Office, language: str = "en") -> Surfer:
    return Surfer(office.app(), language)


def signs_in(office: Office, somebody: Surfer, email: str = BOB) -> Page:
    """On the page for it."""
    # Another code is not mailed within a minute.
    office.clock.advance(LONG_ENOUGH)
    somebody.press("SIGN IN", email=email, password=PASSWORD)
    return somebody.press(somebody._button(), code=office.town.mails(email)[-1].code)


def role_of(office: Office, home: Home, email: str = BOB) -> Role | None:
    found = office.suite.call("identity", "identify_address", {"email": email})["account_id"]
    return None if found is None else inside.role(office.world, home, UUID(found))


def test_somebody_without_an_account_registers_signs_in_and_accepts(
    office: Office, home: Home
) -> None:
    """INV-3, INV-4: the address is locked, and no mail but that of the second step follows."""
    bob = stranger(office)
    bob.open(invited(office, home))
    assert bob.page.title == "You are invited to Analytical Engines"
    assert "Role Viewer" in bob.page.text
    bob.click("REGISTER")
    locked = bob.page.input("email")
    assert locked["value"] == BOB
    assert "readonly" in locked
    mails = len(office.town.mails(BOB))
    bob.press("REGISTER", password=PASSWORD)
    assert len(office.town.mails(BOB)) == mails
    assert "Your account is registered." in bob.page.text
    signs_in(office, bob)
    assert bob.page.path == "/invitation"
    bob.press("ACCEPT THE INVITATION")
    assert "You are a member of the organization now." in bob.page.text
    assert bob.page.path == f"/organizations/{home.id}"
    assert role_of(office, home) is Role.VIEWER
    assert not bob.cookie("freehold-invitation")


def test_another_address_in_the_form_registers_nothing_but_the_invited_one(
    office: Office, home: Home
) -> None:
    """INV-4."""
    bob = stranger(office)
    bob.open(invited(office, home))
    bob.click("REGISTER")
    form = bob.page.form("REGISTER")
    bob.send(form.action, {**form.values, "email": "eve@example.com", "password": PASSWORD})
    known = [
        office.suite.call("identity", "identify_address", {"email": email})["account_id"]
        for email in (BOB, "eve@example.com")
    ]
    assert known[0] is not None
    assert known[1] is None


def test_somebody_with_an_account_signs_in_and_is_led_back(office: Office, home: Home) -> None:
    """INV-3: the token is not in the address any more."""
    office.visitor(BOB)
    bob = stranger(office)
    bob.open(invited(office, home))
    bob.press("SIGN IN")
    assert bob.page.path == "/sign-in"
    signs_in(office, bob)
    assert bob.addresses[-1] == "/invitation"
    bob.press("ACCEPT THE INVITATION")
    assert role_of(office, home) is Role.VIEWER


def test_who_is_signed_in_with_the_account_accepts_at_once(office: Office, home: Home) -> None:
    bob = office.visitor(BOB)
    bob.open(invited(office, home, requested_role="operator"))
    assert "You join as Viewer. The role Operator was chosen for you" in bob.page.text
    assert f"You are signed in as {BOB}." in bob.page.text
    bob.press("ACCEPT THE INVITATION")
    assert bob.page.path == f"/organizations/{home.id}"


def test_who_is_signed_in_with_another_account_is_told_so_and_may_change(
    office: Office, home: Home
) -> None:
    """INV-10."""
    office.visitor(BOB)
    eve = office.visitor("eve@example.com")
    eve.open(invited(office, home))
    [alert] = eve.page.alerts
    assert "signed in as eve@example.com, but the invitation is for bob@example.com" in alert
    assert "ACCEPT THE INVITATION" not in eve.page.html
    eve.press("SIGN IN")
    signs_in(office, eve)
    eve.press("ACCEPT THE INVITATION")
    assert role_of(office, home) is Role.VIEWER
    assert role_of(office, home, "eve@example.com") is None


def test_another_account_that_sends_the_form_all_the_same_gets_nothing(
    office: Office, home: Home
) -> None:
    """INV-10, I12."""
    bob = office.visitor(BOB)
    bob.open(invited(office, home))
    wanted = bob.page.form("ACCEPT THE INVITATION")
    eve = office.visitor("eve@example.com")
    eve.open("/account")
    own = {"form_token": eve.page.forms[0].values["form_token"]}
    eve.client.set_cookie("freehold-invitation", wanted.values["token"])
    page = eve.send(wanted.action, {**wanted.values, **own})
    assert page.status == 403
    assert not eve.cookie("freehold-invitation"), "nor is she led back to it"
    assert "but the invitation is for bob@example.com" in page.text
    assert role_of(office, home, "eve@example.com") is None
    bob.press("ACCEPT THE INVITATION")
    assert role_of(office, home) is Role.VIEWER


def test_opening_the_link_changes_nothing(office: Office, home: Home) -> None:
    """Security 2.5: mail scanners open links, so GET never consumes; HEAD neither."""
    link = invited(office, home)
    before = office.world.dump(without=("throttle",))
    client = office.app().test_client()
    for path in (link, link.replace("?", "/register?")):
        for method in ("GET", "HEAD", "GET"):
            answer = client.open(path, method=method)
            assert answer.status_code == 200
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            assert answer.headers["Cache-Control"] == "no-store"
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert office.world.dump(without=("throttle",)) == before


@pytest.mark.parametrize("path", ["/invitation", "/invitation/register", "/invitation/sign-in"])
def test_no_other_site_sends_the_forms(office: Office, home: Home, path: str) -> None:
    token = invited(office, home).partition("=")[2]
    answer = office.app().test_client().post(path, data={"token": token, "password": PASSWORD})
    assert answer.status_code == 403
    assert role_of(office, home) is None


def test_what_is_over_is_said_so(office: Office, home: Home) -> None:
    """INV-5, INV-10: accepted, revoked, sent again, too old, mistyped, empty."""
    over = INVITATION["en"]["over"]
    bob = office.visitor(BOB)
    link = invited(office, home)
    bob.open(link)
    bob.press("ACCEPT THE INVITATION")
    accepted = bob.open(link)
    assert (accepted.title, accepted.status) == (over, 409)
    first = invited(office, home, "eve@example.com")
    second = invited(office, home, "eve@example.com")
    assert first != second
    page = bob.open(first)
    assert (page.title, page.status) == (over, 409)
    office.clock.advance(timedelta(days=7))
    page = bob.open(second)
    assert (page.title, page.status) == (over, 409)
    for link in ("/invitation?token=mistyped", "/invitation?token=", "/invitation"):
        page = stranger(office).open(link)
        assert page.title == over
        assert page.status in (404, 422)


def test_what_is_over_is_not_come_back_to(office: Office, home: Home) -> None:
    """The browser forgets the link; the next sign-in leads to the organizations again."""
    bob = office.visitor(BOB)
    bob.open(invited(office, home))
    bob.press("ACCEPT THE INVITATION")
    again = stranger(office)
    again.open("/sign-in")
    again.client.set_cookie("freehold-invitation", "x" * 43)
    signs_in(office, again)
    assert again.page.title == INVITATION["en"]["over"]
    assert not again.cookie("freehold-invitation")


def test_who_signs_out_leaves_no_invitation_in_the_browser(office: Office, home: Home) -> None:
    """The next one who signs in there within minutes would be shown it."""
    bob = stranger(office)
    bob.open(invited(office, home))
    bob.press("SIGN IN")
    assert bob.cookie("freehold-invitation")
    office.visitor(BOB)
    signs_in(office, bob)
    bob.open("/account")
    bob.press("Sign out")
    assert bob.page.path == "/sign-in"
    assert not bob.cookie("freehold-invitation")


def test_a_member_is_told_so(office: Office, home: Home) -> None:
    link = invited(office, home)
    bob = office.visitor(BOB)
    bob.joins(home, Role.OPERATOR)
    bob.open(link)
    page = bob.press("ACCEPT THE INVITATION")
    assert (page.title, page.status) == ("You are a member already", 409)
    assert role_of(office, home) is Role.OPERATOR


def test_who_has_an_account_is_told_to_sign_in(office: Office, home: Home) -> None:
    link = invited(office, home)
    office.visitor(BOB)
    bob = stranger(office)
    bob.open(link)
    bob.click("REGISTER")
    page = bob.press("REGISTER", password="quite another sentence")
    assert page.status == 409
    assert page.alerts == ["This address has an account already: sign in with it."]


def test_a_bad_password_is_said_at_its_field_and_the_link_stays_good(
    office: Office, home: Home
) -> None:
    """Security 2.1; the name of the organization is no password."""
    bob = stranger(office)
    bob.open(invited(office, home))
    bob.click("REGISTER")
    for password in ("short", "password1password1", "analytical engines"):
        page = bob.press("REGISTER", password=password)
        assert page.status == 422
        assert page.input("password").get("aria-invalid") == "true"
        assert page.input("password")["value"] == ""
        assert page.input("email")["value"] == BOB
    bob.press("REGISTER", password=PASSWORD)
    assert bob.page.path == "/sign-in"


def test_too_many_links_have_to_wait(office: Office, home: Home) -> None:
    """Security 2.2: 20 a minute from one address; the good one counts too, and waits too."""
    link = invited(office, home)
    client = office.app().test_client()
    for _ in range(20):
        assert client.get("/invitation?token=wrong").status_code == 404
    answer = client.get(link)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    office.clock.advance(timedelta(minutes=1))
    assert client.get(link).status_code == 200


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_in_the_persons_language(office: Office, ada: Visitor, language: str) -> None:
    """As the organization's name is somebody else's text, it is shown as text."""
    name = 'Tom & <b onclick="x">Jerry</b> {0} %s'
    home = ada.home(name)
    link = invited(office, home, requested_role="admin")
    words = INVITATION[language]
    reader = stranger(office, language)
    page = reader.open(link)
    assert page.language == language
    assert name in page.title
    assert words["anonymous"] in page.text
    page = reader.open(link.replace("?", "/register?"))
    assert name in page.html.replace("&lt;", "<").replace("&gt;", ">").replace(
        "&#34;", '"'
    ).replace("&amp;", "&")
    page = reader.open("/invitation?token=wrong")
    assert page.title == words["over"]
