"""The pictures of the page: `python -m docs.screenshots FOLDER`, or make screenshots. Needs Debian's chromium."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from corpus import sample
from indexer.build import build
from indexer.encoders import load_encoder
from tests.search_api.serving import running

QUESTION = "?q=qui+menace+Microsoft"
SHOTS: dict[str, tuple[str, dict[str, Any]]] = {
    "page": (QUESTION, {"viewport": {"width": 1000, "height": 760}, "locale": "en-US"}),
    "page-dark": (QUESTION, {"viewport": {"width": 1000, "height": 760}, "locale": "fr-FR", "color_scheme": "dark"}),
    "page-narrow": ("?q=Debian+release", {"viewport": {"width": 360, "height": 760}, "locale": "en-US"}),
    "page-nothing": ("?q=how+to+cook+rice", {"viewport": {"width": 1000, "height": 520}, "locale": "en-US"}),
}


def main() -> None:
    """Index the sample corpus, serve it, and take the pictures."""
    if len(sys.argv) != 2:  # noqa: PLR2004
        sys.exit("usage: python -m docs.screenshots FOLDER")
    folder = Path(sys.argv[1])
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("pictures need a browser: apt-get install chromium")
    with TemporaryDirectory() as made, sync_playwright() as playwright:
        build([sample.path()], Path(made) / "index", encoder=load_encoder())
        with running(Path(made) / "index", Path(made) / "log") as server:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            for name, (address, options) in SHOTS.items():
                take(browser, f"{server.url}/{address}", folder / f"{name}.png", options)
            browser.close()


def take(browser: Browser, url: str, file: Path, options: dict[str, Any]) -> None:
    """Write a picture of what `url` shows once it has been answered."""
    context = browser.new_context(**options)
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector("#results[aria-busy=false]")
    page.wait_for_load_state("networkidle")
    page.screenshot(path=file)
    context.close()


if __name__ == "__main__":
    main()
