"""Runs commands, each as a process of its own, and says what they cost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.peers.machine import load
from benchmarks.peers.roster import ROOT

# What each project documents for staying offline and sending nothing.
QUIET = {
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "ANONYMIZED_TELEMETRY": "False",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "DO_NOT_TRACK": "1",
}
# They choose a kernel of OpenBLAS for old builds of it, which slows new ones.
_KERNEL = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
_TOLD = 600


class PeerFailed(Exception):
    """A command of a peer did not end well. Says its last words."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Wall and CPU seconds and peak resident memory in MB of a process, and the machine's load as it began."""

    seconds: float
    cpu_seconds: float
    peak_mb: float
    load: float


def run(command: Sequence[str | Path], log: Path, output: Path | None = None, threads: int = 0) -> Cost:
    """Run `command` in the project's folder, its standard output into `output` and all else into `log`.

    The peak is that of the largest process where there are several. `threads` for torch, FAISS and OpenBLAS; 0 leaves
    it to them. Raises PeerFailed.
    """
    environment = {key: value for key, value in os.environ.items() if key not in _KERNEL} | QUIET
    if threads:
        environment["OMP_NUM_THREADS"] = str(threads)
    busy = load()
    log.parent.mkdir(parents=True, exist_ok=True)
    cost = log.with_suffix(".cost")
    watched = [sys.executable, "-m", "benchmarks.peers.stopwatch", cost, *command]
    with log.open("wb") as words, (output or log).open("ab" if output is None else "wb") as answers:
        process = subprocess.Popen(
            [str(part) for part in watched],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=answers,
            stderr=words,
            start_new_session=True,
        )
        try:
            process.wait()
        except BaseException:
            # Some have a server of their own.
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
    if process.returncode:
        raise PeerFailed(log.read_text(encoding="utf-8", errors="replace")[-_TOLD:].strip() or "it said nothing")
    return Cost(**json.loads(cost.read_text(encoding="utf-8")), load=busy)
