"""News as an Atom feed (RFC 4287). Equal news give equal bytes: nothing in it tells the build, the time or the host.

But for the links to the feed itself and to the page, which its reader follows back.
"""

from __future__ import annotations

import json
import re
import uuid
from typing import Final
from xml.etree import ElementTree as ET

from corpus.languages import UNDETERMINED
from search_api.news import News, Story, moment

MEDIA_TYPE: Final = "application/atom+xml"
_NAMESPACE: Final = "http://www.w3.org/2005/Atom"
_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_NAME: Final = "Veille"
# Never changed: whoever has read an entry knows it by its id, whatever server and build it comes from.
_ENTRIES: Final = uuid.uuid5(uuid.NAMESPACE_URL, "urn:veille:article")
_FEEDS: Final = uuid.uuid5(uuid.NAMESPACE_URL, "urn:veille:question")
# When a feed without entries was updated last: it must say something, and the same each time.
_NEVER: Final = "1970-01-01T00:00:00Z"
_ILLEGAL: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_WEB: Final = re.compile(r"https?://[^\s<>\"{}|\\^`]+", re.IGNORECASE)


def feed(news: News, *, itself: str, page: str) -> bytes:
    """Return a feed as UTF-8. `itself` and `page` are the addresses of the feed and of the page of the question."""
    root = ET.Element("feed", {"xmlns": _NAMESPACE})
    _add(root, "id", _feed_id(news))
    _add(root, "title", f"{_NAME}: {news.query}" if news.query else _NAME)
    _add(root, "updated", updated(news) or _NEVER)
    _add(_add(root, "author"), "name", _NAME)
    _add(root, "generator", _NAME)
    _add(root, "link", rel="self", type=MEDIA_TYPE, href=itself)
    _add(root, "link", rel="alternate", type="text/html", href=page)
    for story in news.stories:
        _entry(_add(root, "entry"), story)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def updated(news: News) -> str | None:
    """Return when anything in it changed last, None where it is empty."""
    return max((story.updated for story in news.stories), default=None)


def _entry(entry: ET.Element, story: Story) -> None:
    article = story.article
    if article.lang != UNDETERMINED:
        entry.set(_LANG, article.lang)
    _add(entry, "id", uuid.uuid5(_ENTRIES, article.id).urn)
    _add(entry, "title", article.title or story.sentence or article.id)
    _add(entry, "updated", story.updated)
    _add(entry, "published", moment(article.published or _NEVER))
    if article.source:
        _add(_add(entry, "author"), "name", article.source)
        _add(_add(entry, "source"), "title", article.source)
    if article.category:
        _add(entry, "category", term=article.category)
    if article.url and _WEB.fullmatch(article.url):
        _add(entry, "link", rel="alternate", href=article.url)
        _add(entry, "summary", story.sentence, type="text")
    else:
        # What links to nowhere must bring its content along.
        _add(entry, "content", story.sentence, type="text")


def _feed_id(news: News) -> str:
    wanted = news.wanted
    lists = [sorted(values) for values in (wanted.langs, wanted.sources, wanted.categories)]
    return uuid.uuid5(_FEEDS, json.dumps([news.query, *lists, wanted.since, wanted.before])).urn


def _add(parent: ET.Element, tag: str, text: str | None = None, **attributes: str) -> ET.Element:
    made = ET.SubElement(parent, tag, {name: _legal(value) for name, value in attributes.items()})
    if text is not None:
        made.text = _legal(text)
    return made


def _legal(text: str) -> str:
    """Return `text` on one line, without what XML 1.0 has no way to write."""
    return " ".join(_ILLEGAL.sub("", text).split())
