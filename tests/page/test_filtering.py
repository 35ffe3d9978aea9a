"""Filters beside the results, and coverage above them, which filters too."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, expect

from tests.page.conftest import Opening, settled
from tests.search_api.serving import Server

QUESTION = "/?q=new+release+of+Debian"


def languages(page: Page) -> set[str]:
    settled(page)
    return set(page.locator("#hits .hit .language").all_inner_texts())


def total(column: str) -> int:
    found = re.search(r": (\d+) stor", column)
    assert found, column
    return int(found[1])


def test_a_language_filters_and_is_taken_away_again(opened: Opening, served: Server) -> None:
    page = opened(served.url + QUESTION)
    assert len(languages(page)) > 1
    # Which ones stand there before, those of the most stories, differs with the processor.
    page.locator('#facets [data-key="fold lang"]').click()
    russian = page.locator("#facets").get_by_role("checkbox", name="Russian")
    russian.check()
    page.wait_for_url("**lang=ru*")
    assert languages(page) == {"Russian"}
    expect(russian).to_be_focused()
    expect(page.locator("#filters-title")).to_have_text("Filters, 1 active")
    # The other languages can still be chosen: each filter is counted without itself.
    expect(page.locator("#facets").get_by_role("checkbox", name="German")).to_be_visible()
    page.locator("#facets").get_by_role("checkbox", name="German").check()
    page.wait_for_url("**lang=de*")
    assert languages(page) == {"Russian", "German"}
    page.get_by_role("button", name="Remove the filter Russian").click()
    page.wait_for_url(re.compile("lang=de$"))
    assert languages(page) == {"German"}
    page.go_back()
    page.go_back()
    page.go_back()
    expect(page.locator(".chip")).to_have_count(0)
    assert len(languages(page)) > 1


def test_sources_dates_and_what_passes_no_filter(opened: Opening, served: Server) -> None:
    page = opened(f"{served.url}/?q=who+threatens+Microsoft")
    # Only that outlet answers; the others are there to be chosen all the same.
    expect(page.locator("#facets").get_by_role("checkbox", name="Debian News 0")).to_be_visible()
    page.locator("#facets").get_by_role("checkbox", name="The Verge").check()
    expect(page.locator("#hits .hit")).to_have_count(1)
    page.locator("#facets [data-key=since]").fill("2024-01-01")
    expect(page.locator("#notice h2")).to_have_text("No story passes these filters.")
    page.get_by_role("link", name="Clear filters").click()
    expect(page.locator("#hits .hit")).to_have_count(10)
    expect(page).to_have_url(re.compile(r"\?q=who\+threatens\+Microsoft$"))


def test_what_was_typed_just_before_a_filter_is_chosen_is_asked_with_it(opened: Opening, served: Server) -> None:
    page = opened(served.url + QUESTION)
    verge = page.locator("#facets").get_by_role("checkbox", name="The Verge")
    expect(verge).to_be_visible()
    # Both in one go, so that no pause comes between them however slow the machine is.
    verge.evaluate(
        "(filter) => { const box = document.getElementById('q'); box.value = 'who threatens Microsoft'; "
        "box.dispatchEvent(new Event('input')); filter.click(); }"
    )
    page.wait_for_url("**source=The+Verge*")
    settled(page)
    expect(page.locator("#q")).to_have_value("who threatens Microsoft")
    asked = parse_qs(urlsplit(page.url).query)
    assert asked.keys() == {"q", "source"}
    assert asked["q"] == ["who threatens Microsoft"]
    page.go_back()
    expect(page).to_have_url(served.url + QUESTION)


def test_a_filter_chosen_before_the_last_was_counted_joins_it(opened: Opening, served: Server) -> None:
    page = opened(f"{served.url}/?q=who+threatens+Microsoft")
    page.route("**/coverage?**", lambda _route: None)
    page.locator("#facets").get_by_role("checkbox", name="The Verge").check()
    expect(page.locator("#hits .hit")).to_have_count(1)
    # Filters and chart are still those of the question alone.
    expect(page.locator("#results")).to_have_attribute("aria-busy", "true")
    page.locator("#facets [data-key=since]").fill("2024-01-01")
    page.wait_for_url("**since=2024-01-01")
    expect(page.locator("#notice h2")).to_have_text("No story passes these filters.")
    page.locator(".legend button").first.click()
    # Until now nobody has counted; what was asked last is answered now.
    page.unroute("**/coverage?**")
    settled(page)
    assert parse_qs(urlsplit(page.url).query).keys() == {"q", "lang", "source", "since"}
    page.go_back()
    page.go_back()
    page.go_back()
    expect(page.locator(".chip")).to_have_count(0)


def test_a_column_of_the_chart_filters_by_its_month(opened: Opening, served: Server) -> None:
    page = opened(served.url + QUESTION)
    columns = page.locator("#coverage .column")
    highest = max(range(columns.count()), key=lambda place: total(columns.nth(place).get_attribute("aria-label") or ""))
    column = columns.nth(highest)
    expect(column).to_have_attribute("aria-pressed", "false")
    column.click()
    page.wait_for_url("**since=*")
    expect(column).to_have_attribute("aria-pressed", "true")
    settled(page)
    since, until = (re.search(rf"{name}=([\d-]+)", page.url) for name in ("since", "until"))
    assert since
    assert until
    dates = [shown.get_attribute("datetime") or "" for shown in page.locator("#hits time").all()]
    assert dates
    assert all(since[1] <= date[:10] <= until[1] for date in dates)
    page.go_back()
    expect(column).to_have_attribute("aria-pressed", "false")
    assert len(page.locator("#hits .hit").all()) == 10


def test_the_chart_by_keyboard(opened: Opening, served: Server) -> None:
    page = opened(served.url + QUESTION)
    page.locator("#coverage .column[tabindex='0']").focus()
    page.keyboard.press("End")
    last = page.locator("#coverage .column").last
    expect(last).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**since=*")
    expect(last).to_have_attribute("aria-pressed", "true")
    expect(last).to_be_focused()
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Shift+Enter")
    expect(page.locator("#coverage .column[aria-pressed=true]")).to_have_count(2)


def test_the_legend_filters_by_language(opened: Opening, served: Server) -> None:
    page = opened(served.url + QUESTION)
    button = page.locator(".legend button").first
    button.click()
    page.wait_for_url("**lang=*")
    expect(button).to_have_attribute("aria-pressed", "true")
    assert len(languages(page)) == 1


def test_the_chart_is_a_table_too(opened: Opening, served: Server) -> None:
    page = opened(served.url + QUESTION)
    page.get_by_text("As a table").click()
    rows = page.get_by_role("table").locator("tbody tr")
    counted = [int(row.locator("td").first.inner_text()) for row in rows.all()]
    columns = [total(column.get_attribute("aria-label") or "") for column in page.locator("#coverage .column").all()]
    assert counted == [count for count in columns if count]


def test_suggestions_complete_what_is_typed(opened: Opening, served: Server) -> None:
    page = opened(served.url)
    box = page.locator("#q")
    box.press_sequentially("Debian", delay=20)
    options = page.get_by_role("option")
    expect(options.first).to_be_visible()
    expect(box).to_have_attribute("aria-expanded", "true")
    box.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", "suggestion-0")
    text = options.first.locator(".suggested").inner_text()
    box.press("Enter")
    expect(box).to_have_value(text)
    expect(box).to_have_attribute("aria-expanded", "false")
    settled(page)
    expect(page.locator("#hits .hit").first).to_be_visible()
