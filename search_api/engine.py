"""SearchEngine: what notebooks, the command line and HTTP all ask."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from os import PathLike

import numpy as np
from numpy.typing import NDArray

from indexer.addresses import folder_of
from indexer.encoder import Encoder
from indexer.encoders import load_encoder
from indexer.filter import Allowed, Filter
from indexer.generation import Generation
from indexer.vectors import mean_direction
from search_api.explanation import Explainer
from search_api.filters import ANY, Date, make_filter, make_preference, notes_on
from search_api.fusion import Question
from search_api.overview import Overview, seconds_since
from search_api.queries import LONGEST_QUERY, RERANK_TOP, check_k, check_passages, check_rerank_top
from search_api.questions import Step
from search_api.reading import Reading
from search_api.reranking import Reranker, Reranking
from search_api.results import Highlight, Results
from search_api.retrieval import rank, retrieve

PASSAGES = 3


class SearchEngine(Overview):
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
        super().__init__(generation, encoder, dense_only=dense_only, longest_query=longest_query, step=step, root=root)
        self._reranking = None if reranker is None else Reranking(generation, reranker, top)

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
        """Open the index in `index_dir`, or at that address, with the encoder it was built with, or with `model`.

        `reranker` is the name or the folder of a sentence-transformers CrossEncoder. Raises IndexMissing, IndexDamaged,
        SchemaMismatch, AddressWrong, IndexUnreachable, EncoderError, EncoderMismatch, RerankerError or QueryError.
        """
        check_rerank_top(rerank_top)
        generation = Generation.open(folder_of(index_dir))
        try:
            second = None if reranker is None else Reranker.load(reranker)
            encoder = load_encoder(model or generation.manifest.encoder.model)
            return cls(generation, encoder, dense_only=dense_only, reranker=second, rerank_top=rerank_top)
        except BaseException:
            generation.close()
            raise

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
        query = self._questions.clean(query)
        wanted, preferred = make_filter(lang, source, since, until, category), make_preference(prefer)
        k, passages = check_k(k), check_passages(passages_per_article)
        reading = reading or self._questions.read([query], near=[False])[0]
        stories = self._generation.groups.stories if group else None
        with self._step("words"):
            question = self._questions.question(query, reading.read, preferred, reading.near)
        with self._step("filters"):
            allowed = self._generation.allowed(wanted)
        with self._step("retrieve"):
            if self._reranking is None:
                found = retrieve(self._generation, question, k, passages=passages, allowed=allowed, stories=stories)
            else:
                found = self._reranking.retrieve(
                    query, question, k, passages=passages, allowed=allowed, stories=stories
                )
        notes = [*self._questions.notes_on_length(query, reading.read), *notes_on(wanted, self._generation)]
        hits, evidence = self._answers.to_question(query, reading.read, question, found, group=group)
        if explain:
            explainer = Explainer(
                self._generation, query, question, wanted, allowed, self._reranking is not None, grouped=group
            )
            hits = [
                replace(hit, explanation=explanation)
                for hit, explanation in zip(hits, explainer.explain(found, evidence), strict=True)
            ]
        answered = bool((evidence > 0).any())
        absent = self._questions.absent(question, query)
        return Results(query, tuple(hits), self.build, seconds_since(started), tuple(notes), answered, absent)

    def read(self, queries: Sequence[str], *, near: Sequence[bool] | None = None) -> list[Reading]:
        """Return what `search` needs to know of each of `queries`, encoded together: cheaper than one by one.

        What a question is read as does not depend on the others. `near` says for which ones the nearest passages of all
        are looked for (default: all); where filters are to hold they are not needed. Raises QueryError.
        """
        return self._questions.read([self._questions.clean(query) for query in queries], near)

    def highlights(self, query: str, article_ids: Sequence[str]) -> list[Highlight]:
        """Return the sentence of each of these articles, all of it read, that answers `query` best.

        Raises QueryError or ArticleMissing.
        """
        query = self._questions.clean(query)
        rows = [self._row(article_id) for article_id in article_ids]
        return self._answers.highlights(query, self._highlighter.read(query), rows)

    def rank(self, queries: Sequence[str], k: int) -> Iterator[list[tuple[str, float]]]:
        """Yield for each query the ids and scores of the `k` best articles, in the order `search` has.

        For evaluations: hits are not read, and questions are all read before the first is ranked, together. The first
        hits are compared token by token, and a reranker reads the first `rerank_top`; deeper articles keep their order
        and their scores behind them. Raises QueryError or RerankerError.
        """
        ids = self._generation.places.ids
        cleaned = [self._questions.clean(query) for query in queries]
        for query, read in zip(cleaned, self._highlighter.read_together(cleaned), strict=True):
            question = self._questions.question(query, read)
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
        rows_of = self._generation.places.rows_of
        vector = mean_direction(self._generation.vectors.vectors(rows_of(row)))
        known = self._companions.known_to(row, asked_lang=bool(wanted.langs)) if group else [row]
        allowed = self._all_but(known, wanted)
        stories = self._generation.groups.stories if group else None
        found = retrieve(self._generation, Question(vector), k, passages=passages, allowed=allowed, stories=stories)
        hits = self._answers.alike(found, group=group)
        notes = notes_on(wanted, self._generation)
        return Results(article_id, tuple(hits), self.build, seconds_since(started), tuple(notes))

    def similarity(self, texts_a: str | Sequence[str], texts_b: str | Sequence[str]) -> NDArray[np.float32]:
        """Return the cosines of all pairs, float32 (len(texts_a), len(texts_b)).

        Both sides are embedded as questions, as the model card of E5 asks for where neither side is the
        answer to the other (https://huggingface.co/intfloat/multilingual-e5-small). Their languages are not
        taken out, as what passages of a corpus share is not known of any text. Raises EncoderError for
        anything but strings.
        """
        cosines: NDArray[np.float32] = self._questions.embedded(texts_a) @ self._questions.embedded(texts_b).T
        return cosines

    def _all_but(self, articles: Sequence[int], wanted: Filter) -> Allowed:
        rows = np.concatenate([self._generation.places.rows_of(article) for article in articles])
        passing = self._generation.allowed(wanted)
        among = np.arange(self._generation.vectors.count, dtype=np.int64) if passing is None else passing.rows
        return Allowed(np.setdiff1d(among, rows, assume_unique=True), wanted, tuple(articles))
