"""Is the sentence right that is shown as the answer? For benchmarks that say which sentence answers."""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from tqdm import tqdm

from search_api.engine import SearchEngine
from search_api.evaluation.benchmark import Benchmark, BenchmarkError
from search_api.results import Highlight

ANSWERS = "answers.tsv"
FEWEST = 3


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a question in one document: what it says, and where its sentence stands in the document."""

    document: str
    text: str
    start: int
    end: int

    def is_in(self, chosen: Highlight) -> bool:
        """Say whether most of the shorter of the two sentences lies in the other."""
        shared = min(chosen.end, self.end) - max(chosen.start, self.start)
        return 2 * shared >= min(chosen.end - chosen.start, self.end - self.start)

    def is_said_in(self, chosen: Highlight) -> bool:
        """Say whether the sentence holds the answer: it is the right one, or has its words."""
        return self.is_in(chosen) or self.text.casefold().strip(" .。") in chosen.text.casefold()


@dataclass(frozen=True, slots=True)
class SentenceScores:
    """Shares, 0 to 1, in documents of the question's language and of others: of `own` and `other` questions.

    `right`: the sentence is the one that the benchmark names; `said`: that one, or another that holds the answer.
    """

    own: int
    other: int
    right_own: float
    right_other: float
    said_own: float
    said_other: float


def evaluate_sentences(
    engine: SearchEngine, benchmark: Benchmark, folder: Path, *, quiet: bool = False
) -> SentenceScores | None:
    """Ask for the sentence that answers in each right document of at least three sentences.

    None where the benchmark does not say. Raises BenchmarkError.
    """
    answers = read_answers(folder, {document["id"]: document.get("lang", "") for document in benchmark.documents})
    outcomes: dict[bool, list[tuple[bool, bool]]] = {True: [], False: []}
    lang_of = engine.languages()
    long_enough = {document for document in lang_of if engine.sentences(document) >= FEWEST} if answers else set()
    for query in tqdm(benchmark.queries, desc="highlighting", unit=" queries", disable=True if quiet else None):
        judged = [answer for answer in answers.get(_number(query.id, query.lang), []) if answer.document in long_enough]
        if not judged:
            continue
        chosen = engine.highlights(query.text, [answer.document for answer in judged])
        for answer, highlight in zip(judged, chosen, strict=True):
            at_home = lang_of[answer.document] == query.lang
            outcomes[at_home].append((answer.is_in(highlight), answer.is_said_in(highlight)))
    own, other = outcomes[True], outcomes[False]
    if not own and not other:
        return None
    return SentenceScores(
        own=len(own),
        other=len(other),
        right_own=_share(own, 0),
        right_other=_share(other, 0),
        said_own=_share(own, 1),
        said_other=_share(other, 1),
    )


def read_answers(folder: Path, lang_of: dict[str, str]) -> dict[str, list[Answer]]:
    """Return the answers by the number of their question, which is its id without its language.

    Nothing where the folder has no answers.tsv. Raises BenchmarkError.
    """
    file = folder / ANSWERS
    found: dict[str, list[Answer]] = defaultdict(list)
    if not file.is_file():
        return found
    try:
        with file.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE):
                document = row["corpus-id"]
                if document in lang_of:
                    answer = Answer(document, row["answer"], int(row["sentence-start"]), int(row["sentence-end"]))
                    found[_number(row["query-id"], lang_of[document])].append(answer)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, csv.Error) as error:
        raise BenchmarkError(
            f"it cannot be read ({error})",
            "Its columns are query-id, corpus-id, answer, sentence-start and sentence-end, parted by tabs",
            where=str(file),
        ) from error
    return found


def _number(query_id: str, lang: str) -> str:
    return query_id.removeprefix(f"{lang}-")


def _share(outcomes: list[tuple[bool, bool]], part: int) -> float:
    return fmean(outcome[part] for outcome in outcomes) if outcomes else 0.0
