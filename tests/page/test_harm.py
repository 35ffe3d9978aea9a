"""Articles that mean harm are shown as the text they are."""

from __future__ import annotations

from urllib.parse import urlencode

import httpx
from playwright.sync_api import expect

from tests.page.conftest import SCRIPT, Opening, settled
from tests.search_api.serving import Server

QUESTION = "/?q=zwieback+robots+of+Graz"


def test_markup_in_an_article_is_text(opened: Opening, served: Server) -> None:
    page = opened(served.url + QUESTION)
    first = page.locator("#hits .hit").first
    expect(first.locator("h2")).to_have_text(f"Zwieback robots {SCRIPT}")
    expect(first.locator(".outlet")).to_have_text(f"Outlet {SCRIPT}")
    expect(first.locator(".passage").first).to_contain_text(SCRIPT)
    assert page.locator("#results img, #results script").count() == 0
    # "javascript:" is no link to follow: what the index keeps is opened instead.
    assert page.locator("[href^='javascript' i]").count() == 0
    first.locator(".title").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(SCRIPT)
    assert dialog.locator("img, script").count() == 0
    assert page.locator("[href^='javascript' i]").count() == 0
    page.keyboard.press("Escape")
    first.locator(".cite").click()
    expect(page.get_by_role("dialog").locator("blockquote")).to_contain_text("zwieback")
    page.keyboard.press("Escape")
    first.locator(".similar").click()
    settled(page)
    expect(page.locator(".like")).to_contain_text(SCRIPT)
    assert page.title() == "zwieback robots of Graz — Veille"


def test_markup_in_the_address_is_text(opened: Opening, served: Server) -> None:
    asked = {"q": "<script>document.title=1</script>", "source": '"><img src=x>', "lang": "fr"}
    page = opened(f"{served.url}/?{urlencode(asked)}")
    expect(page.locator("#q")).to_have_value("<script>document.title=1</script>")
    expect(page.locator(".chip").nth(1)).to_contain_text('"><img src=x>')
    assert page.locator("#results img").count() == 0


def test_the_server_escapes_it_too(opened: Opening, served: Server) -> None:
    page = opened(served.url + QUESTION, java_script_enabled=False)
    first = page.locator("#hits .hit").first
    expect(first.locator("h2")).to_have_text(f"Zwieback robots {SCRIPT}")
    assert page.locator("#results img, #results script").count() == 0
    assert page.locator("[href^='javascript' i]").count() == 0
    first.locator("h2 a").click()
    expect(page.locator(".reading")).to_contain_text(SCRIPT)


def test_the_page_allows_nothing_inline_and_nothing_from_elsewhere(served: Server) -> None:
    answer = httpx.get(served.url)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert " style=" not in answer.text
    assert " onclick=" not in answer.text


def test_assets_are_kept_for_good_under_their_version_alone(served: Server) -> None:
    page = httpx.get(served.url).text
    start = page.index("assets/")
    path = page[start : page.index('"', start)]
    answer = httpx.get(f"{served.url}/{path}")
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]
    assert httpx.get(f"{served.url}/{path.replace('assets/', 'assets/0')}").status_code == 404
    assert httpx.get(f"{served.url}/assets/{path.split('/')[1]}/..%2Fpage.py").status_code == 404
