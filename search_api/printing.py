"""How results, build reports and the facts of an index look on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from search_api.terminal import plain, wrapped

if TYPE_CHECKING:
    from corpus.readers import ReadReport
    from indexer.build import BuildReport
    from indexer.left_out import SourceBoilerplate
    from search_api.info import IndexInfo
    from search_api.results import Hit, Results

_INDENT = "    "
_LISTED = 40
_LISTED_SOURCES = 10
_LISTED_PARAGRAPHS = 3
_FIRST_WORDS = 60
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
    yield from _boilerplate_lines(report.boilerplate)
    yield f"seconds    {report.seconds:.1f}{speed}"
    yield f"build      {report.build}{'' if report.published else ' (unchanged)'}"
    yield from skipped_lines(report.read)
    yield from _warning_lines(report.read)
    yield from _ignored_lines(report.read)


def skipped_lines(read: ReadReport) -> Iterator[str]:
    """Yield what was skipped, by kind, and the first messages. Nothing where nothing was."""
    if not read.skipped:
        return
    yield f"skipped    {read.skipped:,} ({_kinds(read.by_kind)})"
    yield from _first_lines(read.first, read.skipped)


def _warning_lines(read: ReadReport) -> Iterator[str]:
    """Yield what was taken otherwise than its source has it."""
    if count := sum(read.warnings.values()):
        yield f"warnings   {count:,} ({_kinds(read.warnings)})"
        yield from _first_lines(read.first_warnings, count)


def _ignored_lines(read: ReadReport) -> Iterator[str]:
    """Yield what was passed over because it is no article."""
    if read.ignored:
        yield f"ignored    {_counted(read.ignored, 'file')} of other formats"
    if read.passed_over:
        yield f"ignored    {_counted(sum(read.passed_over.values()), 'record')} ({_kinds(read.passed_over)})"


def _kinds(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{kind} {count:,}" for kind, count in sorted(counts.items()))


def _first_lines(messages: Sequence[str], count: int) -> Iterator[str]:
    for message in messages:
        yield f"{_INDENT}{plain(message)}"
    if count > len(messages):
        yield f"{_INDENT}and {count - len(messages):,} more"


def info_lines(info: IndexInfo) -> Iterator[str]:
    """Yield what an index holds."""
    yield f"build      {info.build}, made {info.created}"
    title = "title and text" if info.with_title else "text only"
    yield f"encoder    {plain(info.model)} {info.fingerprint[:8]}, {info.dimension} dimensions"
    yield f"embedded   {title}, passages of up to {info.passage_budget} tokens, {info.vectors} vectors"
    yield f"articles   {info.articles:,}"
    split = f" ({_counted(info.split_sentences, 'sentence')} split)" if info.split_sentences else ""
    yield f"passages   {info.passages:,}{split}"
    yield f"languages  {_tally(info.languages)}"
    yield f"sources    {_tally(info.sources)}"
    if info.boilerplate is None:
        yield "boilerplate embedded as well (--keep-boilerplate)"
    else:
        yield from _boilerplate_lines(info.boilerplate, paragraphs=True)
    yield f"tokens     {'not kept (--lean)' if info.lean else 'kept as codes'}"
    sizes = ", ".join(f"{name} {_size(count)}" for name, count in info.bytes.items())
    yield f"size       {_size(sum(info.bytes.values()))} ({sizes})"


def _boilerplate_lines(found: Mapping[str, SourceBoilerplate], *, paragraphs: bool = False) -> Iterator[str]:
    """Yield a line for each source, those with most first, and with `paragraphs` how the first of each begin."""
    ranked = sorted(found.items(), key=lambda pair: (-pair[1].articles, pair[0]))
    label = "boilerplate"
    for name, source in ranked[:_LISTED_SOURCES]:
        count, articles = _counted(source.paragraphs, "paragraph"), _counted(source.articles, "article")
        yield f"{label} {plain(name) or '(none)'} {count} in {articles}"
        label = " " * len(label)
        for recurring in source.most[:_LISTED_PARAGRAPHS] if paragraphs else ():
            begins = plain(recurring.begins)
            begins = begins if len(begins) <= _FIRST_WORDS else f"{begins[:_FIRST_WORDS].rstrip()}…"
            yield f"{label} {_INDENT}{_counted(recurring.articles, 'article')} ({recurring.lang}): {begins}"
    if len(ranked) > _LISTED_SOURCES:
        yield f"{label} and {_counted(len(ranked) - _LISTED_SOURCES, 'more source')}"


def _hit_lines(rank: int, hit: Hit, width: int, *, bold: bool) -> Iterator[str]:
    yield f"{rank:2}. {plain(hit.heading)}"
    facts = (f"{hit.score:.3f}", hit.sureness, hit.published, hit.lang, hit.source, hit.url)
    yield _INDENT + " · ".join(plain(fact) for fact in facts if fact)
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
