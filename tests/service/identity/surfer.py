"""Somebody with a browser and no JavaScript: opens pages, follows links, sends forms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

import pyotp
from flask import Flask
from jinja2 import StrictUndefined
from werkzeug.test import TestResponse

from chassis.config import Config
from gateway.api import identity
from gateway.app import create_app
from tests.in_process import InProcess
from tests.service.identity.town import PASSWORD, Town

ADA = "ada@example.com"

_VOID = frozenset({"meta", "link", "input", "br", "img"})
_LABELLED = frozenset({"input", "select", "textarea"})


@dataclass
class Form:
    """One form with what the browser would send: hidden fields, and those filled in."""

    action: str
    method: str
    values: dict[str, Any] = field(default_factory=dict)
    buttons: list[str] = field(default_factory=list)


class Page(HTMLParser):
    """A page as a person meets it; whatever is wrong with its HTML fails here."""

    def __init__(self, answer: TestResponse, path: str) -> None:
        super().__init__()
        self.answer = answer
        self.path = path
        self.status = answer.status_code
        self.html = answer.text
        self.language: str | None = None
        self.ids: list[str] = []
        self.inputs: list[dict[str, str | None]] = []
        self.labels: set[str] = set()
        self.links: dict[str, str] = {}
        self.forms: list[Form] = []
        self.headings: list[tuple[str, str]] = []
        self.tags: list[dict[str, Any]] = []
        self._open: list[str] = []
        self._texts: list[str] = []
        self._collecting: list[tuple[str, str | None, int]] = []
        self._choice: str | None = None
        self._area: str | None = None
        self.feed(self.html)
        self.close()
        self._check()

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self._texts)).strip()

    @property
    def title(self) -> str:
        return next(text for tag, text in self.headings if tag == "h1")

    @property
    def alerts(self) -> list[str]:
        return [tag["text"] for tag in self.tags if tag.get("role") == "alert"]

    def input(self, name: str) -> dict[str, str | None]:
        return next(each for each in self.inputs if each.get("name") == name)

    def form(self, button: str) -> Form:
        found = [form for form in self.forms if button in form.buttons]
        assert found, f"no button {button!r} on {self.path}: {[f.buttons for f in self.forms]}"
        return found[0]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        assert len(given) == len(attrs), f"{tag} says an attribute twice"
        assert "style" not in given, "the policy of the page forbids styles within"
        assert not any(name.startswith("on") for name in given)
        assert tag != "style"
        if tag == "script":
            assert given == {"src": "/static/strength.js", "defer": None}
        if tag == "html":
            self.language = given.get("lang")
        if given.get("id"):
            self.ids.append(str(given["id"]))
        if tag in _LABELLED and given.get("type") != "hidden":
            self.inputs.append({**given, "tag": tag, "in_label": str("label" in self._open)})
        if tag == "label" and given.get("for"):
            self.labels.add(str(given["for"]))
        self._note_form(tag, given)
        self.tags.append({"tag": tag, **given, "text": ""})
        if tag not in _VOID:
            self._open.append(tag)
            self._collecting.append((tag, given.get("href"), len(self._texts)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag, f"{tag} ends where it does not begin"
        _tag, href, since = self._collecting.pop()
        text = re.sub(r"\s+", " ", " ".join(self._texts[since:])).strip()
        if tag == "a" and href is not None:
            self.links[text] = href
        if tag == "button":
            self.forms[-1].buttons.append(text)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append((tag, text))
        opened = next(
            each for each in reversed(self.tags) if each["tag"] == tag and not each["text"]
        )
        opened["text"] = text or " "

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "textarea" and self._area is not None:
            # A line break right after the tag is none of the text.
            self.forms[-1].values[self._area] += data.removeprefix("\n")
        if data.strip():
            self._texts.append(data.strip())

    def _note_form(self, tag: str, given: Mapping[str, str | None]) -> None:
        if tag == "form":
            self.forms.append(Form(str(given["action"]), str(given.get("method", "get"))))
        elif tag == "input" and "form" in self._open:
            self._note_input(str(given["name"]), given)
        elif tag == "textarea":
            self._area = str(given["name"])
            self.forms[-1].values[self._area] = ""
        elif tag == "select":
            self._choice = str(given["name"])
        elif tag == "option" and self._choice is not None:
            values = self.forms[-1].values
            if "selected" in given or self._choice not in values:
                values[self._choice] = given.get("value") or ""

    def _note_input(self, name: str, given: Mapping[str, str | None]) -> None:
        """What the form holds already; of several of one name, all that are there."""
        if given.get("type") in ("checkbox", "radio") and "checked" not in given:
            return
        value = given.get("value") or ""
        values = self.forms[-1].values
        if name in values and given.get("type") in ("checkbox", "hidden"):
            held = values[name]
            values[name] = [*held, value] if isinstance(held, list) else [held, value]
        else:
            values[name] = value

    def _check(self) -> None:
        assert self._open == [], f"never ended: {self._open}"
        assert len(self.ids) == len(set(self.ids)), "an id is given twice"
        assert self.language in ("en", "ja", "ko")
        levels = [int(tag[1]) for tag, _text in self.headings]
        assert levels.count(1) == 1
        assert levels[0] == 1
        assert [tag["tag"] for tag in self.tags].count("main") == 1
        for each in self.inputs:
            is_hidden = each.get("aria-hidden") == "true"
            is_labelled = each.get("id") in self.labels or each["in_label"] == "True"
            assert is_labelled or is_hidden, f"{each.get('name')} has no label"
        for tag in self.tags:
            for name in ("aria-describedby", "aria-labelledby"):
                for part in (tag.get(name) or "").split():
                    assert part in self.ids, f"{name} leads to {part}, which is not there"
        for form in self.forms:
            if form.method == "post" and not self.is_of_a_link:
                assert form.values["form_token"]
        # A format that was not filled in, or a word that is not there.
        assert not re.search(r"\{[a-z_]*\}", self.text)

    @property
    def is_of_a_link(self) -> bool:
        """Pages of links in mails: their forms carry the link's own secret."""
        return self.path.startswith(("/verify-email", "/reset-password", "/confirm-email"))


