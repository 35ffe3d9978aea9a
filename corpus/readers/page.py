"""What a page says of itself in its head: address, date, outlet, language."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from corpus.article import parse_date
from corpus.readers.address import web_address

DATES = (
    "article:published_time",
    "og:published_time",
    "og:article:published_time",
    "datepublished",
    "parsely-pub-date",
    "sailthru.date",
    "cxenseparse:recs:publishtime",
    "dc.date.issued",
    "dcterms.issued",
    "dc.date",
    "dcterms.date",
    "pubdate",
    "publishdate",
    "publish-date",
    "date",
)
# A page of another host that says it is this one would take its place.
SAME_SITE = ("www.", "m.", "mobile.", "amp.")


def own_address(tree: HtmlElement, url: str | None) -> str | None:
    """Return the canonical address; `url` where the page names none, or one of another site."""
    links = (
        link.get("href")
        for link in tree.iterfind(".//link[@href]")
        if "canonical" in (link.get("rel") or "").lower().split()
    )
    for named in (*links, *meta(tree, "og:url")):
        address = web_address(named, url)
        if address and (url is None or _site(address) == _site(url)):
            return address
    return url


def date_of(tree: HtmlElement) -> str | None:
    """Return the first date of JSON-LD or of meta elements, as parse_date writes it."""
    for text in (*_linked_data(tree, "datePublished"), *(value for name in DATES for value in meta(tree, name))):
        try:
            return parse_date(text)
        except ValueError:
            continue
    return None


def language_of(tree: HtmlElement) -> str:
    """Return the language tag as the page gives it, "" where it gives none."""
    given = (tree.get("lang"), tree.get("xml:lang"), *meta(tree, "content-language"), *meta(tree, "og:locale"))
    return next((tag.strip().replace("_", "-") for tag in given if tag and tag.strip()), "")


def outlet_of(tree: HtmlElement, url: str | None) -> str:
    """Return the outlet's name as the page gives it, else the host."""
    named = next((name for name in (*meta(tree, "og:site_name"), *meta(tree, "application-name")) if name.strip()), "")
    return " ".join(named.split()) or (_site(url) if url else "")


def meta(tree: HtmlElement, name: str) -> Iterator[str]:
    """Yield the content of the meta elements called `name` (small letters)."""
    for element in tree.iterfind(".//meta[@content]"):
        names = (element.get(key, "").lower() for key in ("property", "name", "itemprop", "http-equiv"))
        if name in names:
            yield element.get("content", "")


def _linked_data(tree: HtmlElement, key: str) -> Iterator[str]:
    for script in tree.iterfind(".//script[@type='application/ld+json']"):
        try:
            waiting: deque[Any] = deque([json.loads(script.text or "")])
        except (ValueError, RecursionError):
            continue
        while waiting:
            part = waiting.popleft()
            if isinstance(part, dict):
                if isinstance(part.get(key), str):
                    yield part[key]
                waiting += part.values()
            elif isinstance(part, list):
                waiting += part


def _site(url: str) -> str:
    host = (urlsplit(url).hostname or "").lower()
    prefix = next((prefix for prefix in SAME_SITE if host.startswith(prefix)), "")
    return host.removeprefix(prefix)
