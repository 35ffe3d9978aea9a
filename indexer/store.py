"""What an index needs of whatever holds its vectors and says which of its generations is served."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from indexer.breadth import Breadth
from indexer.encoder import EncoderSpec
from indexer.errors import IndexProblem
from indexer.facts import Facts
from indexer.manifest import Manifest
from indexer.nearest import Nearest, Vectors


@dataclass(frozen=True, slots=True)
class Content:
    """What the vectors of a generation are made of, and what is known of them.

    `vectors` float32 (rows, dimension), which may be a file mapped into memory, in `languages` (rows,); `questions`
    float32 (m, dimension) say how far to look; `memory`: how many bytes vectors may take while they are searched, 0 for
    no limit.
    """

    vectors: Vectors
    languages: Sequence[str]
    questions: Vectors
    memory: int
    facts: Facts
    encoder: EncoderSpec


@dataclass(frozen=True, slots=True)
class Written:
    """How vectors were written: the names of that and of how each is kept, and how far to look (None: at all of it)."""

    kind: str
    kept: str
    breadth: Breadth | None


class Store(Protocol):
    """Holds the vectors of all generations of an index, and the name of the one that is served."""

    @property
    def shared(self) -> bool:
        """Whether several processes may have it open at once."""
        ...

    @property
    def least(self) -> int:
        """How many generations must be kept so that who still answers from the one before goes on doing so."""
        ...

    def served(self) -> str:
        """Return the name of the generation that is served. Raises IndexMissing or another IndexProblem."""
        ...

    def serves(self, name: str) -> bool:
        """Return whether that is `name`, whatever state it is in. Raises IndexUnreachable."""
        ...

    def absent(self, name: str) -> IndexProblem:
        """Return what to say where the folder lacks the generation that is served."""
        ...

    def serve(self, coming: Path) -> None:
        """Serve the generation that the file `coming` names, which is no more afterwards; in one step."""
        ...

    def point(self, name: str) -> None:
        """Serve another generation, which is complete and checked; in one step."""
        ...

    def prepare(self, memory: int) -> None:
        """Look, before anything is embedded, whether a build can end well: with at most `memory` bytes, 0 for no limit.

        Raises an IndexProblem.
        """
        ...

    def write(self, folder: Path, name: str, content: Content) -> Written:
        """Write the vectors of generation `name`, which is staged in `folder`. Raises OSError or an IndexProblem."""
        ...

    def open(self, directory: Path, described: Manifest, opened: Mapping[str, int]) -> Nearest:
        """Open the vectors of the generation in `directory`; `opened` are descriptors of its checked files.

        Raises IndexDamaged or IndexUnreachable.
        """
        ...

    def discard(self, name: str) -> None:
        """Remove the vectors of a generation that lie elsewhere than in its folder. Raises IndexUnreachable."""
        ...
