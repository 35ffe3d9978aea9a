"""How a hit can be cited: what was found, in which text, by which build; and a link that leads to the sentence."""

from __future__ import annotations

import re
from urllib.parse import quote, urljoin

from corpus.article import Article
from indexer.manifest import Manifest
from search_api.results import Citation, Highlight, PassageHit

# Addresses come from articles: what a browser would run, or read otherwise than it looks, is none.
_WEB = re.compile(r"https?://[^\s\x00-\x1f\x7f<>\"\\]+", re.IGNORECASE)
_RESERVED = re.compile(r"[^A-Za-z0-9_.~%]+")
# A longer quotation is given by its first and its last words: browsers cut long addresses off.
_LONGEST = 300
_WORDS = 5
_DIRECTIVE = ":~:"


def cited(
    manifest: Manifest, article: Article, content_hash: str, found: Highlight | PassageHit, root: str = ""
) -> Citation:
    """Return how to cite what was found in an article: the sentence that answers, or a passage.

    `content_hash` is the article's; `root` the address of the service, for an article without a page of its own, ""
    where it is not known.
    """
    link = web_address(article.url)
    return Citation(
        build=manifest.build,
        model=manifest.encoder.model,
        revision=manifest.encoder.revision,
        content_hash=content_hash,
        permalink=root + own_address(article.id) if link is None else with_quotation(link, found.text),
        start=found.start,
        end=found.end,
    )


def web_address(url: str | None) -> str | None:
    """Return an address that may become a link; None for any but plain http and https."""
    return url if url is not None and _WEB.fullmatch(url) else None


def own_address(article_id: str) -> str:
    """Return where the page of a service shows the article, relative to its root."""
    return f"?read={quote(article_id, safe='')}"


def absolute(permalink: str, root: str) -> str:
    """Return a permalink as it is seen from outside, of a service at `root`; nothing where that is not known."""
    if _WEB.match(permalink):
        return permalink
    return urljoin(root, permalink) if root else ""


def with_quotation(url: str, text: str) -> str:
    """Return an address that leads to some words of its page, where they still stand there.

    A text directive: https://wicg.github.io/scroll-to-text-fragment/. Browsers that know none go to the page.
    """
    page, _, fragment = url.partition("#")
    words = text.split()
    if not words:
        return url
    wanted = " ".join(words)
    if len(wanted) <= _LONGEST:
        directive = _encoded(wanted)
    elif len(words) > 2 * _WORDS:
        directive = f"{_encoded(' '.join(words[:_WORDS]))},{_encoded(' '.join(words[-_WORDS:]))}"
    else:
        # Without spaces, as in Chinese, all but the first and the last of it is left out.
        directive = f"{_encoded(wanted[: _LONGEST // 10])},{_encoded(wanted[-_LONGEST // 10 :])}"
    return f"{page}#{fragment.partition(_DIRECTIVE)[0]}{_DIRECTIVE}text={directive}"


def _encoded(text: str) -> str:
    # As urllib's quote does, in a quarter of the time; but a hyphen would be read as the end of a prefix, or the
    # beginning of a suffix. Spaces by themselves, as they stand alone and are many.
    return _RESERVED.sub(_escaped, text.replace("%", "%25").replace(" ", "%20"))


def _escaped(run: re.Match[str]) -> str:
    return f"%{run[0].encode().hex('%').upper()}"
