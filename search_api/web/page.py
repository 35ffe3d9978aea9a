"""The page as HTML. Articles come from anywhere: the template escapes all it is given (Jinja's autoescape)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined

from search_api.confidence import confidence
from search_api.errors import Problem
from search_api.web.asked import Asked
from search_api.web.assets import assets
from search_api.web.wording import Wording

# In each of them the sample corpus answers with the same story.
EXAMPLES = (
    ("fr", "qui menace Microsoft"),
    ("en", "who threatens Microsoft"),
    ("de", "wer droht Microsoft"),
    ("zh", "谁威胁微软"),
)
_LINKED = re.compile(r"https?://", re.IGNORECASE)
_GAP = re.compile(r"\n\s*\n")
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_LONGEST_HEADING = 90
_URN = "urn:veille:problem:"
# What the page says in its own words; other problems bring theirs.
_OWN_WORDS = {
    "key-wanted": "key",
    "too-many-requests": "rate",
    "overloaded": "busy",
    "timed-out": "busy",
    "too-many-connections": "busy",
    "index-unavailable": "unavailable",
    "no-such-article": "gone",
}


@dataclass(frozen=True, slots=True)
class View:
    """What there is to show: an answer as /search gives it, an article, or a problem; and what the index holds.

    `languages` and `sources` count articles; both empty where whoever asks may not know.
    """

    asked: Asked
    words: Wording
    answer: Mapping[str, Any] | None = None
    article: Mapping[str, Any] | None = None
    problem: Problem | None = None
    retry_after: int | None = None
    articles: int | None = None
    languages: Mapping[str, int] | None = None
    sources: Mapping[str, int] | None = None

    @property
    def sure(self) -> int:
        """How many hits there are up to the last that counts as an answer; 0 where none does."""
        if self.answer is None or not self.answer["answered"]:
            return 0
        least = likely()
        return max((place for place, hit in enumerate(self.answer["hits"], 1) if hit["confidence"] >= least), default=0)


def rendered(view: View) -> str:
    """Return the document."""
    held = assets()
    return (
        _environment()
        .get_template("page.html")
        .render(
            view=view,
            asked=view.asked,
            t=view.words,
            root=f"assets/{held.version}/",
            styles=held.named(".css"),
            scripts=[name for name in held.named(".js") if name != "app.js"],
            examples=EXAMPLES,
            words=dict(view.words.words),
            likely=likely(),
        )
    )


@cache
def likely() -> float:
    """Return the confidence from which on a hit counts as an answer: that of no evidence for or against."""
    return float(confidence(np.zeros(1))[0])


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("search_api.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.policies["json.dumps_kwargs"] = {"sort_keys": True, "ensure_ascii": False}
    made.filters.update(web=web, heading=heading, parts=parts, close=close, day=day, own_words=own_words)
    return made


def web(url: str | None) -> str | None:
    """Return an address that may become a link; None for any but http and https: "javascript:" would run here."""
    return url if url and _LINKED.match(url) else None


def heading(hit: Mapping[str, Any]) -> str:
    """Return what to show as a title: where there is none, how the article begins. Nothing where that is not known."""
    if hit["title"].strip():
        return str(hit["title"])
    first = next((passage["text"] for passage in hit["passages"] if passage["start"] == 0), "")
    beginning = " ".join(first[: _LONGEST_HEADING * 2].split())
    if len(beginning) <= _LONGEST_HEADING:
        return beginning
    cut = beginning[:_LONGEST_HEADING]
    return f"{cut[: cut.rfind(' ')] if ' ' in cut else cut}…"


def parts(text: str, start: int, found: Mapping[str, Any] | None) -> tuple[str, str, str]:
    """Return a text that begins at `start` as what comes before the sentence, the sentence, and what comes after."""
    if found is None or found["start"] < start or found["end"] > start + len(text):
        return text, "", ""
    begin, end = found["start"] - start, found["end"] - start
    return text[:begin], text[begin:end], text[end:]


def close(text: str) -> str:
    """Return a passage whose paragraphs follow each other closely."""
    return _GAP.sub("\n", text)


def day(date: str) -> str:
    """Return what a field for a date can hold; nothing where it is no day."""
    return date if _DAY.fullmatch(date) else ""


def own_words(problem: Problem) -> str | None:
    """Return the name of the page's own words for a problem, None where it has none."""
    return _OWN_WORDS.get(problem.type.removeprefix(_URN))
