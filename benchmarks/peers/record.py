"""What was measured of a peer, kept in a file: what is there is not measured again."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.peers.processes import PeerFailed

Facts = dict[str, Any]


class Record:
    """The steps that were measured, by name: each with the settings it was measured with, in `of`."""

    def __init__(self, file: Path, *, again: bool = False) -> None:
        """Read what `file` has. With `again` all of it is measured once more."""
        self._file = file
        self._again = again
        self._steps: dict[str, Facts] = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
        self._fresh: set[str] = set()

    @property
    def steps(self) -> Mapping[str, Facts]:
        """All that is known, whenever it was measured."""
        return self._steps

    def step(self, name: str, of: Facts, measure: Callable[[], Facts]) -> Facts:
        """Return what is known of a step with these settings, or measure it and write it down.

        What a peer fails at is kept too, under `problem`, but tried anew the next time.
        """
        known = self._steps.get(name)
        if known and known["of"] == of and "problem" not in known and (not self._again or name in self._fresh):
            return known
        try:
            found = measure()
        except PeerFailed as failure:
            traceback.print_exc()
            found = {"problem": str(failure)}
        self._steps[name] = {"of": of, **found}
        self._fresh.add(name)
        part = self._file.with_suffix(".part")
        part.write_text(json.dumps(self._steps, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        part.rename(self._file)
        return self._steps[name]
