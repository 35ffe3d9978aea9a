"""What the language-neutral transform does for a pool of many languages: plain vectors beside neutral ones.

mAP and MRR@10 over the whole pool, the share of hits in the question's own language among as many as there are
languages, and how often the first hit among the documents of the question's language is right.
"""

from __future__ import annotations

import csv
import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.encoders.bundled import BundledEncoder
from indexer.neutral import fit

DATA = Path(os.environ.get("VEILLE_SHARED", "../shared")) / "data" / "crosslingual"
SETS = {"xquad": ("ar", "de", "en", "es", "ru", "tr", "zh"), "debian_headlines": ()}
CUTOFF = 10


@dataclass(frozen=True, slots=True)
class Benchmark:
    """Texts and languages of documents and questions; for each question the places of its right documents."""

    documents: list[str]
    document_langs: NDArray[np.str_]
    questions: list[str]
    question_langs: NDArray[np.str_]
    relevant: list[NDArray[np.int64]]


def main() -> None:
    """Print a table."""
    encoder = BundledEncoder.load(quiet=False)
    print("| set | vectors | mAP | MRR@10 | own language in the top | first right, own language, mean and worst loss |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, langs in SETS.items():
        data = read(DATA / name, langs)
        documents, questions = encoder.encode_passages(data.documents), encoder.encode_queries(data.questions)
        neutral = fit(documents, list(data.document_langs), encoder.encode_queries, encoder.encode_passages)
        plain_own = report(name, "plain", documents, questions, data, {})
        documents = neutral.passages(documents, list(data.document_langs))
        report(name, "neutral", documents, neutral.questions(questions), data, plain_own)


def read(folder: Path, langs: tuple[str, ...]) -> Benchmark:
    """Read a benchmark, of some languages or of all."""
    documents = records(folder / "corpus.jsonl", langs)
    questions = records(folder / "queries.jsonl", langs)
    place = {document["_id"]: number for number, document in enumerate(documents)}
    relevant: dict[str, list[int]] = {}
    with (folder / "qrels.tsv").open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream, delimiter="\t"):
            if row["corpus-id"] in place:
                relevant.setdefault(row["query-id"], []).append(place[row["corpus-id"]])
    return Benchmark(
        [document["text"] for document in documents],
        np.array([document["lang"] for document in documents]),
        [question["text"] for question in questions],
        np.array([question["lang"] for question in questions]),
        [np.array(relevant[question["_id"]]) for question in questions],
    )


def records(file: Path, langs: tuple[str, ...]) -> list[dict[str, str]]:
    """Return the records of a JSON Lines file in some languages, or all."""
    found = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    return [record for record in found if not langs or record["lang"] in langs]


def report(
    name: str,
    kind: str,
    documents: NDArray[np.float32],
    questions: NDArray[np.float32],
    data: Benchmark,
    plain_own: dict[str, float],
) -> dict[str, float]:
    """Print a row; return how often the first hit of the own language is right, by language."""
    precisions, reciprocals, shares = [], [], []
    own: dict[str, list[bool]] = {}
    top = len(np.unique(data.document_langs))
    for question, lang, right in zip(questions, data.question_langs, data.relevant, strict=True):
        scores = documents @ question
        order = np.argsort(-scores, kind="stable")
        rank = np.empty(len(scores), np.int64)
        rank[order] = np.arange(1, len(scores) + 1)
        ranks = np.sort(rank[right])
        precisions.append(np.mean(np.arange(1, len(ranks) + 1) / ranks))
        reciprocals.append(1 / ranks[0] if ranks[0] <= CUTOFF else 0.0)
        shares.append(np.mean(data.document_langs[order[:top]] == lang))
        mine = np.flatnonzero(data.document_langs == lang)
        own.setdefault(str(lang), []).append(bool(mine[np.argmax(scores[mine])] in right))
    rates = {lang: float(np.mean(values)) for lang, values in own.items()}
    worst = min((rates[lang] - before for lang, before in plain_own.items()), default=0.0)
    print(
        f"| {name} | {kind} | {np.mean(precisions):.3f} | {np.mean(reciprocals):.3f} | {np.mean(shares):.3f} of {top} "
        f"| {np.mean(list(rates.values())):.3f}, {worst:+.3f} |",
        flush=True,
    )
    return rates


if __name__ == "__main__":
    main()
