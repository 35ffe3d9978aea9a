"""What is taken out is gone from everywhere, stays out, and takes nothing with it."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from indexer import generation
from indexer.build import build
from indexer.cache import key_of
from indexer.cache_pruning import prune_cache
from indexer.encoder import Encoder
from indexer.errors import ArticlesRemoved, ArticleUnknown, IndexMissing
from indexer.generation import Generation
from indexer.lineage import rollback
from indexer.removal import remove
from indexer.verification import verify
from search_api import SearchEngine

MUSK = "Elon Musk menace Microsoft d’une action en justice."
RUBY = "Ruby 3.4 has been released. It brings a new parser."
RECORDS: list[dict[str, object]] = [
    {"id": "musk", "text": MUSK, "lang": "fr", "url": "https://e.org/musk"},
    {"id": "copy", "text": RUBY, "lang": "en"},
    {"id": "ruby", "text": RUBY, "lang": "en"},
]


def write(file: Path, records: list[dict[str, object]]) -> Path:
    file.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return file


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Return a file of three articles, of which two say the same."""
    return write(tmp_path / "a.jsonl", RECORDS)


@pytest.fixture
def index(tmp_path: Path, source: Path, encoder: Encoder) -> Path:
    """Return the folder of an index over `source`."""
    build([source], tmp_path / "index", encoder=encoder, quiet=True)
    return tmp_path / "index"


def ids(index: Path) -> tuple[str, ...]:
    with closing(Generation.open(index)) as found:
        return found.places.ids


def places_of(text: str, index: Path) -> list[str]:
    """Return the files below `index` in which the text, or the key of its vector, stands."""
    wanted = (text.encode(), key_of(text))
    files = (file for file in index.rglob("*") if file.is_file())
    return sorted(str(file.relative_to(index)) for file in files if any(w in file.read_bytes() for w in wanted))


def test_it_is_gone_from_everywhere_and_stays_out(index: Path, source: Path, encoder: Encoder) -> None:
    old = generation.current_name(index)
    assert len(places_of(MUSK, index)) == 3  # facts, vectors of the cache, codes of the cache
    report = remove(["musk"], index, encoder=encoder, quiet=True)
    assert report.clean
    assert [article.id for article in report.articles] == ["musk"]
    assert report.holding == (old,)
    assert places_of(MUSK, index) == [f"generations/{old}/passages.sqlite"]
    report = remove(["musk"], index, encoder=encoder, quiet=True, purge=True)
    assert (report.clean, report.purged, report.holding) == (True, (old,), ())
    assert places_of(MUSK, index) == []
    assert ids(index) == ("copy", "ruby")
    assert verify(index)
    again = build([source], index, encoder=encoder, quiet=True)
    assert (again.published, again.embedded, again.changes.blocked) == (False, 0, 1)
    elsewhere = write(source.with_name("b.jsonl"), [{"text": MUSK, "url": "http://e.org/musk/?utm_source=rss"}])
    assert build([elsewhere, source], index, encoder=encoder, quiet=True).changes.blocked == 2
    fresh = build([source], index, encoder=encoder, quiet=True, fresh=True)
    assert (fresh.articles, fresh.embedded) == (2, 0)
    assert remove(["musk"], index, encoder=encoder, quiet=True).articles == ()


def test_no_rollback_brings_it_back_unless_it_is_told_to(index: Path, source: Path, encoder: Encoder) -> None:
    old = generation.current_name(index)
    now = remove(["musk"], index, encoder=encoder, quiet=True).build
    for name in (None, old):
        with pytest.raises(ArticlesRemoved, match=f"{old} holds an article that was taken out .*--with-removed"):
            rollback(index, name, quiet=True)
    assert generation.current_name(index) == now
    assert rollback(index, now, quiet=True).now == now
    assert rollback(index, with_removed=True, quiet=True).now == old
    assert "musk" in ids(index)
    # The next build takes it out again.
    assert build([source], index, encoder=encoder, quiet=True).articles == 2
    remove(["musk"], index, encoder=encoder, quiet=True, allow_again=True)
    assert rollback(index, old, quiet=True).now == old


def test_it_may_come_back_where_that_is_allowed(index: Path, source: Path, encoder: Encoder) -> None:
    remove(["https://E.org/musk?utm_medium=x"], index, encoder=encoder, quiet=True, purge=True)
    assert ids(index) == ("copy", "ruby")
    remove(["musk"], index, encoder=encoder, quiet=True, purge=True, allow_again=True)
    report = build([source], index, encoder=encoder, quiet=True)
    assert (report.changes.added, report.embedded) == (1, 1)


def test_what_another_article_says_too_stays_for_it(index: Path, source: Path, encoder: Encoder) -> None:
    report = remove(["copy"], index, encoder=encoder, quiet=True, purge=True)
    assert report.clean
    assert ids(index) == ("musk", "ruby")
    assert build([source], index, encoder=encoder, quiet=True, fresh=True).embedded == 0
    with SearchEngine.open(index) as engine:
        assert engine.search("ruby parser").hits[0].article_id == "ruby"


