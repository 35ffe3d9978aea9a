"""A question on the page: typed, answered, marked, opened, cited; and the way back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.page.conftest import Opening, settled
from tests.search_api.serving import Server

MUSK = "Elon Musk menace d’intenter une action en justice contre Microsoft"


def ask(page: Page, question: str) -> None:
    page.locator("#q").fill(question)
    page.locator("#q").press("Enter")
    page.wait_for_url("**/?q=*")
    settled(page)


def first_title(page: Page) -> str:
    return page.locator("#hits .title").first.inner_text()


def test_an_answer_shows_what_a_reader_needs(opened: Opening, served: Server) -> None:
    page = opened(served.url)
    ask(page, "who threatens Microsoft")
    first = page.locator("#hits .hit").first
    expect(first.locator("h2")).to_contain_text(MUSK)
    expect(first.locator(".outlet")).to_have_text("The Verge (réécriture française)")
    expect(first.locator("time")).to_have_text("April 20, 2023")
    expect(first.locator("time")).to_have_attribute("datetime", "2023-04-20")
    expect(first.locator(".language")).to_have_text("French")
    expect(first.locator("mark")).to_contain_text(MUSK)
    expect(first.locator(".passage").first).to_have_attribute("lang", "fr")
    expect(first.locator(".sure")).to_contain_text("% sure")
    expect(page.locator("#status")).to_contain_text("10 stories")
    assert page.title() == "who threatens Microsoft — Veille"


def test_results_come_while_one_types_and_make_one_entry_of_the_history(opened: Opening, served: Server) -> None:
    page = opened(served.url)
    before = page.evaluate("history.length")
    page.locator("#q").press_sequentially("qui menace", delay=20)
    expect(page.locator("#hits .hit").first).to_be_visible()
    page.locator("#q").press_sequentially(" Microsoft", delay=20)
    expect(page.locator("#hits h2").first).to_contain_text(MUSK)
    expect(page).to_have_url(re.compile(r"\?q=qui\+menace\+Microsoft$"))
    assert page.evaluate("history.length") == before + 1
    page.go_back()
    expect(page.locator(".start")).to_be_visible()
    expect(page.locator("#q")).to_have_value("")


def test_old_results_stay_until_the_new_ones_come(opened: Opening, served: Server) -> None:
    page = opened(f"{served.url}/?q=who+threatens+Microsoft")
    page.evaluate(
        "() => { window.emptied = 0; new MutationObserver(() => { if (!document.querySelector('#hits .hit')) "
        "window.emptied += 1; }).observe(document.getElementById('hits'), { childList: true }); }"
    )
    ask(page, "new release of Debian")
    assert page.evaluate("window.emptied") == 0


def test_back_and_forward_go_through_questions(opened: Opening, served: Server) -> None:
    page = opened(served.url)
    ask(page, "qui menace Microsoft")
    ask(page, "software patents")
    patents = first_title(page)
    page.go_back()
    expect(page.locator("#hits .title").first).to_contain_text(MUSK)
    expect(page.locator("#q")).to_have_value("qui menace Microsoft")
    page.go_forward()
    expect(page.locator("#hits .title").first).to_have_text(patents)


def test_what_nothing_answers_is_said_so(opened: Opening, served: Server) -> None:
    page = opened(f"{served.url}/?q=capital+of+Mongolia")
    expect(page.locator("#notice h2")).to_have_text("Nothing here seems to answer that.")
    expect(page.locator("#status")).to_contain_text("No answer found")
    expect(page.locator("#hits .hit")).to_have_count(10)
    assert page.locator(".doubtful mark").first.evaluate("mark => getComputedStyle(mark).backgroundColor") == (
        "rgba(0, 0, 0, 0)"
    )


@pytest.mark.parametrize("script", [True, False])
def test_what_no_passage_holds_is_named(opened: Opening, served: Server, script: bool) -> None:
    page = opened(f"{served.url}/?q=CVE-2021-44228+%3F&ui=fr", java_script_enabled=script)
    expect(page.locator("#notice h2")).to_have_text("Rien ici ne semble y répondre.")
    expect(page.locator("#notice")).to_contain_text("Rien dans cet index ne nomme CVE-2021-44228.")
    # Where the rest is answered it is said above the answers.
    question = "Elon+Musk+menace+de+poursuivre+Microsoft+en+justice+pour+RTX9090"
    page = opened(f"{served.url}/?q={question}&ui=en", java_script_enabled=script)
    expect(page.locator("#notice")).to_have_text("Nothing in this index names RTX9090.")
    expect(page.locator("#hits h2").first).to_contain_text(MUSK)


@pytest.mark.parametrize("opens", ["read", "similar"])
def test_what_was_typed_just_before_a_story_is_opened_is_asked_with_it(
    opened: Opening, served: Server, opens: str
) -> None:
    page = opened(f"{served.url}/?q=who+threatens+Microsoft")
    link = page.locator(f".hit .{opens}").first
    expect(link).to_be_visible()
    # Both in one go, so that no pause comes between them however slow the machine is.
    link.evaluate(
        "(link) => { const box = document.getElementById('q'); box.value = 'qui menace Microsoft'; "
        "box.dispatchEvent(new Event('input')); link.click(); }"
    )
    page.wait_for_url(f"**/?q=qui+menace+Microsoft&{'read' if opens == 'read' else 'like'}=musk-menace-microsoft")
    expect(page.locator("#q")).to_have_value("qui menace Microsoft")


def test_also_in_similar_and_more(opened: Opening, served: Server) -> None:
    page = opened(f"{served.url}/?q=Debian+position+on+software+patents")
    first = page.locator("#hits .hit").first
    expect(first.locator(".also li a").first).to_have_attribute("href", re.compile("^https://www.debian.org/"))
    expect(first.locator(".also li a").first).to_have_attribute("rel", "noopener noreferrer")
    page.get_by_role("link", name="More stories").click()
    expect(page.locator("#hits .hit")).to_have_count(20)
    title = first_title(page)
    first.locator(".similar").click()
    expect(page.locator(".like h2")).to_contain_text(title)
    page.wait_for_url("**like=*")
    settled(page)
    assert title not in page.locator("#hits .title").all_inner_texts()
    page.get_by_role("link", name="Back to the results").click()
    expect(page.locator("#hits .title").first).to_have_text(title)


def test_reading_opens_the_article_at_the_sentence(opened: Opening, served: Server) -> None:
    page = opened(f"{served.url}/?q=qui+menace+Microsoft")
    page.locator(".hit .read").first.click()
    dialog = page.get_by_role("dialog", name="Read")
    expect(dialog.locator("mark")).to_contain_text(MUSK)
    expect(dialog).to_contain_text("caca")
    expect(page).to_have_url(re.compile("read=musk-menace-microsoft"))
    page.go_back()
    expect(dialog).to_have_count(0)
    page.go_forward()
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page).not_to_have_url(re.compile("read="))


def test_the_keyboard_does_it_all(opened: Opening, served: Server) -> None:
    page = opened(f"{served.url}/?q=qui+menace+Microsoft")
    page.keyboard.press("j")
    expect(page.locator("#hits .title").first).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.locator("#hits .title").nth(1)).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Read")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("jk?")
    expect(page.locator("#q")).to_have_value("jk?")
    page.locator("#help-open").focus()
    page.keyboard.press("?")
    page.wait_for_url("**/?q=jk%3F")  # what was typed is asked a moment later, which closes nothing
    help_ = page.get_by_role("dialog", name="Keyboard")
    help_.get_by_role("checkbox").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator("#q")).not_to_be_focused()


def test_the_first_tab_skips_to_the_results(opened: Opening, served: Server) -> None:
    page = opened(f"{served.url}/?q=qui+menace+Microsoft")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#results")).to_be_focused()
