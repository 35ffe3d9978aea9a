"""Runs in the environment of a peer: python -m benchmarks.peers.worker NAME build|ask MODEL ...

It needs the standard library and the peer. `build` indexes; what that costs is seen from outside. `ask` prints JSON
Lines: how long opening took, then for each question ids and scores, best first, and its seconds; last what all cost.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import TextIO

from benchmarks.peers.drivers import read

# Asked before anything is timed: what is loaded or compiled at the first question is no part of the others.
WARM_UP = 5


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name")
    parser.add_argument("what", choices=("build", "ask"))
    parser.add_argument("model", help="folder of the weights")
    parser.add_argument("folder", type=Path, help="folder of the index")
    parser.add_argument("source", type=Path, help="folder of what is indexed, or file of questions")
    parser.add_argument("-k", type=int, default=10)
    parser.add_argument("--ranks", action="store_true", help="as for an evaluation, where that is done another way")
    given = parser.parse_args()
    # Some libraries print what they do: our lines go where standard output went, theirs to standard error.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    if given.what == "build":
        import_module(f"benchmarks.peers.drivers.{given.name}").build(given.model, given.source, given.folder)
    else:
        ask(given.name, given.model, given.folder, given.source, given.k, answers, ranks=given.ranks)


def ask(name: str, model: str, folder: Path, questions: Path, k: int, answers: TextIO, *, ranks: bool) -> None:
    """Ask every question of a file, one at a time."""
    start = time.perf_counter()
    driver = import_module(f"benchmarks.peers.drivers.{name}")
    asked = (getattr(driver, "ranked", driver.opened) if ranks else driver.opened)(model, folder)
    print(json.dumps({"opened": round(time.perf_counter() - start, 3)}), file=answers)
    listed = read(questions)
    for question in listed[:WARM_UP]:
        asked(question.text, k)
    spent = usage()[0]
    for question in listed:
        start = time.perf_counter()
        hits = asked(question.text, k)
        taken = time.perf_counter() - start
        print(json.dumps({"id": question.id, "seconds": round(taken, 6), "hits": hits}), file=answers)
    total, resident = usage()
    print(json.dumps({"cpu_seconds": round(total - spent, 2), "resident_mb": resident}), file=answers, flush=True)


def usage() -> tuple[float, float]:
    """Return CPU seconds and resident MB of this process and of those that it started. Linux only; 0 elsewhere."""
    family = {os.getpid()}
    ticks = pages = 0
    # A child has a higher number than its parent, unless numbers have begun anew.
    for file in sorted(Path("/proc").glob("[0-9]*/stat"), key=lambda file: int(file.parent.name)):
        try:
            # proc(5): the name, in brackets, may hold anything; then the third field, of 52, and so on.
            fields = file.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if int(file.parent.name) in family or int(fields[1]) in family:
            family.add(int(file.parent.name))
            ticks += int(fields[11]) + int(fields[12])
            pages += int(fields[21])
    return ticks / os.sysconf("SC_CLK_TCK"), round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)


if __name__ == "__main__":
    main()
