"""kill -9 all over a build: what is served is whole, the next build finishes the work and embeds only what it must."""

from __future__ import annotations

import random
import shutil
import signal
from pathlib import Path

import pytest

from indexer.build import build
from indexer.cache import FOLDER as CACHE
from indexer.cache import EmbeddingCache, key_of
from indexer.code_cache import CodeCache
from indexer.encoder import Encoder
from tests.faults.conftest import Story, Suffer, indexing, spread
from tests.faults.served import alike, answers, texts, whole
from tests.faults.victim import Order

pytestmark = pytest.mark.timeout(1800)

KILLED, STRUCK, TORN = 44, 15, 8
# Few enough at once that embeddings reach the cache many times in a small build.
CHUNK = 2


def in_caches(story: Story, index: Path, encoder: Encoder) -> int:
    """Return how many of the passages after the build have both their vector and their codes in the caches."""
    spec = encoder.spec
    vectors = EmbeddingCache(index / CACHE, spec.fingerprint, spec.dimension)
    codes = CodeCache(index / CACHE, spec.fingerprint, spec.dimension)
    keys = [key_of(text) for text in texts(story.after, encoder)]
    whole_codes = [found is not None for found in codes.get_many(keys)]
    return sum(a and b for a, b in zip(vectors.get_many(keys)[1].tolist(), whole_codes, strict=True))


def check(story: Story, index: Path, encoder: Encoder) -> bool:
    """Check all that must hold once a build was killed; say whether it had come to publishing."""
    before = whole(index)
    served = answers(index, encoder)
    published = served != story.answers_before
    assert not published or alike(served, story.answers_after)
    known = in_caches(story, index, encoder)
    report = build([story.source], index, encoder=encoder, quiet=True)
    assert report.published != published
    assert report.embedded == (0 if published else story.report.passages - known)
    assert (report.articles, report.passages) == (story.report.articles, story.report.passages)
    assert (whole(index) == before) == published
    assert alike(answers(index, encoder), story.answers_after)
    assert not list((index / "generations").glob(".*"))
    return published


def test_killed_at_every_kind_of_step(
    story: Story, suffer: Suffer, steps: list[str], tmp_path: Path, encoder: Encoder
) -> None:
    """Spread by progress, not by the clock: over the kinds of steps, where each is taken last, to the very end."""
    kinds = sorted({kind: place for place, kind in enumerate(steps)}.values())
    chosen = [kinds[at] for at in spread(KILLED, len(kinds))]
    published = 0
    for place in chosen:
        index = Path(shutil.copytree(story.base, tmp_path / f"at-{place}"))
        fate = suffer(Order(indexing(story, index), "kill", place, chunk=CHUNK))
        assert fate.code == -signal.SIGKILL, (steps[place], fate)
        published += check(story, index, encoder)
        shutil.rmtree(index)
    assert 0 < published < len(chosen)
    print(f"\nkilled before {len(chosen)} of {len(steps)} steps, each of another kind, {published} once published")


def test_struck_while_embedding(
    story: Story, suffer: Suffer, steps: list[str], tmp_path: Path, encoder: Encoder
) -> None:
    """Killed by another process while ONNX Runtime is at work, at any moment."""
    calls = sum(step.endswith(" run") for step in steps)
    chance = random.Random(7)
    reused = 0
    for number in range(STRUCK):
        call = number % calls
        index = Path(shutil.copytree(story.base, tmp_path / f"struck-{number}"))
        fate = suffer(Order(indexing(story, index), "strike", call + 1, chance.randrange(20), chunk=CHUNK))
        assert fate.code == -signal.SIGKILL, fate
        known = in_caches(story, index, encoder)
        assert known >= story.report.reused + call * CHUNK // 2
        reused += known - story.report.reused
        check(story, index, encoder)
        shutil.rmtree(index)
    assert reused
    print(f"\nkilled {STRUCK} times inside {calls} calls of the encoder, {reused} embeddings were taken up again")


def test_killed_inside_a_write(
    story: Story, suffer: Suffer, steps: list[str], tmp_path: Path, encoder: Encoder
) -> None:
    """The file-size limit kills in the middle of a write, inside SQLite and numpy too: files are left torn."""
    chance = random.Random(8)
    killed: set[str] = set()
    count = 0
    for number, place in enumerate(spread(3 * TORN, len(steps))):
        if count == TORN:
            break
        index = Path(shutil.copytree(story.base, tmp_path / f"torn-{number}"))
        order = Order(indexing(story, index), "tear", place, chance.randrange(64, 30_000), chunk=CHUNK)
        fate = suffer(order)
        if fate.code == -signal.SIGXFSZ:
            count += 1
            killed.add(steps[place])
            check(story, index, encoder)
        shutil.rmtree(index)
    assert count == TORN
    print(f"\nkilled inside {count} writes, after {', '.join(sorted(killed))}")
