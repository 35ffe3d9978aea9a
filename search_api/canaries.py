"""Questions whose answer is known: a build that does not give it is not served.

Named after the birds that miners took along.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from indexer.encoder import Encoder
from indexer.errors import VerificationFailed
from indexer.generation import Generation
from search_api.engine import SearchEngine
from search_api.errors import CanaryError, QueryError
from search_api.queries import MOST_HITS, MOST_HITS_SERVED, clean_query
from search_api.results import Results

WITHIN = 10
_LINES = (".jsonl", ".ndjson")
_TOLD = 5
_NAMED = 3
_FIELDS = {"question", "expected", "within"}


@dataclass(frozen=True, slots=True)
class Canary:
    """`question` must bring the article `expected`, its id or its URL, within the first `within` hits."""

    question: str
    expected: str
    within: int
    where: str


class Canaries:
    """Asks canaries of a generation, with the search that users have."""

    def __init__(self, canaries: Sequence[Canary]) -> None:
        """Take them as they are."""
        self._canaries = tuple(canaries)

    @classmethod
    def read(cls, file: Path) -> Canaries:
        """Read a file of canaries: JSON Lines where it is called so, else question, expected[, within] between tabs.

        Empty lines and, between tabs, lines that begin with # say nothing. Raises CanaryError.
        """
        try:
            lines = file.read_text(encoding="utf-8-sig").split("\n")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            raise CanaryError(f"canaries cannot be read ({reason})", where=str(file)) from error
        parse = _from_json if file.suffix.lower() in _LINES else _from_tabs
        found = []
        for number, line in enumerate(lines, 1):
            if line.strip() and not (parse is _from_tabs and line.startswith("#")):
                where = f"{file}:{number}"
                found.append(_canary(parse(line, where), where))
        if not found:
            raise CanaryError(
                "it holds no canary", "Write a question and the id of its article a line", where=str(file)
            )
        return cls(found)

    def __len__(self) -> int:
        return len(self._canaries)

    def ask(self, generation: Generation, encoder: Encoder) -> None:
        """Ask each. Raises VerificationFailed, which says of the first that failed what came instead."""
        engine = SearchEngine(generation, encoder)
        failed = [failure for canary in self._canaries if (failure := _failure(engine, canary))]
        if failed:
            counted = f"{len(failed)} of {len(self)} canaries failed" if len(self) > 1 else "the canary failed"
            more = f"; and {len(failed) - _TOLD} more" if len(failed) > _TOLD else ""
            raise VerificationFailed(
                f"{counted}: {'; '.join(failed[:_TOLD])}{more}", where=str(generation.directory.parent.parent)
            )


def _failure(engine: SearchEngine, canary: Canary) -> str | None:
    """Return how a canary fails, None where it does not."""
    results = engine.search(canary.question, canary.within, passages_per_article=1)
    if any(canary.expected in (hit.article_id, hit.url) for hit in results):
        return None
    first = "1st hit" if canary.within == 1 else f"first {canary.within} hits"
    return (
        f"{canary.where}: {canary.question!r} must bring {canary.expected!r} among the {first}; "
        f"{_rank(engine, canary)}; {_instead(results)}"
    )


def _rank(engine: SearchEngine, canary: Canary) -> str:
    (deeper,) = engine.rank([canary.question], MOST_HITS)
    for rank, (article_id, _) in enumerate(deeper, 1):
        if canary.expected in (article_id, engine.article(article_id).url):
            return f"it is number {rank}"
    return "there is no such article" if len(deeper) < MOST_HITS else f"it is not among the first {MOST_HITS:,}"


def _instead(results: Results) -> str:
    names = ", ".join(repr(hit.article_id) for hit in results.hits[:_NAMED])
    return f"first came {names}" if names else "nothing came"


def _from_tabs(line: str, where: str) -> dict[str, object]:
    question, *rest = (field.strip() for field in line.split("\t"))
    if not 1 <= len(rest) < len(_FIELDS):
        remedy = "Write: question, expected[, within]"
        raise CanaryError(f"it has {1 + len(rest)} fields between tabs", remedy, where=where)
    within = rest[1] if rest[1:] else str(WITHIN)
    number = int(within) if re.fullmatch("[0-9]{1,4}", within) else within
    return {"question": question, "expected": rest[0], "within": number}


def _from_json(line: str, where: str) -> dict[str, object]:
    remedy = 'Write: {"question": ..., "expected": ..., "within": ...}'
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise CanaryError("it is not JSON", remedy, where=where) from error
    if not isinstance(found, dict) or not {"question", "expected"} <= set(found) <= _FIELDS:
        raise CanaryError("it is no object of question, expected and within", remedy, where=where)
    return {"within": WITHIN, **found}


def _canary(fields: dict[str, object], where: str) -> Canary:
    question, expected, within = fields["question"], fields["expected"], fields["within"]
    if not isinstance(expected, str) or not expected:
        raise CanaryError("no article is expected", "Give its id or its URL", where=where)
    if not isinstance(within, int) or isinstance(within, bool) or not 1 <= within <= MOST_HITS_SERVED:
        raise CanaryError(f"within is {within!r}", f"Give a whole number from 1 to {MOST_HITS_SERVED}", where=where)
    try:
        return Canary(clean_query(question), expected, within, where)  # type: ignore[arg-type]  # it says what is wrong
    except QueryError as error:
        raise CanaryError(error.problem, error.remedy, where=where) from error
