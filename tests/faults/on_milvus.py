"""An index whose vectors are in a real Milvus server: run by test_milvus.py in a namespace, where it reaches nobody."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pymilvus import MilvusClient

from indexer.addresses import COMPANIONS, folder_for, folder_of
from indexer.build import build
from indexer.encoder import Encoder
from indexer.errors import AddressWrong, IndexDamaged, IndexUnreachable, VerificationFailed
from indexer.generation import Generation, current_name
from indexer.milvus import loading
from indexer.milvus.collection import name_of
from indexer.milvus.connection import AUTHORITY, Connection
from indexer.milvus.place import Place
from indexer.milvus.vectors import Cells, MilvusVectors
from indexer.naming import FOLDER
from indexer.removal import remove
from indexer.verification import verify
from search_api import SearchEngine
from tests import milvus
from tests.faults.milvus_server import PORT, MilvusServer
from tests.indexer.articles import write
from tests.search_api.serving import running
from tests.website import self_signed

AT = f"127.0.0.1:{PORT}"
ADDRESS = f"milvus://{AT}/news"
_PATIENCE = 120


@pytest.fixture(scope="module", autouse=True)
def companions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what Milvus does not hold in a folder of the tests' own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(COMPANIONS, str(tmp_path_factory.mktemp("companions")))
        yield


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MilvusServer]:
    """Return a running server."""
    running_server = MilvusServer(tmp_path_factory.mktemp("milvus"))
    try:
        yield running_server
    finally:
        running_server.kill()


@pytest.fixture(scope="module")
def client(server: MilvusServer) -> MilvusClient:
    """Return what looks into the server past Veille."""
    return MilvusClient(f"http://{AT}", timeout=20)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file of articles."""
    return write(tmp_path_factory.mktemp("source") / "a.jsonl", milvus.articles())


@pytest.fixture(scope="module")
def index(client: MilvusClient, source: Path, encoder: Encoder) -> Path:
    """Return the companion folder of an index over `source`, which later tests change."""
    folder = folder_for(ADDRESS)
    build([source], folder, encoder=encoder, quiet=True)
    return folder


@pytest.fixture(scope="module")
def elsewhere(client: MilvusClient, source: Path, encoder: Encoder) -> Path:
    """Return the companion folder of another index over `source`."""
    folder = folder_for(f"milvus://{AT}/elsewhere")
    build([source], folder, encoder=encoder, quiet=True)
    return folder


def test_the_same_answers_as_with_faiss(index: Path, source: Path, encoder: Encoder, tmp_path: Path) -> None:
    build([source], tmp_path / "faiss", encoder=encoder, quiet=True)
    with SearchEngine.open(tmp_path / "faiss") as faiss, SearchEngine.open(ADDRESS) as engine:
        milvus.same_answers(faiss, engine)
    assert "passages are found by their own vectors" in verify(index)[-1]


def test_filters_hold_hostile_values_and_cells_are_measured(
    client: MilvusClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "LEAST", 2_000)
    made, facts = milvus.content(2_500)
    reached, name = Connection(tmp_path, Place("made", AT)), "made_20261128T090000Z_0000"
    written = loading.load(reached, name, made, "about")
    assert written.kind == "Milvus IVF_FLAT, 256 cells"
    breadth = written.breadth
    assert breadth is not None
    assert breadth.recall >= 0.99
    assert breadth.probes[0] < 256
    count, dimension = made.vectors.shape
    vectors = MilvusVectors(reached, name, count=count, dimension=dimension, cells=Cells(256, breadth))
    milvus.is_nearest(vectors, made)
    milvus.finds_hostile_sources(vectors, facts)
    # Few cells do not hold as many: then all are looked into.
    ((_, rows),) = vectors.search(made.questions[:1], 2_500)
    assert len(rows) == 2_500
    client.drop_collection(name)


def test_a_name_that_is_taken_is_told_before_anything_is_embedded(
    client: MilvusClient, source: Path, encoder: Encoder
) -> None:
    client.create_collection("taken", dimension=8)
    folder = folder_for(f"milvus://{AT}/taken")
    with pytest.raises(AddressWrong, match="that Veille did not make"):
        build([source], folder, encoder=encoder, quiet=True)
    assert not (folder / "cache").exists()
    client.drop_collection("taken")


