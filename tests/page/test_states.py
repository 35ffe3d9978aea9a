"""What the page shows where there is no answer: each state has words, and a way on."""

from __future__ import annotations

import json

import httpx
from playwright.sync_api import Route, expect

from tests.page.conftest import Opening, settled
from tests.page.test_searching import ask
from tests.search_api.serving import Server


def test_offline_and_back(opened: Opening, served: Server) -> None:
    page = opened(served.url, errors=True)
    page.context.set_offline(True)
    page.locator("#q").fill("who threatens Microsoft")
    expect(page.locator("#notice h2")).to_have_text("The server cannot be reached.")
    expect(page.locator("#status")).to_have_text("The server cannot be reached.")
    page.context.set_offline(False)
    expect(page.locator("#hits .hit")).to_have_count(10)
    expect(page.locator(".problem")).to_have_count(0)


def test_a_key_is_asked_for_and_kept_for_the_tab_then_questions_run_out(
    opened: Opening, guarded: tuple[Server, str]
) -> None:
    server, key = guarded
    # Without a key the server puts nothing of the index into the page.
    bare = httpx.get(server.url, params={"q": "qui menace Microsoft"})
    assert bare.status_code == 401
    assert "Elon" not in bare.text
    assert "Debian" not in httpx.get(server.url).text
    page = opened(server.url, errors=True)
    expect(page.get_by_role("heading", name="This server wants a key.")).to_be_visible()
    page.get_by_label("API key").fill("wrong")
    page.get_by_label("API key").press("Enter")
    expect(page.get_by_text("That key is not valid.")).to_be_visible()
    page.get_by_label("API key").fill(key)
    page.get_by_label("API key").press("Enter")
    expect(page.locator(".start")).to_be_visible()
    ask(page, "qui menace Microsoft")
    expect(page.locator("#hits .hit")).to_have_count(10)
    page.reload()
    expect(page.locator("#hits .hit")).to_have_count(10)
    assert page.evaluate("localStorage.length") == 0
    while httpx.get(f"{server.url}/search", params={"q": "x"}, headers={"X-API-Key": key}).status_code != 429:
        pass
    page.locator("#q").fill("software patents")
    expect(page.locator("#notice h2")).to_have_text("That was a lot of questions.")
    expect(page.locator(".countdown")).to_contain_text("seconds")
    assert page.url.endswith("?q=software+patents")


def test_too_much_to_do_is_asked_again_by_itself(opened: Opening, served: Server) -> None:
    refused = 0

    def overloaded(route: Route) -> None:
        nonlocal refused
        refused += 1
        if refused > 1:
            route.continue_()
            return
        problem = {"type": "urn:veille:problem:overloaded", "title": "", "status": 503, "detail": "128 requests wait"}
        headers = {"Retry-After": "1", "Content-Type": "application/problem+json"}
        route.fulfill(status=503, headers=headers, body=json.dumps(problem))

    page = opened(served.url, errors=True)
    page.route("**/search?*", overloaded)
    page.locator("#q").fill("who threatens Microsoft")
    expect(page.locator("#notice h2")).to_have_text("The server has too much to do.")
    expect(page.locator(".countdown")).to_have_text("Asking again in 1 second.")
    expect(page.locator("#hits .hit")).to_have_count(10)
    assert refused == 2


def test_what_the_server_will_not_answer_is_told(opened: Opening, served: Server) -> None:
    page = opened(f"{served.url}/?q=Debian&since=yesterday", errors=True)
    expect(page.locator("#notice h2")).to_have_text("That did not work.")
    expect(page.locator("#notice")).to_contain_text("since is 'yesterday', which is no date")


def test_an_article_that_is_gone_is_told(opened: Opening, served: Server) -> None:
    page = opened(f"{served.url}/?read=never-there", errors=True)
    expect(page.get_by_role("dialog")).to_contain_text("The index holds no such article.")


def test_a_slow_answer_shows_that_it_is_on_its_way(opened: Opening, served: Server) -> None:
    page = opened(f"{served.url}/?q=who+threatens+Microsoft")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/search?*", hold)
    page.locator("#q").fill("software patents")
    expect(page.locator("#progress")).to_have_class("on")
    expect(page.locator("#results")).to_have_attribute("aria-busy", "true")
    expect(page.locator("#hits .hit")).to_have_count(10)
    page.wait_for_timeout(50)
    held[0].continue_()
    settled(page)
    expect(page.locator("#progress")).not_to_have_class("on")
