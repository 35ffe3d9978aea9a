"""How long coverage, a feed and suggestions take over an index, and what the list of suggestions costs.

python -m benchmarks.coverage --index DIR

Each question is encoded anew; nothing is kept between them but what the engine keeps for all.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.memory import Memory
from search_api import SearchEngine

QUESTIONS = (
    "qui menace Microsoft",
    "Microsoft",
    "failles de sécurité",
    "war in Ukraine",
    "Wahl des Projektleiters",
    "Debian release",
    "release of Ruby 2.0",
    "climate change",
    "football",
    "最高法院",
    "de la les",
)
TYPED = ("d", "de", "debian", "debian gnu/l", "elon m", "élec", "人気コ", "release candidate inst", "l’int", "xqzt")
ROUNDS = 5


def main() -> None:
    """Print medians and maxima."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--index", type=Path, required=True)
    options = parser.parse_args()
    with SearchEngine.open(options.index) as engine:
        engine.search("warm")
        told("first count of the whole corpus", [taken(engine.coverage)])
        told("whole corpus", [taken(engine.coverage) for _ in range(ROUNDS)])
        told("coverage of a question", [taken(lambda q=q: engine.coverage(q)) for q in QUESTIONS * ROUNDS])
        filtered = [taken(lambda q=q: engine.coverage(q, lang="fr", since="2003-01-01")) for q in QUESTIONS * ROUNDS]
        told("with filters", filtered)
        told("feed of a question", [taken(lambda q=q: engine.newest(q)) for q in QUESTIONS * ROUNDS])
        before = Memory.of().resident
        told("first suggestion", [taken(lambda: engine.suggest("deb"))])
        print(f"memory of suggestions: {(Memory.of().resident - before) / 1e6:.0f} MB")
        told("suggestion", [taken(lambda q=q: engine.suggest(q)) for q in TYPED * ROUNDS])


def taken(work: Callable[[], object]) -> float:
    """Return how many milliseconds it takes."""
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1e3


def told(name: str, times: list[float]) -> None:
    """Print a line."""
    print(f"{name}: median {statistics.median(times):.2f} ms, longest {max(times):.2f} ms ({len(times)})")


if __name__ == "__main__":
    main()
