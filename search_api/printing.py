"""How results, build reports and the facts of an index look on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from search_api.terminal import plain, wrapped

if TYPE_CHECKING:
    from corpus.readers import ReadReport
    from indexer.build import BuildReport
    from indexer.lineage import KeptGeneration, RolledBack
    from indexer.manifest import Verified
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
    if report.published:
        yield f"verified   {_verified(report.verified)}"
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
    yield f"languages  {_tally(info.languages)}"
    yield f"sources    {_tally(info.sources)}"
    yield f"tokens     {'not kept (--lean)' if info.lean else 'kept as codes'}"
    yield f"verified   {_verified(info.verified)}"
    sizes = ", ".join(f"{name} {_size(count)}" for name, count in info.bytes.items())
    yield f"size       {_size(sum(info.bytes.values()))} ({sizes})"


def generation_lines(generations: Sequence[KeptGeneration]) -> Iterator[str]:
    """Yield the generations of an index as a table."""
    names = max(len(generation.name) for generation in generations)
    yield f"{'build':<{names}}  {'created':<20}  {'articles':>10}  {'passages':>10}  {'size':>11}  {'model':<12}"
    for found in generations:
        counts = "".join(
            f"{'?' if count is None else f'{count:,}':>10}  " for count in (found.articles, found.passages)
        )
        state = "served" if found.served else "rolled back" if found.rolled_back else ""
        damage = f"damaged: {plain(found.damage)}" if found.damage else ""
        facts = f"{plain(found.created or '?'):<20}  {counts}{_size(found.bytes):>11}  {plain(found.model or '?'):<12}"
        yield f"{found.name:<{names}}  {facts}  {', '.join(word for word in (state, damage) if word)}".rstrip()


def rollback_lines(done: RolledBack) -> Iterator[str]:
    """Yield what a rollback did, and how to undo it."""
    held = f"made {done.created}, {_counted(done.articles, 'article')}, {_counted(done.passages, 'passage')}"
    if done.before == done.now:
        yield f"{done.now} is served already ({held})"
        return
    yield f"{done.now} is served now ({held})"
    if done.before is not None:
        yield f"{done.before} is kept; to serve it again: veille rollback {done.before}"
    yield "The next `veille index` starts from what is served"


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


def _verified(verified: Verified) -> str:
    canaries = f", {_counted(verified.canaries, 'canary', 'canaries')} answered" if verified.canaries else ""
    return f"{_counted(verified.sample, 'passage')} found by their own text{canaries}"


def _counted(count: int, noun: str, nouns: str = "") -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {nouns or noun + 's'}"


def _size(count: int) -> str:
    mebi, kibi = 1 << 20, 1 << 10
    return f"{count / mebi:,.1f} MiB" if count >= mebi else f"{count / kibi:,.1f} KiB"
