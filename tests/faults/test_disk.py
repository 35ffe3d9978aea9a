"""A full disk at every stage, a read-only one, no permission: a clear message, and nothing served has changed."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from indexer.build import build
from indexer.encoder import Encoder
from indexer.errors import IndexUnreadable, IndexUnwritable
from indexer.generation import Generation, current_name
from tests.faults.conftest import Story, Suffer, indexing, spread, written
from tests.faults.served import alike, answers, whole
from tests.faults.victim import Fate, Order

pytestmark = pytest.mark.timeout(1800)

FILLED, LIMITED = 20, 16
STAGES = {"cache", "code_cache", "codes", "facts", "faiss_files", "groups", "manifest", "neutral", "words"}
WRITING = {"commit", "tofile", "write", "write_index"}
NOBODY = 65534
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@contextmanager
def mounted(folder: Path, size: int) -> Iterator[Path]:
    """Mount a disk in memory of `size` bytes, or skip where that is not allowed."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode:
        pytest.skip(f"needs to mount a tmpfs: {made.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def last_of_each_kind(steps: list[str], count: int) -> list[int]:
    """Return places in `steps`: the last that writes in each stage, and the last of other kinds, evenly spread."""
    places = {kind: place for place, kind in enumerate(steps)}
    writing = sorted((place, kind) for kind, place in places.items() if kind.rpartition(" ")[2] in WRITING)
    stages = {stage_of(kind): place for place, kind in writing if stage_of(kind) in STAGES}
    return sorted({*stages.values(), *(sorted(places.values())[at] for at in spread(count - len(stages), len(places)))})


def stage_of(step: str) -> str:
    return step.partition(".")[0]


def check(story: Story, index: Path, fate: Fate, before: str, encoder: Encoder) -> bool:
    """Check what must hold once the disk was full at some time of a build; say whether the build failed."""
    assert "Traceback" not in fate.stderr, fate.stderr
    assert fate.code in {0, 2}
    assert (whole(index) == before) == (fate.code == 2)
    if fate.code:
        assert str(index) in fate.stderr
        assert answers(index, encoder) == story.answers_before
    report = build([story.source], index, encoder=encoder, quiet=True)
    assert report.published == (fate.code == 2)
    assert report.embedded <= story.report.embedded
    assert alike(answers(index, encoder), story.answers_after)
    return bool(fate.code)


@needs_root
def test_a_disk_that_fills_up(story: Story, suffer: Suffer, steps: list[str], tmp_path: Path, encoder: Encoder) -> None:
    """Somebody else fills the disk, all but a few bytes, in the middle of a build."""
    chance = random.Random(3)
    failed: set[str] = set()
    places = last_of_each_kind(steps, FILLED)
    with mounted(tmp_path / "disk", 32 << 20) as disk:
        for place in places:
            index = Path(shutil.copytree(story.base, disk / "index"))
            before = current_name(index)
            # What a stage writes last may be small: it must not fit into what is left by chance.
            left = 0 if stage_of(steps[place]) in STAGES else chance.choice([0, 0, 4096])
            order = Order(indexing(story, index), "fill", place, left, str(disk / "ballast"), 2)
            fate = suffer(order)
            (disk / "ballast").unlink()
            if check(story, index, fate, before, encoder):
                failed.add(stage_of(steps[place]))
            shutil.rmtree(index)
    assert failed >= STAGES
    print(f"\ndisk filled before {len(places)} steps; builds failed at {', '.join(sorted(failed))}")


def test_files_that_may_not_grow(
    story: Story, suffer: Suffer, steps: list[str], tmp_path: Path, encoder: Encoder
) -> None:
    """The file-size limit needs no root: writes fail in the middle."""
    chance = random.Random(4)
    failed = 0
    places = last_of_each_kind(steps, LIMITED)
    for place in places:
        index = Path(shutil.copytree(story.base, tmp_path / f"at-{place}"))
        before = current_name(index)
        fate = suffer(Order(indexing(story, index), "limit", place, chance.randrange(1, 5000), chunk=2))
        failed += check(story, index, fate, before, encoder)
        shutil.rmtree(index)
    assert failed > len(STAGES)
    print(f"\nfile size limited before {len(places)} steps; {failed} builds failed")


@needs_root
def test_nowhere_to_keep_what_is_read(story: Story, index: Path, tmp_path: Path) -> None:
    large = written(
        tmp_path / "large.jsonl", [{"id": str(n), "text": f"{n} " * 100_000, "lang": "en"} for n in range(12)]
    )
    with mounted(tmp_path / "small", 64 << 10) as small:
        environment = {**os.environ, "SQLITE_TMPDIR": str(small), "TMPDIR": str(small)}
        command = [sys.executable, "-m", "search_api", "index", str(large), "--index", str(index), "--quiet"]
        found = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert (found.returncode, "Traceback" in found.stderr) == (2, False), found.stderr
    assert "SQLITE_TMPDIR" in found.stderr
    assert whole(index)


@needs_root
def test_a_disk_that_is_read_only(story: Story, suffer: Suffer, tmp_path: Path, encoder: Encoder) -> None:
    with mounted(tmp_path / "disk", 32 << 20) as disk:
        index = Path(shutil.copytree(story.base, disk / "index"))
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        fate = suffer(Order(indexing(story, index)))
        assert (fate.code, "Traceback" in fate.stderr) == (2, False), fate.stderr
        assert str(index) in fate.stderr
        assert answers(index, encoder) == story.answers_before
        fate = suffer(Order(indexing(story, disk / "new")))
        assert (fate.code, str(disk / "new") in fate.stderr) == (2, True), fate.stderr
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
        assert suffer(Order(indexing(story, index))).code == 0
        assert alike(answers(index, encoder), story.answers_after)


@contextmanager
def as_nobody() -> Iterator[None]:
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def shown_index(story: Story) -> Iterator[Path]:
    """Return a copy of the index before the build that everybody may read."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(shutil.copytree(story.base, Path(folder) / "index"))


@needs_root
def test_an_index_of_somebody_else(story: Story, shown_index: Path, encoder: Encoder) -> None:
    with as_nobody():
        assert answers(shown_index, encoder) == story.answers_before
        with pytest.raises(IndexUnwritable, match=str(shown_index)):
            build([story.source], shown_index, encoder=encoder, quiet=True)
    assert answers(shown_index, encoder) == story.answers_before


@needs_root
@pytest.mark.parametrize("name", ["current", "generations", "manifest.json", "vectors.faiss", "passages.sqlite"])
def test_an_index_that_may_not_be_read(shown_index: Path, name: str) -> None:
    (hidden,) = (path for path in (shown_index / name, *shown_index.rglob(f"2*/{name}")) if path.exists())
    hidden.chmod(0)
    with as_nobody(), pytest.raises(IndexUnreadable, match=f"{name}.*Permission denied.*permissions"):
        Generation.open(shown_index).close()


@needs_root
def test_a_cache_that_may_not_be_written(story: Story, suffer: Suffer, index: Path, encoder: Encoder) -> None:
    """A folder of the index that became read-only by itself."""
    mounts = ["mount", "--bind", str(index / "cache"), str(index / "cache")]
    if subprocess.run(mounts, check=False, capture_output=True).returncode:
        pytest.skip("needs to mount a folder onto itself")
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", str(index / "cache")], check=True)
        fate = suffer(Order(indexing(story, index)))
        assert (fate.code, "Traceback" in fate.stderr) == (2, False), fate.stderr
        assert answers(index, encoder) == story.answers_before
    finally:
        subprocess.run(["umount", str(index / "cache")], check=True)
    assert suffer(Order(indexing(story, index))).code == 0
