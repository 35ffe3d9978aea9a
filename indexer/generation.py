"""A published index: an immutable folder, named by what serves it."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

import numpy as np

from indexer import codes, facts, groups, neutral, words
from indexer.checked_files import checked_files
from indexer.codes import TokenCodes
from indexer.errors import IndexDamaged, IndexMissing, IndexUnreadable
from indexer.facts import Facts
from indexer.filter import Allowed, Filter
from indexer.groups import Groups
from indexer.manifest import REBUILD, Manifest
from indexer.naming import FOLDER
from indexer.nearest import Nearest
from indexer.neutral import NeutralTransform
from indexer.places import Places
from indexer.registry import Registry
from indexer.stores import store_of
from indexer.words import WordIndex

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
        vectors: Nearest,
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
        """Open the generation that `index_dir` serves.

        Raises IndexMissing, IndexDamaged, IndexUnreadable or SchemaMismatch.
        """
        store = store_of(index_dir)
        name = store.served()
        while True:
            try:
                return cls.open_directory(index_dir / FOLDER / name)
            except IndexDamaged:
                before, name = name, store.served()
                if name == before:
                    current_name(index_dir)
                    raise
                # Builds have published meanwhile, and swept what was served before.

    @classmethod
    def open_directory(cls, directory: Path, *, whole: bool = False) -> Generation:
        """Open one generation after checking sizes, checksums, and that the counts agree.

        Unless it is to be read `whole`, of what is in `LAZY` only the size is checked. Raises IndexDamaged,
        IndexUnreadable or SchemaMismatch.
        """
        described = Manifest.read(directory)
        found = None
        try:
            with _ONE_AT_A_TIME, checked_files(directory, described.files, lazy=() if whole else LAZY) as opened:
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
        for name in (facts.NAME, neutral.NAME, groups.NAME, *words.NAMES, *coded):
            if name not in described.files:
                raise IndexDamaged(f"the manifest does not list {name}", REBUILD, where=str(directory))
        found = Facts(directory / facts.NAME)
        try:
            vectors = store_of(directory.parent.parent).open(directory, described, opened)
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

    @cached_property
    def registry(self) -> Registry:
        """Language, source, category and date of all articles: read when they are first asked for."""
        return Registry.of(self.facts)

    def allowed(self, wanted: Filter) -> Allowed | None:
        """Return which passages pass, or None where nothing is filtered."""
        if wanted == Filter():
            return None
        return Allowed(np.flatnonzero(self.registry.passing(wanted)[self.places.article]), wanted)

    def close(self) -> None:
        """Let go of the files."""
        self.facts.close()


def current_name(index_dir: Path) -> str:
    """Return the name of the generation that is served. Raises IndexMissing, IndexDamaged or IndexUnreadable."""
    store = store_of(index_dir)
    name = store.served()
    try:
        found = (index_dir / FOLDER / name).is_dir()
    except OSError as error:
        raise IndexUnreadable.at(index_dir / FOLDER / name, error) from error
    if not found:
        raise store.absent(name)
    return name


def served_name(index_dir: Path) -> str | None:
    """Return the name of the generation that is served, None where that is nothing or cannot be known."""
    try:
        return current_name(index_dir)
    except (IndexMissing, IndexDamaged):
        return None
