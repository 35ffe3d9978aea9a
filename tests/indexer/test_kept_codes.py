"""Codes of tokens in builds on real files: what is kept of them, left out, and made again."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from corpus import sample
from indexer import codes, generation, verification
from indexer.build import build
from indexer.cache import SUFFIX as EMBEDDINGS
from indexer.code_cache import SUFFIX as CODES
from indexer.encoder import Encoder, TokenEncoder
from indexer.generation import Generation
from indexer.manifest import Manifest
from tests.indexer.articles import MUSK, RUBY, opened, write


def all_codes(index: Path) -> list[np.ndarray]:
    found = opened(index)
    assert found.codes is not None
    return [found.codes.of_each(np.array([row]))[0] for row in range(found.manifest.passages)]


def assert_same(codes: list[np.ndarray], others: list[np.ndarray]) -> None:
    """Passages are encoded in other batches, which must change nothing."""
    assert [own.tobytes() for own in codes] == [own.tobytes() for own in others]


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


@pytest.mark.parametrize("ending", [CODES, EMBEDDINGS])
def test_a_cache_that_is_gone_is_filled_again(source: Path, index: Path, encoder: Encoder, ending: str) -> None:
    before = all_codes(index)
    (cache,) = (index / "cache").glob(f"*{ending}")
    size = cache.stat().st_size
    cache.unlink()
    report = build([source], index, encoder=encoder, quiet=True, fresh=True)
    assert (report.embedded, report.reused) == (2, 0)
    assert_same(all_codes(index), before)
    assert 0 < cache.stat().st_size <= size
    assert build([source], index, encoder=encoder, quiet=True, fresh=True).embedded == 0


def test_what_lacks_both_vector_and_codes_counts_once(source: Path, index: Path, encoder: Encoder) -> None:
    (cache,) = (index / "cache").glob(f"*{CODES}")
    cache.unlink()
    (cache,) = (index / "cache").glob(f"*{EMBEDDINGS}")
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
