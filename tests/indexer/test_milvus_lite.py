"""An index whose vectors are in milvus-lite: the same answers as with FAISS, with every filter, and what goes wrong."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from indexer.addresses import folder_for
from indexer.build import build
from indexer.encoder import Encoder
from indexer.errors import AddressWrong, IndexDamaged, IndexUnreachable, TooLittleMemory
from indexer.generation import Generation
from indexer.lineage import rollback
from indexer.milvus import connection
from indexer.milvus.collection import generation_of, name_of
from indexer.milvus.connection import Connection
from indexer.milvus.loading import load
from indexer.milvus.place import Place
from indexer.milvus.vectors import Cells, MilvusVectors
from indexer.removal import remove
from indexer.verification import verify
from search_api import SearchEngine
from tests import milvus
from tests.indexer.articles import write

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("source") / "a.jsonl", milvus.articles())


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, source: Path, encoder: Encoder) -> str:
    """Return the address of an index. Not to be written to."""
    made = f"milvus-lite:{tmp_path_factory.mktemp('lite') / 'index'}"
    build([source], folder_for(made), encoder=encoder, quiet=True)
    return made


def test_the_same_answers_as_with_faiss(address: str, source: Path, encoder: Encoder, tmp_path: Path) -> None:
    build([source], tmp_path / "faiss", encoder=encoder, quiet=True)
    with SearchEngine.open(tmp_path / "faiss") as faiss, SearchEngine.open(address) as lite:
        milvus.same_answers(faiss, lite)
        assert lite.info().vectors == "Milvus FLAT"


def test_every_byte_of_it_is_verified(address: str) -> None:
    assert "passages are found by their own vectors" in verify(folder_for(address))[-1]


def test_filters_hold_hostile_values(tmp_path: Path) -> None:
    made, facts = milvus.content(1_000)
    reached = Connection(tmp_path, Place("passages"))
    load(reached, "passages_20261128T090000Z_0000", made, "about")
    count, dimension = made.vectors.shape
    vectors = MilvusVectors(reached, "passages_20261128T090000Z_0000", count=count, dimension=dimension, cells=Cells())
    milvus.is_nearest(vectors, made)
    milvus.finds_hostile_sources(vectors, facts)


def test_removed_changed_and_gone_back(address: str, encoder: Encoder, tmp_path: Path) -> None:
    index = Path(shutil.copytree(folder_for(address), tmp_path / "index"))
    (tmp_path / "index" / "milvus.db" / "LOCK").unlink()
    changed = {"id": "a01", "text": "Le chat de la rédaction dort sur le clavier.", "lang": "fr"}
    build([write(tmp_path / "b.jsonl", [changed])], index, encoder=encoder, quiet=True)
    report = remove(["a02"], index, encoder=encoder, quiet=True)
    assert report.clean
    with SearchEngine.open(index) as engine:
        assert engine.search("le chat dort", 1).hits[0].article_id == "a01"
        assert "a02" not in {hit.article_id for hit in engine.search("kernel", 24).hits}
        assert engine.info().articles == 23
    rollback(index, with_removed=True, quiet=True)
    with SearchEngine.open(index) as engine:
        assert engine.info().articles == 24


def test_an_index_moves_with_its_cache_and_what_was_taken_out(encoder: Encoder, source: Path, tmp_path: Path) -> None:
    before = tmp_path / "faiss"
    passages = build([source], before, encoder=encoder, quiet=True).passages
    remove(["a05"], before, encoder=encoder, quiet=True)
    address = f"milvus-lite:{tmp_path / 'lite'}"
    shutil.copytree(before / "cache", tmp_path / "lite" / "cache")
    shutil.copy(before / "removed.jsonl", tmp_path / "lite")
    assert folder_for(address, make=False) == tmp_path / "lite"
    assert sorted(entry.name for entry in (tmp_path / "lite").iterdir()) == ["cache", "removed.jsonl"]
    report = build([source], folder_for(address), encoder=encoder, quiet=True)
    assert (report.articles, report.embedded, report.passages) == (23, 0, passages - 1)


def test_nothing_left_is_an_index_too(encoder: Encoder, source: Path, tmp_path: Path) -> None:
    index = folder_for(f"milvus-lite:{tmp_path / 'lite'}")
    few = write(tmp_path / "few.jsonl", milvus.articles()[:2])
    build([few], index, encoder=encoder, quiet=True)
    assert remove(["a00", "a01"], index, encoder=encoder, quiet=True).clean
    with SearchEngine.open(index) as engine:
        assert engine.search("kernel").hits == ()
        engine.reach()


def test_how_much_memory_is_for_milvus_to_say(address: str, source: Path, encoder: Encoder) -> None:
    with pytest.raises(TooLittleMemory, match="Milvus's to say"):
        build([source], folder_for(address), encoder=encoder, quiet=True, memory=1_000_000)
    assert verify(folder_for(address))


def test_a_collection_of_other_vectors_is_refused(address: str, tmp_path: Path) -> None:
    folder = folder_for(address)
    found = Generation.open(folder)
    found.close()
    manifest = found.directory / "manifest.json"
    before = manifest.read_bytes()
    described = json.loads(before)
    described["encoder"]["query_prompt"] = "question: "
    described.pop("sha256_of_this")
    try:
        manifest.write_bytes(found.manifest.sealed(described))
        with pytest.raises(IndexDamaged, match="made with another encoder"):
            Generation.open(folder)
    finally:
        manifest.write_bytes(before)


def test_one_process_alone_can_open_it(address: str) -> None:
    with SearchEngine.open(address):
        command = [sys.executable, "-m", "search_api", "search", "kernel", "--index", address]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "Only one process at a time can open milvus-lite" in done.stderr


def test_without_pymilvus_it_says_what_to_install(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "find_spec", lambda name: None)
    with pytest.raises(AddressWrong, match=r'pip install "veille\[milvus\]"'):
        SearchEngine.open(address)


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    folder = folder_for(f"milvus-lite:{tmp_path / 'own'}")
    (folder / "milvus.db").write_bytes(b"no database")
    with pytest.raises(IndexUnreachable, match="own"):
        Generation.open(folder)


def test_names_of_collections_and_back() -> None:
    name = name_of("news", "20261128T090000Z-00ff")
    assert name == "news_20261128T090000Z_00ff"
    assert generation_of("news", name) == "20261128T090000Z-00ff"
    assert generation_of("news", "news_europe_20261128T090000Z_00ff") is None
    assert generation_of("ne", name) is None
