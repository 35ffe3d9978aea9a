"""Takes records out of the cache: those that no generation needs, or those of an article that is taken out."""

from __future__ import annotations

import mmap
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from indexer import cache, code_cache, neutral
from indexer.cache import EmbeddingCache, key_of
from indexer.code_cache import CodeCache
from indexer.generation import current_name
from indexer.kept import kept_generations
from indexer.lock import building
from indexer.manifest import Manifest
from indexer.space import AGAIN, writing


@dataclass(frozen=True, slots=True)
class PrunedFile:
    """A file of the cache, in bytes, before and after. `after` 0: it is gone."""

    name: str
    before: int
    after: int


def prune_cache(index_dir: Path) -> list[PrunedFile]:
    """Keep what the kept generations were made from, and nothing else; each file is replaced in one step.

    Generations of another layout are not asked: they cannot be served. Raises IndexMissing, IndexDamaged, IndexBusy.
    """
    current_name(index_dir)
    with building(index_dir), writing(index_dir, AGAIN), kept_generations(index_dir) as (kept, _):
        needed = {key_of(f"{kind}\0{text}") for text in neutral.every_question() for kind in ("query", "passage")}
        for generation in kept:
            needed.update(generation.facts.keys(0, generation.manifest.passages))
        caches = _caches(index_dir, (generation.manifest for generation in kept))
        files = _files(index_dir)
        sizes = {file: file.stat().st_size for file in files}
        for file in files:
            if file in caches:
                caches[file].keep(needed.__contains__)
            else:
                file.unlink()
        return [PrunedFile(f.name, sizes[f], f.stat().st_size if f.exists() else 0) for f in files]


def forget(index_dir: Path, keys: Collection[bytes], manifests: Iterable[Manifest]) -> None:
    """Take the records of `keys` out. A file that no manifest explains is deleted if it holds any of them."""
    caches = _caches(index_dir, manifests)
    for file in _files(index_dir):
        if file not in caches and _found(file, keys):
            file.unlink()
    for own in caches.values():
        if any(key in own for key in keys):
            own.keep(lambda key: key not in keys)


def count(index_dir: Path, keys: Collection[bytes], manifests: Iterable[Manifest]) -> dict[str, int]:
    """Return how many of `keys` have a record in each file of the cache, as it is read anew."""
    caches = _caches(index_dir, manifests)
    return {
        file.name: sum(key in caches[file] for key in keys) if file in caches else _found(file, keys)
        for file in _files(index_dir)
    }


def _caches(index_dir: Path, manifests: Iterable[Manifest]) -> dict[Path, EmbeddingCache | CodeCache]:
    folder = index_dir / cache.FOLDER
    opened: dict[Path, EmbeddingCache | CodeCache] = {}
    for spec in {manifest.encoder.fingerprint: manifest.encoder for manifest in manifests}.values():
        own = folder / f"{spec.fingerprint}{cache.SUFFIX}"
        if own.exists():
            opened[own] = EmbeddingCache(folder, spec.fingerprint, spec.dimension)
        own = folder / f"{spec.fingerprint}{code_cache.SUFFIX}"
        if own.exists():
            opened[own] = CodeCache(folder, spec.fingerprint, spec.dimension)
    return opened


def _files(index_dir: Path) -> list[Path]:
    folder = index_dir / cache.FOLDER
    return sorted(file for file in folder.iterdir() if file.is_file()) if folder.is_dir() else []


def _found(file: Path, keys: Collection[bytes]) -> int:
    """Return how many of `keys` stand anywhere in a file whose layout is not known."""
    if not file.stat().st_size:
        return 0
    with file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return sum(data.find(key) >= 0 for key in keys)
