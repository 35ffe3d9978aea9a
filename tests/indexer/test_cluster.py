"""What a build on a cluster is made of, without one: the stages run here, one task after the other."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from corpus.errors import SourceError
from indexer.build import BuildReport, build
from indexer.cluster import stages
from indexer.cluster.errors import ClusterError
from indexer.cluster.job import RayWorkers
from indexer.cluster.shards import Kind, Row, Shards, in_groups, name_of
from indexer.cluster.work import Cutting, Encoding, Job, read_files
from indexer.encoder import Encoder
from indexer.encoders import BUNDLED
from indexer.removal import remove
from indexer.workers import FOLDER
from tests.indexer.articles import MUSK, RUBY, opened, write

Done = list[tuple[str, str]]


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> Done:
    """Let stages run in this process; return the titles and names of the tasks they do."""
    told: Done = []

    def run(
        work: Any, tasks: Sequence[Row], job: Job, *, title: str, quiet: bool, gpus: int = 0
    ) -> Iterator[tuple[str, int]]:
        assert quiet
        assert not gpus
        actor = work(job) if isinstance(work, type) else lambda batch: work(batch, job)
        for task in tasks:
            answer = actor({name: np.array([value]) for name, value in task.items()})
            if answer["failure"][0]:
                raise ClusterError(answer["failure"][0], stages.KEPT)
            told.append((title, task["name"]))
            yield answer["name"][0], answer["rows"][0]

    monkeypatch.setattr(stages, "run", run)
    return told


def on_workers(source: Path, index: Path, encoder: Encoder, **options: Any) -> BuildReport:
    workers = RayWorkers(encoder, BUNDLED, articles=2, texts=2)
    return build([source], index, encoder=encoder, quiet=True, workers=workers, **options)


def job(folder: Path, encoder: Encoder) -> Job:
    workers = RayWorkers(encoder, BUNDLED)
    workers.begin(folder)
    return workers._job


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of files: a bad record, a date to come, a text known by its path, an empty file, no article."""
    folder = tmp_path / "source"
    (folder / "notes").mkdir(parents=True)
    records = [{"id": f"a{number}", "text": f"{RUBY} Number {number}.", "lang": "en"} for number in range(5)]
    write(folder / "a.jsonl", [*records, {"id": "to come", "text": MUSK, "published": "2999-01-01"}])
    (folder / "b.jsonl").write_text('{"text": "Une phrase."}\nbad\n{}\n', encoding="utf-8")
    (folder / "notes" / "c.md").write_text("# Puce\n\nUne nouvelle puce.\n", encoding="utf-8")
    (folder / "d.csv").write_text("id,body\nd,The body of a table.\n", encoding="utf-8")
    (folder / "e.bin").write_bytes(b"\0")
    (folder / "f.jsonl").write_bytes(b'{"text": "\xff"}\n')
    return folder


def test_what_is_read_is_what_one_machine_reads(folder: Path, tmp_path: Path, encoder: Encoder, done: Done) -> None:
    here = build([folder], tmp_path / "one", encoder=encoder, quiet=True, on_error="skip")
    there = on_workers(folder, tmp_path / "two", encoder, on_error="skip")
    assert there.read == here.read
    assert there.read.warnings == {"future-date": 1}
    assert there.changes == here.changes
    assert (there.passages, there.embedded) == (here.passages, here.embedded)
    one, two = (opened(tmp_path / name) for name in ("one", "two"))
    assert two.manifest.boilerplate == one.manifest.boilerplate
    assert [title for title, _ in done].count("reading") == 5
    assert not (tmp_path / "two" / FOLDER).exists()


def test_a_bad_record_ends_the_build_as_it_does_here(
    folder: Path, tmp_path: Path, encoder: Encoder, done: Done
) -> None:
    with pytest.raises(SourceError) as here:
        build([folder], tmp_path / "one", encoder=encoder, quiet=True)
    with pytest.raises(SourceError) as there:
        on_workers(folder, tmp_path / "two", encoder)
    assert str(there.value) == str(here.value)
    assert there.value.kind == here.value.kind
    with pytest.raises(SourceError, match="there is no such file"):
        on_workers(tmp_path / "none", tmp_path / "two", encoder)


