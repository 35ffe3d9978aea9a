"""What is given as --index, and where it leads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from indexer.addresses import COMPANIONS, folder_for, folder_of
from indexer.errors import AddressWrong, IndexDamaged, IndexMissing, IndexUnreachable
from indexer.milvus.place import NAME, Place
from indexer.stores import store_of


@pytest.fixture(autouse=True)
def companions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(COMPANIONS, str(tmp_path / "companions"))
    return tmp_path / "companions"


def test_a_folder_is_itself_and_is_not_touched(tmp_path: Path) -> None:
    assert folder_of("some/where") == folder_for(Path("some/where")) == Path("some/where")
    assert folder_for(tmp_path / "new") == tmp_path / "new"
    assert not (tmp_path / "new").exists()
    assert store_of(tmp_path).shared


@pytest.mark.parametrize(
    ("address", "folder"),
    [
        ("milvus://db.example.org:19531/news", "db.example.org_19531/news"),
        ("milvus://127.0.0.1/news_2", "127.0.0.1_19530/news_2"),
        ("milvus://[::1]:19530/news", "::1_19530/news"),
        ("milvus+tls://db.example.org/news", "db.example.org_19530/news"),
    ],
)
def test_an_index_on_a_server_has_a_companion_folder(address: str, folder: str, companions: Path) -> None:
    made = folder_for(address)
    assert made == companions / folder
    place = Place.of(made)
    assert place is not None
    assert str(place).startswith(address.partition("//")[0])
    assert folder_for(address) == folder_of(address) == made


def test_milvus_lite_is_in_its_folder(tmp_path: Path) -> None:
    address = f"milvus-lite:{tmp_path / 'lite'}"
    with pytest.raises(IndexMissing, match="there is no index"):
        folder_of(address)
    assert folder_for(address) == folder_of(address) == tmp_path / "lite"
    assert not store_of(tmp_path / "lite").shared


@pytest.mark.parametrize(
    "address",
    [
        "milvus://",
        "milvus://host",
        "milvus://host:port/news",
        "milvus://host:99999/news",
        "milvus://host/a/b",
        "milvus://host/ne-ws",
        "milvus://host/9news",
        "milvus://host/../news",
        "milvus://user:secret@host/news",
        "milvus://host/news?x=1",
        "milvus://ho st/news",
        "milvus://host/" + "n" * 201,
        "milvus-lite:",
    ],
)
def test_what_is_no_address_is_told_without_a_trace(address: str, companions: Path) -> None:
    with pytest.raises(AddressWrong, match="HOST:PORT/COLLECTION") as caught:
        folder_for(address)
    assert "secret" not in str(caught.value) or "user:secret" in address
    assert not companions.exists()


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "current").write_text("20261128T090000Z-0000\n")
    for act in (folder_for, folder_of):
        with pytest.raises(AddressWrong):
            act(f"milvus-lite:{tmp_path}")
    assert [entry.name for entry in tmp_path.iterdir()] == ["current"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[1]",
        b"null",
        b'{"collection": 5}',
        b'{"collection": "a b"}',
        b'{"collection": "a", "encrypted": 1}',
    ],
)
def test_a_damaged_mark_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / NAME).write_bytes(content)
    with pytest.raises(IndexDamaged, match="milvus.json"):
        store_of(tmp_path)


def test_a_mark_says_where_vectors_are_and_holds_no_secret(tmp_path: Path) -> None:
    Place("news", "h:1").mark(tmp_path / "own", pytest.fail)
    assert json.loads((tmp_path / "own" / NAME).read_text()) == {
        "collection": "news",
        "server": "h:1",
        "encrypted": False,
    }
    with pytest.raises(AddressWrong, match="milvus://h:1/news"):
        Place("news", "h:2").mark(tmp_path / "own", pytest.fail)


def test_whoever_reads_says_whether_the_connection_is_encrypted() -> None:
    encrypted, plain = "milvus+tls://h:1/news", "milvus://h:1/news"
    folder_for(plain)
    with pytest.raises(AddressWrong, match="made over milvus://h:1/news"):
        folder_of(encrypted)


def test_whoever_builds_may_change_that_where_the_server_is_reached_so() -> None:
    pytest.importorskip("pymilvus")
    encrypted, plain = "milvus+tls://127.0.0.1:1/news", "milvus://127.0.0.1:1/news"
    folder = folder_for(plain)
    with pytest.raises(IndexUnreachable, match="speaks TLS"):
        folder_for(encrypted)
    assert folder_for(plain) == folder_of(plain) == folder


def test_a_mark_from_before_there_was_tls_is_read(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text('{"collection": "news", "server": "h:1"}')
    assert Place.of(tmp_path) == Place("news", "h:1", encrypted=False)
