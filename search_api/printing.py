"""How results, build reports and the facts of an index look on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from search_api.terminal import plain, wrapped

if TYPE_CHECKING:
    from corpus.readers import ReadReport
    from indexer.build import BuildReport
    from search_api.info import IndexInfo
    from search_api.results import Hit, Results

_INDENT = "    "
_LISTED = 40
_ANSWER = "→ "
_NO_ANSWER = "Nothing in this index seems to answer. What comes nearest:"


def results_lines(results: Results, width: int, *, bold: bool = False) -> Iterator[str]:
    """Yield the hits, a blank line after each.

    The sentence that answers stands in bold in its passage, or on lines of its own where there is no `bold`.
    """
    if results.hits and results.answered is False:
        yield wrapped(_NO_ANSWER, width)
        yield ""
    for rank, hit in enumerate(results, 1):
        yield from _hit_lines(rank, hit, width, bold=bold)
        yield ""
    found = "no article matches" if not results.hits else _counted(len(results), "article")
    yield f"{found}, {results.seconds * 1000:.0f} ms, build {plain(results.build)}"


def report_lines(report: BuildReport) -> Iterator[str]:
    """Yield what a build did."""
    speed = f", {report.embedded / report.seconds:,.0f} passages/s" if report.embedded else ""
    yield f"articles   {report.articles:,} ({_tally(report.languages)})"
    yield f"passages   {report.passages:,}"
    yield f"reused     {report.reused:,}"
    yield f"embedded   {report.embedded:,}"
    yield f"removed    {report.removed:,}"
    if report.split_sentences:
        yield f"split      {_counted(report.split_sentences, 'sentence')} longer than a passage may be"
    yield f"seconds    {report.seconds:.1f}{speed}"
    yield f"build      {report.build}{'' if report.published else ' (unchanged)'}"
    yield from skipped_lines(report.read)


def skipped_lines(read: ReadReport) -> Iterator[str]:
    """Yield what was skipped, by kind, and the first messages. Nothing where nothing was."""
    if not read.skipped:
        return
    kinds = ", ".join(f"{kind} {count:,}" for kind, count in sorted(read.by_kind.items()))
    yield f"skipped    {read.skipped:,} ({kinds})"
    for message in read.first:
        yield f"{_INDENT}{plain(message)}"
    more = read.skipped - len(read.first)
    if more > 0:
        yield f"{_INDENT}and {more:,} more"


def info_lines(info: IndexInfo) -> Iterator[str]:
    """Yield what an index holds."""
    yield f"build      {info.build}, made {info.created}"
    title = "title and text" if info.with_title else "text only"
    yield f"encoder    {plain(info.model)} {info.fingerprint[:8]}, {info.dimension} dimensions"
    yield f"embedded   {title}, passages of up to {info.passage_budget} tokens, {info.vectors} vectors"
    yield f"articles   {info.articles:,}"
    split = f" ({_counted(info.split_sentences, 'sentence')} split)" if info.split_sentences else ""
    yield f"passages   {info.passages:,}{split}"
    yield f"groups     {info.groups:,} ({_held(info)})"
    yield f"languages  {_tally(info.languages)}"
    yield f"sources    {_tally(info.sources)}"
    yield f"tokens     {'not kept (--lean)' if info.lean else 'kept as codes'}"
    sizes = ", ".join(f"{name} {_size(count)}" for name, count in info.bytes.items())
    yield f"size       {_size(sum(info.bytes.values()))} ({sizes})"


def _held(info: IndexInfo) -> str:
    copies = f"{info.copies:,} {'copy' if info.copies == 1 else 'copies'}"
    return f"{copies} and {_counted(info.translations, 'translation')} besides the first of each"


def _hit_lines(rank: int, hit: Hit, width: int, *, bold: bool) -> Iterator[str]:
    yield f"{rank:2}. {plain(hit.heading)}"
    facts = (f"{hit.score:.3f}", hit.sureness, hit.published, hit.lang, hit.source, hit.url)
    yield _INDENT + " · ".join(plain(fact) for fact in facts if fact)
    if hit.copies:
        yield wrapped(hit.also_in, width, _INDENT)
    if hit.highlight and not bold:
        yield _answer(hit.highlight.text, width)
    for passage in hit.passages:
        yield f"{_INDENT}[{passage.start}-{passage.end}] {passage.score:.3f}"
        marked = hit.highlight.within(passage) if hit.highlight and bold else None
        yield wrapped(passage.text, width, _INDENT * 2, marked or (0, 0))


def _answer(text: str, width: int) -> str:
    return _INDENT + _ANSWER + wrapped(text, width, _INDENT + " " * len(_ANSWER)).lstrip()


def _tally(counts: Mapping[str, int]) -> str:
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    listed = [f"{plain(name) or '(none)'} {count:,}" for name, count in ranked[:_LISTED]]
    more = len(ranked) - len(listed)
    return ", ".join(listed) + (f" and {more:,} more" if more else "")


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _size(count: int) -> str:
    mebi, kibi = 1 << 20, 1 << 10
    return f"{count / mebi:,.1f} MiB" if count >= mebi else f"{count / kibi:,.1f} KiB"
