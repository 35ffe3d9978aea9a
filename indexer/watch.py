"""Keeps an index current with feeds: round after round, each indexing only what is new."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from corpus.errors import SourceError, VeilleError
from corpus.fetching import Fetcher, FetchError
from corpus.readers import opml
from corpus.readers.web import is_address
from indexer.build import BuildReport, build
from indexer.encoder import Encoder
from indexer.errors import EncoderMismatch, IndexDamaged, SchemaMismatch
from indexer.gathering import Gathering

EVERY = 15 * 60.0
LONGEST_REST = 24 * 3600.0
OPML = ".opml"
# What no later round can mend.
_LASTING = (EncoderMismatch, IndexDamaged, SchemaMismatch)

Stamps = Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What one round did. `began` is UTC.

    Of the feeds, `read` were asked, of which `unchanged` had nothing new and those in `failures` could not be read
    (why, by address, or by the name of a list of feeds); `resting` are left alone for a while after failures.
    `missed` counts pages that entries link to. `articles` is how many the index holds, `new` and `changed` are of
    this round. `build` is what is served, None where there is nothing yet; `trouble` says why what was read is not
    in it, "" where it is: it is read again in the next round.
    """

    began: datetime
    seconds: float
    read: int
    unchanged: int
    resting: int
    failures: Mapping[str, str]
    missed: int
    new: int
    changed: int
    published: bool
    build: str | None
    trouble: str


class Watch:
    """Follows feeds. The index is locked only while something new is built into it, not while feeds are read."""

    def __init__(
        self,
        sources: Sequence[Path | str],
        index_dir: Path,
        *,
        encoder: Encoder,
        every: float = EVERY,
        fetcher: Fetcher | None = None,
        follow: bool = False,
        keep_codes: bool = True,
        keep_boilerplate: bool = False,
        quiet: bool = True,
    ) -> None:
        """Watch addresses, the feeds in .opml files, and files or folders as `build` takes them.

        `every` is how many seconds lie between the starts of two rounds. Lists of feeds are read anew in every
        round. `keep_codes` and `keep_boilerplate` are those of `build`. Raises SourceError for one that cannot be
        read now.
        """
        self._sources = sources
        self._index_dir = index_dir
        self._encoder = encoder
        self._every = every
        self._fetcher = fetcher or Fetcher()
        self._follow = follow
        self._keep_codes, self._keep_boilerplate = keep_codes, keep_boilerplate
        self._quiet = quiet
        self._listed: dict[str, list[str]] = {}
        self._indexed: Stamps = {}
        for file in map(str, sources):
            if _is_list(file):
                self._listed[file] = _feeds_in(file)

    def run(self, on_round: Callable[[Round], None], stop: threading.Event | None = None) -> None:
        """Do round after round until `stop` is set; tell `on_round` of each. Raises what `round` does."""
        stop = stop or threading.Event()
        while not stop.is_set():
            due = time.monotonic() + self._every
            on_round(self.round())
            stop.wait(max(due - time.monotonic(), 0.0))

    def round(self) -> Round:
        """Read all feeds that are due, and index what is new in them.

        Raises IndexDamaged, SchemaMismatch or EncoderMismatch; whatever else goes wrong is in what it returns.
        """
        began, started = datetime.now(UTC), time.monotonic()
        failures: dict[str, str] = {}
        addresses, files = self._addresses(failures), self._files()
        stamps = _stamps(files)
        changed_files = files if stamps != self._indexed else []
        with Gathering([*addresses, *changed_files], self._index_dir, self._fetcher, follow=self._follow) as gathering:
            now = began.timestamp()
            due = [url for url in addresses if not _is_resting(gathering.memory.of(url).rest_until, now)]
            gathering.fetch(due, quiet=self._quiet)
            for url, reading in gathering.readings.items():
                if reading.failure:
                    failures[url] = reading.failure.kind
                    self._let_rest(gathering, url, reading.failure, now)
            report, trouble = self._build(gathering)
            if report and changed_files:
                self._indexed = stamps
            readings = gathering.readings.values()
            return Round(
                began=began,
                seconds=time.monotonic() - started,
                read=len(due),
                unchanged=sum(not reading.failure and not reading.new for reading in readings),
                resting=len(addresses) - len(due),
                failures=failures,
                missed=sum(len(reading.pages_missed) for reading in readings),
                new=report.changes.added if report else 0,
                changed=report.changes.changed if report else 0,
                published=report is not None and report.published,
                build=report.build if report else gathering.memory.basis,
                trouble=trouble,
            )

    def _build(self, gathering: Gathering) -> tuple[BuildReport | None, str]:
        """Return what was built, if anything, and what went wrong, if anything."""
        if not gathering.new and not gathering.files:
            if gathering.memory.basis:
                gathering.remember(gathering.memory.basis, gathering.memory.basis)
            return None, ""
        try:
            report = build(
                gathering,
                self._index_dir,
                encoder=self._encoder,
                on_error="skip",
                quiet=self._quiet,
                keep_codes=self._keep_codes,
                keep_boilerplate=self._keep_boilerplate,
            )
        except _LASTING:
            raise
        except VeilleError as error:
            return None, str(error)
        return report, ""

    def _let_rest(self, gathering: Gathering, url: str, failure: SourceError, now: float) -> None:
        """Leave a feed that fails again alone for 1, 3, 7, ... rounds, or for as long as its server asks."""
        seen = gathering.memory.of(url)
        failures = seen.failures + 1
        rest = self._every * (2.0 ** min(failures - 1, 20) - 1)
        if isinstance(failure, FetchError):
            rest = max(rest, failure.retry_after)
        until = now + min(rest, LONGEST_REST)
        gathering.memory.note(url, replace(seen, failures=failures, rest_until=until))

    def _addresses(self, failures: dict[str, str]) -> list[str]:
        """Return the addresses to watch; a list that cannot be read any more counts as it was."""
        addresses: list[str] = []
        for source in map(str, self._sources):
            if is_address(source):
                addresses.append(source.strip())
            elif _is_list(source):
                try:
                    self._listed[source] = _feeds_in(source)
                except SourceError as error:
                    failures[source] = error.kind
                addresses += self._listed[source]
        return list(dict.fromkeys(addresses))

    def _files(self) -> list[Path]:
        return [Path(source) for source in map(str, self._sources) if not is_address(source) and not _is_list(source)]


def _is_resting(until: float, now: float) -> bool:
    """Say whether a feed is to be left alone; a clock that was set back lets none rest for ever."""
    return now < until <= now + LONGEST_REST


def _is_list(source: str) -> bool:
    return not is_address(source) and source.lower().endswith(OPML)


def _feeds_in(file: str) -> list[str]:
    try:
        content = Path(file).read_bytes()
    except OSError as error:
        raise SourceError(f"it cannot be read ({error.strerror})", where=file, kind="unreadable") from error
    return opml.feeds(content, file)


def _stamps(files: Iterable[Path]) -> Stamps:
    """Return when each file, or file in a folder, was changed, and its size."""
    found: dict[str, tuple[int, int]] = {}
    for file in files:
        inside = (Path(folder, name) for folder, _, names in os.walk(file) for name in names)
        for path in [file, *inside]:
            try:
                known = path.stat()
            except OSError:
                continue
            found[str(path)] = (known.st_mtime_ns, known.st_size)
    return found