class Surfer:
    """Follows redirects one by one, and remembers every address it was sent to."""

    def __init__(self, app: Flask, language: str = "en", **environ: str) -> None:
        self.client = app.test_client()
        self.addresses: list[str] = []
        self.pages: list[Page] = []
        self._headers = {"Accept-Language": language, "User-Agent": "Firefox/130.0 (Linux)"}
        self._environ = environ

    @property
    def page(self) -> Page:
        return self.pages[-1]

    def open(self, path: str) -> Page:
        return self._land(path, self._get(path))

    def click(self, link: str) -> Page:
        assert link in self.page.links, f"no link {link!r} among {sorted(self.page.links)}"
        return self.open(urljoin(self.page.path, self.page.links[link]))

    def press(self, button: str, **typed: str) -> Page:
        """Sends the form of a button, as the page gave it, with what is typed."""
        form = self.page.form(button)
        assert typed.keys() <= {each["name"] for each in self.page.inputs}
        return self.send(form.action, {**form.values, **typed})

    def send(self, path: str, values: Mapping[str, Any]) -> Page:
        self.addresses.append(path)
        answer = self.client.post(
            path, data=values, headers=self._headers, environ_overrides=self._environ
        )
        return self._land(path, answer)

    def cookie(self, name: str) -> str | None:
        found = self.client.get_cookie(name)
        return None if found is None else found.value

    def _get(self, path: str) -> TestResponse:
        self.addresses.append(path)
        return self.client.get(path, headers=self._headers, environ_overrides=self._environ)

    def _land(self, path: str, answer: TestResponse) -> Page:
        for _ in range(5):
            if answer.status_code != 303:
                break
            path = answer.headers["Location"]
            answer = self._get(path)
        assert answer.mimetype == "text/html", answer.text
        self.pages.append(Page(answer, path))
        return self.page

    # Ways through several pages

    def registers(self, town: Town, email: str = ADA) -> None:
        self.open("/register")
        self.press(self.page.forms[-1].buttons[0], email=email, password=PASSWORD)
        town.ask("verify_email", token=town.mails(email)[-1].token, password=PASSWORD)

    def enters_password(self, email: str = ADA, password: str = PASSWORD) -> Page:
        self.open("/sign-in")
        return self.press(self.page.forms[-1].buttons[0], email=email, password=password)

    def signs_in(self, town: Town, email: str = ADA) -> Page:
        """By a mailed code, for an account without an authenticator."""
        self.enters_password(email)
        return self.press(self._button(), code=town.mails(email)[-1].code)

    def enters_manage(self) -> Page:
        """From a session, with the password alone."""
        self.open("/account/security/two-factor")
        return self.press(self._button(), password=PASSWORD)

    def enrols(self, town: Town) -> str:
        """The setup key of an authenticator registered in the Manage area."""
        self.open("/manage/authenticator")
        self.press(self._button())
        key = self.setup_key
        self.open("/manage/authenticator/registration")
        self.press(self._button(), code=pyotp.TOTP(key).at(town.clock.now()))
        return key

    @property
    def setup_key(self) -> str:
        found = re.search(r'<code class="key">([^<]*)</code>', self.page.html)
        assert found, "no setup key on the page"
        return found[1]

    @property
    def codes(self) -> list[str]:
        return re.findall(r"<li><code>([^<]*)</code></li>", self.page.html)

    def _button(self) -> str:
        """The first button within the page."""
        within = [
            form for form in self.page.forms if not form.action.endswith(("leave", "sign-out"))
        ]
        return within[0].buttons[0]


def app_of(town: Town, **settings: Any) -> Flask:
    """The gateway in front of a town; a word that is missing on a page is an error."""
    production = settings.pop("production", False)
    sections: dict[str, Any] = {"gateway": {"introspection_seconds": 0, **settings}}
    if production:
        sections["suite"] = {"mode": "production"}
    app = create_app(
        Config(sections), InProcess(town.suite), clock=town.clock, blueprints=[identity.blueprint]
    )
    app.jinja_env.undefined = StrictUndefined
    return app


def enrolled(town: Town) -> str:
    """The setup key of somebody who registered and signed out; later than both."""
    other = Surfer(app_of(town))
    other.registers(town)
    other.signs_in(town)
    other.enters_manage()
    key = other.enrols(town)
    town.clock.advance(timedelta(minutes=20))
    return key


def issued(town: Town) -> tuple[str, list[str]]:
    """Setup key and confirmed recovery codes."""
    other = Surfer(app_of(town))
    other.registers(town)
    other.signs_in(town)
    other.enters_manage()
    key = other.enrols(town)
    other.open("/manage")
    other.press("CREATE NEW RECOVERY CODES")
    codes = other.codes
    other.press("CONFIRM")
    town.clock.advance(timedelta(minutes=20))
    return key, codes