def test_what_is_removed_is_gone_from_milvus(index: Path, client: MilvusClient, encoder: Encoder) -> None:
    assert _rows_of(client, "a03")
    report = remove(["a03"], index, encoder=encoder, quiet=True, purge=True)
    assert report.clean
    assert len(report.purged) == 1
    assert not _rows_of(client, "a03")
    ours = [name for name in client.list_collections() if name.startswith("news_")]
    assert ours == [name_of("news", current_name(index))]


def test_a_changed_article_takes_the_place_of_what_it_was(index: Path, encoder: Encoder, tmp_path: Path) -> None:
    changed = {"id": "a01", "text": "Le chat de la rédaction dort sur le clavier.", "lang": "fr"}
    report = build([write(tmp_path / "b.jsonl", [changed])], index, encoder=encoder, quiet=True)
    assert (report.changes.changed, report.articles) == (1, 23)
    with SearchEngine.open(ADDRESS) as engine:
        hits = engine.search("le chat dort", 23).hits
        assert hits[0].article_id == "a01"
        assert [hit.article_id for hit in hits].count("a01") == 1


def test_a_build_that_does_not_pass_changes_nothing(
    index: Path, client: MilvusClient, encoder: Encoder, tmp_path: Path
) -> None:
    before, collections = current_name(index), sorted(client.list_collections())

    class Refusing:
        def __len__(self) -> int:
            return 1

        def ask(self, generation: Generation, encoder: Encoder) -> None:
            raise VerificationFailed("it does not answer")

    more = write(tmp_path / "c.jsonl", [{"id": "new", "text": "Something else.", "lang": "en"}])
    with pytest.raises(VerificationFailed):
        build([more], index, encoder=encoder, quiet=True, canaries=Refusing())
    assert current_name(index) == before
    assert sorted(client.list_collections()) == collections


