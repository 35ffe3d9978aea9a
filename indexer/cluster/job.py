"""A build's long parts on a cluster: what to do is written into shards, and what was done is read from shards."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.article import Article
from corpus.errors import SourceError
from corpus.origins import STDIN
from corpus.passages import Passage, Span
from corpus.readers import Prepared, ReadOptions, ReadReport
from corpus.readers.given import Found, Given, Reader, Through
from corpus.readers.sources import files_of
from indexer import codes
from indexer.cluster import stages
from indexer.cluster.shards import Kind, Row, Shards, in_groups, name_of
from indexer.cluster.work import Cutting, Encoding, Job, read_files
from indexer.codes import Codes
from indexer.cutting import Cut
from indexer.encoder import Encoder
from indexer.encoders import CPU
from indexer.workers import FOLDER, Keep

# Some seconds of work for a core: what a machine that dies loses.
ARTICLES = 128
TEXTS = 512


class RayWorkers:
    """Reads, cuts and encodes on the Ray cluster that this process has joined. See indexer/workers.py."""

    def __init__(
        self,
        encoder: Encoder,
        model: str,
        *,
        device: str = CPU,
        quiet: bool = True,
        articles: int = ARTICLES,
        texts: int = TEXTS,
    ) -> None:
        """Take the encoder, and by what name and on what device others load it; how much goes into one shard."""
        self._encoder = encoder
        local = str(Path(model).resolve()) if Path(model).is_dir() else model
        fingerprint = encoder.spec.fingerprint
        self._job = Job(Path(), version("veille"), local, device, fingerprint, ReadOptions())
        self._quiet = quiet
        self._articles, self._texts = articles, texts

    def begin(self, index_dir: Path) -> None:
        """Make the folders of shards, and remove what is half-written in them. Raises OSError."""
        self._job = replace(self._job, folder=(index_dir / FOLDER).resolve())
        for kind in Kind:
            self._shards(kind).prepare()

    def end(self) -> None:
        """Remove all shards: the generation and the cache have what they held."""
        shutil.rmtree(self._job.folder)

    def reading(self, sources: Sequence[str | Path | Prepared], options: ReadOptions) -> Through:
        """Read all files; addresses were read before, and standard input can be read here alone."""
        self._job = replace(self._job, reading=options)
        files = {(given.where, given.name): task for given, task in _files(sources, options)}
        self._run(read_files, list(files.values()), Kind.RECORDS, "reading")

        def through(given: Given, reader: Reader) -> Iterator[Found]:
            task = files.get((given.where, given.name))
            return reader(given) if task is None else self._records(task["name"], given.report)

        return through

    def cut(
        self, articles: Iterable[tuple[Article, Sequence[Span]]], *, budget: int, with_title: bool
    ) -> Iterator[Cut]:
        """Cut articles; yield what each became, in their order."""
        self._job = replace(self._job, budget=budget, with_title=with_title)
        names = []
        for group in in_groups(articles, self._articles):
            facts = [(article.id, article.content_hash, boilerplate) for article, boilerplate in group]
            name = name_of(self._job.version, self._job.fingerprint, budget, with_title, facts)
            rows = (
                {"id": article.id, "record": json.dumps(article.to_record()), "boilerplate": boilerplate}
                for article, boilerplate in group
            )
            names.append(self._given(Kind.ARTICLES, name, rows))
        self._run(Cutting, [{"name": name} for name in names], Kind.PASSAGES, "cutting")
        given, made = self._shards(Kind.ARTICLES), self._shards(Kind.PASSAGES)
        return (
            _cut(article, row) for name in names for article, row in zip(given.rows(name), made.rows(name), strict=True)
        )

    def encode(self, texts: Iterable[Mapping[bytes, str]], keep: Keep, *, with_codes: bool) -> int:
        """Keep what earlier runs left, then encode what lacks, a shard's results kept as soon as it is finished."""
        self._job = replace(self._job, with_codes=with_codes)
        made_by = f"{self._job.fingerprint}-{codes.VERSION if with_codes else 0}-"
        vectors = self._shards(Kind.VECTORS)
        for name in vectors.names():
            if name.startswith(made_by) and vectors.is_whole(name):
                self._keep(name, keep)
        tasks = []
        for group in in_groups(((key, text) for some in texts for key, text in some.items()), self._texts):
            name = made_by + name_of([key.hex() for key, _ in group])
            rows = ({"key": key, "text": text} for key, text in group)
            tasks.append({"name": self._given(Kind.TEXTS, name, rows)})
        gpus = int(self._job.device != CPU)
        done = stages.run(Encoding, tasks, self._job, title="encoding", quiet=self._quiet, gpus=gpus)
        embedded = 0
        for name, rows_written in done:
            self._keep(name, keep)
            embedded += rows_written
        return embedded

    def _run(self, work: stages.Work, tasks: Sequence[Row], kind: Kind, title: str) -> None:
        """Do the tasks whose shards of `kind` are not there yet."""
        shards = self._shards(kind)
        left = [task for task in tasks if not shards.is_whole(task["name"])]
        for _ in stages.run(work, left, self._job, title=title, quiet=self._quiet):
            pass

    def _given(self, kind: Kind, name: str, rows: Iterable[Row]) -> str:
        """Write what is to be worked on, unless it lies there."""
        if not self._shards(kind).is_whole(name):
            self._shards(kind).write(name, rows)
        return name

    def _records(self, name: str, report: ReadReport) -> Iterator[Found]:
        for row in self._shards(Kind.RECORDS).rows(name):
            record = json.loads(row["record"])
            match row["kind"]:
                case "article":
                    yield Article(**record)
                case "error":
                    yield SourceError(record["problem"], record["remedy"], where=record["where"], kind=record["kind"])
                case _:
                    report.add(ReadReport(**record))

    def _keep(self, name: str, keep: Keep) -> None:
        width = self._encoder.spec.dimension // 8 + codes.EXTRA
        for some in self._shards(Kind.VECTORS).tables(name):
            vectors: NDArray[np.float32] = some.column("vector").flatten().to_numpy().reshape(some.num_rows, -1)
            found: list[Codes] | None = None
            if self._job.with_codes:
                found = [np.frombuffer(own, np.uint8).reshape(-1, width) for own in some.column("codes").to_pylist()]
            keep(some.column("key").to_pylist(), vectors, found)

    def _shards(self, kind: Kind) -> Shards:
        return Shards(self._job.folder, kind)


