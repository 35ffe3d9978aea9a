"""Builds on real files: what is reused, what stays, and that nothing broken is ever served."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from corpus import sample
from corpus.errors import SourceError
from indexer import codes, generation, verification
from indexer.build import build
from indexer.encoder import Encoder, TokenEncoder
from indexer.errors import (
    IndexBusy,
    IndexDamaged,
    IndexMissing,
    IndexUnwritable,
    SchemaMismatch,
)
from indexer.generation import Generation
from indexer.lock import building
from indexer.manifest import SCHEMA, Manifest

MUSK = "Elon Musk menace Microsoft. Il parle d’une action en justice."
RUBY = "Ruby 3.4 has been released. It brings a new parser."


def write(file: Path, records: Iterable[dict[str, object]]) -> Path:
    file.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")
    return file


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Return a file of two articles."""
    return write(
        tmp_path / "a.jsonl",
        [
            {"id": "musk", "text": MUSK, "lang": "fr", "source": "S1", "title": "Menace"},
            {"id": "ruby", "text": RUBY, "lang": "en", "source": "S2", "published": "2024-12-25"},
        ],
    )


@pytest.fixture
def index(tmp_path: Path, source: Path, encoder: Encoder) -> Path:
    """Return the folder of an index over `source`."""
    build([source], tmp_path / "index", encoder=encoder, quiet=True)
    return tmp_path / "index"


def opened(index: Path) -> Generation:
    found = Generation.open(index)
    found.close()
    return found


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
    assert np.abs(steps.vectors.vectors(rows) - once.vectors.vectors(rows)).max() < 1e-5


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


def test_no_index_and_half_an_index(tmp_path: Path, index: Path) -> None:
    with pytest.raises(IndexMissing, match="there is no index"):
        Generation.open(tmp_path / "nowhere")
    (index / "current").unlink()
    with pytest.raises(IndexMissing, match="no build has been finished"):
        Generation.open(index)


