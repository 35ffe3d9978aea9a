"""An index whose vectors are in Milvus: a collection for each generation, and an alias that says which is served."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.errors import AddressWrong, IndexDamaged, IndexMissing, IndexProblem, TooLittleMemory
from indexer.manifest import REBUILD, Manifest
from indexer.milvus import loading
from indexer.milvus.collection import about_published, about_staged, generation_of, name_of
from indexer.milvus.connection import LONG, SOON, Connection
from indexer.milvus.place import Place
from indexer.milvus.vectors import CONSISTENCY, Cells, MilvusVectors
from indexer.naming import FOLDER, generation_names
from indexer.nearest import Nearest
from indexer.store import Content, Written

if TYPE_CHECKING:
    from pymilvus.exceptions import MilvusException

_NO_ALIAS = 1600
_NO_ALIAS_THERE = "does not exist"


class MilvusStore:
    """A Milvus server, or milvus-lite, beside the folder that holds what Milvus does not: the companion folder."""

    # A collection that is dropped is gone at once, and a service needs a moment to see that the alias was moved.
    least = 2

    def __init__(self, index_dir: Path, place: Place) -> None:
        """Connect when first asked. Raises AddressWrong where pymilvus is not installed."""
        self._index_dir, self._alias = index_dir, place.collection
        self._connection = Connection(index_dir, place)

    @property
    def shared(self) -> bool:
        """milvus-lite is for one process."""
        return bool(self._connection.place.server)

    def served(self) -> str:
        """Ask for the alias. Raises IndexMissing, IndexUnreachable, or IndexDamaged where it names something else."""
        name = self._aliased()
        if name is None:
            raise IndexMissing(
                f"Milvus has no collection {self._alias!r}",
                f"Build one: veille index SOURCE... --index {self._address}",
                where=self._connection.where,
            )
        generation = generation_of(self._alias, name)
        if generation is None:
            problem = f"the alias {self._alias!r} names {name!r}, which is no build of Veille's"
            raise IndexDamaged(problem, "Take another name", where=self._connection.where)
        return generation

    def serves(self, name: str) -> bool:
        """Ask for the alias. Raises IndexUnreachable."""
        return self._aliased() == name_of(self._alias, name)

    def absent(self, name: str) -> IndexProblem:
        """Say where what belongs to the collection should be."""
        return IndexDamaged(
            f"Milvus serves build {name}, of which the companion folder {self._index_dir} holds nothing",
            "Copy that folder from the machine that built it; or build here from all sources, with --fresh",
            where=self._connection.where,
        )

    def serve(self, coming: Path) -> None:
        """Move the alias. Raises IndexUnreachable or OSError."""
        self.point(coming.read_text(encoding="ascii").strip())
        coming.unlink()

    def point(self, name: str) -> None:
        """Move the alias. Raises IndexUnreachable."""
        from pymilvus.exceptions import MilvusException

        collection = name_of(self._alias, name)
        with self._connection.asking() as client:
            try:
                client.alter_alias(collection, self._alias, timeout=SOON)
            except MilvusException as error:
                # One whose collection was dropped by hand is still there, but is said to name nothing.
                if not _says_no_alias(error):
                    raise
                client.create_alias(collection, self._alias, timeout=SOON)

    def prepare(self, memory: int) -> None:
        """Refuse a bound, and a name that is taken. Raises TooLittleMemory, AddressWrong or IndexUnreachable."""
        if memory:
            raise TooLittleMemory("how much memory vectors take in Milvus is Milvus's to say", "Use --memory all")
        with self._connection.asking() as client:
            taken = self._aliased() is None and client.has_collection(self._alias, timeout=SOON)
        if taken:
            problem = f"Milvus has a collection {self._alias!r} that Veille did not make"
            raise AddressWrong(problem, "Take another name", where=self._connection.where)

    def write(self, folder: Path, name: str, content: Content) -> Written:
        """Load a collection. Raises IndexUnreachable or OSError."""
        self._release_older()
        about = about_staged(folder, name, content.encoder)
        return loading.load(self._connection, name_of(self._alias, name), content, about)

    def open(self, directory: Path, described: Manifest, opened: Mapping[str, int]) -> Nearest:
        """Load the generation's collection, and compare what it says of itself with the manifest.

        Raises IndexDamaged or IndexUnreachable.
        """
        collection = name_of(self._alias, described.build)
        with self._connection.asking() as client:
            if not client.has_collection(collection, timeout=SOON):
                raise self._damaged(f"Milvus has no collection {collection!r} any more")
            client.load_collection(collection, timeout=LONG)
            ours = {"consistency_level": CONSISTENCY, "timeout": SOON}
            count = int(client.query(collection, filter="", output_fields=["count(*)"], **ours)[0]["count(*)"])
            first = client.query(collection, filter="row == 0", output_fields=["about"], **ours)
            cells = int(client.describe_index(collection, "vector", timeout=SOON).get("nlist", 0))
        if count != described.passages:
            raise self._damaged(f"{collection!r} has {count:,} passages, the manifest says {described.passages:,}")
        if count and first[0]["about"] != about_published(described):
            raise self._damaged(f"{collection!r} was made with another encoder, or of other articles, than the folder")
        return MilvusVectors(
            self._connection,
            collection,
            count=count,
            dimension=described.encoder.dimension,
            cells=Cells(cells, described.vector_breadth),
        )

    def discard(self, name: str) -> None:
        """Drop the generation's collection where there is one. Raises IndexUnreachable."""
        collection = name_of(self._alias, name)
        with self._connection.asking() as client:
            if client.has_collection(collection, timeout=SOON):
                client.drop_collection(collection, timeout=LONG)

    @property
    def _address(self) -> str:
        return str(self._connection.place) if self.shared else f"milvus-lite:{self._index_dir}"

    def _aliased(self) -> str | None:
        """Return the collection that the alias names, None where there is no such alias. Raises IndexUnreachable."""
        from pymilvus.exceptions import MilvusException

        with self._connection.asking() as client:
            try:
                return str(client.describe_alias(self._alias, timeout=SOON)["collection_name"])
            except MilvusException as error:
                if _says_no_alias(error):
                    return None
                raise

    def _release_older(self) -> None:
        """Let go of what no service asks any more: each generation that is kept would take its memory."""
        served = self._aliased()
        with self._connection.asking() as client:
            for generation in generation_names(self._index_dir / FOLDER):
                collection = name_of(self._alias, generation)
                if collection != served and client.has_collection(collection, timeout=SOON):
                    client.release_collection(collection, timeout=SOON)

    def _damaged(self, problem: str) -> IndexDamaged:
        return IndexDamaged(problem, REBUILD.replace("DIR", self._address), where=self._connection.where)


def _says_no_alias(error: MilvusException) -> bool:
    # The server says by a number which kind of error it is, milvus-lite in words alone.
    return error.code == _NO_ALIAS or _NO_ALIAS_THERE in str(error.message)
