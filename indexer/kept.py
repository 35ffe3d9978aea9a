"""The generations that an index keeps, without their vectors and words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from indexer import facts
from indexer.errors import IndexProblem
from indexer.facts import Facts
from indexer.manifest import Manifest
from indexer.naming import FOLDER, generation_names


@dataclass(frozen=True, slots=True)
class Kept:
    """A generation that can be read."""

    directory: Path
    manifest: Manifest
    facts: Facts


@contextmanager
def kept_generations(index_dir: Path) -> Iterator[tuple[list[Kept], list[Path]]]:
    """Open all that can be read, by name, and name those that cannot."""
    kept: list[Kept] = []
    unreadable: list[Path] = []
    try:
        for name in generation_names(index_dir / FOLDER):
            directory = index_dir / FOLDER / name
            try:
                kept.append(Kept(directory, Manifest.read(directory), Facts(directory / facts.NAME)))
            except (IndexProblem, OSError):
                unreadable.append(directory)
        yield kept, unreadable
    finally:
        for generation in kept:
            generation.facts.close()
