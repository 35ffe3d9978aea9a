"""Takes the language out of vectors, so that an answer counts the same in whatever language it is written.

An encoder puts texts of one language near each other, whatever they are about. What it adds for a language
is measured once and subtracted: on passages by the language of their article, on questions by what their own
vector gives away, as nobody says in which language he asks. After Yang et al. 2021, "A Simple and Effective
Method To Eliminate the Self Language Bias in Multilingual Representations" (the languages' means); new here
are the parallel questions that the measure starts from, and the question's language read from its vector.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from indexer.errors import IndexDamaged

Vectors = NDArray[np.float32]

# Raise this when the transform or its questions change: vectors are then made anew from the raw ones.
VERSION = 2
NAME = "neutral.npz"
# So many passages of a language weigh as much as what the parallel questions say about it: fewer are about
# some subject rather than in some language.
PRIOR_PASSAGES = 50
# How sharply a question's language is read from its vector, and how much of what all questions share goes.
# Chosen by looking at xquad and debian_headlines: python -m benchmarks.fairness
SHARPNESS = 100.0
CENTRING = 0.3
_BLOCK = 16_384


@dataclass(frozen=True, slots=True)
class NeutralTransform:
    """What is subtracted. All arrays float32.

    `question_languages` and `question_offsets` (n, dimension): what each of n languages adds to a question;
    `question_centre` (dimension,): what all questions share; `passage_languages` and `passage_offsets`
    (m, dimension): what each language of the corpus adds to a passage.
    """

    question_languages: tuple[str, ...]
    question_offsets: Vectors
    question_centre: Vectors
    passage_languages: tuple[str, ...]
    passage_offsets: Vectors

    def passages(self, vectors: Vectors, languages: Sequence[str]) -> Vectors:
        """Return unit vectors float32 (n, dimension) for `vectors` (n, dimension) in `languages` (n)."""
        return _unit(vectors - self._offsets(languages))

    def apply(self, vectors: Vectors, languages: Sequence[str]) -> None:
        """Do to all of `vectors` in place, float32 (n, dimension), what `passages` does."""
        for start in range(0, len(vectors), _BLOCK):
            block = slice(start, start + _BLOCK)
            vectors[block] = self.passages(vectors[block], languages[block])

    def encoded(self, passages: Vectors, languages: Sequence[str]) -> Vectors:
        """Return the encoder's own unit vectors float32 (n, dimension) that `passages` made neutral, but for rounding.

        Each lies on the ray from its language's offset along its neutral vector, where that ray has length 1: in one
        place, as offsets are far shorter.
        """
        directions, offsets = passages.astype(np.float64), self._offsets(languages).astype(np.float64)
        along = (directions * offsets).sum(axis=1, keepdims=True)
        lengths = (offsets**2).sum(axis=1, keepdims=True)
        return _unit(offsets + (np.sqrt(along**2 + 1 - lengths) - along) * directions)

    def questions(self, vectors: Vectors) -> Vectors:
        """Return unit vectors float32 (n, dimension) for `vectors` (n, dimension)."""
        offsets = self._weights(vectors) @ self.question_offsets
        return _unit(vectors - offsets - CENTRING * self.question_centre)

    def languages(self, vector: Vectors) -> dict[str, float]:
        """Return how much a question's vector (dimension,) looks like each language, of sum 1."""
        weights = self._weights(vector[np.newaxis])[0]
        return dict(zip(self.question_languages, map(float, weights), strict=True))

    def _offsets(self, languages: Sequence[str]) -> Vectors:
        place = {language: number for number, language in enumerate(self.passage_languages)}
        return self.passage_offsets[[place[language] for language in languages]]

    def _weights(self, vectors: Vectors) -> Vectors:
        odds = self._odds(vectors)
        weights: Vectors = np.exp(SHARPNESS * (odds - odds.max(axis=1, keepdims=True)))
        weights /= weights.sum(axis=1, keepdims=True)
        return weights

    def _odds(self, vectors: Vectors) -> Vectors:
        """Return the log-odds of each language under Gaussians of equal width around the offsets."""
        offsets = self.question_offsets
        odds: Vectors = (vectors - self.question_centre) @ offsets.T - (offsets**2).sum(axis=1) / 2
        return odds

    def save(self, folder: Path) -> None:
        """Write the parameters into `folder`."""
        np.savez(
            folder / NAME,
            allow_pickle=False,
            question_languages=np.array(self.question_languages, np.str_),
            question_offsets=self.question_offsets,
            question_centre=self.question_centre,
            passage_languages=np.array(self.passage_languages, np.str_),
            passage_offsets=self.passage_offsets,
        )

    @classmethod
    def none(cls, languages: Sequence[str], dimension: int) -> NeutralTransform:
        """Return the transform that leaves vectors as they are: to see what the other does."""
        names = tuple(sorted(set(languages)))
        nothing = np.zeros((1, dimension), np.float32)
        return cls(("und",), nothing, nothing[0], names, np.zeros((len(names), dimension), np.float32))

    @classmethod
    def load(cls, folder: Path) -> NeutralTransform:
        """Read what `save` wrote. Raises IndexDamaged."""
        file = folder / NAME
        try:
            with file.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
                return cls(
                    question_languages=tuple(str(language) for language in stored["question_languages"]),
                    question_offsets=stored["question_offsets"],
                    question_centre=stored["question_centre"],
                    passage_languages=tuple(str(language) for language in stored["passage_languages"]),
                    passage_offsets=stored["passage_offsets"],
                )
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
            raise IndexDamaged(f"it cannot be read ({error})", where=str(file)) from error


