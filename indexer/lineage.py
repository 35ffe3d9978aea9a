"""The generations that are kept: which there are, going back to one, and which go."""

from __future__ import annotations

from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from corpus.durable import replacing
from indexer.errors import ArticlesRemoved, IndexDamaged, IndexMissing, IndexProblem
from indexer.generation import Generation, current_name, served_name
from indexer.lock import building
from indexer.manifest import Manifest
from indexer.naming import FOLDER, generation_names
from indexer.publishing import discard, point
from indexer.removals import Removals
from indexer.space import writing
from indexer.stores import store_of
from indexer.verification import check_content

KEPT = 3
KEEP = "keep"


@dataclass(frozen=True, slots=True)
class KeptGeneration:
    """A generation as `veille generations` lists it. `bytes` are those on disk.

    `rolled_back`: made after the one that is served, and left for it. `damage` says what is wrong where the manifest
    cannot be read or sizes are not as published (checksums are compared by `veille verify`); where the manifest cannot
    be read, nothing else is known.
    """

    name: str
    served: bool
    rolled_back: bool
    bytes: int
    created: str | None = None
    articles: int | None = None
    passages: int | None = None
    model: str | None = None
    damage: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a JSON object."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class RolledBack:
    """What a rollback did. `before` was served until then, None where that is not known; it may be `now`."""

    before: str | None
    now: str
    created: str
    articles: int
    passages: int


def generations(index_dir: Path) -> list[KeptGeneration]:
    """Return the generations of an index: the served one, those before it, then those that were rolled back.

    Raises IndexMissing where there is none at all.
    """
    found = generation_names(index_dir / FOLDER)
    if not found:
        current_name(index_dir)  # raises, and says what is missing
    served = served_name(index_dir)
    line = _line(index_dir, served)
    newer = {name for name in found if name not in line and line and name > line[-1]}
    listed = []
    for name in _by_worth(found, line):
        # A build that ends meanwhile may sweep one away.
        with suppress(FileNotFoundError):
            listed.append(_described(index_dir / FOLDER / name, served=name == served, rolled_back=name in newer))
    return listed


def rollback(
    index_dir: Path, name: str | None = None, *, with_removed: bool = False, wait: float = 0.0, quiet: bool = False
) -> RolledBack:
    """Serve the generation `name`, or the one before that which is served; what is left for it is kept.

    Every byte of it is checked first. The next build starts from it. Raises IndexBusy (see `lock.building` for `wait`),
    IndexMissing where there is no such generation, ArticlesRemoved where it holds what was taken out for good and
    `with_removed` does not say that it may, and what `verification.verify` does; what is served then stays so.
    """
    if not generation_names(index_dir / FOLDER):
        current_name(index_dir)
        raise IndexMissing("it keeps no generation", where=str(index_dir))
    with building(index_dir, wait=wait, quiet=quiet):
        before = served_name(index_dir)
        wanted = _wanted(index_dir, before, name)
        with closing(Generation.open_directory(index_dir / FOLDER / wanted, whole=True)) as generation:
            check_content(generation)
            if not with_removed:
                _check_removals(index_dir, generation)
            described = generation.manifest
        if wanted != before:
            with writing(index_dir):
                point(index_dir, wanted)
        return RolledBack(before, wanted, described.created, described.articles, described.passages)


def _check_removals(index_dir: Path, generation: Generation) -> None:
    held = sum(1 for _ in Removals(index_dir).among(generation.facts.addresses()))
    if held:
        articles = "an article that was" if held == 1 else f"{held:,} articles that were"
        raise ArticlesRemoved(
            f"{generation.manifest.build} holds {articles} taken out for good",
            "Go back to another build, or add --with-removed to serve it all the same",
            where=str(index_dir),
        )


def sweep(index_dir: Path, keep: int) -> None:
    """Remove all but `keep` generations, or as many as the store needs. Call only while holding the lock.

    Those that the served one goes back to are worth more than those that were rolled back.
    """
    served = served_name(index_dir)
    if served is None:
        return
    kept = max(keep, store_of(index_dir).least)
    for name in _by_worth(generation_names(index_dir / FOLDER), _line(index_dir, served))[kept:]:
        discard(index_dir, name)


def settle(index_dir: Path, keep: int, *, remember: bool) -> None:
    """Sweep, and `remember` how many to keep from now on. Call only while holding the lock. Raises IndexUnwritable."""
    with writing(index_dir):
        if remember:
            with replacing(index_dir / KEEP, via=f"{KEEP}.new") as stream:
                stream.write(f"{keep}\n".encode())
        sweep(index_dir, keep)


def how_many(index_dir: Path) -> int:
    """Return how many generations an index keeps: as many as it was told last, else three. Raises IndexDamaged."""
    file = index_dir / KEEP
    try:
        return check_keep(int(file.read_text(encoding="ascii")))
    except FileNotFoundError:
        return KEPT
    except ValueError as error:
        raise IndexDamaged("it holds no number", "Say how many are to be kept: --keep 3", where=str(file)) from error


def check_keep(keep: int) -> int:
    """Return how many generations are to be kept. Raises ValueError where that is less than one."""
    if keep < 1:
        raise ValueError(f"{keep} generations cannot be kept, one is served")
    return keep


def _line(index_dir: Path, served: str | None) -> list[str]:
    """Return the served generation, the one that was served when it was made, and so on, as far as they are kept."""
    found = generation_names(index_dir / FOLDER)
    line: list[str] = []
    name = served
    while name is not None and name not in line:
        line.append(name)
        name = _before(index_dir / FOLDER, name, found)
    return line


def _before(folder: Path, name: str, found: list[str]) -> str | None:
    try:
        known = Manifest.read(folder / name).previous
    except IndexProblem:
        known = ""
    if known in found:
        return known
    # What a generation was made after is not known, or not kept: then names, which sort by time, tell.
    return max((other for other in found if other < (known or name)), default=None)


def _by_worth(found: list[str], line: list[str]) -> list[str]:
    return line + [name for name in reversed(found) if name not in line]


def _wanted(index_dir: Path, served: str | None, name: str | None) -> str:
    found = generation_names(index_dir / FOLDER)
    listed = f"Kept are {', '.join(found)}"
    if name is not None:
        if name not in found:
            raise IndexMissing(f"it keeps no generation {name!r}", listed, where=str(index_dir))
        return name
    if served is None:
        raise IndexMissing("it is not known which generation was served", f"{listed}: name one", where=str(index_dir))
    line = _line(index_dir, served)
    if len(line) == 1:
        raise IndexMissing(f"it keeps no generation before {served}", listed, where=str(index_dir))
    return line[1]


def _described(directory: Path, *, served: bool, rolled_back: bool) -> KeptGeneration:
    size = sum(file.stat().st_size for file in directory.iterdir() if file.is_file())
    try:
        manifest = Manifest.read(directory)
    except IndexProblem as error:
        return KeptGeneration(directory.name, served, rolled_back, size, damage=error.problem)
    return KeptGeneration(
        directory.name,
        served,
        rolled_back,
        size,
        created=manifest.created,
        articles=manifest.articles,
        passages=manifest.passages,
        model=manifest.encoder.model,
        damage=_damage(directory, manifest),
    )


def _damage(directory: Path, manifest: Manifest) -> str | None:
    for name, expected in manifest.files.items():
        file = directory / name
        size = file.stat().st_size if file.is_file() else None
        if size != expected.bytes:
            return f"{name} is missing" if size is None else f"{name} has {size:,} bytes instead of {expected.bytes:,}"
    return None
