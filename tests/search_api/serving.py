"""A real server in a process of its own, for tests that ask it over a real port."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

LINES = (
    {"id": "musk", "title": "Musk menace Microsoft", "lang": "fr", "source": "Un", "published": "2023-04-20"},
    {"id": "debian", "title": "Debian 12 released", "lang": "en", "source": "Deux", "published": "2023-06-10"},
)
TEXTS = ("Elon Musk menace de poursuivre Microsoft.", "Debian 12 was released today. It is called bookworm.")


def write_articles(file: Path, *more: dict[str, Any]) -> Path:
    """Write two articles, and whatever more there is, as JSON Lines."""
    known = [{**line, "text": text} for line, text in zip(LINES, TEXTS, strict=True)]
    file.write_text("".join(json.dumps(record) + "\n" for record in [*known, *more]), encoding="utf-8")
    return file


@dataclass(frozen=True, slots=True)
class Server:
    """A running server. `log` gives the lines that it has written so far, as objects."""

    process: subprocess.Popen[str]
    port: int
    log_file: Path

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def log(self) -> list[dict[str, Any]]:
        """Return what the log holds."""
        return [json.loads(line) for line in self.log_file.read_text(encoding="utf-8").splitlines()]


@contextmanager
def running(index: Path | str, log_file: Path, *flags: str) -> Iterator[Server]:
    """Run `veille serve` until this is left; it must then end well by itself."""
    command = [sys.executable, "-m", "search_api", "serve", "--index", str(index), "--port", "0", *flags]
    with log_file.open("w") as log, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as process:
        try:
            yield Server(process, _port(process.stdout, log_file), log_file)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(60)
            finally:
                process.kill()
    assert process.returncode == 0


def refused(*flags: Any) -> str:
    """Run `veille serve` where it must not start; return what it says."""
    command: Sequence[str] = [sys.executable, "-m", "search_api", "serve", "--port", "0", *map(str, flags)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 2, done.stderr
    return done.stderr


def _port(stream: TextIO | None, log_file: Path) -> int:
    assert stream is not None
    line = stream.readline()
    found = re.search(r"http://\S+?:(\d+)", line)
    assert found, (line, log_file.read_text())
    return int(found[1])
