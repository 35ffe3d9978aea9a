"""BibLaTeX: an @online entry a hit, under a key that an article keeps."""

from __future__ import annotations

import hashlib
import re
import unicodedata

from search_api.citation import absolute
from search_api.formats.dates import built_on, day
from search_api.results import Hit, Results

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
# In an address nothing is escaped: what would end the field is percent-encoded.
_IN_ADDRESS = {"{": "%7B", "}": "%7D", "\\": "%5C"}
_ESCAPED = re.compile("|".join(map(re.escape, _SPECIAL)))
_KEY_LENGTH = 10


def written(results: Results, root: str) -> str:
    """Return the entries, an empty line between them."""
    return "\n".join(_entry(hit, results.build, root) for hit in results)


def _entry(hit: Hit, build: str, root: str) -> str:
    told = hit.highlight or hit.passages[0]
    link = absolute(hit.citation.permalink, root)
    fields = {
        "title": escaped(hit.title or told.text),
        "organization": escaped(hit.source),
        "date": day(hit.published),
        "language": escaped(hit.lang),
        "url": "".join(_IN_ADDRESS.get(character, character) for character in link),
        "urldate": built_on(build),
        "abstract": escaped(told.text),
        "note": f"Veille, build {escaped(build)}, SHA-256 {hit.citation.content_hash}",
    }
    lines = [f"  {name} = {{{value}}},\n" for name, value in fields.items() if value]
    return f"@online{{{key(hit)},\n{''.join(lines)}}}\n"


def key(hit: Hit) -> str:
    """Return the key of an article: the same in every build."""
    year = day(hit.published)[:4] or "nd"
    return f"veille-{year}-{hashlib.sha256(hit.article_id.encode()).hexdigest()[:_KEY_LENGTH]}"


def escaped(text: str) -> str:
    """Return a text in one line, in which TeX finds nothing to do."""
    visible = "".join(" " if unicodedata.category(character) == "Cc" else character for character in text)
    return _ESCAPED.sub(lambda found: _SPECIAL[found[0]], " ".join(visible.split()))
