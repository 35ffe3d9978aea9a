"""Does the title belong into what is embedded for a passage? Measured with and without it.

The bodies of debian_headlines come without their headlines, xquad has none at all: here the headlines are
put back from technews, and to keep a question from finding its own words only documents in other languages
than the question's count and compete. Two kinds of question: headlines, and first sentences of bodies.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus import sentences
from corpus.article import Article
from corpus.passages import cut
from indexer.build import PASSAGE_BUDGET
from indexer.embedded import embedded_text, rules_for, shortened, title_room
from indexer.encoders.bundled import BundledEncoder

DATA = Path(os.environ.get("VEILLE_SHARED", "../shared")) / "data"


def main() -> None:
    """Print a table."""
    encoder = BundledEncoder.load(quiet=False)
    titles = {record["id"]: record["title"] for record in lines(DATA / "technews/debian_weekly.jsonl")}
    bodies = [
        Article(id=record["_id"], title=titles[record["_id"]], text=record["text"], lang=record["lang"])
        for record in lines(DATA / "crosslingual/debian_headlines/corpus.jsonl")
    ]
    langs = np.array([body.lang for body in bodies])
    stories = np.array([body.id.rsplit("-", 1)[0] for body in bodies])
    headlines = list(lines(DATA / "crosslingual/debian_headlines/queries.jsonl"))
    asked = {
        "headline": [(q["text"], q["lang"], q["_id"].removeprefix("q-").rsplit("-", 1)[0]) for q in headlines],
        "first sentence": [(first_sentence(b), b.lang, b.id.rsplit("-", 1)[0]) for b in bodies],
    }
    print("| question | embedded | mAP, other languages | right first |\n| --- | --- | --- | --- |")
    scores = {with_title: Scorer(encoder, bodies, with_title=with_title) for with_title in (False, True)}
    for kind, questions in asked.items():
        for with_title, score in scores.items():
            found = [
                precision(row, stories == story, langs != lang)
                for row, (_, lang, story) in zip(score([text for text, _, _ in questions]), questions, strict=True)
            ]
            average = np.array([pair for pair in found if pair is not None]).mean(axis=0)
            name = "title and passage" if with_title else "passage"
            print(f"| {kind} | {name} | {average[0]:.3f} | {average[1]:.3f} |", flush=True)


class Scorer:
    """Scores each body by its best passage."""

    def __init__(self, encoder: BundledEncoder, bodies: list[Article], *, with_title: bool) -> None:
        """Embed the passages of `bodies`."""
        rules = rules_for(encoder, PASSAGE_BUDGET, with_title=with_title)
        texts = []
        self._starts = []
        for body in bodies:
            self._starts.append(len(texts))
            title = shortened(body.title, encoder.count_tokens, title_room(encoder)) if with_title else ""
            texts += [embedded_text(title, passage.text) for passage in cut(body, encoder.count_tokens, rules)[0]]
        self._vectors = encoder.encode_passages(texts)
        self._encoder = encoder

    def __call__(self, questions: list[str]) -> NDArray[np.float32]:
        """Return float32 (questions, bodies)."""
        scores = self._encoder.encode_queries(questions) @ self._vectors.T
        return np.maximum.reduceat(scores, self._starts, axis=1)


def precision(
    scores: NDArray[np.float32], relevant: NDArray[np.bool_], competing: NDArray[np.bool_]
) -> tuple[float, float] | None:
    """Return average precision and whether the first is right, or None where nothing is relevant."""
    hits = relevant[competing][np.argsort(-scores[competing], kind="stable")]
    if not hits.any():
        return None
    ranks = np.flatnonzero(hits) + 1
    return float(np.mean(np.arange(1, len(ranks) + 1) / ranks)), float(hits[0])


def first_sentence(body: Article) -> str:
    """Return the first sentence of a body."""
    start, end = sentences.split(body.text, body.lang)[0]
    return body.text[start:end][:500]


def lines(file: Path) -> Iterable[dict[str, str]]:
    """Yield the records of a JSON Lines file."""
    with file.open(encoding="utf-8") as stream:
        for line in stream:
            yield json.loads(line)


if __name__ == "__main__":
    main()
