"""LICENSE MANAGER > System setup through the pages: systems, hardware, offline systems, upgrades."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from contracts.access import Role
from tests.service.identity.surfer import Page
from tests.service.licensing.shop import Shop, shop
from tests.service.licensing.site import RECORDER, Site, licenses
from tests.service.licensing.station import Station
from tests.service.organizations.office import Visitor

LANGUAGES = ("en", "ja", "ko")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path) as opened:
        yield opened


@pytest.fixture
def ada(store: Shop) -> Visitor:
    return store.ada


@pytest.fixture
def site(store: Shop) -> Site:
    return Site(store.customer)


def at(store: Shop, path: str = "") -> Any:
    return store.at(f"/systems{path}", product=RECORDER)


def system_at(store: Shop, system: dict[str, Any], path: str = "") -> Any:
    return at(store, f"/{system['id']}{path}")


def is_disabled(page: Page, button: str) -> bool:
    found = [tag for tag in page.tags if tag["tag"] == "button" and tag["text"] == button]
    assert found, f"no button {button!r}"
    return "disabled" in found[-1]


# Whose pages these are


def test_systems_are_the_business_of_owners_and_admins(store: Shop, site: Site) -> None:
    """R7."""
    system = site.register()
    paths = [
        "/systems",
        "/systems/register",
        *(
            f"/systems/{system['id']}{path}"
            for path in ("", "/rename", "/remove", "/license-file.txt")
        ),
        "/upgrades",
    ]
    bob = store.office.visitor("bob@example.com").joins(store.home, Role.OPERATOR)
    eve = store.office.visitor("eve@example.com")
    for path in paths:
        assert store.at(path, product=RECORDER, visitor=bob).status == 403, path
        assert store.at(path, product=RECORDER, visitor=eve).status == 404, path
    for visitor, status in ((bob, 403), (eve, 404)):
        assert visitor.at(store.home, "/upload-system-file").status == status


# Systems


def test_a_system_is_registered_once_and_named(store: Shop, ada: Visitor, site: Site) -> None:
    assert "No system is registered yet." in at(store).text
    page = ada.click("Register a system")
    assert "Check that Nordic Retail is the right organization." in page.text
    form = page.form("Register system")
    values = {**form.values, "name": "Lobby"}
    page = ada.send(form.action, values)
    assert (page.title, "The system is registered." in page.text) == ("Lobby", True)
    assert ada.send(form.action, values).alerts == []
    assert [each["name"] for each in site.listed()["items"]] == ["Lobby"]
    ada.open(page.path)
    ada.click("Rename")
    assert ada.press("Save", name="Entrance").title == "Entrance"
    ada.click("Remove system")
    page = ada.press("Remove")
    assert "The system was removed." in page.text
    assert "Entrance" not in page.links
    page = ada.click("Show removed systems too")
    assert "Removed" in page.text
    page = ada.click("Entrance")
    assert not [form for form in page.forms if "Create a credential" in form.buttons]


def test_hardware_brings_its_preloaded_licenses(store: Shop, ada: Visitor, site: Site) -> None:
    """R32."""
    proof = site.sent("REC-1", tied=8)
    at(store, "/register")
    page = ada.press("Register system", name="Recorder", serial="REC-1", ownership_proof=proof)
    for text in (
        "Hardware",
        "REC-1",
        "Tied-to-hardware licenses",
        "preloaded-channel",
    ):
        assert text in page.text
    assert proof not in page.html


PROOFS = {
    "en": ("This is not an ownership proof", "This proof does not belong"),
    "ja": ("所有証明コードが正しくありません", "このシリアル番号のものではありません"),
    "ko": ("소유 증명 코드가 올바르지 않습니다", "이 일련 번호의 것이 아닙니다"),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_wrong_proof_is_said_at_its_field(
    store: Shop, ada: Visitor, site: Site, language: str
) -> None:
    other = site.sent("REC-2")
    form = at(store, f"/register?lang={language}").forms[-1]
    for proof, said in zip(("ZZZZZ", other), PROOFS[language], strict=True):
        typed = {"name": "Recorder", "serial": "REC-1", "ownership_proof": proof}
        page = ada.send(form.action, {**form.values, **typed, "errand": str(uuid4())})
        assert said in page.alerts[0]
        assert page.input("ownership_proof")["aria-invalid"] == "true"
        assert page.input("serial")["value"] == "REC-1"
    assert site.listed()["items"] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_name_that_is_none_is_refused_in_the_persons_language(
    store: Shop, ada: Visitor, site: Site, language: str
) -> None:
    form = at(store, f"/register?lang={language}").forms[-1]
    page = ada.send(form.action, {**form.values, "name": ""})
    assert (page.status, page.input("name")["aria-invalid"]) == (422, "true")
    system = site.register()
    form = system_at(store, system, f"/rename?lang={language}").forms[-1]
    page = ada.send(form.action, {**form.values, "name": "x" * 200})
    assert (page.status, len(page.alerts)) == (422, 1)


def test_the_credential_is_shown_once_and_works(store: Shop, ada: Visitor, site: Site) -> None:
    system = site.register("Recorder")
    system_at(store, system)
    page = ada.press("Create a credential")
    found = re.search(r'<code class="key">([^<]*)</code>', page.html)
    assert found
    assert "It is shown this once." in page.text
    site.report(found[1], 1, {"channel": 16})
    page = system_at(store, system)
    assert found[1] not in page.html
    assert "A new one ends it at once." in page.text
    assert 'data-label="Reported">16<' in page.html
    assert site.need()["channel"] == 16


def test_who_is_silent_for_thirty_days_is_marked(store: Shop, site: Site) -> None:
    """D-16."""
    system = site.register("Recorder")
    assert "Silent for 30 days" not in at(store).text
    store.on("2025-03-31")
    assert "Silent for 30 days or longer" in at(store).text
    assert "What it reported last goes on counting." in system_at(store, system).text


def test_extension_licenses_are_allocated_to_one_system_once(
    store: Shop, ada: Visitor, site: Site
) -> None:
    """R33, R35, R36."""
    system = site.register("Recorder")
    page = system_at(store, system)
    assert is_disabled(page, "Allocate licenses")
    assert "The wallet holds no extension licenses of this product." in page.text
    site.buy(8, "channel")
    page = system_at(store, system)
    assert "they cannot be moved back or to another system" in page.text
    assert not is_disabled(page, "Allocate licenses")
    form = page.form("Allocate licenses")
    values = {**form.values, "seats-channel": "5"}
    page = ada.send(form.action, values)
    assert "The licenses are on the system now." in page.text
    assert "Extension licenses" in page.text
    assert ada.send(form.action, values).alerts == []
    assert licenses(site.get(system)) == {"channel": 5}


REFUSED = {
    "en": ("Enter a whole number.", "the wallet, which holds 2", "Enter how many"),
    "ja": ("整数を入力してください。", "3 には足りません", "数を入力してください"),
    "ko": ("정수를 입력하십시오.", "3개에 미치지 못합니다", "수를 입력하십시오"),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_refused_allocation_says_why_in_the_persons_language(
    store: Shop, ada: Visitor, site: Site, language: str
) -> None:
    system = site.register("Recorder")
    site.buy(2, "channel")
    form = system_at(store, system, f"?lang={language}").forms
    sent = next(each for each in form if each.action.endswith("/allocate"))
    for typed, said in zip(("x", "3", ""), REFUSED[language], strict=True):
        page = ada.send(sent.action, {**sent.values, "seats-channel": typed})
        assert page.status in (409, 422)
        assert said in page.alerts[0]
    assert licenses(site.get(system)) == {}


def test_many_systems_are_listed_page_by_page(store: Shop, ada: Visitor, site: Site) -> None:
    for number in range(53):
        site.register(f"Recorder {number:02}")
    page = at(store)
    seen = [name for name in page.links if name.startswith("Recorder")]
    page = ada.click("Further entries")
    seen += [name for name in page.links if name.startswith("Recorder")]
    assert seen == [f"Recorder {number:02}" for number in range(53)]


def test_a_name_is_shown_as_it_is_and_never_as_markup(
    store: Shop, ada: Visitor, site: Site
) -> None:
    evil = '<b onclick="x">"&\''
    system = site.register(evil)
    for path in ("", "/rename", "/remove"):
        system_at(store, system, path)
    at(store)
    store.at("/upgrades", product=RECORDER)
    store.at("/history", product=RECORDER)
    system_at(store, system)
    ada.press("Create a credential")
    for page in ada.pages:
        assert "<b onclick" not in page.html
    assert evil in {text for _tag, text in system_at(store, system).headings}


@pytest.mark.parametrize("path", ["", "/rename", "/remove", "/license-file.txt"])
def test_an_unknown_system_is_refused_as_a_page(store: Shop, site: Site, path: str) -> None:
    assert at(store, f"/{uuid4()}{path}").status == 404


# Offline systems


def upload(ada: Visitor, store: Shop, file: bytes, **typed: str) -> Page:
    form = ada.at(store.home, "/upload-system-file").forms[-1]
    return ada.send(form.action, {**form.values, **typed, "file": (BytesIO(file), "system.txt")})


def test_an_offline_system_is_licensed_with_two_files(
    store: Shop, ada: Visitor, tmp_path: Path
) -> None:
    """R4, R6, R8, R9, D-19."""
    store.customer.started()
    station = Station(store.customer, tmp_path)
    ada.at(store.home, "/licenses")
    page = ada.click("Upload system file")
    assert "Check that Nordic Retail is the right organization." in page.text
    file = station.file(core=12)
    page = upload(ada, store, file, name="Vault")
    assert (page.title, "The system is registered." in page.text) == ("Vault", True)
    assert "Offline system" in page.text
    assert 'data-label="Reported">12<' in page.html
    assert "This file was uploaded before." in upload(ada, store, file).text
    assert "Download license file" not in ada.page.links
    page = ada.press("Create license file")
    assert (page.status, len(page.alerts)) == (409, 1)
    store.customer.buy(12)
    store.customer.allocate(12)
    page = ada.press("Create license file")
    assert "The license file is ready to be downloaded." in page.text
    answer = ada.client.get(page.links["Download license file"])
    assert answer.mimetype == "text/plain"
    assert answer.text == station.license_file()
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    assert (
        "What the system reported was taken over." in upload(ada, store, station.file(core=13)).text
    )


FILES = {
    "en": ("Choose the system file", "This is not a system file", "uploaded before"),
    "ja": ("システムファイルを選択", "システムファイルではない", "より新しいファイル"),
    "ko": ("시스템 파일을 선택", "시스템 파일이 아니거나", "더 새로운 파일"),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_file_that_is_refused_is_said_at_its_field(
    store: Shop, ada: Visitor, tmp_path: Path, language: str
) -> None:
    store.customer.started()
    station = Station(store.customer, tmp_path)
    old, new = station.file(core=1), station.file(core=2)
    station.upload(new)
    ada.open(f"/organizations/{store.customer.id}/upload-system-file?lang={language}")
    for file, said in zip((b"", b"hello", old), FILES[language], strict=True):
        page = upload(ada, store, file)
        assert page.status in (409, 422)
        assert said in page.alerts[0]
        assert page.input("file")["aria-invalid"] == "true"
    assert upload(ada, store, b"x" * 20_000).status == 422


def test_without_a_product_there_is_nothing_to_upload_to(store: Shop, ada: Visitor) -> None:
    assert "Register the product first." in ada.at(store.home, "/upload-system-file").text


# Upgrades


def test_licenses_are_upgraded_where_they_are_once(store: Shop, ada: Visitor, site: Site) -> None:
    """R2, D-18."""
    system = site.register("Recorder")
    page = store.at("/upgrades", product=RECORDER)
    assert "channel-to-analytics" in page.text
    assert is_disabled(page, "Upgrade")
    site.buy(3, "channel")
    site.buy(2, "channel-to-analytics")
    site.extend(system, channel=2)
    system_at(store, system)
    page = ada.click("Upgrade licenses")
    form = page.form("Upgrade")
    assert not is_disabled(page, "Upgrade")
    assert form.values["where"] == f"system:{system['id']}"
    places = re.findall(r'<option value="((?:wallet|system|year)[^"]*)"', page.html)
    assert places == ["wallet", f"system:{system['id']}"]
    values = {**form.values, "where": places[1], "licenses": "1"}
    page = ada.send(form.action, values)
    assert "The licenses are upgraded." in page.text
    assert ada.send(form.action, values).alerts == []
    assert licenses(site.get(system)) == {"analytics-channel": 1, "channel": 1}


UPGRADES = {
    "en": ("Enter a whole number.", "are to be upgraded and 0 are there"),
    "ja": ("整数を入力してください。", ""),
    "ko": ("정수를 입력하십시오.", ""),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_refused_upgrade_says_why_in_the_persons_language(
    store: Shop, ada: Visitor, site: Site, language: str
) -> None:
    site.buy(2, "channel-to-analytics")
    system = site.register("Recorder")
    form = store.at(f"/upgrades?lang={language}", product=RECORDER).forms[-1]
    where = f"system:{system['id']}"
    for count, said in zip(("x", "1"), UPGRADES[language], strict=True):
        page = ada.send(form.action, {**form.values, "where": where, "licenses": count})
        assert page.status in (409, 422)
        assert page.alerts
        assert said in page.alerts[0]
        assert page.input("licenses")["value"] == count
    page = ada.send(form.action, {**form.values, "where": "anywhere", "licenses": "1"})
    assert page.status == 422
