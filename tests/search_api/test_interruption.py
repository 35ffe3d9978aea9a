"""Ctrl-C and SIGTERM at real processes: one line, nothing half-done, and soon."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from corpus import sample
from indexer import generation
from indexer.lock import building

# A call that does not come back to Python, as a long one of ONNX Runtime or SQLite would be.
DEAF = """
import sqlite3, sys
from search_api.interruption import leaving
with leaving() as departure:
    departure.told = lambda: "deaf"
    departure.put_away = lambda: print("put away", flush=True)
    print("ready", flush=True)
    sqlite3.connect(":memory:").execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n").fetchall()
"""


def start(index: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "search_api", "index", str(sample.path()), "--index", str(index), *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_for(path: Path, pattern: str, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 120
    while not list(path.glob(pattern)):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("number", "code", "word"), [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")]
)
def test_a_build_that_is_interrupted(own_index: Path, number: int, code: int, word: str) -> None:
    before = generation.current_name(own_index)
    process = start(own_index)
    wait_for(own_index / "generations", ".staging-*/tokens.codes", process)
    process.send_signal(number)
    time.sleep(0.01)
    process.send_signal(number)  # who is impatient sees no traceback either
    out, err = process.communicate()
    assert process.returncode == code
    assert out == ""
    line = rf"veille: {word}: {re.escape(str(own_index))}: the served index is as it was; \d+ embeddings are kept\n"
    assert re.fullmatch(line, err)
    assert generation.current_name(own_index) == before
    assert len(list((own_index / "generations").iterdir())) == 2
    with building(own_index):
        pass


def test_interrupted_while_it_waits(own_index: Path) -> None:
    with building(own_index):
        process = start(own_index, "--wait", "1h")
        assert process.stderr is not None
        assert f"waiting for process {os.getpid()}" in process.stderr.readline()
        (own_index / "generations" / ".staging-of-another").mkdir()
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate()
    assert process.returncode == 143
    assert "the served index is as it was" in err
    assert (own_index / "generations" / ".staging-of-another").exists()


def test_deaf_to_signals() -> None:
    process = subprocess.Popen([sys.executable, "-c", DEAF], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (143, "put away\n", "veille: terminated: deaf\n")
