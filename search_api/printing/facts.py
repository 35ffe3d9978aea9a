"""How what an index holds looks on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from search_api.printing.amounts import INDENT, counted, size, tally
from search_api.terminal import plain

if TYPE_CHECKING:
    from indexer.left_out import SourceBoilerplate
    from indexer.manifest import Verified
    from search_api.info import IndexInfo

_LISTED_SOURCES = 10
_LISTED_PARAGRAPHS = 3
_FIRST_WORDS = 60


def info_lines(info: IndexInfo) -> Iterator[str]:
    """Yield what an index holds."""
    yield f"build      {info.build}, made {info.created}"
    title = "title and text" if info.with_title else "text only"
    yield f"encoder    {plain(info.model)} {info.fingerprint[:8]}, {info.dimension} dimensions"
    yield f"embedded   {title}, passages of up to {info.passage_budget} tokens, {info.vectors} vectors"
    yield f"articles   {info.articles:,}"
    split = f" ({counted(info.split_sentences, 'sentence')} split)" if info.split_sentences else ""
    yield f"passages   {info.passages:,}{split}"
    yield f"vectors    {info.passages:,}, of {info.dimension} dimensions; {_compared(info)}"
    memory = memory_text(info.vectors_bytes, info.memory) if info.vectors_bytes else "Milvus has the vectors"
    yield f"memory     {memory}"
    yield f"groups     {info.groups:,} ({_held(info)})"
    yield f"languages  {tally(info.languages)}"
    yield f"sources    {tally(info.sources)}"
    yield f"categories {tally(info.categories)}"
    yield f"published  {f'{info.first} to {info.last}' if info.first else 'no dates'}"
    if info.boilerplate is None:
        yield "boilerplate embedded as well (--keep-boilerplate)"
    else:
        yield from boilerplate_lines(info.boilerplate, paragraphs=True)
    yield f"tokens     {'not kept (--lean)' if info.lean else 'kept as codes'}"
    yield f"verified   {verified_text(info.verified)}"
    sizes = ", ".join(f"{name} {size(count)}" for name, count in info.bytes.items())
    yield f"size       {size(sum(info.bytes.values()))} ({sizes})"


def _compared(info: IndexInfo) -> str:
    if info.breadth is None:
        return "all compared for each question"
    cells = f" from {info.breadth.probes[0]:,} cells" if info.breadth.probes else ""
    apart = f", of a language or time asked for {info.breadth.by_language:,}" if info.breadth.languages else ""
    said = f"{info.breadth.candidates:,} or more{cells} compared for each question (recall {info.breadth.recall:.3f})"
    return said + apart


def memory_text(taken: int, allowed: int) -> str:
    """Return how much memory vectors take, beside what they may."""
    said = f"{size(taken)} for vectors"
    if taken > allowed > 0:
        return f"{said}, more than the {size(allowed)} allowed: in fewer bytes each too few would be found"
    return f"{said}, of {size(allowed)} allowed" if allowed else said


def _held(info: IndexInfo) -> str:
    copies = f"{info.copies:,} {'copy' if info.copies == 1 else 'copies'}"
    return f"{copies} and {counted(info.translations, 'translation')} besides the first of each"


def boilerplate_lines(found: Mapping[str, SourceBoilerplate], *, paragraphs: bool = False) -> Iterator[str]:
    """Yield a line for each source, those with most first, and with `paragraphs` how the first of each begin."""
    ranked = sorted(found.items(), key=lambda pair: (-pair[1].articles, pair[0]))
    label = "boilerplate"
    for name, source in ranked[:_LISTED_SOURCES]:
        count, articles = counted(source.paragraphs, "paragraph"), counted(source.articles, "article")
        yield f"{label} {plain(name) or '(none)'} {count} in {articles}"
        label = " " * len(label)
        for recurring in source.most[:_LISTED_PARAGRAPHS] if paragraphs else ():
            begins = plain(recurring.begins)
            begins = begins if len(begins) <= _FIRST_WORDS else f"{begins[:_FIRST_WORDS].rstrip()}…"
            yield f"{label} {INDENT}{counted(recurring.articles, 'article')} ({recurring.lang}): {begins}"
    if len(ranked) > _LISTED_SOURCES:
        yield f"{label} and {counted(len(ranked) - _LISTED_SOURCES, 'more source')}"


def verified_text(verified: Verified) -> str:
    """Return what a generation had to pass before it was served."""
    canaries = f", {counted(verified.canaries, 'canary', 'canaries')} answered" if verified.canaries else ""
    return f"{counted(verified.sample, 'passage')} found by their own text{canaries}"
