"""A reader that holds a generation open, and readers that open one, while others are published and swept."""

from __future__ import annotations

import gc
import shutil
import threading
from pathlib import Path

from indexer import generation, naming
from indexer.build import build
from indexer.encoder import Encoder
from indexer.generation import Generation
from search_api import SearchEngine
from tests.faults.conftest import Story, written
from tests.faults.served import answers, answers_of, whole

PUBLISHED = 20


def held(index: Path) -> list[str]:
    """Return what this process holds open or mapped of an index."""
    descriptors = [str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    maps = Path("/proc/self/maps").read_text().splitlines()
    return [entry for entry in (*descriptors, *maps) if str(index) in entry]


def test_what_is_open_stays_as_it_was(story: Story, index: Path, encoder: Encoder, tmp_path: Path) -> None:
    before = held(index)
    assert not before
    opened = Generation.open(index)
    asked = 0
    with SearchEngine(opened, encoder) as engine:
        for number in range(PUBLISHED):
            record = {"id": f"n{number}", "text": f"Kurze Meldung Nummer {number}.", "lang": "de"}
            report = build([written(tmp_path / "n.jsonl", [record])], index, encoder=encoder, quiet=True)
            assert (report.published, report.embedded) == (True, 1)
            assert answers_of(engine) == story.answers_before
            asked += len(story.answers_before)
        assert not opened.directory.exists()
    del engine, opened
    gc.collect()
    assert not held(index)
    assert whole(index)
    print(f"\n{PUBLISHED} generations published under a reader that asked {asked} questions; nothing left open")


def test_opening_again_and_again_leaves_nothing_open(story: Story, encoder: Encoder) -> None:
    for _ in range(30):
        assert answers(story.base, encoder)[0]
    gc.collect()
    assert not held(story.base)


def test_opening_while_others_publish_and_sweep(story: Story, index: Path) -> None:
    """Each generation goes as soon as the next is served: what `current` named may be gone when it is opened."""
    folder = index / naming.FOLDER
    done = threading.Event()
    failures: list[Exception] = []
    counts = [0, 0]

    def read(place: int) -> None:
        while not done.is_set():
            try:
                Generation.open(index).close()
                counts[place] += 1
            except Exception as error:
                failures.append(error)

    readers = [threading.Thread(target=read, args=(place,)) for place in range(2)]
    for reader in readers:
        reader.start()
    last = generation.current_name(index)
    for number in range(150):
        name = f"20300101T000000Z-{number:04x}"
        shutil.copytree(folder / last, folder / f".staging-{name}")
        (folder / f".staging-{name}").rename(folder / name)
        pointer = index / "current.new"
        pointer.write_text(f"{name}\n", encoding="ascii")
        pointer.replace(index / naming.CURRENT)
        shutil.rmtree(folder / last)
        last = name
    done.set()
    for reader in readers:
        reader.join()
    assert not failures, failures[:3]
    assert all(counts)
    print(f"\n{sum(counts)} openings while 150 generations were published, each swept at once")
