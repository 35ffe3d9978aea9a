"""Plain text and Markdown: one article a file, with optional YAML front matter between lines of ---.

Front matter may give id, title, date (or published), lang, source, url and category; what else it gives
is kept as metadata. A Markdown file without a title takes its first "# heading", which then leaves
the text. Other markup stays. Without an id or url in it, a file's id is its path below the source, so
that editing a file replaces its article.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import frontmatter
import yaml

from corpus.article import Article, new_article_id
from corpus.errors import SourceError
from corpus.readers.record import to_article

HEADING = re.compile(r"\A\s*#[ \t]+(?P<title>[^\n]*?)[ \t]*#*[ \t]*(?:\n|\Z)")
ENCODING = "utf-8-sig"


def read(file: Path, source: Path) -> Iterator[Article | SourceError]:
    """Yield the file's article, or what is wrong with it."""
    where = str(file)
    try:
        content = file.read_bytes().decode(ENCODING)
        yield _article(content, file, source)
    except UnicodeDecodeError as error:
        yield SourceError(f"it is not UTF-8 (byte {error.start + 1})", "Convert the file", where=where, kind="encoding")
    except OSError as error:
        yield SourceError(f"it cannot be read ({error.strerror})", where=where, kind="unreadable")
    except SourceError as error:
        yield error


def _article(content: str, file: Path, source: Path) -> Article:
    given, text = _split(content, str(file))
    if file.suffix.lower() != ".txt" and not given.get("title") and (heading := HEADING.match(text)):
        given = {**given, "title": heading["title"]}
        text = text[heading.end() :]
    path = file.relative_to(source).as_posix() if source.is_dir() else file.name
    given = {key: _scalar(key, value) for key, value in given.items()} | {"text": text}
    url = given.get("url") or given.get("link")
    default_id = new_article_id(str(url), "", "", "") if url else path
    return to_article(given, str(file), dated_by="front-matter", default_id=default_id)


def _split(content: str, where: str) -> tuple[Mapping[str, Any], str]:
    content = re.sub("\r\n?", "\n", content)
    handler = frontmatter.YAMLHandler()
    if not handler.detect(content):
        return {}, content
    try:
        front, text = handler.split(content)
    except ValueError:
        return {}, content  # a rule at the top of a text: nothing closes it
    try:
        given = handler.load(front) or {}
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
