"""Runs `veille` in children that come to harm at a chosen step: killed, cut off inside a write, or out of disk.

A server: it imports what is slow to import once, then reads an order a line from stdin (JSON of `Order`), forks a child
for each, and writes what became of the child to stdout (JSON of `Fate`). No thread has been started when it forks.
"""

from __future__ import annotations

import contextlib
import functools
import io
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

# What touches files or the encoder, by the name of the C function: each call of one is a step.
STEPS = {"open", "write", "flush", "close", "truncate", "ftruncate", "fsync", "rename", "replace", "unlink", "rmdir"}
STEPS |= {"mkdir", "tofile", "write_index", "execute", "executemany", "executescript", "commit", "run"}
ROOMS = {"corpus", "indexer", "search_api"}
BLOCK = bytes(1 << 16)


@dataclass(frozen=True)
class Order:
    """A command to run and what is to happen before step `at` of its build (counted from 0), if anything.

    "kill": SIGKILL by itself. "tear": the file-size limit is set to `value` bytes, and whatever writes beyond is killed
    inside that write. "limit": the same, but the write fails. "fill": `ballast` grows until the disk is full, then
    shrinks by `value` bytes. "strike": SIGKILL from outside, `value` milliseconds after the encoder was called for the
    `at`-th time.
    """

    arguments: list[str]
    harm: str = ""
    at: int = 0
    value: int = 0
    ballast: str = ""
    chunk: int = 1024


@dataclass(frozen=True)
class Fate:
    """How a child ended: the exit code, or minus the signal; what it wrote to stderr; the steps it took."""

    code: int
    stderr: str
    steps: list[str] = field(default_factory=list)


class Steps:
    """Counts the steps of a build, by the profiler's hook, and lets one thing happen before one of them."""

    def __init__(self, at: int, happen: Callable[[], None], called: Callable[[], None]) -> None:
        """Let `happen` be called before step `at`, `called` before each call of the encoder."""
        self.taken: list[str] = []
        self._at, self._happen, self._called = at, happen, called

    def __call__(self, frame: FrameType, event: str, argument: Any) -> None:
        """Take note of a step."""
        if event != "c_call" or argument.__name__ not in STEPS or isinstance(argument.__self__, str):
            return
        if argument.__name__ == "run":
            self._called()
        self.taken.append(f"{_place(frame)} {argument.__name__}")
        if len(self.taken) - 1 == self._at:
            self._happen()


def _place(frame: FrameType | None) -> str:
    """Return the innermost function of the project that a step was taken in, as "module.function"."""
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if module.split(".")[0] in ROOMS:
            return f"{module.rpartition('.')[2]}.{frame.f_code.co_name}"
        frame = frame.f_back
    return "?"


def fill(ballast: Path, spare: int) -> None:
    """Leave no more than about `spare` bytes on the disk that `ballast` is on."""
    with contextlib.suppress(OSError), ballast.open("ab", buffering=0) as stream:
        while stream.write(BLOCK):
            pass
    if spare:
        os.truncate(ballast, max(0, ballast.stat().st_size - spare))


def _harm(order: Order) -> Callable[[], None]:
    match order.harm:
        case "kill":
            return lambda: os.kill(os.getpid(), signal.SIGKILL)
        case "tear":
            signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            return lambda: _limit_files(order.value)
        case "limit":
            return lambda: _limit_files(order.value)
        case "fill":
            return lambda: fill(Path(order.ballast), order.value)
    return lambda: None


def _limit_files(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def _run(order: Order, stderr: Path, report: int) -> None:
    """Run the command in this process, and leave it."""
    from indexer import build, embedding
    from search_api import cli

    os.dup2(os.open(os.devnull, os.O_RDWR), 1)
    os.dup2(os.open(stderr, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
    sys.argv = ["veille", *order.arguments]
    embedding.CHUNK = order.chunk
    steps = Steps(order.at if order.harm != "strike" else -1, _harm(order), lambda: os.write(report, b"."))
    real = build.build

    @functools.wraps(real)
    def counted(*given: Any, **named: Any) -> build.BuildReport:
        sys.setprofile(steps)
        try:
            return real(*given, **named)
        finally:
            sys.setprofile(None)
            _limit_files(resource.RLIM_INFINITY)  # or stderr could not take the message

    build.build = counted
    code = 0
    try:
        cli.main()
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else 1
    except BaseException:
        import traceback

        traceback.print_exc()
        code = 1
    with contextlib.suppress(OSError):
        sys.stderr.flush()
    os.write(report, json.dumps(steps.taken).encode())
    os._exit(code)


def _fate(order: Order, stderr: Path) -> Fate:
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        _run(order, stderr, writing)
    os.close(writing)
    content = b""
    with io.FileIO(reading) as pipe:
        while part := pipe.read(1 << 16):
            content += part
            if order.harm == "strike" and content.count(b".") >= order.at:
                time.sleep(order.value / 1000)
                os.kill(child, signal.SIGKILL)
                break
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    written = content[content.find(b"[") :] if b"[" in content else b"[]"
    return Fate(code, stderr.read_text(encoding="utf-8", errors="replace"), json.loads(written))


def main(stderr: Path) -> None:
    """Serve orders until stdin ends."""
    import onnxruntime  # noqa: F401  # slow to import
    import pydantic  # noqa: F401

    import indexer.build
    import indexer.encoders.bundled  # noqa: F401
    import search_api.cli.index  # noqa: F401

    for line in sys.stdin:
        print(json.dumps(asdict(_fate(Order(**json.loads(line)), stderr))), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
