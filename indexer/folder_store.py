"""Vectors as files of each generation, searched by FAISS in this process; a file names the one that is served."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from corpus.durable import replacing, sync
from indexer import ladder, sketch
from indexer.errors import IndexDamaged, IndexMissing, IndexProblem, IndexUnreadable
from indexer.manifest import REBUILD, Manifest
from indexer.naming import BUILD_NAME, CURRENT, FOLDER
from indexer.nearest import Nearest
from indexer.registry import Registry
from indexer.store import Content, Written


class FolderStore:
    """The index folder itself."""

    shared = True
    # Files that are mapped stay until they are let go of, whatever their folder becomes.
    least = 1

    def __init__(self, index_dir: Path) -> None:
        """Open nothing yet."""
        self._index_dir = index_dir
        self._current = index_dir / CURRENT

    def served(self) -> str:
        """Read it from the file `current`. Raises IndexMissing, IndexDamaged or IndexUnreadable."""
        remedy = f"Build one: veille index SOURCE... --index {self._index_dir}"
        try:
            line = self._current.read_bytes()
        except FileNotFoundError:
            started = (self._index_dir / FOLDER).is_dir()
            state = "no build has been finished there" if started else "there is no index"
            raise IndexMissing(state, remedy, where=str(self._index_dir)) from None
        except OSError as error:
            raise IndexUnreadable.at(self._current, error) from error
        name = line.removesuffix(b"\n").decode("ascii", "replace")
        if not line.endswith(b"\n") or not BUILD_NAME.fullmatch(name):
            raise IndexDamaged("it does not hold the name of a generation", REBUILD, where=str(self._current))
        return name

    def serves(self, name: str) -> bool:
        """Look whether `current` holds it."""
        try:
            return self._current.read_text(encoding="ascii", errors="replace").strip() == name
        except (FileNotFoundError, IsADirectoryError):
            return False

    def absent(self, name: str) -> IndexProblem:
        """Blame `current`."""
        return IndexDamaged(f"it names {name}, which does not exist", REBUILD, where=str(self._current))

    def serve(self, coming: Path) -> None:
        """Let it become `current`. Raises OSError."""
        coming.replace(self._current)
        sync(self._index_dir)

    def point(self, name: str) -> None:
        """Write `current` anew. Raises OSError."""
        with replacing(self._current, via="current.back") as stream:
            stream.write(f"{name}\n".encode())

    def prepare(self, memory: int) -> None:
        """Do nothing: how many vectors there will be is not known yet."""

    def write(self, folder: Path, name: str, content: Content) -> Written:
        """Write those files of the ladder that fit. Raises OSError or TooLittleMemory."""
        dates = None
        # Fewer are not told apart by time.
        if len(content.vectors) >= sketch.CELLS_FROM:
            dates = Registry.of(content.facts).dates[content.facts.article_of_each()]
        rung = ladder.write(folder, content.vectors, content.questions, content.memory, content.languages, dates)
        return Written(rung.kind, rung.kept, rung.breadth)

    def open(self, directory: Path, described: Manifest, opened: Mapping[str, int]) -> Nearest:
        """Map them into memory. Raises IndexDamaged."""
        rows, dimension = described.passages, described.encoder.dimension
        kept, breadth = described.vectors_kept, described.vector_breadth
        return ladder.opened(directory, opened, kept, breadth, rows=rows, dimension=dimension)

    def discard(self, name: str) -> None:
        """Do nothing: they go with their folder."""
