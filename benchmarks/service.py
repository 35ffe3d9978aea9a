"""Veille's HTTP service beside a plain one (benchmarks/plain_service.py), under the same load.

32 clients ask headlines of the index, each once, for a minute. The load generator shares the machine with the service.

python -m benchmarks.service --index DIR --model FOLDER
"""

from __future__ import annotations

import argparse
import json
import random
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, astuple
from pathlib import Path

import psutil

from benchmarks.load import Load, run
from benchmarks.memory import Memory
from indexer.facts import NAME
from indexer.generation import current_name
from indexer.naming import FOLDER

WARM = 3.0


def main() -> None:
    """Print a table, and JSON with --json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True, help="folder of the plain service's model")
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--words", type=int, default=0, help="ask only so many first words of each headline; 0: all")
    parser.add_argument("--workers", type=int, default=1, help="of Veille")
    parser.add_argument("--only", choices=("veille", "plain"))
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    questions = headlines(options.index, options.words)
    print(f"{len(questions):,} different questions, such as {questions[:3]}", file=sys.stderr)
    port = _free_port()
    commands = {
        "plain": ["-m", "benchmarks.plain_service", "--model", str(options.model)],
        "veille": ["-m", "search_api", "serve", "--workers", str(options.workers)],
    }
    found: dict[str, dict[str, object]] = {}
    print(
        "| service | answers/s | p50 ms | p99 ms | slowest ms | errors | processor ms an answer | own MB | mapped MB |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for name, command in commands.items():
        if options.only in (None, name):
            with served([*command, "--index", str(options.index), "--port", str(port)], port) as process:
                run(port, questions[::-1], clients=options.clients, seconds=min(WARM, options.seconds))
                before = _processor(process)
                load = run(port, questions, clients=options.clients, seconds=options.seconds)
                cost = round((_processor(process) - before) / max(load.answers, 1) * 1e3, 1)
                memory = [Memory.of(child.pid) for child in (process, *process.children(recursive=True))]
            found[name] = load.to_json() | {"cpu_ms": cost, "memory": list(map(asdict, memory))}
            print(_line(name, load, cost, memory), flush=True)
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def headlines(index_dir: Path, words: int) -> list[str]:
    """Return the different headlines of an index, shuffled, the same way each time."""
    file = index_dir / FOLDER / current_name(index_dir) / NAME
    connection = sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)
    titles = [title for (title,) in connection.execute("SELECT title FROM articles WHERE title != '' ORDER BY id")]
    connection.close()
    cut = [" ".join(title.split()[:words]) if words else title for title in titles]
    found = [title for title in dict.fromkeys(cut) if re.search(r"\w", title)]
    random.Random(0).shuffle(found)  # noqa: S311  # an order, no secret
    return found


@contextmanager
def served(arguments: Sequence[str], port: int) -> Iterator[psutil.Process]:
    """Run a service until it answers, and stop it in the end."""
    with subprocess.Popen([sys.executable, *arguments], stdout=subprocess.DEVNULL) as process:
        try:
            _wait(process, port)
            yield psutil.Process(process.pid)
        finally:
            process.send_signal(signal.SIGTERM)


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    while process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit(f"the service ended with {process.returncode}")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def _processor(process: psutil.Process) -> float:
    """Return the seconds of processor time that a service has taken: unlike the others, it holds on a busy machine."""
    times = [part.cpu_times() for part in (process, *process.children(recursive=True))]
    return float(sum(found.user + found.system for found in times))


def _line(name: str, load: Load, cost: float, memory: Sequence[Memory]) -> str:
    own, mapped = ("+".join(f"{m / 1e6:.0f}" for m in part) for part in zip(*map(astuple, memory), strict=True))
    times = f"{load.per_second} | {load.p50} | {load.p99} | {load.slowest} | {load.errors}"
    return f"| {name} | {times} | {cost} | {own} | {mapped} |"


if __name__ == "__main__":
    main()
