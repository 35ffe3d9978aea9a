"""axe-core finds nothing serious, in either scheme, in any state."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.page.conftest import Opening
from tests.search_api.serving import Server

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
STATES = (
    "/",
    "/?q=qui+menace+Microsoft",
    "/?q=capital+of+Mongolia",
    "/?q=Debian&lang=fr&since=2012-01-01&until=2012-12-31",
)


def violations(page: Page) -> list[str]:
    found = Axe().run(page, options=RULES).response["violations"]
    return [
        f"{one['id']} ({one['impact']}): {node['html'][:200]}"
        for one in found
        if one["impact"] in {"serious", "critical"}
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_states(opened: Opening, served: Server, scheme: str) -> None:
    for state in STATES:
        page = opened(served.url + state, color_scheme=scheme)
        assert violations(page) == [], state
    page.get_by_text("As a table").click()
    page.locator(".others summary").first.click()
    assert violations(page) == []
    for button in (page.locator(".hit .cite").first, page.locator("#help-open"), page.locator(".hit .read").first):
        button.click()
        expect(page.get_by_role("dialog")).to_be_visible()
        assert violations(page) == []
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_problems_and_narrow_screens(opened: Opening, served: Server, guarded: tuple[Server, str], scheme: str) -> None:
    page = opened(guarded[0].url, errors=True, color_scheme=scheme)
    assert violations(page) == []
    page = opened(served.url, errors=True, color_scheme=scheme, viewport={"width": 360, "height": 700})
    page.context.set_offline(True)
    page.locator("#q").fill("qui menace Microsoft")
    expect(page.locator(".problem")).to_be_visible()
    assert violations(page) == []
    page.context.set_offline(False)
    expect(page.locator("#hits .hit")).to_have_count(10)
    page.locator("#filters summary").click()
    assert violations(page) == []


def test_the_page_without_scripts(opened: Opening, served: Server) -> None:
    # axe is a script: it looks at what the server rendered once the page's own scripts were kept away.
    page = opened(served.url, java_script_enabled=True)
    page.route("**/*.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    page.goto(f"{served.url}/?q=qui+menace+Microsoft")
    assert violations(page) == []
