"""Caches deleted, cut short, overwritten or of another encoder: the index is as it would have been."""

from __future__ import annotations

import random
import shutil
import zlib
from pathlib import Path

import numpy as np
import pytest

from indexer.build import BuildReport, build
from indexer.cache import FOLDER as CACHE
from indexer.cache import SUFFIX as EMBEDDINGS
from indexer.cache import EmbeddingCache, key_of
from indexer.code_cache import SUFFIX as CODES
from indexer.code_cache import CodeCache
from indexer.codes import EXTRA
from indexer.encoder import Encoder
from indexer.errors import IndexUnwritable
from tests.faults.conftest import Story
from tests.faults.served import alike, answers, texts, whole

SUFFIXES = (EMBEDDINGS, CODES)
HARMS = ("gone", "empty", "half", "a byte short", "noise", "a bit", "a length", "zeros at the end", "noise at the end")


def harm(file: Path, how: str) -> None:
    content, noise = file.read_bytes(), random.Random(6)
    match how:
        case "gone":
            file.unlink()
        case "empty":
            file.write_bytes(b"")
        case "half":
            file.write_bytes(content[: len(content) // 2])
        case "a byte short":
            file.write_bytes(content[:-1])
        case "noise":
            file.write_bytes(noise.randbytes(len(content)))
        case "a bit":
            place = len(content) // 3
            file.write_bytes(content[:place] + bytes([content[place] ^ 16]) + content[place + 1 :])
        case "a length":  # of the first record of codes
            file.write_bytes(content[:32] + bytes([content[32] ^ 64]) + content[33:])
        case "zeros at the end":  # what a power cut leaves of a file that had grown
            file.write_bytes(content + bytes(5000))
        case "noise at the end":
            file.write_bytes(content + noise.randbytes(5000))


def rebuilt(story: Story, index: Path, encoder: Encoder) -> BuildReport:
    first = story.base.parent / "first.jsonl"
    report = build([first], index, encoder=encoder, quiet=True, fresh=True)
    assert whole(index)
    assert alike(answers(index, encoder), story.answers_before)
    return report


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("how", HARMS)
def test_a_harmed_cache_gives_the_same_index(
    story: Story, index: Path, encoder: Encoder, how: str, suffix: str
) -> None:
    (file,) = (index / CACHE).glob(f"*{suffix}")
    harm(file, how)
    report = rebuilt(story, index, encoder)
    lost = {"gone", "empty", "noise"}
    if how in lost:
        assert report.embedded == report.passages
    elif how in {"a byte short", "a bit", "a length"}:
        assert report.embedded <= 1
    elif how != "half":
        assert report.embedded == 0
    assert rebuilt(story, index, encoder).embedded == 0


def test_a_cache_of_another_encoder_under_this_name(story: Story, index: Path, encoder: Encoder) -> None:
    spec = encoder.spec
    keys = [key_of(text) for text in texts(story.base, encoder)]
    other = index.parent / "other"
    noise = np.random.default_rng(1)
    vectors = noise.normal(size=(len(keys), spec.dimension)).astype(np.float32)
    EmbeddingCache(other, "0" * 32, spec.dimension).put_many(keys, vectors)
    codes = [noise.integers(0, 256, (9, spec.dimension // 8 + EXTRA), np.uint8) for _ in keys]
    CodeCache(other, "0" * 32, spec.dimension).put_many(zip(keys, codes, strict=True))
    shutil.rmtree(index / CACHE)
    (index / CACHE).mkdir()
    for file in other.iterdir():
        shutil.copy(file, index / CACHE / file.name.replace("0" * 32, spec.fingerprint))
    report = rebuilt(story, index, encoder)
    assert report.embedded == report.passages
    assert rebuilt(story, index, encoder).embedded == 0


def test_a_cache_as_it_was_written_before_is_still_good(story: Story, index: Path, encoder: Encoder) -> None:
    """Records whose CRC covers their content alone."""
    spec = encoder.spec
    keys = [key_of(text) for text in texts(story.base, encoder)]
    assert EmbeddingCache(index / CACHE, spec.fingerprint, spec.dimension).get_many(keys)[1].all()
    (file,) = (index / CACHE).glob("*.embeddings")
    kind = np.dtype([("key", "V32"), ("crc", "<u4"), ("vector", "<f4", (spec.dimension,))])
    records = np.frombuffer(bytearray(file.read_bytes()), kind)
    records["crc"] = [zlib.crc32(vector.tobytes()) for vector in records["vector"]]
    file.write_bytes(records.tobytes())
    assert rebuilt(story, index, encoder).embedded == 0


def test_a_cache_that_is_a_folder(story: Story, index: Path, encoder: Encoder) -> None:
    (file,) = (index / CACHE).glob("*.embeddings")
    file.unlink()
    file.mkdir()
    with pytest.raises(IndexUnwritable, match=str(index)):
        rebuilt(story, index, encoder)
    assert answers(index, encoder) == story.answers_before
