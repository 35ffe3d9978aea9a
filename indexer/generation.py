"""A published index: an immutable folder, named by the file `current`."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from indexer import codes, facts, manifest, neutral, words
from indexer.checked_files import checked_files
from indexer.codes import TokenCodes
from indexer.errors import IndexDamaged, IndexMissing, IndexProblem, IndexUnreadable
from indexer.facts import Facts
from indexer.manifest import REBUILD, FileSum, Manifest
from indexer.naming import BUILD_NAME, generation_names
from indexer.neutral import NeutralTransform
from indexer.places import Places
from indexer.vectors import VectorIndex
from indexer.words import WordIndex

CURRENT = "current"
FOLDER = "generations"
VECTORS = "vectors.faiss"
STAGING = ".staging-"
KEPT = 3
# By far the largest: on opening only its size is checked, what is read of it when it is read, all of it by `verify`.
LAZY = (codes.CODES,)


# numpy reads the heads of its files with `ast`, which in CPython 3.11 may raise SystemError where two threads do so at
# once (https://github.com/python/cpython/issues/106905).
_ONE_AT_A_TIME = threading.Lock()


class Generation:
    """An open generation: its manifest, facts, vectors, words, and the transform that a question goes through.

    `codes` of tokens are kept only where the encoder gives them and the build was asked to.
    """

    def __init__(
        self,
        directory: Path,
        manifest: Manifest,
        facts: Facts,
        vectors: VectorIndex,
        words: WordIndex,
        neutral: NeutralTransform,
        codes: TokenCodes | None = None,
    ) -> None:
        """Take the parts as they are; `open` and `open_directory` check and join them."""
        self.directory = directory
        self.manifest = manifest
        self.facts = facts
        self.vectors = vectors
        self.words = words
        self.neutral = neutral
        self.codes = codes
        self.places = Places.of(facts)

    @classmethod
    def open(cls, index_dir: Path) -> Generation:
        """Open the generation that `index_dir` serves.

        Raises IndexMissing, IndexDamaged, IndexUnreadable or SchemaMismatch.
        """
        name = _pointed_at(index_dir)
        while True:
            try:
                return cls.open_directory(index_dir / FOLDER / name)
            except IndexDamaged:
                before, name = name, _pointed_at(index_dir)
                if name == before:
                    current_name(index_dir)
                    raise
                # Builds have published since `current` was read, and swept what it named.

    @classmethod
    def open_directory(cls, directory: Path) -> Generation:
        """Open one generation after checking sizes, checksums (but of the codes), and that the counts agree."""
        described = Manifest.read(directory)
        found = None
        try:
            with _ONE_AT_A_TIME, checked_files(directory, described.files, lazy=LAZY) as opened:
                found = cls._assembled(directory, described, opened)
        except BaseException:
            # Files that were exchanged meanwhile show only at the end.
            if found:
                found.close()
            raise
        return found

    @classmethod
    def _assembled(cls, directory: Path, described: Manifest, opened: Mapping[str, int]) -> Generation:
        # Codes of another version mean something else: sentences are then encoded when a question is asked.
        coded = codes.NAMES if described.codes_version == codes.VERSION else ()
        for name in (VECTORS, facts.NAME, neutral.NAME, *words.NAMES, *coded):
            if name not in described.files:
                raise IndexDamaged(f"the manifest does not list {name}", REBUILD, where=str(directory))
        found = Facts(directory / facts.NAME)
        try:
            vectors = VectorIndex.open(directory / VECTORS, opened[VECTORS])
            transform = NeutralTransform.load(directory)
            lexical = WordIndex.open(directory, described.passages)
            tokens = TokenCodes.open(directory, described.passages, vectors.dimension) if coded else None
            counts = (*found.counts(), vectors.count, vectors.dimension)
            expected_counts = (
                described.articles,
                described.passages,
                described.passages,
                described.encoder.dimension,
            )
            if counts != expected_counts:
                raise IndexDamaged(
                    f"articles, passages, vectors, dimension are {counts}; the manifest says {expected_counts}",
                    REBUILD,
                    where=str(directory),
                )
            return cls(directory, described, found, vectors, lexical, transform, tokens)
        except BaseException:
            found.close()
            raise

    def close(self) -> None:
        """Let go of the files."""
        self.facts.close()


def current_name(index_dir: Path) -> str:
    """Return the name of the generation that is served. Raises IndexMissing, IndexDamaged or IndexUnreadable."""
    name = _pointed_at(index_dir)
    try:
        found = (index_dir / FOLDER / name).is_dir()
    except OSError as error:
        raise IndexUnreadable.at(index_dir / FOLDER / name, error) from error
    if not found:
        raise IndexDamaged(f"it names {name}, which does not exist", REBUILD, where=str(index_dir / CURRENT))
    return name


def _pointed_at(index_dir: Path) -> str:
    remedy = f"Build one: veille index SOURCE... --index {index_dir}"
    file = index_dir / CURRENT
    try:
        line = file.read_bytes()
    except FileNotFoundError:
        state = "no build has been finished there" if (index_dir / FOLDER).is_dir() else "there is no index"
        raise IndexMissing(state, remedy, where=str(index_dir)) from None
    except OSError as error:
        raise IndexUnreadable.at(file, error) from error
    name = line.removesuffix(b"\n").decode("ascii", "replace")
    if not line.endswith(b"\n") or not BUILD_NAME.fullmatch(name):
        raise IndexDamaged("it does not hold the name of a generation", REBUILD, where=str(file))
    return name


def verify(index_dir: Path) -> list[str]:
    """Read every byte of the served generation; return a line for each thing that is right.

    Raises what `Generation.open` does.
    """
    name = current_name(index_dir)
    directory = index_dir / FOLDER / name
    described = Manifest.read(directory)
    lines = [f"manifest: generation {name}, layout {described.schema}"]
    with checked_files(directory, described.files):
        lines += [
            f"{file}: sha256 and size ({expected.bytes:,} bytes) as published"
            for file, expected in sorted(described.files.items())
        ]
    generation = Generation.open_directory(directory)
    try:
        generation.facts.check()
        lines.append("passages.sqlite: every page can be read")
        lines.append(
            f"counts: {described.articles:,} articles, {described.passages:,} passages, as many vectors "
            f"of {described.encoder.dimension} dimensions"
        )
    finally:
        generation.close()
    return lines


def publish(index_dir: Path, name: str, fill: Callable[[Path], None]) -> None:
    """Let `fill` write a generation into a staging folder; check, fsync and only then serve it.

    Whatever goes wrong before the last step, the generation served so far stays as it is.
    """
    folder = index_dir / FOLDER
    staging = folder / f"{STAGING}{name}"
    try:
        staging.mkdir(parents=True)
        fill(staging)
        for file in staging.iterdir():
            _sync(file)
        _sync(staging)
        Generation.open_directory(staging).close()
        staging.rename(folder / name)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    _sync(folder)
    pointer = index_dir / f"{CURRENT}.new"
    pointer.write_text(f"{name}\n", encoding="ascii")
    _sync(pointer)
    pointer.replace(index_dir / CURRENT)
    _sync(index_dir)


def sweep(index_dir: Path) -> None:
    """Remove what killed builds left, and all but the last generations. Call only while holding the lock."""
    folder = index_dir / FOLDER
    for leftover in folder.glob(f"{STAGING}*"):
        shutil.rmtree(leftover, ignore_errors=True)
    try:
        served = current_name(index_dir)
    except IndexProblem:
        return
    for name in generation_names(folder)[:-KEPT]:
        if name != served:
            shutil.rmtree(folder / name, ignore_errors=True)


def file_sums(directory: Path) -> dict[str, FileSum]:
    """Return size and checksum of every file in `directory` but the manifest."""
    return {f.name: FileSum.of(f) for f in sorted(directory.iterdir()) if f.name != manifest.NAME}


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
