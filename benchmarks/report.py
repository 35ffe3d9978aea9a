"""Runs the benchmarks of speed one after the other and writes docs/benchmarks.md: what each printed, and its command.

What was measured once is kept in --work and not run again, unless it is named in --again. All of it takes hours.

python -m benchmarks.report [--only NAME ...] [--again NAME ...]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from tqdm import tqdm

from benchmarks.peers.machine import load, machine

SHARED = Path(os.environ.get("VEILLE_SHARED", "../shared"))
DOCUMENT = Path("docs/benchmarks.md")
_VERSIONS = ("faiss-cpu", "numpy", "onnxruntime", "sentence-transformers", "torch", "transformers")
_INTRODUCTION = """# Benchmarks

Written by `make bench`, which runs every script named here in turn. Ratios within one table were measured in one run,
side by side; the load beside a command is how many processes wanted to run when it began and when it ended.
Quality has [a page of its own](quality.md).
"""


@dataclass(frozen=True, slots=True)
class Part:
    """A benchmark: what stands above it, its command, and the picture that it draws."""

    name: str
    title: str
    arguments: tuple[str, ...]
    picture: str = ""


PARTS = (
    Part("encoder", "Encoding passages", ("-m", "benchmarks.encoder")),
    Part("peak", "What the processor allows", ("-m", "benchmarks.peak")),
    Part("throughput", "veille index, whole command", ("-m", "benchmarks.throughput")),
    Part(
        "answering",
        "A whole answer, in process",
        ("-m", "benchmarks.answering", "--index", "{index}", "--model", "{model}"),
    ),
    Part("cold_start", "A cold veille search", ("-m", "benchmarks.cold_start")),
    Part(
        "service",
        "The HTTP service under load",
        ("-m", "benchmarks.service", "--index", "{index}", "--model", "{model}"),
    ),
    Part(
        "stores",
        "The peers' stores by size",
        (
            *("-m", "benchmarks.stores", "--index", "{index}", "--work", "{work}/stores"),
            *("--peers", "{work}/peers", "--json", "{work}/stores.json"),
        ),
    ),
    Part(
        "sizes",
        "The vector index by size",
        (
            *("-m", "benchmarks.sizes", "--index", "{index}", "--work", "{work}/sizes"),
            *("--stores", "{work}/stores.json", "--plot", "{picture}"),
        ),
        picture="docs/images/sizes.png",
    ),
    Part("peers", "Peers", ("-m", "benchmarks.peers", "--work", "{work}/peers")),
)


def main() -> None:
    """Run what is wanted and not known yet, then write the document."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [part.name for part in PARTS]
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="NAME", help=", ".join(names))
    parser.add_argument("--again", nargs="+", choices=names, default=[], metavar="NAME")
    parser.add_argument("--index", type=Path, metavar="DIR", help="an index over technews; made in --work without it")
    parser.add_argument("--work", type=Path, default=Path("build/bench"), metavar="DIR", help="what is kept")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    for part in tqdm([part for part in PARTS if part.name in options.only], unit=" benchmarks", disable=None):
        file = options.work / f"{part.name}.md"
        if part.name in options.again or not file.exists():
            index = (options.index or _index(options.work)) if "{index}" in part.arguments else None
            file.write_text(_measured(part, index, options.work), encoding="utf-8")
    DOCUMENT.write_text("\n".join(_document(options.work)), encoding="utf-8")


def _index(work: Path) -> Path:
    """Index technews, unless that was done before."""
    folder = work / "technews"
    if not (folder / "current").exists():
        source = str(SHARED / "data/technews")
        subprocess.run([sys.executable, "-m", "search_api", "index", source, "--index", str(folder)], check=True)
    return folder


def _measured(part: Part, index: Path | None, work: Path) -> str:
    """Run a benchmark; return its section. Raises CalledProcessError where it fails."""
    places = {"index": index, "model": work / "model", "work": work, "picture": part.picture}
    before = load()
    command = [argument.format(**places) for argument in part.arguments]
    printed = subprocess.run([sys.executable, *command], check=True, stdout=subprocess.PIPE, text=True).stdout
    shown = " ".join(
        argument.format(**places | {"index": "INDEX", "model": "MODEL", "work": "DIR"}) for argument in part.arguments
    )
    picture = f"\n![{part.title}]({Path(part.picture).relative_to(DOCUMENT.parent)})\n" if part.picture else ""
    said = f"`python {shown}`, {datetime.now(UTC):%Y-%m-%d}, load {before:.1f} to {load():.1f}"
    return f"## {part.title}\n\n{said}\n\n{_spaced(printed)}\n{picture}"


def _spaced(printed: str) -> str:
    """Return what was printed with the empty lines that Markdown wants around tables and between lines."""
    lines: list[str] = []
    for line in printed.strip().splitlines():
        if lines and not (lines[-1].startswith("|") and line.startswith("|")) and lines[-1] and line:
            lines.append("")
        lines.append(line)
    return "\n".join(lines)


def _document(work: Path) -> Iterator[str]:
    yield _INTRODUCTION
    facts = machine()
    versions = ", ".join(f"{name} {version(name)}" for name in _VERSIONS)
    yield f"{facts['cores']} cores ({facts['cpu']}), {facts['memory_gib']} GiB, Python {facts['python']}; {versions}.\n"
    for part in PARTS:
        file = work / f"{part.name}.md"
        if file.exists():
            yield file.read_text(encoding="utf-8")


if __name__ == "__main__":
    main()
