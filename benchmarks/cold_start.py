"""Wall time of a cold `veille search` beside importing sentence-transformers and encoding one question.

Both are new processes, run in turn. The model of the latter has the same weights.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from corpus import sample

MAKE = "import sys, pathlib, benchmarks.torch_twin as t; t.torch_twin(pathlib.Path(sys.argv[1]))"
PLAIN = (
    "import sys; from sentence_transformers import SentenceTransformer; "
    "SentenceTransformer(sys.argv[1]).encode('qui menace Microsoft', prompt_name='query')"
)


def main() -> None:
    """Print both medians and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        index, model = str(Path(folder) / "index"), str(Path(folder) / "model")
        veille = [sys.executable, "-m", "search_api"]
        run([*veille, "index", str(sample.path()), "--index", index, "--quiet"])
        run([sys.executable, "-c", MAKE, model])
        commands = {
            "veille search": [*veille, "search", "qui menace Microsoft", "--index", index],
            "import and one encode": [sys.executable, "-c", PLAIN, model],
        }
        taken = {name: [run(command) for _ in range(options.rounds)] for name, command in commands.items()}
    medians = {name: statistics.median(times) for name, times in taken.items()}
    for name, median in medians.items():
        print(f"{name}: {median:.2f} s (median of {options.rounds})")
    if options.json:
        options.json.write_text(json.dumps(medians) + "\n", encoding="utf-8")
    print(f"share: {medians['veille search'] / medians['import and one encode']:.2f}")


def run(command: list[str]) -> float:
    """Return how many seconds a command takes. Exits where it fails."""
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