def test_a_build_that_is_killed_is_cleared_away_by_the_next(
    index: Path, client: MilvusClient, encoder: Encoder, tmp_path: Path
) -> None:
    before, collections = current_name(index), set(client.list_collections())
    more = write(tmp_path / "d.jsonl", [{"id": "late", "text": "It comes too late.", "lang": "en"}])
    command = [sys.executable, "-m", "search_api", "index", str(more), "--index", ADDRESS, "--quiet"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as building:
        _until(lambda: bool(set(client.list_collections()) - collections))
        building.kill()
    assert current_name(index) == before
    (half,) = set(client.list_collections()) - collections
    build([more], index, encoder=encoder, quiet=True)
    assert half not in client.list_collections()
    with SearchEngine.open(ADDRESS) as engine:
        assert engine.info().articles == 24


def test_new_builds_are_served_without_a_failure(index: Path, encoder: Encoder, tmp_path: Path) -> None:
    with running(ADDRESS, tmp_path / "log") as service:
        builds: list[str] = []
        failures: list[str] = []
        over = threading.Event()

        def ask() -> None:
            while not over.is_set():
                status, body = _get(f"{service.url}/search?q=kernel&lang=fr&k=3")
                if status == 200 and body["hits"]:
                    builds.append(body["build"])
                else:
                    failures.append(str(body))

        asking = [threading.Thread(target=ask) for _ in range(2)]
        for thread in asking:
            thread.start()
        for number in range(2):
            more = write(
                tmp_path / f"{number}.jsonl", [{"id": f"more{number}", "text": f"More {number}.", "lang": "en"}]
            )
            build([more], index, encoder=encoder, quiet=True, keep=1)
            _until(lambda: builds[-1:] == [current_name(index)])
        over.set()
        for thread in asking:
            thread.join()
    assert failures == []
    assert len(set(builds)) == 3


def test_a_killed_server_comes_back_and_the_service_with_it(
    index: Path, server: MilvusServer, client: MilvusClient, tmp_path: Path
) -> None:
    question = "/search?q=version&k=5"
    with running(ADDRESS, tmp_path / "log") as service:
        _, before = _get(service.url + question)
        server.kill()
        _until(lambda: _get(f"{service.url}/health/ready")[0] == 503)
        status, said = _get(service.url + question.replace("version", "versions"))
        assert status == 503
        assert said["type"] == "urn:veille:problem:index-unavailable"
        server.start()
        _until(lambda: _get(f"{service.url}/health/ready")[0] == 200)
        _, after = _get(service.url + question.replace("k=5", "k=5&passages=2"))
    assert [hit["article_id"] for hit in after["hits"]] == [hit["article_id"] for hit in before["hits"]]
    with closing(Generation.open(index)) as generation:
        assert generation.vectors.count == generation.manifest.passages
    assert verify(index)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["search", "x", "--index", f"milvus://{AT}/nothing"], "Milvus has no collection 'nothing'"),
        (["search", "x", "--index", "milvus://127.0.0.1:1/news"], "Look whether the server is up"),
        (["serve", "--port", "0", "--index", "milvus://127.0.0.1:1/news"], "Look whether the server is up"),
        (["info", "--index", "milvus://no.such.host.invalid/news"], "Look whether the server is up"),
        (["index", "{source}", "--index", "milvus://127.0.0.1:1/news"], "Look whether the server is up"),
        (["evaluate", "{source}", "--index", "milvus://here"], "HOST:PORT/COLLECTION"),
    ],
)
def test_what_is_wrong_is_told_with_exit_code_2(
    server: MilvusServer, source: Path, arguments: list[str], said: str
) -> None:
    done = _veille(*(argument.format(source=source) for argument in arguments))
    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_machine_without_the_companion_folder_says_so(
    elsewhere: Path, encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, here = f"milvus://{AT}/elsewhere", elsewhere
    monkeypatch.setenv(COMPANIONS, str(tmp_path / "there"))
    done = _veille("search", "x", "--index", address)
    assert done.returncode == 2
    assert "of which the companion folder" in done.stderr
    assert "Copy that folder" in done.stderr
    shutil.copytree(here, tmp_path / "there" / here.parent.name / here.name)
    with SearchEngine.open(address) as engine:
        assert engine.search("kernel", 1).hits
    # The other machine builds again: what is here is of another generation now.
    more = write(tmp_path / "e.jsonl", [{"id": "more", "text": "More of it.", "lang": "en"}])
    build([more], here, encoder=encoder, quiet=True)
    with pytest.raises(IndexDamaged, match="of which the companion folder"):
        SearchEngine.open(folder_of(address))


def test_a_collection_of_other_articles_is_refused(index: Path, elsewhere: Path, client: MilvusClient) -> None:
    theirs, name = current_name(index), current_name(elsewhere)
    collection, own = name_of("elsewhere", name), elsewhere / FOLDER / name
    Generation.open_directory(own).close()
    client.rename_collection(collection, "aside")
    with pytest.raises(IndexDamaged, match="any more"):
        Generation.open_directory(own)
    client.rename_collection(name_of("news", theirs), collection)
    with pytest.raises(IndexDamaged, match="passages, the manifest says|with another encoder, or of other articles"):
        Generation.open_directory(own)


def test_over_tls_the_server_must_prove_who_it_is(
    server: MilvusServer, source: Path, encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = self_signed(tmp_path, "IP:127.0.0.1")
    address = f"milvus+tls://{AT}/private"
    server.kill()
    server.start(certificate=certificate, key=key)
    try:
        folder = folder_for(address)
        with pytest.raises(IndexUnreachable, match="VEILLE_MILVUS_CA"):
            build([source], folder, encoder=encoder, quiet=True)
        monkeypatch.setenv(AUTHORITY, str(certificate))
        build([source], folder, encoder=encoder, quiet=True)
        with SearchEngine.open(address) as engine:
            assert engine.search("who released the kernel", lang="fr").hits
        plain = f"milvus://{AT}/private"
        with pytest.raises(AddressWrong, match=r"made over milvus\+tls://"):
            folder_of(plain)
        with pytest.raises(IndexUnreachable):
            folder_for(plain)
        # Whoever serves it goes on over TLS.
        assert folder_of(address) == folder
        in_the_open = folder_for(f"milvus://{AT}/other")
        with pytest.raises(IndexUnreachable):
            build([source], in_the_open, encoder=encoder, quiet=True)
        monkeypatch.setenv(AUTHORITY, str(tmp_path / "none.pem"))
        with pytest.raises(AddressWrong, match=r"none\.pem"):
            SearchEngine.open(address)
    finally:
        server.kill()
        server.start()
    assert folder_for(plain) == folder_of(plain) == folder


def _rows_of(client: MilvusClient, article: str) -> list[Any]:
    return list(client.query("news", filter=f'article_id == "{article}"', output_fields=["row"]))


def _veille(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "search_api", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def _get(url: str) -> tuple[int, dict[str, Any]]:
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310  # our own server
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def _until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.1)
