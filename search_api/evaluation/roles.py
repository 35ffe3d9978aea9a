"""Whether it is told who did what to whom: `veille evaluate --roles`.

Each pair holds a question, the sentence that answers it, and its twin, which is the same with the two names exchanged.
A pair is told right where a search would put the sentence before its twin: by the cosine, and by how near its tokens
are, where the encoder has some; all else is the same for both. By chance half of them are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.codes import Codes
from indexer.compared import Compared
from indexer.encoder import Encoder, TokenEncoder
from search_api.evaluation.benchmark import BenchmarkError, json_lines
from search_api.late import WORTH, ranking

TEXTS = ("question", "sentence", "twin")
# What a pair may say of itself, and how the table calls it.
KINDS = {
    "lang": "language",
    "form": "form",
    "voice": "voice",
    "asks": "asks for",
    "real": "from the news",
    "abroad": "asked in another language",
}


@dataclass(frozen=True, slots=True)
class Share:
    """So many `pairs`, and the share of them that is told right."""

    right: float
    pairs: int


@dataclass(frozen=True, slots=True)
class RoleScores:
    """All pairs, and by kind and value those that say so of themselves. `model` is what told them."""

    model: str
    overall: Share
    by_kind: Mapping[str, Mapping[str, Share]]

    def to_json(self) -> dict[str, Any]:
        """Return all figures."""
        return asdict(self)


def read_pairs(file: Path) -> list[dict[str, Any]]:
    """Return the pairs in a JSON Lines file. Raises BenchmarkError naming the line that is none."""
    remedy = f"Each line is an object with {', '.join(TEXTS)} and, if you like, {', '.join(list(KINDS)[:-1])}"
    pairs = list(json_lines(file, TEXTS, lacking=f"it lacks one of {', '.join(TEXTS)}", remedy=remedy))
    if not pairs:
        raise BenchmarkError("it holds no pair", remedy, where=str(file))
    return pairs


def evaluate_roles(encoder: Encoder, pairs: Sequence[Mapping[str, Any]]) -> RoleScores:
    """Compare each question with its sentence and its twin, as `encoder` has them."""
    questions, *both = ([pair[part] for pair in pairs] for part in TEXTS)
    told, twins = (_scores(encoder, questions, texts) for texts in both)
    right = (told > twins).tolist()
    groups: dict[str, dict[str, list[bool]]] = {kind: defaultdict(list) for kind in KINDS}
    for pair, was_right in zip(pairs, right, strict=True):
        for kind, value in _kinds(pair):
            groups[kind][value].append(was_right)
    by_kind = {
        kind: {value: _share(found) for value, found in sorted(values.items())} for kind, values in groups.items()
    }
    return RoleScores(encoder.spec.model, _share(right), by_kind)


def role_lines(scores: RoleScores) -> Iterator[str]:
    """Yield the tables, in Markdown."""
    yield f"{scores.overall.pairs} pairs, model {scores.model}: {scores.overall.right:.3f} told right (by chance 0.5)"
    for kind, values in scores.by_kind.items():
        if values:
            yield ""
            yield f"| {KINDS[kind]} | told right | pairs |"
            yield "| --- | --- | --- |"
            yield from (f"| {value} | {share.right:.3f} | {share.pairs} |" for value, share in values.items())


def _scores(encoder: Encoder, questions: Sequence[str], texts: Sequence[str]) -> NDArray[np.float64]:
    """Return what each text is worth to its question by the vectors of both, and their tokens: float64 (n,)."""
    if not isinstance(encoder, TokenEncoder):
        cosines: NDArray[np.float32] = (encoder.encode_queries(questions) * encoder.encode_passages(texts)).sum(axis=1)
        return cosines.astype(np.float64)
    codes: dict[int, Codes] = {}
    vectors = encoder.encode_with_codes(texts, codes.__setitem__)
    scores = np.zeros(len(texts))
    for place, (asked, tokens) in enumerate(encoder.read_queries(questions)):
        lengths = np.array([len(codes[place])])
        near = Compared.of(ranking(tokens) or tokens, codes[place], lengths).nearness()
        scores[place] = float(asked @ vectors[place]) + WORTH * near[0]
    return scores


def _kinds(pair: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if "lang" in pair and "question_lang" in pair:
        pair = {**pair, "abroad": pair["lang"] != pair["question_lang"]}
    for kind in KINDS:
        if kind in pair:
            yield kind, {True: "yes", False: "no"}.get(pair[kind], str(pair[kind]))


def _share(right: Sequence[bool]) -> Share:
    return Share(fmean(right), len(right))
