"""What holds for whatever a reader is given: articles and errors of sources come out, whole, and nothing else."""

from __future__ import annotations

import io
import json
import re

from corpus.article import Article
from corpus.errors import SourceError
from corpus.readers.dates import dated_by
from corpus.readers.formats import HEAD, READERS, by_content
from corpus.readers.given import Found, Given

DATE = re.compile(r"\d{1,4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?")
ADDRESS = re.compile(r"https?://\S+")
HARMFUL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
FROM_MARKUP = (".html", ".rss", ".atom", ".warc")


def found_in(name: str, content: bytes) -> list[Found]:
    """Return what a reader makes of a file; fail where it is not sound. What ends a file is its last error."""
    given = Given(where=name, name=name, origin=name, opener=lambda: io.BytesIO(content))
    found: list[Found] = []
    try:
        reader = READERS.get(given.suffix) or by_content(given.head(HEAD))
        for one in reader(given) if reader else ():
            found.append(one)
            if isinstance(one, Article):
                found[-1] = dated_by(one, given.options.moment, name, given.report)
    except (SourceError, OSError) as error:
        if isinstance(error, OSError):
            raise AssertionError(f"bytes in memory raise {error!r}") from error
        found.append(error)
    for one in found:
        check(one, name)
    return found


def check(found: Found, name: str) -> None:
    """Fail where an article or an error is not as the rest of the house expects them."""
    if isinstance(found, SourceError):
        assert found.kind
        assert found.where.startswith(name)
        assert found.problem
        return
    assert isinstance(found, Article), type(found)
    assert found.text.strip()
    assert found.text == found.text.strip("\n ")
    assert found.id
    for shown in (found.id, found.title, found.text, found.source, found.url or "", found.category or ""):
        assert not HARMFUL.search(shown), ascii(shown)
    assert "\n" not in found.title
    assert found.published is None or DATE.fullmatch(found.published)
    assert found.published is None or found.published_from
    assert found.url is None or not name.endswith(FROM_MARKUP) or ADDRESS.fullmatch(found.url), found.url
    json.dumps(dict(found.metadata), allow_nan=False).encode()
    assert len(found.content_hash) == 64
