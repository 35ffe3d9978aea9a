"""Semantra: its command indexes text files, and serves a page whose questions are asked here over HTTP.

(https://github.com/freedmand/semantra)
"""

from __future__ import annotations

import atexit
import json
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from urllib.error import URLError

from benchmarks.peers.drivers import ARTICLES, PASSAGE, QUERY, Ask, Hits, read

FILES, OWN, NAMES = "files", "semantra", "names.json"
_PATIENCE = 600.0


def build(model: str, source: Path, folder: Path) -> None:
    """Write one file an article, and have them processed."""
    (folder / FILES).mkdir()
    names = {}
    for number, article in enumerate(read(source / ARTICLES)):
        # Ids are no file names.
        names[f"{number:06}.txt"] = article.id
        (folder / FILES / f"{number:06}.txt").write_text(article.text, encoding="utf-8")
    (folder / NAMES).write_text(json.dumps(names), encoding="utf-8")
    subprocess.run([*_command(model, folder), "--no-server"], cwd=folder / FILES, check=True)


def opened(model: str, folder: Path) -> Ask:
    """Start the server and wait for it."""
    names = json.loads((folder / NAMES).read_text(encoding="utf-8"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # A file ranks by the mean of its results: with one, by its best window.
    command = [*_command(model, folder), "--host", "127.0.0.1", "--port", str(port), "--num-results", "1"]
    server = subprocess.Popen(command, cwd=folder / FILES)
    atexit.register(server.kill)
    _wait(server, port)

    def ask(question: str, k: int) -> Hits:
        body = json.dumps({"queries": [{"query": question, "weight": 1}], "preferences": []}).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/api/query", body, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request) as answer:
            found = json.load(answer)["results"]
        return [(names[name], results[0]["distance"]) for name, results in found[:k]]

    return ask


def _command(model: str, folder: Path) -> list[str]:
    names = sorted(json.loads((folder / NAMES).read_text(encoding="utf-8")))
    options = ["--transformer-model", model, "--doc-token-pre", PASSAGE, "--query-token-pre", QUERY]
    command = str(Path(sys.executable).with_name("semantra"))
    return [command, *names, *options, "--semantra-dir", str(folder / OWN), "--silent"]


def _wait(server: subprocess.Popen[bytes], port: int) -> None:
    begun = time.monotonic()
    while server.poll() is None and time.monotonic() - begun < _PATIENCE:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/").close()
        except URLError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("semantra's server did not start")
