"""What a run adds, changes and removes: by source, by page, and what it remembers of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from corpus.errors import SourceError
from indexer import generation
from indexer.build import BuildReport, build, preview
from indexer.encoder import Encoder
from indexer.generation import Generation
from indexer.history import KEPT_REVISIONS
from search_api import SearchEngine

Run = Callable[..., BuildReport]
TEXTS = {"a": "Elon Musk menace Microsoft.", "b": "Ruby 3.4 est sorti.", "c": "Debian 12.5 est là."}


def write(file: Path, ids: str, **changed: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    records = [{"id": own, "text": changed.get(own, TEXTS[own]), "lang": "fr", "title": own.upper()} for own in ids]
    file.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return file


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """Return the folder that an index is built in."""
    return tmp_path / "index"


@pytest.fixture
def run(index: Path, encoder: Encoder) -> Run:
    """Return what builds `index`."""

    def built(*sources: Path, **wishes: object) -> BuildReport:
        return build(sources, index, encoder=encoder, quiet=True, **wishes)  # type: ignore[arg-type]

    return built


def counts(report: BuildReport) -> tuple[int, int, int, int]:
    changes = report.changes
    return changes.added, changes.changed, changes.unchanged, changes.removed


def ids(index: Path) -> str:
    with closing(Generation.open(index)) as found:
        return "".join(found.places.ids)


def test_the_report_counts_articles(tmp_path: Path, run: Run) -> None:
    source = tmp_path / "s.jsonl"
    assert counts(run(write(source, "ab"))) == (2, 0, 0, 0)
    assert counts(run(write(source, "abc", b="Ruby 3.5."))) == (1, 1, 1, 0)
    assert counts(run(write(source, "a"))) == (0, 0, 3, 0)
    report = run(source, prune=True)
    assert counts(report) == (0, 0, 1, 2)
    assert report.changes.gone == ("b", "c")
    assert (report.embedded, report.removed) == (0, 2)
    assert not run(source, prune=True).published


def test_what_another_source_holds_stays(tmp_path: Path, index: Path, run: Run) -> None:
    one, other = write(tmp_path / "1.jsonl", "ab"), write(tmp_path / "2.jsonl", "b")
    run(one)
    assert run(other).published  # that it holds b too is worth remembering
    assert not run(other).published
    write(one, "a")
    assert counts(run(one, prune=True)) == (0, 0, 2, 0)
    write(other, "c")
    assert counts(run(other, prune=True)) == (1, 0, 1, 1)
    assert ids(index) == "ac"


def test_a_folder_today_and_its_file_tomorrow(tmp_path: Path, index: Path, run: Run) -> None:
    folder = tmp_path / "news"
    write(folder / "1.jsonl", "ab")
    two = write(folder / "sub" / "2.jsonl", "c")
    run(folder)
    assert counts(run(write(folder / "1.jsonl", "a"), prune=True)) == (0, 0, 2, 1)
    two.unlink()
    assert counts(run(folder, prune=True)) == (0, 0, 1, 1)
    assert ids(index) == "a"


def test_what_cannot_be_read_prunes_nothing(tmp_path: Path, index: Path, run: Run) -> None:
    folder = tmp_path / "news"
    one, two = write(folder / "1.jsonl", "ab"), write(folder / "2.jsonl", "c")
    run(folder)
    served = generation.current_name(index)
    two.write_text("")
    with pytest.raises(SourceError, match="2.jsonl: no article was found"):
        run(folder, prune=True)
    two.write_text("not json\n")
    with pytest.raises(SourceError, match="2.jsonl:1"):
        run(folder, prune=True)
    one.unlink()
    write(tmp_path / "other.jsonl", "a")
    with pytest.raises(SourceError, match="no article"):
        run(write(tmp_path / "empty.jsonl", ""), tmp_path / "other.jsonl", prune=True)
    with pytest.raises(SourceError, match="no such file"):
        run(one, tmp_path / "other.jsonl", prune=True)
    with pytest.raises(SourceError, match="latest entries"):
        run(tmp_path / "feed.xml", prune=True)
    assert generation.current_name(index) == served


def test_a_file_with_a_bad_record_is_not_pruned(tmp_path: Path, index: Path, run: Run) -> None:
    folder = tmp_path / "news"
    write(folder / "1.jsonl", "ab")
    write(folder / "2.jsonl", "c")
    run(folder)
    (folder / "1.jsonl").write_text("bad\n" + write(folder / "1.jsonl", "a").read_text())
    (folder / "2.jsonl").unlink()
    assert counts(run(folder, prune=True, on_error="skip")) == (0, 0, 2, 1)
    assert ids(index) == "ab"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody who may not read")
def test_a_folder_that_may_not_be_listed_stops_pruning() -> None:
    # pytest's own folders are closed to others, and how deep they lie depends on how it was called.
    with tempfile.TemporaryDirectory() as made:
        news = Path(made) / "news"
        (news / "closed").mkdir(parents=True)
        (news / "closed").chmod(0)
        Path(made).chmod(0o755)
        code = (
            "import os; from indexer.pruning import check_complete; from pathlib import Path; os.setuid(65534)\n"
            f"check_complete([Path({str(news)!r})])"
        )
        found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "closed: it cannot be read" in found.stderr


def test_a_dry_run_says_the_same_and_writes_nothing(tmp_path: Path, index: Path, run: Run) -> None:
    source = write(tmp_path / "s.jsonl", "ab")
    changes, _ = preview([source], index, quiet=True)
    assert (changes.added, index.exists()) == (2, False)
    run(source)
    before = sorted(index.rglob("*"))
    write(source, "bc", b="Ruby 3.5.")
    changes, read = preview([source], index, quiet=True, prune=True)
    assert (read.read, sorted(index.rglob("*"))) == (2, before)
    assert changes == run(source, prune=True).changes


def test_the_same_page_by_another_way_is_no_change(tmp_path: Path, index: Path, run: Run) -> None:
    def page(url: str, text: str) -> Path:
        (tmp_path / "p.jsonl").write_text(json.dumps({"url": url, "text": text, "lang": "fr"}))
        return tmp_path / "p.jsonl"

    run(page("https://e.org/a/?utm_source=rss", "Un."))
    assert not run(page("http://E.org/a?utm_source=twitter&fbclid=1", "Un.")).published
    assert counts(run(page("http://E.org/a", "Deux."))) == (0, 1, 0, 0)
    with closing(Generation.open(index)) as found:
        assert found.facts.articles([0])[0].url == "http://E.org/a"


def test_earlier_versions_are_remembered(tmp_path: Path, index: Path, encoder: Encoder, run: Run) -> None:
    source = write(tmp_path / "s.jsonl", "ab")
    run(source)
    with SearchEngine.open(index) as engine:
        assert engine.revisions("a") == []
        first = engine.article("a")
    write(source, "ab", a="Musk menace.")
    run(source)
    write(source, "abc", a="Musk.")
    run(source)
    with SearchEngine.open(index) as engine:
        latest, earliest = engine.revisions("a")
        assert engine.revisions("b") == []
    assert (earliest.title, earliest.content_hash, earliest.published) == ("A", first.content_hash, None)
    assert latest.content_hash != earliest.content_hash
    assert earliest.replaced <= latest.replaced
    run(write(source, "bc"), prune=True)
    run(write(source, "abc"))
    with SearchEngine.open(index) as engine:
        assert engine.revisions("a") == []


def test_only_the_last_revisions_are_kept(tmp_path: Path, index: Path, run: Run) -> None:
    source = tmp_path / "s.jsonl"
    for number in range(KEPT_REVISIONS + 3):
        source.write_text(json.dumps({"id": "a", "text": "Musk.", "lang": "en", "title": str(number)}))
        run(source, with_title=False)
    with SearchEngine.open(index) as engine:
        titles = [revision.title for revision in engine.revisions("a")]
    assert titles == [str(number) for number in range(KEPT_REVISIONS + 1, 1, -1)]
