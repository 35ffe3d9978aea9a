"""From the candidates of a search to hits: their articles, the sentence that answers, how sure that is, and copies."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from corpus.article import Article
from indexer.generation import Generation
from search_api.citation import cited
from search_api.companions import Companions
from search_api.confidence import Judge, confidence
from search_api.fusion import Question
from search_api.highlight import Highlighter, Read
from search_api.questions import Step
from search_api.results import Copy, Highlight, Hit, PassageHit
from search_api.retrieval import Candidate, ScoredPassage


class Answers:
    """Makes hits of what one generation was found to have. Threads may share it."""

    def __init__(
        self,
        generation: Generation,
        highlighter: Highlighter,
        judge: Judge,
        companions: Companions,
        *,
        step: Step,
        root: str,
    ) -> None:
        """`root` is the address of the service, "" where there is none."""
        self._generation = generation
        self._highlighter = highlighter
        self._judge = judge
        self._companions = companions
        self._step = step
        self._root = root

    def to_question(
        self, query: str, read: Read, question: Question, found: Sequence[Candidate], *, group: bool
    ) -> tuple[list[Hit], NDArray[np.float64]]:
        """Return a hit for each candidate, and the evidence that each answers, float64 (found,).

        `query` and `read` are the question as it is understood and was read. With `group` hits have their copies.
        """
        with self._step("articles"):
            articles = self._articles(found)
        first = [(articles[candidate.article_row][0], candidate.passages[0]) for candidate in found]
        evidence = self._judge.evidence(query, question, found)
        sure = confidence(evidence).tolist()
        with self._step("highlight"):
            highlights = self._highlighter.best(query, read, [(article, [scored]) for article, scored in first])
        hits = [
            self._hit(articles[candidate.article_row], candidate, copies, highlight, probability)
            for candidate, copies, highlight, probability in zip(
                found, self._copies(found, group=group), highlights, sure, strict=True
            )
        ]
        return hits, evidence

    def alike(self, found: Sequence[Candidate], *, group: bool) -> list[Hit]:
        """Return a hit for each candidate where nothing was asked."""
        articles = self._articles(found)
        return [
            self._hit(articles[candidate.article_row], candidate, copies)
            for candidate, copies in zip(found, self._copies(found, group=group), strict=True)
        ]

    def highlights(self, query: str, read: Read, rows: Sequence[int]) -> list[Highlight]:
        """Return the sentence of each of the articles at `rows`, all of it read, that answers best."""
        articles = self._generation.facts.articles(rows)
        groups = [
            (articles[row], [ScoredPassage(passage, 0.0) for passage in self._generation.facts.passages_of(row)])
            for row in rows
        ]
        return self._highlighter.best(query, read, groups)

    def _articles(self, found: Sequence[Candidate]) -> dict[int, tuple[Article, str]]:
        return self._generation.facts.hashed_articles(candidate.article_row for candidate in found)

    def _copies(self, found: Sequence[Candidate], *, group: bool) -> list[tuple[Copy, ...]]:
        return self._companions.of([candidate.article_row for candidate in found]) if group else [()] * len(found)

    def _hit(
        self,
        hashed: tuple[Article, str],
        candidate: Candidate,
        copies: tuple[Copy, ...],
        highlight: Highlight | None = None,
        sure: float | None = None,
    ) -> Hit:
        article, content_hash = hashed
        passages = tuple(_passage(article.text, scored) for scored in candidate.passages)
        return Hit(
            article_id=article.id,
            title=article.title,
            source=article.source,
            published=article.published,
            lang=article.lang,
            url=article.url,
            category=article.category,
            score=candidate.score,
            passages=passages,
            highlight=highlight,
            confidence=sure,
            copies=copies,
            citation=cited(self._generation.manifest, article, content_hash, highlight or passages[0], self._root),
        )


def _passage(text: str, scored: ScoredPassage) -> PassageHit:
    passage = scored.passage
    return PassageHit(passage.id, text[passage.start : passage.end], passage.start, passage.end, scored.score)
