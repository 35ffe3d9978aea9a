"""A Ray cluster of two nodes on this machine, in a network namespace that has a loopback interface and nothing else.

Ray listens on many ports, and whoever reaches one may run anything: so nothing beside the namespace can reach any.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.isolation import Namespace, isolated, kill

HEAD, CLIENT = 6401, 6402
ADDRESS = f"ray://127.0.0.1:{HEAD}"
RAY = Path(sys.executable).with_name("ray")
_PATIENCE = 240


class Cluster:
    """A head and a second node, each with one core."""

    def __init__(self, namespace: Namespace, home: Path) -> None:
        """Take where they run."""
        self.namespace = namespace
        self._home = home
        self._head = self._node("--head", f"--port={HEAD}", f"--ray-client-server-port={CLIENT}", first=21_000)
        self._other: subprocess.Popen[str] | None = None

    def complete(self) -> None:
        """Start the second node if it is not there."""
        if self._other is None:
            self._other = self._node(f"--address=127.0.0.1:{HEAD}", first=22_000)

    def kill_other(self) -> None:
        """End the second node as a power failure would."""
        assert self._other
        kill(self._other)
        self._other = None

    def close(self) -> None:
        """End both."""
        for node in (self._other, self._head):
            if node:
                kill(node)

    def _node(self, *options: str, first: int) -> subprocess.Popen[str]:
        command = [RAY, "start", *options, "--node-ip-address=127.0.0.1", "--num-cpus=1", "--block"]
        command += [f"--min-worker-port={first}", f"--max-worker-port={first + 999}"]
        command += ["--include-dashboard=false", f"--temp-dir={self._home}"] if "--head" in options else []
        command += ["--object-store-memory=100000000", "--disable-usage-stats"]
        node = self.namespace.start(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert node.stdout
        said = ""
        for line in node.stdout:
            said += line
            if "Ray runtime started" in line:
                return node
        raise AssertionError(said)


def until(happened: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Wait for something to happen while a process runs."""
    deadline = time.monotonic() + _PATIENCE
    while not happened():
        assert process.poll() is None, process.communicate()
        if time.monotonic() > deadline:
            kill(process)
            pytest.fail("it did not happen")
        time.sleep(0.005)


@contextmanager
def namespace() -> Iterator[tuple[Namespace, Path]]:
    """Give a network namespace with a loopback interface alone, and a folder for Ray. Skips, or fails, without one."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")}
    environment |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(16)}
    with isolated("ray", environment) as (own, home):
        own.environment["RAY_TMPDIR"] = str(home)
        yield own, home
