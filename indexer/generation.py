"""A published index: an immutable folder, named by the file `current`."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

from indexer import codes, facts, groups, manifest, neutral, words
from indexer.codes import TokenCodes
from indexer.errors import IndexDamaged, IndexMissing
from indexer.facts import Facts
from indexer.groups import Groups
from indexer.manifest import REBUILD, FileSum, Manifest
from indexer.neutral import NeutralTransform
from indexer.places import Places
from indexer.vectors import VectorIndex
from indexer.words import WordIndex

CURRENT = "current"
FOLDER = "generations"
VECTORS = "vectors.faiss"
STAGING = ".staging-"
KEPT = 3
# Large, and a damaged byte in them costs one answer at most: their content is checked by `verify` alone.
LAZY = (facts.NAME, codes.CODES)
BUILD_NAME = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{4,64}")


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
        groups: Groups,
        codes: TokenCodes | None = None,
    ) -> None:
        """Take the parts as they are; `open` and `open_directory` check and join them."""
        self.directory = directory
        self.manifest = manifest
        self.facts = facts
        self.vectors = vectors
        self.words = words
        self.neutral = neutral
        self.groups = groups
        self.codes = codes
        self.places = Places.of(facts)

    @classmethod
    def open(cls, index_dir: Path) -> Generation:
        """Open the generation that `index_dir` serves. Raises IndexMissing, IndexDamaged or SchemaMismatch."""
        return cls.open_directory(index_dir / FOLDER / current_name(index_dir))

    @classmethod
    def open_directory(cls, directory: Path) -> Generation:
        """Open one generation after checking sizes, checksums (but SQLite's), and that the counts agree."""
        described = Manifest.read(directory)
        for name, expected in described.files.items():
            _check(directory / name, expected, whole=name not in LAZY)
        # Codes of another version mean something else: sentences are then encoded when a question is asked.
        coded = codes.NAMES if described.codes_version == codes.VERSION else ()
        for name in (VECTORS, facts.NAME, neutral.NAME, groups.NAME, *words.NAMES, *coded):
            if name not in described.files:
                raise IndexDamaged(f"the manifest does not list {name}", REBUILD, where=str(directory))
        found = Facts(directory / facts.NAME)
        try:
            vectors = VectorIndex.open(directory / VECTORS)
            transform = NeutralTransform.load(directory)
            lexical = WordIndex.open(directory, described.passages)
            grouped = Groups.open(directory, described.articles)
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
            return cls(directory, described, found, vectors, lexical, transform, grouped, tokens)
        except BaseException:
            found.close()
            raise

    def close(self) -> None:
        """Let go of the files."""
        self.facts.close()


def current_name(index_dir: Path) -> str:
    """Return the name of the generation that is served. Raises IndexMissing or IndexDamaged."""
    remedy = f"Build one: veille index SOURCE... --index {index_dir}"
    file = index_dir / CURRENT
    try:
        name = file.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        state = "no build has been finished there" if (index_dir / FOLDER).is_dir() else "there is no index"
        raise IndexMissing(state, remedy, where=str(index_dir)) from None
    except (OSError, ValueError) as error:
        raise IndexDamaged(f"it cannot be read ({error})", REBUILD, where=str(file)) from error
    if not BUILD_NAME.fullmatch(name):
        raise IndexDamaged("it does not hold the name of a generation", REBUILD, where=str(file))
    if not (index_dir / FOLDER / name).is_dir():
        raise IndexDamaged(f"it names {name}, which does not exist", REBUILD, where=str(file))
    return name


def verify(index_dir: Path) -> list[str]:
    """Read every byte of the served generation; return a line for each thing that is right.

    Raises what `Generation.open` does.
    """
    name = current_name(index_dir)
    directory = index_dir / FOLDER / name
    described = Manifest.read(directory)
    lines = [f"manifest: generation {name}, layout {described.schema}"]
    for file, expected in sorted(described.files.items()):
        _check(directory / file, expected, whole=True)
        lines.append(f"{file}: sha256 and size ({expected.bytes:,} bytes) as published")
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
    except (IndexMissing, IndexDamaged):
        return
    names = sorted(path.name for path in folder.iterdir() if BUILD_NAME.fullmatch(path.name))
    for name in names[:-KEPT]:
        if name != served:
            shutil.rmtree(folder / name, ignore_errors=True)


def file_sums(directory: Path) -> dict[str, FileSum]:
    """Return size and checksum of every file in `directory` but the manifest."""
    return {f.name: FileSum.of(f) for f in sorted(directory.iterdir()) if f.name != manifest.NAME}


def _check(file: Path, expected: FileSum, *, whole: bool) -> None:
    try:
        size = file.stat().st_size
    except OSError as error:
        raise IndexDamaged(f"it cannot be read ({error.strerror})", REBUILD, where=str(file)) from error
    if size != expected.bytes:
        raise IndexDamaged(f"it has {size:,} bytes instead of {expected.bytes:,}", REBUILD, where=str(file))
    if whole and FileSum.of(file) != expected:
        raise IndexDamaged("its content is not what was published (sha256 differs)", REBUILD, where=str(file))


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
