"""Files and folders into articles. One module a format; this one picks by suffix."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from corpus.article import Article, new_article_id
from corpus.errors import SourceError
from corpus.origins import origin_of
from corpus.readers import jsonl, text

Reader = Callable[[Path, Path], Iterator["Article | SourceError"]]
READERS: dict[str, Reader] = {
    ".jsonl": jsonl.read,
    ".ndjson": jsonl.read,
    ".txt": text.read,
    ".md": text.read,
    ".markdown": text.read,
}
# Files about a folder of articles, not articles.
ABOUT = ("readme", "license", "licence", "copying", "changelog")
FIRST = 10


@dataclass(slots=True)
class ReadReport:
    """What was read so far: articles, records left out (by kind, with the first ten messages), files passed over.

    `damaged`: the origins in which a record was left out.
    """

    read: int = 0
    skipped: int = 0
    ignored: int = 0
    by_kind: dict[str, int] = field(default_factory=dict)
    first: list[str] = field(default_factory=list)
    damaged: set[str] = field(default_factory=set)

    def leave_out(self, error: SourceError, origin: str) -> None:
        """Count a record of `origin` that is skipped."""
        self.skipped += 1
        self.damaged.add(origin)
        self.by_kind[error.kind] = self.by_kind.get(error.kind, 0) + 1
        if len(self.first) < FIRST:
            self.first.append(str(error))


def read(
    source: Path,
    *,
    on_error: Literal["stop", "skip"] = "stop",
    report: ReadReport | None = None,
    seen: dict[str, str] | None = None,
) -> Iterator[Article]:
    """Yield the articles of a file, or of all files in a folder and its subfolders, in the order of their names.

    A folder's hidden files, links, files of other formats, and those about it (README, LICENCE, ...) are
    passed over. `seen` (content hash by id) is shared by the sources of one run: an article comes again where another
    file holds it too, and another one under a known id is an error, unless it is known by its url: that page was read
    twice, and what came last counts. Raises SourceError naming file and line, or with "skip" counts it in `report`; a
    source that does not exist always raises.
    """
    report = report if report is not None else ReadReport()
    seen = seen if seen is not None else {}
    for file in _files(source, report):
        origin = origin_of(file)
        for found in READERS[file.suffix.lower()](file, source):
            count = len(seen)
            article = found if isinstance(found, SourceError) else _one_of_its_id(found, file, seen)
            if isinstance(article, SourceError):
                if on_error == "stop":
                    raise article
                report.leave_out(article, origin)
            else:
                report.read += len(seen) - count
                yield replace(article, origin=origin)


def _one_of_its_id(article: Article, file: Path, seen: dict[str, str]) -> Article | SourceError:
    """Return the article, or an error where its id was another's before."""
    content = article.content_hash
    before = seen.setdefault(article.id, content)
    if before == content:
        return article
    if article.url and article.id == new_article_id(article.url, "", "", ""):
        seen[article.id] = content
        return article
    return SourceError(
        f"the id {article.id!r} was used before for another article",
        "Give each article an id of its own",
        where=str(file),
        kind="duplicate-id",
    )


def _files(source: Path, report: ReadReport) -> Iterator[Path]:
    known = ", ".join(READERS)
    if source.is_dir():
        for path in sorted(source.rglob("*")):
            hidden = any(part.startswith(".") for part in path.relative_to(source).parts)
            if hidden or path.is_symlink() or not path.is_file():
                continue
            if path.suffix.lower() in READERS and not path.stem.lower().startswith(ABOUT):
                yield path
            else:
                report.ignored += 1
    elif not source.exists():
        raise SourceError("there is no such file or folder", "Check the path", where=str(source), kind="missing-file")
    elif source.suffix.lower() not in READERS:
        raise SourceError(
            f"its format is not known: {source.suffix or 'no suffix'}",
            f"Known are {known}",
            where=str(source),
            kind="format",
        )
    else:
        yield source
