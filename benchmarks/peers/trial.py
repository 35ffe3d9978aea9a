"""One peer measured: installed, given the news, asked, and put through the benchmarks."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.peers.answers import Answers
from benchmarks.peers.drivers import TEXTS
from benchmarks.peers.environments import installed, python_of
from benchmarks.peers.processes import Cost, run
from benchmarks.peers.record import Facts, Record
from benchmarks.peers.roster import Peer
from benchmarks.peers.sources import QUESTIONS, documents, headlines
from search_api.evaluation.benchmark import Benchmark

# What Veille keeps beside an index to build the next one sooner; answering does without.
CACHE = "cache"
# How deep rankings are read, and how many hits a reader asks for.
DEPTH, SHOWN = 100, 10


class Trial:
    """Measures one peer in a folder of its own below `work`. Each step is measured once, and kept."""

    def __init__(self, peer: Peer, work: Path, model: Path, *, again: bool, threads: int = 0) -> None:
        """Make the folder. `model` holds the weights; `threads` are those of `processes.run`."""
        self.peer = peer
        self.record = Record(work / f"{peer.name}.json", again=again)
        self._threads = threads
        self._work = work
        self._folder = work / peer.name
        self._model = model
        self._folder.mkdir(parents=True, exist_ok=True)

    def install(self) -> bool:
        """Make the environment; return whether that went well."""

        def measure() -> Facts:
            python_of(self.peer, self._environment)
            return installed(self.peer, self._environment)

        return "problem" not in self.record.step("install", {"pins": self.peer.pins}, measure)

    def index(self, name: str, source: Path, of: Facts) -> Path | None:
        """Index what is in `source`; return the folder of the index, None where that fails."""
        folder = self._folder / name
        step = self.record.step(f"index {name}", of, lambda: self._indexed(folder, source))
        return None if "problem" in step else folder

    def ask(self, name: str, index: Path, of: Facts) -> None:
        """Measure how long a question takes."""
        questions = headlines(
            self._work / f"{QUESTIONS.partition('.')[0]}-{self.peer.questions}.jsonl", self.peer.questions
        )

        def measure() -> Facts:
            answers, cost = self._answered(index, questions, name, "-k", str(SHOWN))
            return {**answers.speed(), "peak_mb": cost.peak_mb, "load": cost.load}

        self.record.step(f"ask {name}", of | {"questions": self.peer.questions}, measure)

    def evaluate(self, benchmark: Benchmark, of: Facts) -> None:
        """Measure how well a benchmark is answered."""
        name = benchmark.name
        source = documents(benchmark, self._work / "sources" / name)
        index = self.index(name, source, {"documents": len(benchmark.documents)})
        if index is None:
            return

        def measure() -> Facts:
            answers, cost = self._answered(index, source / QUESTIONS, name, "-k", str(DEPTH), "--ranks")
            return {**answers.quality(benchmark), "seconds": cost.seconds, "depth": DEPTH}

        self.record.step(name, of, measure)

    @property
    def _environment(self) -> Path:
        return self._folder / "venv"

    def _indexed(self, folder: Path, source: Path) -> Facts:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        cost = self._worker("build", folder, source, name=folder.name)
        texts = source / TEXTS
        lines = sum(1 for _ in texts.open("rb")) if texts.is_file() else None
        return {**asdict(cost), "texts": lines, "disk_mb": _size(folder, but=CACHE), "cache_mb": _size(folder / CACHE)}

    def _answered(self, index: Path, questions: Path, name: str, *options: str) -> tuple[Answers, Cost]:
        output = self._folder / f"{name}-answers.jsonl"
        cost = self._worker("ask", index, questions, *options, name=name, output=output)
        return Answers.read(output), cost

    def _worker(
        self, what: str, folder: Path, source: Path, *options: str, name: str, output: Path | None = None
    ) -> Cost:
        command: list[Any] = [python_of(self.peer, self._environment), "-m", "benchmarks.peers.worker", self.peer.name]
        command += [what, self._model, folder, source, *options]
        return run(command, self._folder / f"{name}-{what}.log", output, self._threads)


def _size(folder: Path, but: str = "") -> float:
    files = (file for file in folder.rglob("*") if file.is_file() and file.relative_to(folder).parts[0] != but)
    return round(sum(file.stat().st_size for file in files) / 1e6, 1)
