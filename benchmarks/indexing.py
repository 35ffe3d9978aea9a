"""Time, peak memory and disk of indexing files with Veille, and of the plain script on the same ones.

Each runs as a process of its own, one after the other. `--every N` takes every Nth article, as the plain
script needs most of an hour for all of them.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SHARED = Path(os.environ.get("VEILLE_SHARED", "../shared"))


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=10, metavar="N")
    parser.add_argument("--no-plain", action="store_true", help="measure Veille only")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        articles = folder / "articles.jsonl"
        articles.write_text("".join(sampled(options.every)), encoding="utf-8")
        print("| | seconds | peak memory | on disk |\n| --- | --- | --- | --- |", flush=True)
        command = ["-m", "search_api", "index", str(articles), "--index", str(folder / "index"), "--quiet"]
        report("veille", command, folder / "index", without="cache")
        if not options.no_plain:
            model = folder / "model"
            make = "import sys, pathlib, benchmarks.torch_twin as t; t.torch_twin(pathlib.Path(sys.argv[1]))"
            subprocess.run([sys.executable, "-c", make, str(model)], check=True)
            command = ["-m", "benchmarks.plain_script", str(articles), "--model", str(model)]
            command += ["--out", str(folder / "plain")]
            report("plain script", command, folder / "plain")


def sampled(every: int) -> list[str]:
    """Return every `every`th line of the files of technews."""
    lines = []
    for file in sorted((SHARED / "data/technews").glob("*.jsonl")):
        lines += file.read_text(encoding="utf-8").splitlines(keepends=True)
    return lines[::every]


def report(name: str, command: list[str], folder: Path, without: str = "") -> None:
    """Run a command and print its row; `without` is a subfolder that answering does not need."""
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, *command])
    _, status, usage = os.wait4(process.pid, 0)
    taken = time.perf_counter() - start
    if status:
        sys.exit(f"{name} failed: {' '.join(command)}")
    size = sum(f.stat().st_size for f in folder.rglob("*") if f.is_file() and (not without or without not in f.parts))
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    print(f"| {name} | {taken:,.0f} | {peak / 1e6:,.0f} MB | {size / 1e6:,.0f} MB |", flush=True)


if __name__ == "__main__":
    main()
