"""What the machines of a cluster do: the functions of the build on one machine, from a shard into a shard.

Each is given batches of names and returns how each fared. What goes wrong comes back as a line to show: exceptions
would arrive wrapped, or not at all where a machine does not know them.
"""

from __future__ import annotations

import json
import socket
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from corpus.article import Article
from corpus.errors import SourceError, VeilleError
from corpus.readers.formats import reader_in_folder, reader_of
from corpus.readers.given import Given
from corpus.readers.options import ReadOptions
from corpus.readers.report import ReadReport
from corpus.readers.sources import as_source_error
from indexer.cluster.errors import ClusterError
from indexer.cluster.shards import Kind, Row, Shards
from indexer.codes import Codes
from indexer.cutting import cut_article
from indexer.embedded import rules_for
from indexer.encoder import Encoder, TokenEncoder
from indexer.encoders import CPU, load_encoder

Batch = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Job:
    """What all machines must know, and must agree on: where shards lie, which encoder, how is read and cut."""

    folder: Path
    version: str
    model: str
    device: str
    fingerprint: str
    reading: ReadOptions
    budget: int = 0
    with_title: bool = True
    with_codes: bool = False

    def shards(self, kind: Kind) -> Shards:
        """Return the shards of a kind. Raises ClusterError where this machine is not one for the job."""
        here, found = socket.gethostname(), version("veille")
        if found != self.version:
            raise ClusterError(f"Veille is {found} on {here}, not {self.version}", "Install the same on all machines")
        if not self.folder.is_dir():
            raise ClusterError(
                f"{here} does not see the folder",
                "Sources and index must lie on storage that every machine has mounted under the same path",
                where=str(self.folder),
            )
        return Shards(self.folder, kind)

    def encoder(self, device: str) -> Encoder:
        """Load the encoder, to compute on one core. Raises EncoderError, or ClusterError for another one."""
        encoder = load_encoder(self.model, device=device, threads=1)
        if encoder.spec.fingerprint != self.fingerprint:
            problem = f"the model {self.model!r} on {socket.gethostname()} is another than here"
            raise ClusterError(problem, "Install the same one on all machines")
        return encoder


def read_files(batch: Batch, job: Job) -> Batch:
    """Read files into shards of records."""

    def work(row: Row) -> int:
        return job.shards(Kind.RECORDS).write(row["name"], _records(row, job.reading))

    return _each(batch, work)


class _Actor(ABC):
    """Does `_work` for each shard, and holds the encoder, which is long to load."""

    def __init__(self, job: Job) -> None:
        """Load nothing yet: what fails then can be told."""
        self._job = job
        self._loaded: Encoder | None = None

    def __call__(self, batch: Batch) -> Batch:
        """Work on some shards."""
        return _each(batch, self._work)

    @abstractmethod
    def _work(self, row: Row) -> int:
        """Work on a shard; return how many rows the one that it becomes has."""

    def _encoder(self, device: str) -> Encoder:
        self._loaded = self._loaded or self._job.encoder(device)
        return self._loaded


class Cutting(_Actor):
    """Cuts the articles of shards into passages."""

    def _work(self, row: Row) -> int:
        articles, passages = self._job.shards(Kind.ARTICLES), self._job.shards(Kind.PASSAGES)
        return passages.write(row["name"], self._cut(articles.rows(row["name"]), self._encoder(CPU)))

    def _cut(self, rows: Iterator[Row], encoder: Encoder) -> Iterator[Row]:
        rules = rules_for(encoder, self._job.budget, with_title=self._job.with_title)
        for row in rows:
            article = Article(**json.loads(row["record"]))
            boilerplate = [(start, end) for start, end in row["boilerplate"]]
            done = cut_article(article, encoder, rules, boilerplate, with_title=self._job.with_title)
            passages = [
                {"id": p.id, "ordinal": p.ordinal, "start": p.start, "end": p.end, "sentences": p.sentences, "key": key}
                for p, key in zip(done.passages, done.keys, strict=True)
            ]
            yield {"article": article.id, "split_sentences": done.split_sentences, "passages": passages}


class Encoding(_Actor):
    """Embeds the texts of shards."""

    def _work(self, row: Row) -> int:
        texts, vectors = self._job.shards(Kind.TEXTS), self._job.shards(Kind.VECTORS)
        encoder = self._encoder(self._job.device)
        return vectors.write(row["name"], self._encoded(list(texts.rows(row["name"])), encoder))

    def _encoded(self, rows: list[Row], encoder: Encoder) -> Iterator[Row]:
        texts = [row["text"] for row in rows]
        codes: dict[int, Codes] = {}
        if self._job.with_codes:
            assert isinstance(encoder, TokenEncoder)  # noqa: S101  # the one that asked is
            vectors = encoder.encode_with_codes(texts, codes.__setitem__)
        else:
            vectors = encoder.encode_passages(texts)
        for place, (row, vector) in enumerate(zip(rows, vectors, strict=True)):
            content = np.ascontiguousarray(codes[place]).tobytes() if self._job.with_codes else None
            yield {"key": row["key"], "vector": vector, "codes": content}


def _each(batch: Batch, work: Callable[[Row], int]) -> Batch:
    """Do `work` for each row of a batch; return their names, how many rows each shard has, and what went wrong."""
    rows = [dict(zip(batch, map(str, values), strict=True)) for values in zip(*batch.values(), strict=True)]
    counts, failures = [], []
    for row in rows:
        count, failure = 0, ""
        try:
            count = work(row)
        except VeilleError as error:
            failure = str(error)
        except OSError as error:
            failure = f"{error.filename or row['name']}: {error.strerror or error} (on {socket.gethostname()})"
        counts.append(count)
        failures.append(failure)
    return {"name": [row["name"] for row in rows], "rows": counts, "failure": failures}


def _records(row: Row, options: ReadOptions) -> Iterator[Row]:
    """Yield what a file holds; what ends its reading comes as its last record, as it would here."""
    report = ReadReport()
    given = replace(Given.file(Path(row["origin"]), row["given"], options, report), where=row["where"])
    try:
        reader = reader_in_folder(given) if row["place"] else reader_of(given)
        for found in reader(given) if reader else ():
            if isinstance(found, SourceError):
                yield _error(found)
            else:
                yield {"kind": "article", "record": json.dumps(found.to_record())}
    except (SourceError, OSError) as error:
        yield _error(as_source_error(error, given))
    counted = asdict(report) | {"damaged": []}
    yield {"kind": "report", "record": json.dumps(counted)}


def _error(error: SourceError) -> Row:
    facts = {"problem": error.problem, "remedy": error.remedy, "where": error.where, "kind": error.kind}
    return {"kind": "error", "record": json.dumps(facts)}
