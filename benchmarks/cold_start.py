"""Wall time of a cold `veille search` beside importing sentence-transformers and encoding one question.

Both are new processes, run in turn. The model of the latter has the same weights. Shares are by the clock and by
processor seconds, which other work on the machine disturbs less.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import asdict
from pathlib import Path

from benchmarks.spent import Process, Taken, middle, quotient
from corpus import sample

VEILLE, PLAIN = "veille search", "import and one encode"
MAKE = "import sys, pathlib, benchmarks.torch_twin as t; t.torch_twin(pathlib.Path(sys.argv[1]))"
PLAIN_CODE = (
    "import sys; from sentence_transformers import SentenceTransformer; "
    "SentenceTransformer(sys.argv[1]).encode('qui menace Microsoft', prompt_name='query')"
)


def main() -> None:
    """Print both medians and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers there as well")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        index, model = str(Path(folder) / "index"), str(Path(folder) / "model")
        veille = ["-m", "search_api"]
        Process.of([*veille, "index", str(sample.path()), "--index", index, "--quiet"])
        Process.of(["-c", MAKE, model])
        commands = {
            VEILLE: [*veille, "search", "qui menace Microsoft", "--index", index],
            PLAIN: ["-c", PLAIN_CODE, model],
        }
        taken: dict[str, list[Taken]] = {name: [] for name in commands}
        for _ in range(options.rounds):
            for name, command in commands.items():
                taken[name].append(Process.of(command).taken)
    medians = {name: middle(own) for name, own in taken.items()}
    share = quotient(taken[VEILLE], taken[PLAIN])
    for name, own in medians.items():
        print(f"{name}: {own.clock:.2f} s, {own.processor:.2f} of the processor (medians of {options.rounds})")
    print(f"share: {share.clock:.2f} by the clock, {share.processor:.2f} by processor seconds")
    if options.json:
        found = {"rounds": options.rounds, "seconds": {name: asdict(own) for name, own in medians.items()}}
        options.json.write_text(json.dumps(found | {"share": asdict(share)}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