def test_only_what_lacks_is_cut_and_embedded(tmp_path: Path, encoder: Encoder, done: Done) -> None:
    records = [{"id": f"a{number}", "text": f"{RUBY} Number {number}.", "lang": "en"} for number in range(5)]
    source = write(tmp_path / "a.jsonl", records)
    assert on_workers(source, tmp_path / "index", encoder).embedded == 5
    assert [title for title, _ in done] == ["reading", "cutting", "cutting", "cutting", *["encoding"] * 3]
    done.clear()
    write(source, [*records, {"id": "new", "text": MUSK, "lang": "fr"}, {"id": "same", "text": MUSK, "lang": "fr"}])
    report = on_workers(source, tmp_path / "index", encoder)
    assert (report.embedded, report.reused) == (1, 6)
    assert [title for title, _ in done] == ["reading", "cutting", "encoding"]
    assert not on_workers(source, tmp_path / "index", encoder).published
    assert not (tmp_path / "index" / FOLDER).exists()
    lean = on_workers(source, tmp_path / "lean", encoder, keep_codes=False)
    assert (lean.embedded, opened(tmp_path / "lean").manifest.codes_version) == (6, 0)


def test_finished_shards_are_taken_up(
    tmp_path: Path, encoder: Encoder, done: Done, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = [{"id": f"a{number}", "text": f"{RUBY} Number {number}.", "lang": "en"} for number in range(9)]
    source, index = write(tmp_path / "a.jsonl", records), tmp_path / "index"
    real, calls = Encoding.__call__, []

    def failing(self: Encoding, batch: Any) -> Any:
        calls.append(batch)
        if len(calls) == 3:
            raise MemoryError
        return real(self, batch)

    monkeypatch.setattr(Encoding, "__call__", failing)
    with pytest.raises(MemoryError):
        on_workers(source, index, encoder)
    before, _ = list(done), done.clear()
    # Where the cache is lost, too, shards alone must do.
    for file in (index / "cache").iterdir():
        file.unlink()
    vectors = Shards(index / FOLDER, Kind.VECTORS)
    (damaged, whole) = vectors.names()
    content = bytearray((index / FOLDER / "vectors" / f"{damaged}.parquet").read_bytes())
    content[20] ^= 1
    (index / FOLDER / "vectors" / f"{damaged}.parquet").write_bytes(content)
    (index / FOLDER / "vectors" / f"{whole}.json.0.unfinished").write_bytes(b"{")
    assert (vectors.is_whole(damaged), vectors.is_whole(whole)) == (False, True)
    assert on_workers(source, index, encoder).embedded == 7
    assert [title for title, _ in before if title == "reading"] == ["reading"]
    assert {title for title, _ in done} == {"encoding"}


def test_what_is_taken_out_is_not_left_in_shards(index: Path, encoder: Encoder) -> None:
    Shards(index / FOLDER, Kind.ARTICLES).prepare()
    remove(["musk"], index, encoder=encoder, quiet=True)
    assert not (index / FOLDER).exists()


def test_the_same_rows_are_the_same_bytes(tmp_path: Path) -> None:
    rows = [{"key": number.to_bytes(32), "text": f"Puce {number}"} for number in range(1000)]
    for name in ("one", "two"):
        shards = Shards(tmp_path / name, Kind.TEXTS)
        shards.prepare()
        assert shards.write("a", rows) == 1000
        assert list(shards.rows("a")) == rows
    one, two = ((tmp_path / name / "texts" / "a.parquet").read_bytes() for name in ("one", "two"))
    assert one == two
    described = json.loads((tmp_path / "one" / "texts" / "a.json").read_bytes())
    assert (described["rows"], described["bytes"]) == (1000, len(one))
    assert name_of("a", 1) == name_of("a", 1) != name_of("a", 2)
    assert list(in_groups("abcde", 2)) == [["a", "b"], ["c", "d"], ["e"]]


def test_a_machine_that_cannot_do_its_part_says_so(tmp_path: Path, encoder: Encoder) -> None:
    right = job(tmp_path, encoder)
    task = {"name": ["x"], "where": ["w"], "given": ["w"], "origin": ["/w"], "place": [""]}
    here = socket.gethostname()

    def failure(wrong: Job, work: Any = read_files) -> str:
        return str((work(wrong)(task) if isinstance(work, type) else work(task, wrong))["failure"][0])

    unseen = failure(replace(right, folder=tmp_path / "none"))
    assert unseen == f"{tmp_path}/none: {here} does not see the folder. " + unseen.partition(". ")[2]
    assert "mounted under the same path" in unseen
    assert f"Veille is {right.version} on {here}, not 9" in failure(replace(right, version="9"))
    assert "is another than here" in failure(replace(right, fingerprint="0"), Encoding)
    assert "is not a sentence-transformers model" in failure(replace(right, model=str(tmp_path)), Cutting)
    assert "No such file or directory (on " in failure(right, Encoding)
    assert failure(right) == ""
