"""How the generations of an index, and a return to one of them, look on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from search_api.printing.amounts import counted, size
from search_api.terminal import plain

if TYPE_CHECKING:
    from indexer.lineage import KeptGeneration, RolledBack


def generation_lines(generations: Sequence[KeptGeneration]) -> Iterator[str]:
    """Yield the generations of an index as a table."""
    names = max(len(generation.name) for generation in generations)
    yield f"{'build':<{names}}  {'created':<20}  {'articles':>10}  {'passages':>10}  {'size':>11}  {'model':<12}"
    for found in generations:
        counts = "".join(
            f"{'?' if count is None else f'{count:,}':>10}  " for count in (found.articles, found.passages)
        )
        state = "served" if found.served else "rolled back" if found.rolled_back else ""
        damage = f"damaged: {plain(found.damage)}" if found.damage else ""
        facts = f"{plain(found.created or '?'):<20}  {counts}{size(found.bytes):>11}  {plain(found.model or '?'):<12}"
        yield f"{found.name:<{names}}  {facts}  {', '.join(word for word in (state, damage) if word)}".rstrip()


def rollback_lines(done: RolledBack) -> Iterator[str]:
    """Yield what a rollback did, and how to undo it."""
    held = f"made {done.created}, {counted(done.articles, 'article')}, {counted(done.passages, 'passage')}"
    if done.before == done.now:
        yield f"{done.now} is served already ({held})"
        return
    yield f"{done.now} is served now ({held})"
    if done.before is not None:
        yield f"{done.before} is kept; to serve it again: veille rollback {done.before}"
    yield "The next `veille index` starts from what is served"
