"""Builds on a real cluster of two nodes: the same index, also where a node or the build itself is killed half-way.

With VEILLE_RAY_ARTICLES=2000, so many whole articles of the shared news, and shards of ordinary size; -s shows seconds.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from corpus import sample
from indexer.build import build
from indexer.cache import FOLDER as CACHE
from indexer.cache import EmbeddingCache
from indexer.cluster import job
from indexer.code_cache import CodeCache
from indexer.encoder import Encoder
from indexer.generation import Generation
from indexer.workers import FOLDER as SHARDS
from tests.conftest import SHARED
from tests.faults import on_ray
from tests.faults.cluster import ADDRESS, CLIENT, Cluster, namespace, until
from tests.faults.conftest import spread, written

ALL, CHARACTERS = 120, 400
MANY = int(os.environ.get("VEILLE_RAY_ARTICLES", "0"))
SHARD = (job.ARTICLES, job.TEXTS) if MANY else (32, 8)


@dataclass(frozen=True)
class Corpus:
    """Articles, and the index that one machine makes of them."""

    source: Path
    index: Path
    articles: int
    passages: int

    @property
    def half(self) -> int:
        """Return how many shards of vectors are half of all."""
        return self.passages // SHARD[1] // 2


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Corpus:
    """Return a folder of three files, and its index. Not to be written to."""
    folder = tmp_path_factory.mktemp("corpus")
    (folder / "source").mkdir()
    files = sorted((SHARED / "data" / "technews").glob("*.jsonl")) if MANY else [sample.path()]
    records = [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    count = MANY or ALL
    chosen = [records[place] for place in spread(count, len(records))]
    for number in range(3):
        some = chosen[number::3] if MANY else [r | {"text": r["text"][:CHARACTERS]} for r in chosen[number::3]]
        written(folder / "source" / f"{number}.jsonl", some)
    report = build([folder / "source"], folder / "index", encoder=encoder, quiet=True)
    assert report.articles == count
    print(f"\none machine, without Ray: {report.passages} passages, {report.seconds:.1f} s")
    return Corpus(folder / "source", folder / "index", count, report.passages)


@pytest.fixture(scope="module")
def running() -> Iterator[Cluster]:
    """Return a cluster; a test says whether it needs the second node."""
    with namespace() as (own, home):
        cluster = Cluster(own, home)
        try:
            yield cluster
        finally:
            cluster.close()


@pytest.fixture
def cluster(running: Cluster) -> Cluster:
    """Return the cluster with both nodes."""
    running.complete()
    return running


def start(cluster: Cluster, corpus: Corpus, index: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", on_ray.__name__, ADDRESS, corpus.source, index, *map(str, SHARD)]
    return cluster.namespace.start(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def finished(process: subprocess.Popen[str]) -> int:
    """Return how many passages a build embedded."""
    said, wrong = process.communicate(timeout=300)
    assert process.returncode == 0, wrong
    return int(said)


def rows_of(index: Path) -> dict[str, int]:
    """Return how many rows each finished shard of vectors has."""
    return {name: json.loads((index / SHARDS / "vectors" / name).read_bytes())["rows"] for name in encoded(index)}


def encoded(index: Path) -> set[str]:
    """Return the shards of vectors that are finished."""
    return {file.name for file in (index / SHARDS / "vectors").glob("*.json")}


def check_same(index: Path, corpus: Corpus, encoder: Encoder) -> None:
    """Check that an index holds what that of one machine does, and nothing twice, and that no shards are left."""
    one, other = Generation.open(corpus.index), Generation.open(index)
    try:
        assert other.facts.counts() == one.facts.counts()
        rows = list(range(corpus.passages))
        assert other.facts.passages(rows) == one.facts.passages(rows)
        articles = range(one.facts.counts()[0])
        assert other.facts.articles(articles) == one.facts.articles(articles)
        assert sorted(other.facts.origins()) == sorted(one.facts.origins())
        keys = one.facts.keys(0, corpus.passages)
        for field in ("languages", "sources", "boilerplate", "split_sentences", "codes_version", "groups", "copies"):
            assert getattr(other.manifest, field) == getattr(one.manifest, field), field
    finally:
        one.close()
        other.close()
    spec = encoder.spec
    mine, theirs = (EmbeddingCache(i / CACHE, spec.fingerprint, spec.dimension) for i in (corpus.index, index))
    assert len(mine) == len(theirs)
    (expected, known), (found, whole) = mine.get_many(keys), theirs.get_many(keys)
    assert known.all()
    assert whole.all()
    assert np.abs(found - expected).max() < 1e-3
    file = f"{spec.fingerprint}.embeddings"
    assert (index / CACHE / file).stat().st_size == (corpus.index / CACHE / file).stat().st_size
    mine_coded, theirs_coded = (CodeCache(i / CACHE, spec.fingerprint, spec.dimension) for i in (corpus.index, index))
    for expected_codes, found_codes in zip(mine_coded.get_many(keys), theirs_coded.get_many(keys), strict=True):
        assert expected_codes is not None
        assert found_codes is not None
        assert np.array_equal(expected_codes, found_codes)
    assert not (index / SHARDS).exists()


def test_ray_started_by_the_command(running: Cluster, corpus: Corpus, tmp_path: Path, encoder: Encoder) -> None:
    command = [sys.executable, "-m", "search_api", "index", corpus.source, "--index", tmp_path / "index", "--on", "ray"]
    answer = running.namespace.run([*command, "--quiet"])
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.startswith(f"articles   {corpus.articles:,} (")
    assert f"embedded   {corpus.passages:,}\n" in answer.stdout
    check_same(tmp_path / "index", corpus, encoder)
    print(f"\none machine, Ray: {answer.stdout[answer.stdout.index('seconds') :].split()[1]} s")


@pytest.mark.parametrize(
    ("cluster", "token", "message"),
    [
        (ADDRESS, "0" * 32, "the cluster does not take the token of this process. Set RAY_AUTH_MODE=token"),
        (f"ray://127.0.0.1:{CLIENT}", "", "what listens there is no head of a Ray cluster"),
    ],
)
def test_clusters_that_cannot_be_joined(
    running: Cluster, corpus: Corpus, tmp_path: Path, cluster: str, token: str, message: str
) -> None:
    command = [sys.executable, "-m", "search_api", "index", corpus.source, "--index", tmp_path / "index"]
    environment = {"RAY_AUTH_TOKEN": token} if token else {}
    answer = running.namespace.run([*command, "--on", cluster], **environment)
    assert answer.returncode == 2, answer
    assert message in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_node_that_is_killed_half_way(cluster: Cluster, corpus: Corpus, tmp_path: Path, encoder: Encoder) -> None:
    building = start(cluster, corpus, tmp_path / "index")
    until(lambda: len(encoded(tmp_path / "index")) >= corpus.half, building)
    cluster.kill_other()
    killed = time.monotonic()
    assert finished(building) == corpus.passages
    print(f"\na node killed half-way: finished {time.monotonic() - killed:.1f} s later")
    check_same(tmp_path / "index", corpus, encoder)


def test_a_build_that_is_killed_half_way(cluster: Cluster, corpus: Corpus, tmp_path: Path, encoder: Encoder) -> None:
    index = tmp_path / "index"
    building = start(cluster, corpus, index)
    until(lambda: len(encoded(index)) >= corpus.half, building)
    os.kill(building.pid, signal.SIGKILL)
    building.communicate()
    # Workers finish what they were at before they learn of it.
    known: dict[str, int] = {}
    while known != (known := rows_of(index)):
        time.sleep(2)
    assert len(known) < corpus.passages / SHARD[1]
    assert finished(start(cluster, corpus, index)) == corpus.passages - sum(known.values())
    print(f"\na build killed half-way: {sum(known.values())} of {corpus.passages} passages were kept")
    check_same(index, corpus, encoder)
