"""What the addresses among a build's sources hold, fetched before it begins: nobody waits for its lock meanwhile."""

from __future__ import annotations

import json
import queue
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit

from tqdm import tqdm

from corpus.article import Article
from corpus.errors import SourceError
from corpus.fetching import Fetcher
from corpus.fetching.memory import FetchMemory
from corpus.readers.report import ReadReport
from corpus.readers.web import AddressReading, is_address
from indexer.errors import IndexProblem
from indexer.generation import current_name

NAME = "fetched.json"
WORKERS = 8
# Records that wait to be written down; threads that read faster than this wait in turn.
WAITING = 100


class GatheredAddress:
    """An address that was read: its records lie in the gathering until a build takes them."""

    def __init__(self, url: str, gathering: Gathering) -> None:
        """Take where the records are."""
        self.url = url
        self._gathering = gathering

    def __str__(self) -> str:
        return self.url

    def records(self, report: ReadReport) -> Iterator[Article | SourceError]:
        """Yield the articles and what is wrong with others; count what stayed as it was, and pages not had."""
        reading = self._gathering.readings[self.url]
        report.unchanged += reading.unchanged
        for missed in reading.pages_missed:
            report.warn(f"page-{missed.kind}", str(missed))
        yield from self._gathering.records_of(self.url)


@contextmanager
def gathered(
    sources: Sequence[Path | str] | Gathering,
    index_dir: Path,
    fetcher: Fetcher | None,
    *,
    follow: bool,
    fresh: bool,
    quiet: bool,
) -> Iterator[Gathering]:
    """Give a gathering whose addresses were read; one that was given stays open."""
    if isinstance(sources, Gathering):
        yield sources
        return
    with Gathering(sources, index_dir, fetcher, follow=follow, fresh=fresh) as gathering:
        gathering.fetch(quiet=quiet)
        yield gathering


class Gathering:
    """The sources of a build, its addresses read beforehand. Use as a context.

    What is remembered of earlier runs lies in the index's folder, and is written anew only when what was read
    has gone into a build: see `remember`.
    """

    def __init__(
        self,
        sources: Sequence[Path | str],
        index_dir: Path,
        fetcher: Fetcher | None = None,
        *,
        follow: bool = False,
        fresh: bool = False,
    ) -> None:
        """Tell addresses from files. `fresh` starts from nothing: all is fetched. Nothing is fetched yet."""
        self.addresses = list(dict.fromkeys(s.strip() for s in sources if isinstance(s, str) and is_address(s)))
        self.files = [source for source in sources if not is_address(source)]
        self.readings: dict[str, AddressReading] = {}
        self.memory = FetchMemory.open(index_dir / NAME, None if fresh else _basis(index_dir))
        self._fetcher = fetcher or Fetcher()
        self._follow = follow
        self._spool = sqlite3.connect("")
        self._spool.execute("CREATE TABLE records (url TEXT NOT NULL, article INTEGER NOT NULL, record TEXT NOT NULL)")

    def __enter__(self) -> Gathering:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._spool.close()

    @property
    def sources(self) -> list[Path | str | GatheredAddress]:
        """The files, and the addresses that were read."""
        return [*self.files, *(GatheredAddress(url, self) for url in self.readings)]

    @property
    def new(self) -> int:
        """How many articles were read that are new or changed since the run before."""
        count: int = self._spool.execute("SELECT count(*) FROM records WHERE article").fetchone()[0]
        return count

    def fetch(self, addresses: Sequence[str] | None = None, *, quiet: bool = False) -> None:
        """Read `addresses`, by default all: hosts beside each other, the addresses of one host after one another."""
        chosen = self.addresses if addresses is None else addresses
        readings = {url: AddressReading(url, self._fetcher, self.memory.of(url), follow=self._follow) for url in chosen}
        done = {}
        with tqdm(total=len(chosen), desc="fetching", unit=" addresses", disable=True if quiet else None) as bar:
            for url, record in _read_beside_each_other(readings):
                if record is None:
                    done[url] = readings[url]
                    self.memory.note(url, readings[url].seen)
                    bar.update()
                else:
                    self._add(url, record)
        self.readings |= {url: done[url] for url in chosen}

    def records_of(self, url: str) -> Iterator[Article | SourceError]:
        """Yield what was read there."""
        rows = self._spool.execute("SELECT article, record FROM records WHERE url = ? ORDER BY rowid", (url,))
        for is_article, record in rows:
            data = json.loads(record)
            if is_article:
                yield Article(**data)
            else:
                yield SourceError(data["problem"], data["remedy"], where=data["where"], kind=data["kind"])

    def remember(self, build: str, previous: str | None) -> None:
        """Note that all that was read is now in `build`, which was made from `previous` or is the same.

        Nothing is noted where another build came in between: what was "unchanged" may not be in it.
        """
        if previous == self.memory.basis:
            # It costs no more than fetching once again.
            with suppress(OSError):
                self.memory.save(build)

    def _add(self, url: str, record: Article | SourceError) -> None:
        if isinstance(record, Article):
            data = record.to_record()
        else:
            data = {
                "problem": record.problem,
                "remedy": record.remedy,
                "where": record.where,
                "kind": record.kind,
            }
        row = (url, isinstance(record, Article), json.dumps(data))
        self._spool.execute("INSERT INTO records VALUES (?, ?, ?)", row)


def _read_beside_each_other(
    readings: dict[str, AddressReading],
) -> Iterator[tuple[str, Article | SourceError | None]]:
    """Yield the records of all addresses as they come, and None behind the last one of each."""
    hosts: defaultdict[str, list[str]] = defaultdict(list)
    for url in readings:
        hosts[_host(url)].append(url)
    waiting: queue.SimpleQueue[list[str]] = queue.SimpleQueue()
    for group in hosts.values():
        waiting.put(group)
    found: queue.Queue[tuple[str, Article | SourceError | None]] = queue.Queue(WAITING)
    over = threading.Event()

    def work() -> None:
        with suppress(queue.Empty):
            while True:
                for url in waiting.get_nowait():
                    if over.is_set():
                        return
                    try:
                        for record in readings[url].records():
                            found.put((url, record))
                            if over.is_set():
                                return
                        found.put((url, None))
                    except Exception as error:  # hostile input reaches corners of libraries that raise anything
                        readings[url].failure = unexpected = SourceError(
                            f"it cannot be read ({type(error).__name__}: {error})", where=url, kind="unexpected"
                        )
                        found.put((url, unexpected))
                        found.put((url, None))

    # They wait for servers for as long as these like: nobody waits for them when the process ends.
    for _ in range(min(WORKERS, len(hosts))):
        threading.Thread(target=work, name="fetching", daemon=True).start()
    left = len(readings)
    try:
        while left:
            url, record = found.get()
            left -= record is None
            yield url, record
    finally:
        over.set()
        # Whoever waits to put something goes on, sees that it is over, and ends.
        with suppress(queue.Empty):
            while True:
                found.get_nowait()


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _basis(index_dir: Path) -> str | None:
    try:
        return current_name(index_dir)
    except IndexProblem:
        return None
