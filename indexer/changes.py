"""What a run does to the articles of an index."""

from __future__ import annotations

from dataclasses import dataclass

# So many removed articles are named, not only counted.
NAMED = 20


@dataclass(frozen=True, slots=True)
class Changes:
    """How many articles are new, changed, as they were, and gone; `blocked`: read, but taken out for good before.

    `gone` names the first of those that go. `moved`: only where articles are held has changed, if anything.
    """

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    blocked: int = 0
    gone: tuple[str, ...] = ()
    moved: bool = False

    @property
    def any(self) -> bool:
        """Whether there is anything to write."""
        return bool(self.added or self.changed or self.removed or self.moved)
