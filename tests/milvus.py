"""What tests of both kinds of Milvus share: articles with hostile names, vectors without an encoder, and questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from indexer.encoder import EncoderSpec
from indexer.facts import StoredPassage
from indexer.filter import Allowed, Filter
from indexer.milvus.vectors import MilvusVectors
from indexer.nearest import Nearest
from indexer.store import Content
from search_api import SearchEngine

# Whatever a filter's value holds, it finds the articles that have it and no others.
HOSTILE = (
    "plain",
    'a "quoted" name',
    "back\\slash",
    'both\\"',
    "it's",
    'x" or row >= 0 or source == "',
    '"] or row in [0, 1, 2',
    "line\nend",
    "return\rend",
    "tab\t",
    "{brace} %s %_*",
    "新闻",
    "😀",
    "\\u0041",
    "\u2028",
    "\\",
    '"',
    "",
    "long" * 20_000,
    "half a pair \ud83d",
)
_DIMENSION = 32


def articles() -> list[dict[str, Any]]:
    """Return 24 short articles in three languages, of sources and categories that want to be escaped."""
    langs, categories = ("en", "fr", "de"), ("science", 'the "other" one', "")
    texts = {
        "en": "Version {0} of the kernel was released today. It mends {0} faults in drivers.",
        "fr": "La version {0} du noyau est sortie aujourd’hui. Elle corrige {0} erreurs dans les pilotes.",
        "de": "Version {0} des Kerns ist heute erschienen. Sie behebt {0} Fehler in Treibern.",
    }
    return [
        {
            "id": f"a{number:02}",
            "title": f"Kernel {number}",
            "text": texts[langs[number % 3]].format(number),
            "lang": langs[number % 3],
            "source": HOSTILE[number % 7],
            "category": categories[number % 3 - 1],
            **({"published": f"20{10 + number}-0{1 + number % 9}-01T10:00:00Z"} if number % 4 else {}),
        }
        for number in range(24)
    ]


@dataclass(frozen=True, slots=True)
class Wish:
    """A question and its filters."""

    query: str
    filters: dict[str, Any]


WISHES = (
    Wish("who released the kernel", {}),
    Wish("version 7", {"lang": "fr"}),
    Wish("erreurs dans les pilotes", {"lang": ["de", "en"]}),
    *(Wish("kernel", {"source": source}) for source in HOSTILE[:7]),
    Wish("kernel", {"category": 'the "other" one'}),
    Wish("kernel", {"since": "2015-01-01"}),
    Wish("kernel", {"until": "2020-06-30"}),
    Wish("kernel", {"since": "2013-01-01", "until": "2019-12-31", "lang": "en"}),
    Wish("kernel", {"source": "nobody"}),
)


def same_answers(one: SearchEngine, other: SearchEngine) -> None:
    """Assert that two engines over the same articles answer all wishes alike."""
    for wish in WISHES:
        found = [engine.search(wish.query, 20, **wish.filters) for engine in (one, other)]
        hits = [[(hit.article_id, round(hit.score, 4)) for hit in results.hits] for results in found]
        assert hits[0] == hits[1], wish
        assert found[0].answered == found[1].answered
    near = [[hit.article_id for hit in engine.similar("a05", 5, lang="en").hits] for engine in (one, other)]
    assert near[0] == near[1]
    counted = [engine.coverage("kernel", lang="fr").buckets for engine in (one, other)]
    assert counted[0] == counted[1]


class Made:
    """Facts of articles that have nothing but what Milvus is told of them: one passage each."""

    def __init__(self, count: int) -> None:
        """`count` passages."""
        self.sources = [HOSTILE[row % len(HOSTILE)] for row in range(count)]

    def articles_in_order(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return tuple(f"a{row}" for row in range(len(self.sources))), ("en",) * len(self.sources)

    def attributes(self) -> list[tuple[str, str, str, str]]:
        return [("en", source, "", f"20{row % 30 + 10}-01-01") for row, source in enumerate(self.sources)]

    def passages(self, rows: Sequence[int]) -> list[StoredPassage]:
        return [StoredPassage(row, f"p{row}", row, 0, 0, 1, (), b"") for row in rows]


def content(count: int) -> tuple[Content, Made]:
    """Return `count` unit vectors in clusters, with what stands for their facts."""
    random = np.random.default_rng(5)
    centres = random.normal(size=(40, _DIMENSION))
    vectors = centres[random.integers(0, 40, count)] + random.normal(scale=0.6, size=(count, _DIMENSION))
    unit = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    spec = EncoderSpec("made", "1", _DIMENSION, "query: ", "passage: ", 512, "0" * 64)
    made = Made(count)
    return Content(unit, ["en"] * count, unit[:50] + np.float32(0.01), 0, made, spec), made  # type: ignore[arg-type]  # all it asks


def finds_hostile_sources(vectors: MilvusVectors, made: Made) -> None:
    """Assert that each source finds the passages that have it, and no others."""
    query = np.zeros((1, _DIMENSION), np.float32)
    query[0, 0] = 1
    for source in HOSTILE:
        rows = np.array([row for row, own in enumerate(made.sources) if own == source], np.int64)
        allowed = Allowed(np.arange(len(made.sources)), Filter(sources=(source,)))
        ((_, found),) = vectors.search(query, len(rows) + 5, allowed)
        assert sorted(found.tolist()) == rows.tolist(), repr(source[:40])


def is_nearest(vectors: Nearest, made: Content) -> None:
    """Assert that what is found, exactly, is what it is, and that scores and vectors are those that were written."""
    asked = made.questions[:5]
    rows = np.array([7, 3, 3, 500], np.int64)
    assert np.abs(vectors.vectors(rows) - made.vectors[rows]).max() < 1e-6
    for query, (scores, found) in zip(asked, vectors.search(asked, 20, exactly=True), strict=True):
        true = made.vectors @ query
        assert np.allclose(scores, np.sort(true)[::-1][:20], atol=1e-5)
        assert np.allclose(vectors.scores(query, found), scores, atol=1e-5)
