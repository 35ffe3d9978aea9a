"""A published index: an immutable folder, named by the file `current`."""

from __future__ import annotations

import re
from pathlib import Path

from indexer import codes, facts, neutral, words
from indexer.codes import TokenCodes
from indexer.errors import IndexDamaged, IndexMissing
from indexer.facts import Facts
from indexer.manifest import REBUILD, FileSum, Manifest
from indexer.neutral import NeutralTransform
from indexer.places import Places
from indexer.vectors import VectorIndex
from indexer.words import WordIndex

CURRENT = "current"
FOLDER = "generations"
VECTORS = "vectors.faiss"
# Large, and a damaged byte in them costs one answer at most: their content is checked only where all of it is.
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
        """Open the generation that `index_dir` serves. Raises IndexMissing, IndexDamaged or SchemaMismatch."""
        while True:
            name = current_name(index_dir)
            try:
                return cls.open_directory(index_dir / FOLDER / name)
            except IndexDamaged:
                # Another may have been published meanwhile, and this one swept.
                if current_name(index_dir) == name:
                    raise

    @classmethod
    def open_directory(cls, directory: Path, *, whole: bool = False) -> Generation:
        """Open one generation after checking sizes, checksums, and that the counts agree.

        Unless it is to be read `whole`, of what is in `LAZY` only the size is checked. Raises IndexDamaged or
        SchemaMismatch.
        """
        described = Manifest.read(directory)
        for name, expected in described.files.items():
            _check(directory / name, expected, whole=whole or name not in LAZY)
        # Codes of another version mean something else: sentences are then encoded when a question is asked.
        coded = codes.NAMES if described.codes_version == codes.VERSION else ()
        for name in (VECTORS, facts.NAME, neutral.NAME, *words.NAMES, *coded):
            if name not in described.files:
                raise IndexDamaged(f"the manifest does not list {name}", REBUILD, where=str(directory))
        found = Facts(directory / facts.NAME)
        try:
            vectors = VectorIndex.open(directory / VECTORS)
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


def names(index_dir: Path) -> list[str]:
    """Return the names of all generations that are complete, whether served or not; the oldest first."""
    folder = index_dir / FOLDER
    if not folder.is_dir():
        return []
    return sorted(path.name for path in folder.iterdir() if BUILD_NAME.fullmatch(path.name) and path.is_dir())


def _check(file: Path, expected: FileSum, *, whole: bool) -> None:
    try:
        size = file.stat().st_size
    except OSError as error:
        raise IndexDamaged(f"it cannot be read ({error.strerror})", REBUILD, where=str(file)) from error
    if size != expected.bytes:
        raise IndexDamaged(f"it has {size:,} bytes instead of {expected.bytes:,}", REBUILD, where=str(file))
    if whole and FileSum.of(file) != expected:
        raise IndexDamaged("its content is not what was published (sha256 differs)", REBUILD, where=str(file))