@pytest.mark.parametrize(
    "name", ["passages.sqlite", "vectors.faiss", "neutral.npz", "tokens.codes", "tokens.starts.npy", "manifest.json"]
)
@pytest.mark.parametrize("harm", ["truncate", "remove", "flip"])
def test_damage_is_found_and_named(index: Path, name: str, harm: str) -> None:
    file = index / "generations" / generation.current_name(index) / name
    data = bytearray(file.read_bytes())
    if harm == "truncate":
        file.write_bytes(data[: len(data) // 2])
    elif harm == "remove":
        file.unlink()
    else:
        place = data.index(b'"schema"') + 2 if name == "manifest.json" else len(data) // 2
        data[place] ^= 1
        file.write_bytes(data)
    with pytest.raises(IndexDamaged, match=name):
        verification.verify(index)


def test_fresh_mends_a_damaged_index(index: Path, source: Path, encoder: Encoder) -> None:
    file = index / "generations" / generation.current_name(index) / "vectors.faiss"
    file.write_bytes(b"")
    with pytest.raises(IndexDamaged, match="--fresh"):
        build([source], index, encoder=encoder, quiet=True)
    build([source], index, encoder=encoder, quiet=True, fresh=True)
    assert verification.verify(index)


@pytest.mark.parametrize("content", ["../../etc", "", "20261123T201500Z-3f9a", "\0", "é"])
def test_current_that_names_nothing(index: Path, content: str) -> None:
    (index / "current").write_text(content, encoding="utf-8")
    with pytest.raises(IndexDamaged):
        Generation.open(index)


def test_another_layout(index: Path) -> None:
    file = index / "generations" / generation.current_name(index) / "manifest.json"
    file.write_text(file.read_text().replace(f'"schema": {SCHEMA}', '"schema": 99'))
    with pytest.raises(SchemaMismatch, match="99"):
        Generation.open(index)


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
    command = [
        sys.executable,
        "-m",
        "search_api",
        "index",
        str(sample.path()),
        "--index",
        str(index),
        "--quiet",
    ]
    process = subprocess.Popen(command)
    (cache,) = (index / "cache").glob("*.embeddings")
    size = cache.stat().st_size
    deadline = time.monotonic() + 120
    while cache.stat().st_size == size and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert generation.current_name(index) == before
    assert verification.verify(index)
    assert list((index / "generations").glob(".staging-*"))
    report = build([sample.path()], index, encoder=encoder, quiet=True)
    assert report.reused > 2
    assert not list((index / "generations").glob(".staging-*"))


def all_codes(index: Path) -> list[np.ndarray]:
    found = opened(index)
    assert found.codes is not None
    return [found.codes.of(row) for row in range(found.manifest.passages)]


def assert_same(codes: list[np.ndarray], others: list[np.ndarray]) -> None:
    """Passages are encoded in other batches: a bit whose number is next to nothing may turn."""
    assert [own.shape for own in codes] == [own.shape for own in others]
    flat, other = np.concatenate(codes), np.concatenate(others)
    assert np.unpackbits(flat ^ other).sum() <= flat.size * 8 / 1000


def test_codes_are_those_of_what_is_embedded(index: Path, encoder: TokenEncoder) -> None:
    given: dict[int, np.ndarray] = {}
    encoder.encode_with_codes([f"Menace\n{MUSK}", RUBY], lambda place, own: given.update({place: own}))
    assert_same(all_codes(index), [given[0], given[1]])


def test_the_manifest_lists_every_file(index: Path) -> None:
    folder = index / "generations" / generation.current_name(index)
    assert set(opened(index).manifest.files) == {file.name for file in folder.iterdir()} - {"manifest.json"}
    assert set(codes.NAMES) <= set(opened(index).manifest.files)


def test_in_steps_or_at_once_gives_the_same_codes(encoder: Encoder, tmp_path: Path) -> None:
    lines = sample.path().read_text(encoding="utf-8").splitlines()[:12]
    (tmp_path / "first.jsonl").write_text("\n".join(lines[::2]), encoding="utf-8")
    (tmp_path / "whole.jsonl").write_text("\n".join(lines), encoding="utf-8")
    for name in ("first", "whole"):
        report = build([tmp_path / f"{name}.jsonl"], tmp_path / "steps", encoder=encoder, quiet=True)
    assert 0 < report.embedded < report.passages
    build([tmp_path / "whole.jsonl"], tmp_path / "once", encoder=encoder, quiet=True)
    assert_same(all_codes(tmp_path / "steps"), all_codes(tmp_path / "once"))


def test_a_changed_title_elsewhere_leaves_the_codes(tmp_path: Path, index: Path, encoder: Encoder) -> None:
    before = all_codes(index)
    changed = write(tmp_path / "c.jsonl", [{"id": "ruby", "text": RUBY, "lang": "en", "title": "Ruby"}])
    report = build([changed], index, encoder=encoder, quiet=True)
    assert (report.embedded, report.reused) == (1, 1)
    generation = Generation.open(index)
    row = generation.places.rows_of(generation.facts.article_row("musk") or 0)[0]
    generation.close()
    assert np.array_equal(all_codes(index)[row], before[0])


def test_codes_may_be_left_out_and_added_later(source: Path, tmp_path: Path, encoder: Encoder) -> None:
    def run(*, keep_codes: bool) -> tuple[int, int, bool]:
        report = build([source], tmp_path / "i", encoder=encoder, quiet=True, keep_codes=keep_codes)
        return report.embedded, report.reused, report.published

    assert run(keep_codes=False) == (2, 0, True)
    without = opened(tmp_path / "i")
    assert without.codes is None
    assert not set(codes.NAMES) & set(without.manifest.files)
    assert run(keep_codes=False) == (0, 2, False)
    assert run(keep_codes=True) == (2, 0, True)  # vectors are known, codes are not
    assert len(all_codes(tmp_path / "i")) == 2
    rows = np.arange(2)
    assert np.abs(opened(tmp_path / "i").vectors.vectors(rows) - without.vectors.vectors(rows)).max() < 1e-6
    assert run(keep_codes=True) == (0, 2, False)
    assert run(keep_codes=False) == (0, 2, True)
    assert run(keep_codes=True) == (0, 2, True)  # from the cache
    assert verification.verify(tmp_path / "i")


@pytest.mark.parametrize("ending", ["codes2", "embeddings"])
def test_a_cache_that_is_gone_is_filled_again(source: Path, index: Path, encoder: Encoder, ending: str) -> None:
    before = all_codes(index)
    (cache,) = (index / "cache").glob(f"*.{ending}")
    size = cache.stat().st_size
    cache.unlink()
    report = build([source], index, encoder=encoder, quiet=True, fresh=True)
    assert (report.embedded, report.reused) == (2, 0)
    assert_same(all_codes(index), before)
    assert 0 < cache.stat().st_size <= size
    assert build([source], index, encoder=encoder, quiet=True, fresh=True).embedded == 0


def test_what_lacks_both_vector_and_codes_counts_once(source: Path, index: Path, encoder: Encoder) -> None:
    (cache,) = (index / "cache").glob("*.codes2")
    cache.unlink()
    (cache,) = (index / "cache").glob("*.embeddings")
    data = bytearray(cache.read_bytes())
    data[60] ^= 4  # in the first vector
    cache.write_bytes(data)
    report = build([source], index, encoder=encoder, quiet=True, fresh=True)
    assert (report.embedded, report.reused) == (2, 0)
    assert build([source], index, encoder=encoder, quiet=True, fresh=True).embedded == 0


def test_equal_texts_have_equal_codes(tmp_path: Path, encoder: Encoder) -> None:
    twice = write(tmp_path / "t.jsonl", [{"id": i, "text": MUSK, "lang": "fr", "source": i} for i in ("a", "b")])
    build([twice], tmp_path / "i", encoder=encoder, quiet=True)
    one, other = all_codes(tmp_path / "i")
    assert np.array_equal(one, other)
    assert len(one) > 10


def test_codes_of_another_version_are_left_alone(index: Path, source: Path, encoder: Encoder) -> None:
    folder = index / "generations" / generation.current_name(index)
    dataclasses.replace(Manifest.read(folder), codes_version=99).write(folder)
    assert opened(index).codes is None
    assert build([source], index, encoder=encoder, quiet=True).published
    assert len(all_codes(index)) == 2
