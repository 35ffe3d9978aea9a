"""A virtual environment for each peer, with pinned versions."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from benchmarks.peers.processes import run
from benchmarks.peers.roster import Peer

_VERSIONS = "import importlib.metadata as m, json, sys; print(json.dumps({n: m.version(n) for n in sys.argv[1:]}))"


def python_of(peer: Peer, folder: Path) -> Path:
    """Return the interpreter of the environment in `folder`, made where it is not there or old. Raises PeerFailed."""
    python = folder / "bin" / "python"
    ready = folder / ".ready"
    if not ready.is_file() or ready.read_text(encoding="utf-8") != peer.pins:
        log = folder.parent / f"{folder.name}.log"
        run([sys.executable, "-m", "venv", "--clear", folder], log)
        run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *peer.requirements], log)
        ready.write_text(peer.pins, encoding="utf-8")
    return python


def installed(peer: Peer, folder: Path) -> dict[str, object]:
    """Return the megabytes that the environment takes on disk, and the versions of what is compared."""
    size = subprocess.run(["du", "-sk", str(folder)], check=True, capture_output=True, text=True).stdout.split()[0]
    names = [*peer.distributions, "torch"]
    found = subprocess.run(
        [str(folder / "bin" / "python"), "-c", _VERSIONS, *names], check=True, capture_output=True, text=True
    )
    return {"install_mb": round(int(size) * 1024 / 1e6), "versions": json.loads(found.stdout)}
