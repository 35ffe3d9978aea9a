"""Whether an encoder tells who did what to whom: `veille evaluate --roles`.

Each pair holds a question, the sentence that answers it, and its twin, which is the same with the two names exchanged.
A pair is told right where the sentence is nearer to the question than its twin. By chance half of them are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from indexer.encoder import Encoder
from search_api.evaluation.benchmark import BenchmarkError, json_lines

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
    """Compare each question with its sentence and its twin by cosine, as `encoder` has them."""
    asked = encoder.encode_queries([pair["question"] for pair in pairs])
    told = encoder.encode_passages([pair["sentence"] for pair in pairs])
    twins = encoder.encode_passages([pair["twin"] for pair in pairs])
    right = ((asked * (told - twins)).sum(axis=1) > 0).tolist()
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


def _kinds(pair: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if "lang" in pair and "question_lang" in pair:
        pair = {**pair, "abroad": pair["lang"] != pair["question_lang"]}
    for kind in KINDS:
        if kind in pair:
            yield kind, {True: "yes", False: "no"}.get(pair[kind], str(pair[kind]))


def _share(right: Sequence[bool]) -> Share:
    return Share(fmean(right), len(right))
