"""What an index answers, and whether two answer alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from indexer import generation
from indexer.embedded import embedded_text, embedded_title
from indexer.encoder import Encoder
from indexer.generation import Generation
from indexer.verification import verify
from search_api import SearchEngine

QUESTIONS = (
    "qui menace Microsoft",
    "new release of the Ruby language",
    "Debian trauert um einen Entwickler",
    "安全漏洞",
    "utgåva av Debian",
)
# The same text in another batch of the encoder: vectors differ by less than 1e-5, a code in a thousand by a bit.
TOLERANCE = 5e-3


@dataclass(frozen=True)
class Answer:
    """One hit: what is shown of it."""

    article: str
    title: str
    passages: frozenset[tuple[str, str]]
    highlight: str
    score: float


Answers = list[list[Answer]]


def answers(index: Path, encoder: Encoder) -> Answers:
    """Return all that the served generation answers to the questions, best first."""
    found = Generation.open(index)
    with SearchEngine(found, encoder) as engine:
        return answers_of(engine)


def answers_of(engine: SearchEngine) -> Answers:
    """Return all that an engine answers to the questions, best first."""
    return [
        [
            Answer(
                hit.article_id,
                hit.title,
                frozenset((passage.id, passage.text) for passage in hit.passages),
                hit.highlight.text if hit.highlight else "",
                hit.score,
            )
            for hit in engine.search(question, 100)
        ]
        for question in QUESTIONS
    ]


def alike(some: Answers, others: Answers) -> bool:
    """Say whether two indexes answer the same, but for what the order of encoding adds to a score."""
    return len(some) == len(others) and all(map(_alike, some, others))


def texts(index: Path, encoder: Encoder) -> Iterable[str]:
    """Yield what was embedded for each passage of the served generation."""
    found = Generation.open(index)
    try:
        for passage in found.facts.passages(range(found.manifest.passages)):
            article = found.facts.articles([passage.article_row])[passage.article_row]
            yield embedded_text(embedded_title(encoder, article.title), article.text[passage.start : passage.end])
    finally:
        found.close()


def whole(index: Path) -> str:
    """Return the name of the served generation after every byte of it was found to be right."""
    assert verify(index)
    name = generation.current_name(index)
    assert not name.startswith(".")
    return name


def _alike(some: list[Answer], others: list[Answer]) -> bool:
    by_id = {answer.article: answer for answer in others}
    if len(some) != len(others) or {answer.article for answer in some} != set(by_id):
        return False
    return all(
        (own.title, own.passages, own.highlight) == (other.title, other.passages, other.highlight)
        and abs(own.score - other.score) < TOLERANCE
        for own in some
        for other in [by_id[own.article]]
    )
