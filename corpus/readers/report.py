"""What a run read, and what it did not."""

from __future__ import annotations

from dataclasses import dataclass, field

from corpus.errors import SourceError

FIRST = 10


@dataclass(slots=True)
class ReadReport:
    """What was read so far, counted.

    `read` articles; `skipped` records that could not be read, `by_kind` and with the `first` ten messages; `damaged`:
    the origins in which there were such; `ignored` files passed over in folders. `warnings`, by kind, count articles
    that were taken otherwise than their source has them, with the `first_warnings`. `passed_over`, by kind, counts
    records that were never articles. `unchanged` articles of feeds and pages were read in an earlier run, and are as
    they were.
    """

    read: int = 0
    unchanged: int = 0
    skipped: int = 0
    ignored: int = 0
    by_kind: dict[str, int] = field(default_factory=dict)
    first: list[str] = field(default_factory=list)
    warnings: dict[str, int] = field(default_factory=dict)
    first_warnings: list[str] = field(default_factory=list)
    passed_over: dict[str, int] = field(default_factory=dict)
    damaged: set[str] = field(default_factory=set)

    def leave_out(self, error: SourceError, origin: str) -> None:
        """Count a record of `origin` that is skipped."""
        self.skipped += 1
        self.damaged.add(origin)
        _count(self.by_kind, error.kind)
        if len(self.first) < FIRST:
            self.first.append(str(error))

    def warn(self, kind: str, message: str) -> None:
        """Count an article that was taken, but not as it is."""
        _count(self.warnings, kind)
        if len(self.first_warnings) < FIRST:
            self.first_warnings.append(message)

    def add(self, other: ReadReport) -> None:
        """Take up what another machine counted while it read: warnings, and what was passed over."""
        for kind, count in other.warnings.items():
            _count(self.warnings, kind, count)
        self.first_warnings += other.first_warnings[: FIRST - len(self.first_warnings)]
        for kind, count in other.passed_over.items():
            _count(self.passed_over, kind, count)

    def pass_over(self, kind: str) -> None:
        """Count a record that is no article."""
        _count(self.passed_over, kind)


def _count(counts: dict[str, int], kind: str, more: int = 1) -> None:
    counts[kind] = counts.get(kind, 0) + more
