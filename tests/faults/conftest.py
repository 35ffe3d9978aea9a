"""A small index, what it becomes when articles are added, and children that come to harm on the way."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest

from corpus import sample
from indexer.build import BuildReport, build
from indexer.encoder import Encoder
from tests.faults import victim
from tests.faults.served import Answers, answers
from tests.faults.victim import Fate, Order

Suffer = Callable[[Order], Fate]
FIRST, ALL = 6, 20
CHARACTERS = 130


@dataclass(frozen=True)
class Story:
    """An index before and after a build: `base` serves `first`, `source` holds changed and new articles."""

    base: Path
    after: Path
    source: Path
    report: BuildReport
    answers_before: Answers
    answers_after: Answers


@pytest.fixture(scope="session")
def story(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Story:
    """Return folders that are not to be written to."""
    folder = tmp_path_factory.mktemp("story")
    records = [json.loads(line) for line in sample.path().read_text(encoding="utf-8").splitlines()]
    chosen = [record | {"text": record["text"][:CHARACTERS]} for record in records[:: len(records) // ALL][:ALL]]
    changed = {**chosen[1], "text": f"{chosen[1]['text']} And that is not all."}
    first = written(folder / "first.jsonl", chosen[:FIRST])
    source = written(folder / "second.jsonl", [changed, *chosen[FIRST:]])
    build([first], folder / "base", encoder=encoder, quiet=True)
    shutil.copytree(folder / "base", folder / "after")
    report = build([source], folder / "after", encoder=encoder, quiet=True)
    assert report.removed
    assert report.reused
    assert report.embedded > ALL - FIRST
    before, after = (answers(folder / name, encoder) for name in ("base", "after"))
    return Story(folder / "base", folder / "after", source, report, before, after)


@pytest.fixture
def index(story: Story, tmp_path: Path) -> Path:
    """Return a copy of the index before the build."""
    return Path(shutil.copytree(story.base, tmp_path / "index"))


@pytest.fixture(scope="session")
def suffer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suffer]:
    """Return what runs an order in a child and tells what became of it."""
    command = [sys.executable, "-m", victim.__name__, str(tmp_path_factory.mktemp("victim") / "stderr")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin
        assert server.stdout
        asking, answering = server.stdin, server.stdout

        def sent(order: Order) -> Fate:
            print(json.dumps(asdict(order)), file=asking, flush=True)
            return Fate(**json.loads(answering.readline()))

        yield sent
        asking.close()


@pytest.fixture(scope="session")
def steps(story: Story, suffer: Suffer, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return the steps of a build that nothing happens to."""
    index = Path(shutil.copytree(story.base, tmp_path_factory.mktemp("census") / "index"))
    fate = suffer(Order(indexing(story, index), chunk=2))
    assert fate.code == 0, fate.stderr
    assert len(fate.steps) > 100
    return fate.steps


def indexing(story: Story, index: Path) -> list[str]:
    """Return the arguments that bring `index` to where `story.after` is."""
    return ["index", str(story.source), "--index", str(index), "--quiet"]


def spread(count: int, over: int) -> list[int]:
    """Return `count` places spread evenly over 0 to `over` - 1, both among them."""
    return [place * (over - 1) // max(count - 1, 1) for place in range(min(count, over))]


def written(file: Path, records: list[dict[str, object]]) -> Path:
    """Return `file` after writing a record a line into it."""
    file.write_text("".join(f"{json.dumps(record, ensure_ascii=False)}\n" for record in records), encoding="utf-8")
    return file
