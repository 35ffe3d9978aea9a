"""How what a build did, or a removal, or a pruning, looks on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from search_api.printing.amounts import INDENT, counted, tally
from search_api.printing.facts import boilerplate_lines, memory_text, verified_text
from search_api.terminal import plain

if TYPE_CHECKING:
    from corpus.readers import ReadReport
    from indexer.build import BuildReport
    from indexer.cache_pruning import PrunedFile
    from indexer.changes import Changes
    from indexer.removal import RemovalReport


def report_lines(report: BuildReport) -> Iterator[str]:
    """Yield what a build did."""
    speed = f", {report.embedded / report.seconds:,.0f} passages/s" if report.embedded else ""
    yield f"articles   {report.articles:,} ({tally(report.languages)})"
    yield from changes_lines(report.changes)
    yield f"passages   {report.passages:,}"
    yield f"reused     {report.reused:,}"
    yield f"embedded   {report.embedded:,}"
    yield f"removed    {report.removed:,}"
    if report.split_sentences:
        yield f"split      {counted(report.split_sentences, 'sentence')} longer than a passage may be"
    yield from boilerplate_lines(report.boilerplate)
    if report.memory:
        yield f"memory     {memory_text(report.vectors_bytes, report.memory)}"
    if report.published:
        yield f"verified   {verified_text(report.verified)}"
    yield f"seconds    {report.seconds:.1f}{speed}"
    yield f"build      {report.build}{'' if report.published else ' (unchanged)'}"
    yield from skipped_lines(report.read)
    yield from _warning_lines(report.read)
    yield from _ignored_lines(report.read)


def changes_lines(changes: Changes) -> Iterator[str]:
    """Yield what a build does to articles."""
    counts = {name: getattr(changes, name) for name in ("added", "changed", "unchanged", "removed")}
    yield INDENT + ", ".join(f"{name} {count:,}" for name, count in counts.items())
    for article_id in changes.gone:
        yield f"{INDENT}removed {plain(article_id)}"
    more = changes.removed - len(changes.gone)
    if more > 0:
        yield f"{INDENT}removed {more:,} more"
    if changes.blocked:
        yield f"{INDENT}left out {changes.blocked:,} that `veille remove` took out"


def removal_lines(report: RemovalReport) -> Iterator[str]:
    """Yield what was taken out, where it was looked for afterwards, and what was found there."""
    for article in report.articles:
        title = f" {plain(article.title)}" if article.title else ""
        yield f"taken out  {plain(article.id)}{title}"
    if not report.articles:
        yield "taken out  before: no generation holds it"
    for finding in report.findings:
        yield f"found {finding.found:4}  {plain(finding.where)}: {finding.what}"
    yield f"found {len(report.holding) + len(report.unreadable):4}  older generations that hold it, or cannot be read"
    for name in report.purged:
        yield f"purged     generation {name}"
    for name in report.holding:
        yield f"still in   generation {name} (--purge deletes it)"
    for name in report.unreadable:
        yield f"unreadable generation {name} (--purge deletes it)"
    if report.blocked:
        yield "later      builds leave it out (--allow-again lets it back)"
    else:
        yield "later      builds may bring it back"
    yield f"build      {report.build}"


def cache_lines(files: Sequence[PrunedFile]) -> Iterator[str]:
    """Yield how many bytes each file of the cache gave back."""
    for file in files:
        yield f"{plain(file.name)}: {file.before:,} bytes, now {file.after:,}"
    yield f"freed      {sum(file.before - file.after for file in files):,} bytes"


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
        yield f"ignored    {counted(read.ignored, 'file')} of other formats"
    if read.passed_over:
        yield f"ignored    {counted(sum(read.passed_over.values()), 'record')} ({_kinds(read.passed_over)})"


def _kinds(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{kind} {count:,}" for kind, count in sorted(counts.items()))


def _first_lines(messages: Sequence[str], count: int) -> Iterator[str]:
    for message in messages:
        yield f"{INDENT}{plain(message)}"
    if count > len(messages):
        yield f"{INDENT}and {count - len(messages):,} more"