Encode = Callable[[Sequence[str]], Vectors]


def fit(
    vectors: Vectors, languages: Sequence[str], encode_queries: Encode, encode_passages: Encode
) -> NeutralTransform:
    """Measure what languages add in passages float32 (n, dimension) in `languages` (n), and in questions.

    The parallel questions ask the same in every language, so what differs between languages there is the
    language alone. It is all that is known of a language with few passages or of a corpus in one; the more
    passages there are, the more their own mean counts. A language without parallel questions has only that.
    """
    questions = parallel_questions()
    every = every_question()
    shape = (len(questions), len(every) // len(questions), -1)
    asked = encode_queries(every).reshape(shape).mean(axis=1)
    stated = encode_passages(every).reshape(shape).mean(axis=1)
    prior = dict(zip(questions, stated - stated.mean(axis=0), strict=True))
    names, offsets = _passage_offsets(vectors, languages, prior)
    centre = asked.mean(axis=0)
    return NeutralTransform(tuple(questions), _float32(asked - centre), _float32(centre), names, _float32(offsets))


def parallel_questions() -> dict[str, list[str]]:
    """Return the same general questions and headlines in many languages, by language."""
    text = resources.files("indexer").joinpath("questions.json").read_text(encoding="utf-8")
    questions: dict[str, list[str]] = json.loads(text)
    return questions


def every_question() -> list[str]:
    """Return the parallel questions in one list, language by language."""
    return [text for texts in parallel_questions().values() for text in texts]


def _passage_offsets(
    vectors: Vectors, languages: Sequence[str], prior: dict[str, Vectors]
) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    if not languages:
        return (), np.zeros((0, vectors.shape[1]))
    codes, places = np.unique(np.array(languages, np.str_), return_inverse=True)
    names = tuple(str(code) for code in codes)
    counts = np.bincount(places, minlength=len(names)).astype(np.float64)[:, None]
    means = _sums(vectors, places, len(names)) / counts
    known = np.array([prior.get(name, np.zeros(vectors.shape[1])) for name in names])
    weights = np.where([[name in prior] for name in names], counts, 0.0)
    # Where the corpus lies apart from its languages: what its subjects are must not be subtracted.
    subject = (weights * (means - known)).sum(axis=0) / weights.sum() if weights.any() else means.mean(axis=0)
    return names, (counts * (means - subject) + PRIOR_PASSAGES * known) / (counts + PRIOR_PASSAGES)


def _sums(vectors: Vectors, places: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    """Return the sum of the vectors at each of `count` places, without a copy of all of them."""
    sums = np.zeros((count, vectors.shape[1]))
    for start in range(0, len(vectors), _BLOCK):
        block, own = vectors[start : start + _BLOCK], places[start : start + _BLOCK]
        for place in np.unique(own).tolist():
            sums[place] += block[own == place].sum(axis=0, dtype=np.float64)
    return sums


def _unit(vectors: NDArray[np.floating]) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return _float32(vectors / np.maximum(lengths, np.finfo(np.float32).tiny))


def _float32(values: NDArray[np.floating]) -> Vectors:
    return np.ascontiguousarray(values, np.float32)
