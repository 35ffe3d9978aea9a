"""Optional reranking: a cross-encoder reads the question and each of the first passages together.

A cross-encoder is slower than a cosine by orders of magnitude, so it only puts into order what was found without it.
Imports torch where a model is loaded, never before.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from indexer.embedded import embedded_text
from indexer.encoder import readable
from indexer.filter import Allowed
from indexer.generation import Generation
from search_api.errors import RerankerError
from search_api.fusion import DIGITS, Question
from search_api.late import READ
from search_api.queries import RERANK_TOP
from search_api.retrieval import Candidate, Ranking, ScoredPassage, rank, retrieve

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

_HEAD = "ForSequenceClassification"
_GIVE_ANOTHER = "Give a CrossEncoder with one output label, or leave --reranker out"


class Reranker:
    """A sentence-transformers CrossEncoder with one output label. Safe to share between threads."""

    def __init__(self, model: CrossEncoder, name: str) -> None:
        """Take the model as it is; `load` checks it."""
        self._model = model
        self._name = name
        # A tokenizer keeps its padding as state: two threads in it at once raise "Already borrowed".
        self._guard = threading.Lock()

    @classmethod
    def load(cls, name: str, *, device: str | None = None) -> Reranker:
        """Return the CrossEncoder in the folder, or with the hub name, `name`.

        Raises RerankerError where it cannot be loaded, is no CrossEncoder, or gives more than one score for a pair.
        """
        _check_folder(name)
        model = _loaded(name, device)
        _check_head(model, name)
        return cls(model, name)

    @property
    def name(self) -> str:
        """The folder or the hub name it was loaded from."""
        return self._name

    def scores(self, query: str, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return what the model says of each text as an answer to `query`, float64 (len(texts),).

        Equal texts have equal scores. What the model cannot read in one piece it cuts off. Raises RerankerError
        where it gives anything but finite numbers, EncoderError for anything but strings.
        """
        (query,), texts = readable([query]), readable(texts)
        distinct = list(dict.fromkeys(texts))
        if not distinct:
            return np.empty(0)
        with self._guard:
            found = self._model.predict([(query, text) for text in distinct], show_progress_bar=False)
        score_of = {text: _rounded(float(score)) for text, score in zip(distinct, found, strict=True)}
        scores = np.array([score_of[text] for text in texts])
        if not np.isfinite(scores).all():
            raise RerankerError(f"the reranker {self._name!r} gives scores that are no numbers", _GIVE_ANOTHER)
        return scores


@dataclass(frozen=True, slots=True)
class Reranking:
    """`retrieve` and `rank` of an index, their first `top` articles put into a reranker's order."""

    generation: Generation
    reranker: Reranker
    top: int = RERANK_TOP

    def retrieve(
        self,
        query: str,
        question: Question,
        k: int,
        *,
        passages: int,
        allowed: Allowed | None,
        stories: NDArray[np.int32] | None = None,
    ) -> list[Candidate]:
        """Return the `k` best of the first max(k, top) articles, with at most `passages` of each.

        `query` is the text of `question`. All scores are the reranker's, so more are read than `top` where more are
        wanted. Raises RerankerError.
        """
        depth = max(k, self.top)
        found = retrieve(
            self.generation, question, depth, passages=max(passages, READ), allowed=allowed, stories=stories
        )
        read = self._read(query, found)
        return [replace(candidate, passages=candidate.passages[:passages]) for candidate in read[:k]]

    def rank(self, query: str, question: Question, k: int) -> Ranking:
        """Return the rows of `k` articles and their scores: the first `top` reranked, behind them the others.

        What is behind keeps its order and its scores, which do not compare with the reranker's. Raises RerankerError.
        """
        read = self._read(query, retrieve(self.generation, question, self.top, passages=READ, allowed=None))
        rows = np.array([candidate.article_row for candidate in read], np.int64)
        scores = np.array([candidate.score for candidate in read], np.float64)
        if k > self.top:
            others, theirs = rank(self.generation, question, k, allowed=None)
            behind = ~np.isin(others, rows)
            rows, scores = np.append(rows, others[behind]), np.append(scores, theirs[behind])
        return rows[:k], scores[:k]

    def _read(self, query: str, found: Sequence[Candidate]) -> list[Candidate]:
        """Return `found` with the reranker's scores, best first, ties by row."""
        scores = iter(self.reranker.scores(query, list(self._texts(found))).tolist())
        # The passages of all candidates were scored in one go: the scores come back in the same order.
        read = [replace(candidate, passages=_best_first(candidate, scores)) for candidate in found]
        return sorted(read, key=lambda candidate: (-candidate.score, candidate.article_row))

    def _texts(self, found: Sequence[Candidate]) -> Iterator[str]:
        articles = self.generation.facts.articles(candidate.article_row for candidate in found)
        for candidate in found:
            article = articles[candidate.article_row]
            for scored in candidate.passages:
                yield embedded_text(article.title, article.text[scored.passage.start : scored.passage.end])


def _best_first(candidate: Candidate, scores: Iterator[float]) -> tuple[ScoredPassage, ...]:
    read = [replace(scored, score=next(scores)) for scored in candidate.passages]
    return tuple(sorted(read, key=lambda scored: (-scored.score, scored.passage.row)))


def _rounded(score: float) -> float:
    """Keep six significant digits: in the seventh float32 depends on what else was in the batch.

    Not decimals as for cosines, because a sigmoid makes scores that are right in their order and nearly zero.
    """
    return float(f"{score:.{DIGITS}g}")


def _check_folder(name: str) -> None:
    """Say what is wrong with a folder before torch is imported for it. Raises RerankerError."""
    folder = Path(name)
    if not name.strip():
        raise RerankerError("no reranker is named", _GIVE_ANOTHER)
    if _exists(folder) and not any(_exists(folder / file) for file in ("config.json", "modules.json")):
        raise RerankerError(
            f"{name} is not a CrossEncoder: it holds no config.json",
            "Give the folder that CrossEncoder.save_pretrained() wrote",
        )


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # longer than a file's name may be: the hub client says what is wrong with it
        return False


def _loaded(name: str, device: str | None) -> CrossEncoder:
    from sentence_transformers import CrossEncoder
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()
    # What they warn of, a head that is made up, is an error here.
    for library in ("sentence_transformers", "transformers"):
        logging.getLogger(library).setLevel(logging.ERROR)
    try:
        return CrossEncoder(name, device=device)
    except Exception as error:  # the library and the hub client raise a dozen unrelated kinds
        reason = (str(error).splitlines() or [""])[0][:200]
        raise RerankerError(
            f"the reranker {name!r} cannot be loaded ({type(error).__name__}: {reason})",
            "Check the name; without access to the hub give the folder of a saved CrossEncoder, "
            "or leave --reranker out",
        ) from error


def _check_head(model: CrossEncoder, name: str) -> None:
    """Raise RerankerError unless the model was made to give one score for a pair of texts.

    sentence-transformers loads any encoder as a CrossEncoder, with a head of random weights.
    """
    task = getattr(model[0], "transformer_task", None)
    made_as = list(getattr(model.config, "architectures", None) or ["unknown"])
    if task == "sequence-classification" and not made_as[0].endswith(_HEAD):
        raise RerankerError(
            f"the model {name!r} is not a CrossEncoder: it gives no score for a pair of texts ({made_as[0]})",
            f"{_GIVE_ANOTHER}; an encoder of single texts goes to --model",
        )
    if model.num_labels != 1:
        raise RerankerError(
            f"the model {name!r} gives {model.num_labels} scores for a pair of texts, not one", _GIVE_ANOTHER
        )
