"""Builds on real files: what is reused, what stays, and that nothing broken is ever served."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from corpus import sample
from corpus.errors import SourceError
from indexer import generation, verification
from indexer.build import build
from indexer.embedding import CHUNK
from indexer.encoder import Encoder
from indexer.errors import (
    IndexBusy,
    IndexMissing,
    IndexUnwritable,
)
from indexer.generation import Generation
from indexer.lock import building
from tests.indexer.articles import MUSK, opened, write


def test_first_build(source: Path, tmp_path: Path, encoder: Encoder) -> None:
    report = build([source], tmp_path / "new", encoder=encoder, quiet=True)
    assert (report.articles, report.passages, report.embedded, report.reused, report.removed) == (
        2,
        2,
        2,
        0,
        0,
    )
    assert report.languages == {"en": 1, "fr": 1}
    assert report.published
    manifest = opened(tmp_path / "new").manifest
    assert manifest.sources == {"S1": 1, "S2": 1}
    assert manifest.encoder == encoder.spec
    assert verification.verify(tmp_path / "new")


def test_nothing_changed_publishes_nothing(source: Path, index: Path, encoder: Encoder) -> None:
    before = generation.current_name(index)
    report = build([source], index, encoder=encoder, quiet=True)
    assert (report.embedded, report.reused, report.published) == (0, 2, False)
    assert generation.current_name(index) == before


def test_other_sources_leave_what_is_there(tmp_path: Path, index: Path, encoder: Encoder) -> None:
    more = write(tmp_path / "b.jsonl", [{"id": "php", "text": "PHP 8.4 est sorti.", "lang": "fr"}])
    report = build([more], index, encoder=encoder, quiet=True)
    assert (report.articles, report.reused, report.embedded, report.removed) == (3, 2, 1, 0)
    facts = Generation.open(index).facts
    assert facts.articles([0, 1, 2])[0].id == "musk"
    facts.close()


def test_a_changed_article_is_replaced(tmp_path: Path, index: Path, encoder: Encoder) -> None:
    changed = write(tmp_path / "c.jsonl", [{"id": "ruby", "text": "Ruby 3.5 is out.", "lang": "en"}])
    report = build([changed], index, encoder=encoder, quiet=True)
    assert (report.articles, report.embedded, report.reused, report.removed) == (2, 1, 1, 1)


def test_fresh_starts_from_nothing_but_the_cache(source: Path, index: Path, encoder: Encoder, tmp_path: Path) -> None:
    only = write(tmp_path / "d.jsonl", [json.loads(source.read_text().splitlines()[0])])
    report = build([only], index, encoder=encoder, quiet=True, fresh=True)
    assert (report.articles, report.embedded, report.reused) == (1, 0, 1)


def test_without_title_everything_is_embedded_anew(source: Path, index: Path, encoder: Encoder) -> None:
    report = build([source], index, encoder=encoder, quiet=True, with_title=False)
    assert (report.embedded, report.reused) == (1, 1)  # the second article has no title: its text is the same


def test_in_steps_or_at_once_gives_the_same_vectors(encoder: Encoder, tmp_path: Path) -> None:
    lines = sample.path().read_text(encoding="utf-8").splitlines()[:40]
    first = tmp_path / "first.jsonl"
    first.write_text("\n".join(lines[::2]), encoding="utf-8")
    whole = tmp_path / "whole.jsonl"
    whole.write_text("\n".join(lines), encoding="utf-8")
    build([first], tmp_path / "steps", encoder=encoder, quiet=True)
    build([whole], tmp_path / "steps", encoder=encoder, quiet=True)
    build([whole], tmp_path / "once", encoder=encoder, quiet=True)
    steps, once = opened(tmp_path / "steps"), opened(tmp_path / "once")
    assert steps.manifest.passages == once.manifest.passages
    rows = np.arange(once.vectors.count)
    assert (steps.vectors.vectors(rows) == once.vectors.vectors(rows)).all()


def test_each_outlet_keeps_its_article_but_equal_text_is_embedded_once(tmp_path: Path, encoder: Encoder) -> None:
    twice = write(tmp_path / "t.jsonl", [{"id": i, "text": MUSK, "lang": "fr", "source": i} for i in ("a", "b")])
    report = build([twice], tmp_path / "i", encoder=encoder, quiet=True)
    assert (report.articles, report.passages, report.embedded, report.reused) == (2, 2, 1, 1)


def test_a_bad_line_changes_nothing(tmp_path: Path, index: Path, encoder: Encoder) -> None:
    before = generation.current_name(index)
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"id": "x", "text": "ok"}\nnot json\n')
    with pytest.raises(SourceError, match="bad.jsonl:2"):
        build([bad], index, encoder=encoder, quiet=True)
    assert generation.current_name(index) == before
    report = build([bad], index, encoder=encoder, quiet=True, on_error="skip")
    assert (report.articles, report.read.skipped) == (3, 1)


def test_no_article_at_all(tmp_path: Path, encoder: Encoder) -> None:
    (tmp_path / "empty.jsonl").write_text("")
    with pytest.raises(SourceError, match="no article found"):
        build([tmp_path / "empty.jsonl"], tmp_path / "i", encoder=encoder, quiet=True)
    with pytest.raises(IndexMissing, match="no build has been finished|there is no index"):
        Generation.open(tmp_path / "i")


def test_old_generations_go_but_the_last_three(tmp_path: Path, index: Path, encoder: Encoder) -> None:
    for number in range(4):
        more = write(tmp_path / "n.jsonl", [{"id": f"n{number}", "text": f"Nouvelle {number}.", "lang": "fr"}])
        build([more], index, encoder=encoder, quiet=True)
    assert len(list((index / "generations").iterdir())) == 3
    assert opened(index).manifest.articles == 6


def test_a_folder_full_of_something_else(tmp_path: Path, source: Path, encoder: Encoder) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "letter.txt").write_text("dear")
    with pytest.raises(IndexUnwritable, match="not empty"):
        build([source], tmp_path / "home", encoder=encoder, quiet=True)


def test_one_builder_at_a_time(index: Path, source: Path, encoder: Encoder) -> None:
    with building(index), pytest.raises(IndexBusy, match=str(os.getpid())):
        build([source], index, encoder=encoder, quiet=True)


def test_a_killed_build_leaves_the_served_index_and_its_work(index: Path, tmp_path: Path, encoder: Encoder) -> None:
    before = generation.current_name(index)
    # More than are embedded before any is kept, so that a part is when the build is killed.
    many = CHUNK + CHUNK // 2
    source = write(
        tmp_path / "many.jsonl", [{"id": f"n{n}", "text": f"Nouvelle {n}.", "lang": "fr"} for n in range(many)]
    )
    command = [sys.executable, "-m", "search_api", "index", str(source), "--index", str(index), "--quiet"]
    process = subprocess.Popen(command)
    # Codes are kept after vectors: what has both is not embedded again.
    (cache,) = (index / "cache").glob("*.codes*")
    size = cache.stat().st_size
    deadline = time.monotonic() + 400
    while cache.stat().st_size == size and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert generation.current_name(index) == before
    assert verification.verify(index)
    assert list((index / "generations").glob(".staging-*"))
    report = build([source], index, encoder=encoder, quiet=True)
    assert 2 < report.reused < report.passages == many + 2
    assert not list((index / "generations").glob(".staging-*"))
