"""HTML pages: one article a page. trafilatura finds its text; navigation, comments and advertisements stay out."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from corpus.article import Article
from corpus.errors import SourceError
from corpus.readers.charset import decoded
from corpus.readers.given import Found, Given
from corpus.readers.record import to_article

if TYPE_CHECKING:
    from lxml.html import HtmlElement
    from trafilatura.settings import Document

LARGEST_PAGE = 20_000_000
# Where trafilatura finds less text than this it takes all of the page, as one paragraph. News are short.
SHORTEST_ARTICLE = 40
HIDDEN_BY_STYLE = './/*[contains(translate(@style, "DISPLAYNOE ", "displaynoe"), "display:none")]'
NEVER_ARTICLE = [".//nav", ".//*[@hidden]", HIDDEN_BY_STYLE]
# They warn about every page without an article; here that is an error of its own.
for library in ("trafilatura", "htmldate"):
    logging.getLogger(library).addHandler(logging.NullHandler())


def read(given: Given) -> Iterator[Found]:
    """Yield the page's article, or what is wrong with it. A page without an address is known by its file."""
    yield parse(
        given.whole(LARGEST_PAGE),
        given.where,
        url=given.url,
        default_id=None if given.url else given.plain_name,
        moment=given.options.moment,
    )


def parse(
    content: bytes,
    where: str,
    *,
    url: str | None = None,
    charset: str | None = None,
    default_id: str | None = None,
    moment: datetime | None = None,
) -> Article | SourceError:
    """Return the article of a page, or what is wrong with it (kinds "no-text", "html", "too-large").

    `url` is where the page was found; a canonical address on the same site takes its place. `charset` is
    what the server said. `default_id` serves where the page has no address. Dates after `moment` (default: now)
    are not looked for in the text; one that the page declares is returned whatever it is. `published_from` is
    "metadata" for a date that the page declares, "page" for one found in its address or text.
    """
    if len(content) > LARGEST_PAGE:
        return SourceError(
            f"the page has {len(content):,} bytes, more than {LARGEST_PAGE:,}",
            "Leave it out, or save only its article",
            where=where,
            kind="too-large",
        )
    try:
        return _article(decoded(content, charset), where, url, default_id, moment or datetime.now(UTC))
    except SourceError as error:
        return error
    except Exception as error:  # hostile markup reaches corners of libraries that raise anything
        return SourceError(f"it cannot be read as HTML ({type(error).__name__})", where=where, kind="html")


def _article(markup: str, where: str, url: str | None, default_id: str | None, moment: datetime) -> Article:
    from lxml.etree import LxmlError

    from corpus.readers import page
    from corpus.readers.markup import text_of, tree_of

    try:
        tree = tree_of(markup)
    except (LxmlError, ValueError, AssertionError) as error:
        raise _no_text(where, str(error)) from error
    address = page.own_address(tree, url)
    declared = page.date_of(tree)
    language, outlet = page.language_of(tree), page.outlet_of(tree, address)
    found = _extracted(tree, address, moment)
    if found is None or found.body is None:
        raise _no_text(where)
    title = " ".join((found.title or "").split())
    record = {
        "title": title,
        "text": text_of(found.body).removeprefix(f"{title}\n\n"),
        "lang": language,
        "source": outlet,
        "url": address,
        "published": declared or found.date,
        "category": next(iter(found.categories or ()), None),
        **dict(_kept(found)),
    }
    dated_by = "metadata" if declared else "page"
    return to_article(record, where, dated_by=dated_by, default_id=None if address else default_id)


def _extracted(tree: HtmlElement, url: str | None, moment: datetime) -> Document | None:
    from trafilatura import bare_extraction
    from trafilatura.settings import DEFAULT_CONFIG

    config = deepcopy(DEFAULT_CONFIG)
    config.set("DEFAULT", "MIN_EXTRACTED_SIZE", str(SHORTEST_ARTICLE))
    # The extensive search takes the year of a copyright notice for a date: none is better.
    dates = {"original_date": True, "extensive_search": False, "max_date": f"{moment:%Y-%m-%d}"}
    return bare_extraction(  # type: ignore[return-value]  # a dict only where as_dict is given
        tree,
        url=url,
        include_comments=False,
        output_format="txt",
        with_metadata=True,
        date_extraction_params=dates,
        prune_xpath=NEVER_ARTICLE,
        config=config,
    )


def _kept(found: Document) -> Iterator[tuple[str, Any]]:
    if found.author:
        yield "author", found.author
    if found.tags:
        yield "tags", list(found.tags)


def _no_text(where: str, reason: str = "") -> SourceError:
    problem = f"no article was found in the page ({reason})" if reason else "no article was found in the page"
    return SourceError(problem, "Leave it out", where=where, kind="no-text")
