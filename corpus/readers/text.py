"""Plain text and Markdown: one article a file, with optional YAML front matter between lines of ---.

Front matter may give id, title, date (or published), lang, source, url and category; what else it gives
is kept as metadata. A Markdown file without a title takes its first "# heading", which then leaves
the text. Other markup stays. Without an id or url in it, a file's id is its path below the source, so
that editing a file replaces its article.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import frontmatter
import yaml

from corpus.article import Article, new_article_id
from corpus.errors import SourceError
from corpus.readers.given import Found, Given
from corpus.readers.record import to_article

HEADING = re.compile(r"\A\s*#[ \t]+(?P<title>[^\n]*?)[ \t]*#*[ \t]*(?:\n|\Z)")
ENCODING = "utf-8-sig"
LONGEST_FRONT = 1 << 16


class _Loader(yaml.SafeLoader):
    """Reads in Python, as the loader in C crashes on deep nesting; no aliases, of which some lines make gigabytes."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.MarkedYAMLError(problem="it has an alias", problem_mark=self.peek_event().start_mark)  # type: ignore[no-untyped-call]
        return super().compose_node(parent, index)


def read(given: Given) -> Iterator[Found]:
    """Yield the file's article, or what is wrong with it."""
    try:
        yield _article(given.whole().decode(ENCODING), given)
    except UnicodeDecodeError as error:
        problem = f"it is not UTF-8 (byte {error.start + 1})"
        yield SourceError(problem, "Convert the file", where=given.where, kind="encoding")


def _article(content: str, given: Given) -> Article:
    front, text = _split(content, given.where)
    if given.suffix != ".txt" and not front.get("title") and (heading := HEADING.match(text)):
        front = {**front, "title": heading["title"]}
        text = text[heading.end() :]
    front = {key: _scalar(key, value) for key, value in front.items()} | {"text": text}
    url = front.get("url") or front.get("link")
    default_id = new_article_id(str(url), "", "", "") if url else given.plain_name
    return to_article(front, given.where, dated_by="front-matter", default_id=default_id)


def _split(content: str, where: str) -> tuple[Mapping[str, Any], str]:
    content = re.sub("\r\n?", "\n", content)
    handler = frontmatter.YAMLHandler()
    if not handler.detect(content):
        return {}, content
    try:
        front, text = handler.split(content)
    except ValueError:
        return {}, content  # a rule at the top of a text: nothing closes it
    if len(front) > LONGEST_FRONT:
        raise _unreadable(f"it has more than {LONGEST_FRONT:,} characters", where)
    try:
        given = handler.load(front, Loader=_Loader) or {}
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        # The mark counts from the line after the opening ---, from 0.
        place = f"{where}:{mark.line + 2}" if mark else where
        raise _unreadable(getattr(error, "problem", None) or str(error), place) from error
    if not isinstance(given, dict):
        raise _unreadable(f"it is a {type(given).__name__}, not keys and values", where)
    return given, text


def _unreadable(reason: str, where: str) -> SourceError:
    remedy = "Mend what stands between the lines of ---"
    return SourceError(f"its front matter cannot be read: {reason}", remedy, where=where, kind="front-matter")


def _scalar(key: str, value: Any) -> Any:
    """Return a date or number that YAML recognised as the text it was written as."""
    if key in {"date", "published"} and hasattr(value, "isoformat"):
        return value.isoformat()
    if key in {"title", "id", "category", "source", "publisher"} and isinstance(value, (int, float)):
        return str(value)
    return value
