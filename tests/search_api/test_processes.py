"""The process itself: how it ends, what it does with workers, that the old way to start it still works."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import httpx
import psutil

from tests.search_api.serving import running

QUESTION = b"GET /search?q=" + b"qui%20menace%20Microsoft%20" * 70 + b" HTTP/1.1\r\nHost: x\r\n\r\n"


def received(stream: socket.socket, last: bytes) -> bytes:
    """Read until `last` has come, or nothing more does."""
    got = b""
    while last not in got and (part := stream.recv(65_536)):
        got += part
    return got


def test_what_runs_is_finished_before_the_end(tiny_index: Path, tmp_path: Path) -> None:
    with running(tiny_index, tmp_path / "log") as server, ExitStack() as stack:
        streams = [stack.enter_context(socket.create_connection(("127.0.0.1", server.port), 60)) for _ in range(8)]
        for stream in streams:
            stream.sendall(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
            assert received(stream, b"}").startswith(b"HTTP/1.1 200 OK")
        for stream in streams:
            stream.sendall(QUESTION)
        # All have been read when the last is being answered.
        answers = [received(streams[-1], b'"answered"')]
        server.process.send_signal(signal.SIGTERM)
        answers += [received(stream, b'"answered"') for stream in streams[:-1]]
        assert all(answer.startswith(b"HTTP/1.1 200 OK") and b'"answered"' in answer for answer in answers)
        assert server.process.wait(60) == 0
        assert server.log()[-1]["message"] == "stopped"


def test_workers_share_a_port_and_their_metrics(tiny_index: Path, tmp_path: Path) -> None:
    with running(tiny_index, tmp_path / "log", "--workers", "2") as server:

        def ask(number: int) -> int:
            return httpx.get(f"{server.url}/search?q=question+{number}", timeout=60).status_code

        with ThreadPoolExecutor(8) as clients:
            assert set(clients.map(ask, range(40))) == {200}
        text = httpx.get(f"{server.url}/metrics").text
        assert 'veille_requests_total{method="GET",route="/search",status="200"} 40.0' in text
        children = psutil.Process(server.process.pid).children(recursive=True)
        until = time.monotonic() + 60
        while sum(line["message"] == "serving a new generation" for line in server.log()) < 2:
            assert time.monotonic() < until
            time.sleep(0.2)
        assert len(children) >= 2
    assert not psutil.wait_procs(children, timeout=30)[1]
    assert os.environ.get("PROMETHEUS_MULTIPROC_DIR") is None


def test_workers_do_not_outlive_their_parent(tiny_index: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "search_api",
        "serve",
        "--index",
        str(tiny_index),
        "--port",
        "0",
        "--workers",
        "2",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found
        assert httpx.get(f"{found[0]}/health/live", timeout=60).status_code == 200
        children = psutil.Process(process.pid).children(recursive=True)
        process.kill()
    assert children
    assert not psutil.wait_procs(children, timeout=60)[1]