def _files(sources: Sequence[str | Path | Prepared], options: ReadOptions) -> Iterator[tuple[Given, Row]]:
    """Yield every file among the sources with what a worker must know of it. Raises SourceError."""
    for source in sources:
        if not isinstance(source, (str, Path)) or str(source) == STDIN:
            continue
        place = "folder" if Path(source).is_dir() else ""
        for file in files_of(source, options, ReadReport()):
            # What cannot be had is left to the reader here, which says so.
            with suppress(OSError):
                if not isinstance(file, SourceError):
                    yield file[0], _task(file[0], place, options)


def _task(given: Given, place: str, options: ReadOptions) -> Row:
    status = Path(given.origin).stat()
    task = {"where": given.where, "given": given.name, "origin": given.origin, "place": place}
    # A date that lies after the day it is read on is none.
    state = [status.st_size, status.st_mtime_ns, sorted(options.columns.items()), f"{options.moment:%Y-%m-%d}"]
    return task | {"name": name_of(version("veille"), task, state)}


def _cut(article: Row, row: Row) -> Cut:
    text = json.loads(article["record"])["text"]
    passages = [
        Passage(
            id=own["id"],
            article_id=article["id"],
            ordinal=own["ordinal"],
            start=own["start"],
            end=own["end"],
            text=text[own["start"] : own["end"]],
            sentences=tuple((start, end) for start, end in own["sentences"]),
        )
        for own in row["passages"]
    ]
    return Cut(passages, row["split_sentences"], [own["key"] for own in row["passages"]])
