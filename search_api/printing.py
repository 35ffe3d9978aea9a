"""How results, build reports and the facts of an index look on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from search_api.terminal import plain, wrapped

if TYPE_CHECKING:
    from corpus.readers import ReadReport
    from indexer.build import BuildReport
    from indexer.cache_pruning import PrunedFile
    from indexer.changes import Changes
    from indexer.left_out import SourceBoilerplate
    from indexer.lineage import KeptGeneration, RolledBack
    from indexer.manifest import Verified
    from indexer.removal import RemovalReport
    from search_api.explanation import Explanation
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
    yield from changes_lines(report.changes)
    yield f"passages   {report.passages:,}"
    yield f"reused     {report.reused:,}"
    yield f"embedded   {report.embedded:,}"
    yield f"removed    {report.removed:,}"
    if report.split_sentences:
        yield f"split      {_counted(report.split_sentences, 'sentence')} longer than a passage may be"
    yield from _boilerplate_lines(report.boilerplate)
    if report.published:
        yield f"verified   {_verified(report.verified)}"
    yield f"seconds    {report.seconds:.1f}{speed}"
    yield f"build      {report.build}{'' if report.published else ' (unchanged)'}"
    yield from skipped_lines(report.read)
    yield from _warning_lines(report.read)
    yield from _ignored_lines(report.read)


def changes_lines(changes: Changes) -> Iterator[str]:
    """Yield what a build does to articles."""
    counts = {name: getattr(changes, name) for name in ("added", "changed", "unchanged", "removed")}
    yield _INDENT + ", ".join(f"{name} {count:,}" for name, count in counts.items())
    for article_id in changes.gone:
        yield f"{_INDENT}removed {plain(article_id)}"
    more = changes.removed - len(changes.gone)
    if more > 0:
        yield f"{_INDENT}removed {more:,} more"
    if changes.blocked:
        yield f"{_INDENT}left out {changes.blocked:,} that `veille remove` took out"


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
    yield f"groups     {info.groups:,} ({_held(info)})"
    yield f"languages  {_tally(info.languages)}"
    yield f"sources    {_tally(info.sources)}"
    yield f"categories {_tally(info.categories)}"
    yield f"published  {f'{info.first} to {info.last}' if info.first else 'no dates'}"
    if info.boilerplate is None:
        yield "boilerplate embedded as well (--keep-boilerplate)"
    else:
        yield from _boilerplate_lines(info.boilerplate, paragraphs=True)
    yield f"tokens     {'not kept (--lean)' if info.lean else 'kept as codes'}"
    yield f"verified   {_verified(info.verified)}"
    sizes = ", ".join(f"{name} {_size(count)}" for name, count in info.bytes.items())
    yield f"size       {_size(sum(info.bytes.values()))} ({sizes})"


def _held(info: IndexInfo) -> str:
    copies = f"{info.copies:,} {'copy' if info.copies == 1 else 'copies'}"
    return f"{copies} and {_counted(info.translations, 'translation')} besides the first of each"


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
    if hit.copies:
        yield wrapped(hit.also_in, width, _INDENT)
    if hit.highlight and not bold:
        yield _answer(hit.highlight.text, width)
    if hit.explanation:
        yield from _explanation_lines(hit.explanation)
    for passage in hit.passages:
        yield f"{_INDENT}[{passage.start}-{passage.end}] {passage.score:.3f}"
        marked = hit.highlight.within(passage) if hit.highlight and bold else None
        yield wrapped(passage.text, width, _INDENT * 2, marked or (0, 0))


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
    yield f"{_INDENT}= {why.fused + why.tokens:.3f}: {added}{reranked}"
    if why.matched:
        yield f"{_INDENT}  words in common: {', '.join(map(plain, why.matched))}"
    if why.transform:
        looks = ", ".join(f"{lang} {share:.0%}" for lang, share in why.transform.question.items()) or "no language"
        yield f"{_INDENT}  taken out of the vectors: {why.transform.passage} (passage), {looks} (question)"
    told = f"{_counted(why.group.articles, 'article')} of its story, {why.filters['passages']:,} passages searched"
    evidence = "" if why.evidence is None else f", evidence {why.evidence:+.2f}"
    yield f"{_INDENT}  {told}{evidence}"


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
