"""Files and folders into articles. One module a format; this one picks by suffix."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from corpus.article import Article
from corpus.errors import SourceError
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
    """What was read so far: articles, records left out (by kind, with the first ten messages), files passed over."""

    read: int = 0
    skipped: int = 0
    ignored: int = 0
    by_kind: dict[str, int] = field(default_factory=dict)
    first: list[str] = field(default_factory=list)

    def leave_out(self, error: SourceError) -> None:
        """Count a record that is skipped."""
        self.skipped += 1
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
    passed over. `seen` (content hash by id) is shared by the sources of one run: an article that comes
    again as it was is left out, another one under a known id is an error. Raises SourceError naming file
    and line, or with "skip" counts it in `report`; a source that does not exist always raises.
    """
    report = report if report is not None else ReadReport()
    seen = seen if seen is not None else {}
    for file in _files(source, report):
        for found in READERS[file.suffix.lower()](file, source):
            outcome = found if isinstance(found, SourceError) else _known(found, file, seen)
            if isinstance(outcome, SourceError):
                if on_error == "stop":
                    raise outcome
                report.leave_out(outcome)
            elif not outcome:
                report.read += 1
                yield found  # type: ignore[misc]  # not an error: those have an outcome


def _known(article: Article, file: Path, seen: dict[str, str]) -> bool | SourceError:
    """Return whether the article was seen before as it is; an error where it was another one."""
    content = article.content_hash
    before = seen.setdefault(article.id, "")
    if not before:
        seen[article.id] = content
        return False
    if before == content:
        return True
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
