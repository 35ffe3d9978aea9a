"""How the hits of a search look on a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from search_api.printing.amounts import INDENT, counted
from search_api.terminal import plain, wrapped

if TYPE_CHECKING:
    from search_api.explanation import Explanation
    from search_api.results import Hit, Results

_ANSWER = "→ "


def results_lines(results: Results, width: int, *, bold: bool = False) -> Iterator[str]:
    """Yield the hits, a blank line after each.

    The sentence that answers stands in bold in its passage, or on lines of its own where there is no `bold`.
    """
    if results.unanswered:
        yield wrapped(results.unanswered, width)
        yield ""
    for rank, hit in enumerate(results, 1):
        yield from _hit_lines(rank, hit, width, bold=bold)
        yield ""
    found = "no article matches" if not results.hits else counted(len(results), "article")
    yield f"{found}, {results.seconds * 1000:.0f} ms, build {plain(results.build)}"


def _hit_lines(rank: int, hit: Hit, width: int, *, bold: bool) -> Iterator[str]:
    yield f"{rank:2}. {plain(hit.heading)}"
    facts = (f"{hit.score:.3f}", hit.sureness, hit.published, hit.lang, hit.source, hit.url)
    yield INDENT + " · ".join(plain(fact) for fact in facts if fact)
    if hit.copies:
        yield wrapped(hit.also_in, width, INDENT)
    if hit.highlight and not bold:
        yield _answer(hit.highlight.text, width)
    if hit.explanation:
        yield from _explanation_lines(hit.explanation)
    for passage in hit.passages:
        yield f"{INDENT}[{passage.start}-{passage.end}] {passage.score:.3f}"
        marked = hit.highlight.within(passage) if hit.highlight and bold else None
        yield wrapped(passage.text, width, INDENT * 2, marked or (0, 0))


def _explanation_lines(why: Explanation) -> Iterator[str]:
    parts = {
        "cosine": why.cosine,
        "words": why.words,
        "names": why.names,
        "evenness": why.evenness,
        "prefer": why.prefer,
        "tokens": why.tokens,
    }
    added = " ".join(f"{value:+.3f} {name}" for name, value in parts.items() if value).lstrip("+")
    reranked = "" if why.reranker is None else f"; the reranker says {why.reranker:.3f}"
    yield f"{INDENT}= {why.fused + why.tokens:.3f}: {added}{reranked}"
    if why.matched:
        yield f"{INDENT}  words in common: {', '.join(map(plain, why.matched))}"
    if why.transform:
        looks = ", ".join(f"{lang} {share:.0%}" for lang, share in why.transform.question.items()) or "no language"
        yield f"{INDENT}  taken out of the vectors: {why.transform.passage} (passage), {looks} (question)"
    told = f"{counted(why.group.articles, 'article')} of its story, {why.filters['passages']:,} passages searched"
    evidence = "" if why.evidence is None else f", evidence {why.evidence:+.2f}"
    yield f"{INDENT}  {told}{evidence}"


def _answer(text: str, width: int) -> str:
    return INDENT + _ANSWER + wrapped(text, width, INDENT + " " * len(_ANSWER)).lstrip()
