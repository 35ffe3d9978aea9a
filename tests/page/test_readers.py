"""Whoever reads: in French or English, in the dark, on a narrow screen, from right to left, without scripts."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import Page, expect

from search_api.web.wording import LANGUAGES, chosen, wording
from tests.page.conftest import Opening, settled
from tests.page.test_searching import MUSK
from tests.search_api.serving import Server

NARROW = {"viewport": {"width": 360, "height": 700}}


def overflow(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def test_the_interface_follows_the_browser_and_a_choice_is_remembered(opened: Opening, served: Server) -> None:
    page = opened(f"{served.url}/?q=qui+menace+Microsoft&lang=fr", locale="fr-FR")
    expect(page.get_by_role("button", name="Chercher")).to_be_visible()
    expect(page.locator("#hits .language").first).to_have_text("français")
    expect(page.locator("#hits time").first).to_have_text("20 avril 2023")
    assert page.evaluate("document.documentElement.lang") == "fr"
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("button", name="Search")).to_be_visible()
    expect(page).to_have_url(f"{served.url}/?q=qui+menace+Microsoft&lang=fr")
    page.goto(served.url)
    expect(page.get_by_role("button", name="Search")).to_be_visible()


@pytest.mark.parametrize(
    ("remembered", "accepted", "expected"),
    [
        (None, "", "en"),
        (None, "fr-CA,fr;q=0.9,en;q=0.8", "fr"),
        (None, "de, en;q=0.5, fr;q=0.7", "fr"),
        (None, "fr;q=0, en", "en"),
        (None, "fr;q=much", "en"),
        ("en", "fr", "en"),
        ("<b>", "fr", "fr"),
    ],
)
def test_which_language_a_reader_gets(remembered: str | None, accepted: str, expected: str) -> None:
    assert chosen(remembered, accepted) == expected


def test_both_languages_say_the_same_things() -> None:
    one, other = (wording(code).words for code in LANGUAGES)
    assert one.keys() == other.keys()
    assert wording("fr")("result-count", n=0) == "0 sujet"
    assert wording("en")("result-count", n=0) == "0 stories"
    assert wording("fr").language("de") == "allemand"
    assert wording("fr").day("2023-04-20T10:00:00Z") == "20 avril 2023"


def test_dark_and_light(opened: Opening, served: Server) -> None:
    papers = []
    for scheme in ("light", "dark"):
        page = opened(served.url, color_scheme=scheme)
        papers.append(page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))
    light, dark = (sum(map(int, paper[4:-1].split(", "))) for paper in papers)
    assert dark < 3 * 64 < 3 * 192 < light


@pytest.mark.parametrize("scripts", [True, False])
def test_a_narrow_screen_needs_no_scrolling_sideways(opened: Opening, served: Server, scripts: bool) -> None:
    for address in ("/", "/?q=qui+menace+Microsoft", "/?q=zwieback+robots", "/?read=musk-menace-microsoft"):
        page = opened(served.url + address, **NARROW, java_script_enabled=scripts)
        assert overflow(page) == 0, address
    if scripts:
        page = opened(f"{served.url}/?q=new+release+of+Debian&lang=fr&lang=de", **NARROW)
        page.locator("#filters summary").click()
        page.get_by_text("As a table").click()
        assert overflow(page) == 0
        page.locator(".hit .cite").first.click()
        expect(page.get_by_role("dialog")).to_be_in_viewport(ratio=1)


def test_from_right_to_left(opened: Opening, served: Server) -> None:
    for scripts in (True, False):
        page = opened(f"{served.url}/?q=small+satellite+to+watch+the+desert", java_script_enabled=scripts)
        first = page.locator("#hits .hit").first
        expect(first.locator("h2")).to_have_attribute("lang", "ar")
        for text in (first.locator("h2"), first.locator(".passage").first):
            expect(text).to_have_css("direction", "rtl")
            expect(text).to_have_css("text-align", "start")
        expect(first.locator(".meta")).to_have_css("direction", "ltr")


def test_a_search_without_scripts(opened: Opening, served: Server) -> None:
    page = opened(served.url, java_script_enabled=False)
    page.locator("#q").fill("who threatens Microsoft")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("#hits .hit")).to_have_count(10)
    first = page.locator("#hits .hit").first
    expect(first.locator("mark")).to_contain_text(MUSK)
    page.locator("#filters summary").click()
    page.get_by_role("checkbox", name="German").check()
    page.get_by_role("button", name="Apply").click()
    assert set(page.locator("#hits .language").all_inner_texts()) == {"German"}
    page.get_by_role("link", name="Similar").first.click()
    expect(page.locator("#hits .hit")).to_have_count(10)
    page.get_by_role("link", name="Read:").first.click()
    expect(page.locator(".reading h2")).to_be_visible()


def test_without_scripts_too_nothing_found_is_said(served: Server) -> None:
    page = httpx.get(served.url, params={"q": "capital of Mongolia"}, headers={"Accept-Language": "fr"})
    assert page.status_code == 200
    assert "Rien ici ne semble y répondre." in page.text
    wrong = httpx.get(served.url, params={"q": "Debian", "since": "yesterday"})
    assert wrong.status_code == 400
    assert "which is no date" in wrong.text
    assert httpx.get(served.url, params={"read": "never-there"}).status_code == 404


def test_whoever_wants_no_motion_gets_none(opened: Opening, served: Server) -> None:
    page = opened(f"{served.url}/?q=qui+menace+Microsoft", reduced_motion="reduce")
    settled(page)
    assert page.locator("#progress").evaluate("bar => getComputedStyle(bar, '::after').animationName") == "none"
