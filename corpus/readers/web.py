"""Addresses into articles: a feed's entries, the pages that they link to, or one page."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, replace

from corpus.article import Article
from corpus.errors import SourceError
from corpus.fetching import Fetched, Fetcher, FetchError, Validators
from corpus.fetching.memory import Remembered
from corpus.readers import feed, html
from corpus.readers.entry import Entry

# A feed of more new entries is followed further when it is read next time.
MOST_FOLLOWED = 500
SNIFFED = 4096
# What a document begins with: its first element, after declarations and comments.
_FIRST_ELEMENT = re.compile(
    r"\A(?>\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[.*?\])?\s*>)*+<([\w:.-]+)", re.DOTALL | re.IGNORECASE
)
_OF_FEEDS = frozenset({"rss", "feed", "rdf"})
_TYPES_OF_FEEDS = ("application/rss", "application/atom", "application/rdf", "application/feed+json")
_JSON_FEED = b"jsonfeed.org/version"
_TYPES_OF_PAGES = ("text/html", "application/xhtml")
# How an entry was read: with its page; as the feed has it; so because its page is not to be had.
_WHOLE, _OWN, _NO_PAGE = "whole", "own", "no-page"
# The key of a page among the entries: those of feeds are digests.
_PAGE = ""


def is_address(source: object) -> bool:
    """Say whether a source is an address of the web rather than a file."""
    return isinstance(source, str) and re.match(r"https?://", source.strip(), re.IGNORECASE) is not None


class AddressReading:
    """Reads one address once. After `records` has ended, the other fields say how it went.

    `seen`: what to remember. `new`: articles that were read. `unchanged`: entries that were read before and are as
    they were. `failure`: why the address could not be read. `pages_missed`: why pages that entries link to could not
    be read; the feed's own text stands for them where it has any.
    """

    def __init__(self, url: str, fetcher: Fetcher, known: Remembered, *, follow: bool) -> None:
        """Take what is remembered of the address."""
        self.seen = known
        self.new = 0
        self.unchanged = 0
        self.failure: SourceError | None = None
        self.pages_missed: list[SourceError] = []
        self._url = url
        self._fetcher = fetcher
        self._known = known
        self._follow = follow
        self._entries: dict[str, str] = {}
        self._finished = True

    def records(self) -> Iterator[Article | SourceError]:
        """Yield each article that is new or changed, or what is wrong with it."""
        for found in self._records():
            self.new += isinstance(found, Article)
            yield found

    def _records(self) -> Iterator[Article | SourceError]:
        known = self._known
        try:
            # Entries that were not followed are to be followed now.
            fetched = self._fetcher.fetch(self._url, known.validators if known.follow or not self._follow else None)
            if fetched.unchanged:
                self.unchanged = len(known.entries)
                self.seen = replace(known, failures=0, rest_until=0.0)
                return
            yield from self._feed(fetched) if _is_feed(fetched) else self._page(fetched)
        except SourceError as error:
            self.failure = error
            self.seen = replace(known, validators=Validators())
            yield error
            return
        self.seen = Remembered(
            # Where something is left to be read, the server must not say next time that nothing is new.
            validators=fetched.validators if self._finished else Validators(),
            entries=self._entries,
            follow=self._follow,
        )

    def _page(self, fetched: Fetched) -> Iterator[Article]:
        if self._known.entries and _PAGE not in self._known.entries:
            # Such as "We will be back soon", which is no article.
            raise SourceError("it was a feed before, and is a page now", where=self._url, kind="feed")
        version = hashlib.sha256(fetched.content).hexdigest()[:20]
        if self._known.entries.get(_PAGE) == version:
            self.unchanged = 1
        else:
            yield _article_of(fetched, self._url)
        self._entries[_PAGE] = version

    def _feed(self, fetched: Fetched) -> Iterator[Article | SourceError]:
        entries = feed.entries(fetched.content, self._url, url=fetched.url)
        followed = 0
        for number, entry in enumerate(entries, 1):
            key, version = _key(entry), _version(entry)
            if key in self._entries:
                continue  # what stands first in a feed is the newest
            known = self._known.entries.get(key, "")
            how, _, before = known.partition(" ")
            if version == before and (not self._follow or entry.link is None or how != _OWN):
                self.unchanged += 1
                self._entries[key] = known
                continue
            where = f"{self._url}: entry {number}"
            if not self._follow or entry.link is None:
                yield from self._own(entry, where, key, f"{_OWN} {version}")
            elif followed < MOST_FOLLOWED:
                followed += 1
                yield from self._followed(entry, entry.link, where, key, version, was_whole=how == _WHOLE)
            else:
                self._finished = False

    def _own(self, entry: Entry, where: str, key: str, version: str) -> Iterator[Article | SourceError]:
        """Yield what the feed itself has of an entry."""
        try:
            yield feed.to_article(entry, where)
            self._entries[key] = version
        except SourceError as error:
            yield error

    def _followed(
        self, entry: Entry, link: str, where: str, key: str, version: str, *, was_whole: bool
    ) -> Iterator[Article | SourceError]:
        """Yield an entry with the text of its page, with its own where the page is not to be had or has less."""
        try:
            page = _article_of(self._fetcher.fetch(link), link)
            yield _joined(entry, page, where)
            self._entries[key] = f"{_WHOLE} {version}"
            return
        except SourceError as error:
            missed = error
        self.pages_missed.append(missed)
        again = isinstance(missed, FetchError) and missed.temporary
        self._finished = self._finished and not again
        if was_whole:
            # The index holds the whole text of an earlier version: better than the beginning of this one.
            self._entries[key] = self._known.entries[key] if again else f"{_WHOLE} {version}"
            return
        try:
            yield feed.to_article(entry, where)
        except SourceError:
            yield missed
        if not again:
            self._entries[key] = f"{_NO_PAGE} {version}"


def _article_of(fetched: Fetched, where: str) -> Article:
    """Return the article of a page. Raises SourceError."""
    kind, charset = _content_type(fetched)
    if not kind.startswith(_TYPES_OF_PAGES) and _first_element(fetched.content) != "html":
        raise SourceError(
            f"it is neither a page nor a feed ({kind or 'no content type'})",
            "Leave it out",
            where=where,
            kind="content-type",
        )
    found = html.parse(fetched.content, where, url=fetched.url, charset=charset, moment=fetched.at)
    if isinstance(found, SourceError):
        raise found
    return found


def _joined(entry: Entry, page: Article, where: str) -> Article:
    """Return the page's article, known and dated as the feed says; the feed's text where it is the longer one."""
    try:
        own = feed.to_article(entry, where)
    except SourceError:
        own = None
    if own and len(own.text) > len(page.text):
        return own
    known = own or feed.to_article(replace(entry, text=page.text, html=""), where)
    return replace(
        known,
        text=page.text,
        title=known.title or page.title,
        lang=page.lang,
        source=known.source or page.source,
        published=known.published or page.published,
        published_from=known.published_from if known.published else page.published_from,
        category=known.category or page.category,
        metadata={**page.metadata, **known.metadata},
    )


def _is_feed(fetched: Fetched) -> bool:
    """Tell a feed from a page, by what it is rather than by what the server calls it."""
    first = _first_element(fetched.content)
    if first == "html":
        return False
    if first in _OF_FEEDS:
        return True
    kind, _ = _content_type(fetched)
    if kind.startswith(_TYPES_OF_FEEDS) or _JSON_FEED in fetched.content[:SNIFFED]:
        return True
    return (kind.endswith("xml") and not kind.startswith(_TYPES_OF_PAGES)) or kind == "application/json"


def _first_element(content: bytes) -> str:
    start = content[:SNIFFED]
    encoding = "utf-16" if start[:2] in {b"\xff\xfe", b"\xfe\xff"} else "latin-1"
    text = start.decode(encoding, "replace").removeprefix("\xef\xbb\xbf")
    found = _FIRST_ELEMENT.match(text)
    return found[1].rpartition(":")[2].lower() if found else ""


def _content_type(fetched: Fetched) -> tuple[str, str | None]:
    """Return the media type, in small letters, and the charset that the server named."""
    kind, _, parameters = fetched.content_type.partition(";")
    charset = re.search(r"""charset\s*=\s*["']?([\w.:-]{1,40})""", parameters, re.IGNORECASE)
    return kind.strip().lower(), charset[1] if charset else None


def _key(entry: Entry) -> str:
    return _digest([entry.link or entry.guid or entry.title])


def _version(entry: Entry) -> str:
    return _digest(asdict(entry))


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:20]
