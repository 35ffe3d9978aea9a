"""What a page must not do while it is tested: write errors to its console, or ask another host."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page

# What Chromium itself writes for an answer of 4xx or 5xx, or none.
_ANSWERED = "Failed to load resource"


@dataclass
class Watched:
    """What a page did."""

    host: str
    errors: bool
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, page: Page, url: str, *, errors: bool) -> Watched:
        """Begin to watch a page that is to be opened at `url`."""
        watched = cls(urlsplit(url).netloc, errors)
        page.on("console", watched._message)
        page.on("pageerror", lambda error: watched.said.append(str(error)))
        page.on("request", lambda request: watched.asked.append(request.url))
        return watched

    def check(self) -> None:
        """Fail where it did what it must not."""
        assert self.said == []
        assert self.asked
        elsewhere = [url for url in self.asked if not url.startswith("blob:") and urlsplit(url).netloc != self.host]
        assert elsewhere == []

    def _message(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not (self.errors and message.text.startswith(_ANSWERED)):
            self.said.append(message.text)