def test_earlier_versions_leave_the_cache_too(index: Path, tmp_path: Path, encoder: Encoder) -> None:
    for number in range(4):  # until no generation holds the first version
        build(
            [write(tmp_path / "b.jsonl", [{"id": "musk", "text": f"Version {number}.", "lang": "fr"}])],
            index,
            encoder=encoder,
            quiet=True,
        )
    assert len(places_of(MUSK, index)) == 2
    assert remove(["musk"], index, encoder=encoder, quiet=True, purge=True).clean
    assert places_of(MUSK, index) == []


def test_the_last_article(tmp_path: Path, encoder: Encoder) -> None:
    source = write(tmp_path / "one.jsonl", RECORDS[:1])
    build([source], tmp_path / "i", encoder=encoder, quiet=True)
    assert remove(["musk"], tmp_path / "i", encoder=encoder, quiet=True).clean
    with SearchEngine.open(tmp_path / "i") as engine:
        assert engine.search("Musk").hits == ()
    assert build([source], tmp_path / "i", encoder=encoder, quiet=True).changes.blocked == 1


def test_a_build_takes_out_what_an_interrupted_removal_left(index: Path, source: Path, encoder: Encoder) -> None:
    old = generation.current_name(index)
    remove(["musk"], index, encoder=encoder, quiet=True)
    (index / "current").write_text(f"{old}\n")  # as before the last step, or after going back
    report = build([source], index, encoder=encoder, quiet=True)
    assert (report.changes.removed, report.articles) == (1, 2)


def test_an_unknown_one_changes_nothing(index: Path, tmp_path: Path, encoder: Encoder) -> None:
    before = {file: file.stat().st_mtime_ns for file in index.rglob("*") if file.is_file()}
    with pytest.raises(ArticleUnknown, match="nobody"):
        remove(["musk", "nobody"], index, encoder=encoder, quiet=True)
    after = {file: file.stat().st_mtime_ns for file in index.rglob("*") if file.is_file()}
    assert {file for file in after if before.get(file) != after[file]} <= {index / "lock"}
    with pytest.raises(IndexMissing):
        remove(["musk"], tmp_path / "nowhere", encoder=encoder, quiet=True)
    assert not (tmp_path / "nowhere").exists()


def test_what_cannot_be_read_may_hold_it(index: Path, tmp_path: Path, encoder: Encoder) -> None:
    first = generation.current_name(index)
    for own in ("x", "y"):
        more = write(tmp_path / "b.jsonl", [{"id": own, "text": f"Nouvelle {own}.", "lang": "fr"}])
        build([more], index, encoder=encoder, quiet=True)
    second = sorted(path.name for path in (index / "generations").iterdir())[1]
    (index / "generations" / first / "manifest.json").write_text("{}")
    facts = index / "generations" / second / "passages.sqlite"
    facts.write_bytes(facts.read_bytes()[:4096] + bytes(facts.stat().st_size - 4096))
    report = remove(["x"], index, encoder=encoder, quiet=True)
    # The first was the fourth from last: swept.
    assert (report.clean, report.unreadable) == (True, (second,))
    report = remove(["x"], index, encoder=encoder, quiet=True, purge=True)
    assert set(report.purged) >= {second}
    assert places_of("Nouvelle x.", index) == []


def test_a_lean_index_stays_lean(tmp_path: Path, source: Path, encoder: Encoder) -> None:
    build([source], tmp_path / "lean", encoder=encoder, quiet=True, keep_codes=False)
    assert remove(["musk"], tmp_path / "lean", encoder=encoder, quiet=True).clean
    with closing(Generation.open(tmp_path / "lean")) as found:
        assert found.codes is None


def test_the_cache_keeps_what_generations_were_made_from(index: Path, source: Path, encoder: Encoder) -> None:
    (index / "cache" / "0123456789abcdef0123456789abcdef.embeddings").write_bytes(b"another encoder's")
    build([write(source, RECORDS[1:])], index, encoder=encoder, quiet=True, fresh=True)
    files = prune_cache(index)
    assert {(file.name[:4], file.before > file.after) for file in files} == {
        ("0123", True),
        (files[-1].name[:4], False),
    }
    assert len(places_of(MUSK, index)) == 3  # an older generation holds it
    for number in range(3):
        more = write(source.with_name("n.jsonl"), [{"id": f"n{number}", "text": f"Nouvelle {number}.", "lang": "fr"}])
        build([more], index, encoder=encoder, quiet=True)
    assert all(file.before > file.after > 0 for file in prune_cache(index))
    assert places_of(MUSK, index) == []
    assert build([source], index, encoder=encoder, quiet=True, fresh=True).embedded == 0
