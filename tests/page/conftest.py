"""A real browser, a real server: the sample corpus, and a few articles that mean harm or run from right to left."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from corpus import sample
from indexer.build import build
from indexer.encoder import Encoder
from search_api.service.keys import create_key
from tests.page.watching import Watched
from tests.search_api.serving import Server, running

REQUIRED = os.environ.get("CI", "").lower() in {"1", "true"} or os.environ.get("VEILLE_BROWSER") == "required"
NEEDS_BROWSER = "needs a browser: apt-get install chromium"

SCRIPT = "<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"
ADDED: tuple[dict[str, Any], ...] = (
    {
        "id": "hostile/../<b>'\"&?#",
        "title": f"Zwieback robots {SCRIPT}",
        "text": f"The zwieback robots of Graz bake at night. {SCRIPT} Nobody saw them leave. \u202egnihtemos",
        "lang": "en",
        "source": f"Outlet {SCRIPT}",
        "published": "2024-02-10",
        "url": "javascript:document.title='taken'",
    },
    {
        "id": "arabic",
        "title": "أطلقت الجامعة قمرا صناعيا صغيرا لمراقبة الصحراء",
        "text": "أطلقت الجامعة يوم الثلاثاء قمرا صناعيا صغيرا اسمه Sahara-1 لمراقبة الصحراء. "
        "ويقول الباحثون إنه سيعمل ثلاث سنوات.",
        "lang": "ar",
        "source": "الأخبار",
        "published": "2024-03-05T08:30:00Z",
        "url": "https://news.example/sahara",
    },
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Return Debian's chromium, or skip; where a browser is required, fail.

    Until it is closed its event loop runs in this thread, where other tests want one of their own.
    """
    found = shutil.which("chromium")
    if found is None:
        (pytest.fail if REQUIRED else pytest.skip)(NEEDS_BROWSER)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def page_index(sample_index: Path, encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an index over the sample corpus and what is added to it."""
    folder = tmp_path_factory.mktemp("page")
    index = Path(shutil.copytree(sample_index, folder / "index"))
    added = folder / "added.jsonl"
    added.write_text("".join(json.dumps(article) + "\n" for article in ADDED), encoding="utf-8")
    build([sample.path(), added], index, encoder=encoder, quiet=True)
    return index


@pytest.fixture(scope="module")
def served(browser: Browser, page_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a server of that index. It is not started where there is no browser to ask it."""
    with running(page_index, tmp_path_factory.mktemp("log") / "log") as server:
        yield server


@pytest.fixture(scope="module")
def guarded(
    browser: Browser, page_index: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, str]]:
    """Return a server that wants a key and takes 12 requests a day, and a key."""
    folder = tmp_path_factory.mktemp("guarded")
    key = create_key(folder / "keys.json", "reader")
    flags = ("--require-key", "--keys", str(folder / "keys.json"), "--rate-limit", "12/day")
    with running(page_index, folder / "log", *flags) as server:
        yield server, key


Opening = Callable[..., Page]


@pytest.fixture
def opened(browser: Browser) -> Iterator[Opening]:
    """Return what opens a page in a context of its own: `opened(url, **options of the context)`.

    At the end none of them may have written an error to its console, or asked another host. `errors=True` says that
    answers with an error are expected.
    """
    contexts: list[tuple[BrowserContext, Watched]] = []

    def opening(url: str, *, errors: bool = False, **options: Any) -> Page:
        context = browser.new_context(**{"locale": "en-US", "viewport": {"width": 1100, "height": 800}, **options})
        page = context.new_page()
        contexts.append((context, Watched.of(page, url, errors=errors)))
        page.goto(url)
        if options.get("java_script_enabled", True):
            settled(page)
        return page

    yield opening
    for context, watched in contexts:
        context.close()
        watched.check()


def settled(page: Page) -> None:
    """Wait until the page shows what its address asks for."""
    page.wait_for_selector("#results[aria-busy=false]")
