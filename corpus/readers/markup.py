"""HTML into plain text: a blank line between paragraphs, nothing that a browser would not show."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


UNSEEN = _words(
    "script style noscript template iframe object embed svg math title canvas audio video "
    "button select option datalist textarea input dialog"
)
PARAGRAPHS = _words(
    "address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure footer "
    "form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main nav ol p pre section summary table tbody tfoot "
    "thead tr ul "
    # as trafilatura calls them
    "head item list quote row"
)
CELLS = frozenset({"td", "th", "cell"})
LINE_BREAKS = frozenset({"br", "lb"})
HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
# Not seen, but they would part words: soft hyphen, zero-width spaces, directions. The two joiners stay:
# Persian and Hindi are not spelled without them.
ZERO_WIDTH = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
# What lxml refuses or stops at.
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
UNREAD = re.compile(r"<(?P<tag>script|style)\b.*?(?:</(?P=tag)[^>]*>?|\Z)|<!--.*?(?:-->|\Z)", re.IGNORECASE | re.DOTALL)
TAG = re.compile(r"<[^<>]*>")
BLANK_LINES = re.compile(r"\n[^\S\n]*\n\s*")
# Stand for breaks until white space is tidied; no text holds them.
_PARAGRAPH = "\x1e"
_LINE = "\x1f"


def plain_text(markup: str) -> str:
    """Return what a browser would show of a piece of HTML. Never raises; plain text keeps its paragraphs."""
    markup = NOT_XML.sub(" ", markup)
    if "<" in markup:
        try:
            return text_of(tree_of(markup))
        except (etree.LxmlError, ValueError, AssertionError):
            markup = TAG.sub(" ", UNREAD.sub(" ", markup))
    return _tidy(BLANK_LINES.sub(_PARAGRAPH, NOT_XML.sub(" ", html.unescape(markup))))


def tree_of(markup: str) -> HtmlElement:
    """Return the root of a page, or of a piece of one.

    Raises lxml's errors, ValueError or AssertionError where nothing is in it, or where it is nested more than
    2,048 deep: libxml2 would pass over the rest without a word.
    """
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False, huge_tree=True)
    root = document_fromstring(NOT_XML.sub(" ", markup).encode(), parser=parser)
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise ValueError("it is nested too deep")
    return root


def text_of(root: etree._Element) -> str:
    """Return the text below an element of HTML, or of trafilatura's own tags."""
    return _tidy("".join(_pieces(root)))


def _pieces(root: etree._Element) -> Iterator[str]:
    """Yield texts and breaks in their order. Without recursion: pages nest as deep as they like."""
    unseen: etree._Element | None = None
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if event == "start" and unseen is None:
            if element is not root and _is_unseen(element):
                unseen = element
                continue
            yield _break(element.tag)
            yield element.text or ""
        elif event == "end" and unseen in (None, element):
            if unseen is None and element.tag not in LINE_BREAKS:
                yield _break(element.tag)
            unseen = None
            if element is not root:
                yield element.tail or ""


def _break(tag: str) -> str:
    if tag in PARAGRAPHS:
        return _PARAGRAPH
    if tag in LINE_BREAKS:
        return _LINE
    return " " if tag in CELLS else ""


def _is_unseen(element: etree._Element) -> bool:
    # A comment's tag is a function.
    if not isinstance(element.tag, str) or element.tag in UNSEEN:
        return True
    return "hidden" in element.attrib or bool(HIDDEN.search(element.get("style", "")))


def _tidy(text: str) -> str:
    """Return paragraphs with one space between words, their lines kept, blank lines between them."""
    paragraphs = (_lines(paragraph) for paragraph in ZERO_WIDTH.sub("", text).split(_PARAGRAPH))
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def _lines(paragraph: str) -> str:
    lines = (" ".join(line.split()) for line in paragraph.split(_LINE))
    return "\n".join(line for line in lines if line)
