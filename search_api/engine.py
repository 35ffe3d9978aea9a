"""SearchEngine: what notebooks, the command line and HTTP all ask."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import cached_property
from os import PathLike
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from corpus.article import Article
from indexer.encoder import Encoder
from indexer.encoders import load_encoder
from indexer.errors import EncoderMismatch
from indexer.facts import Filter
from indexer.generation import Generation
from indexer.history import Revision
from indexer.vectors import Neighbours, mean_direction
from search_api.article_vectors import vectors_of
from search_api.census import Census
from search_api.citation import cited
from search_api.companions import Companions
from search_api.confidence import Judge, confidence
from search_api.coverage import By, Coverage, check_by
from search_api.errors import ArticleMissing
from search_api.explanation import Explainer
from search_api.filters import ANY, QUERY, Date, make_filter, make_preference, notes_on
from search_api.fusion import Question
from search_api.highlight import Highlighter, Read
from search_api.info import IndexInfo
from search_api.news import MOST_STORIES, News, stories_at
from search_api.queries import (
    LONGEST_QUERY,
    RERANK_TOP,
    check_k,
    check_passages,
    check_rerank_top,
    clean_query,
    readable,
)
from search_api.reading import Reading
from search_api.reranking import Reranker, Reranking
from search_api.results import Copy, Highlight, Hit, PassageHit, Results
from search_api.retrieval import NEAREST, Candidate, ScoredPassage, rank, retrieve
from search_api.suggesting import Suggester
from search_api.suggestions import Suggestion

PASSAGES = 3
_SPECIAL_TOKENS = 2
Step = Callable[[str], AbstractContextManager[object]]


class SearchEngine:
    """Answers questions from one generation of an index. Safe to share between threads.

    Close it, or use it in a `with` statement.
    """

    def __init__(
        self,
        generation: Generation,
        encoder: Encoder,
        *,
        dense_only: bool = False,
        reranker: Reranker | None = None,
        rerank_top: int = RERANK_TOP,
        longest_query: int = LONGEST_QUERY,
        step: Step = nullcontext,
        root: str = "",
    ) -> None:
        """Take the parts as they are. `dense_only` leaves a question's words and tokens out, for comparison.

        A `reranker` puts the first `rerank_top` (1..1000) articles into its own order. `longest_query` is in
        characters. `step` is given the name of each step of answering, and entered and left around it. `root` is the
        address of the service that answers, for permalinks: without it they are relative to that. Raises
        EncoderMismatch where the vectors may not be compared, QueryError where `rerank_top` is out of range.
        """
        top = check_rerank_top(rerank_top)
        self._generation = generation
        self._encoder = encoder
        self._dense_only = dense_only
        self._longest_query = longest_query
        self._step = step
        self._root = root
        self._reranking = None if reranker is None else Reranking(generation, reranker, top)
        _check_encoder(generation, encoder)
        self._highlighter = Highlighter(generation, encoder)
        self._judge = Judge(generation)
        self._companions = Companions(generation)
        self._census = Census(generation, self._judge)
        self._suggester = Suggester(generation, self._census)

    @classmethod
    def open(
        cls,
        index_dir: str | PathLike[str],
        *,
        model: str | None = None,
        dense_only: bool = False,
        reranker: str | None = None,
        rerank_top: int = RERANK_TOP,
    ) -> SearchEngine:
        """Open the index in `index_dir` with the encoder it was built with, or with `model`.

        `reranker` is the name or the folder of a sentence-transformers CrossEncoder. Raises IndexMissing, IndexDamaged,
        SchemaMismatch, EncoderError, EncoderMismatch, RerankerError or QueryError.
        """
        check_rerank_top(rerank_top)
        generation = Generation.open(Path(index_dir))
        try:
            second = None if reranker is None else Reranker.load(reranker)
            encoder = load_encoder(model or generation.manifest.encoder.model)
            return cls(generation, encoder, dense_only=dense_only, reranker=second, rerank_top=rerank_top)
        except BaseException:
            generation.close()
            raise

    def __enter__(self) -> SearchEngine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the index's files."""
        self._generation.close()

    def search(
        self,
        query: str,
        k: int = 10,
        *,
        lang: str | Sequence[str] = (),
        source: str | Sequence[str] = (),
        since: Date | None = None,
        until: Date | None = None,
        category: str | Sequence[str] = (),
        prefer: str | Sequence[str] = ANY,
        passages_per_article: int = PASSAGES,
        group: bool = True,
        explain: bool = False,
        reading: Reading | None = None,
    ) -> Results:
        """Return the `k` (1..1000) articles that answer `query` best; fewer only where fewer match.

        The filters are those of `filters.make_filter`. `prefer` tilts the order toward languages: "any" (none
        of them), "query" (that of the question), or codes. With a reranker all scores are its own, and `prefer`
        has a say only in what it reads. Near-copies and translations of a story are one hit: the article of it that
        scores best and passes the filters, all others in `copies`; `group` False makes each a hit of its own.
        `explain` says of each hit why it scores what it does. `reading` is what `read` gave for the query, where it was
        read with others. Raises QueryError or RerankerError.
        """
        started = time.perf_counter()
        query = self._clean(query)
        wanted, preferred = make_filter(lang, source, since, until, category), make_preference(prefer)
        k, passages = check_k(k), check_passages(passages_per_article)
        reading = reading or self.read([query], near=[False])[0]
        stories = self._generation.groups.stories if group else None
        with self._step("words"):
            question = self._question(query, reading.read, preferred, reading.near)
        with self._step("filters"):
            allowed = self._generation.facts.allowed(wanted)
        with self._step("retrieve"):
            if self._reranking is None:
                found = retrieve(self._generation, question, k, passages=passages, allowed=allowed, stories=stories)
            else:
                found = self._reranking.retrieve(
                    query, question, k, passages=passages, allowed=allowed, stories=stories
                )
        notes = [*self._notes_on_length(query), *notes_on(wanted, self._generation)]
        with self._step("articles"):
            articles = self._articles(found)
        first = [(articles[candidate.article_row], candidate.passages[0]) for candidate in found]
        evidence = self._judge.evidence(query, question, found)
        sure = confidence(evidence).tolist()
        with self._step("highlight"):
            groups = [(article, [(scored.passage, scored.near)]) for article, scored in first]
            highlights = self._highlighter.best(query, reading.read, groups)
        hits = [
            replace(self._hit(articles[candidate.article_row], candidate, highlight), confidence=probability)
            for candidate, highlight, probability in zip(found, highlights, sure, strict=True)
        ]
        if group:
            hits = self._companions.join(hits, [candidate.article_row for candidate in found])
        if explain:
            explainer = Explainer(
                self._generation, query, question, wanted, allowed, self._reranking is not None, grouped=group
            )
            hits = [
                replace(hit, explanation=explanation)
                for hit, explanation in zip(hits, explainer.explain(found, evidence), strict=True)
            ]
        return replace(self._results(query, hits, notes, started), answered=bool((evidence > 0).any()))

    def read(self, queries: Sequence[str], *, near: Sequence[bool] | None = None) -> list[Reading]:
        """Return what `search` needs to know of each of `queries`, encoded together: cheaper than one by one.

        What a question is read as does not depend on the others. `near` says for which ones the nearest passages of all
        are looked for (default: all); where filters are to hold they are not needed. Raises QueryError.
        """
        queries = [self._clean(query) for query in queries]
        with self._step("encode"):
            reads = self._highlighter.read_together(queries)
        wanted = [place for place in range(len(queries)) if near is None or near[place]]
        found: dict[int, Neighbours] = {}
        if wanted:
            with self._step("dense"):
                raw = np.stack([reads[place][0] for place in wanted])
                vectors = self._generation.neutral.questions(raw)
                found = dict(zip(wanted, self._generation.vectors.search(vectors, NEAREST), strict=True))
        return [Reading(query, reads[place], found.get(place)) for place, query in enumerate(queries)]

    def highlights(self, query: str, article_ids: Sequence[str]) -> list[Highlight]:
        """Return the sentence of each of these articles, all of it read, that answers `query` best.

        Raises QueryError or ArticleMissing.
        """
        query = self._clean(query)
        rows = [self._row(article_id) for article_id in article_ids]
        return self._highlights(query, self._highlighter.read(query), rows)

    def _highlights(self, query: str, read: Read, rows: Sequence[int]) -> list[Highlight]:
        articles = self._generation.facts.articles(rows)
        passages = [self._generation.facts.passages_of(row) for row in rows]
        groups = [(articles[row], [(p, None) for p in own]) for row, own in zip(rows, passages, strict=True)]
        return self._highlighter.best(query, read, groups)

    def sentences(self, article_id: str) -> int:
        """Return how many sentences an article was found to have. Raises ArticleMissing."""
        return sum(len(passage.sentences) for passage in self._generation.facts.passages_of(self._row(article_id)))

    def rank(self, queries: Sequence[str], k: int) -> Iterator[list[tuple[str, float]]]:
        """Yield for each query the ids and scores of the `k` best articles, in the order `search` has.

        Hits are not read: for evaluations. The first are compared token by token, and a reranker reads the first
        `rerank_top`; deeper articles keep their order and their scores behind them. Raises QueryError or RerankerError.
        """
        ids = self._generation.places.ids
        for query in [self._clean(query) for query in queries]:
            question = self._question(query, self._highlighter.read(query))
            if self._reranking is None:
                rows, scores = rank(self._generation, question, k, allowed=None)
            else:
                rows, scores = self._reranking.rank(query, question, k)
            yield [(ids[row], score) for row, score in zip(rows.tolist(), scores.tolist(), strict=True)]

    def similar(
        self,
        article_id: str,
        k: int = 10,
        *,
        lang: str | Sequence[str] = (),
        source: str | Sequence[str] = (),
        since: Date | None = None,
        until: Date | None = None,
        category: str | Sequence[str] = (),
        passages_per_article: int = PASSAGES,
        group: bool = True,
    ) -> Results:
        """Return the `k` articles whose passages lie nearest to the mean of the article's own.

        The article itself is not among them. Near-copies and translations of a story are one hit; those of the article
        itself are left out, but for translations into a language that `lang` asks for. `group` False leaves none
        out. Raises ArticleMissing or QueryError.
        """
        started = time.perf_counter()
        wanted = make_filter(lang, source, since, until, category)
        k, passages = check_k(k), check_passages(passages_per_article)
        row = self._row(article_id)
        own = self._generation.places.rows_of(row)
        vector = mean_direction(self._generation.vectors.vectors(own))
        rows_of = self._generation.places.rows_of
        known = self._companions.known_to(row, asked_lang=bool(wanted.langs)) if group else [row]
        allowed = self._all_but(np.concatenate([rows_of(other) for other in known]), wanted)
        stories = self._generation.groups.stories if group else None
        found = retrieve(self._generation, Question(vector), k, passages=passages, allowed=allowed, stories=stories)
        articles = self._articles(found)
        hits = [self._hit(articles[candidate.article_row], candidate) for candidate in found]
        if group:
            hits = self._companions.join(hits, [candidate.article_row for candidate in found])
        return self._results(article_id, hits, notes_on(wanted, self._generation), started)

    def coverage(
        self,
        query: str | None = None,
        *,
        lang: str | Sequence[str] = (),
        source: str | Sequence[str] = (),
        category: str | Sequence[str] = (),
        since: Date | None = None,
        until: Date | None = None,
        by: By | None = None,
        group: bool = True,
        reading: Reading | None = None,
    ) -> Coverage:
        """Return how many stories match `query` by day or month, language, source and category; all without a query.

        The filters are those of `search`, `reading` too. `by` is "day" or "month"; where it is not said, it is day
        if what is counted spans at most two months. `group` False counts articles. No text is read, and neither a
        reranker nor `prefer` has a say. Raises QueryError.
        """
        started = time.perf_counter()
        wanted, by = make_filter(lang, source, since, until, category), check_by(by)
        query, _, question = self._standing(query, reading)
        notes = [*self._notes_on_length(query or ""), *notes_on(wanted, self._generation)]
        with self._step("count"):
            counted = self._census.coverage(query, question, wanted, by, group=group)
        return replace(counted, seconds=round(time.perf_counter() - started, 6), notes=tuple(notes))

    def newest(
        self,
        query: str | None = None,
        most: int = MOST_STORIES,
        *,
        lang: str | Sequence[str] = (),
        source: str | Sequence[str] = (),
        category: str | Sequence[str] = (),
        since: Date | None = None,
        until: Date | None = None,
        group: bool = True,
        reading: Reading | None = None,
    ) -> News:
        """Return the `most` newest of the stories that `coverage` counts for the same question and filters.

        Those without a date are not among them. Raises QueryError.
        """
        wanted = make_filter(lang, source, since, until, category)
        query, reading, question = self._standing(query, reading)
        with self._step("count"):
            rows = self._census.newest(query, question, wanted, most, group=group)
        sentences = None
        if query is not None and reading is not None:
            with self._step("highlight"):
                sentences = [found.text for found in self._highlights(query, reading.read, rows)]
        return News(query, wanted, self.build, stories_at(self._generation.facts, rows, sentences))

    def suggest(self, typed: str) -> list[Suggestion]:
        """Return at most ten titles and names that hold what was typed so far, without reading it as a question.

        The first call gathers what there is to suggest.
        """
        return self._suggester.suggestions().for_typed(readable(typed))

    def similarity(self, texts_a: str | Sequence[str], texts_b: str | Sequence[str]) -> NDArray[np.float32]:
        """Return the cosines of all pairs, float32 (len(texts_a), len(texts_b)).

        Both sides are embedded as questions, as the model card of E5 asks for where neither side is the
        answer to the other (https://huggingface.co/intfloat/multilingual-e5-small). Their languages are not
        taken out, as what passages of a corpus share is not known of any text. Raises EncoderError for
        anything but strings.
        """
        cosines: NDArray[np.float32] = self._embedded(texts_a) @ self._embedded(texts_b).T
        return cosines

    def vectors(
        self, article_ids: Sequence[str] | None = None, *, neutral: bool = True
    ) -> tuple[tuple[str, ...], NDArray[np.float32]]:
        """Return ids of articles (n) and the unit vector of each, float32 (n, dimension).

        These are all articles in the order of the index, or `article_ids` in theirs. A vector is the direction of the
        mean of the passages', as `similar` compares it; the dot product of two is their cosine. `neutral` False gives
        what the encoder made of them, the languages left in. Raises ArticleMissing.
        """
        wanted = self._generation.places.ids if article_ids is None else tuple(article_ids)
        rows = range(len(wanted)) if article_ids is None else map(self._row, wanted)
        return wanted, vectors_of(self._generation, rows, neutral=neutral)

    def article(self, article_id: str) -> Article:
        """Return an article with its whole text. Raises ArticleMissing."""
        return self._generation.facts.article(self._row(article_id))

    def revisions(self, article_id: str) -> list[Revision]:
        """Return what an article was before it changed, the latest first. Raises ArticleMissing."""
        return self._generation.facts.revisions(self._row(article_id))

    def copies(self, article_id: str) -> tuple[Copy, ...]:
        """Return the near-copies and translations of an article, earliest first. Raises ArticleMissing."""
        return self._companions.of([self._row(article_id)])[0]

    def languages(self) -> dict[str, str]:
        """Return the language of every article, by its id."""
        places = self._generation.places
        rows, first = np.unique(places.article, return_index=True)
        return {places.ids[row]: places.languages[places.language[at]] for row, at in zip(rows, first, strict=True)}

    @property
    def build(self) -> str:
        """The name of the generation that answers."""
        return self._generation.manifest.build

    @property
    def folder(self) -> Path:
        """The folder of the index."""
        return self._generation.directory.parent.parent

    def info(self) -> IndexInfo:
        """Return what the index holds."""
        return self._info

    @cached_property
    def _info(self) -> IndexInfo:
        return IndexInfo.of(self._generation)

    def _clean(self, query: str) -> str:
        return clean_query(query, self._longest_query)

    def _question(
        self, query: str, read: Read, preferred: frozenset[str] = frozenset(), near: Neighbours | None = None
    ) -> Question:
        """Take the language out of a question as it was read, and look up its words."""
        neutral, (raw, tokens) = self._generation.neutral, read
        languages = neutral.languages(raw)
        if QUERY in preferred:
            preferred = frozenset({max(languages, key=languages.__getitem__)})
        vector = neutral.questions(raw[np.newaxis])[0]
        if self._dense_only:
            return Question(vector, preferred=preferred, near=near)
        return Question(vector, self._generation.words.match(query), preferred, tokens, languages, near)

    def _standing(
        self, query: str | None, reading: Reading | None
    ) -> tuple[str | None, Reading | None, Question | None]:
        """Return a question as it is understood, read and searched for; nothing where none is asked."""
        if query is None:
            return None, None, None
        query = self._clean(query)
        reading = reading or self.read([query], near=[False])[0]
        return query, reading, self._question(query, reading.read)

    def _row(self, article_id: str) -> int:
        row = self._generation.facts.article_row(readable(article_id))
        if row is None:
            raise ArticleMissing(
                f"there is no article {readable(article_id[:200])!r}",
                "Take the article_id of a hit",
            )
        return row

    def _all_but(self, rows: NDArray[np.int64], wanted: Filter) -> NDArray[np.int64]:
        allowed = self._generation.facts.allowed(wanted)
        if allowed is None:
            allowed = np.arange(self._generation.vectors.count, dtype=np.int64)
        return np.setdiff1d(allowed, rows, assume_unique=True)

    def _embedded(self, texts: str | Sequence[str]) -> NDArray[np.float32]:
        listed = [texts] if isinstance(texts, str) else list(texts)
        if not listed:
            return np.empty((0, self._encoder.spec.dimension), np.float32)
        return self._encoder.encode_queries(listed)

    def _notes_on_length(self, query: str) -> list[str]:
        spec = self._encoder.spec
        length = self._encoder.count_tokens([spec.query_prompt + query])[0] + _SPECIAL_TOKENS
        if length <= spec.max_tokens:
            return []
        return [f"the query has {length:,} tokens; the encoder read the first {spec.max_tokens:,}"]

    def _articles(self, found: Sequence[Candidate]) -> dict[int, Article]:
        return self._generation.facts.articles(candidate.article_row for candidate in found)

    def _hit(self, article: Article, candidate: Candidate, highlight: Highlight | None = None) -> Hit:
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
            citation=cited(self._generation.manifest, article, highlight or passages[0], self._root),
        )

    def _results(self, query: str, hits: Sequence[Hit], notes: Sequence[str], started: float) -> Results:
        seconds = round(time.perf_counter() - started, 6)
        return Results(query, tuple(hits), self._generation.manifest.build, seconds, tuple(notes))


def _check_encoder(generation: Generation, encoder: Encoder) -> None:
    built, ours = generation.manifest.encoder, encoder.spec
    if built.fingerprint == ours.fingerprint:
        return
    folder = generation.directory.parent.parent
    model = "" if ours.model == "bundled" else f" --model {ours.model}"
    raise EncoderMismatch(
        f"the index was built with the encoder {built.model!r} ({built.fingerprint[:8]}), "
        f"the question would be read by {ours.model!r} ({ours.fingerprint[:8]})",
        f"Embed it again: veille index SOURCE... --index {folder}{model}",
        where=str(folder),
    )


def _passage(text: str, scored: ScoredPassage) -> PassageHit:
    passage = scored.passage
    return PassageHit(passage.id, text[passage.start : passage.end], passage.start, passage.end, scored.score)
