"""What is published, and what is left where it is not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from indexer import generation, publishing

NAME = "20991231T235959Z-0000"


def state(index: Path) -> tuple[str, list[str], list[str]]:
    top = sorted(path.name for path in index.iterdir())
    return generation.current_name(index), top, sorted(path.name for path in (index / "generations").iterdir())


def write(folder: Path) -> None:
    (folder / "file").write_text("content")


def stop(folder: Path) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(("fill", "check"), [(stop, write), (write, stop)])
def test_what_is_stopped_leaves_nothing(
    own_index: Path, fill: Callable[[Path], None], check: Callable[[Path], None]
) -> None:
    before = state(own_index)
    with pytest.raises(KeyboardInterrupt):
        publishing.publish(own_index, NAME, fill, check)
    assert state(own_index) == before


def test_what_cannot_be_pointed_to_leaves_nothing(own_index: Path) -> None:
    (own_index / "current").rename(own_index / "aside")
    (own_index / "current").mkdir()  # nothing can replace a folder
    with pytest.raises(IsADirectoryError):
        publishing.publish(own_index, NAME, write, lambda folder: None)
    assert not list((own_index / "generations").glob(f"*{NAME}"))
    assert not (own_index / "current.new").exists()


def test_published(own_index: Path) -> None:
    publishing.publish(own_index, NAME, write, lambda folder: None)
    assert generation.current_name(own_index) == NAME
    assert (own_index / "generations" / NAME / "file").read_text() == "content"
    assert not (own_index / "current.new").exists()


@pytest.mark.parametrize("renamed", [False, True])
def test_what_a_killed_process_left_is_cleared(own_index: Path, renamed: bool) -> None:
    before = state(own_index)
    (own_index / "current.new").write_text(f"{NAME}\n")
    write_into = own_index / "generations" / (NAME if renamed else f".staging-{NAME}")
    write_into.mkdir()
    write(write_into)
    publishing.clear(own_index)
    assert state(own_index) == before


@pytest.mark.parametrize("content", ["", "..", "../cache", "2099"])
def test_half_a_name_is_not_followed(own_index: Path, content: str) -> None:
    before = state(own_index)
    (own_index / "current.new").write_text(content)
    publishing.clear(own_index)
    assert state(own_index) == before


def test_what_is_served_is_never_cleared(own_index: Path) -> None:
    before = state(own_index)
    (own_index / "current.new").write_text(f"{before[0]}\n")
    publishing.clear(own_index)
    assert state(own_index) == before
