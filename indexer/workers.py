"""Who may read, cut and encode for a build beside its own process; indexer/cluster/ has the one there is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from corpus.article import Article
from corpus.passages import Span
from corpus.readers import Prepared, ReadOptions
from corpus.readers.given import Through
from indexer.codes import Codes
from indexer.cutting import Cut

# Below the folder of an index: what is finished of a build that is not.
FOLDER = "shards"

Keep = Callable[[Sequence[bytes], NDArray[np.float32], Sequence[Codes] | None], object]
"""Takes the keys of texts, their vectors, float32 (n, dimension), and the codes of their tokens, if wanted."""


class Workers(Protocol):
    """Does the three long parts of a build. What they give is what the build itself would have made."""

    def begin(self, index_dir: Path) -> None:
        """Start work for the index in a folder that this process has locked. Raises OSError."""
        ...

    def reading(self, sources: Sequence[str | Path | Prepared], options: ReadOptions) -> Through:
        """Read all files, and return what gives their records in place of their readers."""
        ...

    def cut(
        self, articles: Iterable[tuple[Article, Sequence[Span]]], *, budget: int, with_title: bool
    ) -> Iterator[Cut]:
        """Cut articles without their boilerplate; yield what each became, in their order."""
        ...

    def encode(self, texts: Iterable[Mapping[bytes, str]], keep: Keep, *, with_codes: bool) -> int:
        """Hand what is embedded for `texts`, each by its key, to `keep`; return how many were computed.

        `texts` are looked at when what earlier runs left was kept.
        """
        ...

    def end(self) -> None:
        """Forget what was kept for another try: the build is through."""
        ...
