"""Starts Ray on this machine, or joins the cluster that this machine is part of."""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any
from urllib.parse import urlsplit

from indexer.cluster.errors import ClusterError

HERE = "ray"
PORT = 6379
_PATIENCE = 5.0
_ASKED = 20.0
# Rows that go through Ray's own memory are names of shards: it needs next to none.
_OBJECT_STORE = 256 << 20
# What is held back to be said once is said when the process ends, on stdout.
_SETTINGS = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_BACKEND_LOG_LEVEL": "fatal", "RAY_DEDUP_LOGS": "0"}


@contextmanager
def joined(on: str) -> Iterator[None]:
    """Have Ray at hand inside: "ray" starts it here, "ray://HEAD" joins it. Raises ClusterError.

    What Ray has to say about nodes that die it prints to stdout, which is the report's: inside, that is stderr.
    """
    address = head_of(on)
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
    ray = _imported()
    if address:
        _reach(address)
    with redirect_stdout(sys.stderr):
        try:
            with _signals_kept():
                _start(ray, address)
            yield
        finally:
            ray.shutdown()


def head_of(on: str) -> str | None:
    """Return HOST:PORT of the head to join, None where Ray is started here. Raises ClusterError."""
    if on == HERE:
        return None
    try:
        found = urlsplit(on)
        host, port = found.hostname, found.port or PORT
        named = bool(host) and found.scheme == HERE and found.path in {"", "/"}
    except ValueError:
        named = False
    if not named:
        raise ClusterError(f"{on!r} is no cluster", "Give ray for this machine alone, or ray://HOST or ray://HOST:PORT")
    return f"[{host}]:{port}" if ":" in str(host) else f"{host}:{port}"


def _imported() -> Any:
    try:
        import pyarrow  # noqa: F401
        import ray
        import ray.data
    except ImportError as error:
        raise ClusterError(
            f"--on runs on Ray, which is not installed ({error})", 'Install it: pip install "veille[ray]"'
        ) from error
    return ray


def _reach(address: str) -> None:
    """Ask the head whether it is one, and takes our token. Ray itself would try for minutes before it says anything."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), _PATIENCE).close()
    except OSError as error:
        raise ClusterError(
            f"the head of the cluster cannot be reached ({error.strerror or error})",
            f"Is it running (ray start --head --port={port}), and is this its address?",
            where=address,
        ) from error
    command = [sys.executable, "-m", "ray.scripts.scripts", "health-check", "--address", address]
    try:
        asked = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_ASKED)  # noqa: S603
        said = asked.stderr.strip() if asked.returncode else None
    except subprocess.TimeoutExpired:
        said = "no answer"
    if said is None:
        return
    if "InvalidAuthToken" in said:
        raise ClusterError(
            "the cluster does not take the token of this process",
            "Set RAY_AUTH_MODE=token and RAY_AUTH_TOKEN_PATH as on its head",
            where=address,
        )
    raise ClusterError(
        f"what listens there is no head of a Ray cluster ({said.splitlines()[-1][:300] if said else 'not healthy'})",
        f"Give the port that the head was started with ({PORT} unless it was told another), not that of Ray Client",
        where=address,
    )


def _start(ray: Any, address: str | None) -> None:
    logging.getLogger("ray").setLevel(logging.ERROR)
    how: dict[str, Any] = {"address": address}
    if address is None:
        # Nothing listens but on the loopback interface.
        how = {"address": "local", "include_dashboard": False, "_node_ip_address": "127.0.0.1"}
        how |= {"num_cpus": len(os.sched_getaffinity(0)), "object_store_memory": _OBJECT_STORE}
    try:
        ray.init(**how, logging_level=logging.ERROR, log_to_driver=False)
    except Exception as error:  # Ray raises ConnectionError, RuntimeError, ValueError, its own
        raise _told(error, address) from error


def _told(error: Exception, address: str | None) -> ClusterError:
    said = " ".join(str(error).split())
    if "ersion mismatch" in said:
        remedy = "Install the same versions of Python and of Ray on all machines"
    elif address is None:
        remedy = "Look at the room in /tmp and /dev/shm"
    else:
        remedy = f"This machine must be part of the cluster: ray start --address={address} --num-cpus=0"
    return ClusterError(f"Ray does not start ({said[:600]})", remedy, where=address or HERE)


@contextmanager
def _signals_kept() -> Iterator[None]:
    """Let Ray not change what SIGTERM does to this process."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, before)
