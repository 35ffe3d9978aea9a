"""A network namespace that has a loopback interface and nothing else, for servers that listen to everyone.

Nothing beside the namespace can reach what runs in it.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import psutil
import pytest


class Namespace:
    """Runs commands where they reach nobody but each other."""

    def __init__(self, holder: int, environment: Mapping[str, str]) -> None:
        """Take the process that holds the namespace, and what commands find in their environment."""
        self._enter = ["nsenter", f"--net=/proc/{holder}/ns/net", "--"]
        self.environment = dict(environment)

    def start(self, command: Sequence[str | Path], **streams: int) -> subprocess.Popen[str]:
        """Start a command; its process is the command's own."""
        return subprocess.Popen([*self._enter, *map(str, command)], text=True, env=self.environment, **streams)

    def run(self, command: Sequence[str | Path], **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        full = [*self._enter, *map(str, command)]
        return subprocess.run(full, capture_output=True, text=True, check=False, env=self.environment | environment)


@contextmanager
def isolated(name: str, environment: Mapping[str, str]) -> Iterator[tuple[Namespace, Path]]:
    """Give a namespace and a folder with a short name for `name`, whose commands find this `environment`.

    Skips where none can be had; on Linux as root in CI that is a failure.
    """
    command = ["unshare", "--net", "sh", "-c", "ip link set lo up && echo ready && exec sleep 3600"]
    try:
        holder = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    except FileNotFoundError as error:
        do_without(name, str(error))
    assert holder.stdout
    if (said := holder.stdout.readline().strip()) != "ready":
        holder.wait()
        do_without(name, said)
    # Names of sockets are short.
    home = Path(tempfile.mkdtemp(prefix=f"{name}-", dir="/tmp"))
    try:
        yield Namespace(holder.pid, environment), home
    finally:
        kill(holder)
        shutil.rmtree(home, ignore_errors=True)


def kill(process: subprocess.Popen[str]) -> None:
    """Kill a process and all that it started, each by its number."""
    family = [*psutil.Process(process.pid).children(recursive=True), psutil.Process(process.pid)]
    for own in family:
        own.send_signal(signal.SIGKILL)
    if process.stdout:
        process.stdout.close()
    process.wait()
    psutil.wait_procs(family)


def do_without(name: str, reason: str) -> NoReturn:
    """Skip, or in CI on Linux as root fail."""
    message = f"{name} cannot run here: {reason}"
    if os.environ.get("CI") and sys.platform == "linux" and os.geteuid() == 0:
        pytest.fail(message)
    pytest.skip(message)
